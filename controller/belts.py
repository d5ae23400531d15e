"""The line of a station: made of its site, put back where the ledger left it, halted and taken up again with the station."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.actors import line_people
from controller.actors.line import LineActor
from controller.ledger.port import Entry
from controller.lines import layout_of
from controller.machines import segment as segment_table
from controller.machines import tote as tote_table
from controller.tracking.facts import Bound
from controller.tracking.line import SECOND
from controller.tracking.routes import travel_us
from controller.tracking.state import Tote
from drivers.faults import Refused

if TYPE_CHECKING:
    from controller.actors.ground import Ground
    from controller.policy.session import Session
    from controller.station import Station


def line_of(station: Station, ground: Ground) -> LineActor | None:
    """The line, if totes come by belt to a place of this station. Raises ValueError for belts that cannot be tracked safely."""
    layout = layout_of(station.site)
    return None if layout is None else LineActor(station.site, layout, station.devices, ground, station.books)


def find(station: Station) -> LineActor:
    """The line. Raises Refused("no-line")."""
    if station.line is None:
        raise Refused("no-line")
    return station.line


def restore(line: LineActor) -> None:
    """Before anything runs. What was under way is bound again, and is nowhere until it is read; what a person must end stays as it
    was, a jam too; of every act that had no end nobody knows how it ended. Nothing is sent again, and nothing moves by itself."""
    view, at = line.view, line.now_us()
    line.recall()
    ended = [Entry("line.act_ended", {**act, "outcome": "unknown", "reason": "restart"}) for act in view.acts.values()]
    facts = []
    for tote in view.totes.values():
        state = tote_table.State(tote["state"])
        if state in tote_table.ON_THE_LINE:
            facts.append(
                Bound(tote["tote"], tote["list"], tote["to"], tuple(tote["chain"]), at, tuple(tote["proofs"]), under_way=True)
            )
        elif state is not tote_table.State.FREE:
            line.state.totes[tote["tote"]] = Tote(
                label=tote["tote"],
                script=tote["list"],
                to=tote["to"],
                chain=tuple(tote["chain"]),
                state=state,
                proofs=list(tote["proofs"]),
                place=tote["place"],
                reader=tote["reader"],
                expected=True,
                release=_release(line, tote["reader"]),
            )
    for name, belt in line.state.belts.items():
        known = view.belts.get(name)
        if known is not None and known["state"] == segment_table.State.JAM:
            belt.state = segment_table.State.JAM
        if known is not None and known["unconfirmed"]:
            line.state.unconfirmed.add(name)
    for lane, there in view.lanes.items():
        if lane in line.state.lanes:
            line.state.lanes[lane] = there["totes"]
    line.gate_watch.doubted.update(id_ for id_, gate in view.gates.items() if gate["in_doubt"])
    line.tell(*facts, first=ended)
    line.sends.restore()


def _release(line: LineActor, reader: str) -> tuple[str, int] | None:
    """Until when a double of what was received here could still come, at most: a whole window from now."""
    if reader not in line.state.routes.receiving:
        return None
    (before,) = line.state.routes.before[reader]
    segment = line.state.routes.segments[before]
    until = line.state.belts[before].clock(line.now_us()) + 2 * travel_us(segment) + (segment.dwell_us or 0) + SECOND
    return before, until


async def halt(line: LineActor | None, session: Session, reason: str) -> None:
    """No tote is sent and no gate is told any more, and the belts stop."""
    if line is not None:
        halted = Entry("line.halted", {"reason": reason or "asked"}, session.person)
        await line_people.stop(line, session.person, reason, halted)


async def resume(line: LineActor | None, session: Session) -> None:
    """Totes may be sent again. The belts stand until a person starts them."""
    if line is not None and line.halted:
        line.ground.ledger.post(Entry("line.resumed", {}, session.person))
