"""Every page in every state, measured in the browser at the four screens and judged by axe; each language and theme in its turn."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from api.console.visitor import LANGUAGE, THEME, THEMES
from api.words.language import LANGUAGES
from tests.console.stand import Stand
from tests.console.states import OTHERS, WALKS, State, places
from tests.console.visit import visit
from tests.kit.browser import PHONE, SCREENS, Faults, NewContext, no_violations, settled
from tests.kit.measured import as_wide_as_its_screen, in_view, large_enough

if TYPE_CHECKING:
    from playwright.async_api import Page

SMALLEST = "10.1in"
CUT = r"ERR_|Failed to load resource"
"""What Chromium writes of an answer that says no, and of a connection that ends."""
CUT_IN = {"log_in", "choose", "in_doubt"}
BESIDE = """() => {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const keys = [...document.querySelectorAll(".keypad-keys")].find((one) => one.checkVisibility()).getBoundingClientRect();
  const value = [...document.querySelectorAll(".keypad-value")].find((one) => one.checkVisibility()).getBoundingClientRect();
  return keys.left >= value.right || value.left >= keys.right;
}"""
TASTES = itertools.cycle([(language, theme) for theme in THEMES for language in LANGUAGES])
"""Each page is looked at in the next; there are more pages than tastes."""


@pytest.mark.parametrize("walk", WALKS)
async def test_every_state_is_large_enough_and_axe_finds_nothing(
    walk: str, stand: Stand, new_context: NewContext, faults: Faults
) -> None:
    if walk in CUT_IN:
        faults.excuse(CUT)
    await _judged(WALKS[walk](await visit(stand, await new_context())), stand)


@pytest.mark.parametrize("person", OTHERS)
async def test_every_place_of_everybody_else_is_too(person: str, stand: Stand, new_context: NewContext) -> None:
    await _judged(places(await visit(stand, await new_context()), person), stand, goes_on=False)


async def _judged(walk: AsyncIterator[State], stand: Stand, *, goes_on: bool = True) -> None:
    """Raises AssertionError with all that is wrong, of every state. `goes_on` where the walk acts on the page it has shown."""
    wrong: list[str] = []
    async for state in walk:
        language, theme = next(TASTES)
        if state.again:
            await _taste(state.page, stand, language, theme)
        for name, screen in SCREENS.items():
            await state.page.set_viewport_size({"width": screen.width, "height": screen.height})
            await settled(state.page)
            where = f"{state.name} at {name} in {language}, {theme}"
            wrong += await _said(large_enough, state.page, where)
            if not await in_view(state.page, "main .action"):
                wrong.append(f"{where}: the main action is not in view")
            if state.keypad and name == SMALLEST and not await state.page.evaluate(BESIDE):
                wrong.append(f"{where}: the keypad is not beside the content")
        await state.page.set_viewport_size({"width": PHONE.width, "height": PHONE.height})
        await settled(state.page)
        wrong += await _said(as_wide_as_its_screen, state.page, f"{state.name} on a phone in {language}, {theme}")
        await state.page.set_viewport_size({"width": SCREENS[SMALLEST].width, "height": SCREENS[SMALLEST].height})
        wrong += await _said(no_violations, state.page, f"{state.name} in {language}, {theme}")
        if state.again:
            await _taste(state.page, stand, LANGUAGES[0], THEMES[0], shown=goes_on)
    assert wrong == [], "\n".join(wrong)


async def _said(judge, page: Page, where: str) -> list[str]:  # type: ignore[no-untyped-def]
    try:
        await judge(page)
    except AssertionError as found:
        return [f"{where}: {found}"]
    return []


async def _taste(page: Page, stand: Stand, language: str, theme: str, *, shown: bool = True) -> None:
    """The page once more, in this language and theme; or only what is asked for from now on."""
    chosen = {LANGUAGE: language, THEME: theme}
    await page.context.add_cookies([{"name": name, "value": value, "url": stand.url} for name, value in chosen.items()])
    if shown:
        await page.reload()
        await page.locator("html[data-heard]").wait_for(state="attached")
