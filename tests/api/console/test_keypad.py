"""The keypad under fingers, gloves, a physical keyboard and a screen reader's click."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.kit.browser import IN_REAL_TIME, SCREENS, no_violations
from tests.kit.measured import in_view, large_enough

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = IN_REAL_TIME

Show = Callable[..., str]
COUNT = """{% from "keypad.html" import keypad with context %}
<form class="beside" action="sent" method="post">
{{ keypad("number", "How many tablets are left in the pocket?", digits_at_most=3, unit="tablets", most=400, done="This is my count",
heading=true) }}</form>"""
PIN = """{% from "keypad.html" import keypad with context %}<h1>PIN for Ana Lima</h1>
<form class="beside" action="sent" method="post">{{ keypad("pin", "Your PIN", digits=4, pin=true) }}</form>
<a class="quiet back" href="#x">Not me</a>"""
OTHER = COUNT + '<form><label for="lot">Lot</label><input id="lot"></form>'


def key(name: str) -> str:
    """The selector of one key."""
    return f'[data-key="{name}"]'


async def typed(page: Page, keys: str) -> str:
    """Taps each digit and gives what stands there then. No digit follows itself: a test is faster than 80 ms."""
    for digit in keys:
        await page.tap(key(digit))
    return await page.input_value("input")


async def said(page: Page) -> str:
    """What the keypad says of the last key."""
    return await page.inner_text(".keypad-said")


async def counting(page: Page, url: str) -> Page:
    """Opens a page with a keypad; returns when its module is there."""
    await page.goto(url)
    await page.wait_for_load_state()
    return page


@pytest.mark.parametrize("screen", SCREENS)
async def test_it_fits_beside_the_question_with_every_strip_shown_and_axe_finds_nothing(page: Page, show: Show) -> None:
    for theme in ("day", "night"):
        for body, patient in ((COUNT, True), (PIN, False)):
            await page.goto(show(body, theme=theme, alarm="high", modules=("keypad",), patient=patient))
            await large_enough(page)
            assert await in_view(page, ".keypad-keys button, .keypad input")
            await no_violations(page)
    assert await page.input_value("input") == ""


async def test_what_may_not_stand_there_is_refused_aloud_and_nothing_is_cut_off(page: Page, show: Show) -> None:
    await counting(page, show(COUNT, modules=("keypad",)))
    assert (await typed(page, "4"), await said(page)) == ("4", "")
    assert await typed(page, "98") == "49"
    assert await said(page) == "Not more than 400 here. That key was not taken."
    await page.tap(key("back"))
    assert (await page.input_value("input"), await said(page)) == ("4", "")
    await page.tap(key("clear"))
    assert await typed(page, "05") == "0"
    assert await said(page) == "A number does not begin with 0. Clear it first."
    await page.tap(key("clear"))
    assert await typed(page, "1234") == "123"
    assert await said(page) == "Not more than 3 digits here."
    assert await page.get_attribute(".keypad-said", "role") == "status"
    await page.tap(key("clear"))
    await page.tap(".action")
    assert await said(page) == "Nothing stands here yet."
    await typed(page, "12")
    await page.tap(".action")
    await page.wait_for_selector("#sent")
    assert await page.inner_text("#sent") == "number=12"


async def test_a_pin_shows_dots_keeps_its_zeros_and_sends_itself_with_its_last_digit(page: Page, show: Show) -> None:
    await counting(page, show(PIN, modules=("keypad",), patient=False))
    assert await page.get_attribute("input", "type") == "password"
    assert await typed(page, "017") == "017"
    await page.tap(key("4"))
    await page.wait_for_selector("#sent")
    assert await page.inner_text("#sent") == "pin=0174"


async def test_a_refused_pin_starts_anew_and_nothing_is_taken_while_one_is_under_way(page: Page, show: Show) -> None:
    await counting(page, show(PIN, modules=("keypad",)))
    await page.evaluate(
        "document.addEventListener('submit', (event) => { event.preventDefault(); window.sent = (window.sent ?? 0) + 1 })"
    )
    await page.evaluate("document.forms[1].dataset.posting = '1'")
    assert await typed(page, "9") == ""
    await page.evaluate("delete document.forms[1].dataset.posting")
    assert await typed(page, "12345") == "1234"
    assert await page.evaluate("sent") == 1
    await page.evaluate("document.forms[1].dispatchEvent(new CustomEvent('galenic:refused', { bubbles: true }))")
    assert await page.input_value("input") == ""


async def test_a_key_acts_when_the_finger_is_lifted_from_it_and_not_when_it_slid_off(page: Page, show: Show) -> None:
    await counting(page, show(COUNT, modules=("keypad",)))
    one, two = [await page.locator(key(name)).bounding_box() for name in "12"]
    assert one is not None
    assert two is not None

    def middle(box: Any) -> tuple[float, float]:
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    await page.mouse.move(*middle(one))
    await page.mouse.down()
    assert await page.input_value("input") == ""
    assert await page.locator(".pressed").count() == 1
    await page.mouse.move(*middle(two))
    assert await page.locator(".pressed").count() == 0
    await page.mouse.up()
    assert await page.input_value("input") == ""
    touch = await page.context.new_cdp_session(page)

    async def finger(kind: str, *points: tuple[float, float]) -> None:
        await touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    await finger("touchStart", middle(one))
    await finger("touchMove", middle(two))
    await finger("touchEnd")
    assert await page.input_value("input") == ""
    await finger("touchStart", middle(two))
    await finger("touchCancel")
    assert await page.input_value("input") == ""
    await finger("touchStart", middle(two))
    await finger("touchEnd")
    assert await page.input_value("input") == "2"


TWICE = """([name, apart]) => {
  const key = document.querySelector(`[data-key="${name}"]`);
  const { left, top } = key.getBoundingClientRect();
  const at = { bubbles: true, clientX: left + 20, clientY: top + 20, pointerId: 7 };
  const events = [0, apart].flatMap((ms) => [["pointerdown", ms], ["pointerup", ms]]);
  for (const [kind, ms] of events) {
    const event = new PointerEvent(kind, at);
    Object.defineProperty(event, "timeStamp", { value: 10_000_000 + ms });
    key.dispatchEvent(event);
  }
}"""


async def test_two_touches_of_one_key_within_80_ms_are_one(page: Page, show: Show) -> None:
    await counting(page, show(COUNT, modules=("keypad",)))
    await page.evaluate(TWICE, ["3", 79])
    assert await page.input_value("input") == "3"
    await page.tap(key("clear"))
    await page.evaluate(TWICE, ["3", 81])
    assert await page.input_value("input") == "33"


async def test_physical_keys_work_wherever_the_focus_is_and_do_not_repeat(page: Page, show: Show) -> None:
    await counting(page, show(OTHER, modules=("keypad",)))
    await page.keyboard.press("1")
    await page.keyboard.press("2")
    assert await page.input_value("#number") == "12"
    await page.keyboard.press("Backspace")
    await page.focus("#number")
    await page.keyboard.type("x3-")
    assert await page.input_value("#number") == "13"
    await page.keyboard.down("3")
    await page.keyboard.down("3")
    await page.keyboard.up("3")
    assert await page.input_value("#number") == "133"
    await page.keyboard.press("Escape")
    assert await page.input_value("#number") == ""
    await page.keyboard.press("Control+1")
    await page.fill("#number", "4x99")  # as one who speaks, or a program, writes
    assert (await page.input_value("#number"), await said(page)) == ("49", "Not more than 400 here. That key was not taken.")
    await page.fill("#number", "17")
    assert await page.input_value("#number") == "17"
    await page.keyboard.press("Escape")
    await page.focus("#lot")
    await page.keyboard.type("77")
    assert (await page.input_value("#number"), await page.input_value("#lot")) == ("", "77")
    # Walked to and pressed, as a screen reader or a keypad of an isolation room does.
    await page.focus(key("8"))
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    assert await page.input_value("#number") == "88"
    await page.focus("#number")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#sent")
    assert await page.inner_text("#sent") == "number=88"


async def test_a_keypad_that_comes_later_works_and_one_that_is_switched_off_does_not(page: Page, show: Show) -> None:
    await counting(page, show(COUNT, modules=("keypad",)))
    await page.evaluate("document.querySelector('main').innerHTML = document.querySelector('main').innerHTML")
    assert await typed(page, "21") == "21"
    await page.evaluate("for (const one of document.querySelectorAll('main button, main input')) one.disabled = true")
    await page.evaluate(TWICE, ["3", 200])
    await page.keyboard.press("5")
    assert await page.input_value("input") == "21"
