"""Talk: what people say to a live piece of work and what it answers. Closing a browser ends the waiting, never the work.

A workflow is one coroutine that yields once, when its request is in the ledger. Up to there it runs for the one who asks, who
hears at once what it refuses; from there on the station carries it.

The client chooses the id of a piece of work. The same request under the same id is the same work; another one is refused.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from controller.ledger import bodies
from controller.ledger.port import Entry, Posting, Row
from controller.ledger.views.work import EVENTS, LIVE
from controller.ledger.views.work_records import Work
from controller.machines import transaction
from controller.policy.session import Session, at_terminal
from drivers.faults import Fault, Refused

if TYPE_CHECKING:
    from controller.station import Station
    from controller.workflows.visit import Visit

_NONE: Mapping[str, Any] = {}
Course = AsyncGenerator[None, None]
Workflow = Callable[["Talk"], Course]


@dataclass(slots=True)
class Said:
    """One thing a person said: its kind (`taken`, `count`, `placed`, `scan`, `put-back`, `cancel`) and what belongs to it."""

    kind: str
    facts: Mapping[str, Any]
    session: Session
    heard: asyncio.Future[None]

    @property
    def refused(self) -> bool:
        """Whether it was said in vain: the same may be said again."""
        return self.heard.done() and self.heard.exception() is not None

    def accept(self) -> None:
        """It was taken in, and is in the ledger."""
        if not self.heard.done():
            self.heard.set_result(None)

    def refuse(self, fault: Fault) -> None:
        """It was refused; the question stands as before."""
        if not self.heard.done():
            self.heard.set_exception(fault)


class Talk:
    """One live piece of work: who does it, what is said to it, and how it ends."""

    def __init__(self, station: Station, session: Session, kind: str, id_: str, request: Mapping[str, Any]) -> None:
        self.station = station
        self.session = session
        self.kind = kind
        self.id = id_
        self.request = request
        self.inbox: asyncio.Queue[Said | tuple[Row, Mapping[str, Any]]] = asyncio.Queue()
        self.begun: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.begun.add_done_callback(_looked_at)
        self.visit: Visit | None = None
        self.keyed: dict[str, Said] = {}
        """What was said under a key of the client's choice."""
        self._unanswered: Said | None = None

    @property
    def work(self) -> Work:
        """Its record, as the ledger has it."""
        return self.station.books.work.works[f"{self.kind}/{self.id}"]

    def entry(self, what: str, **facts: Any) -> Entry:
        """One step of this work, as an entry by its person."""
        return Entry(f"{self.kind}.{what}", {self.kind: self.id, **facts}, self.session.person)

    def requested(self, item: str, quantity: int, **about: Any) -> Entry:
        """The first entry of the work."""
        return self.entry(
            "requested",
            request=dict(self.request),
            request_hash=request_hash(self.request),
            person=self.session.person,
            session=self.session.id,
            terminal=at_terminal(self.session),
            item=item,
            quantity=quantity,
            about=about,
        )

    @property
    def name(self) -> dict[str, str]:
        """What other entries call this work."""
        return {"kind": self.kind, "id": self.id}

    def post(self, *entries: Entry) -> Posting:
        """Posts the entries in one commit, if the table allows every step. Raises IllegalEvent (a defect), LedgerFault."""
        state = transaction.State(self.work["state"])
        for entry in entries:
            family, _, what = entry.kind.partition(".")
            if family == self.kind and what in EVENTS:
                state = transaction.RULES.after(state, transaction.Event(what))
        return self.station.ledger.post(*entries)

    def owes(self, said: Said) -> None:
        """This was taken in; it is answered when the work has its next question, or has ended."""
        self._unanswered = said

    def answer(self) -> None:
        """Answers what was taken in last."""
        if self._unanswered is not None:
            self._unanswered.accept()
            self._unanswered = None

    def not_begun(self, why: Fault | None) -> None:
        """It was refused; or (None) who asked has gone, and whoever waits for the same may ask anew.

        Should a drawer open for it all the same, that pocket is in doubt.
        """
        if why is None:
            self.begun.set_result(False)
        else:
            self.begun.set_exception(why)
        try:
            self._end_by("left-unanswered", {})
        finally:
            self._close()

    async def run(self, course: Course) -> None:
        """Lives the rest of the work through. Whatever happens, it ends in one of its four ends."""
        try:
            await anext(course, None)
        except Fault as fault:
            self._end_by(fault.code, fault.facts)
        except Exception:
            self._end_by("defect", {})
            raise
        finally:
            self._close()

    def _end_by(self, code: str, facts: Mapping[str, Any]) -> None:
        """Failed while nothing of it was open, in doubt otherwise: nothing is ever guessed."""
        if self.station.books.work.get(self.kind, self.id) is None or self.work["state"] not in LIVE:
            return
        if self.work["state"] == transaction.State.RESERVED:
            self.post(self.entry("failed", code=code, facts=dict(facts)))
        else:
            self.post(*in_doubt(self.work, code, self.session.person, facts))

    def _close(self) -> None:
        self.answer()
        if self.visit is not None:
            self.visit.end()
        self.station.desk.talks.pop(f"{self.kind}/{self.id}", None)
        while not self.inbox.empty():
            left = self.inbox.get_nowait()
            if isinstance(left, Said):
                left.refuse(Refused("work-ended"))


