"""What a line's actor writes into the ledger: what tracking says, and how what it believes has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from controller.ledger.port import Entry
from controller.ledger.views.lines import LinesView
from controller.machines import tote as tote_table
from controller.tracking.state import State, Tote
from controller.tracking.told import Event, Kind

TO_DO: Mapping[Kind, str] = {
    Kind.LATE: "wait",
    Kind.LOST: "search",
    Kind.FOUND: "take-off-and-readmit",
    Kind.UNREAD: "wait",
    Kind.UNREAD_TWICE: "take-off-and-readmit",
    Kind.OUT_OF_ORDER: "wait",
    Kind.SKIPPED: "take-off-and-readmit",
    Kind.DEAD: "take-off",
    Kind.FOREIGN: "take-off",
    Kind.DOUBLE_READ: "take-off-and-readmit",
    Kind.CLONE: "take-off-both",
    Kind.REFUSED: "take-off-and-readmit",
    Kind.STRAYED: "wait",
    Kind.JAM: "free-and-clear",
    Kind.LAPS: "take-off-and-readmit",
}
"""What a person can do about an event; nothing where nothing is to be done."""

Believed = Mapping[tuple[str, str], Mapping[str, Any]]
"""All that is believed, by what kind of thing it is and its name, as rows hold it."""


def of_event(event: Event) -> Entry:
    """One event of tracking. That a tote has arrived is said when no double of it can come any more."""
    body: dict[str, Any] = {"where": event.where, "detail": event.detail}
    if event.label:
        body["tote"] = event.label
    if event.kind in TO_DO:
        body["do"] = TO_DO[event.kind]
    if event.kind is Kind.RELEASED:
        return Entry("line.arrived", {"tote": event.label, "at": event.where, "list": event.detail})
    return Entry(f"line.{event.kind}", body)


def believed(state: State) -> Believed:
    """What is believed of totes, belts, readers and lanes."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for label, tote in state.totes.items():
        found["tote", label] = of_tote(tote)
    for name, belt in state.belts.items():
        moves = belt.moving_since is not None
        found["belt", name] = {"belt": name, "state": str(belt.state), "moves": moves, "unconfirmed": name in state.unconfirmed}
    for name, reader in state.readers.items():
        found["reader", name] = {"reader": name, "state": str(reader.state)}
    for name, there in state.lanes.items():
        found["lane", name] = {"lane": name, "totes": there}
    return found


def recorded(view: LinesView) -> Believed:
    """The same, as the ledger has it: what differs from it is recorded."""
    kinds: dict[str, Mapping[str, Mapping[str, Any]]] = {
        "tote": view.totes, "belt": view.belts, "reader": view.readers, "lane": view.lanes,
    }  # fmt: skip
    return {
        (kind, name): {member: value for member, value in known.items() if member not in {"seq", "since"}}
        for kind, things in kinds.items()
        for name, known in things.items()
    }


def of_tote(tote: Tote) -> Mapping[str, Any]:
    """One tote, as rows and the view hold it."""
    return {
        "tote": tote.label,
        "state": str(tote.state),
        "list": tote.script,
        "to": tote.to,
        "chain": list(tote.chain),
        "proofs": list(tote.proofs),
        "reader": tote.reader,
        "place": tote.place,
    }


def changed(before: Believed, after: Believed) -> Iterator[Entry]:
    """An entry for each thing of which something else is believed now."""
    for (kind, name), body in after.items():
        if before.get((kind, name)) == body:
            continue
        match kind:
            case "tote":
                yield Entry("line.tote_changed", body)
                yield from _put_aside(before.get((kind, name), {}).get("state"), body)
            case "belt":
                yield Entry("line.belt_changed", body)
            case "reader":
                yield Entry("line.reader_changed", body)
            case _:
                yield Entry("line.lane_changed", body)


def _put_aside(was: str | None, tote: Mapping[str, Any]) -> Iterator[Entry]:
    """A tote that only a named person puts back: said once, with what to do."""
    if tote["state"] != was:
        body = {"tote": tote["tote"], "where": tote["place"], "detail": tote["list"], "do": "take-off-and-readmit"}
        if tote["state"] == tote_table.State.HELD:
            yield Entry("line.held", body)
        elif tote["state"] == tote_table.State.REJECTED:
            yield Entry("line.rejected", body)
