"""What is read at a terminal is told to that terminal's pages, touches whoever has work there, and does nothing by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from controller.terminals import AtTerminal, Badge, Scanned
from controller.workflows import pull
from drivers.faults import Refused
from sites.models import Site
from tests.acceptance.ward import scan_of, ward_data, ward_site
from tests.kit.station import World, simulated_station
from tests.kit.virtual_loop import run


def two_terminals() -> Site:
    """The little ward with a scanner, two badge readers and a sensor at the desk, and a badge reader and a sensor at the cart."""
    site = ward_site(idle_s=60, count_wait_s=3600).model_dump(mode="json")
    devices = ("gun", "badge-1", "badge-2", "badge-3", "radar-1", "radar-2")
    site["links"] |= {id: {"url": f"serial:/dev/{id}", "protocol": "scanner-lines"} for id in devices}
    site["scanners"] = [{"id": id, "driver": "scanner-lines", "link": id} for id in devices]
    site["terminals"] = [
        {
            "id": "desk",
            "name": "Desk",
            "scanner": "gun",
            "readers": ["badge-1", "badge-2"],
            "presence": {"sensor": "radar-1", "says": "ON"},
        },
        {"id": "cart", "name": "Cart", "readers": ["badge-3"], "presence": {"sensor": "radar-2"}},
    ]
    return Site.model_validate(site)


def in_the_ward(story: Callable[[World], Awaitable[None]]) -> None:
    async def play() -> None:
        async with simulated_station(two_terminals(), data=ward_data()) as world:
            await world.settled("A-01")
            await story(world)

    run(play())


async def shoot(world: World, scanner: str, data: str, aim: str | None = None) -> None:
    world.house.scanners[scanner].scan(data, aim)
    await asyncio.sleep(0.5)


def test_codes_and_badges_are_told_at_their_own_terminal_and_nowhere_else() -> None:
    async def story(world: World) -> None:
        desk: list[AtTerminal] = []
        cart: list[AtTerminal] = []
        end = world.station.terminals.watch("desk", desk.append)
        world.station.terminals.watch("cart", cart.append)
        last = world.ledger.head[0]
        code = scan_of("amoxicillin-500")
        await shoot(world, "gun", code[3:], code[:3])
        await shoot(world, "badge-2", "77001")
        await shoot(world, "badge-3", "B-7")
        assert desk == [Scanned("desk", code), Badge("desk", "77001")]
        assert cart == [Badge("cart", "B-7")]
        assert "77001" not in repr(desk)
        assert world.ledger.head[0] == last, "nothing happens by it"
        end()
        end()
        await shoot(world, "badge-1", "77001")
        assert len(desk) == 2
        with pytest.raises(Refused, match="terminal-unknown"):
            world.station.terminals.watch("attic", desk.append)

    in_the_ward(story)


def test_no_badge_stands_in_the_wire_log_or_the_ledger() -> None:
    async def story(world: World) -> None:
        await shoot(world, "badge-1", "77001")
        await shoot(world, "gun", "12345")
        wirelog = world.station.devices.wirelog
        [line] = wirelog.lines("badge-1")
        assert line.endswith("< 00 00 00 00 00 00  6 bytes, not kept")
        assert wirelog.lines("gun")[0].endswith("12345")
        assert not any(b"77001" in row.body for row in world.ledger.read(0, 1000))

    in_the_ward(story)


def test_a_page_that_fails_is_a_defect_of_its_own() -> None:
    async def story(world: World) -> None:
        def broken(_: AtTerminal) -> None:
            raise RuntimeError("a page")

        told: list[AtTerminal] = []
        world.station.terminals.watch("desk", broken)
        world.station.terminals.watch("desk", told.append)
        await shoot(world, "gun", "12345")
        assert told == [Scanned("desk", "12345")]
        [(_, body)] = world.rows("station.defect")
        assert body["work"] == "what was read at desk"

    in_the_ward(story)


def test_a_code_is_a_touch_of_who_has_work_there_and_a_badge_is_not() -> None:
    async def story(world: World) -> None:
        people = world.people
        nurse = await world.log_in("nurse")
        idle, away = await world.log_in("technician"), await world.log_in("pharmacist", terminal="cart")
        await pull.request(world.station, nurse, "p-1", {"order": "O-amox"})
        await world.until("drawer.unlocked")
        await world.plant.open("A-01", 5)
        await world.until("drawer.opened")
        await world.plant.shut("A-01")
        await asyncio.sleep(40)
        await shoot(world, "badge-1", "77001")
        before = people.idle_ends(nurse), people.idle_ends(idle), people.idle_ends(away)
        assert max(before) < 25
        await shoot(world, "gun", "12345")
        assert people.idle_ends(nurse) > 59
        assert people.idle_ends(idle) < before[1]
        assert people.idle_ends(away) < before[2]

    in_the_ward(story)


def test_whoever_stands_before_the_screen_is_not_idle_and_nobody_elses_screen_stays_open_by_it() -> None:
    async def story(world: World) -> None:
        people = world.people
        nurse, away = await world.log_in("nurse"), await world.log_in("pharmacist", terminal="cart")
        told: list[AtTerminal] = []
        world.station.terminals.watch("desk", told.append)
        await asyncio.sleep(40)
        await shoot(world, "radar-1", "OFF")
        assert people.idle_ends(nurse) < 25
        await shoot(world, "radar-1", "ON")
        assert people.idle_ends(nurse) > 59
        assert people.idle_ends(away) < 25
        await shoot(world, "radar-2", "anything")
        assert people.idle_ends(away) > 59
        await asyncio.sleep(70)
        await shoot(world, "radar-1", "ON")
        assert people.idle_ends(nurse) == 0, "a locked screen is opened by its owner alone"
        assert told == [], "it is no code and no badge"

    in_the_ward(story)
