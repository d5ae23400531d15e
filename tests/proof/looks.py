"""Every page of the console, as each person who may see it sees it, in every language and theme, judged by axe-core.

One browser, and one station at a time: a ward, then a pharmacy with its machines. Each person logs in once. A page that is not
itself (it refuses, or leads elsewhere) counts as one that fell short.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from api.cli.demo_people import PEOPLE
from api.console.page import ROOT, Page
from api.console.routes import every
from api.console.visitor import LANGUAGE, THEME, THEMES
from api.words.language import LANGUAGES
from controller.policy.roles import RIGHTS, Role
from tests.console.pharmacy import Pharmacy
from tests.console.stand import Stand, standing
from tests.kit.browser import FLAGS, SCREENS, program, violations
from tests.proof.campaign import Score, campaign
from tests.proof.sights import PHARMACY, WARD, change, hired, work_in_the_pharmacy, work_in_the_ward

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext
    from playwright.async_api import Page as Tab

PAGES: tuple[Page, ...] = tuple(page for pages in every() for page in pages.pages)
NOBODY, SOMEBODY = "", "nina"
BESIDE = ("/help", "/help/api", "/help/problems", "/help/problems/drawer-in-use", f"{ROOT}/pulls/never")
"""Pages that are none of the console's own: what is only read, and the four lines of a page that is refused."""
TRIES = 3
"""A page that heard nothing while axe kept it busy asks for itself anew, under axe."""
PLAIN = "theo"
"""Whose pages a sample looks at: those that need no work to be done first."""
TASTES = tuple(product(LANGUAGES, THEMES))


class Look(NamedTuple):
    """One page as one person sees it. `page` is its path among the console's, or an address of its own."""

    person: str
    page: str


def looks() -> tuple[Look, ...]:
    """All of them, each person's behind one another."""
    found = [Look(SOMEBODY, page) for page in BESIDE]
    for page in PAGES:
        path = page.path.removeprefix(ROOT)
        if page.anybody:
            found.append(Look(SOMEBODY if path == "/nothing" else NOBODY, path))
        found += [] if page.anybody else [Look(id_, path) for id_, _, role in PEOPLE if set(page.rights) <= RIGHTS[Role(role)]]
    return tuple(sorted(found, key=lambda look: look.person))


LOOKS = looks()
FULL = len(LOOKS) * len(TASTES)


@campaign("AXE", "every page, each role that may see it, each language and theme: axe-core finds no violation", sample=4, full=FULL)
def seen(n: int) -> Score:
    """Looks n times; at fewer than all, only where nothing has to be done before."""
    score = Score()
    with tempfile.TemporaryDirectory() as folder:
        with standing(Path(folder) / "ward", change) as ward:
            asyncio.run(_in_the_ward(ward, n, score))
        if n >= FULL:
            pharmacy = Pharmacy(_made(Path(folder) / "pharmacy"))
            asyncio.run(_hired(pharmacy))
            try:
                pharmacy.start()
                asyncio.run(_in_the_pharmacy(pharmacy, score))
            finally:
                pharmacy.close()
    print(f"    {score.tried} pages seen, {score.tried - score.survived} of them with violations", flush=True)
    return score


async def _in_the_ward(ward: Stand, n: int, score: Score) -> None:
    if n < FULL:
        plain = [look for look in LOOKS if look.person == PLAIN and "{" not in look.page and look.page not in {*WARD, *PHARMACY}]
        chosen = [(look, TASTES[number % len(TASTES)]) for number, look in enumerate(plain * n)][:n]
        await _judged(ward, [(look, (taste,)) for look, taste in chosen], {}, score)
        return
    ways = await work_in_the_ward(ward)
    await _judged(ward, [(look, TASTES) for look in LOOKS if look.page not in PHARMACY], ways, score)


async def _in_the_pharmacy(pharmacy: Pharmacy, score: Score) -> None:
    ways = await work_in_the_pharmacy(pharmacy)
    await _judged(pharmacy, [(look, TASTES) for look in LOOKS if look.page in PHARMACY], ways, score)


async def _hired(pharmacy: Pharmacy) -> None:
    for id_, name, role in PEOPLE:
        if id_ not in pharmacy.run.pins:
            await hired(pharmacy, id_, name, role)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _judged(
    station: Stand, wanted: list[tuple[Look, tuple[tuple[str, str], ...]]], ways: Mapping[str, str], score: Score
) -> None:
    """Looks at each in each of its tastes, one person after the other."""
    async with _browsing() as context:
        tab, person = await station.screen(context), NOBODY
        for look, tastes in wanted:
            if look.person != person:
                await context.clear_cookies(name="__Host-galenic-session")
                await _taste(context, station, LANGUAGES[0], THEMES[0])
                await station.log_in(tab, look.person)
                person = look.person
                print(f"    {person}, after {score.tried} pages", flush=True)
            for language, theme in tastes:
                await _taste(context, station, language, theme)
                wrong = await _wrong(tab, station, ways.get(look.page, look.page))
                score.tried, score.survived = score.tried + 1, score.survived + (not wrong)
                if wrong:
                    print(f"    {look.person or 'nobody'} at {look.page} in {language}, {theme}: {wrong}", flush=True)


async def _wrong(tab: Tab, station: Stand, way: str) -> str:
    """What axe finds on a page, or why it is not the page; empty where nothing."""
    from playwright.async_api import Error

    asked, wrong = f"{station.url}{way if way in BESIDE else ROOT + way}", ""
    for _ in range(TRIES):
        answer = await tab.goto(asked)
        status = answer.status if answer is not None else 0
        if (urlsplit(tab.url).path, status) != (urlsplit(asked).path, 404 if way.endswith("/never") else 200):
            return f"led to {tab.url}, {status}"
        try:
            found = await violations(tab)
        except Error as left:
            wrong = str(left)
        else:
            return str(found.generate_report()) if found.violations_count else ""
    return wrong


async def _taste(context: BrowserContext, station: Stand, language: str, theme: str) -> None:
    chosen = {LANGUAGE: language, THEME: theme}
    await context.add_cookies([{"name": name, "value": value, "url": station.url} for name, value in chosen.items()])


@asynccontextmanager
async def _browsing() -> AsyncIterator[BrowserContext]:
    """A Chromium of its own, at the smallest screen."""
    from playwright.async_api import async_playwright

    flags = [flag for flag in FLAGS if not flag.startswith(("--remote-debugging", "--headless"))]
    screen = SCREENS["10.1in"]
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program(), args=flags)
        try:
            yield await browser.new_context(viewport={"width": screen.width, "height": screen.height}, has_touch=True, locale="en")
        finally:
            await browser.close()
