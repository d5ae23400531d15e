"""Somebody plays the cabinet in a real Chromium: what they do is what happens, and what they see is what is so."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from simulators.__main__ import controlled
from simulators.house import House
from tests.kit.browser import Faults, no_violations, settled
from tests.simulators.small import small_site
from tests.simulators.twin.stage import PHARMACY, WARD, house_of, played, ward_with, watched

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

pytestmark = pytest.mark.parametrize("screen", ["15.6in"])

UNLOCK_3 = "02 02 31 03 38"
"""Lock 3 of board 0 (devices.md 2.2)."""
NEAR = 0.01
REFUSED = r"console: Failed to load resource.*409"
"""Chromium says so of each refusal of the steel."""


def drawer(page: Page, id: str, state: str) -> Locator:
    """A drawer by the name that somebody hears who does not see it."""
    return page.get_by_role("button", name=f"Drawer {id}, {state}", exact=True)


async def reads(page: Page, text: str) -> None:
    """Waits until the page says of the last act what it should."""
    await page.get_by_role("status").filter(has_text=text).wait_for()


async def box(page: Page, selector: str) -> tuple[float, float, float, float]:
    """Where something is drawn, in CSS px: looked at in one moment, for what is drawn may be drawn anew in the next."""
    await page.locator(selector).first.wait_for()
    look = (
        "at => { const {x, y, width, height} = document.querySelector(at).getBoundingClientRect(); return [x, y, width, height]; }"
    )
    x, y, width, height = await page.evaluate(look, selector)
    return x, y, width, height


async def test_a_drawer_is_unlocked_by_real_bytes_pulled_by_a_click_emptied_and_shut(page: Page) -> None:
    house = house_of(WARD)
    async with played(house) as url:
        await page.goto(url)
        await drawer(page, "D-03", "shut").wait_for()
        end = await house.dial("lockbus")
        end.write(bytes.fromhex(UNLOCK_3))
        unlocked = drawer(page, "D-03", "unlocked")
        await unlocked.or_(drawer(page, "D-03", "unlocked, coil on")).wait_for()
        await page.get_by_text("D-03 is unlocked. Click it").wait_for()
        await page.locator("#wire").get_by_text("unlock, board 0, lock 3").wait_for()
        await page.locator("#drawer-D-03").click()
        await reads(page, "Drawer D-03 is pulled open.")
        assert not house.plant.drawers["D-03"].shut
        before = house.plant.pockets["D-03-2"].quantity
        await page.locator("#pocket-D-03-2").click()
        await page.get_by_label("How many").fill("3")
        await page.get_by_role("button", name="Take", exact=True).click()
        await reads(page, "3 taken out of D-03-2.")
        assert house.plant.pockets["D-03-2"].quantity == before - 3
        shown = f"Pocket D-03-2, morphine sulfate 10 mg solution for injection, {before - 3} in it"
        await page.get_by_role("button", name=shown).wait_for()
        assert await page.locator("#many-D-03").input_value() == "3", "what was typed stays when the drawer is drawn anew"
        await page.locator("#lot-D-03").fill("NEW1")
        await page.locator("#expiry-D-03").fill("2031-05-31")
        await page.get_by_role("button", name="Put in").click()
        await reads(page, "3 put into D-03-2, lot NEW1.")
        assert next(lot for lot in house.plant.pockets["D-03-2"].lots if lot.lot == "NEW1").quantity == 3
        await page.locator("#drawer-D-03").click()
        await reads(page, "Drawer D-03 is pushed home.")
        assert house.plant.drawers["D-03"].shut
        await page.get_by_text("Have the station unlock a drawer").wait_for()
        end.close()


async def test_what_steel_refuses_is_said_in_words(page: Page, faults: Faults) -> None:
    faults.excuse(REFUSED)
    async with played(house_of(WARD)) as url:
        await page.goto(url)
        await page.locator("#drawer-D-05").click()
        await reads(page, "Nothing moved: drawer D-05 does not open: its latch holds it.")
        await page.locator("#key-drawer").select_option("D-05")
        await page.get_by_role("button", name="Turn the key").click()
        await reads(page, "The key was turned at D-05: pull it now.")
        await page.locator("#drawer-D-05").click()
        await reads(page, "Drawer D-05 is pulled open.")
        await page.get_by_label("How many").fill("9999")
        await page.get_by_role("button", name="Take", exact=True).click()
        await reads(page, "Nothing moved: pocket D-05-1 holds")


async def test_a_click_is_not_lost_when_the_drawing_changes_under_the_finger(page: Page, faults: Faults) -> None:
    faults.excuse(REFUSED)
    house = house_of(WARD)
    async with played(house) as url, watched(url) as stream:
        await page.goto(url)
        x, y, width, height = await box(page, "#drawer-D-05")
        await page.mouse.move(x + width / 2, y + height / 2)
        await page.mouse.down()
        house.plant.drawers["D-02"].force()
        await stream.until("cabinet-C-1", "Drawer D-02, open")
        await settled(page)
        await page.mouse.up()
        await reads(page, "drawer D-05 does not open")
        await drawer(page, "D-02", "open").wait_for()


async def test_everything_is_done_with_the_keyboard_alone(page: Page) -> None:
    house = house_of(WARD)
    house.plant.drawers["D-01"].free("key")
    async with played(house) as url:
        await page.goto(url)
        await drawer(page, "D-01", "unlocked").wait_for()
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.id") == "drawer-D-01"
        await page.keyboard.press("Enter")
        await drawer(page, "D-01", "open").wait_for()
        assert await page.evaluate("document.activeElement.id") == "drawer-D-01", "the focus stays where it was"
        assert not house.plant.drawers["D-01"].shut
        await page.keyboard.press("Space")
        await drawer(page, "D-01", "shut").wait_for()


async def test_a_fault_has_a_switch_and_a_cable_is_pulled(page: Page) -> None:
    house = house_of(WARD)
    async with played(house) as url:
        await page.goto(url)
        await page.get_by_text("Nothing is wrong at the moment").wait_for()
        await page.locator("#fault-kind").select_option("jam")
        jam = page.locator("#fault-jam")
        await jam.get_by_label("drawer").select_option("D-02")
        await jam.get_by_role("button").click()
        await drawer(page, "D-02", "shut, fault jam").wait_for()
        assert house.plant.drawers["D-02"].ails.jammed is True
        await page.get_by_role("switch", name="jam: D-02").click()
        await drawer(page, "D-02", "shut").wait_for()
        assert house.plant.drawers["D-02"].ails.jammed is None
        await page.get_by_role("button", name="Pull the cable of lockbus").click()
        await page.get_by_role("switch", name="unplug: lockbus").wait_for()
        assert house.wires["lockbus"].plugged is False
        await page.get_by_role("button", name="Plug in the cable of lockbus").click()
        await page.get_by_role("button", name="Pull the cable of lockbus").wait_for()
        assert house.wires["lockbus"].plugged is True
        await page.get_by_role("slider", name="Lost").focus()
        await page.keyboard.press("End")
        await page.locator("#weather").get_by_text("lose 50.0 %").wait_for()
        assert next(iter(house.wires.values())).to_board.weather.lose == 0.5
        await page.locator("#scenario").select_option("forced")
        await page.locator("#scenarios [name=at-drawer]").select_option("D-07")
        await page.get_by_role("button", name="Play scenario").click()
        await reads(page, "1 of 3: D-07 is torn open.")
        await drawer(page, "D-07", "open").wait_for()
        await page.get_by_role("button", name="Play no further").click()
        await page.get_by_role("button", name="Play scenario").wait_for()
        assert '"drawer": "D-07", "kind": "force"' in await page.locator("#record-lines").inner_text()


async def test_a_code_is_shot_and_a_load_is_laid(page: Page) -> None:
    house = house_of(WARD)
    async with played(house) as url:
        end = await house.dial("scan")
        await page.goto(url)
        await page.get_by_label("A package from here").select_option(index=1)
        await page.get_by_role("button", name="Shoot").click()
        await reads(page, "Scanned with scanner-1.")
        assert (await end.read()).startswith(b"]d201")
        await page.get_by_label("Code, with <GS> for a separator").fill("A<GS>B")
        await page.get_by_label("Symbol").select_option("]C1")
        await page.get_by_role("button", name="Shoot").click()
        assert await end.read() == b"]C1A\x1dB\r"
        await page.get_by_label("Grams on the pan of scale-1").fill("7.25")
        await page.get_by_role("button", name="Lay it on").click()
        await page.get_by_text("bears 7.25 g").wait_for()
        assert str(house.scales["scale-1"].gross) == "7.25"
        end.close()


async def drawn(page: Page, house: House) -> dict[str, float]:
    """Draws the ward and compares every front with the site file's millimetres; the scale of each, in px per mm."""
    site = house.site
    async with played(house) as url:
        await page.goto(url)
        x0, y0, width, height = await box(page, "#cabinet-C-1 rect.steel")
        scale = width / site.cabinets[0].width_mm
        assert abs(height / site.cabinets[0].height_mm - scale) < NEAR * scale
        scales = {}
        for part in site.drawers:
            place = part.place
            assert place is not None
            x, y, w, h = await box(page, f"#drawer-{part.id}")
            told = (place.x_mm, place.y_mm, place.width_mm, place.height_mm)
            for seen, mm in zip((x - x0, y - y0, w, h), told, strict=True):
                assert abs(seen - mm * scale) <= max(NEAR * mm * scale, 0.5), (part.id, seen, mm * scale)
            scales[part.id] = w / place.width_mm
        return scales


