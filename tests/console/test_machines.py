"""Robots, gantries, belts and pick lists of a pharmacy, live before a pharmacist's eyes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.console.asking import Caller, calling
from tests.console.pharmacy import Pharmacy, dispensing
from tests.kit.browser import no_violations

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = pytest.mark.timeout(120)

LIST = {
    "revision": 1,
    "lines": [
        {"n": 1, "item": "atorvastatin-40", "quantity": 10},
        {"n": 2, "item": "senna-8", "quantity": 10},
        {"n": 3, "item": "ceftriaxone-1g", "quantity": 9_000},
    ],
}
"""A line for the robot, one for the gantry, and one that stays short."""


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pharmacy]:
    """A pharmacy that stands while these tests run."""
    with dispensing(tmp_path_factory.mktemp("pharmacy")) as pharmacy:
        yield pharmacy


async def _goes_to(page: Page, stand: Pharmacy, path: str) -> None:
    await page.goto(f"{stand.url}/console/{path}")
    await page.locator("main").wait_for()


async def test_belts_stop_and_start_and_show_what_rest_shows(stand: Pharmacy, terminal: Page) -> None:
    await stand.log_in(terminal, "petra")
    await _goes_to(terminal, stand, "line")
    line: dict[str, Any] = stand.rx("GET", "line")
    assert await terminal.locator("li[data-place]").count() == len(line["places"])
    for part in (*line["modules"], *line["gates"], *line["readers"]):
        assert await terminal.get_by_role("rowheader", name=part["id"], exact=True).count() == 1
    await no_violations(terminal)
    await terminal.get_by_role("button", name="Stop the belts").click()
    start = terminal.get_by_role("button", name="Start the belts: I have looked")
    await start.wait_for()
    assert all(module["stopped"] for module in stand.rx("GET", "line")["modules"])
    assert await terminal.get_by_role("button", name="Stop the belts").is_enabled(), "some may run before all do"
    await no_violations(terminal)
    await start.click()
    await start.wait_for(state="detached")
    assert not any(module["stopped"] for module in stand.rx("GET", "line")["modules"])


async def test_a_gantry_is_homed_stopped_and_settled_by_who_stands_there(stand: Pharmacy, terminal: Page) -> None:
    await stand.log_in(terminal, "petra")
    await _goes_to(terminal, stand, "gantries/arm")
    await no_violations(terminal)
    await terminal.get_by_role("button", name="Home it").click()
    await terminal.locator(".states").get_by_text("Homing").wait_for()
    await terminal.get_by_role("button", name="Stop it").click()
    await terminal.locator(".states").get_by_text("To be homed").wait_for()
    await terminal.get_by_role("button", name="Home it").click()
    await terminal.locator(".states").get_by_text("Ready").wait_for(timeout=60_000)  # as long as steel takes to its ends
    async with calling(stand, "petra") as petra:
        stand.rx("PUT", "pick-lists/shelf", {"revision": 1, "lines": [{"n": 1, "item": "senna-8", "quantity": 10}]})
        stand.control("/totes/hands", {"do": "place", "tote": "T-3", "at": "load-gantry"})
        await petra.send("PUT", "totes/T-3/place", {"list": "shelf", "at": "load-gantry"})
        await _cut_off_while_it_hands_over(petra, terminal)
        look = terminal.get_by_role("link", name="Look, and say what is in the tote").first
        await look.wait_for()
        await no_violations(terminal)
        (order,) = [one for one in (await petra.get("gantries/arm/orders"))["items"] if one["state"] == "in_doubt"]
        await look.click()
        await terminal.get_by_label("What you saw").fill("The tray was empty, and so is the tote")
        await no_violations(terminal)
        await terminal.get_by_role("button", name="That is what lies there").click()
        await terminal.wait_for_url("**/console/gantries/arm")
        settled = next(one for one in (await petra.get("gantries/arm/orders"))["items"] if one["id"] == order["id"])
        assert (settled["state"], settled["by"], settled["given"]) == ("settled", "petra", order["given"])
        await petra.until("gantries/arm", lambda told: (told["in_doubt"], told["state"]) == (0, "unhomed"))
    await terminal.get_by_text("It does not know where it stands.").wait_for()


async def _cut_off_while_it_hands_over(who: Caller, terminal: Page) -> None:
    """Until nobody knows where the pack is. A cable that was out before anything was sent leaves no doubt: then it begins again."""
    while True:
        await who.until("gantries/arm", lambda told: told["state"] == "handing_over")
        who.stand.control("/faults", {"kind": "unplug", "link": "arm", "seconds": 2})
        told = await who.until("gantries/arm", lambda told: told["state"] in {"in_doubt", "unhomed"})
        if told["state"] == "in_doubt":
            return
        await terminal.get_by_role("button", name="Home it").click()


async def test_a_gantry_that_hears_nothing_after_its_limit_switch_is_homed_from_its_page(stand: Pharmacy, terminal: Page) -> None:
    await stand.log_in(terminal, "petra")
    await _goes_to(terminal, stand, "gantries/arm")
    fault = stand.control("/faults", {"kind": "limit-switch", "gantry": "arm", "axis": "X", "shows": True})
    await terminal.locator(".states").get_by_text("Its wire is away").wait_for(timeout=30_000)
    assert httpx.delete(f"http://{stand.run.control}/faults/{fault['id']}").is_success
    await no_violations(terminal)
    await terminal.get_by_role("button", name="Home it").click()
    await terminal.locator(".states").get_by_text("Ready").wait_for(timeout=60_000)


async def test_who_may_not_home_a_gantry_or_start_belts_may_stop_both(stand: Pharmacy, terminal: Page) -> None:
    await stand.log_in(terminal, "avery")
    await _goes_to(terminal, stand, "gantries/arm")
    await terminal.get_by_role("button", name="Stop it").click()
    await terminal.locator(".states").get_by_text("To be homed").wait_for()
    assert await terminal.get_by_role("button", name="Home it").count() == 0
    await _goes_to(terminal, stand, "line")
    await terminal.get_by_role("button", name="Stop the belts").click()
    await terminal.locator(".states").get_by_text("Stopped").wait_for()
    assert await terminal.get_by_role("button", name="Start the belts: I have looked").count() == 0
    async with calling(stand, "petra") as petra:
        await petra.send("POST", "line/start", {})
        await petra.send("POST", "gantries/arm/home", {})
        await petra.until("gantries/arm", lambda told: told["state"] == "ready")


async def test_a_robot_is_taken_out_of_service_and_returned_and_the_station_says_so(stand: Pharmacy, terminal: Page) -> None:
    await stand.log_in(terminal, "petra")
    await _goes_to(terminal, stand, "robots/R1")
    await no_violations(terminal)
    await terminal.get_by_role("button", name="Take out of service").click()
    await terminal.get_by_text("takes no orders until").wait_for()
    assert stand.rx("GET", "robots/R1")["state"] == "out_of_service"
    await no_violations(terminal)
    await _goes_to(terminal, stand, "station")
    await terminal.locator(".needs").get_by_role("link", name=re.compile("Machine waits R1")).click()
    await terminal.get_by_role("button", name="Return to service").click()
    await terminal.locator(".states").get_by_text("Ready").wait_for()
    assert stand.rx("GET", "robots/R1")["state"] == "ready"


async def test_a_list_is_filled_by_the_robot_and_every_page_says_what_rest_says(stand: Pharmacy, terminal: Page) -> None:
    await stand.log_in(terminal, "petra")
    await _goes_to(terminal, stand, "lists")
    stand.rx("PUT", "pick-lists/morning", LIST)
    await terminal.get_by_role("button", name="1 new: show").click()
    await no_violations(terminal)
    await terminal.get_by_role("link", name="morning").click()
    told = stand.rx("GET", "pick-lists/morning")
    await no_violations(terminal)
    for line in told["lines"]:
        row = await terminal.locator(f'li[data-line="{line["n"]}"]').inner_text()
        assert f"{line['picked']} of {line['quantity']}" in row
        assert (f"{line['lacking']} lacking here" in row) == bool(line["lacking"])
    await _goes_to(terminal, stand, "robots")
    await no_violations(terminal)
    robot = stand.rx("GET", "robots/R1")
    row = await terminal.locator('a[data-machine="R1"]').inner_text()
    assert f"{robot['packs']} packs inside" in row
    async with calling(stand, "petra") as petra:
        stand.control("/totes/hands", {"do": "place", "tote": "T-1", "at": "load-robot"})
        await petra.send("PUT", "totes/T-1/place", {"list": "morning", "at": "load-robot"})
        await petra.until("pick-lists/morning", lambda told: told["lines"][0]["picked"] == 10)
        filled = await petra.get("pick-lists/morning")
    await _goes_to(terminal, stand, "throughput")
    await no_violations(terminal)
    robot = stand.rx("GET", "robots/R1")
    packs = sum(len(order["out"]) for order in stand.rx("GET", "robots/R1/picks")["items"])
    packs += sum(order["given"] for order in stand.rx("GET", "gantries/arm/orders")["items"])
    chart = terminal.locator("figure.charted").first
    await chart.get_by_text(f"{packs} in all").wait_for()
    await chart.get_by_text("The figures").click()
    figures = await chart.locator("tbody td").all_inner_texts()
    assert (len(figures), sum(map(int, figures))) == (24, packs)
    assert await chart.locator("rect.bar").count() == 24
    took = terminal.locator("figure.charted").last
    orders = len(stand.rx("GET", "robots/R1/picks")["items"])
    await took.get_by_text(f"{orders} in all").wait_for()
    await no_violations(terminal)
    await _goes_to(terminal, stand, "lists/morning")
    row = await terminal.locator('li[data-line="1"]').inner_text()
    assert f"{filled['lines'][0]['picked']} of 10" in row


async def test_what_a_robot_has_forgotten_is_settled_by_who_has_looked(stand: Pharmacy, terminal: Page) -> None:
    await stand.log_in(terminal, "petra")
    two = {"revision": 1, "lines": [{"n": 1, "item": "warfarin-5", "quantity": 20}]}
    stand.rx("PUT", "pick-lists/forgotten", two)
    async with calling(stand, "petra") as petra:
        stand.control("/totes/hands", {"do": "lift", "tote": "T-1"})
        stand.control("/totes/hands", {"do": "place", "tote": "T-2", "at": "load-robot"})
        await petra.send("PUT", "totes/T-2/place", {"list": "forgotten", "at": "load-robot"})
        asked = await petra.until("robots/R1", lambda told: told["orders"] > 0)
        assert asked["in_doubt"] == 0
        out = stand.control("/faults", {"kind": "unplug", "link": "robot"})["id"]
        await _goes_to(terminal, stand, "robots/R1")
        await terminal.locator(".states").get_by_text("Its wire is away").wait_for()
        await petra.until("robots/R1", lambda told: told["state"] == "down")
        while len(stand.control("/totes/T-2")["packs"]) < 2:
            await petra.get("robots/R1")
        stand.control("/faults", {"kind": "robot-forgets", "robot": "R1"})
        assert httpx.delete(f"http://{stand.run.control}/faults/{out}").is_success
        await petra.until("robots/R1", lambda told: told["in_doubt"] == 1 and told["state"] == "ready")
        await terminal.get_by_role("link", name="Settle the first doubt").wait_for()
        await no_violations(terminal)
        await terminal.get_by_role("link", name="Settle the first doubt").click()
        (order,) = [one for one in (await petra.get("robots/R1/picks"))["items"] if one["state"] == "in_doubt"]
        ticks = terminal.locator('input[type="checkbox"]')
        await ticks.first.wait_for()
        assert await ticks.evaluate_all("boxes => boxes.map((box) => box.value)") == order["suspects"]
        await no_violations(terminal)
        await ticks.first.check()
        await terminal.get_by_label("How many other packs").fill("0")
        await terminal.get_by_label("What you saw").fill("One lies in the tote, the other beside it")
        await terminal.get_by_role("button", name="That is what came out").click()
        await terminal.wait_for_url("**/console/robots/R1")
        settled = next(one for one in (await petra.get("robots/R1/picks"))["items"] if one["id"] == order["id"])
    came = [pack["pack"] for pack in settled["out"]]
    assert (settled["state"], settled["by"], came) == ("settled", "petra", order["suspects"][:1])
