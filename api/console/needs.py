"""What needs a person at this station now, the most urgent first, each with the page where it is seen to."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from api.console.page import ROOT
from api.console.visitor import Visitor
from api.rest.health import waiting
from controller.ledger.views.discrepancies import UNSETTLED
from controller.policy.roles import Right
from controller.station import Station

FAILED = frozenset({"offline", "fault", "forced", "halted"})
"""States of a drawer that somebody must see to."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing. `what` says what it is, `id` which thing, `says` its state or reason as a code; `age_s` since when, if known."""

    what: str
    id: str
    to: str
    says: str = ""
    age_s: float | None = None


def needs(visitor: Visitor) -> list[Need]:
    """All that this visitor may see of it: alarms, machines, orders and pockets in doubt, drawers, belts, discrepancies."""
    station = visitor.station
    found = [*_alarms(station), *_machines(station), *_drawers(station)]
    if station.line is not None and (halted := station.line.stands()):
        found.append(Need("line", "line", f"{ROOT}/line", halted))
    if visitor.may(Right.SEE_STOCK):
        found += _unverified(station)
    if visitor.may(Right.SEE_DISCREPANCIES):
        found += _discrepancies(station)
    return found


def age_s(station: Station, at: str) -> float:
    """Seconds since then by wall time, never below 0."""
    return max(0.0, (station.clock.now() - datetime.datetime.fromisoformat(at)).total_seconds())


def _alarms(station: Station) -> Iterator[Need]:
    for alarm in sorted(station.books.alarms.active.values(), key=lambda alarm: alarm["seq"]):
        yield Need("alarm", alarm["drawer"], f"{ROOT}/alarms", alarm["kind"], age_s(station, alarm["at"]))


def _machines(station: Station) -> Iterator[Need]:
    for robot in station.robots.values():
        for order in station.books.robots.live(robot.id):
            if order["state"] == "in_doubt":
                yield Need("order", order["order"], f"{ROOT}/robots/{robot.id}", robot.id, age_s(station, order["since"]))
    for gantry in station.gantries.values():
        for fetched in station.books.gantries.doubtful(gantry.id):
            yield Need("order", fetched["order"], f"{ROOT}/gantries/{gantry.id}", gantry.id, age_s(station, fetched["since"]))
    for id_, state in waiting(station).items():
        yield Need("machine", id_, f"{ROOT}/{'robots' if id_ in station.robots else 'gantries'}/{id_}", state)


def _drawers(station: Station) -> Iterator[Need]:
    for drawer in station.drawers.values():
        status = drawer.status()
        if status.state in FAILED and not status.alarms:
            yield Need("drawer", drawer.id, f"{ROOT}/alarms", str(status.state), status.since_s)


def _unverified(station: Station) -> Iterator[Need]:
    for pocket in station.books.stock.pockets.values():
        if pocket["unverified"] is not None:
            yield Need("pocket", pocket["pocket"], f"{ROOT}/stock?show=unverified", pocket["unverified"])


def _discrepancies(station: Station) -> Iterator[Need]:
    for found in station.books.discrepancies.all.values():
        place, to = found["pocket"] or found["tote"] or "", f"{ROOT}/discrepancies/{found['discrepancy']}"
        if found["state"] in UNSETTLED:
            yield Need("discrepancy", place, to, age_s=age_s(station, found["open_since"]))
        elif found["state"] == "resolved":
            yield Need("review", place, to)
