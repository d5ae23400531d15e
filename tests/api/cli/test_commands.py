"""The commands, their answers, their exit codes."""

from __future__ import annotations

import json
import os
import pty
import socket
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api import serve
from api.cli.completion import prepare
from api.cli.demo_ward import free
from api.cli.exits import MEANING, Exit, exit_of
from api.cli.main import app
from drivers.faults import DeviceFault, Fault, InDoubt, LedgerFault, LinkFault, Refused, SiteFault
from sites import check as checker
from sites.check import WARD, check
from tests.kit.programs import GALENIC, answers, galenic, program
from tests.sites.files import SITE, written


def run(*arguments: str, given: str = "") -> Result:
    """One command, in this process."""
    prepare()
    return CliRunner().invoke(app, list(arguments), input=given, prog_name="galenic")


COMMANDS = ["demo", "check", "run", "simulate", "devices", "wire", "bench", "completion", "help", "ledger", "user"]


def test_help_leads_with_examples_and_every_command_has_some() -> None:
    text = run("--help").output
    assert text.index("Examples:") < text.index("Options:") < text.index("Commands:")
    for command in COMMANDS:
        told = run(command, "--help").output
        assert f"  {command} " in text
        assert "galenic " in told.split("Options:")[0].replace("Usage: galenic", ""), command
    assert run().exit_code == Exit.USAGE


def test_an_unknown_command_is_answered_with_the_nearest_and_never_run() -> None:
    done = run("chek", str(WARD))
    assert done.exit_code == Exit.USAGE
    assert "Did you mean 'check'" in done.stderr
    assert run("che", str(WARD)).exit_code == Exit.USAGE


def test_exit_codes_are_told() -> None:
    lines = run("help", "exit-codes").output.splitlines()
    assert [int(line.split()[0]) for line in lines] == [int(code) for code in Exit]
    assert json.loads(run("help", "--json").output) == {str(int(code)): words for code, words in MEANING.items()}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Refused("x"), 1), (SiteFault("x"), 65), (LinkFault("x"), 69), (DeviceFault("x"), 69), (LedgerFault("x"), 74),
        (LedgerFault("ledger-in-use"), 75), (LedgerFault("ledger-unsafe"), 78), (LedgerFault("ledger-broken"), 80),
        (InDoubt("x"), 81), (Fault("x"), 1),
    ],
)  # fmt: skip
def test_a_fault_ends_a_command_with_its_own_code(fault: Fault, code: int) -> None:
    assert exit_of(fault) == code


def test_check_tells_what_is_wrong_on_standard_output_and_ends_with_65(tmp_path: Path) -> None:
    site = written(tmp_path, site=SITE.replace("address = 0", "adress = 0"))
    done = run("check", str(site))
    assert done.exit_code == Exit.BAD_DATA
    assert f"{site}:26:1: error: boards[0].adress" in done.stdout
    assert "Nothing would move" in done.stdout
    told = json.loads(run("check", str(site), "--json").stdout)
    assert (told["valid"], told["errors"], told["file"]) == (False, 1, str(site))
    assert {"file", "line", "column", "path", "given", "allowed", "nearest", "message", "severity"} == set(told["findings"][0])


def test_check_says_what_it_did_not_check_and_what_comes_next() -> None:
    done = run("check", str(WARD))
    assert done.exit_code == 0
    assert "valid (24 drawers, 120 pockets, 60 items), no warnings" in done.stdout
    assert "no port was opened" in done.stdout
    assert "Next: galenic devices" in done.stderr
    assert json.loads(run("check", str(WARD), "--json").stdout)["not_checked"]


def test_a_warning_ends_it_with_1_only_where_that_is_asked_for(tmp_path: Path) -> None:
    site = written(tmp_path, site=SITE.replace("/dev/serial/by-id/usb-gun", "/dev/ttyUSB0"))
    assert run("check", str(site)).exit_code == 0
    assert run("check", str(site), "--strict").exit_code == Exit.REFUSED
    assert "/dev/serial/by-id/" in run("check", str(site)).stdout


def test_the_daemon_starts_with_the_very_function_that_check_is() -> None:
    assert serve.check is check is checker.check
    source = Path(__file__).parents[3].joinpath("api/cli/check.py").read_text()
    assert "from sites.check import check as read" in source


