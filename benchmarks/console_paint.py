"""How soon a nurse sees what the steel did, and how soon a new screen shows anything, in a real Chromium.

First: from the last byte of the board's answer that shows the drawer pulled to the frame after the one in which the page shows it
("Taken" is there to be touched), while 49 other pages listen in another process. The floor: the same page as static bytes,
fed the same fragment by a bare stream to as many listeners, from the line that asks for it. Then: first contentful paint of the
first visit with nothing in the browser's cache, and all bytes of it, beside the same bytes of HTML served by a bare route.

The board's bytes and everything else are timed by CLOCK_MONOTONIC; the page's clock is laid beside it by round trips of a question,
of which the quickest counts, and half of that one is the most by which the two can be apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from api.console.visitor import SCREEN
from benchmarks.console_site import CONSOLES, orders, patient
from benchmarks.console_site import nurse as named
from benchmarks.console_ward import PIN, Client, Ward, logged_in, percentile, standing
from benchmarks.row import Row
from controller.actors.board import QUICK_S
from firmware_protocols.errors import FrameError
from firmware_protocols.kerong_cu16 import host
from firmware_protocols.kerong_cu16.messages import Status
from tests.kit.browser import FLAGS, SCREENS, program

OTHERS = 49
WARM = 3
SAMPLES = int(os.environ.get("GALENIC_BENCH_PULLS", "60"))
VISITS = 15
PAINT_MS, FIRST_MS, FIRST_KB = 100.0, 300.0, 60.0
QUESTIONS = 15
LATER_S = 60.0
WATCH = """
  window.painted = [];
  new MutationObserver((changes) => {
    if (!changes.some(({ target }) => target.id === "live_task")) return;
    const taken = document.querySelector('#live_task [data-post$="/taken"]') !== null;
    requestAnimationFrame(() => requestAnimationFrame(() => window.painted.push({ taken, at: performance.now() })));
  }).observe(document, { childList: true, subtree: true });
"""
"""The second frame begins when the first has been made: what is measured is never early."""
LOG_IN = """(said) => fetch("/console/log-in", {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(said),
}).then(({ status }) => status)"""
SHOWN = """(taken) => new Promise((done) => {
  const look = () => {
    const found = window.painted.find((one) => one.taken === taken);
    if (found) done(found.at);
    else setTimeout(look, 20);
  };
  look();
})"""
FIRST = """() => new Promise((done) => new PerformanceObserver((list) => {
  const found = list.getEntriesByName("first-contentful-paint")[0];
  if (found) done(found.startTime);
}).observe({ type: "paint", buffered: true }))"""


def rows() -> Iterator[Row]:
    """Frame to paint with the board's interval, first paint, bytes, and by how much the clocks may differ."""
    with standing() as ward:
        seen = asyncio.run(_measured(ward))
    ours, floor = seen["ours"], seen["floor"]
    name = f"the drawer's answer to the painted frame, p95 of {len(ours)}, {OTHERS} others listening"
    yield Row(name, percentile(ours, 0.95), percentile(floor, 0.95), "ms", bound=PAINT_MS)
    yield Row("the same, median", percentile(ours, 0.5), percentile(floor, 0.5), "ms")
    yield Row("a moving board's answers apart, p95; floor: as planned", percentile(seen["apart"], 0.95), QUICK_S * 1000, "ms")
    yield Row("page's clock against the machine's, the most apart", max(seen["error"]), min(seen["error"]), "ms")
    first, bare = seen["first"], seen["first_floor"]
    yield Row("first contentful paint of a first visit, p95", percentile(first, 0.95), percentile(bare, 0.95), "ms", bound=FIRST_MS)
    yield Row("the same, median", percentile(first, 0.5), percentile(bare, 0.5), "ms")
    yield Row("its bytes over the wire, heads too", max(seen["bytes"]), max(seen["bytes_floor"]), "KB", bound=FIRST_KB)


