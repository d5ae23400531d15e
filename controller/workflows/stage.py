"""Stage before: a list that says when it is due is worked in idle time, behind all others (reference domain A13, 110)."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controller.ledger.views.work_records import PickList
    from controller.station import Station

EARLIEST = datetime.datetime.min.replace(tzinfo=datetime.UTC)
"""Sorts what is due now before everything that is due later."""


def due_later(station: Station, found: PickList) -> datetime.datetime | None:
    """When a list is due, as long as that lies ahead; None where it is due now or does not say when."""
    if found["due"] is None:
        return None
    due = datetime.datetime.fromisoformat(found["due"])
    return due if due > station.clock.now() else None


def may_begin(station: Station, found: PickList) -> bool:
    """Whether machines may be given orders for it: no earlier than `policy.stage_hours` before it is due."""
    return _opens(station, found) <= station.clock.now()


def opens_in_s(station: Station) -> float | None:
    """Seconds until the next list that waits for its time may be begun, or is due; None where none waits."""
    now, moments = station.clock.now(), []
    for found in station.books.work.open_lists():
        if not found["cancelled"] and not found["closed"] and (due := due_later(station, found)) is not None:
            moments += [moment for moment in (_opens(station, found), due) if moment > now]
    return (min(moments) - now).total_seconds() if moments else None


def _opens(station: Station, found: PickList) -> datetime.datetime:
    due = due_later(station, found)
    return due - datetime.timedelta(hours=station.site.policy.stage_hours) if due is not None else EARLIEST
