"""Laws of motion: L1, L2, L5, under unlimited faults."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.simulated.evidence import Evidence, Place, Row, Sent
from tests.simulated.violation import TICK, Violation

HALT_S = 1.0
"""L5: a frame that was on its way to the wire when the halt was recorded."""
PARKED_S = 60.0
"""A pulse is explained by a frame sent so long before: what weather may park is bounded by the night's faults."""


def lock_of(protocol: str, data: bytes) -> int | None:
    """The channel that a frame frees, 0 for a question, None for anything else (which nobody may send)."""
    if protocol == "kerong-cu16":
        if len(data) != 5 or data[0] != 0x02 or data[3] != 0x03 or sum(data[:4]) & 0xFF != data[4]:
            return None
        return {0x30: 0, 0x31: (data[1] & 0x0F) + 1}.get(data[2])
    if protocol == "modbus-tcp" and len(data) == 12:
        address = int.from_bytes(data[8:10], "big")
        if data[7] in {0x01, 0x02, 0x03}:
            return 0
        return address - 0x0200 + 1 if data[7] == 0x05 and 0x0200 <= address < 0x0204 else None
    return None


def acts(e: Evidence) -> list[tuple[Sent, Place | None]]:
    """Everything that was sent and is no question, with the drawer whose lock it means."""
    places = {(place.link, place.channel): place for place in e.places.values()}
    found = []
    for sent in e.sent:
        channel = lock_of(e.speaks[sent.link], sent.data)
        if channel != 0:
            found.append((sent, places.get((sent.link, channel)) if channel is not None else None))
    return found


def _intent_of(e: Evidence, sent: Sent, place: Place) -> Row | None:
    """The last intent for that lock that was recorded when the frame left."""
    before = [row for row in e.of("drawer.unlock_intended") if row.body["drawer"] == place.drawer and row.at <= sent.at + TICK]
    return before[-1] if before else None


def l1(e: Evidence) -> Iterator[Violation]:
    """Every pulse on the wire has an earlier, durable, open intent of its own lock that names a person and a work."""
    closed = {row.body["intent"]: row.at for row in e.of("drawer.intent_closed")}
    for sent, place in acts(e):
        if place is None:
            yield Violation("L1", sent.at, f"{sent.data.hex(' ')} on {sent.link} frees no drawer of ours and is no question")
            continue
        intent = _intent_of(e, sent, place)
        if intent is None:
            yield Violation("L1", sent.at, f"lock {place.channel} ({place.drawer}) was pulsed without any intent")
            continue
        name, body = intent.body["intent"], intent.body
        if (body["link"], body["board"], body["channel"]) != (place.link, place.board, place.channel):
            yield Violation("L1", sent.at, f"intent {name} names another lock than the one pulsed")
        if sent.durable is not None and intent.seq > sent.durable:
            yield Violation("L1", sent.at, f"intent {name} (row {intent.seq}) was not durable: the disk held row {sent.durable}")
        if name in closed and closed[name] < sent.at - TICK:
            yield Violation("L1", sent.at, f"intent {name} was closed at {closed[name]:.3f}")
        if sent.at > intent.at + body["deadline_s"] + TICK:
            yield Violation("L1", sent.at, f"intent {name} of {intent.at:.3f} was past its deadline")
        if not (body["person"] and body["purpose"]["kind"] and body["purpose"]["id"]) or not _was_here(e, intent):
            yield Violation("L1", sent.at, f"intent {name} names nobody who was logged in")
    yield from _unexplained(e)


def _was_here(e: Evidence, intent: Row) -> bool:
    """Whether the intent's session was open when it was recorded, not locked, and its person's."""
    session = intent.body["session"]
    told = e.of("session.opened", "session.locked", "session.resumed", "session.closed")
    before = [row for row in told if row.seq < intent.seq and row.body["session"] == session]
    let_in = bool(before) and before[-1].kind in {"session.opened", "session.resumed"}
    return let_in and before[-1].body["person"] == intent.body["person"]


def _unexplained(e: Evidence) -> Iterator[Violation]:
    """Pulses in the plant that nobody's frame asked for."""
    if e.forging:
        return
    sent = acts(e)
    for edge in e.edges:
        if edge.what == "pulse" and not any(
            place is not None and place.board == edge.board and place.channel == edge.channel and 0 <= edge.at - one.at <= PARKED_S
            for one, place in sent
        ):
            yield Violation("L1", edge.at, f"lock {edge.channel} of {edge.board} was driven and nobody had sent that")


def l2(e: Evidence) -> Iterator[Violation]:
    """No intent pulses twice."""
    sent: dict[str, list[Sent]] = defaultdict(list)
    for one, place in acts(e):
        intent = _intent_of(e, one, place) if place is not None else None
        if intent is not None:
            sent[intent.body["intent"]].append(one)
    for intent, times in sent.items():
        if len(times) > 1:
            yield Violation("L2", times[1].at, f"intent {intent} was sent at {', '.join(f'{one.at:.3f}' for one in times)}")
    pulses, frames = sum(edge.what == "pulse" for edge in e.edges), len(acts(e))
    if pulses > frames and not e.copying and not e.forging:
        yield Violation("L2", e.ended_at, f"{pulses} pulses for {frames} frames, and no weather that copies")


def l5(e: Evidence) -> Iterator[Violation]:
    """After a halt no moving byte leaves later than the bound; and a dead process sends nothing."""
    said = states(e)
    for sent, place in acts(e):
        past = [row for row in said[place.drawer] if row.at <= sent.at + TICK] if place is not None else []
        halted_at = _halted_since(past)
        if halted_at is not None and sent.at > halted_at + HALT_S:
            yield Violation("L5", sent.at, f"{past[-1].body['drawer']} was pulsed, halted at {halted_at:.3f}")
    for sent in e.sent:
        for death in e.deaths:
            if death.at + TICK < sent.at < death.back_at - TICK:
                yield Violation("L5", sent.at, f"{sent.data.hex(' ')} left a process that died at {death.at:.3f}")


def _halted_since(past: list[Row]) -> float | None:
    """Since when a drawer is halted: an intent alone ends no halt."""
    halted_at = None
    for row in past:
        if row.kind == "drawer.halted":
            halted_at = row.at if halted_at is None else halted_at
        elif row.kind != "drawer.unlock_intended":
            halted_at = None
    return halted_at


NO_STATE = frozenset({"drawer.released", "drawer.intent_closed"})


def states(e: Evidence) -> Mapping[str, list[Row]]:
    """The rows that say a drawer's state, in order, by drawer."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in e.ledger.rows:
        if row.kind.startswith("drawer.") and row.kind not in NO_STATE:
            found[row.body["drawer"]].append(row)
    return found
