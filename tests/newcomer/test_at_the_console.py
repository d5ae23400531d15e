"""What a newcomer judges at the console in the first fifteen minutes: checks 4, 5, 6, 7, 9, 17 and 19, in a real browser."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.console.asking import calling
from tests.console.stand import Stand, standing
from tests.console.visit import Visit, visit
from tests.kit.browser import Faults, NewContext, Screen, no_violations
from tests.newcomer.conftest import Says

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

pytestmark = [pytest.mark.processes, pytest.mark.timeout(60, func_only=True)]

FIRST_PAINT_MS, TAPS, TO_A_DRAWER_S, BACK_S, SAID_S, CLICKS = 300, 5, 20, 5, 2, 2
CUT = r"ERR_|Failed to load resource"
"""What Chromium writes of an answer that says no, and of a connection that ends."""
PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => {
  const first = list.getEntriesByName("first-contentful-paint")[0];
  if (first) done(first.startTime);
}).observe({ type: "paint", buffered: true }))"""
FOCUS = """() => {
  const at = document.activeElement;
  if (at === document.body) return ["", true];
  const { left, top, right, bottom } = at.getBoundingClientRect();
  const under = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const seen = getComputedStyle(at);
  const ring = (seen.outlineStyle !== "none" && parseFloat(seen.outlineWidth) >= 2) || seen.boxShadow !== "none";
  return [at.innerText || at.getAttribute("aria-label") || at.id, ring && (at.contains(under) || at.labels?.[0]?.contains(under))];
}"""
"""What has the focus, and whether an eye finds it: a ring around it, and nothing over it."""
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility() && !one.closest("svg, .unseen") &&
  getComputedStyle(one).overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1 && !one.closest(".wide")
).map((one) => `${one.tagName} ${one.className}: ${one.textContent.trim().slice(0, 40)}`).concat(
  document.documentElement.scrollWidth > innerWidth ? [`the page is ${document.documentElement.scrollWidth} wide`] : [])"""


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A ward whose controlled drawer complains after two seconds of standing open."""
    with standing(tmp_path_factory.mktemp("ward"), lambda text: text.replace("ajar_s = 30", "ajar_s = 2")) as ward:
        yield ward


def quiet() -> bool:
    """Whether the times, always printed, are held to limits: `GALENIC_QUIET=1` says that this machine does nothing else."""
    return os.environ.get("GALENIC_QUIET") == "1"


@pytest.mark.parametrize("screen", [Screen(822, 514), Screen(1920, 1080)], ids=str)
async def test_4_the_first_page(stand: Stand, new_context: NewContext, screen: Screen, says: Says) -> None:
    page = await (await new_context()).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(stand.url)
    painted = await page.evaluate(PAINTED)
    says(f"4: first paint at {screen.width} x {screen.height}", f"{painted:.0f} ms (load {os.getloadavg()[0]:.1f})")
    assert painted < FIRST_PAINT_MS or not quiet()
    await page.locator("html[data-heard]").wait_for(state="attached")
    assert [url for url in asked if not url.startswith(f"{stand.url}/")] == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_5_a_dose(stand: Stand, new_context: NewContext, says: Says) -> None:
    at = await visit(stand, await new_context())
    twin = await (await new_context(viewport={"width": 1305, "height": 734})).new_page()
    await twin.goto(f"http://{stand.run.control}/")
    began = time.monotonic()
    stand.control("/scans", {"scanner": "badge-1", "data": stand.run.badges["nina"]})
    await at.page.wait_for_url("**/console/pin")
    await at.keys(stand.run.pins["nina"])
    await at.page.wait_for_url("**/console/patients")
    await at.begin()
    await at.row("Abernathy, Rose")
    await at.press("metoprolol")
    drawer = await _named(at.page)
    await _in_twin(twin, drawer, "unlocked").wait_for()
    await twin.locator(f"#drawer-{drawer}").click()
    await _in_twin(twin, drawer, "open").wait_for()
    await at.page.get_by_role("button", name="Taken", exact=True).wait_for()
    took, taps = time.monotonic() - began, await at.touches()
    says("5: badge to an open drawer", f"{took:.1f} s, {taps} taps after the PIN (load {os.getloadavg()[0]:.1f})")
    assert taps <= TAPS
    assert took < TO_A_DRAWER_S or not quiet()
    await at.press("Taken")
    await at.page.get_by_text(f"Push drawer {drawer} shut").wait_for()
    await twin.locator(f"#drawer-{drawer}").click()
    await at.page.get_by_text("Done. Recorded.").wait_for()


