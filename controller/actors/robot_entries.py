"""What a robot's actor writes into the ledger, and its packs as rows hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controller.actors.ground import Pair
from controller.ledger.port import Entry
from controller.ledger.views.robot_records import (
    EXPIRY,
    FREE,
    HELD,
    LOT,
    SERIAL,
    STANDING,
    UNAVAILABLE,
    Held,
    PackOut,
    Pick,
)
from drivers.robot_facts import RobotPack, StoredArticle


def pack_out(pack: RobotPack) -> PackOut:
    """A pack that came out, as a row holds it."""
    return PackOut(
        pack=None if pack.id is None else str(pack.id),
        item=pack.article,
        lot=pack.batch,
        expiry=pack.expiry.isoformat() if pack.expiry else None,
        serial=pack.serial,
        units=pack.units,
        output=pack.output,
        box=pack.box,
        label=None if pack.label is None else str(pack.label),
    )


def held(pack: RobotPack, standing: str = FREE) -> Held:
    """A pack in the robot, as rows and the view hold it."""
    if standing == FREE and not pack.available:
        standing = UNAVAILABLE
    return [pack.batch, pack.expiry.isoformat() if pack.expiry else None, pack.serial, pack.units, standing]


def by_number(packs: Iterable[RobotPack], standing: str = FREE) -> dict[str, Held]:
    """Packs by their numbers; one without a number is not stored."""
    return {str(pack.id): held(pack, standing) for pack in packs if pack.id is not None}


@dataclass(frozen=True, slots=True)
class Compared:
    """What a robot tells of one item against the books: packs by number, the new ones, those that have changed, those gone."""

    appeared: Mapping[str, Held]
    changed: Mapping[str, Held]
    missing: Sequence[str]


def compared(books: Mapping[str, Held], told: StoredArticle | None) -> Compared:
    """The robot's own answer (None: it has nothing of it) against the books. What is held back stays held back."""
    now = by_number(told.packs) if told is not None else {}
    changed = {}
    for pack, data in now.items():
        before = books.get(pack)
        if before is None:
            continue
        if before[STANDING] == HELD:
            data[STANDING] = HELD
        if data != before:
            changed[pack] = data
    appeared = {pack: data for pack, data in now.items() if pack not in books}
    return Compared(appeared, changed, sorted(books.keys() - now.keys()))


def relabelled(books: Mapping[str, Held], told: Mapping[str, Held]) -> dict[str, Pair]:
    """Packs of which a lot, an expiry or a serial was known and is another one now. What was unknown and is known now is no
    difference: a camera reads an expiry later (devices.md 1.10). Nor is what a robot does not say."""
    return {pack: (was, now) for pack, now in told.items() if (was := books.get(pack)) is not None and _another(was, now)}


def _another(was: Held, now: Held) -> bool:
    return any(was[part] and now[part] and was[part] != now[part] for part in (LOT, EXPIRY, SERIAL))


def order_entry(what: str, pick: Pick, actor: str = "station", **facts: Any) -> Entry:
    """One step of an order."""
    return Entry(f"robot.pick_{what}", {"robot": pick["robot"], "pick": pick["order"], **facts}, actor)


PICK_KINDS = (
    "robot.pick_intended",
    "robot.pick_not_sent",
    "robot.pick_silent",
    "robot.pick_queued",
    "robot.pick_rejected",
    "robot.pick_in_process",
    "robot.pick_cancel_intended",
    "robot.pick_cancel_answered",
    "robot.pick_cancel_refused",
    "robot.pick_ended",
    "robot.pick_in_doubt",
    "robot.pick_settled",
)
"""Every kind that an order's steps are recorded under."""
