"""The pages in each language on the smallest screen: said in it, nothing cut off, the main action in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.console.visitor import LANGUAGE
from api.words.language import LANGUAGES, words
from tests.console.stand import Stand

if TYPE_CHECKING:
    from playwright.async_api import Page

SMALLEST = {"width": 822, "height": 514}
PAGES = (
    "patients", "patients/P-1001", "station", "discrepancies", "stock", "activity", "alarms", "restock", "counts", "expiries",
    "pick-lists", "totes", "robots",
)  # fmt: skip
NAMES = ("Patients", "Abernathy", "Station", "Discrepancies", "Stock", "Activity", "Alarms", "Restock", "Counts", "Expiries",
         "Pick lists", "Totes", "Robots and belts")  # fmt: skip
CUT_OFF = """() => [...document.querySelectorAll('main *, header *')].filter(one => {
  const box = one.getBoundingClientRect();
  return box.width && getComputedStyle(one).position !== 'absolute' && !one.closest('.wide') && !one.closest('svg') &&
    (box.right > innerWidth + 1 || box.left < -1);
}).map(one => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 60)}`)"""
OUT_OF_VIEW = """() => [...document.querySelectorAll('main .action')].filter(one => {
  const box = one.getBoundingClientRect();
  return box.width && (box.bottom > innerHeight + 1 || box.top < 0);
}).map(one => one.textContent.trim())"""


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_is_said_in_it_and_nothing_is_cut_off(stand: Stand, terminal: Page, language: str) -> None:
    await terminal.set_viewport_size(SMALLEST)
    await stand.log_in(terminal, "petra")
    await terminal.context.add_cookies([{"name": LANGUAGE, "value": language, "url": stand.url}])
    for page, name in zip(PAGES, NAMES, strict=True):
        await terminal.goto(f"{stand.url}/console/{page}")
        assert await terminal.locator("html").get_attribute("lang") == language
        assert await terminal.evaluate(CUT_OFF) == [], page
        assert await terminal.evaluate(OUT_OF_VIEW) == [], page
        assert (await terminal.title()).startswith(words(language).gettext(name))