async def test_the_drawing_agrees_with_the_site_file_within_a_hundredth_and_changes_with_it(page: Page) -> None:
    scales = await drawn(page, house_of(WARD))
    assert len(scales) == 24
    x, y, width, height = await box(page, "#drawer-D-01")
    await drawn(page, ward_with(place={"x_mm": 20, "y_mm": 60, "width_mm": 138, "height_mm": 108}))
    x2, y2, width2, height2 = await box(page, "#drawer-D-01")
    assert (round(x2), round(y2)) == (round(x), round(y))
    assert abs(width2 - width * 138 / 275) < 1
    assert abs(height2 - height * 108 / 215) < 1


async def test_pockets_are_drawn_in_the_site_files_proportions(page: Page) -> None:
    house = house_of(PHARMACY)
    house.plant.drawers["V-02"].force()
    async with played(house) as url:
        await page.goto(url)
        _, _, width, depth = await box(page, "#pocket-V-02-1")
        assert abs(width / depth - 200 / 300) < NEAR
        assert await page.get_by_text("out of V-02-1").count() == 0


@pytest.mark.parametrize("how", ["untouched", "played", "pharmacy", "without places"])
async def test_axe_finds_nothing(page: Page, how: str) -> None:
    house = House(small_site()) if how == "without places" else house_of(PHARMACY if how == "pharmacy" else WARD)
    async with played(house) as url:
        await page.goto(url)
        if how != "untouched":
            first, second, *_ = house.plant.drawers
            house.plant.drawers[first].force()
            house.plant.drawers[second].free("key")
            await drawer(page, first, "open").wait_for()
            await page.get_by_role("button", name="Pull the cable of lockbus").click()
            await page.get_by_role("switch").wait_for()
        if how == "pharmacy":
            await page.get_by_role("button", name="Put it there").click()
            await page.locator("#belts").get_by_text("T-1").wait_for(state="attached")
        await no_violations(page)


