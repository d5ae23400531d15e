"""People, terminals, programs and witnesses over REST, as an administrator and a ward use them while the daemon runs."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from controller.policy.patience import FREE_TRIES, TERMINAL_TRIES
from tests.acceptance.ward import Person, Ward, a_ward

NINA = {"name": "Nina Okafor", "roles": ["nurse"], "pin": "735190", "badge": "B-7"}


async def log_in(ward: Ward, who: str, pin: str, terminal: str | None = None) -> httpx.Response:
    credential = await ward.world.terminal() if terminal is None else terminal
    return await ward.client.post("/v1/sessions", json={"who": who, "pin": pin}, headers={"Galenic-Terminal": credential})


def code(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


async def change(ada: Person, path: str, body: Any = None, method: str = "PUT") -> httpx.Response:
    """A change with the ETag just read."""
    etag = (await ada.ask("GET", path)).headers["etag"]
    return await ada.ask(method, path, body, **{"If-Match": etag})


async def test_a_person_comes_is_changed_and_goes() -> None:
    async with a_ward() as ward:
        ada = await ward.person("administrator")
        added = await ada.ask("PUT", "/v1/people/nina", NINA)
        assert (added.status_code, added.headers["location"]) == (201, "/v1/people/nina")
        assert added.json() == {
            "id": "nina", "name": "Nina Okafor", "roles": ["nurse"], "active": True, "same_as": None, "badge": True,
        }  # fmt: skip
        let_in = await log_in(ward, "b-7".upper(), "735190")
        assert let_in.status_code == 201
        nina = Person(
            ward, "nina", {"Authorization": f"Bearer {let_in.json()['token']}", "Galenic-Terminal": await ward.world.terminal()}
        )
        assert (await nina.ask("GET", "/v1/ledger")).status_code == 403
        edit = {"name": "Nina Okafor", "roles": ["auditor"]}
        assert code(await ada.ask("PUT", "/v1/people/nina", edit)) == "if-match-needed"
        assert code(await ada.ask("PUT", "/v1/people/nina", edit, **{"If-Match": '"1"'})) == "changed-meanwhile"
        assert code(await change(ada, "/v1/people/nina", NINA)) == "not-edited-here"
        changed = await change(ada, "/v1/people/nina", edit)
        assert (changed.status_code, changed.json()["roles"]) == (200, ["auditor"])
        assert changed.headers["etag"] != added.headers["etag"]
        assert (await nina.ask("GET", "/v1/ledger")).status_code == 200, "in force for the session that is open"
        assert (await change(ada, "/v1/people/nina", method="DELETE")).status_code == 204
        assert code(await nina.ask("GET", "/v1/station")) == "log-in-needed"
        assert code(await log_in(ward, "nina", "735190")) == "log-in-failed"
        assert (await ada.get("/v1/people/nina"))["active"] is False
        kinds = [kind for kind, body in ward.world.rows() if body.get("person") == "nina" and kind.startswith("person.")]
        assert kinds == ["person.added", "person.badge_set", "person.pin_set", "person.changed", "person.removed"]


async def test_nobody_makes_somebody_who_must_not_be() -> None:
    async with a_ward() as ward:
        ada = await ward.person("administrator")
        last = ward.world.ledger.head[0]
        for body, refused in [
            ({"name": "N", "roles": ["nurse"]}, "pin-needed"),
            ({**NINA, "pin": "1111"}, "pin-weak"),
            ({**NINA, "roles": ["service_account"]}, "roles-wrong"),
            ({**NINA, "roles": ["king"]}, "bad-request"),
            ({**NINA, "roles": []}, "bad-request"),
            ({**NINA, "same_as": "nobody"}, "person-unknown"),
        ]:
            assert code(await ada.ask("PUT", "/v1/people/nina", body)) == refused
        assert code(await ada.ask("GET", "/v1/people/nobody")) == "person-unknown"
        assert code(await change(ada, "/v1/people/a-administrator", {"name": "A", "roles": ["nurse"]})) == "last-administrator"
        assert code(await change(ada, "/v1/people/a-administrator", method="DELETE")) == "last-administrator"
        assert {row.kind for row in ward.world.ledger.read(last, 100)} == {"refused"}


async def test_only_an_administrator_edits_people() -> None:
    async with a_ward() as ward:
        program = await ward.service()
        for who in [program, *[await ward.person(role) for role in ("nurse", "pharmacist", "auditor", "biomedical_engineer")]]:
            for method, path, body in [
                ("PUT", "/v1/people/nina", NINA),
                ("POST", "/v1/services", {"id": "x", "name": "X", "rights": ["push-orders"]}),
                ("POST", "/v1/terminals/desk/enrolment", None),
                ("PUT", "/v1/people/a-nurse/badge", {"badge": None}),
            ]:
                assert code(await who.ask(method, path, body)) == "not-allowed"
        assert ward.rows("terminal.enrolled") == [{"terminal": "desk", "simulated": True}]


async def test_pins_and_badges_are_renewed() -> None:
    async with a_ward() as ward:
        ada = await ward.person("administrator")
        await ada.ask("PUT", "/v1/people/nina", NINA)
        assert (await ada.ask("PUT", "/v1/people/nina/pin", {"pin": "918273"})).status_code == 204
        assert code(await log_in(ward, "nina", "735190")) == "log-in-failed"
        token = (await log_in(ward, "nina", "918273")).json()["token"]
        nina = Person(ward, "nina", {"Authorization": f"Bearer {token}", "Galenic-Terminal": await ward.world.terminal()})
        assert code(await nina.ask("PUT", "/v1/people/nina/pin", {"pin": "604815"})) == "pin-needed"
        assert code(await nina.ask("PUT", "/v1/people/nina/pin", {"pin": "604815", "current": "000001"})) == "log-in-failed"
        assert (await nina.ask("PUT", "/v1/people/nina/pin", {"pin": "604815", "current": "918273"})).status_code == 204
        assert code(await nina.ask("PUT", "/v1/people/a-administrator/pin", {"pin": "604815"})) == "not-allowed"
        assert (await ada.ask("PUT", "/v1/people/nina/badge", {"badge": "B-8"})).status_code == 204
        assert code(await log_in(ward, "B-7", "604815")) == "log-in-failed"
        assert (await log_in(ward, "B-8", "604815")).status_code == 201
        assert code(await ada.ask("PUT", "/v1/people/a-administrator/badge", {"badge": "B-8"})) == "badge-taken"
        await ada.ask("PUT", "/v1/people/nina/badge", {"badge": None})
        assert (await ada.get("/v1/people/nina"))["badge"] is False


async def test_programs_get_their_token_once_and_never_a_right_that_means_presence() -> None:
    async with a_ward() as ward:
        ada = await ward.person("administrator")
        made = await ada.done("POST", "/v1/services", {"id": "rx", "name": "Pharmacy", "rights": ["push-orders", "see-station"]})
        program = Person(ward, "rx", {"Authorization": f"Bearer {made['token']}"})
        assert (await program.ask("GET", "/v1/station")).status_code == 200
        assert code(await program.ask("PUT", "/v1/pulls/p", {"order": "O-amox"})) == "not-allowed"
        again = {"id": "rx", "name": "P", "rights": ["push-orders"]}
        assert code(await ada.ask("POST", "/v1/services", again)) == "person-exists"
        assert code(await ada.ask("POST", "/v1/services", {**again, "id": "ry", "rights": ["pull"]})) == "rights-wrong"
        assert "token" not in str(await ada.get("/v1/services"))
        assert (await ada.ask("DELETE", "/v1/services/rx")).status_code == 204
        assert code(await program.ask("GET", "/v1/station")) == "log-in-needed"
        assert code(await ada.ask("DELETE", "/v1/services/rx")) == "person-unknown"


async def test_terminals_are_enrolled_and_revoked() -> None:
    async with a_ward() as ward:
        ada, nurse = await ward.person("administrator"), await ward.person("nurse")
        assert (await ada.get("/v1/terminals"))["items"][0] == {
            "id": "desk", "name": "Desk", "enrolled": True, "scanner": None, "readers": [], "scale": None,
            "screen": None, "language": "en", "keyboard": "qwerty",
        }  # fmt: skip
        assert code(await ada.ask("POST", "/v1/terminals/nowhere/enrolment")) == "terminal-unknown"
        made = await ada.done("POST", "/v1/terminals/desk/enrolment")
        assert code(await nurse.ask("GET", "/v1/station")) == "log-in-needed", (
            "the old credential has ended, and so has its session"
        )
        assert code(await log_in(ward, "a-nurse", "7311")) == "terminal-not-enrolled"
        assert (await log_in(ward, "a-nurse", "7311", made["credential"])).status_code == 201
        token = (await log_in(ward, "a-administrator", "7301", made["credential"])).json()["token"]
        ada = Person(ward, ada.id, {"Authorization": f"Bearer {token}", "Galenic-Terminal": made["credential"]})
        assert (await ada.ask("DELETE", "/v1/terminals/desk/enrolment")).status_code == 204
        assert code(await log_in(ward, "a-nurse", "7311", made["credential"])) == "terminal-not-enrolled"


async def test_wrong_pins_slow_one_account_and_never_the_ward() -> None:
    """The waiting grows, says how long it is, survives nobody's guessing at other names, and a charge nurse ends it."""
    async with a_ward() as ward:
        charge = await ward.person("charge_nurse")
        await ward.person("nurse")
        for _ in range(FREE_TRIES):
            assert code(await log_in(ward, "a-nurse", "0001")) == "log-in-failed"
        slowed = await log_in(ward, "a-nurse", "7311")
        assert (slowed.status_code, code(slowed)) == (429, "try-later")
        assert int(slowed.headers["retry-after"]) == slowed.json()["facts"]["wait_s"] >= 1
        for n in range(TERMINAL_TRIES + 10):
            await log_in(ward, f"guess-{n}", "0001")
        assert (await log_in(ward, "a-charge-nurse", "7301")).status_code == 201, "who has not failed does not wait"
        assert (await charge.ask("DELETE", "/v1/people/a-nurse/delay")).status_code == 204
        assert (await log_in(ward, "a-nurse", "7311")).status_code == 201
        assert code(await charge.ask("DELETE", "/v1/people/nobody/delay")) == "person-unknown"


