"""How many touches a dose costs, counted by `pointerup` in one uninterrupted visit after log-in; and that an early one counts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.console.stand import Stand
from tests.console.visit import visit
from tests.kit.browser import NewContext

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

ONE_DRUG, ANOTHER, NOTICE = 4, 2, 1
"""The most that a pull of one uncontrolled drug may cost, that a second one for the same patient adds, and a notice."""


async def test_a_badge_and_a_pin_cost_the_pins_digits_which_send_themselves(stand: Stand, new_context: NewContext) -> None:
    at = await visit(stand, await new_context())
    stand.control("/scans", {"scanner": "badge-1", "data": stand.run.badges["nina"]})
    await at.page.wait_for_url("**/console/pin")
    await at.keys(stand.run.pins["nina"])
    await at.page.wait_for_url("**/console/patients")
    assert await at.touches() == len(stand.run.pins["nina"])


async def test_one_drug_is_four_touches_at_most_and_a_second_one_two_more(stand: Stand, new_context: NewContext) -> None:
    at = await visit(stand, await new_context())
    await stand.log_in(at.page, "nina")
    await at.begin()
    await at.row("Abernathy, Rose")
    await at.press("metoprolol")
    drawer = await at.opens()
    await at.press("Taken")
    await at.shuts(drawer)
    await at.page.get_by_text("Done. Recorded.").wait_for()
    first = await at.touches()
    await at.row("Back to Abernathy")
    await at.press("lisinopril")
    drawer = await at.opens()
    await at.press("Taken")
    await at.shuts(drawer)
    await at.page.get_by_text("Done. Recorded.").wait_for()
    assert first <= ONE_DRUG
    assert await at.touches() <= ONE_DRUG + ANOTHER


async def test_two_drugs_in_one_pass_are_six_touches_at_most(stand: Stand, new_context: NewContext) -> None:
    at = await visit(stand, await new_context())
    await stand.log_in(at.page, "nina")
    await at.begin()
    await at.row("Dominguez, Elena")
    boxes = at.page.get_by_role("checkbox")
    await boxes.first.wait_for()
    for number in range(2):
        await at.tap(boxes.nth(number))
    await at.press("Get what is ticked")
    await at.page.wait_for_url("**/console/pulls/**")
    first = at.page.url.partition("?")[0]
    drawer = await at.opens()
    await at.press("Taken")
    await at.shuts(drawer)
    await at.page.wait_for_url(lambda url: url.partition("?")[0] != first)
    drawer = await at.opens()
    await at.press("Taken")
    await at.shuts(drawer)
    await at.page.get_by_text("Done. Recorded.").wait_for()
    assert await at.touches() <= ONE_DRUG + ANOTHER


async def test_a_notice_costs_one_touch_more(stand: Stand, new_context: NewContext) -> None:
    at = await visit(stand, await new_context())
    await stand.log_in(at.page, "nina")
    await at.begin()
    await at.row("Calloway, June")
    await at.press("ibuprofen")
    await at.page.get_by_text("penicillin").last.wait_for()
    await at.press("I have read it: open")
    drawer = await at.opens()
    await at.press("Taken")
    await at.shuts(drawer)
    await at.page.get_by_text("Done. Recorded.").wait_for()
    assert await at.touches() <= ONE_DRUG + NOTICE


async def test_a_count_costs_its_digits_and_one_more(stand: Stand, new_context: NewContext) -> None:
    at = await visit(stand, await new_context())
    await stand.log_in(at.page, "nina")
    await at.begin()
    await at.row("Baptiste, Marcus")
    await at.press("oxy")
    drawer = await at.opens()
    await stand.hand(do="take", pocket="D-03-4", quantity=2)
    left = str(stand.pocket("D-03-4"))
    await at.press("Taken")
    await at.keys(left)
    await at.press("This is my count")
    await at.shuts(drawer)
    await at.page.get_by_text("Done. Recorded.").wait_for()
    assert await at.touches() <= ONE_DRUG + len(left) + 1


async def test_a_touch_that_is_quicker_than_the_page_is_done_once_and_one_that_is_old_is_not(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "nina")
    await terminal.get_by_role("link", name="Abernathy, Rose").click()
    address = terminal.url
    off = terminal.get_by_role("button", name="Log off")
    box = await off.bounding_box()
    assert box is not None
    posts: list[str] = []
    terminal.on("request", lambda asked: posts.append(asked.url) if asked.url.endswith("/log-out") else None)

    asked, may = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await may.wait()
        await route.continue_()

    await terminal.route("**/console.js", late)

    async def touched_early(*, old: bool) -> None:
        """The page is asked for anew, and touched three times before its modules come."""
        asked.clear()
        may.clear()
        await terminal.reload(wait_until="commit")
        await off.wait_for(state="attached")
        await asked.wait()
        for _ in range(3):
            await terminal.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        if old:
            touched = await terminal.evaluate("performance.now()")
            await terminal.wait_for_function("touched => performance.now() - touched > 2100", arg=touched)
        may.set()

    await touched_early(old=True)
    await terminal.locator("html[data-heard]").wait_for(state="attached")
    assert (terminal.url, posts) == (address, [])
    await touched_early(old=False)
    await terminal.wait_for_url("**/console")
    assert len(posts) == 1