async def _measured(ward: Ward) -> dict[str, list[float]]:
    seen: dict[str, list[float]] = {
        name: [] for name in ("ours", "floor", "apart", "error", "first", "first_floor", "bytes", "bytes_floor")
    }
    others = [await logged_in(ward, n) for n in range(1, CONSOLES)]
    async with async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=program(), args=[flag for flag in FLAGS if "port" not in flag])
        with tempfile.TemporaryDirectory() as where:
            folder = Path(where)
            async with _terminal(chromium, ward) as (page, nurse), _listening(ward.port, _others(ward, others)):
                for n in range(WARM + SAMPLES):
                    await _pull(ward, nurse, page, n, seen if n >= WARM else {name: [] for name in seen}, folder)
            stranger = Client(ward.port)
            (folder / "start.html").write_bytes((await stranger.get("/console")).body)
            async with _bare(folder) as (port, push):
                async with _listening(port, [("/pull", {})] * OTHERS):
                    await _pushes(chromium, f"http://127.0.0.1:{port}/pull", push, seen)
                for _ in range(VISITS):
                    await _visit(chromium, f"{ward.url}/console", seen["first"], seen["bytes"])
                    await _visit(chromium, f"http://127.0.0.1:{port}/start", seen["first_floor"], seen["bytes_floor"])
        await chromium.close()
    for client in (*others, stranger):
        client.close()
    return seen


# --- the pulls


