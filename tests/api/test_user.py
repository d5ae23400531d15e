"""`galenic user`: people, terminals and programs on the state folder; over a terminal that is one, over files, over a pipe."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sites
from api import state
from api.cli.user import app
from controller.clock import Clock
from controller.ledger.ledger import SqliteLedger
from controller.policy.pins import Pins
from tests.kit.station import FASTEST

SITE = Path(sites.__file__).parent / "ward.toml"
ADA = {"id": "ada", "name": "Ada Holm", "pin": "735190", "badge": "B-77"}


class Desk:
    """One site's state folder, and the command at it."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"

    def run(self, *words: str, told: object = None, code: int = 0) -> str:
        """What the command says on standard output; what it says on the other, where it is to fail."""
        text = None if told is None else told if isinstance(told, str) else json.dumps(told)
        ended = CliRunner().invoke(app, [*words, "--site", str(SITE), "--state", str(self.state)], input=text)
        assert ended.exit_code == code, ended.output
        return ended.stdout if code == 0 else ended.stderr

    def begin(self) -> None:
        self.run("first-run", "--from", "-", told=ADA)

    def known(self) -> dict[str, dict[str, dict[str, object]]]:
        read: dict[str, dict[str, dict[str, object]]] = json.loads(self.run("list", "--json"))
        return read


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """PINs are worked out quickly here; what runs as a process of its own does it as shipped."""
    monkeypatch.setattr(state, "Pins", partial(Pins, hasher=FASTEST))
    return Desk(tmp_path)


def test_the_first_run_makes_one_administrator_and_only_once(desk: Desk) -> None:
    assert "Next: galenic user first-run" in desk.run("list")
    assert "is this site's administrator" in desk.run("first-run", "--from", "-", told=ADA)
    assert desk.known()["people"]["ada"]["roles"] == ["administrator"]
    assert "has an administrator" in desk.run("first-run", "--from", "-", told={**ADA, "id": "eve"}, code=1)
    assert oct(desk.state.stat().st_mode & 0o777) == "0o700"


def test_from_a_file(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "ada.json").write_text(json.dumps(ADA))
    desk.run("first-run", "--from", str(tmp_path / "ada.json"))
    assert list(desk.known()["people"]) == ["ada"]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("{", "Expecting"),
        ("[]", "needs a JSON object with id, name, pin"),
        ({"id": "ada", "name": "Ada"}, "needs a JSON object with id, name, pin"),
        ({**ADA, "id": "a b"}, "id: "),
        ({**ADA, "id": 5}, "id: "),
        ({**ADA, "name": ""}, "name: "),
        ({**ADA, "pin": 735190}, "pin: "),
        ({**ADA, "badge": 5}, "badge: "),
    ],
)
def test_bad_data_is_named_and_makes_nobody(desk: Desk, told: object, why: str) -> None:
    assert why in desk.run("first-run", "--from", "-", told=told, code=65)
    assert desk.known()["people"] == {}


def test_a_file_that_is_not_there_and_no_terminal_to_ask_at(desk: Desk) -> None:
    assert "No such file" in desk.run("first-run", "--from", "/nowhere/ada.json", code=65)
    assert "no terminal to ask at" in desk.run("first-run", told="", code=65)


