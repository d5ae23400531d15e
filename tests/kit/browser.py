"""A real Chromium for tests: one process per worker, a fresh context per test, and a test fails by whatever its pages did wrong.

`tests/conftest.py` offers these fixtures everywhere. A test of a page takes `page` (and `screen`, to say at which size):

    @pytest.mark.parametrize("screen", SCREENS)
    async def test_it(page: Page) -> None: ...

Playwright's objects belong to one event loop and its driver takes a second to start, so all tests of a worker that take a browser
share a loop, which `tests/conftest.py` gives them. Where a directory has virtual time a module says that it wants the real one:

    pytestmark = IN_REAL_TIME

Chromium reaches no host but this machine: every other name is unknown to it, and asking for one fails the test.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from axe_playwright_python.base import AxeResults
    from playwright.async_api import Browser, BrowserContext, Page

HERE = "127.0.0.1"
WITHIN_S = 20.0
PROGRAMS = ("chromium-headless-shell", "chromium")
"""Debian's Chromium without its window, or with it: the same engine, and a page costs a fifth of the time without."""
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # a test machine is often a container and its user root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-breakpad",
    "--no-first-run",
    "--no-proxy-server",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HERE}",
    "--remote-debugging-port=0",
)

ONE_LOOP = pytest.mark.asyncio(loop_scope="session")
IN_REAL_TIME = pytest.mark.asyncio(loop_scope="session", loop_factories=["real"])


class Screen(NamedTuple):
    """A viewport in CSS px: one of them is a quarter of a millimetre on the panel (ecosystem C1)."""

    width: int
    height: int


SCREENS = {
    "10.1in": Screen(822, 514),
    "15in": Screen(1152, 864),
    "15.6in": Screen(1305, 734),
    "21.5in": Screen(1799, 1012),
}
"""The panels of ecosystem C1, each started with the scale factor that makes a CSS mm a real one."""
PHONE = Screen(390, 844)
"""For looking only."""

TELL = """document.addEventListener("securitypolicyviolation", ({effectiveDirective, blockedURI, sourceFile, documentURI}) =>
  console.error(`content policy: ${effectiveDirective} refused ${blockedURI} in ${sourceFile || documentURI}`))"""
"""A refusal is told by the page itself, in words that are ours, beside what Chromium writes on its console."""

OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
"""Every rule of axe-core that is on by itself, best practices too, and WCAG 2.2's size of targets."""


def program() -> str:
    """Where Chromium is. Fails where there is none, unless it was said that there need not be one."""
    found = next((path for name in PROGRAMS if (path := shutil.which(name)) is not None), None)
    if found is None and os.environ.get("GALENIC_NO_BROWSER") == "1":
        pytest.skip("GALENIC_NO_BROWSER=1 and no chromium here")
    assert found is not None, "no Chromium is installed: run tests/kit/chromium.sh, or set GALENIC_NO_BROWSER=1"
    return found


@dataclass
class Faults:
    """What a test's pages did that no page may do."""

    seen: list[str] = field(default_factory=list)
    _excuses: list[str] = field(default_factory=list)

    def excuse(self, pattern: str) -> None:
        """Faults that this regular expression finds are meant. One that finds none is itself a fault."""
        self._excuses.append(pattern)

    def settle(self) -> None:
        """Raises AssertionError for each fault that is not excused, and for each excuse that nothing needed."""
        unmeant = [fault for fault in self.seen if not any(re.search(excuse, fault) for excuse in self._excuses)]
        unneeded = [excuse for excuse in self._excuses if not any(re.search(excuse, fault) for fault in self.seen)]
        assert not unmeant, "pages of this test did what no page may:\n  " + "\n  ".join(unmeant)
        assert not unneeded, f"excused, but it did not happen: {unneeded}"

    async def watch(self, context: BrowserContext) -> None:
        """Writes down what the pages of this context do, from their first byte on."""
        context.on("request", lambda request: self._asked(request.url))
        context.on("console", lambda said: self.seen.append(f"console: {said.text}") if said.type == "error" else None)
        context.on("weberror", lambda raised: self.seen.append(f"uncaught: {raised.error}"))
        context.on("page", lambda page: page.on("websocket", lambda socket: self._asked(socket.url)))
        context.on("page", lambda page: page.on("crash", lambda _: self.seen.append("crashed: a page")))
        await context.add_init_script(TELL)

    def _asked(self, url: str) -> None:
        host = urlsplit(url).hostname
        if host not in {None, HERE}:  # a data: or blob: address has none
            self.seen.append(f"another host: {url}")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of this worker's own Chromium, which ends with the worker."""
    folder = tmp_path_factory.mktemp("chromium")
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            (program(), *FLAGS, f"--user-data-dir={folder / 'profile'}"), stdout=said, stderr=said, start_new_session=True
        )
    try:
        yield _address(process, folder)
    finally:
        with suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(WITHIN_S)


