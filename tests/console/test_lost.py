"""A station that cannot be heard: every page greys itself within three seconds, says since when, and comes back by itself."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.console.asking import calling
from tests.console.stand import Stand
from tests.kit.browser import Faults, NewContext

if TYPE_CHECKING:
    from playwright.async_api import Page

GREY = "html[data-lost]"
FRESH = "html:not([data-lost])"
WITHIN_S = 3.0
CUT = r"ERR_|Failed to load resource"
"""What Chromium writes of a connection that ends: that is the test."""


async def test_a_killed_daemon_greys_the_page_and_a_new_one_brings_it_back(stand: Stand, terminal: Page, faults: Faults) -> None:
    faults.excuse(CUT)
    await stand.log_in(terminal, "nina")
    address = terminal.url
    await _heard(terminal)
    began = time.monotonic()
    stand.kill_daemon()
    await terminal.locator(GREY).wait_for(state="attached")
    assert time.monotonic() - began < WITHIN_S
    assert "Not connected to the station: what you see is from" in await terminal.locator("#lost").inner_text()
    assert await terminal.get_by_role("button", name="Find").is_disabled()
    await asyncio.get_running_loop().run_in_executor(None, stand.start_daemon)
    await terminal.locator(FRESH).wait_for(state="attached")
    assert terminal.url == address
    assert await terminal.get_by_text("Nina Okafor").is_visible()


async def test_a_stopped_daemon_raises_no_error_and_greys_the_page_all_the_same(stand: Stand, terminal: Page) -> None:
    await _heard(terminal)
    assert stand.daemon is not None
    began = time.monotonic()
    stand.daemon.process.send_signal(signal.SIGSTOP)
    try:
        await terminal.locator(GREY).wait_for(state="attached")
        assert time.monotonic() - began < WITHIN_S
    finally:
        stand.daemon.process.send_signal(signal.SIGCONT)
    await terminal.locator(FRESH).wait_for(state="attached")


async def test_a_network_that_forwards_nothing_more_greys_the_page(stand: Stand, new_context: NewContext) -> None:
    async with _relay(stand.run.listen) as relay:
        page = await (await new_context()).new_page()
        await page.goto(f"http://{relay.address}/console")
        await _heard(page)
        began = time.monotonic()
        relay.forwards.clear()
        await page.locator(GREY).wait_for(state="attached")
        assert time.monotonic() - began < WITHIN_S
        relay.forwards.set()
        await page.locator(FRESH).wait_for(state="attached")
        await page.close()


async def test_eight_pages_open_at_once_do_not_hang(stand: Stand, new_context: NewContext) -> None:
    context = await new_context()
    pages = [await context.new_page() for _ in range(8)]
    for page in pages:
        await page.goto(f"{stand.url}/console")
    for page in pages:
        await page.bring_to_front()
        await page.get_by_text("drawers are shut and locked").wait_for()
    asleep = [page for page in pages if await page.locator("html[data-asleep]").count()]
    assert len(asleep) == 4
    await asleep[0].mouse.click(400, 300)
    await asleep[0].locator("html[data-heard]:not([data-asleep])").wait_for(state="attached")


async def test_what_is_ticked_stays_so_when_the_list_is_renewed(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "nina")
    await terminal.get_by_role("link", name="Ekström, Nils").click()
    await terminal.locator("html[data-heard]").wait_for(state="attached")
    box = terminal.get_by_role("checkbox").first
    await box.check()
    async with calling(stand, "cleo") as cleo:
        shown = await terminal.locator("#live_orders").inner_html()
        await cleo.send("PUT", "pulls/beside", {"order": "O-5011"})
        await terminal.wait_for_function("(shown) => document.getElementById('live_orders').innerHTML !== shown", arg=shown)
        await cleo.send("POST", "pulls/beside/cancellation", {})
    assert await box.is_checked()


async def _heard(page: Page) -> None:
    """Once a beat has come in."""
    await page.locator("html[data-heard]").wait_for(state="attached")


class _Relay:
    """Carries bytes both ways for as long as `forwards` is set."""

    def __init__(self, to: str) -> None:
        self.address = ""
        self.forwards = asyncio.Event()
        self.forwards.set()
        self._host, _, port = to.rpartition(":")
        self._port = int(port)
        self._tasks: set[asyncio.Task[None]] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, far_writer))
                both.create_task(self._pump(far_reader, writer))
        except asyncio.CancelledError:
            pass  # by `close`: asyncio's streams report a task that ends cancelled as a defect
        finally:
            writer.close()
            far_writer.close()
            self._tasks.discard(task)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            await self.forwards.wait()
            sink.write(data)
            await sink.drain()
        sink.close()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def _relay(to: str) -> AsyncIterator[_Relay]:
    relay = _Relay(to)
    server = await asyncio.start_server(relay.carry, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    relay.address = f"{host}:{port}"
    try:
        yield relay
    finally:
        server.close()
        await relay.close()
