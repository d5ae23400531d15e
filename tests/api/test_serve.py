"""The daemon itself: how it begins, what keeps it from it, and that it ends in order with a stream still open."""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

import sites
from api import serve, state
from controller.clock import Clock
from controller.ledger.ledger import SqliteLedger
from tests.api.test_user import ADA, Desk

SITE = Path(sites.__file__).parent / "ward.toml"
ROOT = Path(sites.__file__).parents[1]


@contextmanager
def running(state: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A daemon, and where it listens."""
    command = [sys.executable, "-c", "from api.cli.main import main; main()", "run", str(SITE)]
    process = subprocess.Popen(
        [*command, "--listen", "127.0.0.1:0", "--state", str(state)], stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stderr is not None
    try:
        address = ""
        while "http://" not in address:
            address = process.stderr.readline()
            assert address, "it ended before it listened"
        yield process, "http://" + address.partition("http://")[2].strip()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_a_taken_or_senseless_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        assert serve.run(SITE, [f"127.0.0.1:{taken.getsockname()[1]}"], tmp_path, False) == 73
    assert serve.run(SITE, ["127.0.0.1:web"], tmp_path, False) == 73
    assert serve.run(SITE, ["127.0.0.1:70000"], tmp_path, False) == 73
    assert serve.run(SITE, ["nowhere.invalid:1"], tmp_path, False) == 73
    assert capsys.readouterr().err.count("cannot listen at") == 4
    assert list(tmp_path.iterdir()) == [], "nothing else was begun"


def test_with_exit_on_error_it_ends_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[station]\n")
    assert serve.run(tmp_path / "bad.toml", ["127.0.0.1:0"], tmp_path / "state", True) == 65
    assert not (tmp_path / "state").exists()
    (tmp_path / "state").mkdir()
    path = tmp_path / "state" / state.LEDGER
    other = SqliteLedger.open(path, clock=Clock(), simulated=True, station="ward-4-east", thread=False)
    try:
        assert serve.run(SITE, ["127.0.0.1:0"], tmp_path / "state", True) == 74
    finally:
        other.abandon()


def test_a_lost_pepper_is_said_and_nothing_moves(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.begin()
    (desk.state / "pepper").unlink()
    assert serve.run(SITE, ["127.0.0.1:0"], desk.state, True) == 74
    with running(desk.state) as (process, address):
        health = httpx.get(f"{address}/v1/health").json()
        assert (health["status"], health["reasons"][0]["code"]) == ("halted", "pepper-missing")
        assert httpx.get(f"{address}{health['reasons'][0]['type']}").status_code == 200
        assert httpx.get(f"{address}/v1/station").json()["code"] == "no-station"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in {0, 74}
    (desk.state / "pepper").write_bytes(b"short")
    assert serve.run(SITE, ["127.0.0.1:0"], desk.state, True) == 74


def test_from_the_first_run_to_the_end_with_a_stream_still_open(tmp_path: Path) -> None:
    """Made at the command line, used over REST; a stop closes the stream, ends with 0 and says so in the ledger."""
    desk = Desk(tmp_path)
    desk.begin()
    terminal = desk.run("terminal", "add", "med-room").strip()
    with running(desk.state) as (process, address):
        begin = {"who": ADA["id"], "pin": ADA["pin"]}
        token = httpx.post(f"{address}/v1/sessions", json=begin, headers={"Galenic-Terminal": terminal}).json()["token"]
        headers = {"Authorization": f"Bearer {token}", "Galenic-Terminal": terminal}
        busy = desk.run("add", "--from", "-", told={"id": "x", "name": "X", "roles": "nurse", "pin": "260481"}, code=75)
        assert "an administrator uses /v1/people" in busy
        with httpx.stream("GET", f"{address}/v1/events", headers=headers, timeout=10) as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith(":")
            process.send_signal(signal.SIGTERM)
            for _ in lines:
                pass
        assert process.wait(10) == 0
    ledger = SqliteLedger.open(desk.state / state.LEDGER, clock=Clock(), simulated=True, station="ward-4-east", thread=False)
    rows = ledger.read(0, 1000)
    ledger.abandon()
    assert rows[-1].kind == "station.stopped"
    people = [(row.kind, json.loads(row.body)["person"]) for row in rows if row.kind in {"person.added", "session.opened"}]
    assert people == [("person.added", "ada"), ("session.opened", "ada")]


async def test_what_only_holds_itself_is_found_by_the_clock_and_not_in_the_middle_of_work() -> None:
    class Ring:
        itself: Ring

    serve.lay_by()
    gc.disable()
    try:
        ring = Ring()
        ring.itself, left = ring, weakref.ref(ring)
        del ring
        assert left() is not None
        async with asyncio.timeout(20 * serve.YOUNG_S):
            while left() is not None:
                await asyncio.sleep(serve.YOUNG_S / 10)
    finally:
        gc.enable()
        gc.unfreeze()
