"""`/v1/health`: told to anybody. Whether the station works, why not, and what to do; nothing of a patient or a count."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version
from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from api.problems import problem
from api.rest.asking import Answer, the_standing
from api.standing import Standing
from controller.clock import Clock
from controller.machines.robot import State
from controller.station import Station
from drivers.faults import Effect
from drivers.wire import Wire

router = APIRouter(tags=["station"])


class Head(Answer):
    """The ledger's last row that is on the disk; its hash in hexadecimal."""

    seq: int
    hash: str


class WayOut(Answer):
    """A broker, a webhook, or a courier to another station. `lag`: events that are not confirmed or not looked at yet, or
    totes that are not announced; `error`: what is wrong, or nothing."""

    id: str
    kind: Literal["mqtt", "webhook", "courier"]
    consumer: str
    connected: bool
    lag: int
    error: str


class Health(Answer):
    """`status`: ok; degraded: some of it works; halted: nothing opens. `reasons` are problems with their remedies."""

    status: Literal["ok", "degraded", "halted"]
    reasons: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    """What hinders nothing yet and will, as problems."""
    findings: list[dict[str, Any]]
    """What the checker says about the site file."""
    station: str | None
    version: str
    simulated: bool | None
    ledger: Head | None
    links: dict[str, bool]
    """Whether each wire is connected."""
    drawers: dict[str, int]
    """How many are in each state."""
    machines: dict[str, str]
    """The state of each robot and gantry, and of the belts under `line`: `moves`, or why they stand."""
    outward: list[WayOut]
    """Who outside is told what happens, and how far they are."""


@router.get("/v1/health")
async def get_health(request: Request) -> Health:
    """How the station is. Always answered with 200 while the daemon lives; `/ready` is the one for a watchdog."""
    standing = the_standing(request)
    station = standing.station
    reasons = [problem(code, facts, Effect.NONE) for code, facts in standing.reasons]
    ending = _certificate(standing)
    known: dict[str, Any] = {
        "warnings": [one for one in ending if one["code"] == "certificate-ends"],
        "findings": [dict(finding) for finding in standing.findings],
        "version": version("galenic"),
        "station": None,
        "simulated": None,
        "ledger": None,
        "links": {},
        "drawers": {},
        "machines": {},
        "outward": [],
    }
    if station is None:
        return Health(status="halted", reasons=reasons or [problem("no-station", {}, Effect.NONE)], **known)
    reasons += _reasons(station) + _outward(standing) + [one for one in ending if one["code"] == "certificate-ended"]
    known |= {
        "station": station.site.station.id,
        "simulated": station.site.station.simulated,
        "ledger": await _head(station),
        "links": {id: link.up for id, link in station.devices.links.items()},
        "drawers": dict(Counter(str(drawer.state) for drawer in station.drawers.values())),
        "machines": machines_of(station),
        "outward": [] if standing.telling is None else [WayOut(**way._asdict()) for way in standing.telling.ways()],
    }
    return Health(status=_status(standing, reasons), reasons=reasons, **known)


@router.get("/ready", include_in_schema=False)
@router.head("/ready", include_in_schema=False)
async def ready(request: Request) -> Response:
    """200 while drawers can be opened, else 503; no body."""
    return Response(status_code=503 if _status(the_standing(request), []) == "halted" else 200)


def _status(standing: Standing, reasons: list[dict[str, Any]]) -> Literal["ok", "degraded", "halted"]:
    station = standing.station
    if station is None or station.failure is not None or not station.ready or station.stopping:
        return "halted"
    return "degraded" if reasons else "ok"


def _reasons(station: Station) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if station.failure is not None:
        found.append(problem(station.failure.code, station.failure.facts, Effect.NONE))
    elif station.degraded:
        found.append(problem(station.degraded, {}, Effect.NONE))
    if station.stopping or not station.ready:
        found.append(problem("station-stopping" if station.stopping else "station-not-ready", {}, Effect.NONE))
    if not station.people.has_administrator:
        found.append(problem("first-run-needed", {}, Effect.NONE))
    found += [problem("machine-waits", {"id": id_, "state": state}, Effect.NONE) for id_, state in waiting(station).items()]
    return found + [link_down(link) for link in station.devices.links.values() if not link.up]


_ROBOT_WAITS = frozenset({State.STOPPED, State.HALTED, State.OUT_OF_SERVICE, State.FAULT})


def waiting(station: Station) -> dict[str, str]:
    """The robots and gantries that stand until a person has seen to them, with their states."""
    robots = {id_: str(robot.state) for id_, robot in station.robots.items() if robot.state in _ROBOT_WAITS}
    return robots | {id_: str(gantry.state) for id_, gantry in station.gantries.items() if gantry.held}


def machines_of(station: Station) -> dict[str, str]:
    """The state of each robot and gantry, and of the belts under `line`: `moves`, or why they stand."""
    states = {id_: str(robot.state) for id_, robot in station.robots.items()}
    states |= {id_: str(gantry.state) for id_, gantry in station.gantries.items()}
    return states | ({} if station.line is None else {"line": station.line.stands() or "moves"})


def _certificate(standing: Standing) -> list[dict[str, Any]]:
    """That the certificate shown to the network ends soon, or has ended."""
    shown = standing.certificate
    now = (standing.station.clock if standing.station else Clock()).now()
    code = None if shown is None else shown.says(now)
    if shown is None or code is None:
        return []
    return [problem(code, {"ends": shown.ends.date().isoformat(), "days": (shown.ends - now).days}, Effect.NONE)]


def _outward(standing: Standing) -> list[dict[str, Any]]:
    """What keeps those outside from being told."""
    found = []
    for way in () if standing.telling is None else standing.telling.ways():
        if way.error == "outward-account-missing":
            found.append(problem("outward-account-missing", {"consumer": way.consumer}, Effect.NONE))
        elif not way.connected:
            off = standing.telling.webhooks[way.id].off if standing.telling and way.kind == "webhook" else None
            code = "webhook-off" if off else _FAILING[way.kind]
            found.append(problem(code, {"id": way.id, "reason": off or way.error}, Effect.NONE))
    return found


_FAILING = {"webhook": "webhook-failing", "mqtt": "broker-not-connected", "courier": "partner-not-told"}


def in_short(standing: Standing) -> dict[str, Any]:
    """The same for those outside, who are told the rest in events: status, codes of what is wrong, the last number on the disk."""
    station = standing.station
    if station is None:
        return {"status": "halted", "reasons": ["no-station"], "sequence": None}
    reasons = _reasons(station)
    codes = sorted({reason["code"] for reason in reasons})
    return {"status": _status(standing, reasons), "reasons": codes, "sequence": station.ledger.durable_seq}


def link_down(link: Wire[Any]) -> dict[str, Any]:
    """A wire that was up is lost; one that never was is not up yet."""
    if link.ever_up:
        return problem("link-lost", {"link": link.id}, Effect.NONE)
    return problem("link-not-up", {"link": link.id, "reason": link.reason}, Effect.NONE)


async def _head(station: Station) -> Head:
    """What is on the disk; after a failure the last number of which that is known, without its hash."""
    seq, digest = station.ledger.head
    if station.failure is None:
        await station.ledger.settled()
        return Head(seq=seq, hash=digest.hex())
    return Head(seq=station.ledger.durable_seq, hash="")
