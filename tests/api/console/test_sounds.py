"""What the console plays, listened to at the oscillators of a real browser: keys, refusals, and alarms until they are silenced."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.kit.browser import IN_REAL_TIME

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = IN_REAL_TIME

Show = Callable[..., str]
LISTENS = """window.pitches = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) { window.pitches.push(this.frequency.value); return start.call(this, at); };"""
KEYS = """{% from "keypad.html" import keypad with context %}<form>{{ keypad("number", "How many?", holds=4) }}</form>"""
ALARMS = """<div id="live_alarms"><div data-sounds="{{ standing }}"><button data-silence hidden>Silence for 2 minutes</button>
<span data-silenced hidden>Silenced</span></div></div>"""
REPLACED = """(standing) => {
  document.querySelector("[data-sounds]").dataset.sounds = standing;
  document.dispatchEvent(new CustomEvent("galenic:part"));
}"""
TWO_MINUTES_LATER = """() => {
  localStorage.setItem('galenic-silenced', JSON.stringify({ b1: Date.now() - 1, b2: Date.now() - 1 }));
  sessionStorage.removeItem('galenic-sounded');
  document.dispatchEvent(new CustomEvent("galenic:part"));
}"""  # at once, or the page's own look falls between
PULSES = {"high": 10, "medium": 3, "low": 1}


async def heard(page: Page, pulses: int) -> list[float]:
    """The pitches of so many pulses once they have come; they are forgotten then."""
    await page.wait_for_function("(pulses) => pitches.length >= pulses", arg=pulses)
    told: list[float] = await page.evaluate("pitches.splice(0)")
    assert len(told) == pulses
    return told


async def test_a_key_and_a_refusal_sound_and_a_browser_nobody_touched_is_silent(page: Page, show: Show) -> None:
    await page.add_init_script(LISTENS)
    await page.goto(show(ALARMS + KEYS, standing="a1=high", modules=("sounds", "keypad"), patient=False))
    await page.wait_for_selector("[data-silence]:not([hidden])")
    assert await page.evaluate("pitches") == []
    await page.evaluate(REPLACED, "")
    await page.tap('[data-key="clear"]')  # the touch that lets it play
    await page.wait_for_function("navigator.userActivation.hasBeenActive")
    await page.evaluate("pitches.splice(0)")
    await page.tap('[data-key="3"]')
    assert len(await heard(page, 1)) == 1
    await page.tap('[data-key="2"]')
    key, *refused = await heard(page, 3)
    assert len({key, *refused}) == 3
    said = await page.inner_text(".keypad-said")
    assert said == "That key was not taken: 4 is the most that fits here. Is there more? Tell the pharmacy."
    assert await page.input_value("#number") == "3"


async def test_an_alarm_has_its_pulses_until_it_is_silenced_and_a_new_one_is_heard_at_once(page: Page, show: Show) -> None:
    await page.add_init_script(LISTENS)
    await page.goto(show("<h1>Ward</h1>" + ALARMS, standing="", modules=("sounds",), patient=False))
    await page.tap("h1")
    for number, (priority, pulses) in enumerate(PULSES.items()):
        await page.evaluate(REPLACED, f"a{number}={priority}")
        assert len(set(await heard(page, pulses))) == min(2, pulses)
    await page.evaluate(REPLACED, "b1=medium ")
    await heard(page, 3)
    await page.tap("[data-silence]")
    assert await page.is_visible("[data-silenced]")
    assert not await page.is_visible("[data-silence]")
    await page.evaluate(REPLACED, "b1=medium b2=high ")
    await heard(page, 10)
    await page.tap("[data-silence]")
    await page.reload()  # another page of the same terminal
    await page.evaluate(REPLACED, "b1=medium b2=high ")
    await page.wait_for_selector("[data-silenced]:not([hidden])")
    assert await page.evaluate("pitches") == []
    until = await page.evaluate("Object.values(JSON.parse(localStorage.getItem('galenic-silenced')))[0] - Date.now()")
    assert 110_000 < until <= 120_000
    await page.tap("h1")
    await page.evaluate(TWO_MINUTES_LATER)
    await heard(page, 10)
