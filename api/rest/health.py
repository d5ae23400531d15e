"""`/v1/health`: told to anybody. Whether the station works, why not, and what to do; nothing of a patient or a count."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from api.problems import problem
from api.rest.asking import Answer, the_standing
from drivers.faults import Effect

router = APIRouter(prefix="/v1/health", tags=["station"])


class Health(Answer):
    """`status`: ok, degraded (some of it works), or halted (nothing opens). `reasons` are problems with their remedies."""

    status: str
    reasons: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    """What the checker says about the site file."""
    links: dict[str, bool]
    drawers: dict[str, int]
    """How many are in each state."""
    ledger_seq: int | None


@router.get("")
async def get_health(request: Request) -> Health:
    """How the station is."""
    standing = the_standing(request)
    reasons = [problem(code, facts, Effect.NONE) for code, facts in standing.reasons]
    findings = [dict(finding) for finding in standing.findings]
    station = standing.station
    if station is None:
        return Health(status="halted", reasons=reasons, findings=findings, links={}, drawers={}, ledger_seq=None)
    if station.failure is not None:
        reasons.append(problem(station.failure.code, station.failure.facts, Effect.NONE))
    elif station.degraded:
        reasons.append(problem(station.degraded, {}, Effect.NONE))
    if not station.people.has_administrator:
        reasons.append(problem("first-run-needed", {}, Effect.NONE))
    links = {id: link.up for id, link in station.devices.links.items()}
    reasons += [problem("link-lost", {"link": id}, Effect.NONE) for id, up in links.items() if not up]
    drawers: dict[str, int] = {}
    for drawer in station.drawers.values():
        drawers[str(drawer.state)] = drawers.get(str(drawer.state), 0) + 1
    halted = station.failure is not None or not station.ready
    status = "halted" if halted else "degraded" if reasons else "ok"
    return Health(
        status=status,
        reasons=reasons,
        findings=findings,
        links=links,
        drawers=drawers,
        ledger_seq=station.ledger.durable_seq,
    )
