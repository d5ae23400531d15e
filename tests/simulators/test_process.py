"""A real `python -m simulators`: what it prints, its bytes on real descriptors (written by hand from the papers), and its ends."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.__main__ import arguments, main
from tests.kit.programs import Program, program
from tests.simulators.small import STOCK, written

pytestmark = pytest.mark.processes

WITHIN_S = 10.0
ASK, FREE_1 = "02 00 30 03 35", "02 00 31 03 36"
AT_REST, A_01_FREE, A_01_OPEN = "02 00 35 03 00 03 00 03 40", "02 00 35 02 00 03 00 03 3f", "02 00 35 02 00 02 00 03 3e"


class Played:
    """A running process, what it printed, and a host's raw ends of its wires."""

    def __init__(self, running: Program) -> None:
        self.running = running
        told = json.loads(running.until("{", WITHIN_S))
        self.links: dict[str, dict[str, Any]] = told["links"]
        self.control = httpx.Client(base_url=told["control"], timeout=WITHIN_S)
        self._open: list[int] = []

    def serial(self, link: str) -> int:
        """A descriptor on a link's PTY, as a host opens it."""
        path = self.links[link]["url"].removeprefix("serial:").partition("?")[0]
        self._open.append(os.open(path, os.O_RDWR | os.O_NOCTTY))
        return self._open[-1]

    def tcp(self, link: str) -> int:
        """A descriptor of a connection to a link's port."""
        host, _, port = self.links[link]["url"].removeprefix("tcp://").partition(":")
        self._open.append(socket.create_connection((host, int(port)), WITHIN_S).detach())
        return self._open[-1]

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self.control.request(method, path, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def close(self) -> None:
        self.control.close()
        for descriptor in self._open:
            os.close(descriptor)


def heard(descriptor: int, count: int, within_s: float = WITHIN_S) -> bytes:
    """So many bytes, or what has come of them in that time."""
    data, deadline = b"", time.monotonic() + within_s
    while len(data) < count and select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
        arrived = os.read(descriptor, count - len(data))
        if not arrived:
            break
        data += arrived
    return data


def talk(descriptor: int, said: str, count: int = 9, within_s: float = WITHIN_S) -> str:
    """Says bytes, and gives what comes back."""
    os.write(descriptor, bytes.fromhex(said))
    return heard(descriptor, count, within_s).hex(" ")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def argv(site: Path, *flags: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "simulators", str(site), *flags)


@contextmanager
def played(site: Path, *flags: str) -> Iterator[Played]:
    with program(*argv(site, "--json", *flags)) as running:
        here = Played(running)
        try:
            yield here
        finally:
            here.close()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return written(tmp_path, free_port())


def links_in(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.is_symlink())


def test_it_says_where_it_listens_speaks_real_bytes_and_ends_when_told(site: Path) -> None:
    folder = site.parent
    with played(site, "--seed", "7") as here:
        assert here.links == {
            "lockbus": {"protocol": "kerong-cu16", "url": f"serial:{folder}/lockbus?baud=19200", "boards": [0, 1]},
            "relays": {"protocol": "modbus-tcp", "url": here.links["relays"]["url"], "boards": [1]},
            "relaybus": {"protocol": "modbus-rtu", "url": f"serial:{folder}/relaybus?baud=9600", "boards": [7]},
            "balance": {"protocol": "mt-sics", "url": f"serial:{folder}/balance?baud=9600", "boards": []},
            "scan": {"protocol": "scanner-lines", "url": f"serial:{folder}/scan?baud=9600", "boards": []},
        }
        assert links_in(folder) == ["balance", "lockbus", "relaybus", "scan"]

        locks, began = here.serial("lockbus"), time.monotonic()
        assert talk(locks, ASK) == AT_REST
        assert time.monotonic() - began > (5 + 9) * 10 / 19200, "bytes take their time"
        os.write(locks, bytes.fromhex(FREE_1))
        (pulse,) = here.ask("GET", "/edges", params={"what": "pulse", "wait_s": WITHIN_S})["edges"]
        assert (pulse["drawer"], pulse["frame"]) == ("A-01", FREE_1)
        here.ask("POST", "/hands", json={"do": "open", "drawer": "A-01", "wait_s": 5})
        assert talk(locks, ASK) == A_01_OPEN
        assert here.ask("POST", "/hands", json={"do": "take", "pocket": "A-01-1", "quantity": 2})["left"] == 3
        assert here.ask("GET", "/edges", params={"what": "pulse_end", "wait_s": WITHIN_S})["edges"], "a driven coil holds nothing"
        assert here.ask("POST", "/hands", json={"do": "shut", "drawer": "A-01"})["latched"] is True
        assert talk(locks, ASK) == AT_REST

        relays = here.tcp("relays")
        assert talk(relays, "00 01 00 00 00 06 01 02 00 00 00 08", 10) == "00 01 00 00 00 04 01 02 01 ff"
        flash = "00 02 00 00 00 06 01 05 02 01 00 07"
        assert talk(relays, flash, 12) == flash
        (free,) = here.ask("GET", "/edges", params={"what": "unlatched", "drawer": "R-02", "wait_s": WITHIN_S})["edges"]
        assert free["cause"] == "pulse"
        assert talk(relays, "00 03 00 00 00 06 01 02 00 00 00 08", 10) == "00 03 00 00 00 04 01 02 01 fb"
        assert talk(here.serial("relaybus"), "07 02 00 00 00 08 79 aa", 6) == "07 02 01 03 e1 01"

        scanner = here.serial("scan")
        here.ask("POST", "/scans", json={"scanner": "gun", "data": "0105415062303238\x1d10L1"})
        assert heard(scanner, 21) == b"0105415062303238\x1d10L1"[:21]
        assert heard(scanner, 1) == b"\r"
        balance = here.serial("balance")
        here.ask("POST", "/scales/scale/load", json={"grams": "12.50"})
        os.write(balance, b"S\r\n")
        assert heard(balance, 18) == b"S S      12.50 g\r\n"

        began = time.monotonic()
        here.running.process.send_signal(signal.SIGTERM)
        assert here.running.ends(2) == 0
        assert time.monotonic() - began < 2
        assert links_in(folder) == []
        assert len(here.running.said) == 1, here.running.said


def test_a_table_for_people_and_an_end_by_ctrl_c_while_somebody_waits(site: Path) -> None:
    with program(*argv(site)) as running:
        control = running.until("http://", WITHIN_S).split()[-1]
        lines = [line.split() for line in running.said]
        assert [line[:2] for line in lines] == [
            ["lockbus", "kerong-cu16"],
            ["relays", "modbus-tcp"],
            ["relaybus", "modbus-rtu"],
            ["balance", "mt-sics"],
            ["scan", "scanner-lines"],
            ["control", "http"],
        ]
        asked = b"GET /edges?wait_s=600 HTTP/1.1\r\nHost: localhost:1\r\n\r\nGET /truth HTTP/1.1\r\nHost: localhost:1\r\n\r\n"
        host, _, port = control.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), WITHIN_S) as waiting:
            waiting.sendall(asked[: asked.index(b"GET /truth")])
            assert httpx.get(f"{control}/truth").status_code == 200, "one who waits holds nobody up"
            running.process.send_signal(signal.SIGINT)
            assert running.ends(2) == 0
            assert waiting.recv(4096).endswith(b'{"edges":[]}')
    assert links_in(site.parent) == []
    assert running.said[6:] == []


