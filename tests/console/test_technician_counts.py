"""Counts and expiries: what is due, a count that agrees, one that differs twice, and what a page may not tell before."""

from __future__ import annotations

import asyncio
import datetime
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.console.asking import calling
from tests.console.fingers import keys, scans
from tests.console.shelves import FAR, lay, package
from tests.console.stand import Stand
from tests.kit.browser import Faults, NewContext, no_violations

if TYPE_CHECKING:
    from playwright.async_api import Page

POCKET, DRAWER, BLIND, BLIND_DRAWER = "D-01-2", "D-01", "D-03-2", "D-03"
TODAY = datetime.datetime.now(datetime.UTC).date()
OVER, SOON = TODAY - datetime.timedelta(days=3), TODAY + datetime.timedelta(days=9)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A ward in which one lot has expired and one soon will."""
    ward = Stand(tmp_path_factory.mktemp("ward"))
    lay(ward, {"D-01-5": [("X1", OVER, 3), ("X2", FAR, 20)], "D-03-4": [("X3", SOON, 9)]})
    try:
        ward.start()
        yield ward
    finally:
        ward.close()


async def begins(page: Page, stand: Stand, pocket: str) -> None:
    """Finds a pocket, taps it and pulls its drawer."""
    await page.goto(f"{stand.url}/console/counts?find={pocket}")
    await page.locator("#live_due button.row").click()
    await page.wait_for_url("**/console/counts/c-*")
    await stand.hand(do="open", drawer=pocket.rpartition("-")[0], wait_s=20)
    await page.get_by_label(f"Count {pocket}").wait_for()


async def test_a_count_that_agrees_is_recorded_and_leads_to_the_next_due_pocket(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "theo")
    await terminal.goto(f"{stand.url}/console/counts")
    await no_violations(terminal)
    async with calling(stand, "petra") as petra:
        due = [one["id"] for one in await petra.items("pockets?due=count")]
    assert await terminal.locator("h1").inner_text() == ("1 pocket to count" if len(due) == 1 else f"{len(due)} pockets to count")
    await begins(terminal, stand, POCKET)
    await no_violations(terminal)
    await keys(terminal, "Count D-", stand.pocket(POCKET))
    await terminal.get_by_text(f"Push drawer {DRAWER} shut").wait_for()
    await stand.hand(do="shut", drawer=DRAWER)
    await terminal.get_by_text("Right. Your count is recorded.").wait_for()
    await no_violations(terminal)
    async with calling(stand, "petra") as petra:
        told = await petra.get(f"pockets/{POCKET}")
    assert told["count_due"] is False
    assert told["on_hand"] == stand.pocket(POCKET)


async def test_a_count_that_differs_twice_opens_a_discrepancy(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "theo")
    wrong = stand.pocket(BLIND) - 2
    await begins(terminal, stand, BLIND)
    await keys(terminal, "Count D-", wrong)
    await terminal.get_by_text("Count again, please.").wait_for()
    await no_violations(terminal)
    await keys(terminal, "Count again", wrong)
    await terminal.get_by_text(f"Push drawer {BLIND_DRAWER} shut").wait_for()
    await stand.hand(do="shut", drawer=BLIND_DRAWER)
    await terminal.get_by_text("A discrepancy is open").wait_for()
    await terminal.get_by_text(f"You counted {wrong}").wait_for()
    await no_violations(terminal)
    async with calling(stand, "petra") as petra:
        (found,) = await petra.items(f"discrepancies?pocket={BLIND}")
    assert (found["finder"], found["delta"]) == ("theo", -2)
    assert found["id"] in await terminal.locator("#live_task").inner_text()


async def test_a_nurse_counts_too_and_may_leave_it(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "nina")
    await terminal.get_by_role("link", name="Counts").click()
    await terminal.wait_for_url("**/console/counts")
    await begins(terminal, stand, POCKET)
    await terminal.get_by_role("button", name="I do not count it now").click()
    await terminal.get_by_text(f"Push drawer {DRAWER} shut").wait_for()
    await stand.hand(do="shut", drawer=DRAWER)
    await terminal.get_by_text("Ended. Nothing was counted.").wait_for()


async def test_what_expires_is_shown_by_word_and_shape_and_its_pocket_can_be_counted(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "theo")
    await terminal.goto(f"{stand.url}/console/expiries")
    await no_violations(terminal)
    cards = await terminal.locator("li.card").all_inner_texts()
    expired, soon = (next(card for card in cards if pocket in card) for pocket in ("D-01-5", "D-03-4"))
    assert "expired" in expired
    assert "X1" in expired
    assert "9 days left" in soon
    assert not re.search(r"\b9 tablet", soon)  # a pocket that is counted blind says no figure
    await terminal.get_by_role("link", name="180 days").click()
    await terminal.get_by_role("button", name="Count D-01-5").click()
    await terminal.wait_for_url("**/console/counts/c-*")
    await terminal.get_by_role("button", name="I do not count it now").click()
    await stand.hand(do="open", drawer="D-01", wait_s=20)
    await terminal.get_by_text("Push drawer D-01 shut").wait_for()
    await stand.hand(do="shut", drawer="D-01")
    await terminal.get_by_text("Ended. Nothing was counted.").wait_for()


async def test_what_a_killed_daemon_leaves_in_doubt_is_counted_from_there(stand: Stand, terminal: Page, faults: Faults) -> None:
    faults.excuse(r"ERR_|Failed to load resource")
    await stand.log_in(terminal, "theo")
    await terminal.goto(f"{stand.url}/console/restock?pocket=D-01-3")
    await scans(terminal, package("ibuprofen-400", "N9", "330228"))
    await stand.hand(do="open", drawer="D-01", wait_s=20)
    await keys(terminal, "Count D-", stand.pocket("D-01-3"))
    await terminal.get_by_label("I put in").wait_for()
    await stand.hand(do="put", pocket="D-01-3", lot="N9", expiry="2033-02-28", quantity=4)
    stand.kill_daemon()
    stand.start_daemon()
    await terminal.get_by_text("In doubt: nobody knows what was put in.").wait_for()
    await no_violations(terminal)
    await stand.hand(do="shut", drawer="D-01")
    async with calling(stand, "petra") as petra:
        await petra.until("drawers/D-01", lambda told: told["state"] == "locked")
    await terminal.goto(f"{stand.url}/console/counts")
    await terminal.locator("#live_due button.row", has_text="D-01-3").locator(".is", has_text="in doubt").wait_for()
    await begins(terminal, stand, "D-01-3")
    await keys(terminal, "Count D-", stand.pocket("D-01-3"))
    await keys(terminal, "Count again", stand.pocket("D-01-3"))
    await terminal.get_by_text("Push drawer").wait_for()
    await stand.hand(do="shut", drawer="D-01")
    await terminal.get_by_text("Your count is recorded.").wait_for()
    async with calling(stand, "petra") as petra:
        told = await petra.get("pockets/D-01-3")
    assert (told["unverified"], told["on_hand"]) == (None, stand.pocket("D-01-3"))


@pytest.fixture
def alike(tmp_path: Path) -> Iterator[list[Stand]]:
    """Two wards that differ in one figure alone."""
    wards = []
    try:
        for quantity in (7, 13):
            wards.append(ward := Stand(tmp_path / str(quantity)))
            lay(ward, {POCKET: [("B1", FAR, quantity)]})
        with ThreadPoolExecutor() as both:
            for started in [both.submit(ward.start) for ward in wards]:
                started.result()
        yield wards
    finally:
        for ward in wards:
            ward.close()


async def test_a_page_of_a_count_tells_nothing_of_what_is_expected(alike: list[Stand], new_context: NewContext) -> None:
    """Every byte of the page is the same until the first number is keyed; and after one that differs it says only so."""

    async def told(ward: Stand) -> tuple[str, ...]:
        page = await ward.screen(await new_context())
        await ward.log_in(page, "theo")
        await begins(page, ward, POCKET)
        before = _masked(await page.content())
        await keys(page, "Count D-", 3)
        await page.get_by_text("Count again, please.").wait_for()
        return before, _masked(await page.content()), await _refreshed(page)

    one, other = await asyncio.gather(*(told(ward) for ward in alike))
    assert one == other


async def _refreshed(page: Page) -> str:
    """The page as the server writes it."""
    return _masked(str(await page.evaluate("async () => (await fetch(location.href)).text()")))


def _masked(html: str) -> str:
    """Without what no two runs share: the id, ledger numbers, ages and the clock."""
    for own in (r"c-[0-9a-f]{16}", r'data-seen="\d+"', r'name="seen" value="\d+"', r"seen [\d.]+\W?(s|min) ago", r"\d\d:\d\d"):
        html = re.sub(own, "…", html)
    return html
