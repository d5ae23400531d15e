"""A site file with a robot: the house has it, in memory and as a process with a TCP port, built as the file says."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from simulators.house import House
from sites.models import Site
from tests.kit import virtual_loop
from tests.simulators.pis import HELLO, Pis
from tests.simulators.small import small, written
from tests.simulators.test_process import free_port, played
from tests.simulators.test_robot_clauses import ordered, status

ROBOT: dict[str, Any] = {
    "id": "robot",
    "driver": "wwks2",
    "link": "picker",
    "number": 998,
    "outputs": [
        {"id": "counter", "number": 1, "name": "Counter", "holds": 2},
        {"id": "totes", "number": 4, "name": "Totes", "box_holds": 3},
    ],
    "belts": [
        {"id": "belt", "length_mm": 600, "speed_mm_per_s": 200},
        {"id": "hatch", "starts": "told"},
        {"id": "feeder", "starts": "fed"},
    ],
    "rack": {"columns": 4, "shelves": 5, "packs_deep": 2, "refrigerated_columns": 1, "x_speed_mm_per_s": 1000},
}


def tables(port: int = 6050) -> dict[str, Any]:
    """The small site, and a robot."""
    site = small()
    site["links"]["picker"] = {"url": f"tcp://127.0.0.1:{port}", "protocol": "wwks2"}
    return site | {"robots": [ROBOT]}


def test_the_house_has_the_robot_that_the_file_describes() -> None:
    async def play() -> None:
        house = House(Site.model_validate(tables()))
        make = house.robots["robot"].robot.steel.make
        assert (make.geometry.bays, make.geometry.packs_deep, make.geometry.cold_columns) == (20, 2, 1)
        assert [(one.id, one.starts, one.belt_s) for one in make.inputs] == [
            ("belt", "itself", 3.0), ("hatch", "told", 8.0), ("feeder", "fed", 8.0),
        ]  # fmt: skip
        assert [(one.id, one.capacity, one.boxes, one.box_capacity) for one in make.outputs] == [
            ("1", 2, False, 1), ("4", 40, True, 3),
        ]  # fmt: skip
        assert make.axes.along.speed == 1000
        pis = Pis(await house.dial("picker"))
        assert (await pis.hello())[0].get("Id") == "998"
        house.robots["robot"].hands.lay("belt", house.robots["robot"].robot.new_pack("A1", "4711"))
        asked = await pis.until("InputRequest")
        assert asked.find("InputComponent").get("Id") == "belt"  # type: ignore[union-attr]
        assert 3.0 < asyncio.get_running_loop().time() < 3.1
        begin = '<InitiateInputRequest Id="5" Source="{me}" Destination="998"><Details InputSource="2"/>'
        begun = await pis.ask(begin + '<Article><Pack ScanCode="1"/></Article></InitiateInputRequest>')
        assert status(begun) == "Accepted"
        house.clear()

    virtual_loop.run(play())


def test_a_robot_without_belts_has_one() -> None:
    site = tables()
    site["robots"] = [{key: value for key, value in ROBOT.items() if key != "belts"}]

    async def play() -> None:
        assert list(House(Site.model_validate(site)).robots["robot"].robot.steel.inputs) == ["1"]

    virtual_loop.run(play())


@pytest.mark.processes
def test_a_process_serves_it_on_tcp_and_its_control_api_plays_it(tmp_path: Path) -> None:
    port, relays = free_port(), free_port()
    links = small(tmp_path, relays)["links"] | tables(port)["links"]
    links = {id: link | {"url": link["url"].replace("/tmp/galenic-test", str(tmp_path))} for id, link in links.items()}
    links["relays"]["url"] = f"tcp://127.0.0.1:{relays}"
    file = written(tmp_path, relays, links=links, robots=[ROBOT])
    with played(file) as here:
        assert here.links["picker"] == {"protocol": "wwks2", "url": f"tcp://127.0.0.1:{port}", "boards": []}
        here.ask("POST", "/robots/robot/packs", json={"article": "A1", "scan_code": "4711", "count": 2})
        with socket.create_connection(("127.0.0.1", port), 10) as one, socket.create_connection(("127.0.0.1", port), 10) as two:
            for number, client in ((100, one), (101, two)):
                say(client, HELLO.format(number, ""))
                assert "<HelloResponse " in hear(client, 1)
            say(one, ordered(688, 2).replace("{me}", "100"))
            assert 'Status="Queued"' in hear(one, 1)
            told = here.ask("GET", "/robots/robot/moves", params={"pack": 1, "what": "moved", "wait_s": 20})["moves"]
            assert told[0]["reached"] == "gripper"
            assert here.ask("GET", "/robots/robot")["clients"] == [100, 101]


def say(client: socket.socket, message: str) -> None:
    client.sendall(f'<WWKS Version="2.0" TimeStamp="2026-01-05T08:00:00Z">{message}</WWKS>'.encode())


def hear(client: socket.socket, messages: int) -> str:
    data = b""
    while data.count(b"</WWKS>") < messages:
        data += client.recv(65536)
    return data.decode()
