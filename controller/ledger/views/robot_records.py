"""Records of the robots' view: what one robot holds, what it was ordered, and what each row does to that."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, NotRequired, TypedDict

from controller.formulary import lots as lotting
from controller.formulary.lots import Lot
from controller.ledger.port import Row
from controller.machines import robot_input, robot_pick
from controller.machines.robot import State

Held = list[Any]
"""A pack in a robot, short because there are tens of thousands: lot, expiry, serial, units left (None: a full pack), standing."""
LOT, EXPIRY, SERIAL, UNITS, STANDING = range(5)

FREE = ""
UNCERTAIN = "uncertain"
"""It may have been moved when the robot stopped, or under an order in doubt: not given out until the robot has told it again."""
UNAVAILABLE = "unavailable"
"""The robot itself does not give it out."""
HELD = "held"
"""It was stored though nobody had allowed it: not given out."""


class PackOut(TypedDict):
    """A pack that came out, or is said to have. `pack` is the robot's number; None where a person has told it without one."""

    pack: str | None
    item: str | None
    lot: str | None
    expiry: str | None
    serial: str | None
    units: int | None
    output: int | None
    box: str | None
    label: NotRequired[str | None]
    """What the robot says of its labels: `labelled`, `not-labelled`, `failed`. Rows of before say nothing of it."""


class Pick(TypedDict):
    """One order. `packs` are wanted; `out` came out, each counted once by its number; `suspects` left the robot's books under it
    while it was in doubt, and nobody has said yet whether they came out."""

    order: str
    robot: str
    state: str
    seq: int
    asked_at: str
    since: str
    item: str
    packs: int
    output: int
    box: str | None
    priority: str
    purpose: dict[str, Any]
    person: str
    session: str
    out: list[PackOut]
    boxes: list[str]
    reason: str | None
    suspects: dict[str, Held]
    by: str | None
    """Who settled it."""
    note: str | None


class Input(TypedDict):
    """An input that has not ended."""

    state: str
    item: str | None
    seq: int


class Difference(TypedDict):
    """How the books of one item and the robot's own word last differed: `expected` packs by the books, `told` by the robot."""

    seq: int
    at: str
    expected: int
    told: int
    appeared: list[str]
    missing: list[str]
    picks: list[str]
    """Orders in doubt under which what is missing may have come out."""


class Look(TypedDict):
    """A time at which somebody may have reached into it: it stood, or nobody listened. Written as `accesses.Access` is."""

    seq: int
    at: str
    person: str | None
    """Who took it out of service; None: nobody has said who, if anybody, was at it."""
    kind: str
    work: None
    intent: None


class Audit(TypedDict):
    """An audit that has begun. `why` is `due` or `asked`."""

    seq: int
    at: str
    by: str
    why: str


class Audited(TypedDict):
    """An audit that has ended. `left` were in motion, and are asked for by themselves as soon as they are not."""

    seq: int
    at: str
    by: str
    articles: int
    packs: int
    differing: int
    left: int


class Robot(TypedDict):
    """One robot. `synced` is the row with which all it holds was last compared, 0: never."""

    robot: str
    state: str
    seq: int
    at: str
    epoch: int
    reason: str
    components: list[dict[str, Any]]
    synced: int
    synced_at: str | None
    stock: dict[str, dict[str, Held]]
    inputs: dict[str, Input]
    differences: dict[str, Difference]
    looks: list[Look]
    """Since the audit before the last, the newest `MOST_LOOKS`."""
    audit: Audit | None
    audited: Audited | None
    since: int
    """The row of the audit before the last, 0: there was none."""
    audit_from: str | None
    """From when the spacing of audits runs: the last one, or the first comparison."""


MOST_LOOKS = 200


def new(id_: str) -> Robot:
    """A robot of which nothing is known."""
    return Robot(
        robot=id_,
        state="down",
        seq=0,
        at="",
        epoch=0,
        reason="",
        components=[],
        synced=0,
        synced_at=None,
        stock={},
        inputs={},
        differences={},
        looks=[],
        audit=None,
        audited=None,
        since=0,
        audit_from=None,
    )


def may_go_out(held: Held, today: datetime.date) -> bool:
    """Whether this pack may be given out: nothing is uncertain about it and its expiry is known and to come (I6)."""
    return held[STANDING] == FREE and held[EXPIRY] is not None and not lotting.expired(held[EXPIRY], today)


