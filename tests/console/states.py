"""Every page in every state, one after the other: what measures them, and what photographs them, walks here.

Each walk is a person's visit that stops at each state and says its name; whoever walks looks at the page, and asks for the next.
"""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from api.cli.demo_people import PEOPLE
from tests.console.visit import Visit

if TYPE_CHECKING:
    from playwright.async_api import Page


@dataclass(frozen=True, slots=True)
class State:
    """What is to be seen now. `again` where the page may be asked for anew and shows the same; `keypad` where one stands on it."""

    name: str
    page: Page
    again: bool = True
    keypad: bool = False


Walk = Callable[[Visit], AsyncIterator[State]]


async def log_in(at: Visit) -> AsyncIterator[State]:
    """Nobody is here, then somebody who keys the wrong PIN first."""
    stand, page = at.stand, at.page
    await page.goto(f"{stand.url}/console")
    yield State("start", page)
    await page.goto(f"{stand.url}/console/pin?who=nina")
    yield State("pin", page, keypad=True)
    await page.locator("#pin").press_sequentially("0" * len(stand.run.pins["nina"]))
    await page.locator("#message section").wait_for()
    yield State("pin-refused", page, again=False)


async def choose(at: Visit) -> AsyncIterator[State]:
    """A nurse looks for a patient and for medicines."""
    await at.stand.log_in(at.page, "nina")
    yield State("patients", at.page)
    await at.page.goto(f"{at.stand.url}/console/patients?find=zzz")
    yield State("patients-nobody", at.page)
    await at.page.goto(f"{at.stand.url}/console/patients/P-1005")
    yield State("patient", at.page)
    await at.page.goto(f"{at.stand.url}/console/patients/P-1003")
    await at.press("ibuprofen")
    await at.page.wait_for_url("**/notices?**")
    yield State("notices", at.page)
    await at.page.goto(f"{at.stand.url}/console/pulls/never")
    await at.page.locator("html[data-heard]").wait_for(state="attached")
    await at.page.get_by_role("link", name="Back to the start").wait_for()
    yield State("refused", at.page)


async def take(at: Visit) -> AsyncIterator[State]:
    """A pull from the drawer that opens to its end."""
    page = at.page
    await at.stand.log_in(page, "nina")
    await page.goto(f"{at.stand.url}/console/patients/P-1001")
    await at.press("metoprolol")
    await page.wait_for_url("**/console/pulls/**")
    await page.get_by_text("opens. Pull it.").wait_for()
    drawer = await _named(page)
    yield State("take-opens", page, again=False)
    # The latch has fallen back meanwhile, or not: she asks for it once more where it has.
    again = page.get_by_role("link", name="Back to")
    if await again.count():
        await again.tap()
        await at.press("metoprolol")
        drawer = await _named(page)
    await at.stand.hand(do="open", drawer=drawer, wait_s=15)
    await page.get_by_role("button", name="Taken", exact=True).wait_for()
    yield State("take", page)
    await at.row("Something is different")
    await page.get_by_label("I took").wait_for()
    yield State("take-different", page, keypad=True)
    await at.row("Back")
    await at.press("Taken")
    await page.get_by_text(f"Push drawer {drawer} shut").wait_for()
    yield State("take-shut", page)
    await at.stand.hand(do="shut", drawer=drawer)
    await page.get_by_text("Done. Recorded.").wait_for()
    yield State("take-done", page)


async def count_back(at: Visit) -> AsyncIterator[State]:
    """A controlled drug: the question what was taken, the count, and a count that differs from the record."""
    page = at.page
    await at.stand.log_in(page, "nina")
    await page.goto(f"{at.stand.url}/console/patients/P-1005")
    await at.press("morphine")
    drawer = await at.opens()
    await page.get_by_role("button", name="Taken", exact=True).wait_for()
    await at.press("Taken")
    keypad = page.get_by_role("button", name="This is my count")
    await keypad.wait_for()
    yield State("count", page, keypad=True)
    await page.locator("#number").fill("3")
    await keypad.tap()
    await page.get_by_text("Count again, please").wait_for()
    yield State("count-again", page, keypad=True)
    await page.locator("#number").fill("3")
    await keypad.tap()
    await at.shuts(drawer)
    await page.get_by_text("A discrepancy is open").wait_for()
    yield State("count-differs", page)


async def in_doubt(at: Visit) -> AsyncIterator[State]:
    """A drawer is shut without a word; then the daemon dies while another is open."""
    stand, page = at.stand, at.page
    await stand.log_in(page, "nina")
    await page.goto(f"{stand.url}/console/patients/P-1004")
    await at.press("pantoprazole")
    drawer = await at.opens()
    await page.get_by_role("button", name="Taken", exact=True).wait_for()
    await stand.hand(do="shut", drawer=drawer)
    await page.get_by_text("What did you take?").wait_for()
    yield State("take-silent", page)
    stand.kill_daemon()
    await page.locator("html[data-lost]").wait_for(state="attached")
    await asyncio.get_running_loop().run_in_executor(None, stand.start_daemon)
    await page.locator("html:not([data-lost])").wait_for(state="attached")
    await page.get_by_text("In doubt").first.wait_for()
    yield State("take-in-doubt", page)


async def alarm(at: Visit) -> AsyncIterator[State]:
    """Somebody tears a drawer open."""
    await at.stand.log_in(at.page, "nina")
    at.stand.control("/faults", {"kind": "force", "drawer": "D-24"})
    await at.page.locator(".alarm").wait_for()
    yield State("alarm", at.page)


async def lost(at: Visit) -> AsyncIterator[State]:
    """Nobody answers any more."""
    assert at.stand.daemon is not None
    await at.stand.log_in(at.page, "nina")
    at.stand.daemon.process.send_signal(signal.SIGSTOP)
    try:
        await at.page.locator("html[data-lost]").wait_for(state="attached")
        yield State("lost", at.page, again=False)
    finally:
        at.stand.daemon.process.send_signal(signal.SIGCONT)
    await at.page.locator("html:not([data-lost])").wait_for(state="attached")


async def places(at: Visit, person: str) -> AsyncIterator[State]:
    """Every place that somebody finds along the top of her pages."""
    await at.stand.log_in(at.page, person)
    links = at.page.locator("nav.places a")
    found = [str(await link.get_attribute("href")) for link in await links.all()] or [at.page.url.removeprefix(at.stand.url)]
    for place in found:
        await at.page.goto(f"{at.stand.url}{place}")
        yield State(f"{person}-{place.rpartition('/')[2]}", at.page)


WALKS: Mapping[str, Walk] = MappingProxyType(
    {walk.__name__: walk for walk in (log_in, choose, take, count_back, in_doubt, alarm, lost)}
)
OTHERS = tuple(id_ for id_, _, role in PEOPLE if role != "nurse")


async def _named(page: Page) -> str:
    named = re.search(r"D-\d\d", await page.locator("#live_place").inner_text())
    assert named is not None
    return named[0]
