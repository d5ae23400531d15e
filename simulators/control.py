"""The control API: plays the physical world, on a loopback port of its own. Nothing of it exists on a real station.

A request that cannot be read is 422, one that steel does not allow 409, a thing that is not there 404; each names the field:
`{"errors": [{"field": "drawer", "what": "..."}]}`. Described in docs/reference/control-api.md.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from firmware_protocols.errors import MessageError
from simulators import control_belts, control_totes, control_weather
from simulators.asked import TheHouse
from simulators.boards.kerong_cu16 import Cu16
from simulators.bodies import Act, AtGantry, Load, Look, Open, Presses, Put, Remove, Shot, Shut, Take, Visit, Wait
from simulators.faults.faults import AnyFault, Faults
from simulators.house import House
from simulators.people import Hint, People
from simulators.plant.pocket import CannotDo, Lot, NotThere
from simulators.plant.truth import Edge, What
from simulators.robot_control import robots
from simulators.timers import now
from simulators.twin.live import Twin
from simulators.twin.record import Records
from simulators.twin.routes import Stirs
from simulators.twin.routes import router as twin

LOOPBACK = ["127.0.0.1", "localhost"]
"""Hosts a request may name: a page from elsewhere that found the port is refused."""

router = APIRouter()
router.include_router(control_belts.router)
router.include_router(control_totes.router)
router.include_router(control_weather.router)


def the_faults(request: Request) -> Faults:
    """Those in force in it."""
    faults: Faults = request.app.state.faults
    return faults


TheFaults = Annotated[Faults, Depends(the_faults)]


@router.get("/truth")
async def truth(house: TheHouse) -> dict[str, Any]:
    """Everything as it really is now. `at` is the loop's time in seconds, `edges` the number of the last edge."""
    return {
        "at": now(),
        "edges": len(house.plant.truth.edges),
        "drawers": {id: _drawer(house, id) for id in house.plant.drawers},
        "links": {id: {"plugged": wire.plugged, "connections": len(wire.calls)} for id, wire in house.wires.items()},
        "scales": {id: {"grams": str(scale.gross), "stable": scale.stable} for id, scale in house.scales.items()},
        "gantries": {id: gantry.told() for id, gantry in house.plant.gantries.items()},
    }


@router.get("/truth/drawers/{id}")
async def one_drawer(id: str, house: TheHouse) -> dict[str, Any]:
    """One drawer as it really is, with its pockets."""
    house.plant.drawer(id)
    return _drawer(house, id)


@router.get("/truth/pockets/{id}")
async def one_pocket(id: str, house: TheHouse) -> dict[str, Any]:
    """What really lies in one pocket."""
    return _pocket(house, id)


@router.get("/edges")
async def edges(
    house: TheHouse,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    what: What | None = None,
    drawer: str | None = None,
    wait_s: Annotated[Wait, Query()] = 0.0,
) -> dict[str, Any]:
    """The truth log after a number: what physically happened, oldest first.

    With `wait_s` the answer comes as soon as there is such an edge, or empty when there is none in that time.
    """
    log = house.plant.truth

    def found() -> list[Edge]:
        return [edge for edge in log.after(after) if what in {None, edge.what} and drawer in {None, edge.drawer}]

    await log.until(lambda: bool(found()), wait_s)
    return {"edges": [edge.told() for edge in found()[:limit]]}


@router.post("/hands")
async def hands(act: Act, house: TheHouse) -> dict[str, Any]:
    """A hand does something; the answer says what physically happened meanwhile."""
    plant, before = house.plant, len(house.plant.truth.edges)
    said: dict[str, Any] = {}
    match act:
        case Open():
            await plant.open(act.drawer, act.wait_s)
        case Shut():
            said = {"latched": await plant.shut(act.drawer)}
        case Take():
            got = plant.take(act.pocket, act.quantity, act.lot)
            said = {"took": [_lot(one) for one in got], "left": plant.pockets[act.pocket].quantity}
        case Put():
            plant.put(act.pocket, Lot(act.lot, act.expiry, act.quantity))
            said = {"now": plant.pockets[act.pocket].quantity}
    drawer = act.drawer if isinstance(act, Open | Shut) else plant.pockets[act.pocket].drawer
    happened = [edge.told() for edge in plant.truth.after(before) if edge.drawer == drawer]
    return {"did": act.do, "drawer": drawer, **said, "edges": happened}


@router.post("/hands/hints", status_code=202)
async def hint(visit: Visit, request: Request) -> dict[str, Any]:
    """Tells the simulated people what they come for next."""
    people: People | None = request.app.state.people
    if people is None:
        raise CannotDo("hands", "nobody works here by themselves; start with --hands auto")
    match visit:
        case Look():
            people.hint(Hint("look", visit.pocket))
        case Take():
            people.hint(Hint("take", visit.pocket, visit.quantity, visit.lot))
        case Put():
            people.hint(Hint("put", visit.pocket, visit.quantity, visit.lot, visit.expiry))
    return {"hinted": visit.pocket}


@router.get("/faults")
async def in_force(faults: TheFaults) -> dict[str, Any]:
    """The faults in force."""
    return {"faults": faults.told()}


@router.post("/faults", status_code=201)
async def plant_fault(fault: AnyFault, faults: TheFaults) -> dict[str, Any]:
    """Makes something go wrong, until it is lifted or over by itself."""
    return {"id": faults.plant(fault), **fault.model_dump(mode="json")}


