"""`galenic demo sites/robot.toml` as somebody meets it: started for real, its lines run by a shell, a daemon killed, stopped."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

import sites
from tests.api.cli.test_demo import _children, _command
from tests.api.cli.ward import Demo, demo
from tests.kit.programs import GALENIC, WITHIN_S, answers, galenic, program
from tests.test_pages import typed

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180)]

PHARMACY = Path(sites.__file__).parent / "robot.toml"
PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "pharmacy-with-a-robot.md"
LOOKS = ("/totes", "/totes/T-1", "/truth/belts", "/v1/line")
LEDGERS = ("pharmacy/state/ledger.sqlite3", "ward-4-east/state/ledger.sqlite3")


def test_every_line_works_as_printed_and_both_ledgers_say_what_was_done() -> None:
    with demo(str(PHARMACY)) as pair:
        assert 50 < len(pair.lines) < 90
        curled = [_here(line, pair) for line in typed(PAGE) if line.startswith("curl")]
        looks = {line for line in curled if line.endswith(LOOKS)}
        assert set(curled) - looks <= set(pair.lines), "the page has some of the printed lines, and looks at the tote"
        for line in (*pair.lines[:-1], *sorted(looks)):
            done = pair.run(line)
            assert done.returncode == 0, (line, done)
            if line.startswith("curl") and "tee" not in line:
                assert "code" not in json.loads(done.stdout), (line, done.stdout)
        list_ = pair.get("/v1/pick-lists/morning", "pharmacy/rx")
        assert (list_["state"], [line["picked"] for line in list_["lines"]]) == ("confirmed", [10, 10, 5])
        tote = pair.get("/v1/totes/T-1", "pharmacy/rx")
        loaded = {"atorvastatin-40": 10, "senna-8": 10, "ceftriaxone-1g": 5}
        assert (tote["state"], tote["receipt"]["loaded"]) == ("confirmed", loaded)
        for told in ("pharmacy: list morning in-transit, totes T-1", "ward-4-east: tote T-1 arrived", "bound for packing"):
            pair.program.until(told)
        _killed_daemon_is_said_and_begun_again(pair)
        for ledger in LEDGERS:
            assert f"galenic ledger verify {ledger}" in typed(PAGE)
            assert json.loads(galenic("ledger", "verify", "--json", str(pair.folder / ledger)).stdout)["holds"] is True
        _killed_simulators_are_said(pair)
        _ctrl_c_leaves_nothing(pair)


def _here(line: str, pair: Demo) -> str:
    """A line of the page with this demo's addresses."""
    said = "\n".join(pair.program.answered)
    ward = re.search(r"http://(\S+)   the ward", said)
    steels = re.findall(r"http://([^/\s]+)/(?:totes/)?hands", said)
    assert ward is not None
    here = {"8080": pair.url.removeprefix("http://"), "8090": ward[1], "8081": steels[0]}
    for port, address in here.items():
        line = line.replace(f"127.0.0.1:{port}", address)
    return line


def _killed_daemon_is_said_and_begun_again(pair: Demo) -> None:
    before, line = len(pair.program.said), pair.lines[-1]
    assert pair.run(line).returncode == 0
    pair.program.until("The daemon of pharmacy (process", after=before)
    pair.program.until("pharmacy is back", after=before)
    assert answers(f"{pair.url}/ready").status_code == 200


def _killed_simulators_are_said(pair: Demo) -> None:
    children = [int(child) for child in _children(pair.program.process.pid)]
    assert len(children) == 4
    steel = next(pid for pid in children if b"simulators" in _command(pid) and b"ward.toml" in _command(pid))
    before = len(pair.program.said)
    os.kill(steel, signal.SIGKILL)
    pair.program.until("The simulators of ward-4-east (process", after=before)
    pair.program.until("ward-4-east: degraded (link-lost)", after=before)


def _ctrl_c_leaves_nothing(pair: Demo) -> None:
    children = _children(pair.program.process.pid)
    pair.program.process.send_signal(signal.SIGINT)
    assert pair.program.ends() == 0
    assert not pair.folder.exists()
    assert not [child for child in children if _command(int(child))]


def test_a_site_file_that_is_no_demo_is_refused_with_what_to_do(tmp_path: Path) -> None:
    shutil.copytree(PHARMACY.parent / "robot", tmp_path / "robot")
    text = PHARMACY.read_text()
    for name, told, code, why in (
        ("wrong", text.replace('driver = "grbl"', 'driver = "gbrl"'), 65, "did you mean: grbl"),
        ("real", text.replace("simulated = true", "simulated = false"), 2, "never touches real steel"),
        (
            "lonely",
            text.replace("[[partners]]", "# ").replace('id = "ward-4-east"\nurl', "# url").replace("plain", "# plain"),
            2,
            "no [[partners]]",
        ),
        ("strange", text, 2, "a partner ward-4-east, and no site file of that station lies beside it"),
    ):
        (tmp_path / f"{name}.toml").write_text(told)
        done = galenic("demo", str(tmp_path / f"{name}.toml"))
        assert (done.returncode, why in done.stderr) == (code, True), (name, done)


def test_interrupted_while_it_starts_it_tidies_up() -> None:
    with program(*GALENIC, "demo", str(PHARMACY), "--listen", "127.0.0.1:0") as running:
        running.until("Starting two")
        running.process.send_signal(signal.SIGINT)
        assert running.ends() in {0, 130}, running.said
        running.until("Nothing is left behind")


@pytest.mark.parametrize(("program_", "said"), [(b"simulators", "before anything listened"), (b"run", "before it was ready")])
def test_a_program_that_dies_before_it_is_ready_ends_the_demo(program_: bytes, said: str) -> None:
    with program(*GALENIC, "demo", str(PHARMACY), "--listen", "127.0.0.1:0") as running:
        running.until("Starting two")
        deadline = time.monotonic() + WITHIN_S
        while not (found := [int(pid) for pid in _children(running.process.pid) if program_ in _command(int(pid)).split(b"\0")]):
            assert time.monotonic() < deadline, running.said
        os.kill(found[0], signal.SIGKILL)
        running.until(said)
        assert running.ends() not in {0, None}
        running.until("Nothing is left behind")