def test_devices_says_which_wires_are_there_and_who_has_them(tmp_path: Path) -> None:
    near, far = pty.openpty()
    with socket.create_server(("127.0.0.1", 0)) as ear:
        text = SITE.replace("serial:/dev/serial/by-id/usb-bus", f"serial:{os.ttyname(far)}")
        site = written(tmp_path, site=text.replace(":5020", f":{ear.getsockname()[1]}"))
        done = run("devices", str(site), "--json")
    assert done.exit_code == Exit.NOT_REACHABLE
    links = {link["link"]: link for link in json.loads(done.stdout)["links"]}
    assert [links[name]["there"] for name in ("bus", "relays", "pan", "gun")] == [True, True, False, False]
    assert f"({os.getpid()})" in links["bus"]["held_by"][0]
    os.close(near)
    os.close(far)
    text = run("devices", str(site)).stdout
    assert "NOT THERE: there is no such port" in text
    assert "NOT THERE: Connection refused" in text
    broken = run("devices", str(written(tmp_path, site="[station")))
    assert broken.exit_code == Exit.BAD_DATA


def test_ledger_commands_on_what_is_no_ledger(tmp_path: Path) -> None:
    assert run("ledger", "verify", str(tmp_path / "none")).exit_code == Exit.CANNOT_RECORD
    assert run("ledger", "export", str(tmp_path / "none")).exit_code == Exit.CANNOT_RECORD
    other = tmp_path / "other.sqlite3"
    other.write_text("not a database at all")
    assert run("ledger", "verify", str(other)).exit_code == Exit.NOT_WHOLE
    assert run("ledger", "export", str(other)).exit_code == Exit.CANNOT_RECORD


def test_wire_needs_a_person_at_a_terminal_and_a_daemon(tmp_path: Path) -> None:
    assert run("wire", "bus").exit_code == Exit.USAGE
    terminal, emil = tmp_path / "terminal", tmp_path / "emil.json"
    terminal.write_text("desk:secret\n")
    emil.write_text('{"who": "emil", "pin": "2468"}')
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        there = ("--terminal", str(terminal), "--from", str(emil), "--daemon", f"127.0.0.1:{port}")
        assert run("wire", "bus", *there).exit_code == Exit.NOT_REACHABLE
    assert run("wire", "bus", "--terminal", str(tmp_path / "none"), "--who", "emil").exit_code == Exit.BAD_DATA


def test_simulate_and_run_refuse_a_wrong_site_file(tmp_path: Path) -> None:
    site = str(written(tmp_path, site=SITE.replace("[policy]", "[polcy]")))
    done = run("simulate", site)
    assert (done.exit_code, "polcy" in done.stderr) == (Exit.BAD_DATA, True)
    done = run("run", site, "--exit-on-error", "--state", str(tmp_path / "state"))
    assert done.exit_code == Exit.BAD_DATA
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert run("run", site, "--listen", address, "--state", str(tmp_path / "state")).exit_code == Exit.CANNOT_CREATE
    assert not (tmp_path / "state").exists()


@pytest.mark.processes
def test_with_a_wrong_site_file_the_daemon_moves_nothing_stays_up_and_says_why(tmp_path: Path) -> None:
    site = written(tmp_path, site=SITE.replace("address = 0", "adress = 0"))
    command = (*GALENIC, "run", str(site), "--listen", "127.0.0.1:0", "--state", str(tmp_path / "state"))
    with program(*command) as daemon:
        url = daemon.until("listening at http").split("listening at ")[1]
        assert "NOTHING MOVES" in daemon.until("listening at http")
        health = answers(f"{url}/v1/health").json()
        assert health["status"] == "halted"
        assert health["reasons"][0]["code"] == "site-file-wrong"
        assert [finding["path"] for finding in health["findings"]] == [finding.path for finding in check(site).findings]
        assert health["links"] == {}
        assert not (tmp_path / "state").exists()
        daemon.process.terminate()
        assert daemon.ends() == 0


@pytest.mark.processes
def test_simulate_becomes_the_simulators_and_says_where_each_board_listens(tmp_path: Path) -> None:
    text = SITE.replace("127.0.0.1:5020", free(5020))
    for port in ("bus", "pan", "gun"):
        text = text.replace(f"serial:/dev/serial/by-id/usb-{port}", f"serial:{tmp_path}/wires/{port}")
    with program(*GALENIC, "simulate", str(written(tmp_path, site=text)), "--json") as simulators:
        told = json.loads(simulators.until("control"))
        assert set(told["links"]) == {"bus", "relays", "pan", "gun"}
        assert told["links"]["relays"]["boards"] == [1]
        assert (tmp_path / "wires/bus").is_symlink()
        answers(f"{told['control']}/truth")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_what_each_shell_reads(shell: str) -> None:
    assert "_GALENIC_COMPLETE" in run("completion", shell).stdout


@pytest.mark.processes
def test_a_command_that_nobody_reads_any_more_and_a_defect_end_as_documented() -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {' '.join(GALENIC)} help exit-codes | true"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert galenic("--version").stdout.startswith("galenic 0.")
