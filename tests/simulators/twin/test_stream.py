"""The stream: what changes comes at once, what does not comes never, and it holds nobody up."""

from __future__ import annotations

import asyncio
import re

import httpx

from simulators.house import House
from tests.simulators.small import small_site
from tests.simulators.twin.stage import PHARMACY, house_of, played, ward_with, watched


async def test_a_drawer_is_unlocked_by_bytes_pulled_and_shut_and_each_comes_as_a_part() -> None:
    house = ward_with()
    async with played(house) as url, watched(url) as stream:
        await stream.until("cabinet-C-1", 'aria-label="Drawer D-03, shut"')
        end = await house.dial("lockbus")
        end.write(bytes.fromhex("02 02 31 03 38"))  # devices.md 2.2: unlock lock 3 of board 0
        await stream.until("cabinet-C-1", 'aria-label="Drawer D-03, unlocked"')
        assert "<strong>D-03</strong> is unlocked" in stream.parts["hands"]
        assert "frame 02 02 31 03 38" in stream.parts["story"]
        async with httpx.AsyncClient(base_url=url) as client:
            await client.post("/hands", json={"do": "open", "drawer": "D-03"})
            await stream.until("hands", "Drawer D-03, open, from above")
            assert "fentanyl citrate 100 micrograms" in stream.parts["hands"]
            before = house.plant.pockets["D-03-1"].quantity
            await client.post("/hands", json={"do": "take", "pocket": "D-03-1", "quantity": 2})
            fentanyl = "fentanyl citrate 100 micrograms solution for injection"
            await stream.until("hands", f"Pocket D-03-1, {fentanyl}, {before - 2} in it")
            await client.post("/hands", json={"do": "shut", "drawer": "D-03"})
        await stream.until("cabinet-C-1", 'aria-label="Drawer D-03, shut')
        assert "Drawer D-03, open" not in stream.parts["hands"]
        end.close()
    assert {"cabinet-C-1", "hands", "story", "links", "faults", "wire", "weather", "record", "scales"} == stream.came[0]
    assert all("scales" not in came for came in stream.came[1:]), "what has not changed does not come again"


async def test_what_no_log_tells_of_comes_with_the_act_and_a_fault_that_is_over_with_the_next_beat() -> None:
    async with played(House(small_site())) as url, watched(url) as stream, httpx.AsyncClient(base_url=url) as client:
        await stream.until("scales", "bears 0 g")
        await client.post("/scales/scale/load", json={"grams": "12.5"})
        await stream.until("scales", "bears 12.5 g")
        await client.post("/faults", json={"kind": "unplug", "link": "lockbus", "seconds": 0.3})
        await stream.until("links", "Plug in the cable of lockbus")
        assert "unplug: lockbus" in stream.parts["faults"]
        await stream.until("links", "Pull the cable of lockbus")
        await stream.until("faults", "Nothing is wrong")
        jam = (await client.post("/faults", json={"kind": "jam", "drawer": "A-02"})).json()["id"]
        await stream.until("cabinet-A", "Drawer A-02, shut, fault jam")
        await client.delete(f"/faults/{jam}")
        await stream.until("cabinet-A", 'aria-label="Drawer A-02, shut"')


async def test_the_wire_is_shown_in_both_directions_with_words_and_without_what_repeats() -> None:
    house = House(small_site())
    async with played(house) as url, watched(url, wire="lockbus") as calm, watched(url, wire="lockbus", repeats=True) as all_of_it:
        await calm.until("wire", "No bytes yet")
        end = await house.dial("lockbus")
        for _ in range(3):
            end.write(bytes.fromhex("02 00 30 03 35"))
            await end.read()
        end.write(bytes.fromhex("02 01 31 03 37"))
        for stream, asked in ((calm, 1), (all_of_it, 3)):
            told = await stream.until("wire", "02 01 31 03 37")
            assert "unlock, board 0, lock 2" in told
            assert told.count("02 00 30 03 35") == asked
            assert told.count("status query, board 0") == asked
            assert told.count("← station") == asked
        end.close()