async def test_6_saying_more_than_was_asked(stand: Stand, new_context: NewContext, faults: Faults, says: Says) -> None:
    faults.excuse(CUT)
    at = await visit(stand, await new_context())
    drawer = await _opened(at, "P-1003", "ibuprofen", noticed=True)
    await at.row("Something is different")
    await at.page.get_by_label("I took").fill("9")
    began = time.monotonic()
    await at.press("That is what I took")
    said = at.page.locator("#message .message-effect")
    await said.wait_for()
    says("6: saying more than was asked, until it is said what became of it", f"{time.monotonic() - began:.2f} s")
    assert time.monotonic() - began < SAID_S or not quiet()
    assert await said.inner_text() == "Nothing moved."
    assert await at.page.locator("#message .message-remedy").inner_text()
    await at.press("Understood")
    await at.row("Back")
    await at.press("Taken")
    await at.shuts(drawer)
    await at.page.get_by_text("Done. Recorded.").wait_for()


async def test_6_leaving_it_open(stand: Stand, new_context: NewContext, says: Says) -> None:
    at = await visit(stand, await new_context())
    drawer = await _opened(at, "P-1006", "fentanyl")
    began = time.monotonic()
    strip = at.page.locator(".alarm").filter(has_text=f"Drawer left open: {drawer}")
    await strip.wait_for()
    says("6: a drawer left open for two seconds, until it is said", f"{time.monotonic() - began:.2f} s")
    assert time.monotonic() - began < 2 + SAID_S or not quiet()
    assert await at.page.get_by_role("button", name="Taken", exact=True).is_visible()
    await stand.hand(do="take", pocket="D-03-1", quantity=1)
    await stand.hand(do="shut", drawer=drawer)
    await at.page.get_by_text("The drawer is shut. What did you take?").wait_for()
    await at.press("Taken")
    await at.keys(str(stand.pocket("D-03-1")))
    await at.press("This is my count")
    await at.page.get_by_text("Done. Recorded.").wait_for()


async def test_6_pulling_the_cable(stand: Stand, new_context: NewContext, says: Says) -> None:
    at = await visit(stand, await new_context())
    drawer = await _opened(at, "P-1004", "ondansetron")
    began = time.monotonic()
    cable = stand.control("/faults", {"kind": "unplug", "link": "lockbus"})
    await at.page.locator("#live_sensor").get_by_text("Its wire is away").wait_for()
    says("6: a pulled cable, until it is said", f"{time.monotonic() - began:.2f} s")
    assert time.monotonic() - began < SAID_S or not quiet()
    httpx.delete(f"http://{stand.run.control}/faults/{cable['id']}").raise_for_status()
    await at.page.locator("#live_sensor").get_by_text("Open").wait_for()
    await at.press("Taken")
    await at.shuts(drawer)
    await at.page.get_by_text("Done. Recorded.").wait_for()


async def test_7_killing_the_daemon(stand: Stand, new_context: NewContext, faults: Faults, says: Says) -> None:
    faults.excuse(CUT)
    at = await visit(stand, await new_context())
    drawer = await _opened(at, "P-1004", "pantoprazole")
    address = at.page.url
    stand.kill_daemon()
    await at.page.locator("html[data-lost]").wait_for(state="attached")
    began = time.monotonic()
    await asyncio.get_running_loop().run_in_executor(None, stand.start_daemon)
    await at.page.locator("html:not([data-lost])").wait_for(state="attached")
    await at.page.get_by_text("In doubt: nobody knows what was taken").wait_for()
    took = time.monotonic() - began
    says("7: a killed daemon, from its start to the same page in doubt", f"{took:.1f} s (load {os.getloadavg()[0]:.1f})")
    assert took < BACK_S or not quiet()
    assert at.page.url == address
    assert await at.page.get_by_text("Nina Okafor").is_visible()
    await stand.hand(do="shut", drawer=drawer)
    async with calling(stand, "cleo") as cleo:
        why = [one["unverified"] for one in await cleo.items("pockets") if one["drawer"] == drawer and one["unverified"]]
    assert why


