"""`galenic demo` as somebody meets it: started for real, its lines run by a shell, killed, stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket

import httpx
import pytest

from api.cli.demo_ward import free
from tests.api.cli.ward import Demo, demo
from tests.kit.programs import GALENIC, answers, galenic, program

pytestmark = [pytest.mark.processes, pytest.mark.timeout(90)]

PROBLEMS = {"pulls/never": "not-allowed", '"pin": "wrong"': "log-in-failed"}
"""Printed on purpose, so that their refusals are seen."""


def try_everything(ward: Demo) -> dict[str, str]:
    """Runs every printed line but the last in order; what each answered."""
    told = {}
    for line in ward.lines[:-1]:
        done = ward.run(line)
        assert done.returncode == 0, (line, done)
        told[line] = done.stdout or done.stderr
        wrong = next((code for part, code in PROBLEMS.items() if part in line), None)
        if line.startswith("curl") and "tee" not in line:
            assert json.loads(told[line]).get("code") == wrong, (line, told[line])
    return told


def test_every_line_works_as_printed_and_the_ledger_says_what_was_done() -> None:
    with demo() as ward:
        ready_s = float(ward.program.answered[0].split("ready after ")[1].split()[0])
        print(f"usable after {ready_s} s")
        assert 30 < len(ward.lines) < 60
        told = try_everything(ward)
        assert any(line.endswith("verify state/ledger.sqlite3") and said.startswith("OK:") for line, said in told.items())
        assert any("ledger export" in line for line in told)
        assert (ward.folder / "since.jsonl").stat().st_size > 10_000
        frames = next(said for line, said in told.items() if " wire lockbus" in line)
        assert "<- " in frames
        assert "-> " in frames
        rows = [json.loads(line) for line in (ward.folder / "since.jsonl").read_text().splitlines()]
        kinds = [row["type"].removeprefix("org.galenic.").rpartition(".v")[0] for row in rows]
        taken = [
            (row["data"]["pocket"], row["data"]["quantity"]) for row, kind in zip(rows, kinds, strict=True) if kind == "stock.taken"
        ]
        assert taken == [("D-01-2", 2), ("D-03-4", 1)]
        loaded = [row["data"]["quantity"] for row, kind in zip(rows, kinds, strict=True) if kind == "stock.loaded"]
        assert loaded == [10]
        assert [row["data"]["quantity"] for row, kind in zip(rows, kinds, strict=True) if kind == "stock.picked"] == [4]
        assert kinds.count("drawer.unlock_intended") == 4
        assert not [kind for kind in kinds if kind.startswith("discrepancy")]
        assert {row["data"]["simulated"] for row in rows} == {True}
        _killed_daemon_is_said_and_begun_again(ward)
        _killed_simulators_are_said(ward)
        _ctrl_c_leaves_nothing(ward)


def _killed_daemon_is_said_and_begun_again(ward: Demo) -> None:
    before, line = len(ward.program.said), ward.lines[-1]
    assert ward.run(line).returncode == 0
    ward.program.until("ended: killed by SIGKILL. Starting it again", after=before)
    ward.program.until("is back", after=before)
    assert answers(f"{ward.url}/ready").status_code == 200
    verified = galenic("ledger", "verify", "--json", str(ward.folder / "state/ledger.sqlite3"))
    assert json.loads(verified.stdout)["holds"] is True


def _killed_simulators_are_said(ward: Demo) -> None:
    children = [int(one) for one in _children(ward.program.process.pid)]
    simulators = next(pid for pid in children if b"simulators" in _command(pid))
    os.kill(simulators, signal.SIGKILL)
    ward.program.until("The simulators")
    ward.until("/v1/health", lambda told: not any(told["links"].values()))


def _ctrl_c_leaves_nothing(ward: Demo) -> None:
    children = _children(ward.program.process.pid)
    ward.program.process.send_signal(signal.SIGINT)
    assert ward.program.ends() == 0
    assert not ward.folder.exists()
    assert not [child for child in children if _command(int(child))]
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{ward.url}/ready")


def test_a_taken_port_is_said_and_another_taken_unless_it_was_asked_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = galenic("demo", "--listen", address)
        assert done.returncode == 73
        assert f"{address} is taken" in done.stderr
    for wrong in ("0.0.0.0:80", "127.0.0.1", "127.0.0.1:99999", "nonsense"):
        assert galenic("demo", "--listen", wrong).returncode == 2


def test_what_is_kept_is_there_afterwards_and_a_second_interrupt_is_not_needed() -> None:
    with demo("--keep") as ward:
        ward.program.process.send_signal(signal.SIGTERM)
        assert ward.program.ends() == 0
        ward.program.until(f"Kept in {ward.folder}")
    try:
        assert galenic("ledger", "verify", str(ward.folder / "state/ledger.sqlite3")).returncode == 0
        assert galenic("check", str(ward.folder / "ward.toml")).returncode == 0
        assert oct((ward.folder / "state").stat().st_mode)[-3:] == "700"
        assert oct((ward.folder / "nina.json").stat().st_mode)[-3:] == "600"
    finally:
        shutil.rmtree(ward.folder)


def test_interrupted_while_it_starts_it_tidies_up() -> None:
    with program(*GALENIC, "demo", "--listen", "127.0.0.1:0") as running:
        running.until("Starting")
        running.process.send_signal(signal.SIGINT)
        assert running.ends() in {0, 130}
        running.until("Nothing is left behind")


def _children(pid: int) -> list[str]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listed:
        return listed.read().split()


def _command(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as told:
            return told.read()
    except FileNotFoundError:
        return b""


def test_two_demos_begun_together_choose_different_ports() -> None:
    """Neither listens yet when the other chooses."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    first, second = free(port), free(port)
    assert first == f"127.0.0.1:{port}"
    assert second != first
