"""Discrepancies: the open ones by class and age, and the story of each; explained, resolved with a witness, reviewed.

Nothing here names a culprit: a story lists everybody who could have reached the pocket, key and service access included.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.console import witness
from api.console.medicines import name_of
from api.console.page import ROOT, Form, Go, Nothing, Pages, Shown
from api.console.paging import paged
from api.console.story import story
from api.console.visitor import Visitor
from api.console.witness import Witness
from api.rest.discrepancies import ReasonCode, find, shown
from controller.ledger.views.discrepancies import UNSETTLED, Discrepancy
from controller.machines.discrepancy import State
from controller.policy.roles import Right, Role
from controller.workflows import discrepancy
from drivers.faults import Refused

pages = Pages()

AT_ONCE = 6
CLASSES = ("CII", "CIII", "CIV", "CV", "none")
"""The drug classes, the most closely watched first."""
REASONS: tuple[ReasonCode, ...] = ReasonCode.__args__  # type: ignore[attr-defined]  # a Literal's own
REASON_OF = {
    "amount-removed": "amount-removed-keyed",
    "refill-keyed-twice": "refill-keyed-twice",
    "wrong-pack-size": "wrong-pack-size",
    "pull-cancelled": "pull-cancelled",
    "wrong-item-taken": "wrong-item-taken",
    "opposite-here": "miscounted",
    "opposite-neighbour": "returned-elsewhere",
}
"""The reason that a suggestion, where a person says yes to it, stands for."""
LISTS = {"open": UNSETTLED, "review": frozenset({State.RESOLVED}), "closed": frozenset({State.REVIEWED, State.CLOSED})}

Said = Annotated[str, Field(min_length=1, max_length=2000)]


class Explained(Form):
    """What happened, as far as anybody can say."""

    reason: ReasonCode
    explanation: Said


class Reviewed(Form):
    """Whether the resolution stands, and why."""

    accept: Literal["yes", "no"]
    note: Said


@pages.page("/discrepancies", "discrepancies.html", Right.SEE_DISCREPANCIES)
def discrepancies(visitor: Visitor) -> Shown:
    """The open ones, by drug class and then by age; those that wait for a review; those that are over, the newest first."""
    which = visitor.query.get("list", "open")
    which = which if which in LISTS else "open"
    by_list = {name: [found for found in _all(visitor) if found["state"] in states] for name, states in LISTS.items()}
    chosen = sorted(by_list[which], key=lambda found: urgency(visitor, found))
    if which == "closed":
        chosen = sorted(chosen, key=lambda found: -found["seq"])
    page = paged(chosen, visitor.query.get("page", "1"), AT_ONCE)
    facts = {
        "which": which,
        "numbers": {name: len(found) for name, found in by_list.items()},
        "rows": [{"found": shown(found, visitor.who), **_thing(visitor, found)} for found in page.rows],
        "page": page,
    }
    return Shown(facts, all_of=frozenset({"discrepancy"}), ticks=bool(page.rows))


@pages.page("/discrepancies/{id}", "discrepancy.html", Right.SEE_DISCREPANCIES)
def one(visitor: Visitor, id: str) -> Shown:
    """One: what was found, everything since the last good count as a time line, likely causes as questions, and what to do."""
    found = find(visitor.station, id)
    facts = {
        **_facts(visitor, found),
        "steps": story(visitor, found),
        "causes": [{"reason": REASON_OF.get(hint["code"]), **_cause(visitor, hint)} for hint in found["suggestions"]],
        "open": found["state"] in UNSETTLED,
        "may": visitor.may(Right.RESOLVE_DISCREPANCIES),
        "review": found["state"] == State.RESOLVED and Role.PHARMACIST in visitor.who.roles,
        "involved": visitor.who.person in discrepancy.parties(found),
    }
    return Shown(facts, frozenset({id}), ticks=found["state"] in UNSETTLED)


@pages.page("/discrepancies/{id}/explanation", "discrepancy_explain.html", Right.RESOLVE_DISCREPANCIES)
def explanation(visitor: Visitor, id: str) -> Shown:
    """What happened: a reason from the list, and words."""
    found = find(visitor.station, id)
    if found["state"] not in UNSETTLED:
        return Shown(go=f"{ROOT}/discrepancies/{id}")
    asked = visitor.query.get("reason") or found["reason"]
    return Shown({**_facts(visitor, found), "reasons": REASONS, "reason": asked if asked in REASONS else None})


@pages.page("/discrepancies/{id}/witness", "discrepancy_witness.html", Right.RESOLVE_DISCREPANCIES)
def sign(visitor: Visitor, id: str) -> Shown:
    """What the witness signs, and her panel."""
    found = find(visitor.station, id)
    if found["state"] != State.EXPLAINED:
        return Shown(go=f"{ROOT}/discrepancies/{id}")
    return Shown({**_facts(visitor, found), **witness.named(visitor)}, frozenset({id}))


@pages.post("/discrepancies/{id}/claim", Nothing, Right.RESOLVE_DISCREPANCIES)
async def claim(visitor: Visitor, _: Nothing, id: str) -> Go:
    """Takes it up, or over. Raises Refused."""
    discrepancy.claim(visitor.station, visitor.who, id)
    return Go()


@pages.post("/discrepancies/{id}/explanation", Explained, Right.RESOLVE_DISCREPANCIES)
async def explain(visitor: Visitor, said: Explained, id: str) -> Go:
    """Says what happened, and goes on to the witness. Raises Refused."""
    discrepancy.explain(visitor.station, visitor.who, id, said.reason, said.explanation)
    await visitor.station.ledger.settled()
    return Go(f"{ROOT}/discrepancies/{id}/witness")


@pages.post("/discrepancies/{id}/resolution", Witness, Right.RESOLVE_DISCREPANCIES)
async def resolve(visitor: Visitor, said: Witness, id: str) -> Go:
    """The witness signs the explanation as it stands, and it is resolved. Raises Refused."""
    found = find(visitor.station, id)
    reason, words = found["reason"], found["explanation"]
    if reason is None or words is None:
        raise Refused("discrepancy-not-now", discrepancy=id, state=found["state"], wanted="resolved")
    token = await witness.signed(visitor, said, discrepancy.what_is_signed(found, reason, words))
    discrepancy.resolve(visitor.station, visitor.who, id, reason, words, token)
    await visitor.station.ledger.settled()
    return Go(f"{ROOT}/discrepancies/{id}")


@pages.post("/discrepancies/{id}/review", Reviewed, Right.RESOLVE_DISCREPANCIES)
async def review(visitor: Visitor, said: Reviewed, id: str) -> Go:
    """A pharmacist who had no part in it lets it stand, or opens it again. Raises Refused."""
    discrepancy.review(visitor.station, visitor.who, id, said.accept == "yes", said.note)
    await visitor.station.ledger.settled()
    return Go(f"{ROOT}/discrepancies/{id}")


def urgency(visitor: Visitor, found: Discrepancy) -> tuple[int, int]:
    """What an open discrepancy is sorted by: drug class, then age."""
    item = visitor.station.books.formulary.item(found["item"])
    return CLASSES.index(item.schedule if item is not None else "none"), found["opened_seq"]


def _all(visitor: Visitor) -> list[Discrepancy]:
    return list(visitor.station.books.discrepancies.all.values())


def _thing(visitor: Visitor, found: Discrepancy) -> dict[str, Any]:
    station = visitor.station
    claimed = found["claimed_by"]
    return {
        "item": station.books.formulary.item(found["item"]),
        "claimed": name_of(station, claimed) if claimed else None,
        "steps_of_age": discrepancy.ESCALATIONS[: found["escalated"]],
        "open_since": found["open_since"],
    }


def _facts(visitor: Visitor, found: Discrepancy) -> dict[str, Any]:
    return {"found": shown(found, visitor.who), **_thing(visitor, found)}


def _cause(visitor: Visitor, hint: dict[str, Any]) -> dict[str, Any]:
    """A suggestion with the names of what it tells of."""
    item = visitor.station.books.formulary.item(hint["item"]) if "item" in hint else None
    return {**hint, "of": item}