async def test_a_tote_is_put_on_and_rides(page: Page) -> None:
    house = house_of(PHARMACY)
    async with played(house) as url:
        await page.goto(url)
        await page.get_by_role("button", name="Put it there").click()
        await reads(page, "Tote T-1 stands at load-robot.")
        began = await box(page, "rect[data-body='T-1']")
        await page.locator("#totes").get_by_text("at belt:A1").wait_for()
        assert (await box(page, "rect[data-body='T-1']"))[0] > began[0]
        await page.locator("#hold-T-1").click()
        await page.get_by_role("button", name="Let go").wait_for()
        assert house.belts.bodies["T-1"].held


async def test_a_dead_simulator_greys_the_page_and_another_run_is_shown_anew(page: Page, faults: Faults) -> None:
    async with AsyncExitStack() as stack:
        first = House(small_site())
        url = await stack.enter_async_context(controlled(first, None, "127.0.0.1", 0))
        await page.goto(url)
        await drawer(page, "A-01", "shut").wait_for()
        await stack.aclose()
        first.clear()
        async with asyncio.timeout(5):
            await page.get_by_role("alert").filter(has_text="The simulators do not answer").wait_for()
        assert await page.locator("main").get_attribute("inert") is not None
        second = House(small_site())
        second.plant.drawers["A-02"].force()
        port = int(url.rpartition(":")[2])
        await stack.enter_async_context(controlled(second, None, "127.0.0.1", port))
        await drawer(page, "A-02", "open").wait_for()
        assert await page.locator("main").get_attribute("inert") is None
    second.clear()
    faults.seen[:] = [fault for fault in faults.seen if "net::ERR_" not in fault]  # Chromium may say that nobody was there


async def test_a_hidden_page_closes_its_stream_and_looks_again_when_it_is_shown(page: Page) -> None:
    house = House(small_site())
    async with played(house) as url:
        await page.goto(url)
        await drawer(page, "A-01", "shut").wait_for()
        streams = house.plant.truth._watchers
        assert len(streams) == 1
        hide = "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
        hide += " document.dispatchEvent(new Event('visibilitychange')); }"
        await page.evaluate(hide, True)
        async with asyncio.timeout(10):
            while streams:
                await settled(page)
        house.plant.drawers["A-01"].force()
        await page.evaluate(hide, False)
        await drawer(page, "A-01", "open").wait_for()
