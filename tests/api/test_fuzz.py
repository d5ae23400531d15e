"""Every route × every role × requests drawn from the document, right and wrong: never a 500, and a refusal changes nothing.

A request is drawn from the operation's own schema and then, mostly, bent: a member gone, one too many, another type, a value
at or past its bound, an id that nobody has. What is refused must be a problem whose code the catalogue knows, with effect and
remedy; and no row but the record of the refusal itself may stand in the ledger behind it.
"""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from api import openapi
from api.problems import CATALOGUE, MEDIA_TYPE
from controller.ledger.port import Entry
from controller.policy.roles import Role, rights_of
from controller.workflows import pull
from drivers.faults import Refused
from tests.acceptance.ward import PLANOGRAM, Person, Ward, a_ward, scan_of
from tests.api.asking import the_document

KNOWN = [
    "A-01", "A-02", "A-03-1", *PLANOGRAM, *set(PLANOGRAM.values()), "O-amox", "O-pred", "O-mor", "O-oxy", "P-1", "P-2", "desk",
    "lockbus", "a-nurse", "a-pharmacist", "rx", "w-1", "w-2", "tote-1", scan_of("amoxicillin-500"), scan_of("morphine-10", "MOR1"),
]  # fmt: skip
ODD: list[Any] = [
    None, True, 0, -1, 1, 2**31, 2**63, 10**30, 1.5, "", " ", "x" * 200, "x" * 5000, "\u0000", "\ud7ff", "٤", "a/b", "../..",
    "'; DROP TABLE row; --", "<script>", "{id}", "nobody", [], [[]], [None], {}, {"": None}, {"kind": "count"}, "NaN", "1e9",
]  # fmt: skip
EACH = 2
"""Requests an operation and role get."""
SEEDS = range(2)


