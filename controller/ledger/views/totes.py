"""Totes: what lies in each, who signed for it, and where it stands, as this station's ledger has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from controller.ledger.port import Row
from controller.ledger.views.tote_records import STEPS, Tote, filled, new, taken
from controller.machines.custody import ON_ITS_WAY, RULES, Event, State

_BEGINS = frozenset({Event.PLACED, Event.FILLED, Event.ANNOUNCED})
"""With these a box whose journey has ended begins another one."""


class TotesView:
    """Folds `tote.*`, of `stock.picked`, `stock.loaded` and `cart_fill.*` what goes into a tote and comes out of it, and of
    `line.*` where belts carry it."""

    name = "totes"
    version = 3
    families = frozenset({"tote", "stock", "line", "cart_fill"})

    def __init__(self) -> None:
        self.totes: dict[str, Tote] = {}
        self.past: dict[str, list[Tote]] = {}
        """Journeys that have ended, of boxes that are used again since, by the list they were packed for."""

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        family, _, what = row.kind.partition(".")
        if family == "line":
            self._carried(what, body)
        elif family == "tote":
            if what == "placed":
                self._taken_away(body["at"])
            if what in STEPS:
                STEPS[what](self._of(row, body, Event(what)), row, body)
        elif what == "picked":
            filled(self._of(row, body, Event.FILLED), row, body)
        elif what == "loaded":
            self._unpacked(row, body)
        elif row.kind == "cart_fill.bagged":
            taken(self._of(row, body, Event.BAGGED), body)
        elif row.kind == "cart_fill.taken_out":
            filled(self._of(row, body, Event.FILLED), row, body)

    def _carried(self, what: str, body: Mapping[str, Any]) -> None:
        """A tote that is filled here has left a place, or come to one."""
        if what == "taken_off":
            self._taken_away(body["at"])
            return
        tote = self.totes.get(body.get("tote", ""))
        if tote is None or tote["stands"] is None:
            return
        if what == "arrived":
            self._taken_away(body["at"])
            tote["stands"]["at"] = body["at"]
        elif what == "left" or (what == "send_ended" and body["outcome"] == "unknown"):
            tote["stands"]["at"] = None

    def _unpacked(self, row: Row, body: Mapping[str, Any]) -> None:
        """Units out of a tote that stands here; any other name that a restock gives is only a name."""
        here = self.totes.get(body.get("tote") or "")
        if here is not None and here["state"] == State.ARRIVED and body["item"] in here["contents"]:
            self._of(row, body, Event.UNPACKED)["contents"][body["item"]]["loaded"] += body["quantity"]

    def _of(self, row: Row, body: Mapping[str, Any], event: Event) -> Tote:
        """The tote of a row, in the state that follows."""
        tote = self.totes.get(body["tote"])
        if tote is not None and event in _BEGINS and over(tote):
            if _packs_for(tote, tote["pick_list"]):
                self.past.setdefault(str(tote["pick_list"]), []).append(tote)
            tote = None
        if tote is None:
            tote = self.totes[body["tote"]] = new(body["tote"])
        state = RULES.after(State(tote["state"]), event)
        if state != tote["state"]:
            tote["state"], tote["since"] = str(state), row.at
        tote["seq"] = row.seq
        return tote

    def _taken_away(self, at: str) -> None:
        """Whoever puts a tote somewhere has taken away what stood there."""
        for tote in self.totes.values():
            if tote["stands"] is not None and tote["stands"]["at"] == at:
                tote["stands"]["at"] = None

    def standing(self) -> dict[str, Tote]:
        """The totes that stand somewhere at this station to be filled or packed, by place."""
        stand = ((tote["stands"], tote) for tote in self.totes.values())
        return {stands["at"]: tote for stands, tote in stand if stands is not None and stands["at"] is not None}

    def on_their_way(self) -> Iterator[Tote]:
        """What has left and is not known to have come."""
        return (tote for tote in self.totes.values() if State(tote["state"]) in ON_ITS_WAY)

    def of_list(self, pick_list: str) -> list[Tote]:
        """The totes that this station packs, or has packed, for a list."""
        return [*self.past.get(pick_list, ()), *(tote for tote in self.totes.values() if _packs_for(tote, pick_list))]

    def dump(self) -> Any:
        """All of them, and what the boxes were used for before."""
        return {"totes": self.totes, "past": self.past}

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.totes, self.past = state["totes"], state["past"]


def over(tote: Tote) -> bool:
    """Whether its journey has ended: the same box may then be filled, or announced, anew."""
    return State(tote["state"]) in {State.CONFIRMED, State.PARTIAL, State.RECEIVED}


def _packs_for(tote: Tote, pick_list: str | None) -> bool:
    """Whether this station packs it, or has packed it, for that list; what another station announced, it does not."""
    return tote["filled_here"] and tote["pick_list"] == pick_list
