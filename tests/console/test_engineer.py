"""A biomedical engineer: every wire and what hangs on it, a drawer that is stuck, the ledger's head, the configuration."""

from __future__ import annotations

import re
import time
import zipfile
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from api.console.configuration import policy_of
from tests.console.stand import Stand
from tests.console.told import rows, told
from tests.kit.browser import Faults, no_violations

if TYPE_CHECKING:
    from playwright.async_api import Page

SHOWN_WITHIN_S = 3.0


def _plant(stand: Stand, **fault: Any) -> str:
    """A fault, until it is lifted: its address."""
    return f"http://{stand.run.control}/faults/{stand.control('/faults', fault)['id']}"


async def test_he_begins_at_the_tree_of_links_boards_and_drawers(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "emil")
    await terminal.wait_for_url("**/console/service")
    await terminal.get_by_text("All links are up and no drawer needs help.").wait_for()
    for link in (await told(stand, "emil", "links"))["items"]:
        part = terminal.locator(f"section[aria-labelledby=link-{link['id']}]")
        words = await part.inner_text()
        assert f"epoch {link['epoch']}" in words
        assert f"{link['timeouts']} without answer" in words
        assert f"{link['strays']} strays" in words
        assert ("up" in words) is link["up"]
    for board in stand.run.report.site.boards if stand.run.report.site else ():
        assert await terminal.get_by_role("heading", name=board.id).is_visible()
    for drawer in (await told(stand, "emil", "drawers"))["items"]:
        assert await terminal.get_by_role("link", name=re.compile(rf"^{drawer['id']} Locked")).count() == 1
    await no_violations(terminal)
    async with terminal.expect_download() as bundle:
        await terminal.get_by_role("link", name="Support bundle").click()
    assert zipfile.is_zipfile(await (await bundle.value).path())
    await terminal.get_by_role("link", name="relays-a", exact=True).click()
    await terminal.get_by_role("img", name="How long answers took").wait_for()
    await terminal.get_by_text("The figures").click()
    assert await terminal.get_by_role("rowheader", name="to 5 ms", exact=True).count() == 1
    await no_violations(terminal)
    await terminal.get_by_role("link", name="This board was replaced").click()
    await terminal.get_by_role("heading", name="What nobody knows yet").wait_for()
    await no_violations(terminal)


async def test_a_pulled_cable_is_shown_within_three_seconds_and_the_epoch_grows(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "emil")
    before = next(link for link in (await told(stand, "emil", "links"))["items"] if link["id"] == "relays")
    began = time.monotonic()
    fault = _plant(stand, kind="unplug", link="relays")
    await terminal.get_by_role("link", name="Link relays is down").wait_for()
    assert time.monotonic() - began < SHOWN_WITHIN_S
    await no_violations(terminal)
    await terminal.get_by_role("link", name="Link relays is down").click()
    await terminal.get_by_text("The wire is away").wait_for()
    await no_violations(terminal)
    httpx.delete(fault)
    await terminal.get_by_text("The wire is away").wait_for(state="detached")
    after = next(link for link in (await told(stand, "emil", "links"))["items"] if link["id"] == "relays")
    assert after["epoch"] > before["epoch"]
    await terminal.locator("#live_figures").get_by_text(f"epoch {after['epoch']}", exact=True).wait_for()


async def test_the_bytes_are_two_clicks_away_both_ways_live_and_copied_as_hex(stand: Stand, terminal: Page) -> None:
    await terminal.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await stand.log_in(terminal, "emil")
    await terminal.get_by_role("link", name="lockbus", exact=True).click()
    await terminal.get_by_role("heading", name="Link lockbus").wait_for()
    table = terminal.locator("#frames")
    assert await table.get_by_text("to it", exact=True).count() > 0
    assert await table.get_by_text("from it", exact=True).count() > 0
    assert await table.locator("tr").count() <= 50
    await no_violations(terminal)
    first = await table.inner_html()
    await terminal.wait_for_function("(before) => document.getElementById('frames').innerHTML !== before", arg=first)
    await terminal.get_by_role("link", name="Hold still").click()
    await terminal.get_by_role("link", name="Go on").wait_for()
    await terminal.get_by_role("button", name="Copy as hex").click()
    await terminal.get_by_text("Copied.").wait_for()
    lines = (await terminal.evaluate("() => navigator.clipboard.readText()")).splitlines()
    assert 0 < len(lines) <= 50
    assert all(re.fullmatch(r"[<>?] [0-9a-f]{2}( [0-9a-f]{2})*", line) for line in lines)
    kept = (await told(stand, "emil", "links/lockbus/frames"))["items"]
    assert {line[2:] for line in lines} <= {frame["bytes"] for frame in kept}
    await no_violations(terminal)