def _address(process: subprocess.Popen[bytes], folder: Path) -> str:
    """What it writes when it listens: its port and a path."""
    written, deadline = folder / "profile" / "DevToolsActivePort", time.monotonic() + WITHIN_S
    while not (written.exists() and len(lines := written.read_text().split()) == 2):
        assert process.poll() is None, (folder / "said").read_text()
        assert time.monotonic() < deadline, (folder / "said").read_text()
        time.sleep(0.02)  # between two looks at a program that cannot tell us when it is there
    return f"ws://{HERE}:{lines[0]}{lines[1]}"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """This worker's Chromium, as Playwright drives it."""
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        connected = await driver.chromium.connect_over_cdp(chromium)
        yield connected
        await connected.close()


@pytest.fixture
def screen() -> Screen | str:
    """The size of a page. A test at others is parametrized with names of SCREENS."""
    return SCREENS["10.1in"]


@pytest.fixture
def faults() -> Faults:
    """What this test's pages did wrong so far; a test that means it excuses it here."""
    return Faults()


NewContext = Callable[..., Awaitable["BrowserContext"]]


@pytest_asyncio.fixture(loop_scope="session")
async def new_context(browser: Browser, screen: Screen | str, faults: Faults) -> AsyncIterator[NewContext]:
    """Opens a watched context with touch, at this test's screen; keywords are Playwright's. Two people at two terminals are two."""
    opened: list[BrowserContext] = []
    width, height = SCREENS[screen] if isinstance(screen, str) else screen

    async def open_one(**options: object) -> BrowserContext:
        settings = {"viewport": {"width": width, "height": height}, "has_touch": True, "service_workers": "block", "locale": "en"}
        context = await browser.new_context(**{**settings, **options})
        opened.append(context)
        context.set_default_timeout(WITHIN_S / 2 * 1000)
        await faults.watch(context)
        return context

    yield open_one
    for context in opened:
        await context.close()
    faults.settle()


@pytest_asyncio.fixture(loop_scope="session")
async def page(new_context: NewContext) -> Page:
    """A page of a fresh context."""
    context = await new_context()
    return await context.new_page()


async def violations(page: Page) -> AxeResults:
    """What axe-core finds on this page as it stands.

    axe is given to the page by the debugger, which a content policy does not bind: so the page is judged under its own strict
    policy, nothing is served for the test's sake, and pages that are not asked pay nothing. Only what it minds is brought back.
    """
    from axe_playwright_python.base import AXE_SCRIPT, AxeResults

    await page.wait_for_load_state()  # without its style nothing on it is as large as it will be
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    return AxeResults(await page.evaluate("async (options) => ({ violations: (await axe.run(options)).violations })", OPTIONS))


async def no_violations(page: Page) -> None:
    """Raises AssertionError with axe-core's report if it finds anything on this page as it stands."""
    found = await violations(page)
    assert found.violations_count == 0, found.generate_report()


async def settled(page: Page) -> None:
    """Returns when the page has drawn what it was told: two frames on."""
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await asyncio.sleep(0)
