"""The control API over real HTTP: every route, and what each refusal names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import httpx
import pytest

from simulators.__main__ import controlled
from simulators.house import House
from simulators.people import Habits, People
from sites.data import StockLot
from tests.simulators.small import small_site

STOCK = [
    StockLot(pocket="A-01-1", lot="L1", expiry=date(2031, 2, 28), quantity=5),
    StockLot(pocket="A-01-1", lot="L0", expiry=date(2030, 12, 31), quantity=2),
]


class Stage(httpx.AsyncClient):
    """A client of one house's control API."""

    house: House

    async def told(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self.request(method, path, **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, status: int, **more: Any) -> dict[str, str]:
        """The fields that a refusal names, and what it says of each."""
        told = await self.told(method, path, status, **more)
        assert list(told) == ["errors"]
        return {one["field"]: one["what"] for one in told["errors"]}


@asynccontextmanager
async def of(house: House, people: People | None = None) -> AsyncIterator[Stage]:
    """A client of this house's control API."""
    async with controlled(house, people, "127.0.0.1", 0) as url, Stage(base_url=url, timeout=10) as stage:
        stage.house = house
        yield stage


@asynccontextmanager
async def staged(*, hands: bool = False) -> AsyncIterator[Stage]:
    house = House(small_site(), STOCK)
    people = People(house.plant, 1, Habits(pull_s=(0, 0.1), work_s=(0, 0.1))) if hands else None
    async with of(house, people) as stage, asyncio.TaskGroup() as tasks:
        coming = tasks.create_task(people.run()) if people else None
        yield stage
        if coming:
            coming.cancel()
    house.clear()


async def test_truth_is_told_of_everything_of_a_drawer_and_of_a_pocket() -> None:
    async with staged() as stage:
        lots = [{"lot": "L1", "expiry": "2031-02-28", "quantity": 5}, {"lot": "L0", "expiry": "2030-12-31", "quantity": 2}]
        pocket = {"id": "A-01-1", "drawer": "A-01", "quantity": 7, "lots": lots}
        assert await stage.told("GET", "/truth/pockets/A-01-1") == pocket
        empty = {"id": "A-01-2", "drawer": "A-01", "quantity": 0, "lots": []}
        drawer = {"latched": True, "shut": True, "driven": False, "pockets": [pocket, empty]}
        assert await stage.told("GET", "/truth/drawers/A-01") == drawer
        whole = await stage.told("GET", "/truth")
        assert list(whole) == ["at", "edges", "drawers", "links", "scales", "gantries"]
        assert whole["drawers"]["A-01"] == drawer
        assert list(whole["drawers"]) == ["A-01", "A-02", "A-03", "R-01", "R-02", "R-03", "R-04", "S-01"]
        assert whole["links"]["relays"] == {"plugged": True, "connections": 0}
        assert whole["scales"] == {"scale": {"grams": "0", "stable": True}}


async def test_hands_open_take_put_and_shut() -> None:
    async with staged() as stage:
        stage.house.plant.drawers["A-01"].free("pulse")
        opened = await stage.told("POST", "/hands", json={"do": "open", "drawer": "A-01"})
        assert [edge["what"] for edge in opened["edges"]] == ["opened"]
        took = await stage.told("POST", "/hands", json={"do": "take", "pocket": "A-01-1", "quantity": 3})
        assert took["took"] == [
            {"lot": "L0", "expiry": "2030-12-31", "quantity": 2},
            {"lot": "L1", "expiry": "2031-02-28", "quantity": 1},
        ]
        assert (took["did"], took["drawer"], took["left"]) == ("take", "A-01", 4)
        assert [(edge["lot"], edge["quantity"]) for edge in took["edges"]] == [("L0", 2), ("L1", 1)]
        body = {"do": "put", "pocket": "A-01-2", "lot": "L7", "expiry": "2031-05-31", "quantity": 6}
        assert (await stage.told("POST", "/hands", json=body))["now"] == 6
        shut = await stage.told("POST", "/hands", json={"do": "shut", "drawer": "A-01"})
        assert shut["latched"] is True
        assert [edge["what"] for edge in shut["edges"]] == ["shut", "latched"]
        assert (await stage.told("GET", "/truth/pockets/A-01-2"))["quantity"] == 6


async def test_a_hand_waits_for_the_latch_and_a_reader_for_an_edge() -> None:
    async with staged() as stage, asyncio.TaskGroup() as tasks:
        pulled = tasks.create_task(stage.told("POST", "/hands", json={"do": "open", "drawer": "A-01", "wait_s": 5}))
        query = {"what": "opened", "drawer": "A-01", "wait_s": 5}
        seen = tasks.create_task(stage.told("GET", "/edges", params=query))
        assert await stage.told("GET", "/edges", params=query | {"wait_s": 0.05}) == {"edges": []}
        stage.house.plant.drawers["A-02"].force()
        stage.house.plant.drawers["A-01"].free("pulse")
        assert [(edge["drawer"], edge["what"]) for edge in (await seen)["edges"]] == [("A-01", "opened")]
        assert (await pulled)["did"] == "open"
        every = (await stage.told("GET", "/edges"))["edges"]
        assert [edge["number"] for edge in every] == [1, 2, 3, 4]
        assert (await stage.told("GET", "/edges", params={"after": 2}))["edges"] == every[2:]
        assert (await stage.told("GET", "/edges", params={"after": 1, "limit": 2}))["edges"] == every[1:3]
        assert (await stage.told("GET", "/truth"))["edges"] == 4


async def test_a_pulse_is_told_with_the_frame_that_asked_for_it() -> None:
    async with staged() as stage:
        end = await stage.house.dial("lockbus")
        end.write(bytes.fromhex("02 00 31 03 36"))
        (pulse,) = (await stage.told("GET", "/edges", params={"what": "pulse", "wait_s": 5}))["edges"]
        del pulse["at"]
        assert pulse == {
            "number": 1, "what": "pulse", "drawer": "A-01", "cause": "pulse",
            "board": "cu16-0", "channel": 1, "frame": "02 00 31 03 36",
        }  # fmt: skip
        end.close()


async def test_faults_are_planted_listed_and_lifted() -> None:
    async with staged() as stage:
        planted = await stage.told("POST", "/faults", 201, json={"kind": "stuck-latch", "drawer": "A-01"})
        assert planted == {"id": 1, "kind": "stuck-latch", "drawer": "A-01", "stuck": "engaged"}
        (listed,) = (await stage.told("GET", "/faults"))["faults"]
        assert listed.pop("since") > 0
        assert listed == planted
        assert stage.house.plant.drawers["A-01"].ails.latch is True
        again = await stage.refused("POST", "/faults", 409, json={"kind": "stuck-latch", "drawer": "A-01"})
        assert again == {"kind": "fault 1 is stuck-latch there already; lift it first"}
        await stage.told("DELETE", "/faults/1", 204)
        assert stage.house.plant.drawers["A-01"].ails.latch is None
        assert await stage.refused("DELETE", "/faults/1", 404) == {"id": "there is no fault 1 in force; this site has none"}
        assert await stage.told("GET", "/faults") == {"faults": []}


async def test_a_scan_a_load_and_the_test_button() -> None:
    async with staged() as stage:
        scanner, balance = await stage.house.dial("scan"), await stage.house.dial("balance")
        shot = {"scanner": "gun", "data": "0105415062303238\x1d10L1", "aim": "]d2"}
        assert await stage.told("POST", "/scans", 202, json=shot) == {"scanned": shot["data"]}
        async with asyncio.timeout(5):
            assert await scanner.read() == b"]d20105415062303238\x1d10L1\r"
            assert await stage.told("POST", "/scales/scale/load", json={"grams": "12.5"}) == {"grams": "12.5"}
            balance.write(b"S\r\n")
            assert await balance.read() == b"S S      12.50 g\r\n", "after it has come to rest"
        assert (await stage.told("GET", "/truth"))["scales"]["scale"] == {"grams": "12.5", "stable": True}
        stage.house.boards["cu16-0"].pulse_ms = 100  # type: ignore[union-attr]
        assert (await stage.told("POST", "/boards/cu16-0/presses", json={"times": 9}))["pulse_ms"] == 100
        pressed = await stage.told("POST", "/boards/cu16-0/presses", json={})
        assert pressed == {"pulse_ms": 550, "delay_s": 0, "baud": 19200}


async def test_hints_reach_the_people() -> None:
    async with staged(hands=True) as stage:
        for body in (
            {"do": "put", "pocket": "A-02-1", "lot": "L9", "expiry": "2031-05-31", "quantity": 4},
            {"do": "take", "pocket": "A-01-1", "quantity": 2, "lot": "L1"},
            {"do": "look", "pocket": "A-01-1"},
        ):
            assert await stage.told("POST", "/hands/hints", 202, json=body) == {"hinted": body["pocket"]}
        for drawer, what, quantity in (("A-01", "taken", 2), ("A-02", "put", 4)):
            stage.house.plant.drawers[drawer].free("pulse")
            (edge,) = (await stage.told("GET", "/edges", params={"what": what, "wait_s": 9}))["edges"]
            assert (edge["drawer"], edge["quantity"]) == (drawer, quantity)
        assert await stage.refused("POST", "/hands/hints", 422, json={"do": "put", "pocket": "A-01-1", "lot": "L"}) == {
            "expiry": "Field required"
        }
        assert "no pocket X" in (await stage.refused("POST", "/hands/hints", 404, json={"do": "look", "pocket": "X"}))["pocket"]


NOT_SO: list[tuple[str, str, dict[str, Any] | None, int, str, str]] = [
    ("GET", "/truth/drawers/X", None, 404, "drawer", "there is no drawer X; this site has A-01, A-02"),
    ("GET", "/truth/pockets/X", None, 404, "pocket", "there is no pocket X"),
    ("GET", "/edges?after=-1", None, 422, "after", "greater than or equal to 0"),
    ("GET", "/edges?limit=0", None, 422, "limit", "greater than or equal to 1"),
    ("GET", "/edges?what=x", None, 422, "what", "'pulse', 'pulse_end'"),
    ("GET", "/edges?wait_s=601", None, 422, "wait_s", "less than or equal to 600"),
    ("POST", "/hands", {}, 422, "do", "discriminator"),
    ("POST", "/hands", {"do": "kick"}, 422, "do", "'open', 'shut', 'take', 'put'"),
    ("POST", "/hands", {"do": "open"}, 422, "drawer", "required"),
    ("POST", "/hands", {"do": "open", "drawer": "A-01", "fast": True}, 422, "fast", "not permitted"),
    ("POST", "/hands", {"do": "open", "drawer": "A-01", "wait_s": 601}, 422, "wait_s", "600"),
    ("POST", "/hands", {"do": "open", "drawer": "X"}, 404, "drawer", "no drawer X"),
    ("POST", "/hands", {"do": "open", "drawer": "A-01"}, 409, "drawer", "its latch holds it"),
    ("POST", "/hands", {"do": "open", "drawer": "A-02"}, 409, "drawer", "open already"),
    ("POST", "/hands", {"do": "shut", "drawer": "A-01"}, 409, "drawer", "it is shut already"),
    ("POST", "/hands", {"do": "shut", "drawer": "X"}, 404, "drawer", "no drawer X"),
    ("POST", "/hands", {"do": "take", "pocket": "A-01-1"}, 409, "pocket", "drawer A-01 is shut"),
    ("POST", "/hands", {"do": "take", "pocket": "A-02-1"}, 409, "quantity", "holds 0, not 1"),
    ("POST", "/hands", {"do": "take", "pocket": "A-02-1", "lot": "L"}, 409, "lot", "no lot L in pocket A-02-1"),
    ("POST", "/hands", {"do": "take", "pocket": "A-02-1", "quantity": 1.5}, 422, "quantity", "integer"),
    ("POST", "/hands", {"do": "take", "pocket": "A-02-1", "quantity": 0}, 422, "quantity", "greater"),
    ("POST", "/hands", {"do": "put", "pocket": "A-02-1", "lot": "", "expiry": "2031-01-31"}, 422, "lot", "at least 1"),
    ("POST", "/hands", {"do": "put", "pocket": "A-02-1", "lot": "L", "expiry": "soon"}, 422, "expiry", "pattern"),
    ("POST", "/hands", {"do": "put", "pocket": "X", "lot": "L", "expiry": "2031-01-31"}, 404, "pocket", "no pocket X"),
    ("POST", "/hands/hints", {"do": "look", "pocket": "A-01-1"}, 409, "hands", "start with --hands auto"),
    ("POST", "/hands/hints", {"do": "open", "pocket": "A-01-1"}, 422, "do", "'take', 'put', 'look'"),
    ("POST", "/faults", {"kind": "gremlin"}, 422, "kind", "'stuck-latch', 'stuck-sensor'"),
    ("POST", "/faults", {"kind": "stuck-latch"}, 422, "drawer", "required"),
    ("POST", "/faults", {"kind": "stuck-latch", "drawer": "X"}, 404, "drawer", "no drawer X"),
    ("POST", "/faults", {"kind": "stuck-sensor", "drawer": "A-01", "sensor": "door", "shows": True}, 422, "sensor", "'latch'"),
    ("POST", "/faults", {"kind": "late", "link": "lockbus", "seconds": -1}, 422, "seconds", "greater"),
    ("POST", "/faults", {"kind": "lose", "link": "lockbus", "count": 0}, 422, "count", "greater"),
    ("POST", "/faults", {"kind": "unplug", "link": "X"}, 404, "link", "no link X; this site has balance, lockbus"),
    ("POST", "/faults", {"kind": "reboot", "board": "X"}, 404, "board", "no board X"),
    ("POST", "/faults", {"kind": "creep", "scale": "X", "grams": 1}, 404, "scale", "no scale X"),
    ("DELETE", "/faults/7", None, 404, "id", "no fault 7 in force"),
    ("DELETE", "/faults/x", None, 422, "id", "integer"),
    ("POST", "/scans", {"scanner": "X", "data": "1"}, 404, "scanner", "there is no scanner X; this site has gun"),
    ("POST", "/scans", {"scanner": "gun", "data": ""}, 422, "data", "at least 1"),
    ("POST", "/scans", {"scanner": "gun", "data": "1", "aim": "QR"}, 422, "aim", "pattern"),
    ("POST", "/scans", {"scanner": "gun", "data": "12\r3"}, 409, "data", "suffix"),
    ("POST", "/scales/X/load", {"grams": 1}, 404, "id", "there is no scale X; this site has scale"),
    ("POST", "/scales/scale/load", {"grams": -1}, 422, "grams", "greater"),
    ("POST", "/scales/scale/load", {"grams": "heavy"}, 422, "grams", "decimal"),
    ("POST", "/boards/relay-t/presses", {}, 404, "id", "there is no CU16 board relay-t; this site has cu16-0, cu16-1"),
    ("POST", "/boards/cu16-0/presses", {"times": 21}, 422, "times", "20"),
    ("GET", "/nothing", None, 404, "path", "Not Found"),
    ("PUT", "/truth", None, 405, "method", "Not Allowed"),
]


async def test_every_refusal_names_its_field_and_changes_nothing() -> None:
    async with staged() as stage:
        stage.house.plant.drawers["A-02"].force()
        before = await stage.told("GET", "/truth")
        for method, path, body, status, field, what in NOT_SO:
            said = await stage.refused(method, path, status, json=body)
            assert what in said[field], (method, path, body, said)
        after = await stage.told("GET", "/truth")
        assert before | {"at": 0} == after | {"at": 0}
        assert await stage.told("GET", "/faults") == {"faults": []}


async def test_what_is_no_json_is_refused() -> None:
    async with staged() as stage:
        said_json = {"content-type": "application/json"}
        for body, headers in ((b"{", said_json), (b"[]", said_json), (b'{"do": "shut", "drawer": "A-01"}', {})):
            assert "body" in await stage.refused("POST", "/hands", 422, content=body, headers=headers), body


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1.evil.example:80", ""])
async def test_another_host_s_name_is_refused_on_every_path(host: str) -> None:
    async with staged() as stage:
        for path in ("/truth", "/openapi.json"):
            assert "Host" in await stage.refused("GET", path, 421, headers={"host": host})
        port = stage.base_url.port
        await stage.told("GET", "/truth", headers={"host": f"localhost:{port}"})


async def test_whoever_still_waits_is_answered_at_the_end() -> None:
    async with staged() as stage, asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(stage.told("GET", "/edges", params={"wait_s": 600}))
        pulling = tasks.create_task(stage.refused("POST", "/hands", 409, json={"do": "open", "drawer": "A-01", "wait_s": 600}))
        while len(stage.house.plant.truth._waiting) < 2:
            await asyncio.sleep(0)
        stage.house.clear()
        async with asyncio.timeout(5):
            assert await waiting == {"edges": []}
            assert await pulling == {"drawer": "drawer A-01 does not open: its latch holds it"}
