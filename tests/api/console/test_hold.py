"""What cannot be taken back: held for a second, or said in two places, and by nothing less."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.kit.browser import IN_REAL_TIME, no_violations
from tests.kit.measured import large_enough

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = IN_REAL_TIME

Show = Callable[..., str]
END = """<h1>Tote T-1</h1><form action="sent" method="post">
<label for="seal">Seal</label><input id="seal" name="seal" required value="S-1">
<button class="action" data-hold>It leaves now</button></form>{% include "sure.html" %}"""
HELD = """([ms, slides]) => {
  const button = document.querySelector("[data-hold]");
  const { left, top } = button.getBoundingClientRect();
  const events = [["pointerdown", 0, 20], ...(slides ? [["pointermove", ms - 1, -20]] : []), ["pointerup", ms, 20]];
  for (const [kind, at, x] of events) {
    const event = new PointerEvent(kind, { bubbles: true, clientX: left + x, clientY: top + 20, pointerId: 7 });
    Object.defineProperty(event, "timeStamp", { value: 10_000_000 + at });
    button.dispatchEvent(event);
  }
}"""
APART = """() => {
  const [yes, held] = ["[data-sure-yes]", "[data-hold]"].map((one) => document.querySelector(one).getBoundingClientRect());
  return yes.bottom < held.top || held.bottom < yes.top;
}"""


async def opened(page: Page, show: Show) -> None:
    """The page, with what is sent counted and not sent."""
    await page.goto(show(END, modules=("hold",), patient=False))
    await page.evaluate("addEventListener('submit', (e) => { e.preventDefault(); window.sent = (window.sent ?? 0) + 1 })")


async def sent(page: Page) -> int:
    """How often it was done."""
    return int(await page.evaluate("window.sent ?? 0"))


async def test_a_second_is_enough_less_asks_and_who_slides_off_has_done_nothing(page: Page, show: Show) -> None:
    await opened(page, show)
    await page.evaluate(HELD, [1000, True])
    assert (await sent(page), await page.is_visible("#sure")) == (0, False)
    await page.evaluate(HELD, [1000, False])
    assert (await sent(page), await page.is_visible("#sure")) == (1, False)
    await page.evaluate(HELD, [999, False])
    assert (await sent(page), await page.is_visible("#sure")) == (1, True)
    await page.keyboard.press("Escape")
    assert (await sent(page), await page.is_visible("#sure")) == (1, False)
    box = await page.locator("[data-hold]").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 20, box["y"] + 20)
    await page.mouse.down()
    await page.wait_for_selector(".held")  # a real second: the ring is full, and it says so without moving too
    await page.mouse.up()
    assert (await sent(page), await page.is_visible("#sure")) == (2, False)


async def test_a_question_that_follows_another_at_once_is_answered(page: Page, show: Show) -> None:
    await opened(page, show)
    yes = page.get_by_role("button", name="Yes, do it")
    await page.tap("[data-hold]")
    await page.wait_for_selector("[data-sure-yes]:focus")
    await page.evaluate("""() => {  // before the browser tells that the first has gone
      document.querySelector("[data-sure-yes]").click();
      document.querySelector("[data-hold]").click();
    }""")
    assert (await sent(page), await page.is_visible("#sure")) == (1, True)
    await page.wait_for_selector("[data-sure-yes]:focus")
    await yes.tap()
    assert (await sent(page), await page.is_visible("#sure")) == (2, False)


async def test_two_taps_in_two_places_a_keyboard_and_enter_in_a_field(page: Page, show: Show) -> None:
    await opened(page, show)
    yes = page.get_by_role("button", name="Yes, do it")
    await page.tap("[data-hold]")
    assert await page.inner_text("#sure-what") == "It leaves now"
    assert await page.evaluate(APART)
    await large_enough(page)
    await no_violations(page)
    await page.get_by_role("button", name="No, leave it").tap()
    assert (await sent(page), await page.is_visible("#sure")) == (0, False)
    await page.dblclick("[data-hold]")  # two taps in one place
    assert (await sent(page), await page.is_visible("#sure")) == (0, True)
    await yes.tap()
    assert (await sent(page), await page.is_visible("#sure")) == (1, False)
    for focus in ("[data-hold]", "#seal"):
        before = await sent(page)
        await page.focus(focus)
        await page.keyboard.down("Enter")
        await page.wait_for_selector("#sure")
        await page.keyboard.down("Enter")  # it repeats
        await page.keyboard.up("Enter")
        await page.wait_for_selector("[data-sure-yes]:focus")
        assert (await sent(page), await page.is_visible("#sure")) == (before, True)
        await page.keyboard.press("Enter")
        assert (await sent(page), await page.is_visible("#sure")) == (before + 1, False)
    await page.fill("#seal", "")
    await page.tap("[data-hold]")
    assert not await page.is_visible("#sure")
    await page.fill("#seal", "S-2")
    await page.tap("[data-hold]")
    await page.evaluate("document.querySelector('form:has(#seal)').outerHTML = '<p>It has left.</p>'")
    await page.evaluate("document.dispatchEvent(new CustomEvent('galenic:part'))")
    assert not await page.is_visible("#sure")