async def test_9_the_bytes(stand: Stand, new_context: NewContext, says: Says) -> None:
    twin = await (await new_context(viewport={"width": 1305, "height": 734})).new_page()
    began = time.monotonic()
    await twin.goto(f"http://{stand.run.control}/")
    wire = twin.locator("#wire")
    await wire.get_by_text("→ device").first.wait_for()
    await wire.get_by_text("← station").first.wait_for()
    says("9: the bytes of both directions, in words and in hex, in the twin", f"{time.monotonic() - began:.1f} s, no click")
    assert re.search(r"\b[0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2}\b", await wire.inner_text())


async def test_9_the_bytes_at_the_console(stand: Stand, new_context: NewContext, says: Says) -> None:
    at = await visit(stand, await new_context())
    await stand.key_in(at.page, "emil")
    await at.page.wait_for_url("**/console/service")
    await at.begin()
    await at.row("lockbus")
    bytes_ = at.page.locator("#frames")
    for way in ("out", "in"):
        await bytes_.locator(f".wire-{way} code").first.wait_for()
    assert await at.page.get_by_role("button", name="Copy as hex").is_visible()
    says("9: the bytes at the console, from the engineer's first page", f"{await at.touches()} tap")
    assert await at.touches() <= CLICKS


async def test_17_health(stand: Stand, says: Says) -> None:
    began = time.monotonic()
    told = httpx.get(f"{stand.url}/v1/health").json()
    says("17: /v1/health", f"{(time.monotonic() - began) * 1000:.0f} ms, {told['status']}")
    assert told["status"] == "ok" or all(problem["remedy"] for problem in told["problems"])


async def test_19_language_theme_keyboard_and_zoom(stand: Stand, new_context: NewContext, says: Says) -> None:
    at = await visit(stand, await new_context())
    page, began = at.page, time.monotonic()
    for name, there in (("Español", "html[lang=es]"), ("English", "html[lang=en]"), ("Dark", "html[data-theme=night]")):
        await _tab(page, name)
        await page.keyboard.press("Enter")
        await page.locator(f"{there}[data-heard]").wait_for(state="attached")
    await _tab(page, "who")
    await page.keyboard.type("nina")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/pin?**")
    await page.keyboard.type(stand.run.pins["nina"], delay=100)
    await page.wait_for_url("**/console/patients")
    await _tab(page, "Ekström")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/patients/P-1005")
    await _tab(page, "furosemide")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/pulls/**")
    drawer = await at.opens()
    await page.get_by_role("button", name="Taken", exact=True).wait_for()
    await _tab(page, "Taken")
    await page.keyboard.press("Enter")
    await at.shuts(drawer)
    await page.get_by_text("Done. Recorded.").wait_for()
    await no_violations(page)
    says("19: language, theme and a dose by the keyboard alone", f"{time.monotonic() - began:.1f} s")
    assert await at.touches() == 0
    await page.set_viewport_size({"width": 411, "height": 257})
    for path in ("patients", "patients/P-1005", "patients/P-1003/notices?orders=O-5007", page.url.rpartition("/console/")[2]):
        await page.goto(f"{stand.url}/console/{path}")
        assert await page.evaluate(CUT_OFF) == [], path
        await no_violations(page)


async def _opened(at: Visit, patient: str, medicine: str, *, noticed: bool = False) -> str:
    """A nurse has logged in and pulled the drawer of one medicine. Its id."""
    await at.stand.key_in(at.page, "nina")
    await at.page.goto(f"{at.stand.url}/console/patients/{patient}")
    await at.press(medicine)
    if noticed:
        await at.press("I have read it: open")
    drawer = await at.opens()
    await at.page.get_by_role("button", name="Taken", exact=True).wait_for()
    return drawer


async def _named(page: Page) -> str:
    await page.get_by_text(re.compile(r"Drawer D-\d\d opens")).wait_for()
    named = re.search(r"D-\d\d", await page.locator("#live_place").inner_text())
    assert named is not None
    return named[0]


def _in_twin(twin: Page, drawer: str, state: str) -> Locator:
    """The drawer in the twin, while it is so."""
    return twin.get_by_role("button", name=re.compile(rf"^Drawer {drawer}, {state}\b"))


async def _tab(page: Page, name: str) -> None:
    """Goes on by Tab until what is called so has the focus, which is to be seen all the way."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        called, seen = await page.evaluate(FOCUS)
        assert seen, f"{called!r} has the focus, and nobody sees it"
        if called.strip().startswith(name):
            return
    raise AssertionError(f"no Tab leads to {name!r}")