def in_lots(packs: Iterable[Held]) -> list[Lot]:
    """These packs by lot, the first to expire first; quantities are packs."""
    return lotting.together([], [Lot(lot=held[LOT] or lotting.UNKNOWN_LOT, expiry=held[EXPIRY], quantity=1) for held in packs])


def put(robot: Robot, stock: Mapping[str, Mapping[str, Held]]) -> None:
    """These packs are in it, with these data."""
    for item, packs in stock.items():
        here = robot["stock"].setdefault(item, {})
        here.update({pack: list(held) for pack, held in packs.items()})


def take(robot: Robot, packs: Iterable[tuple[str | None, str | None]]) -> None:
    """These packs (number, item) are not in it any more. A number is looked for under its item, else under all."""
    for pack, item in packs:
        if pack is None:
            continue
        for place in (item,) if item in robot["stock"] and pack in robot["stock"][item] else tuple(robot["stock"]):
            here = robot["stock"][place]
            if here.pop(pack, None) is not None and not here:
                del robot["stock"][place]


def doubt(robot: Robot, item: str) -> None:
    """Every pack of the item that could be given out is uncertain."""
    for held in robot["stock"].get(item, {}).values():
        if held[STANDING] == FREE:
            held[STANDING] = UNCERTAIN


def intended(row: Row, body: Mapping[str, Any]) -> Pick:
    """A new order."""
    return Pick(
        order=body["pick"],
        robot=body["robot"],
        state=str(robot_pick.State.NONE),
        seq=row.seq,
        asked_at=row.at,
        since=row.at,
        item=body["item"],
        packs=body["packs"],
        output=body["output"],
        box=body["box"],
        priority=body["priority"],
        purpose=dict(body["purpose"]),
        person=body["person"],
        session=body["session"],
        out=[],
        boxes=[],
        reason=None,
        suspects={},
        by=None,
        note=None,
    )


def promised(pick: Pick) -> int:
    """Packs that are still to come out of an order, or may have without anybody knowing."""
    if robot_pick.State(pick["state"]) not in robot_pick.LIVE:
        return 0
    return max(0, pick["packs"] - len(pick["out"]) - len(pick["suspects"]))


def came_out(pick: Pick, packs: Iterable[PackOut], boxes: Iterable[str]) -> list[PackOut]:
    """Takes packs down that came out of an order, each number once. Returns those that are new."""
    known = {one["pack"] for one in pick["out"]}
    fresh: list[PackOut] = []
    for pack in packs:
        if pack["pack"] is None or pack["pack"] not in known:
            fresh.append(pack)
            known.add(pack["pack"])
        if pack["pack"] is not None:
            pick["suspects"].pop(pack["pack"], None)
    pick["out"] += fresh
    pick["boxes"] += [box for box in boxes if box not in pick["boxes"]]
    return fresh


def asked(robot: Robot, key: str, event: robot_input.Event, row: Row, item: str | None) -> None:
    """An input was asked for and ruled on."""
    before = robot["inputs"].get(key)
    state = robot_input.State.ASKED
    if before is not None:
        state = robot_input.RULES.after(robot_input.State(before["state"]), robot_input.Event.ASKED)
    robot["inputs"][key] = Input(state=str(robot_input.RULES.after(state, event)), item=item, seq=row.seq)


STANDS = frozenset({State.DOWN, State.STOPPED, State.OUT_OF_SERVICE})
"""While it is in one of these a hand may be in it: it stands, or nobody hears whether it does."""


def stood(robot: Robot, row: Row, state: str) -> None:
    """Takes down that somebody may have reached into it."""
    if state in STANDS:
        person = row.actor if state == State.OUT_OF_SERVICE else None
        robot["looks"].append(Look(seq=row.seq, at=row.at, person=person, kind=state, work=None, intent=None))
        del robot["looks"][:-MOST_LOOKS]


def audited(robot: Robot, row: Row, body: Mapping[str, Any]) -> None:
    """An audit has ended: what happened before the one before it explains nothing any more."""
    robot["since"] = robot["audited"]["seq"] if robot["audited"] is not None else 0
    robot["looks"] = [look for look in robot["looks"] if look["seq"] > robot["since"]]
    robot["audited"] = Audited(
        seq=row.seq,
        at=row.at,
        by=body["by"],
        articles=body["articles"],
        packs=body["packs"],
        differing=body["differing"],
        left=body["left"],
    )
    robot["audit"], robot["audit_from"] = None, row.at
