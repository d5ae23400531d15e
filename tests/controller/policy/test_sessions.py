"""Sessions: locked, taken up again, touched, and over restarts of the daemon, which end none, and of the machine, which end all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from controller.clock import Clock, Ids
from controller.ledger import bodies
from controller.ledger.ledger import SqliteLedger
from controller.ledger.views.people import PeopleView
from controller.policy import kept
from controller.policy.kept import SessionsFile, boot_id
from controller.policy.people import People
from controller.policy.pins import Pins
from controller.policy.roles import Role
from controller.policy.session import Session
from drivers.faults import Refused
from sites.models import Policy
from tests.controller.policy.test_people import CHEAP, refused_now
from tests.kit import virtual_loop

PINS = {"ada": "4711", "nina": "2580", "nils": "8642"}


@dataclass
class Life:
    """One life of the daemon."""

    people: People
    ledger: SqliteLedger

    async def rows(self) -> list[tuple[str, str]]:
        """Kind and reason (or nothing) of all that happened to sessions."""
        await self.ledger.settled()
        read = [(row.kind, bodies.read(row.body)) for row in self.ledger.read(0, 1000)]
        return [(kind, body.get("reason", "")) for kind, body in read if kind.startswith("session.")]


class Machine:
    """A machine with its disk: the daemon lives on it, again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.boot, self.policy = folder, "boot-1", Policy()
        self.terminals: dict[str, str] = {}

    @asynccontextmanager
    async def life(self, *, killed: bool = False) -> Any:
        """The daemon; `killed`: it comes to no end of its own."""
        view = PeopleView()
        ledger = SqliteLedger.open(self.folder / "ledger", views=[view], clock=Clock(), simulated=True, thread=False)
        keeping = SessionsFile(self.folder / "sessions.json", self.boot)
        people = People(ledger, view, Ids(), Pins(bytes(32), CHEAP, threaded=False), self.policy, keeping)
        if not self.terminals:
            for id, pin in PINS.items():
                await people.add_person(id, id.title(), [Role.ADMINISTRATOR if id == "ada" else Role.NURSE], pin, "station")
            self.terminals = {id: await people.enrol_terminal(id, "ada") for id in ("t1", "t2")}
        if ended := people.begin():
            ledger.post(*ended)
        running = asyncio.create_task(people.run())
        try:
            yield Life(people, ledger)
            await ledger.settled()
        finally:
            left = (self.folder / "sessions.json").read_bytes() if (self.folder / "sessions.json").exists() else None
            running.cancel()
            await asyncio.wait([running])
            if killed and left is not None:
                (self.folder / "sessions.json").write_bytes(left)
            await ledger.close()

    async def log_in(self, life: Life, who: str = "nina", terminal: str = "t1") -> tuple[str, Session]:
        return await life.people.log_in(who, PINS[who], self.terminals[terminal])


def on_a_machine(tmp_path: Path, story: Callable[[Machine], Awaitable[None]], policy: Policy | None = None) -> None:
    async def play() -> None:
        machine = Machine(tmp_path)
        machine.policy = policy or machine.policy
        await story(machine)

    virtual_loop.run(play())


# --- locked


