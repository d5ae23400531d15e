"""A nurse at the cabinet."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from tests.console.asking import calling
from tests.console.stand import Stand
from tests.kit.browser import Faults

if TYPE_CHECKING:
    from playwright.async_api import Page


async def test_she_pulls_one_drug_and_it_is_recorded_and_gone_from_the_pocket(stand: Stand, terminal: Page) -> None:
    await stand.key_in(terminal, "nina")
    await terminal.get_by_role("link", name="Abernathy, Rose").click()
    await terminal.get_by_role("button", name="metoprolol").click()
    await terminal.wait_for_url("**/console/pulls/**")
    await stand.hand(do="open", drawer="D-15", wait_s=10)
    taken = terminal.get_by_role("button", name="Taken")
    await taken.wait_for()
    pocket = re.findall(r"D-15-\d", await terminal.locator("#live_place").inner_text())[0]
    before = stand.pocket(pocket)
    await stand.hand(do="take", pocket=pocket, quantity=1)
    await taken.click()
    await terminal.get_by_text("Push drawer D-15 shut").wait_for()
    await stand.hand(do="shut", drawer="D-15")
    await terminal.get_by_text("Done. Recorded.").wait_for()
    async with calling(stand, "nina") as nina:
        told = await nina.get(f"pockets/{pocket}")
    assert told["on_hand"] == stand.pocket(pocket) == before - 1


async def test_she_holds_her_badge_to_the_reader_and_types_her_pin(stand: Stand, terminal: Page) -> None:
    stand.control("/scans", {"scanner": "badge-1", "data": stand.run.badges["nina"]})
    await terminal.wait_for_url("**/console/pin")
    await stand.type_pin(terminal, "nina")
    await terminal.wait_for_url("**/console/patients")


async def test_two_drugs_are_one_pass_and_taken_opens_the_next_drawer(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "nina")
    await terminal.get_by_role("link", name="Ekström, Nils").click()
    boxes = terminal.get_by_role("checkbox")
    await boxes.first.wait_for()
    for number in range(2):
        await boxes.nth(number).check()
    await terminal.get_by_role("button", name="Get what is ticked").click()
    await terminal.wait_for_url("**/console/pulls/**")
    first, drawer = terminal.url, await _drawer(terminal)
    await stand.hand(do="open", drawer=drawer, wait_s=10)
    await terminal.get_by_role("button", name="Taken", exact=True).click()
    await terminal.get_by_text(f"Push drawer {drawer} shut").wait_for()
    await stand.hand(do="shut", drawer=drawer)
    await terminal.wait_for_url(lambda url: url.partition("?")[0] != first.partition("?")[0])
    second = await _drawer(terminal)
    await stand.hand(do="open", drawer=second, wait_s=10)
    await terminal.get_by_role("button", name="Taken", exact=True).click()
    await terminal.get_by_text(f"Push drawer {second} shut").wait_for()
    await stand.hand(do="shut", drawer=second)
    await terminal.get_by_text("Done. Recorded.").wait_for()


async def test_an_order_that_comes_in_moves_nothing_under_her_finger(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "nina")
    await terminal.goto(f"{stand.url}/console/patients/P-1001")
    rows = "[...document.querySelectorAll('[data-row]')].map((row) => [row.dataset.row, row.getBoundingClientRect().top])"
    stood = await terminal.evaluate(rows)

    def senna(id_: str, state: str) -> None:
        schedule = {"kind": "scheduled", "due": "2026-01-01T08:00:00Z"}
        order = {"id": id_, "patient": "P-1001", "item": "senna-8", "dose": {"value": "8.6", "unit": "mg"}, "filler": f"RX-{id_}"}
        stand.rx("PUT", f"orders/{id_}", {**order, "schedule": schedule, "state": state})

    senna("O-1", "verified")
    await terminal.get_by_role("button", name="1 new: show").wait_for()
    assert await terminal.evaluate(rows) == stood
    senna("O-1", "discontinued")
    await terminal.locator("#news").wait_for(state="hidden")
    senna("O-2", "verified")
    await terminal.get_by_role("button", name="1 new: show").click()
    await terminal.get_by_role("button", name="sennosides").wait_for()
    assert [name for name, _ in await terminal.evaluate(rows)] == ["O-2", *(name for name, _ in stood)]
    senna("O-2", "discontinued")
    await terminal.get_by_role("button", name="Changed: show").wait_for()
    await terminal.locator("[data-row=O-2] button").click(force=True)
    assert terminal.url.endswith("/console/patients/P-1001")


async def test_a_restart_lands_her_on_the_same_pull_which_is_in_doubt(stand: Stand, terminal: Page, faults: Faults) -> None:
    faults.excuse(r"ERR_|Failed to load resource")
    await stand.log_in(terminal, "nina")
    await terminal.get_by_role("link", name="Baptiste, Marcus").click()
    await terminal.get_by_role("button", name="oxy").first.click()
    await terminal.wait_for_url("**/console/pulls/**")
    address, drawer = terminal.url, await _drawer(terminal)
    await stand.hand(do="open", drawer=drawer, wait_s=10)
    await terminal.get_by_role("button", name="Taken", exact=True).wait_for()
    stand.kill_daemon()
    await terminal.locator("html[data-lost]").wait_for(state="attached")
    await asyncio.get_running_loop().run_in_executor(None, stand.start_daemon)
    await terminal.locator("html:not([data-lost])").wait_for(state="attached")
    assert terminal.url == address
    await terminal.get_by_text("In doubt: nobody knows what was taken").wait_for()
    assert await terminal.get_by_text("Nina Okafor").is_visible()
    await stand.hand(do="shut", drawer=drawer)
    await terminal.locator("#live_sensor").get_by_text("Locked").wait_for()
    pocket = re.findall(r"D-\d\d-\d", await terminal.locator("main").inner_text())[0]
    await terminal.get_by_role("button", name=f"Count {pocket} now").click()
    await terminal.wait_for_url("**/console/counts/**")
    await stand.hand(do="open", drawer=drawer, wait_s=10)
    await terminal.locator("input[name=number]").wait_for()
    for digit in str(stand.pocket(pocket)):
        await terminal.get_by_role("button", name=digit, exact=True).click()
        await asyncio.sleep(0.1)
    await terminal.get_by_role("button", name="This is my count").click()
    await stand.hand(do="shut", drawer=drawer)
    await terminal.get_by_text("Done").first.wait_for()


async def _drawer(page: Page) -> str:
    """The drawer that the page names."""
    text = await page.locator("#live_place").inner_text()
    found = re.search(r"D-\d\d", text)
    assert found is not None, text
    return found[0]