@router.delete("/faults/{id}", status_code=204)
async def lift_fault(id: int, faults: TheFaults) -> None:
    """Ends a fault."""
    faults.lift(id)


@router.post("/scans", status_code=202)
async def scan(shot: Shot, house: TheHouse) -> dict[str, Any]:
    """Reads a symbol with a scanner, or holds a badge to a badge reader, which is a scanner of the site file too."""
    if shot.scanner not in house.scanners:
        raise NotThere("scanner", f"scanner {shot.scanner}", house.scanners)
    try:
        house.scanners[shot.scanner].scan(shot.data, shot.aim)
    except MessageError as wrong:
        raise CannotDo("data", str(wrong)) from wrong
    return {"scanned": shot.data}


@router.post("/scales/{id}/load")
async def load(id: str, on_pan: Load, house: TheHouse) -> dict[str, Any]:
    """Makes the load on a pan this much."""
    if id not in house.scales:
        raise NotThere("id", f"scale {id}", house.scales)
    house.scales[id].lay(on_pan.grams)
    return {"grams": str(on_pan.grams)}


@router.post("/boards/{id}/presses")
async def press(id: str, presses: Presses, house: TheHouse) -> dict[str, Any]:
    """Presses the TEST button of a CU16 board; ten times is its factory reset."""
    board = house.boards.get(id)
    if not isinstance(board, Cu16):
        raise NotThere("id", f"CU16 board {id}", [name for name, one in house.boards.items() if isinstance(one, Cu16)])
    for _ in range(presses.times):
        board.press_test()
    return {"pulse_ms": board.pulse_ms, "delay_s": board.delay_s, "baud": board.baud}


@router.post("/gantries/{id}/hands")
async def at_gantry(id: str, act: AtGantry, house: TheHouse) -> dict[str, Any]:
    """A hand takes a pack out of a gantry, or lays some onto its shelf."""
    if id not in house.plant.gantries:
        raise NotThere("id", f"gantry {id}", house.plant.gantries)
    gantry = house.plant.gantries[id]
    packs = [gantry.remove(act.pack)] if isinstance(act, Remove) else gantry.lay(act.place, act.lot, act.expiry, act.quantity)
    return {"did": act.do, "packs": [asdict(pack) for pack in packs]}


def _drawer(house: House, id: str) -> dict[str, Any]:
    drawer = house.plant.drawers[id]
    pockets = [_pocket(house, pocket.id) for pocket in house.plant.pockets.values() if pocket.drawer == id]
    return {"latched": drawer.latched, "shut": drawer.shut, "driven": drawer.driven, "pockets": pockets}


def _pocket(house: House, id: str) -> dict[str, Any]:
    pocket = house.plant.pocket(id)
    return {"id": id, "drawer": pocket.drawer, "quantity": pocket.quantity, "lots": [_lot(one) for one in pocket.lots]}


def _lot(lot: Lot) -> dict[str, Any]:
    return {"lot": lot.lot, "expiry": lot.expiry, "quantity": lot.quantity}


def _wrong(status: int, *errors: tuple[str, str]) -> JSONResponse:
    return JSONResponse({"errors": [{"field": field, "what": what} for field, what in errors]}, status)


async def _not_so(request: Request, wrong: Exception) -> JSONResponse:
    assert isinstance(wrong, CannotDo)  # noqa: S101 - for the types; registered for nothing else
    return _wrong(404 if isinstance(wrong, NotThere) else 409, (wrong.field, wrong.what))


async def _unreadable(request: Request, wrong: Exception) -> JSONResponse:
    """A request that does not fit: each error with its field and what is allowed."""
    assert isinstance(wrong, RequestValidationError)  # noqa: S101 - for the types; registered for nothing else
    return _wrong(422, *((_field(one), one["msg"]) for one in wrong.errors()))


def _field(one: dict[str, Any]) -> str:
    tag = one.get("ctx", {}).get("discriminator")
    return tag.strip("'") if tag else [part for part in one["loc"] if isinstance(part, str)][-1]


async def _no_such_route(request: Request, wrong: Exception) -> JSONResponse:
    assert isinstance(wrong, HTTPException)  # noqa: S101 - for the types; registered for nothing else
    return _wrong(wrong.status_code, ("method" if wrong.status_code == 405 else "path", wrong.detail))


class OnlyFromHere:
    """Refuses a request whose Host names another machine (a page of another site that had its name resolve to ours)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The request goes on, or is 421."""
        app = self._app
        if scope["type"] == "http" and (named := Request(scope).headers.get("host", "").rpartition(":")[0]) not in LOOPBACK:
            app = _wrong(421, ("Host", f"{named!r} is not {' or '.join(LOOPBACK)} with a port"))
        await app(scope, receive, send)


def control(house: House, people: People | None = None) -> FastAPI:
    """The application that plays `house`."""
    app = FastAPI(title="Galenic simulator: no drugs", docs_url=None, redoc_url=None)
    app.state.house, app.state.people, app.state.faults = house, people, Faults(house)
    app.include_router(router)
    app.state.twin = Twin(house, app.state.faults)
    app.include_router(robots)
    app.include_router(twin)
    app.add_middleware(Stirs, twin=app.state.twin)
    app.add_middleware(Records, record=app.state.twin.record, stir=app.state.twin.stir)
    app.add_middleware(OnlyFromHere)
    app.add_exception_handler(CannotDo, _not_so)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _no_such_route)
    return app