async def test_guesses_at_one_account_are_worked_out_one_by_one() -> None:
    async with a_ward() as ward:
        await ward.person("nurse")
        answers = await asyncio.gather(*(log_in(ward, "a-nurse", f"000{n}") for n in range(8)))
        assert sum(code(answer) == "log-in-failed" for answer in answers) <= FREE_TRIES


async def test_a_witness_signs_here_and_now_and_once() -> None:
    """What is signed is a hash that the refusal tells; the token is good for it alone, once."""
    async with a_ward() as ward:
        nurse, charge = await ward.person("nurse"), await ward.person("charge_nurse")
        sign = {"who": "a-nurse", "pin": "7301", "subject": "0" * 64}
        signed = await charge.done("POST", "/v1/witnesses", sign)
        assert len(signed["witness"]) > 40
        assert code(await nurse.ask("POST", "/v1/witnesses", sign)) == "witness-same-person"
        assert code(await charge.ask("POST", "/v1/witnesses", {**sign, "pin": "7302"})) == "log-in-failed"
        assert code(await charge.ask("POST", "/v1/witnesses", {**sign, "subject": "0" * 63})) == "bad-request"
        program = await ward.service()
        assert code(await program.ask("POST", "/v1/witnesses", sign)) in {"terminal-not-enrolled", "presence-required"}
        granted = ward.rows("witness.granted")
        assert [(row["person"], row["subject"], row["terminal"]) for row in granted] == [("a-nurse", "0" * 64, "desk")]
        assert signed["witness"] not in str(ward.world.rows())


