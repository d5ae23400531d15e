"""After a restart: what the ledger left open, before anything may open again (reliability finding 2).

An unlock that was handed to the line is not ours any more. So an open intent is not closed here: its pockets are unverified
at once, its drawer stays unknown until, in a new epoch of the link, the board's longest effect has passed and two looks
agree. What opens meanwhile is that intent's. It then closes UNKNOWN, unless a switch had already settled it; nothing is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controller.actors import drawer_entries
from controller.actors.intent import Intent
from controller.ledger.port import Entry
from controller.ledger.views.intents import OpenIntent
from controller.machines.drawer import HOLDS, Event, State

if TYPE_CHECKING:
    from controller.actors.drawer import Drawer
    from controller.station import Station


def resume(station: Station) -> None:
    """Puts every drawer where the ledger left it and posts what the restart itself has to say. Repeating it is no harm."""
    left_open = {record["drawer"]: (id_, record) for id_, record in station.books.intents.open.items()}
    for drawer in station.drawers.values():
        intent = None
        if drawer.id in left_open:
            intent = _from_before(*left_open[drawer.id])
        _resume_one(station, drawer, intent)


def _from_before(id_: str, record: OpenIntent) -> Intent:
    intent = Intent(id_, tuple(record["pockets"]), record["purpose"], record["person"])
    intent.test = record["purpose"]["kind"] == "recovery"
    intent.opened = record["opened"]
    intent.dark = True
    return intent


def _resume_one(station: Station, drawer: Drawer, intent: Intent | None) -> None:
    recorded = station.books.drawers.state(drawer.id)
    state = recorded if recorded in HOLDS else State.OFFLINE
    entries = drawer_entries.unverified(intent.pockets, "restart", intent.id) if intent else []
    if recorded is State.RECOVERING or (intent is not None and intent.test):
        state = State.FAULT  # a recovery that was broken off is begun again by a named person
        entries.append(_fault(drawer, recorded, intent))
    if intent is not None and state in HOLDS:
        entries += drawer_entries.closed(intent, drawer.id, *intent.outcome(None, None))
        intent = None
    if entries:
        station.ledger.post(*entries)
    drawer.restore(state, station.books.alarms.of_drawer(drawer.id), intent)


def _fault(drawer: Drawer, recorded: State, intent: Intent | None) -> Entry:
    body: dict[str, Any] = {
        "drawer": drawer.id,
        "was": str(recorded),
        "event": str(Event.DEFECT),
        "intent": intent.id if intent else None,
        "seen": None,
        "reason": "restart",
        "frames": [],
    }
    return Entry("drawer.fault", body)
