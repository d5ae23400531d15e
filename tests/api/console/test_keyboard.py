"""The keyboard on the screen, and the scanner that types."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.kit.browser import IN_REAL_TIME, SCREENS, no_violations
from tests.kit.measured import in_view, large_enough

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = IN_REAL_TIME

Show = Callable[..., str]
WHO = """<h1>Who are you?</h1><form class="who" action="sent" method="post"><label for="who">Name or badge number</label>
<input id="who" name="who" inputmode="none" autocomplete="username" data-keyboard>
<label for="note">Note</label><input id="note"><button class="action">Go on to the PIN</button></form>"""
FIRST_ROWS = {"qwerty": "qwertyuiop", "azerty": "azertyuiop", "qwertz": "qwertzuiopü"}


def key(name: str) -> str:
    """The selector of one key."""
    return f'.keyboard [data-key="{name}"]'


@pytest.mark.parametrize("screen", SCREENS)
async def test_it_comes_up_for_a_field_leaves_it_in_view_and_goes_again(page: Page, show: Show) -> None:
    for layout, row in FIRST_ROWS.items():
        await page.goto(show(WHO, board=layout, modules=("keyboard",)))
        assert not await page.is_visible(".keyboard")
        await page.tap("#who")
        assert await page.is_visible(".keyboard")
        assert "".join(await page.locator(".keyboard > div:first-child button").all_inner_texts()) == row
        assert await in_view(page, "#who, .keyboard button")
        await large_enough(page)
    await no_violations(page)
    await page.tap(key("hide"))
    assert not await page.is_visible(".keyboard")
    await page.tap("#who")
    await page.tap("#note")
    assert not await page.is_visible(".keyboard")


async def test_it_writes_at_the_caret_as_a_hand_would_and_sends_the_form(page: Page, show: Show) -> None:
    await page.goto(show(WHO, board="qwertz", modules=("keyboard",)))
    await page.evaluate("document.addEventListener('input', () => { window.heard = (window.heard ?? 0) + 1 })")
    await page.tap("#who")
    await page.tap(key("shift"))
    assert await page.get_attribute(key("shift"), "aria-pressed") == "true"
    for name in ("j", "ö", "space", "a", "a", "back"):
        await page.tap(key(name))
    assert await page.input_value("#who") == "Jö a"
    assert await page.evaluate("heard") == 6
    await page.evaluate("document.querySelector('#who').setSelectionRange(1, 2)")
    await page.tap(key("back"))
    await page.tap(key("more"))
    await page.tap(key("é"))
    await page.tap(key("7"))
    assert await page.input_value("#who") == "Jé7 a"
    assert await page.evaluate("document.activeElement.id") == "who"
    await page.tap(key("enter"))
    await page.wait_for_selector("#sent")
    assert await page.inner_text("#sent") == "who=J%C3%A97+a"


async def test_who_slides_off_a_key_has_pressed_nothing(page: Page, show: Show) -> None:
    await page.goto(show(WHO, board="qwerty", modules=("keyboard",)))
    await page.tap("#who")
    await page.hover(key("q"))
    await page.mouse.down()
    assert await page.locator(".pressed").count() == 1
    await page.hover(key("e"))
    await page.mouse.up()
    assert (await page.input_value("#who"), await page.locator(".pressed").count()) == ("", 0)


async def test_a_field_that_has_the_focus_from_the_start_is_served_and_one_of_numbers_gets_a_keypad(page: Page, show: Show) -> None:
    body = WHO.replace("data-keyboard", 'data-keyboard="numbers" autofocus')
    await page.goto(show(body, board="qwerty", modules=("keyboard",)))
    keys = page.locator(".keyboard button")
    assert "".join(await page.locator(".keyboard .digit").all_inner_texts()) == "1234567890"
    assert await keys.count() == 13
    sizes = [box for one in await keys.all() if (box := await one.bounding_box()) is not None]
    assert min(min(box["width"], box["height"]) for box in sizes) >= 76
    assert await in_view(page, "#who, .keyboard button")
    await no_violations(page)
    for name in ("4", "0", "back", "7"):
        await page.tap(key(name))
    assert await page.input_value("#who") == "47"
    await page.evaluate("document.querySelector('#who').dataset.keyboard = ''")
    await page.evaluate("document.activeElement.blur()")
    await page.tap("#who")
    assert await page.locator(key("q")).count() == 1


SCAN = """{% from "keypad.html" import keypad with context %}<div data-wedge{{ settings }}></div>
<form data-scan-form action="sent" method="post"><label for="code">Scan a package</label>
<input id="code" name="code" data-scan></form>
<form>{{ keypad("number", "How many?") }}<label for="lot">Lot</label><input id="lot" name="lot"></form>"""
BURST = """async (keys) => {
  window.scans ??= document.addEventListener("galenic:scan", (event) => window.heard = event.detail) ?? true;
  for (const key of keys) {
    const into = document.activeElement;
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    const written = into.dispatchEvent(event) && key.length === 1 && into.matches("input");
    if (written) into.setRangeText(key, into.value.length, into.value.length, "end");
  }
}"""
SETTLED = "() => new Promise((done) => setTimeout(done, 60))"
"""Twice as long as a scanner may take between two keys."""


async def test_a_scan_goes_to_the_scan_field_and_no_digit_of_it_to_keypad_or_name(page: Page, show: Show) -> None:
    for focus in ("#lot", "#number", "body"):
        await page.goto(show(SCAN, settings="", modules=("scanwedge", "keypad")))
        if focus != "body":
            await page.focus(focus)
        await page.evaluate("addEventListener('submit', (event) => event.preventDefault())")
        await page.evaluate(BURST, [*"0100312345678906", "Enter"])
        assert await page.evaluate("heard") == "0100312345678906"
        assert await page.input_value("#code") == "0100312345678906"
        assert (await page.input_value("#lot"), await page.input_value("#number")) == ("", "")


async def test_what_a_person_types_arrives_where_it_was_meant(page: Page, show: Show) -> None:
    await page.goto(show(SCAN, settings="", modules=("scanwedge", "keypad")))
    await page.evaluate(BURST, ["1"])
    await page.evaluate(SETTLED)
    await page.evaluate(BURST, ["2", "3"])  # two fingers at once
    await page.evaluate(SETTLED)
    assert await page.input_value("#number") == "123"
    await page.focus("#lot")
    for letter in "AB7":
        await page.keyboard.press(letter)
        await page.evaluate(SETTLED)
    assert await page.input_value("#lot") == "AB7"
    await page.focus('[data-key="8"]')
    await page.keyboard.press("Space")
    await page.evaluate(SETTLED)
    assert await page.input_value("#number") == "1238"
    assert await page.input_value("#code") == ""


async def test_a_prefix_a_suffix_and_a_separator_are_what_the_scanner_was_set_to(page: Page, show: Show) -> None:
    settings = ' data-prefix="F9" data-suffix="Tab" data-gs="F8"'
    await page.goto(show(SCAN.replace("{{ settings }}", settings), modules=("scanwedge", "keypad")))
    await page.evaluate("addEventListener('submit', (event) => event.preventDefault())")
    await page.focus("#lot")
    await page.keyboard.type("99")
    assert await page.input_value("#lot") == "99"
    await page.evaluate(BURST, ["F9", *"10A", "F8", "1", "7", "Tab"])
    assert await page.evaluate("heard") == "10A\x1d17"
    assert await page.input_value("#lot") == "99"
    await page.evaluate(BURST, ["F9", "5"])  # a code that breaks off was none
    await page.evaluate(SETTLED)
    assert await page.input_value("#lot") == "995"