async def test_a_latch_that_does_not_catch_is_a_fault_with_its_frames_and_is_led_back(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "cleo")
    await terminal.get_by_role("link", name="Abernathy, Rose").click()
    await terminal.get_by_role("button", name="metoprolol").click()
    await terminal.wait_for_url("**/console/pulls/**")
    await stand.hand(do="open", drawer="D-15", wait_s=10)
    await terminal.get_by_role("button", name="Taken", exact=True).click()
    fault = _plant(stand, kind="stuck-latch", drawer="D-15", stuck="free")
    await terminal.get_by_text("Push drawer D-15 shut").wait_for()
    await stand.hand(do="shut", drawer="D-15")
    await terminal.get_by_role("link", name="Help for drawer D-15").wait_for()
    await terminal.get_by_role("button", name="Log off").click()
    await terminal.get_by_role("heading", name="Who are you?").wait_for()

    await stand.log_in(terminal, "emil")
    await terminal.locator(".alarms a").first.click()
    await terminal.wait_for_url("**/console/drawers/D-15")
    await terminal.get_by_role("heading", name="The wire when it failed").wait_for()
    shown = await terminal.locator("#live_fault .log code").all_inner_texts()
    ((_, _, failed),) = [row for row in rows(stand, drawer="D-15") if row[0] == "drawer.fault"]
    assert shown == failed["frames"]
    assert await terminal.get_by_role("button", name="Open it once to test").count() == 0
    await no_violations(terminal)
    httpx.delete(fault)
    await terminal.get_by_role("button", name="Pushed and pulled").click()
    await terminal.get_by_text("Somebody is at it").wait_for()
    try:
        await stand.hand(do="open", drawer="D-15")
    except AssertionError:  # no hand opens it: it has caught by itself by now
        assert stand.drawer("D-15")["latched"]
    else:
        await stand.hand(do="shut", drawer="D-15")
    await terminal.get_by_role("button", name="Looked at, in order").click()
    await terminal.locator("#live_state").get_by_text("Locked").wait_for()
    assert (stand.drawer("D-15")["latched"], stand.drawer("D-15")["shut"]) == (True, True)
    mine = [(kind, body.get("step")) for kind, actor, body in rows(stand, drawer="D-15") if actor == "emil"]
    assert mine == [("drawer.recovering", "push_pull"), ("drawer.unknown", "inspected")]
    unverified = {body["pocket"] for kind, _, body in rows(stand, reason="recovery") if kind == "pocket.unverified"}
    assert unverified == set((await told(stand, "emil", "drawers/D-15"))["pockets"])
    assert (await told(stand, "emil", "drawers/D-15"))["alarms"] == []
    await terminal.locator("#live_alarms .alarm").wait_for(state="detached")


async def test_a_drawer_goes_out_of_service_and_comes_back_by_a_test_opening(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "emil")
    await terminal.goto(f"{stand.url}/console/drawers/D-20")
    await terminal.get_by_text("It cannot be used for now").click()
    await terminal.get_by_role("button", name="Take out of service").click()
    await terminal.locator("#live_state").get_by_text("Out of service").wait_for()
    await no_violations(terminal)
    assert await terminal.get_by_text("its pockets must be counted").is_visible()
    await terminal.get_by_role("button", name="Test it and return to service").click()
    await stand.hand(do="open", drawer="D-20", wait_s=10)
    await terminal.get_by_text("Push drawer D-20 shut until it locks.").wait_for()
    await stand.hand(do="shut", drawer="D-20")
    await terminal.locator("#live_state").get_by_text("Locked").wait_for()
    (intended,) = [body for kind, _, body in rows(stand, drawer="D-20") if kind == "drawer.unlock_intended"]
    assert (intended["person"], intended["purpose"]) == ("emil", {"kind": "recovery", "id": "return_to_service"})
    assert stand.drawer("D-20")["latched"] is True
    about = {body["pocket"] for kind, _, body in rows(stand, intent=intended["intent"]) if kind == "pocket.unverified"}
    assert about == set(intended["pockets"])


async def test_who_may_not_help_sees_how_it_is_and_nothing_to_press(stand: Stand, terminal: Page, faults: Faults) -> None:
    faults.excuse("403")
    await stand.log_in(terminal, "nina")
    await terminal.goto(f"{stand.url}/console/drawers/D-01")
    await terminal.get_by_text("can help this drawer").wait_for()
    assert await terminal.locator("#live_steps button").count() == 0
    pockets = await terminal.locator("#live_pockets").inner_text()
    assert "D-01-2: enough" in pockets
    assert not re.search(r": \d", pockets)
    await no_violations(terminal)
    await terminal.goto(f"{stand.url}/console/service")
    assert await terminal.get_by_text("Nothing moved.").is_visible()


@pytest.mark.parametrize(("person", "sees_rows"), [("emil", False), ("avery", True)])
async def test_the_head_of_the_ledger_is_what_the_file_says(stand: Stand, terminal: Page, person: str, sees_rows: bool) -> None:
    await stand.log_in(terminal, person)
    await terminal.goto(f"{stand.url}/console/ledger")
    await terminal.get_by_text("no check has found a row that does not hold").wait_for()
    words = await terminal.locator("#live_head").inner_text()
    number, hash_ = re.search(r"Last entry\s+(\d+)", words), re.search(r"[0-9a-f]{64}", words)
    assert number is not None
    assert hash_ is not None
    row = (await told(stand, "avery", f"ledger?after={int(number[1]) - 1}&limit=1"))["items"][0]
    assert row["hash"] == hash_[0]
    assert (await terminal.get_by_role("heading", name="Entries").count() == 1) is sees_rows
    await no_violations(terminal)
    if sees_rows:
        await terminal.get_by_role("link", name="Older").click()
        await terminal.get_by_role("link", name="Newer").wait_for()


async def test_the_configuration_in_force_is_shown_whole(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "emil")
    await terminal.goto(f"{stand.url}/console/configuration")
    site = stand.run.report.site
    assert site is not None
    table = await terminal.locator("table").inner_text()
    for value in policy_of(site):
        assert value.name in table
        assert value.value in table
    assert (await told(stand, "emil", "station"))["version_of_site"] in await terminal.locator("dl").inner_text()
    await terminal.get_by_text("links", exact=True).click()
    assert await terminal.get_by_text('protocol = "modbus-tcp"').is_visible()
    await no_violations(terminal)