async def test_another_wire_says_nothing_here_and_an_unknown_one_is_named() -> None:
    house = House(small_site())
    async with played(house) as url, watched(url, wire="scan") as stream:
        await stream.until("wire", "No bytes yet")
        end, far = await house.dial("scan"), await house.dial("lockbus")
        far.write(bytes.fromhex("02 00 30 03 35"))
        await far.read()
        far.close()
        house.scanners["gun"].scan("hello")
        assert "02 00 30" not in await stream.until("wire", "hello")
        end.close()
        async with httpx.AsyncClient(base_url=url) as client:
            answer = await client.get("/twin/stream", params={"wire": "nothing"})
            assert answer.status_code == 404
            assert answer.json()["errors"][0]["field"] == "wire"


async def test_it_beats_while_nothing_happens_and_ends_with_the_run() -> None:
    async with asyncio.TaskGroup() as tasks:
        over = asyncio.Event()

        async def look(url: str) -> None:
            async with watched(url) as stream:
                while len(stream.beats) < 2:
                    await stream.next()
                over.set()
                while await stream.next() is not None:
                    pass
                assert len(set(stream.beats)) == 1
                assert len(stream.came) == 1

        async with played(House(small_site())) as url:
            looking = tasks.create_task(look(url))
            await over.wait()
        assert await looking is None


async def test_a_page_that_has_gone_is_forgotten() -> None:
    house = House(small_site())
    async with played(house) as url:
        watchers = house.plant.truth._watchers
        async with watched(url) as stream:
            await stream.next()
            assert len(watchers) == 1
        while watchers:
            await asyncio.sleep(0)


async def test_totes_are_drawn_as_they_ride() -> None:
    house = house_of(PHARMACY)
    async with played(house) as url, watched(url) as stream, httpx.AsyncClient(base_url=url) as client:
        await client.post("/totes/hands", json={"do": "place", "tote": "T-1", "at": "load-robot"})
        seen = set[str]()
        async with asyncio.timeout(10):
            while len(seen) < 5:
                await stream.next()
                seen |= set(re.findall(r'translate\(([0-9.]+ [0-9.]+)\)"><rect data-body="T-1"', stream.parts.get("belts", "")))
        await stream.until("totes", "belt:A1")
        assert "T-1 enters" in await stream.until("story", "T-1 enters")
        assert "Hold" in stream.parts["totes"]
        await client.post("/belts/hands", json={"do": "hold", "body": "T-1"})
        await stream.until("totes", "Let go")
        await stream.until("belts", "HELD")


async def test_a_robot_brings_a_pack_and_its_gripper_is_drawn_on_the_way() -> None:
    house = house_of(PHARMACY)
    async with played(house) as url, watched(url) as stream, httpx.AsyncClient(base_url=url) as client:
        await client.post("/robots/R1/hands", json={"do": "order", "output": "2", "article": "acetaminophen-325"})
        await stream.until("rack-R1", "the gripper holds acetaminophen 325 mg tablet")
        where = set(re.findall(r'class="grip holds" x="([0-9.-]+)"', stream.parts["rack-R1"]))
        async with asyncio.timeout(15):
            while "Take all" not in stream.parts["robot-R1"]:
                await stream.next()
                where |= set(re.findall(r'class="grip[^"]*" x="([0-9.-]+)"', stream.parts["rack-R1"]))
        assert "Counter: 1 (acetaminophen 325 mg tablet)" in stream.parts["robot-R1"]
        assert len(where) > 1
        await client.post("/robots/R1/hands", json={"do": "open-door"})
        await stream.until("robot-R1", "stopped: door open")
        await stream.until("robot-R1", "Clear a jam")
        await client.post("/gantries/arm/hands", json={"do": "lay", "place": "G-01", "lot": "N", "expiry": "2031-01-01"})
        await stream.until("story", "gantry arm put G-01/13 at G-01")