def _others(ward: Ward, nurses: list[Client]) -> list[tuple[str, dict[str, str]]]:
    """What else is open on the ward: consoles with nobody at them, lists of patients, patients; each nurse at her own console."""
    wanted: list[tuple[str, dict[str, str]]] = []
    for n in range(OTHERS):
        at = n % len(nurses)
        path = ("/console", "/console/patients", f"/console/patients/{patient(at + 1)}")[n // len(nurses)]
        wanted.append((path, nurses[at].cookies if path != "/console" else {SCREEN: ward.screens[at + 1]}))
    return wanted


async def _pull(ward: Ward, nurse: Client, page: Page, n: int, seen: dict[str, list[float]], folder: Path) -> None:
    """One dose. She begins it, looks at its page, pulls the drawer; what comes after is not timed."""
    wanted = orders(0)
    begun = await nurse.post(f"/console/patients/{patient(0)}/pulls", seen=n, order=[wanted[n % len(wanted)]], noticed=True)
    assert begun.to is not None, begun.body
    await page.goto(f"{ward.url}{begun.to}")
    await page.locator("html[data-heard]").wait_for(state="attached")
    pocket = re.findall(r"D-\d\d-\d-\d", await page.inner_text("#live_place"))[0]
    (folder / "before.html").write_text(await page.inner_html("#live_task"))
    (folder / "pull.html").write_bytes((await nurse.get(begun.to)).body)
    offset, error = await _clock(page)
    said = len(ward.steel.said)
    drawer = pocket[:6]
    await ward.hand(do="open", drawer=drawer, wait_s=20)
    at = await _painted(page)
    (folder / "after.html").write_text(await page.inner_html("#live_task"))
    reported, before = _reported(ward.steel.said, said)
    seen["ours"].append((at + offset - reported) * 1000)
    seen["error"].append(error * 1000)
    seen["apart"].append((reported - before) * 1000)
    assert (await nurse.post(f"{begun.to}/taken", quantity=1)).status == 200
    await ward.hand(do="take", pocket=pocket)
    await ward.hand(do="shut", drawer=drawer)
    await page.get_by_text("Done. Recorded.").wait_for()


async def _painted(page: Page, *, taken: bool = True) -> float:
    """Seconds of the page's clock at which "Taken" was on the glass; or was there no more."""
    async with asyncio.timeout(LATER_S):
        at: float = await page.evaluate(SHOWN, taken)
    return at / 1000


def _reported(said: list[str], after: int) -> tuple[float, float]:
    """When the first answer came in which a drawer's switch is no longer shut, and that board's answer before it."""
    articles: dict[tuple[str, int], tuple[bool, ...]] = {}
    for number, line in enumerate(said):
        if not line.startswith("{"):
            continue
        told = json.loads(line)
        with contextlib.suppress(FrameError):
            status = host.decode(bytes.fromhex(told["frame"]))
            if not isinstance(status, Status):
                continue
            known = articles.get((told["link"], status.board), status.articles)
            if number >= after and any(was and not is_ for was, is_ in zip(known, status.articles, strict=True)):
                return told["at"], told["before"]
            articles[told["link"], status.board] = status.articles
    raise SystemExit("no board has reported the drawer")


async def _clock(page: Page) -> tuple[float, float]:
    """What is added to the page's seconds to have the machine's, and the most by which that is wrong."""
    best = (0.0, float("inf"))
    for _ in range(QUESTIONS):
        began = time.monotonic()
        now: float = await page.evaluate("performance.now()") / 1000
        ended = time.monotonic()
        if (ended - began) / 2 < best[1]:
            best = ((began + ended) / 2 - now, (ended - began) / 2)
    return best


# --- the floor


async def _pushes(chromium: Browser, url: str, push: Any, seen: dict[str, list[float]]) -> None:
    async with _context(chromium) as context:
        await context.add_init_script(WATCH)
        page = await context.new_page()
        await page.goto(url)
        await page.locator("html[data-heard]").wait_for(state="attached")
        for n in range(WARM + SAMPLES):
            offset, _ = await _clock(page)
            await page.evaluate("window.painted = []")
            began = time.monotonic()
            push()
            at = await _painted(page)
            if n >= WARM:
                seen["floor"].append((at + offset - began) * 1000)
            await page.evaluate("window.painted = []")
            push()  # and back to what stood there before
            await _painted(page, taken=False)


@contextlib.asynccontextmanager
async def _bare(folder: Path) -> AsyncIterator[tuple[int, Any]]:
    async with running("benchmarks.console_floor", str(folder)) as process:
        assert process.stdout is not None
        port = int(await process.stdout.readline())

        def push() -> None:
            assert process.stdin is not None
            process.stdin.write(b"next\n")

        yield port, push


@contextlib.asynccontextmanager
async def _listening(port: int, wanted: list[tuple[str, dict[str, str]]]) -> AsyncIterator[None]:
    async with running("benchmarks.console_streams", str(port)) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{json.dumps(wanted)}\n".encode())
        async with asyncio.timeout(LATER_S):
            assert await process.stdout.readline() == b"listening\n"
        yield


@contextlib.asynccontextmanager
async def running(*module: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A module of these benches that runs until its stdin is closed."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *module, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    try:
        yield process
    finally:
        process.stdin.close()
        await process.wait()


# --- the browser


@contextlib.asynccontextmanager
async def _context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    width, height = SCREENS["15.6in"]
    context = await chromium.new_context(viewport={"width": width, "height": height}, has_touch=True, locale="en")
    context.set_default_timeout(LATER_S * 1000)
    yield context
    await context.close()


@contextlib.asynccontextmanager
async def _terminal(chromium: Browser, ward: Ward) -> AsyncIterator[tuple[Page, Client]]:
    """A page of the browser that is the first console, with its nurse logged in; and a client that is the same browser."""
    async with _context(chromium) as context:
        await context.add_init_script(WATCH)
        page = await context.new_page()
        await page.goto(f"{ward.url}/console/enrol#{ward.screens[0]}")
        await page.wait_for_url(f"{ward.url}/console")
        assert await page.evaluate(LOG_IN, {"who": named(0), "pin": PIN}) == 200
        client = Client(ward.port, {cookie["name"]: cookie["value"] for cookie in await context.cookies()})
        yield page, client
        client.close()


async def _visit(chromium: Browser, url: str, paints: list[float], sizes: list[float]) -> None:
    """A new browser, as far as its cache knows."""
    async with _context(chromium) as context:
        page = await context.new_page()
        wire = await context.new_cdp_session(page)
        loaded: list[float] = []
        wire.on("Network.loadingFinished", lambda told: loaded.append(told["encodedDataLength"]))
        await wire.send("Network.enable")
        await page.goto(url, wait_until="load")
        paints.append(await page.evaluate(FIRST))
        await page.locator("html[data-heard]").wait_for(state="attached")
        sizes.append(sum(loaded) / 1000)
