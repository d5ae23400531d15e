"""People over a real ledger: log-in, sessions, witnesses, waiting after wrong PINs, and what an export never holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from controller.clock import Clock, Ids
from controller.ledger.ledger import SqliteLedger
from controller.ledger.views.people import PeopleView
from controller.policy.patience import FREE_TRIES
from controller.policy.people import People
from controller.policy.pins import HASHER, Pins, check_pin, site_pepper
from controller.policy.roles import Right, Role
from controller.policy.session import Session, require, subject_of
from drivers.faults import Refused
from sites.models import Policy
from tests.kit import virtual_loop

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SUBJECT = subject_of({"discrepancy": "d-1", "reason": "miscount"})


class Ward:
    def __init__(self, people: People, ledger: SqliteLedger, terminal: str, other: str) -> None:
        self.people, self.ledger, self.terminal, self.other = people, ledger, terminal, other

    async def kinds(self) -> list[str]:
        await self.ledger.settled()
        return [row.kind for row in self.ledger.read(0, 1000)]


@asynccontextmanager
async def ward(folder: Path) -> AsyncIterator[Ward]:
    view = PeopleView()
    ledger = SqliteLedger.open(folder / "ledger", views=[view], clock=Clock(), simulated=True, thread=False)
    pins = Pins(site_pepper(folder / "pepper"), CHEAP, threaded=False)
    people = People(ledger, view, Ids(), pins, Policy())
    await people.add_person("admin", "Ada", [Role.ADMINISTRATOR], "4711", "station")
    await people.add_person("nina", "Nina", [Role.NURSE], "2580", "admin", badge="77001")
    await people.add_person("nils", "Nils", [Role.CHARGE_NURSE], "8642", "admin")
    await people.add_person("bea", "Bea", [Role.BIOMEDICAL_ENGINEER], "9075", "admin")
    yield Ward(people, ledger, await people.enrol_terminal("t1", "admin"), await people.enrol_terminal("t2", "admin"))
    await ledger.close()


def told(tmp_path: Path, story: Callable[[Ward], Awaitable[None]]) -> None:
    async def play() -> None:
        async with ward(tmp_path) as there:
            await story(there)

    virtual_loop.run(play())


async def refused(code: str, asking: Awaitable[object]) -> Refused:
    with pytest.raises(Refused) as no:
        await asking
    assert no.value.code == code
    return no.value


def refused_now(code: str, ask: Callable[[], object]) -> None:
    with pytest.raises(Refused) as no:
        ask()
    assert no.value.code == code


@pytest.mark.parametrize("who", ["nina", "77001"])
def test_name_or_badge_with_pin_at_an_enrolled_terminal(tmp_path: Path, who: str) -> None:
    async def story(ward: Ward) -> None:
        token, session = await ward.people.log_in(who, "2580", ward.terminal)
        assert (session.person, session.terminal, session.roles) == ("nina", "t1", {Role.NURSE})
        assert ward.people.session(token, ward.terminal) == session
        refused_now("other-terminal", lambda: ward.people.session(token, ward.other))
        refused_now("terminal-not-enrolled", lambda: ward.people.session(token, None))
        await ward.people.log_out(token)
        await ward.people.log_out(token)
        refused_now("log-in-needed", lambda: ward.people.session(token, ward.terminal))
        refused_now("log-in-needed", lambda: ward.people.still(session))
        assert (await ward.kinds())[-2:] == ["session.opened", "session.closed"]

    told(tmp_path, story)


@pytest.mark.parametrize(
    ("who", "pin", "terminal", "code"),
    [
        ("nina", "2581", "t1", "log-in-failed"),
        ("nobody", "2580", "t1", "log-in-failed"),
        ("nina", "2580", "t1:wrong", "terminal-not-enrolled"),
        ("nina", "2580", "", "terminal-not-enrolled"),
    ],
)
def test_who_is_not_let_in(tmp_path: Path, who: str, pin: str, terminal: str, code: str) -> None:
    async def story(ward: Ward) -> None:
        await refused(code, ward.people.log_in(who, pin, ward.terminal if terminal == "t1" else terminal))

    told(tmp_path, story)


def test_wrong_pins_make_the_account_wait_and_nobody_else(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        for _ in range(FREE_TRIES):
            await refused("log-in-failed", ward.people.log_in("nina", "0001", ward.terminal))
        wait = await refused("try-later", ward.people.log_in("nina", "2580", ward.terminal))
        await ward.people.log_in("nils", "8642", ward.terminal)
        await asyncio.sleep(wait.facts["wait_s"])
        await ward.people.log_in("77001", "2580", ward.terminal)
        assert (await ward.kinds()).count("session.refused") == FREE_TRIES

    told(tmp_path, story)


def test_a_hundred_wrong_pins_never_lock_a_ward_out(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        for n in range(100):
            with pytest.raises(Refused):
                await ward.people.log_in(f"guess-{n}", "1111", ward.terminal)
        await asyncio.sleep(3)
        await ward.people.log_in("nils", "8642", ward.terminal)

    told(tmp_path, story)


def test_a_session_is_over_by_idleness_but_not_while_its_drawer_is_open(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        token, _ = await ward.people.log_in("nina", "2580", ward.terminal)
        ward.people.holds_open = lambda session: True
        await asyncio.sleep(4000)
        ward.people.session(token, ward.terminal)
        ward.people.holds_open = lambda session: False
        await asyncio.sleep(179)
        ward.people.session(token, ward.terminal)
        await asyncio.sleep(180)
        refused_now("log-in-needed", lambda: ward.people.session(token, ward.terminal))

    told(tmp_path, story)


async def signing(ward: Ward) -> tuple[Session, str]:
    _, session = await ward.people.log_in("nils", "8642", ward.terminal)
    return session, await ward.people.grant("nina", "2580", ward.terminal, SUBJECT, session)


def test_a_witness_signs_one_thing_once(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        session, token = await signing(ward)
        person, used = ward.people.witness(token, SUBJECT, session)
        assert (person, used.kind, used.actor) == ("nina", "witness.used", "nina")
        refused_now("witness-token-used", lambda: ward.people.witness(token, SUBJECT, session))

    told(tmp_path, story)


def test_a_witness_is_somebody_else_here_and_now(tmp_path: Path) -> None:
    """AU-09 and AU-10: the same person by name or badge, another subject, another terminal, too late, no right."""

    async def story(ward: Ward) -> None:
        _, nina = await ward.people.log_in("nina", "2580", ward.terminal)
        for same in ("nina", "77001"):
            await refused("witness-same-person", ward.people.grant(same, "2580", ward.terminal, SUBJECT, nina))
        await refused("other-terminal", ward.people.grant("nils", "8642", ward.other, SUBJECT, nina))
        await refused("not-allowed", ward.people.grant("bea", "9075", ward.terminal, SUBJECT, nina))
        await refused("log-in-failed", ward.people.grant("nils", "8640", ward.terminal, SUBJECT, nina))
        session, token = await signing(ward)
        refused_now("witness-other-subject", lambda: ward.people.witness(token, subject_of({"other": 1}), session))
        session, token = await signing(ward)
        refused_now("witness-same-person", lambda: ward.people.witness(token, SUBJECT, nina))
        session, token = await signing(ward)
        await asyncio.sleep(Policy().witness_s)
        refused_now("witness-too-late", lambda: ward.people.witness(token, SUBJECT, session))
        session, token = await signing(ward)
        await ward.people.remove_person("nina", "admin")
        refused_now("log-in-needed", lambda: ward.people.witness(token, SUBJECT, session))

    told(tmp_path, story)


def test_a_program_is_never_present(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await refused("rights-wrong", ward.people.add_service("pharmacy", "Pharmacy", [Right.PULL], "admin"))
        await refused("rights-wrong", ward.people.add_service("pharmacy", "Pharmacy", [], "admin"))
        token = await ward.people.add_service("pharmacy", "Pharmacy", [Right.PUSH_ORDERS], "admin")
        await refused("person-exists", ward.people.add_service("pharmacy", "Pharmacy", [Right.PUSH_ORDERS], "admin"))
        session = ward.people.session(token, None)
        assert session.terminal is None
        require(session, Right.PUSH_ORDERS)
        refused_now("not-allowed", lambda: require(session, Right.PULL))
        assert ward.people.still(session) == session
        for wrong in (token[:-1], "service.nobody.x", "service"):
            refused_now("log-in-needed", lambda: ward.people.session(wrong, ward.terminal))  # noqa: B023

    told(tmp_path, story)


def test_removing_a_person_or_a_terminal_ends_its_sessions_at_once(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        token, _ = await ward.people.log_in("nina", "2580", ward.terminal)
        await ward.people.remove_person("nina", "admin")
        refused_now("log-in-needed", lambda: ward.people.session(token, ward.terminal))
        await refused("log-in-failed", ward.people.log_in("nina", "2580", ward.terminal))
        await refused("person-unknown", ward.people.remove_person("nina", "admin"))
        other, _ = await ward.people.log_in("nils", "8642", ward.terminal)
        await ward.people.revoke_terminal("t1", "admin")
        await refused("terminal-unknown", ward.people.revoke_terminal("t1", "admin"))
        refused_now("log-in-needed", lambda: ward.people.session(other, ward.terminal))
        await refused("terminal-not-enrolled", ward.people.log_in("nils", "8642", ward.terminal))

    told(tmp_path, story)


def test_people_are_added_with_care(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        people = ward.people
        assert people.has_administrator
        await refused("person-exists", people.add_person("nina", "N", [Role.NURSE], "2580", "admin"))
        await refused("badge-taken", people.add_person("other", "N", [Role.NURSE], "2580", "admin", badge="77001"))
        await refused("roles-wrong", people.add_person("other", "N", [], "2580", "admin"))
        await refused("roles-wrong", people.add_person("other", "N", [Role.SERVICE_ACCOUNT], "2580", "admin"))
        await refused("person-unknown", people.set_pin("other", "2580", "admin"))
        await people.set_pin("nina", "1358", "admin")
        await refused("log-in-failed", people.log_in("nina", "2580", ward.terminal))
        await people.log_in("nina", "1358", ward.terminal)

    told(tmp_path, story)


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "٤٧١١", "1234", "0000", "8765", "9012", "2109"])
def test_pins_that_are_guessed_first(pin: str) -> None:
    refused_now("pin-weak", lambda: check_pin(pin))


def test_no_row_holds_a_pin_a_badge_a_verifier_or_a_secret(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.people.log_in("77001", "2580", ward.terminal)
        await ward.ledger.settled()
        bodies = b"\n".join(row.body for row in ward.ledger.read(0, 1000))
        for secret in (b"2580", b"77001", b"argon2", ward.terminal.split(":")[1].encode()):
            assert secret not in bodies

    told(tmp_path, story)


def test_a_view_is_what_its_dump_says(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.people.add_service("pharmacy", "Pharmacy", [Right.PUSH_ORDERS], "admin")
        again, folded = PeopleView(), ward.people._view
        again.load(folded.dump())
        assert again.dump() == folded.dump()

    told(tmp_path, story)


async def test_hashing_in_its_thread_gives_the_same_answers(tmp_path: Path) -> None:
    pins = Pins(site_pepper(tmp_path / "pepper"), CHEAP)
    verifier = await pins.verifier("2580")
    assert await pins.match("2580", verifier)
    assert not await pins.match("2581", verifier)
    assert not await pins.match("2580", None)
    pins.close()
    assert (tmp_path / "pepper").stat().st_mode & 0o777 == 0o600
    assert site_pepper(tmp_path / "pepper") == site_pepper(tmp_path / "pepper")


async def test_a_verifier_carries_the_cost_it_was_made_with(tmp_path: Path) -> None:
    before, pins = (Pins(site_pepper(tmp_path / "pepper"), hasher, threaded=False) for hasher in (CHEAP, HASHER))
    assert (await pins.verifier("2580")).startswith(b"$argon2id$v=19$m=19456,t=2,p=1$")
    assert await pins.match("2580", await before.verifier("2580"))


def test_nobodys_verifier_is_the_work_of_a_real_one_and_no_pin_fits_it() -> None:
    pins = Pins(bytes(32), CHEAP, threaded=False)
    nobodys = pins._nobody.decode()
    assert extract_parameters(nobodys) == extract_parameters(CHEAP.hash("2580"))
    with pytest.raises(VerifyMismatchError):  # a malformed one would be refused at once, and tell that there is nobody
        CHEAP.verify(nobodys, pins._peppered("2580", ""))
    assert Pins(bytes(32), CHEAP, threaded=False)._nobody != pins._nobody