async def test_conventions_of_lists_waiting_and_ids() -> None:
    """B1: cursors that link to the next page, `Prefer: wait`, an ETag on everything, and one PUT one thing."""
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        first = await nurse.ask("GET", "/v1/drawers?limit=3")
        assert len(first.json()["items"]) == 3
        link = first.headers["link"]
        assert link.endswith('>; rel="next"')
        rest = await nurse.get(link[1 : link.index(">")])
        assert ([one["id"] for one in rest["items"]], rest["next"]) == (["A-04"], None)
        for wrong in ("%21", "QQ==", "_w", "QR"):
            assert code(await nurse.ask("GET", f"/v1/drawers?after={wrong}")) == "bad-cursor"
        begun = await nurse.ask("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        assert (begun.status_code, begun.headers["location"]) == (202, "/v1/pulls/p-1")
        again = await nurse.ask("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        assert (again.status_code, again.json()["id"]) == (202, "p-1")
        other = await nurse.ask("PUT", "/v1/pulls/p-1", {"order": "O-pred"})
        assert (other.status_code, code(other)) == (409, "pull-id-taken")
        assert len(ward.rows("pull.requested")) == 1
        waited = await nurse.ask("GET", "/v1/pulls/p-1", Prefer="respond-async, wait=5")
        assert waited.headers["preference-applied"] == "wait=5"
        assert waited.headers["etag"] == f'"{waited.json()["seq"]}"'
        assert "preference-applied" not in (await nurse.ask("GET", "/v1/pulls/p-1", Prefer="wait=x")).headers
        assert (await nurse.ask("GET", "/v1/pulls/p-1", Prefer="wait=9999")).headers["preference-applied"] == "wait=30"
