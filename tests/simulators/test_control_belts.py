"""The control API's part for belts over real HTTP: what hands do, what is true, and what each refusal names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from simulators.__main__ import controlled
from tests.simulators.belts import belt_house
from tests.simulators.test_control import Stage


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    house = belt_house(("length_mm = 700", "speed_mm_s = 2000, length_mm = 700"))
    async with controlled(house, None, "127.0.0.1", 0) as url, Stage(base_url=url, timeout=10) as stage:
        stage.house = house
        yield stage
    house.clear()


async def test_a_container_is_put_on_comes_along_and_is_taken_off() -> None:
    async with staged() as stage:
        put = await stage.told("POST", "/belts/hands", json={"do": "put", "body": "T-1", "zone": "in", "code": "tote 1"})
        assert [one["what"] for one in put["passages"]] == ["put", "entered", "motor_runs"]
        query = {"what": "eye_blocked", "place": "pack", "wait_s": 9}
        (came,) = (await stage.told("GET", "/passages", params=query))["passages"]
        assert (came["place"], came["what"]) == ("pack", "eye_blocked")
        assert (await stage.told("GET", "/passages", params={"what": "read"}))["passages"][0]["body"] == "T-1"
        true = await stage.told("GET", "/truth/belts")
        assert true["bodies"]["T-1"] == {
            "zone": "pack", "front_mm": 650.0, "rear_zone": "pack", "rear_mm": 350.0, "mm_s": 0.0,
            "code": "tote 1", "held": False, "caught": False,
        }  # fmt: skip
        assert true["zones"]["pack"] == {"runs": False, "mm_s": 0.0, "eye": True, "before_eye": ["T-1"]}
        assert true["gates"] == {"gate": {"where": 0.0, "driven": False}}
        await stage.told("POST", "/belts/hands", json={"do": "put", "body": "T-2", "zone": "lane"})
        await stage.told("POST", "/belts/hands", json={"do": "hold", "body": "T-2"})
        assert (await stage.told("GET", "/truth/belts"))["bodies"]["T-2"]["held"] is True
        await stage.told("POST", "/belts/hands", json={"do": "let-go", "body": "T-2"})
        swapped = await stage.told("POST", "/belts/hands", json={"do": "swap", "body": "T-1", "other": "T-2"})
        assert [one["place"] for one in swapped["passages"] if one["what"] == "swapped"] == ["lane", "pack"]
        await stage.told("POST", "/belts/hands", json={"do": "take", "body": "T-2"})
        assert list((await stage.told("GET", "/truth/belts"))["bodies"]) == ["T-1"]


async def test_the_stop_button_and_faults() -> None:
    async with staged() as stage:
        assert await stage.told("POST", "/conveyors/module-a/stop-button", json={"pressed": True}) == {"stops": [8]}
        assert (await stage.told("GET", "/truth/belts"))["modules"] == {"module-a": {"stops": [8]}, "module-b": {"stops": [5]}}
        stage.house.conveyors["module-b"].write_word(19, 2)
        assert stage.house.conveyors["module-a"].stops == {8}, "it is still pressed"
        assert await stage.told("POST", "/conveyors/module-a/stop-button", json={"pressed": False}) == {"stops": [8]}
        stage.house.conveyors["module-b"].write_word(19, 2)
        assert (await stage.told("GET", "/truth/belts"))["modules"]["module-b"] == {"stops": []}
        await stage.told("POST", "/faults", 201, json={"kind": "dead-motor", "zone": "in"})
        await stage.told("POST", "/faults", 201, json={"kind": "reboot", "board": "module-b", "seconds": 0.1})
        assert stage.house.conveyors["module-b"].stands


NOT_SO: list[tuple[str, str, dict[str, Any] | None, int, str, str]] = [
    ("POST", "/belts/hands", {"do": "kick"}, 422, "do", "'put', 'take', 'swap', 'hold', 'let-go'"),
    ("POST", "/belts/hands", {"do": "put", "body": "T", "zone": "X"}, 404, "zone", "there is no zone X; this site has fork, in"),
    ("POST", "/belts/hands", {"do": "put", "body": "T", "zone": "in", "length_mm": 5}, 422, "length_mm", "10"),
    ("POST", "/belts/hands", {"do": "put", "body": "T", "zone": "in", "front_mm": 100}, 409, "front_mm", "from 300"),
    ("POST", "/belts/hands", {"do": "put", "body": "T", "zone": "in", "code": "a\rb"}, 409, "code", "suffix"),
    ("POST", "/belts/hands", {"do": "take", "body": "T"}, 404, "body", "no container T"),
    ("POST", "/belts/hands", {"do": "swap", "body": "T", "other": "U"}, 404, "body", "no container T"),
    ("POST", "/conveyors/X/stop-button", {"pressed": True}, 404, "id", "no belt module X; this site has module-a"),
    ("POST", "/conveyors/module-a/stop-button", {"pressed": 1}, 422, "pressed", "boolean"),
    ("POST", "/faults", {"kind": "stuck-eye", "zone": "X", "blocked": True}, 404, "zone", "no zone X"),
    ("POST", "/faults", {"kind": "stuck-gate", "diverter": "X"}, 404, "diverter", "no diverter X; this site has gate"),
    ("POST", "/faults", {"kind": "no-read", "reader": "X"}, 404, "reader", "no reader X; this site has reader"),
    ("GET", "/passages?what=x", None, 422, "what", "'put'"),
]


async def test_every_refusal_names_its_field_and_changes_nothing() -> None:
    async with staged() as stage:
        for method, path, body, status, field, what in NOT_SO:
            said = await stage.refused(method, path, status, json=body)
            assert what in said[field], (method, path, body, said)
        assert stage.house.belts.log.passages == []


async def test_whoever_still_waits_is_answered_at_the_end() -> None:
    async with staged() as stage, asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(stage.told("GET", "/passages", params={"wait_s": 600}))
        while not stage.house.belts.log._waiting:
            await asyncio.sleep(0)
        assert await stage.told("GET", "/passages", params={"wait_s": 0.01}) == {"passages": []}
        stage.house.clear()
        async with asyncio.timeout(5):
            assert await waiting == {"passages": []}
