"""One uninterrupted visit by a finger: every touch that the pages see is counted, from one page to the next."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from tests.console.stand import TWICE_S, Stand

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Locator, Page

COUNTS = """addEventListener("pointerup", () => {
  sessionStorage.setItem("touches", Number(sessionStorage.getItem("touches")) + 1);
}, true)"""
"""Kept by the browser for this window, so that going to another page forgets nothing."""


class Visit:
    """A page, and a finger at it that taps and does nothing else."""

    def __init__(self, page: Page, stand: Stand) -> None:
        self.page, self.stand = page, stand

    async def touches(self) -> int:
        """Since the beginning, or since `begin`."""
        return int(await self.page.evaluate("Number(sessionStorage.getItem('touches'))"))

    async def begin(self) -> None:
        """Counts from nothing."""
        await self.page.evaluate("sessionStorage.removeItem('touches')")

    async def tap(self, what: Locator) -> None:
        """One touch, once the page shows it."""
        await what.tap()

    async def row(self, name: str) -> None:
        """The link of this name."""
        await self.tap(self.page.get_by_role("link", name=name))

    async def press(self, name: str) -> None:
        """The button whose name begins so; the first of them."""
        await self.tap(self.page.get_by_role("button", name=name).first)

    async def keys(self, digits: str) -> None:
        """On the keypad, digit by digit."""
        for digit in digits:
            await self.tap(self.page.get_by_role("button", name=digit, exact=True))
            await asyncio.sleep(TWICE_S)

    async def opens(self) -> str:
        """The drawer that the page names, pulled by a hand. Its id."""
        await self.page.get_by_text(re.compile(r"Drawer D-\d\d opens|Taken")).first.wait_for()
        named = re.search(r"D-\d\d", await self.page.locator("#live_place").inner_text())
        assert named is not None
        await self.stand.hand(do="open", drawer=named[0], wait_s=15)
        return named[0]

    async def shuts(self, drawer: str) -> None:
        """Pushed home once the page asks for it."""
        await self.page.get_by_text(f"Push drawer {drawer} shut").wait_for()
        await self.stand.hand(do="shut", drawer=drawer)


async def visit(stand: Stand, context: BrowserContext) -> Visit:
    """At the enrolled terminal, with nobody logged in."""
    await context.add_init_script(COUNTS)
    return Visit(await stand.screen(context), stand)
