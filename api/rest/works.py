"""How a pull, restock, count or pick is said: where it stands, what it asks of the person now, and how it ended.

No answer carries an expected count: a person who counts blind learns from it only that she is to count again (law 9).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import Header, Request, Response
from pydantic import Field, StringConstraints

from api.rest.asking import Answer, Body, prefer_wait, set_etag
from controller.ledger.views.work import LIVE
from controller.ledger.views.work_records import Leg, Work
from controller.policy.session import Session
from controller.station import Station
from controller.workflows.talk import say
from drivers.faults import Refused
from sites.part import Id

Quantity = Annotated[int, Field(ge=0, le=1_000_000)]
WorkId = Id
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Scan = Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class LegAnswer(Answer):
    """One pocket of the work."""

    pocket: str
    drawer: str
    quantity: int
    """Units asked of it."""
    state: Literal["waiting", "accessing", "done", "skipped"]
    declared: int | None
    """Units the person said."""


class Asked(Answer):
    """What the work waits for: the drawer to be opened or shut, or one of these entries by its person."""

    do: Literal["open", "answer", "shut", "put-back"]
    pocket: str
    drawer: str
    entries: list[str]
    """Kinds that `POST …/entries` would take now."""
    again: bool
    """The count differed: count again. Nothing more is said."""


class Problem(Answer):
    """Why it did not go as asked, as a code of the catalogue at `/help/problems/<code>`."""

    code: str
    facts: dict[str, Any]


class WorkAnswer(Answer):
    """A piece of work. `seq` is the ledger number of its last change."""

    id: str
    kind: Literal["pull", "restock", "count", "pick"]
    state: Literal["authorised", "reserved", "accessing", "counting", "committed", "cancelled", "failed", "in_doubt"]
    since: str
    seq: int
    person: str
    item: str
    quantity: int
    about: dict[str, Any]
    """What only this kind has: order, patient, dose; list, line, tote; lot, expiry."""
    legs: list[LegAnswer]
    ask: Asked | None
    result: dict[str, Any]
    """How it ended: `outcome` (done, short, partial, over, equal, different), quantities, what is to be wasted."""
    problem: Problem | None
    discrepancies: list[str]


class Taken(Body):
    """How many units the person took: the last one said before the drawer is shut counts."""

    kind: Literal["taken"]
    quantity: Quantity


class Count(Body):
    """How many units the person counts in the pocket."""

    kind: Literal["count"]
    number: Quantity


class Scanned(Body):
    """A code read from a package, as the scanner gave it."""

    kind: Literal["scan"]
    data: Scan


class PutBack(Body):
    """The wrong package of before, scanned again as it goes back to where it came from."""

    kind: Literal["put-back"]
    data: Scan


class Placed(Body):
    """How many units the technician put in; lot and expiry where the code does not say them."""

    kind: Literal["placed"]
    quantity: Quantity
    lot: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,20}$")] | None = None
    expiry: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}(-\d{2})?$")] | None = None
    reason: Reason | None = None


DrawEntry = Annotated[Taken | Count | Scanned | PutBack, Field(discriminator="kind")]
RestockEntry = Annotated[Count | Placed | Scanned | PutBack, Field(discriminator="kind")]
CountEntry = Annotated[Count, Field()]

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=100, description="The same entry with the same key is said once."),
]

_SAID = ("requested", "reserved", "accessing", "counting", "entered", "scanned", "pocket_done", "skipped", "cancelling")
_ENDS = ("committed", "cancelled", "failed", "in_doubt")
_DRAWER = ("drawer.opened", "drawer.unlocked", "drawer.locked", "drawer.closing", "drawer.ajar", "drawer.intent_closed")


def find(station: Station, kind: str, id_: str) -> Work:
    """The piece of work. Raises Refused(`unknown-<kind>`)."""
    work = station.books.work.get(kind, id_)
    if work is None:
        raise Refused(f"unknown-{kind}", id=id_)
    return work


def shown(station: Station, work: Work) -> WorkAnswer:
    """The piece of work as anybody may see it who may see work at all."""
    problem = work["problem"]
    return WorkAnswer.model_validate(
        {
            **{name: work[name] for name in _PLAIN},  # type: ignore[literal-required]
            "about": {name: value for name, value in work["about"].items() if name != "things"},
            "legs": [_leg(leg) for leg in work["legs"]],
            "ask": _ask(station, work),
            "result": {name: value for name, value in work["result"].items() if name not in {"code", "facts"}},
            "problem": Problem(code=problem["code"], facts=problem["facts"]) if problem else None,
        }
    )


_PLAIN = ("id", "kind", "state", "since", "seq", "person", "item", "quantity", "discrepancies")


def _leg(leg: Leg) -> LegAnswer:
    return LegAnswer.model_validate({name: leg[name] for name in LegAnswer.model_fields})  # type: ignore[literal-required]


def _ask(station: Station, work: Work) -> Asked | None:
    talk = station.desk.talk(work["kind"], work["id"])
    visit = talk.visit if talk is not None else None
    if visit is None or work["state"] not in LIVE or not work["legs"]:
        return None
    leg = work["legs"][work["at"]]
    entries: list[str] = list(visit.asking)
    do = "open"
    if leg["wrong"] is not None:
        do, entries = "put-back", ["put-back", "scan"]
    elif visit.was_open:
        do = "answer" if entries and not visit.closing else "shut"
    return Asked.model_validate(
        {"do": do, "pocket": visit.pocket, "drawer": visit.drawer.id, "entries": entries, "again": visit.again}
    )


async def answered(station: Station, kind: str, id_: str, request: Request, response: Response) -> WorkAnswer:
    """The work as it is now, or once it has changed where the caller prefers to wait: 202 while it lives, 200 after."""
    wait_s = prefer_wait(request, response)
    work = find(station, kind, id_)
    if wait_s > 0 and work["state"] in LIVE:
        await _change(station, work, wait_s)
    live = work["state"] in LIVE
    response.status_code = 202 if live and request.method != "GET" else 200
    set_etag(response, work["seq"])
    return shown(station, work)


async def _change(station: Station, work: Work, wait_s: float) -> None:
    """Returns when the ledger says something new of the work or of its drawer, or after the wait."""
    kind, id_ = work["kind"], work["id"]
    intents = {leg["intent"] for leg in work["legs"]}
    name = {"kind": kind, "id": id_}

    def concerns(body: Mapping[str, Any]) -> bool:
        return body.get(kind) == id_ or body.get("work") == name or (body.get("intent") in intents and "drawer" in body)

    kinds = [f"{kind}.{what}" for what in (*_SAID, *_ENDS)] + ["count.entered", *_DRAWER]
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await station.ledger.wait_for(kinds, concerns, after=max(work["seq"], station.ledger.durable_seq))


async def entered(station: Station, session: Session, kind: str, id_: str, entry: Body, key: str | None) -> None:
    """Says an entry to the work; with a key, once however often it is sent. Raises Refused: the question stands as before."""
    facts = entry.model_dump(exclude_none=True)
    what = facts.pop("kind")
    await say(station, session, kind, id_, what, key, **facts)