def test_a_locked_session_waits_for_its_person_and_gives_no_rights_meanwhile(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            token, nina = await machine.log_in(life)
            life.people.at_place(nina, "/pulls/p-1")
            await asyncio.sleep(200)
            refused_now("log-in-needed", lambda: life.people.session(token, machine.terminals["t1"]))
            refused_now("log-in-needed", lambda: life.people.still(nina))
            assert (life.people.idle_ends(nina), life.people.here("t1")) == (0.0, [])
            life.people.touch(nina.id)
            _, nils = await machine.log_in(life, "nils")
            assert life.people.here("t1") == [nils], "the terminal is free"
            _, elsewhere = await machine.log_in(life, "nina", "t2")
            assert elsewhere.id != nina.id, "a place waits where it was left"
            again, back = await machine.log_in(life)
            assert (back, life.people.place_of(back)) == (nina, "/pulls/p-1")
            assert again != token
            refused_now("log-in-needed", lambda: life.people.session(token, machine.terminals["t1"]))
            assert life.people.session(again, machine.terminals["t1"]) == nina
            assert await life.rows() == [
                ("session.opened", ""), ("session.locked", "idle"), ("session.opened", ""), ("session.opened", ""),
                ("session.resumed", ""),
            ]  # fmt: skip

    on_a_machine(tmp_path, story)


def test_nobody_comes_back_for_ever(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            _, nina = await machine.log_in(life)
            await asyncio.sleep(180 + 300 + 5)
            _, other = await machine.log_in(life)
            assert other.id != nina.id
            assert (await life.rows())[1:3] == [("session.locked", "idle"), ("session.closed", "idle")]
            life.people.at_place(nina, "/gone")
            assert (life.people.place_of(nina), life.people.place_of(other)) == ("", "")

    on_a_machine(tmp_path, story)


def test_a_site_may_do_without_locked_sessions(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            await machine.log_in(life)
            await asyncio.sleep(190)
            assert await life.rows() == [("session.opened", ""), ("session.closed", "idle")]

    on_a_machine(tmp_path, story, Policy(locked_s=0))


def test_the_longest_length_counts_while_it_is_locked_too(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            await machine.log_in(life)
            await asyncio.sleep(250)
            assert (await life.rows())[-1] == ("session.closed", "too-long")

    on_a_machine(tmp_path, story, Policy(session_s=240))


def test_a_held_session_is_locked_when_its_drawer_is_shut_whoever_shut_it(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            _, nina = await machine.log_in(life)
            life.people.holds_open = lambda session: session.id == nina.id
            await asyncio.sleep(1000)
            life.people.touch(nina.id)
            life.people.holds_open = lambda session: False
            await asyncio.sleep(5)
            assert (await life.rows())[1:] == [("session.held_open", ""), ("session.locked", "drawer-shut")]
            assert (await machine.log_in(life))[1].id == nina.id

    on_a_machine(tmp_path, story)


def test_a_touch_keeps_a_session_and_whoever_touched_last_is_first(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            _, nina = await machine.log_in(life)
            _, nils = await machine.log_in(life, "nils")
            await asyncio.sleep(100)
            assert life.people.here("t1") == [nina, nils]
            life.people.touch(nils.id)
            assert life.people.here("t1") == [nils, nina]
            assert round(life.people.idle_ends(nina)) == 80
            await asyncio.sleep(100)
            assert life.people.here("t1") == [nils]
            life.people.at_place(nils, "/x" * 200)
            assert life.people.place_of(nils) == "", "a path so long is none"

    on_a_machine(tmp_path, story)


# --- over a restart


@pytest.mark.parametrize("killed", [True, False])
def test_a_restart_of_the_daemon_ends_no_session_and_forgets_no_time(tmp_path: Path, killed: bool) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life(killed=killed) as life:
            token, nina = await machine.log_in(life)
            await asyncio.sleep(100)
            life.people.session(token, machine.terminals["t1"])
            life.people.at_place(nina, "/pulls/p-1")
        await asyncio.sleep(60)
        async with machine.life() as life:
            assert round(life.people.idle_ends(nina)) == 120
            assert life.people.session(token, machine.terminals["t1"]) == nina
            refused_now("other-terminal", lambda: life.people.session(token, machine.terminals["t2"]))
            assert life.people.place_of(nina) == "/pulls/p-1"
            assert await life.rows() == [("session.opened", "")]
        async with machine.life() as life:
            await life.people.log_out(token)
        async with machine.life() as life:
            assert await life.rows() == [("session.opened", ""), ("session.closed", "logged-out")]

    on_a_machine(tmp_path, story)


def test_a_locked_one_waits_over_a_restart_no_longer_than_else(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            _, nina = await machine.log_in(life)
            _, nils = await machine.log_in(life, "nils", "t2")
            await asyncio.sleep(190)
        await asyncio.sleep(100)
        async with machine.life() as life:
            assert (await machine.log_in(life))[1].id == nina.id
        await asyncio.sleep(200)
        async with machine.life() as life:
            assert (await machine.log_in(life, "nils", "t2"))[1].id != nils.id
            assert (await machine.log_in(life))[1].id == nina.id, "idle while the daemon was away, and back in time"

    on_a_machine(tmp_path, story)


def test_a_boot_of_the_machine_ends_every_session(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            token, _ = await machine.log_in(life)
        machine.boot = "boot-2"
        async with machine.life() as life:
            refused_now("log-in-needed", lambda: life.people.session(token, machine.terminals["t1"]))
            assert (await life.rows())[-1] == ("session.closed", "restart")

    on_a_machine(tmp_path, story)


async def removed(life: Life) -> None:
    await life.people.remove_person("nina", "ada")


async def changed(life: Life) -> None:
    await life.people.change_person("nina", "Nina", [Role.AUDITOR], "ada")


async def revoked(life: Life) -> None:
    await life.people.revoke_terminal("t1", "ada")


async def enrolled_anew(life: Life) -> None:
    await life.people.enrol_terminal("t1", "ada")


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (removed, "removed"),
        (changed, "person-changed"),
        (revoked, "terminal-revoked"),
        (enrolled_anew, "terminal-enrolled-anew"),
    ],
)
def test_what_was_decided_while_the_daemon_was_away_ends_a_session(
    tmp_path: Path, meanwhile: Callable[[Life], Awaitable[None]], reason: str
) -> None:
    """As `galenic user` does: on the same disk, with a `People` that no session is in."""

    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            token, _ = await machine.log_in(life)
        view = PeopleView()
        async with SqliteLedger.open(tmp_path / "ledger", views=[view], clock=Clock(), simulated=True, thread=False) as ledger:
            people = People(ledger, view, Ids(), Pins(bytes(32), CHEAP, threaded=False), Policy())
            await meanwhile(Life(people, ledger))
        async with machine.life() as life:
            with pytest.raises(Refused):
                life.people.session(token, machine.terminals["t1"])
            assert (await life.rows())[-1] == ("session.closed", reason)

    on_a_machine(tmp_path, story)


def test_what_was_changed_under_a_running_daemon_is_in_force_and_ends_nothing_at_a_restart(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            token, _ = await machine.log_in(life)
            await changed(life)
            await asyncio.sleep(6)
        async with machine.life() as life:
            assert life.people.session(token, machine.terminals["t1"]).roles == {Role.AUDITOR}

    on_a_machine(tmp_path, story)


def torn(content: bytes) -> bytes:
    return content[: len(content) // 2]


def yet_to_come(content: bytes) -> bytes:
    file = json.loads(content)
    file["sessions"][0]["touched"] += 1e6
    return json.dumps(file).encode()


def of_another(content: bytes) -> bytes:
    file = json.loads(content)
    file["sessions"][0]["person"] = "nils"
    return json.dumps(file).encode()


def infinite(content: bytes) -> bytes:
    return content.replace(b'"held":false', b'"held":NaN')


@pytest.mark.parametrize("spoil", [torn, yet_to_come, of_another, infinite, lambda _: b"", lambda _: b"[]", lambda _: b"\xff"])
def test_a_file_that_cannot_be_believed_lets_nobody_in_and_is_no_defect(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            token, _ = await machine.log_in(life)
        file = tmp_path / "sessions.json"
        file.write_bytes(spoil(file.read_bytes()))
        async with machine.life() as life:
            refused_now("log-in-needed", lambda: life.people.session(token, machine.terminals["t1"]))
            assert (await life.rows())[-1] == ("session.closed", "restart")
            await machine.log_in(life)

    on_a_machine(tmp_path, story)


def test_a_session_that_the_ledger_has_closed_is_over_whatever_the_file_says(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            token, _ = await machine.log_in(life)
            file = (tmp_path / "sessions.json").read_bytes()
            await life.people.log_out(token)
        (tmp_path / "sessions.json").write_bytes(file)
        async with machine.life() as life:
            refused_now("log-in-needed", lambda: life.people.session(token, machine.terminals["t1"]))

    on_a_machine(tmp_path, story)


def test_the_file_is_its_owners_and_holds_no_token_and_no_secret(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        async with machine.life() as life:
            token, nina = await machine.log_in(life)
            file = tmp_path / "sessions.json"
            assert file.stat().st_mode & 0o777 == 0o600
            assert nina.id in file.read_text()
            for secret in (token, PINS["nina"], *(credential.split(":")[1] for credential in machine.terminals.values())):
                assert secret not in file.read_text()

    on_a_machine(tmp_path, story)


def test_a_file_that_cannot_be_read_or_written_is_said_and_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    there = tmp_path / "sessions.json"
    there.mkdir()
    keeping = SessionsFile(there, "boot-1")
    keeping.save(b"x")
    assert keeping.load() == b""
    assert [record.message.split(";")[0].split(", ")[0] for record in caplog.records] == [
        f"{there} cannot be written", f"{there} cannot be read",
    ]  # fmt: skip


def test_this_machine_tells_one_boot_from_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert boot_id() == boot_id() != ""
    (tmp_path / "boot_id").write_text("another\n")
    monkeypatch.setattr(kept, "BOOT_ID", tmp_path / "boot_id")
    assert boot_id() == "another"
