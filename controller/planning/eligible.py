"""Which packs may be fetched at all, and which of them are first to expire."""

from __future__ import annotations

import datetime
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from controller.formulary.lots import expired, last_day
from controller.planning.problem import Pack


@dataclass(frozen=True, slots=True)
class Stored:
    """A pack as the books have it. `uncertain`: touched in a jam and not seen since."""

    id: str
    place: str
    expiry: str | None
    uncertain: bool = False


def free(stored: Iterable[Stored], reserved: Container[str], today: datetime.date) -> tuple[Pack, ...]:
    """The packs that are certain, in date and promised to nobody else, first to expire first. Raises LotError for an expiry."""
    packs = [
        Pack(one.id, one.place, last_day(one.expiry).toordinal())
        for one in stored
        if not one.uncertain and one.id not in reserved and not expired(one.expiry, today)
    ]
    return tuple(sorted(packs, key=lambda pack: (pack.expiry, pack.id)))


def first_to_expire(packs: Sequence[Pack], tolerance_days: int) -> list[Pack]:
    """Those that expire within the tolerance of the earliest."""
    if not packs:
        return []
    until = min(pack.expiry for pack in packs) + tolerance_days
    return [pack for pack in packs if pack.expiry <= until]