class Drawn:
    """Values drawn from a schema by a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def value(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """Mostly one that fits; sometimes any odd one."""
        if depth and self.chance.random() < 0.08:
            return self.chance.choice(ODD)
        schema = self.resolved(schema)
        for name in ("anyOf", "oneOf"):
            if name in schema:
                return self.value(self.chance.choice(schema[name]), depth)
        if "const" in schema or "enum" in schema:
            return schema.get("const") or self.chance.choice(schema["enum"])
        return getattr(self, f"_{schema.get('type', 'string')}")(schema, depth)

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = the_document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _object(self, schema: dict[str, Any], depth: int) -> Any:
        wanted = set(schema.get("required", ()))
        members = schema.get("properties", {})
        drawn = {
            name: self.value(part, depth + 1)
            for name, part in members.items()
            if self.chance.random() < (0.95 if name in wanted else 0.4)
        }
        if self.chance.random() < 0.1:
            drawn[self.chance.choice(["extra", "person", "role", "expected", ""])] = self.chance.choice(ODD)
        return drawn

    def _array(self, schema: dict[str, Any], depth: int) -> Any:
        return [self.value(schema.get("items", {}), depth + 1) for _ in range(self.chance.choice([0, 1, 1, 2, 3]))]

    def _integer(self, schema: dict[str, Any], _: int) -> Any:
        low, high = schema.get("minimum", schema.get("exclusiveMinimum", 0)), schema.get("maximum", 20)
        return self.chance.choice([low, low + 1, low + 2, low - 1, high, high + 1, 8, 10, 20])

    def _number(self, _: dict[str, Any], __: int) -> Any:
        return self.chance.choice([0.0, 1.5, -1.0])

    def _boolean(self, _: dict[str, Any], __: int) -> Any:
        return self.chance.random() < 0.5

    def _null(self, _: dict[str, Any], __: int) -> Any:
        return None

    def _string(self, schema: dict[str, Any], _: int) -> Any:
        if schema.get("pattern", "").startswith("^[0-9a-f]"):
            return "0" * 64
        if "format" in schema:
            return self.chance.choice(["2031-03-01", "2031-03-01T06:00:00Z", "2031-13-01", "now"])
        if "pattern" in schema and "0-9]{0,8}" in schema["pattern"]:
            return self.chance.choice(["500", "7.5", "0", "0.000001", "999999999"])
        return self.chance.choice([*KNOWN, "mg", "tablet", "735190", "Somebody New", f"n-{self.chance.randrange(50)}"])

    def request(self, method: str, path: str, operation: dict[str, Any]) -> tuple[str, str, Any, dict[str, str]]:
        """A whole request: method, path with its query, body, further headers."""
        values, query, headers = {}, [], {}
        for parameter in operation.get("parameters", ()):
            value = str(self.value(parameter["schema"], 1))
            if parameter["in"] == "path":
                values[parameter["name"]] = self.escaped(value)
            elif parameter["in"] == "query" and self.chance.random() < 0.5:
                query.append(f"{parameter['name']}={self.escaped(value)}")
        if self.chance.random() < 0.3:
            headers = {"Prefer": self.chance.choice(["wait=0", "wait=x", "wait", "wait=999999999999"])}
        if self.chance.random() < 0.5:
            headers["If-Match"] = self.chance.choice(["*", '"1"', '"9999"', "x", "W/x, y"])
        filled = re.sub(r"\{(\w+)\}", lambda name: values[name[1]], path)
        body = operation.get("requestBody")
        content = None if body is None else self.value(body["content"]["application/json"]["schema"])
        return method, filled + ("?" + "&".join(query) if query else ""), content, headers

    @staticmethod
    def escaped(value: str) -> str:
        return (
            "".join(f"%{byte:02x}" if not chr(byte).isalnum() and byte != 45 else chr(byte) for byte in value.encode()[:300])
            or "%20"
        )


async def everybody(ward: Ward) -> dict[str, Person]:
    people = {"program": await ward.service()}
    return people | {str(role): await ward.person(role) for role in Role if role is not Role.SERVICE_ACCOUNT}


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_is_sent_is_taken_whole_or_refused_whole(seed: int) -> None:
    await storm(seed)


async def test_a_refusal_that_leaves_something_behind_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = pull.request

    async def careless(station: Any, session: Any, id_: str, asked: Any) -> bool:
        try:
            return await begin(station, session, id_, asked)
        except Refused:
            station.ledger.post(Entry("leftover", {"person": session.person}, session.person))
            raise

    monkeypatch.setattr(pull, "request", careless)
    with pytest.raises(AssertionError, match="leftover"):
        await storm(0)


async def test_a_defect_behind_a_route_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(pull, "due", careless)
    with pytest.raises(AssertionError, match="defect"):
        await storm(0)


async def storm(seed: int) -> None:
    """Every operation asked by everybody; AssertionError for an answer that no answer of ours may be."""
    drawn, answers = Drawn(seed), {True: 0, False: 0}
    async with a_ward() as ward:
        people = await everybody(ward)
        operations = [one for one in openapi.operations(the_document()) if one[1] not in {"/v1/events", "/v1/health"}]
        order = [(who, operation) for who in people for operation in operations for _ in range(EACH)]
        drawn.chance.shuffle(order)
        for who, (method, path, operation) in order:
            if (method, path) == ("DELETE", "/v1/sessions/current"):
                continue
            request = drawn.request(method, path, operation)
            people[who] = await awake(ward, people[who], who)
            before, truth = ward.world.ledger.head[0], len(ward.openings())
            method_, path_, body, headers = request
            answer = await people[who].ask(method_, path_, body, **headers)
            fine = answer.status_code < 400
            answers[fine] += 1
            if fine:
                continue
            told = answer.json()
            assert answer.status_code < 500 or told["code"] != "defect", (who, request, answer.text)
            assert answer.headers["content-type"] == MEDIA_TYPE
            assert told["code"] in CATALOGUE, (who, request, answer.text)
            assert told["effect"] in {"none", "done", "unknown"}
            assert told["remedy"]
            if told["code"] == "bad-request":
                assert all(error["message"] and error["in"] for error in told["errors"])
            rows = [row for row in ward.world.ledger.read(before, 100) if own(row.body, people[who].id)]
            assert {row.kind for row in rows} <= {"refused", "session.refused", "witness.used"}, (who, request, answer.text, rows)
            assert len(ward.openings()) == truth or told["effect"] != "none" or moving(ward), (who, request)
    assert answers[True] > 40, answers
    assert answers[False] > 600, answers


def own(body: bytes, person: str) -> bool:
    """Whether a row is of somebody's asking: drawers move and sessions end by themselves meanwhile."""
    return b'"intent"' not in body and b'"drawer"' not in body and f'"{person}"'.encode() in body


def moving(ward: Ward) -> bool:
    """Whether something granted before is still on its way."""
    return any(drawer.intent is not None for drawer in ward.world.station.drawers.values())


async def awake(ward: Ward, person: Person, who: str) -> Person:
    """The person, logged in anew where an administrator's request has ended the session or the account."""
    if (await ward.client.get("/v1/station", headers=person.headers)).status_code == 200:
        return person
    if who == "program":
        token = await ward.world.people.add_service(
            f"rx-{ward.world.ledger.head[0]}", "P", rights_of([Role.SERVICE_ACCOUNT]), "setup"
        )
        return Person(ward, person.id, {"Authorization": f"Bearer {token}"})
    ward.world._terminals.clear()
    name = f"{who.replace('_', '-')}-{ward.world.ledger.head[0]}"
    await ward.world.people.add_person(name, name, [Role(who)], "735190", "setup")
    ward.world._pins[name] = "735190"
    return await ward.person(who, name)
