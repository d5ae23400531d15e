"""One patient's medicines: due now, when needed, later, and what is not to be had and why. A tap on one opens its drawer."""

from __future__ import annotations

import hashlib
from typing import Any

from api.console.cabinet import nearest_first
from api.console.medicines import Medicine, medicine
from api.console.page import ROOT, Form, Go, Pages, Shown
from api.console.pages.patients import years
from api.console.visitor import Visitor
from api.problems import CATALOGUE
from controller.policy.roles import Right
from controller.policy.session import Session
from controller.workflows import pull
from drivers.faults import Refused
from sites.part import Id

pages = Pages()


class Get(Form):
    """The orders whose doses are wanted now. `seen` is the page's own, so that a double tap is one pull; `noticed` once what
    there is to know first has been shown."""

    seen: int
    order: list[Id]
    noticed: bool = False


@pages.page("/patients/{id}", "patient.html", Right.SEE_ORDERS, Right.PULL)
def patient(visitor: Visitor, id: str) -> Shown:
    """All of a patient's orders, each where a nurse looks for it."""
    rows = rows_of(visitor, id)
    due = [row for row in rows if row.offer.offered and row.due]
    needed = [row for row in rows if row.offer.offered and not row.due]
    later = [row for row in rows if row.offer.why_not == "too-early"]
    rest = [row for row in rows if row not in due and row not in needed and row not in later]
    facts = {
        **patient_facts(visitor, id),
        "due": due,
        "needed": needed,
        "later": later,
        "rest": rest,
        "why": {row.order: CATALOGUE[row.offer.why_not].title for row in rest if row.offer.why_not in CATALOGUE},
    }
    return Shown(facts, frozenset({id, *(row.order for row in rows)}), frozenset({"order", "pull", "stock", "drawer"}))


@pages.page("/patients/{id}/notices", "notices.html", Right.SEE_ORDERS, Right.PULL)
def notices(visitor: Visitor, id: str) -> Shown:
    """What there is to know before these doses are taken; it stops nothing."""
    wanted = [order for order in visitor.query.get("orders", "").split(",") if order]
    rows = [row for row in rows_of(visitor, id) if row.order in wanted]
    if not rows:
        return Shown(go=f"{ROOT}/patients/{id}")
    return Shown({**patient_facts(visitor, id), "rows": rows})


@pages.post("/patients/{id}/pulls", Get, Right.PULL)
async def get(visitor: Visitor, said: Get, id: str) -> Go:
    """Begins the pull of the first, and goes on to the others drawer by drawer. Raises Refused as the pull does."""
    rows = {row.order: row for row in rows_of(visitor, id)}
    wanted = nearest_first(visitor.station, [rows[order] for order in said.order if order in rows])
    if not wanted:
        raise Refused("nothing-chosen")
    if not said.noticed and any(row.offer.notices for row in wanted):
        return Go(f"{ROOT}/patients/{id}/notices?orders={','.join(row.order for row in wanted)}")
    id_ = new_id(visitor.who, said.seen, *(row.order for row in wanted))
    await pull.request(visitor.station, visitor.who, id_, {"order": wanted[0].order})
    then = ",".join(row.order for row in wanted[1:])
    return Go(f"{ROOT}/pulls/{id_}" + (f"?then={then}" if then else ""))


def rows_of(visitor: Visitor, patient: str) -> list[Medicine]:
    """The patient's orders as rows, the first to be due first."""
    orders = [known["record"] for known in visitor.station.books.orders.orders.values() if known["record"]["patient"] == patient]
    rows = [
        medicine(visitor.station, order)
        for order in sorted(orders, key=lambda order: (order["schedule"]["due"] or "~", order["id"]))
    ]
    return [row for row in rows if row is not None]


def patient_facts(visitor: Visitor, id: str) -> dict[str, Any]:
    """What the strip under the header says of a patient. Raises Refused("unknown-patient")."""
    record = visitor.station.books.orders.patient(id)
    if record is None:
        raise Refused("unknown-patient", id=id)
    return {"patient": record, "years": years(record["born"], visitor.station.clock.now().date())}


def new_id(who: Session, seen: int, *what: str) -> str:
    """An id for what a page may begin, the same for as long as that page stands: posted twice it is begun once."""
    asked = f"{who.id}/{seen}/{'/'.join(what)}"
    return f"c-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"
