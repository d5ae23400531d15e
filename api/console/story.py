"""A discrepancy as a time line: the last good count, everybody who could have reached in since, and what people did then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.console.medicines import name_of
from api.console.visitor import Visitor
from api.rest.discrepancies import shown
from controller.ledger.views.discrepancies import Discrepancy
from controller.policy.roles import Right

SEES = {"pull": Right.PULL, "restock": Right.RESTOCK, "pick": Right.PICK}
"""What somebody may do who may see what was said in a piece of work (as `/v1/pulls/{id}` and the others answer)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `what` is `good-count`, an access's kind, `found`, or a step of the discrepancy; `person` is None
    where nobody knows, or the station did it. `quantity` is what the person said was taken or put in."""

    what: str
    at: str | None
    person: str | None
    work: str | None = None
    quantity: int | None = None
    says: str | None = None


def story(visitor: Visitor, found: Discrepancy) -> list[Step]:
    """The steps, the oldest first. A figure stands in them only where `/v1` tells it to this visitor too."""
    return [_last_good(visitor, found), *_accesses(visitor, found), *_since(visitor, found)]


def _last_good(visitor: Visitor, found: Discrepancy) -> Step:
    if found["since_seq"] == 0:
        return Step("never-counted", None, None)
    (row,) = visitor.station.ledger.read(found["since_seq"] - 1, 1)
    return Step("good-count", row.at, name_of(visitor.station, row.actor))


def _accesses(visitor: Visitor, found: Discrepancy) -> list[Step]:
    return [
        Step(
            access["kind"],
            access["at"],
            name_of(visitor.station, access["person"]) if access["person"] else None,
            access["work"],
            _said(visitor, access, found["pocket"]),
        )
        for access in found["accesses"]
    ]


def _said(visitor: Visitor, access: dict[str, Any], pocket: str | None) -> int | None:
    """What the person of an access said was taken out of this pocket, or put into it."""
    right = SEES.get(access["kind"])
    if access["work"] is None or right is None or not visitor.may(right):
        return None
    work = visitor.station.books.work.get(access["kind"], access["work"])
    legs = [leg["declared"] for leg in work["legs"] if leg["pocket"] == pocket and leg["state"] == "done"] if work else []
    return legs[0] if legs else None


def _since(visitor: Visitor, found: Discrepancy) -> list[Step]:
    """That it was found, and what people made of it."""
    station, answer = visitor.station, shown(found, visitor.who)
    steps = [Step("found", found["opened_at"], name_of(station, found["finder"]), quantity=answer.counted)]
    if found["explanation"] is not None:
        steps.append(Step("explained", None, None, says=found["explanation"]))
    if found["resolution"] is not None:
        both = [name_of(station, found["resolution"][who]) for who in ("by", "witness")]
        steps.append(Step("resolved", found["resolution"]["at"], both[0], says=both[1]))
    if found["review"] is not None:
        what = "rejected" if found["state"] in {"open", "claimed", "explained", "resolved"} else "reviewed"
        steps.append(Step(what, found["review"]["at"], name_of(station, found["review"]["by"]), says=found["review"]["note"]))
    return steps
