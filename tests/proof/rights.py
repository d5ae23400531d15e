"""Who may ask what: every route of the OpenAPI document for every role, for nobody, for a program, and for a person who has left
her terminal. The table is written by hand; neither the routes' own declarations nor the policy's table made it.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from controller.policy.roles import Role
from tests.acceptance.ward import Person, Ward, a_ward
from tests.api.asking import filled, guarded
from tests.kit.virtual_loop import run
from tests.proof.campaign import Score, campaign

LETTERS = {
    "N": Role.NURSE, "C": Role.CHARGE_NURSE, "T": Role.TECHNICIAN, "P": Role.PHARMACIST, "A": Role.AUDITOR,
    "B": Role.BIOMEDICAL_ENGINEER, "D": Role.ADMINISTRATOR,
}  # fmt: skip
PROGRAM, NOBODY, AWAY = "S", "-", "away"
TABLE = """
NCTPABDS GET /v1/station
NCTPABDS GET /v1/cabinets
NCTPABDS GET /v1/drawers
NCTPABDS GET /v1/drawers/{id}
CTPB     POST /v1/drawers/{id}/recoveries
NCTPABDS GET /v1/events
NCTPABDS DELETE /v1/sessions/current
NCTPABD  POST /v1/witnesses
NCTPAS   GET /v1/items
NCTPAS   GET /v1/items/{id}
S        PUT /v1/items/{id}
NCPS     GET /v1/patients
NCPS     GET /v1/patients/{id}
S        PUT /v1/patients/{id}
NCPAS    GET /v1/orders
NCPAS    GET /v1/orders/{id}
S        PUT /v1/orders/{id}
NCTPAS   GET /v1/pockets
NCTPAS   GET /v1/pockets/{id}
NCP      GET /v1/pulls
NCP      GET /v1/pulls/{id}
NCP      PUT /v1/pulls/{id}
NCP      POST /v1/pulls/{id}/entries
NCP      POST /v1/pulls/{id}/cancellation
TP       GET /v1/restocks
TP       GET /v1/restocks/{id}
TP       PUT /v1/restocks/{id}
TP       POST /v1/restocks/{id}/entries
TP       POST /v1/restocks/{id}/cancellation
NCTP     GET /v1/counts
NCTP     GET /v1/counts/{id}
NCTP     PUT /v1/counts/{id}
NCTP     POST /v1/counts/{id}/entries
NCTP     POST /v1/counts/{id}/cancellation
TPAS     GET /v1/pick-lists
TPAS     GET /v1/pick-lists/{id}
S        PUT /v1/pick-lists/{id}
S        POST /v1/pick-lists/{id}/cancellation
S        POST /v1/pick-lists/{id}/closure
TP       POST /v1/pick-lists/{id}/lines/{n}/picks
TP       GET /v1/pick-lists/{id}/lines/{n}/picks/{pick}
TP       POST /v1/pick-lists/{id}/lines/{n}/picks/{pick}/entries
TP       POST /v1/pick-lists/{id}/lines/{n}/picks/{pick}/cancellation
TPAS     GET /v1/totes
TPAS     GET /v1/totes/{id}
S        PUT /v1/totes/{id}
S        GET /v1/totes/{id}/manifest
TP       PUT /v1/totes/{id}/place
TP       POST /v1/totes/{id}/check
TP       POST /v1/totes/{id}/packing
TP       POST /v1/totes/{id}/packing/subject
TP       POST /v1/totes/{id}/dispatch
TP       POST /v1/totes/{id}/return
TP       POST /v1/totes/{id}/arrival
TP       POST /v1/totes/{id}/receipt
TP       POST /v1/totes/{id}/receipt/subject
S        PUT /v1/totes/{id}/receipt
TPS      GET /v1/cart-fills
TPS      GET /v1/cart-fills/{id}
TPS      PUT /v1/cart-fills/{id}
TPS      GET /v1/cart-fills/{id}/bags/{bag}
TP       POST /v1/cart-fills/{id}/bags/{bag}/entries
TP       POST /v1/cart-fills/{id}/bags/{bag}/closure
TP       POST /v1/cart-fills/{id}/bags/{bag}/opening
TP       POST /v1/cart-fills/{id}/dispatch
NCTPABDS GET /v1/robots
NCTPABDS GET /v1/robots/{id}
NCTPAS   GET /v1/robots/{id}/stock
TPAS     GET /v1/robots/{id}/picks
TP       POST /v1/robots/{id}/picks/{pick}/settlement
CTPB     POST /v1/robots/{id}/service
NCTPABDS GET /v1/robots/{id}/audit
TP       POST /v1/robots/{id}/audit
NCTPAS   GET /v1/deliveries
NCTPAS   GET /v1/deliveries/{id}
TPS      PUT /v1/deliveries/{id}
TP       POST /v1/deliveries/{id}/closure
NCTPABDS GET /v1/line
NCTPABDS POST /v1/line/stop
CTPB     POST /v1/line/start
CTPB     POST /v1/line/zones/{id}/clearance
CTPB     POST /v1/line/zones/{id}/emptying
CTPB     POST /v1/line/totes/{id}/readmission
CTPB     POST /v1/line/totes/{id}/writing-off
TP       POST /v1/line/totes/{id}/departure
NCTPABDS GET /v1/gantries
NCTPABDS GET /v1/gantries/{id}
TPAS     GET /v1/gantries/{id}/orders
TP       POST /v1/gantries/{id}/orders/{order}/settlement
CTPB     POST /v1/gantries/{id}/home
NCTPABDS POST /v1/gantries/{id}/stop
CTPB     POST /v1/gantries/{id}/service
NCTPABDS GET /v1/consumers
ADS      GET /v1/consumers/{id}/cursor
S        PUT /v1/consumers/{id}/cursor
AD       GET /v1/webhooks
AD       GET /v1/webhooks/{id}
AD       GET /v1/webhooks/{id}/attempts
D        PUT /v1/webhooks/{id}/enabled
D        POST /v1/webhooks/{id}/resends
D        POST /v1/webhooks/{id}/keys
CPA      GET /v1/discrepancies
CPA      GET /v1/discrepancies/{id}
CP       POST /v1/discrepancies/{id}/claim
CP       POST /v1/discrepancies/{id}/explanation
CP       POST /v1/discrepancies/{id}/resolution/subject
CPA      GET /v1/discrepancies/{id}/resolution
CP       POST /v1/discrepancies/{id}/resolution
CP       POST /v1/discrepancies/{id}/review
BD       GET /v1/links
BD       GET /v1/links/{id}/frames
BD       GET /v1/bundle
B        POST /v1/boards/{id}/replacement
A        GET /v1/ledger
AD       GET /v1/people
AD       GET /v1/people/{id}
D        PUT /v1/people/{id}
D        DELETE /v1/people/{id}
D        PUT /v1/people/{id}/pin
D        PUT /v1/people/{id}/badge
CD       DELETE /v1/people/{id}/delay
AD       GET /v1/services
D        POST /v1/services
D        DELETE /v1/services/{id}
AD       GET /v1/terminals
D        POST /v1/terminals/{id}/enrolment
D        DELETE /v1/terminals/{id}/enrolment
"""
"""For each route those who may ask it; what becomes of the asking is another matter."""
POLICY = {route: frozenset(who) for who, route in (line.split(None, 1) for line in TABLE.strip().splitlines())}
COLUMNS = (*LETTERS, PROGRAM, NOBODY, AWAY)
SHUT_OUT = frozenset({401, 403})
BODIES: dict[str, dict[str, Any]] = {
    "PUT /v1/people/{id}/pin": {"pin": "4826"},
    "PUT /v1/people/{id}/badge": {"badge": None},
    "PUT /v1/consumers/{id}/cursor": {"sequence": 1},
}
"""Where a right is looked at after the body has been read."""


@campaign("AP-03", "every route of the document for every role, nobody, a program, and a person away from her terminal",
          sample=len(POLICY) * len(COLUMNS), full=len(POLICY) * len(COLUMNS))  # fmt: skip
def every_route_for_everybody(n: int) -> Score:
    """The whole table, always: it takes no longer."""
    return run(_matrix())


async def _matrix() -> Score:
    score = Score()
    routes = {f"{method} {path}" for method, path in guarded()}
    score.unauthorised += len(routes ^ set(POLICY))  # a route that nobody has decided about, or one that is no more
    async with a_ward() as ward:
        await ward.person("nurse", "w-nurse")
        for column in COLUMNS:
            who = await _somebody(ward, column)
            for route in sorted(routes & set(POLICY), key=_log_out_last):
                score.add(await _cell(ward, who, column, route))
        score.unauthorised += len(ward.openings()) + len(ward.rows("drawer.unlock_intended"))
        await ward.quiet()
    return score


def _log_out_last(route: str) -> tuple[bool, str]:
    return route.endswith("/sessions/current"), route


async def _somebody(ward: Ward, column: str) -> Person:
    if column == PROGRAM:
        return await ward.service()
    if column == NOBODY:
        return Person(ward, "nobody", {})
    person = await ward.person(LETTERS["N" if column == AWAY else column], f"m-{column.lower()}")
    if column == AWAY:
        del person.headers["Galenic-Terminal"]
    return person


async def _cell(ward: Ward, who: Person, column: str, route: str) -> Score:
    method, _, path = route.partition(" ")
    body = BODIES.get(route, {} if method in {"PUT", "POST"} else None)
    if path == "/v1/witnesses":
        body = {"who": "w-nurse", "pin": ward.world._pins["w-nurse"], "subject": "0" * 64}
    before = ward.world.ledger.head[0]
    answer = await _answer(who, method, filled(path), body)
    may = column in POLICY[route]
    score = Score(tried=1)
    if may:
        score.lost = int(answer is not None and answer.status_code in SHUT_OUT)
        score.survived = 1 - score.lost
        return score
    score.unauthorised = int(answer is None or answer.status_code not in SHUT_OUT)
    rows = [row.kind for row in ward.world.ledger.read(before, 1000)]
    score.unauthorised += sum(kind not in {"refused", "session.refused"} for kind in rows)
    if column not in {NOBODY, AWAY}:  # of nobody in particular only so many are recorded
        score.unrecorded = int("refused" not in rows)
    score.survived = int(score.unauthorised + score.unrecorded == 0)
    return score


async def _answer(who: Person, method: str, path: str, body: Any) -> httpx.Response | None:
    """The answer; None for a stream that goes on."""
    try:
        async with asyncio.timeout(1):
            return await who.ask(method, path, body)
    except TimeoutError:
        return None