def test_no_flag_and_no_variable_takes_a_pin(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALENIC_PIN", "735190")
    monkeypatch.setenv("PIN", "735190")
    desk.run("first-run", "--pin", "735190", code=2)
    assert "no terminal" in desk.run("first-run", told="", code=65)
    for command in app.registered_commands:
        assert command.callback is not None
        assert "pin" not in command.callback.__annotations__


def test_people_come_change_and_go(desk: Desk) -> None:
    desk.begin()
    nina = {"pin": "260481"}
    desk.run("add", "nina", "--name", "Nina Okafor", "--role", "nurse", "--from", "-", told=nina)
    desk.run("add", "--from", "-", told={"id": "omar", "name": "Omar", "roles": "nurse, charge_nurse", "pin": "918273"})
    assert "roles" in desk.run("add", "--from", "-", told={**ADA, "id": "eve", "roles": ["king"]}, code=1)
    assert "roles" in desk.run("add", "--from", "-", told={**ADA, "id": "eve", "roles": 5}, code=1)
    assert "name is taken" in desk.run("add", "nina", "--name", "N", "--role", "nurse", "--from", "-", told=nina, code=1)
    assert "guessed first" in desk.run("pin", "nina", "--from", "-", told={"pin": "1234"}, code=1)
    desk.run("pin", "nina", "--from", "-", told={"pin": "604815"})
    desk.run("pin", "nobody", "--from", "-", told={"pin": "604815"}, code=1)
    desk.run("role", "nina", "--role", "technician", "--role", "nurse")
    desk.run("role", "ada", "--role", "nurse", code=1)
    desk.run("remove", "ada", code=1)
    desk.run("remove", "omar")
    known = desk.known()["people"]
    assert (known["nina"]["roles"], known["nina"]["active"], known["omar"]["active"]) == (["nurse", "technician"], True, False)
    told = desk.run("list")
    assert "nina  Nina Okafor  nurse, technician" in told
    assert "omar  Omar  charge_nurse, nurse  (ended)" in told


def test_terminals_and_programs_are_told_their_secret_once(desk: Desk, tmp_path: Path) -> None:
    desk.begin()
    secret = desk.run("terminal", "add", "med-room").strip()
    assert secret.startswith("med-room:")
    out = tmp_path / "token"
    written = desk.run("service", "add", "rx", "--name", "Pharmacy", "--right", "push-orders", "--out", str(out))
    assert f"Written to {out}" in written
    assert oct(out.stat().st_mode & 0o777) == "0o600"
    assert out.read_text().startswith("service.rx.")
    again = CliRunner().invoke(
        app, ["service", "add", "ry", "--name", "P", "--out", str(out), "--site", str(SITE), "--state", str(desk.state)]
    )
    assert "cannot be written" in again.stderr
    assert again.stdout.startswith("service.ry."), "a secret that cannot be written is not lost"
    assert "site file" in desk.run("terminal", "add", "nowhere", code=1)
    told = desk.run("list")
    assert "rx  Pharmacy  program: push-orders" in told
    assert "med-room  terminal" in told
    for part in (secret.partition(":")[2], out.read_text().strip().rpartition(".")[2]):
        assert part not in told + desk.run("list", "--json")


def test_while_a_daemon_runs_the_ledger_is_its(desk: Desk) -> None:
    desk.begin()
    ledger = SqliteLedger.open(desk.state / "ledger.sqlite3", clock=Clock(), simulated=True, station="ward-4-east", thread=False)
    try:
        nina = {"id": "nina", "name": "Nina", "roles": "nurse", "pin": "260481"}
        assert "/v1/people" in desk.run("add", "--from", "-", told=nina, code=75)
    finally:
        ledger.abandon()


def test_at_a_terminal_it_asks_twice_and_shows_no_pin(desk: Desk) -> None:
    """A real pseudo-terminal: a weak PIN and two different ones are asked for again."""
    near, far = pty.openpty()
    command = [sys.executable, "-c", "from api.cli.main import main; main()", "user", "first-run"]
    process = subprocess.Popen(
        [*command, "--site", str(SITE), "--state", str(desk.state)],
        stdin=far, stdout=far, stderr=far, start_new_session=True, cwd=Path(sites.__file__).parents[1],
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(far)
    shown = b""
    for prompt, typed in [
        (b"Id: ", "ada"), (b"Name: ", "Ada Holm"), (b"digits): ", "1234"), (b"digits): ", "735190"),
        (b"again: ", "735191"), (b"digits): ", "735190"), (b"again: ", "735190"),
    ]:  # fmt: skip
        seen = b""
        while prompt not in seen:
            seen += os.read(near, 1024)
        shown += seen
        os.write(near, typed.encode() + b"\n")
    while True:
        try:
            if not (data := os.read(near, 1024)):
                break
        except OSError:
            break
        shown += data
    assert process.wait(20) == 0
    os.close(near)
    text = shown.decode()
    assert "is this site's administrator" in text
    assert "guessed first" in text
    assert "two different ones" in text
    assert "735190" not in text
    assert desk.known()["people"]["ada"]["roles"] == ["administrator"]


def test_a_site_file_that_is_wrong_makes_nobody(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[station]\n")
    ended = CliRunner().invoke(app, ["list", "--site", str(tmp_path / "bad.toml"), "--state", str(desk.state)])
    assert ended.exit_code == 65


def test_no_secret_is_left_in_a_state_folder(desk: Desk) -> None:
    """Nor in an export of it: verifiers stand beside the rows, and what proves somebody stands nowhere."""
    desk.run("first-run", "--from", "-", told={**ADA, "badge": "badge-4711-of-ada"})
    terminal = desk.run("terminal", "add", "med-room").strip().partition(":")[2]
    token = desk.run("service", "add", "rx", "--name", "Pharmacy").strip().rpartition(".")[2]
    pepper = (desk.state / "pepper").read_bytes()
    assert len(pepper) == 32
    for path in desk.state.iterdir():
        content = path.read_bytes()
        for secret in (ADA["pin"], terminal, token, "badge-4711-of-ada"):
            assert secret.encode() not in content, (path, secret)
        assert path.name == "pepper" or (pepper not in content and pepper.hex().encode() not in content)
        assert path.stat().st_mode & 0o077 == 0 or desk.state.stat().st_mode & 0o077 == 0


def test_no_two_sites_share_a_secret(tmp_path: Path) -> None:
    one, other = Desk(tmp_path / "one"), Desk(tmp_path / "other")
    for desk in (one, other):
        desk.begin()
    assert (one.state / "pepper").read_bytes() != (other.state / "pepper").read_bytes()
    assert one.run("terminal", "add", "med-room") != other.run("terminal", "add", "med-room")


SHIPPED = ("api", "controller", "drivers", "firmware_protocols", "simulators", "sites", "docs")
SECRETS = re.compile(
    r"""(?ix) \b (?: pin | password | passwd | secret | token | pepper | api_?key | credential | recovery_?code ) ["']? \s* [:=] \s*
        b? ["'] (?: \d{4,8} | [A-Za-z0-9_+/=-]{16,} ) ["']"""
)


def test_no_secret_ships() -> None:
    """Law 12: nothing in the tree looks like a PIN, a password, a key or a token with a value."""
    root = Path(sites.__file__).parents[1]
    found = [
        (str(path.relative_to(root)), match[0])
        for folder in SHIPPED
        for path in (root / folder).rglob("*")
        if path.suffix in {".py", ".toml", ".md", ".json", ".html", ".js", ".css"}
        for match in SECRETS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
    assert SECRETS.search('pin = "735190"'), "the net has no hole"
    assert SECRETS.search("'token': 'AbCdEfGhIjKlMnOpQr'")