def test_after_a_kill_it_starts_again_over_what_was_left(site: Path) -> None:
    with played(site) as here:
        here.running.process.kill()
        assert here.running.ends() == -signal.SIGKILL
    assert links_in(site.parent) == ["balance", "lockbus", "relaybus", "scan"]
    with played(site) as here:
        assert talk(here.serial("lockbus"), ASK) == AT_REST
        assert talk(here.tcp("relays"), "00 01 00 00 00 06 01 01 00 00 00 08", 10) == "00 01 00 00 00 04 01 01 01 00"


def test_a_second_one_at_the_same_place_is_refused_by_name(site: Path) -> None:
    with played(site) as first:
        with program(*argv(site)) as second:
            assert second.ends() == 73
            assert second.said == [f"links.lockbus.url: cannot listen at {first.links['lockbus']['url']}: Address already in use"]
        assert talk(first.serial("lockbus"), ASK) == AT_REST, "the first is as it was"


def test_a_taken_port_a_file_in_the_way_and_no_such_host_are_73(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = written(tmp_path, free_port())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert main([str(written(tmp_path, taken.getsockname()[1]))]) == 73
        assert capsys.readouterr().err == f"links.relays.url: cannot listen at tcp://{address}: Address already in use\n"
        assert links_in(tmp_path) == [], "what stood already is taken away again"
        assert main([str(written(tmp_path, free_port())), "--control", address]) == 73
    assert capsys.readouterr().err == f"--control: cannot listen at {address}: Address already in use\n"
    assert links_in(tmp_path) == []
    (tmp_path / "lockbus").write_text("mine")
    assert main([str(site)]) == 73
    assert capsys.readouterr().err == f"links.lockbus.url: cannot listen at serial:{tmp_path}/lockbus?baud=19200: File exists\n"
    assert (tmp_path / "lockbus").read_text() == "mine"
    (tmp_path / "lockbus").unlink()
    site.write_text(site.read_text().replace("tcp://127.0.0.1:", "tcp://nowhere.invalid:"))
    assert main([str(site)]) == 73
    assert capsys.readouterr().err.startswith("links.relays.url: cannot listen at tcp://nowhere.invalid:")
    assert links_in(tmp_path) == []


def test_a_wrong_site_file_is_65_with_every_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = written(tmp_path, 5020, scanners=[{"id": "gun", "driver": "scanner-line", "link": "scan"}])
    (tmp_path / "stock.toml").write_text(STOCK.replace("A-01-1", "Z-99-9"))
    assert main([str(site), "--json"]) == 65
    said = capsys.readouterr()
    assert said.out == ""
    assert "did you mean: scanner-lines" in said.err
    assert "Z-99-9" in said.err
    assert main([str(tmp_path / "nothing.toml")]) == 65
    assert "cannot be read: No such file or directory" in capsys.readouterr().err
    assert links_in(tmp_path) == []


@pytest.mark.parametrize(
    ("flags", "what"),
    [
        (["--control", "0.0.0.0:80"], "is not HOST:PORT with a host of 127.0.0.1 or localhost"),
        (["--control", "127.0.0.1:65536"], "is not HOST:PORT"),
        (["--control", "127.0.0.1"], "is not HOST:PORT"),
        (["--hands", "many"], "invalid choice"),
        (["--seed", "x"], "invalid int"),
        (["--fast"], "unrecognized arguments"),
    ],
)
def test_a_wrong_command_line_is_2(flags: list[str], what: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        arguments(["site.toml", *flags])
    assert what in capsys.readouterr().err


def test_faults_on_demand_arise_on_real_descriptors(site: Path) -> None:
    with played(site) as here:
        locks, relays = here.serial("lockbus"), here.tcp("relays")

        def fault(kind: str, **about: Any) -> int:
            return int(here.ask("POST", "/faults", json={"kind": kind, **about})["id"])

        stuck = fault("stuck-sensor", drawer="A-01", sensor="latch", shows=False)
        assert talk(locks, ASK) == A_01_FREE
        here.ask("DELETE", f"/faults/{stuck}")
        fault("lose", link="lockbus")
        assert talk(locks, ASK, 9, 0.2) == ""
        fault("duplicate", link="lockbus")
        assert talk(locks, ASK, 18) == f"{AT_REST} {AT_REST}"
        fault("garble", link="lockbus")
        garbled = bytes.fromhex(talk(locks, ASK))
        assert sum((a ^ b).bit_count() for a, b in zip(garbled, bytes.fromhex(AT_REST), strict=True)) == 1
        fault("late", link="lockbus", seconds=0.6)
        assert talk(locks, ASK, 9, 0.3) == ""
        assert heard(locks, 9) == bytes.fromhex(AT_REST)
        fault("reboot", board="cu16-0", seconds=0.3)
        assert talk(locks, ASK, 9, 0.1) == ""
        latch = fault("stuck-latch", drawer="R-01")
        flash = "00 02 00 00 00 06 01 05 02 00 00 07"
        assert talk(relays, flash, 12) == flash
        assert here.ask("GET", "/edges", params={"what": "pulse_end", "wait_s": WITHIN_S})["edges"][0]["drawer"] == "R-01"
        assert talk(relays, "00 03 00 00 00 06 01 02 00 00 00 08", 10) == "00 03 00 00 00 04 01 02 01 ff", "it did not move"
        here.ask("DELETE", f"/faults/{latch}")

        out = fault("unplug", link="relays")
        assert heard(relays, 1) == b""
        here.ask("DELETE", f"/faults/{out}")
        fault("unplug", link="lockbus")
        assert "lockbus" not in links_in(site.parent)
        assert heard(locks, 1) == b"", "hung up"
        with pytest.raises(OSError, match="Input/output error"):
            os.write(locks, b"x")
        assert here.ask("GET", "/truth")["links"]["lockbus"] == {"plugged": False, "connections": 0}
        here.running.process.terminate()
        assert here.running.ends(2) == 0
    assert links_in(site.parent) == []


def test_people_come_by_themselves(site: Path) -> None:
    with played(site, "--hands", "auto", "--seed", "3") as here:
        hint = {"do": "take", "pocket": "A-01-1", "quantity": 3}
        here.ask("POST", "/hands/hints", json=hint)
        os.write(here.serial("lockbus"), bytes.fromhex(FREE_1))
        taken = here.ask("GET", "/edges", params={"what": "taken", "wait_s": 20})["edges"]
        assert taken[0]["quantity"] == 3
        assert here.ask("GET", "/edges", params={"what": "latched", "wait_s": 20})["edges"]
