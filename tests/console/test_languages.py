"""The pages in each language on the smallest screen: said in it, nothing cut off, the main action in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.console.visitor import LANGUAGE
from api.words.language import LANGUAGES, words
from tests.console.stand import Stand
from tests.console.visit import visit
from tests.kit.browser import NewContext

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


async def test_a_drawer_shut_without_a_word_is_answered_without_scrolling_in_each(stand: Stand, new_context: NewContext) -> None:
    at = await visit(stand, await new_context())
    await stand.log_in(at.page, "nina")
    await at.page.goto(f"{stand.url}/console/patients/P-1004")
    await at.press("pantoprazole")
    drawer = await at.opens()
    await at.page.get_by_role("button", name="Taken", exact=True).wait_for()
    await stand.hand(do="shut", drawer=drawer)
    await at.page.get_by_text("What did you take?").wait_for()
    for language in LANGUAGES:
        await at.page.context.add_cookies([{"name": LANGUAGE, "value": language, "url": stand.url}])
        await at.page.reload()
        assert await at.page.locator("main .action").count() == 1
        assert await at.page.evaluate(OUT_OF_VIEW) == [], language
