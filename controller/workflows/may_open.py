"""May open: what every access to a pocket is asked, whoever works it and why. Run inside the drawer's own step (I-42)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.policy.session import require
from drivers.faults import Refused

if TYPE_CHECKING:
    from controller.formulary.items import Item
    from controller.policy.roles import Right
    from controller.policy.session import Session
    from controller.station import Station
    from controller.workflows.talk import Talk

_AT_A_POCKET = frozenset({"accessing", "counting"})


def may_open(talk: Talk, right: Right, pocket: str, item: Item) -> None:
    """The person is still who she was and may do this; nobody else is at this pocket; one controlled pocket at a time.

    Raises Refused: `not-allowed`, `presence-required`, what `People.still` refuses, `pocket-in-use`,
    `controlled-pocket-open`.
    """
    station = talk.station
    session: Session = station.people.still(talk.session)
    require(session, right)
    drawer = station.books.stock.pockets[pocket]["drawer"]
    within, controlled = station.holders[drawer].within, item.controlled
    for work in station.books.work.live():
        if work["state"] not in _AT_A_POCKET or (work["kind"], work["id"]) == (talk.kind, talk.id):
            continue
        leg = work["legs"][work["at"]]
        if leg["pocket"] == pocket:
            raise Refused("pocket-in-use", pocket=pocket, by=work["person"], since=work["since"])
        if controlled and _controlled(station, work["item"]) and station.holders[leg["drawer"]].within == within:
            raise Refused("controlled-pocket-open", pocket=leg["pocket"], by=work["person"], since=work["since"])


def _controlled(station: Station, item: str) -> bool:
    found = station.books.formulary.item(item)
    return found is not None and found.controlled