def _looked_at(future: asyncio.Future[Any]) -> None:
    """A refusal whose asker has gone away is not an unhandled exception."""
    if not future.cancelled():
        future.exception()


def in_doubt(work: Work, reason: str, actor: str, facts: Mapping[str, Any] = _NONE) -> list[Entry]:
    """The entries that leave a piece of work in doubt and the pocket it was at unverified."""
    leg = work["legs"][work["at"]]
    about = {work["kind"]: work["id"], "pocket": leg["pocket"], "reason": reason, "code": reason, "facts": dict(facts)}
    doubt = {"pocket": leg["pocket"], "reason": reason, "intent": leg["intent"]}
    return [Entry(f"{work['kind']}.in_doubt", about, actor), Entry("pocket.unverified", doubt, actor)]


def request_hash(request: Mapping[str, Any]) -> str:
    """SHA-256 of a request's canonical JSON: what makes the same PUT the same."""
    return hashlib.sha256(bodies.written(request)).hexdigest()


class Desk:
    """The live work of a station, by `kind/id`: one per station."""

    def __init__(self) -> None:
        self.talks: dict[str, Talk] = {}

    def talk(self, kind: str, id_: str) -> Talk | None:
        """The live work, or None if it has ended or never was."""
        return self.talks.get(f"{kind}/{id_}")


async def begin(station: Station, session: Session, kind: str, id_: str, request: Mapping[str, Any], workflow: Workflow) -> bool:
    """Begins a piece of work, or finds it begun. Returns whether it is new; by then its request is in the ledger.

    Raises Refused(`<kind>-id-taken`) when the id is another request's or another person's, and whatever the workflow
    refuses before it has begun: then nothing is recorded under that id, and nothing moved.
    """
    while True:
        known = station.books.work.get(kind, id_)
        live = station.desk.talk(kind, id_)
        if known is not None:
            same = known["request_hash"] == request_hash(request) and known["person"] == session.person
        else:
            same = live is None or (live.request == request and live.session.person == session.person)
        if not same:
            raise Refused(f"{kind}-id-taken", id=id_)
        if known is not None:
            return False
        if live is None:
            break
        if await asyncio.shield(live.begun):
            return False
    talk = station.desk.talks[f"{kind}/{id_}"] = Talk(station, session, kind, id_, request)
    course = workflow(talk)
    try:
        await anext(course)
    except Fault as fault:
        talk.not_begun(fault)
        raise
    except asyncio.CancelledError:
        talk.not_begun(None)
        raise
    except Exception as defect:
        station.defect(f"{kind}/{id_}", defect)
        refused = Refused("work-not-begun")
        talk.not_begun(refused)
        raise refused from defect
    try:
        await station.ledger.settled()  # nothing else is begun while the disk has it, and before the lock has its byte
    finally:  # whoever asked may have gone: the work goes on
        talk.begun.set_result(True)
        station.spawn(talk.run(course), name=f"{kind}/{id_}")
    return True


async def say(station: Station, session: Session, kind: str, id_: str, what: str, key: str | None = None, **facts: Any) -> None:
    """Says something to a live piece of work and waits for its answer. Raises Refused: the question stands as before.

    What is said again under the same `key` has the first one's answer and is not said twice: a double tap on a number that
    differs is one attempt, not two.
    """
    work = station.books.work.get(kind, id_)
    if work is None:
        raise Refused(f"unknown-{kind}", id=id_)
    at_terminal(session)
    if work["person"] != session.person:
        raise Refused("not-your-work", kind=kind, id=id_)
    talk = station.desk.talk(kind, id_)
    if talk is None:
        raise Refused("work-ended", kind=kind, id=id_, state=work["state"])
    said = talk.keyed.get(key) if key is not None else None
    if said is None or said.refused:
        heard = asyncio.get_running_loop().create_future()
        heard.add_done_callback(_looked_at)
        said = Said(what, facts, session, heard)
        talk.inbox.put_nowait(said)
        if key is not None:
            talk.keyed[key] = said
    elif (said.kind, said.facts) != (what, facts):
        raise Refused("idempotency-key-reused")
    await asyncio.shield(said.heard)
