"""The control API: plays the physical world, on a loopback port of its own. Nothing of it exists on a real station.

A request that cannot be read is 422, one that steel does not allow 409, a thing that is not there 404; each names the field:
`{"errors": [{"field": "drawer", "what": "..."}]}`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.middleware.trustedhost import TrustedHostMiddleware

from firmware_protocols.errors import MessageError
from simulators.boards.kerong_cu16 import Cu16
from simulators.boards.mt_sics import CAPACITY_G
from simulators.faults.faults import AnyFault, Faults
from simulators.house import House
from simulators.people import Hint, People
from simulators.plant.pocket import CannotDo, Lot
from simulators.timers import now

LOOPBACK = ["127.0.0.1", "localhost"]
"""Hosts a request may name: a page from elsewhere that found the port is refused."""

router = APIRouter()

Name = Annotated[str, Field(min_length=1, max_length=48)]
LotNumber = Annotated[str, Field(min_length=1, max_length=20)]
Quantity = Annotated[int, Field(ge=1, le=100_000, strict=True)]
Expiry = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Wait = Annotated[float, Field(ge=0, le=600)]


class Body(BaseModel):
    """Nothing unknown in a request."""

    model_config = ConfigDict(extra="forbid")


class Open(Body):
    """Waits up to `wait_s` until the drawer gives, and pulls it open."""

    do: Literal["open"]
    drawer: Name
    wait_s: Wait = 0.0


class Shut(Body):
    """Pushes a drawer home."""

    do: Literal["shut"]
    drawer: Name


class Take(Body):
    """Takes out of an open drawer; of the lot in front unless one is named."""

    do: Literal["take"]
    pocket: Name
    quantity: Quantity = 1
    lot: LotNumber | None = None


class Put(Body):
    """Puts into an open drawer."""

    do: Literal["put"]
    pocket: Name
    lot: LotNumber
    expiry: Expiry
    quantity: Quantity = 1


class Visit(Body):
    """With `--hands auto`: what the next visit to this pocket's drawer is for."""

    do: Literal["take", "put", "look"]
    pocket: Name
    quantity: Quantity = 1
    lot: LotNumber | None = None
    expiry: Expiry | Literal[""] = ""


class Shot(Body):
    """A symbol held before a scanner. GS stands as \\u001d in `data`."""

    scanner: Name
    data: Annotated[str, Field(min_length=1, max_length=4000)]
    aim: Annotated[str, Field(pattern=r"^\][A-Za-z][0-9A-Za-z]$")] | None = None


class Load(Body):
    """What lies on the pan from now on."""

    grams: Annotated[Decimal, Field(ge=0, le=2 * CAPACITY_G)]


class Presses(Body):
    """Presses of a CU16 board's TEST button."""

    times: Annotated[int, Field(ge=1, le=20)] = 1


def the_house(request: Request) -> House:
    """The house of this application."""
    house: House = request.app.state.house
    return house


TheHouse = Annotated[House, Depends(the_house)]


@router.get("/truth")
async def truth(house: TheHouse) -> dict[str, Any]:
    """Everything as it really is now. `at` is the loop's time in seconds, as in `/edges`."""
    return {
        "at": now(),
        "drawers": {id: drawer_truth(house, id) for id in house.plant.drawers},
        "links": {id: {"plugged": wire.plugged, "connections": len(wire.calls)} for id, wire in house.wires.items()},
        "scales": {id: {"grams": str(scale.gross), "stable": scale.stable} for id, scale in house.scales.items()},
    }


@router.get("/truth/drawers/{id}")
async def one_drawer(id: str, house: TheHouse) -> dict[str, Any]:
    """One drawer as it really is."""
    house.plant.drawer(id)
    return drawer_truth(house, id)


@router.get("/truth/pockets/{id}")
async def one_pocket(id: str, house: TheHouse) -> dict[str, Any]:
    """What really lies in one pocket."""
    return pocket_truth(house, id)


@router.get("/edges")
async def edges(
    house: TheHouse, after: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=10_000)] = 1000
) -> dict[str, Any]:
    """The truth log after a number: what physically happened, oldest first."""
    return {"edges": [edge.told() for edge in house.plant.truth.after(after)[:limit]]}


@router.post("/hands")
async def hands(act: Annotated[Open | Shut | Take | Put, Field(discriminator="do")], house: TheHouse) -> dict[str, Any]:
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
    """Tells the simulated people what they come for."""
    people: People | None = request.app.state.people
    if people is None:
        raise CannotDo("hands", "nobody works here by themselves; start with --hands auto")
    if visit.do == "put" and (visit.lot is None or not visit.expiry):
        raise CannotDo("lot", "a put needs the lot and its expiry")
    people.hint(Hint(visit.do, visit.pocket, visit.quantity, visit.lot, visit.expiry))
    return {"hinted": visit.pocket}


@router.get("/faults")
async def faults(request: Request) -> dict[str, Any]:
    """The faults in force."""
    return {"faults": _faults(request).told()}


@router.post("/faults", status_code=201)
async def plant_fault(fault: AnyFault, request: Request) -> dict[str, Any]:
    """Makes something go wrong, until it is lifted or over by itself."""
    return {"id": _faults(request).plant(fault), **fault.model_dump(mode="json")}


@router.delete("/faults/{id}", status_code=204)
async def lift_fault(id: int, request: Request) -> None:
    """Ends a fault."""
    _faults(request).lift(id)


@router.post("/scans", status_code=202)
async def scan(shot: Shot, house: TheHouse) -> dict[str, Any]:
    """Reads a symbol with a scanner."""
    if shot.scanner not in house.scanners:
        raise CannotDo("scanner", f"there is no scanner {shot.scanner}; this site has {', '.join(house.scanners) or 'none'}")
    try:
        house.scanners[shot.scanner].scan(shot.data, shot.aim)
    except MessageError as wrong:
        raise CannotDo("data", str(wrong)) from wrong
    return {"scanned": shot.data}


@router.post("/scales/{id}/load")
async def load(id: str, on_pan: Load, house: TheHouse) -> dict[str, Any]:
    """Lays things on a pan."""
    if id not in house.scales:
        raise CannotDo("id", f"there is no scale {id}; this site has {', '.join(house.scales) or 'none'}")
    house.scales[id].lay(on_pan.grams)
    return {"grams": str(on_pan.grams)}


@router.post("/boards/{id}/presses")
async def press(id: str, presses: Presses, house: TheHouse) -> dict[str, Any]:
    """Presses the TEST button of a CU16 board; ten times is its factory reset."""
    board = house.boards.get(id)
    if not isinstance(board, Cu16):
        raise CannotDo("id", f"there is no CU16 board {id}")
    for _ in range(presses.times):
        board.press_test()
    return {"pulse_ms": board.pulse_ms, "delay_s": board.delay_s, "baud": board.baud}


def drawer_truth(house: House, id: str) -> dict[str, Any]:
    """One drawer as it really is, with its pockets."""
    drawer = house.plant.drawers[id]
    pockets = [pocket_truth(house, pocket.id) for pocket in house.plant.pockets.values() if pocket.drawer == id]
    return {"latched": drawer.latched, "shut": drawer.shut, "driven": drawer.driven, "pockets": pockets}


def pocket_truth(house: House, id: str) -> dict[str, Any]:
    """What really lies in one pocket."""
    pocket = house.plant.pocket(id)
    return {"id": id, "drawer": pocket.drawer, "quantity": pocket.quantity, "lots": [_lot(one) for one in pocket.lots]}


def _lot(lot: Lot) -> dict[str, Any]:
    return {"lot": lot.lot, "expiry": lot.expiry, "quantity": lot.quantity}


def _faults(request: Request) -> Faults:
    in_force: Faults = request.app.state.faults
    return in_force


async def _not_so(request: Request, wrong: Exception) -> JSONResponse:
    """CannotDo: 404 if the thing is not there, else 409."""
    assert isinstance(wrong, CannotDo)  # noqa: S101 - for the types; registered for nothing else
    status = 404 if wrong.what.startswith(("there is no", "no fault")) else 409
    return JSONResponse({"errors": [{"field": wrong.field, "what": wrong.what}]}, status)


async def _unreadable(request: Request, wrong: Exception) -> JSONResponse:
    """A request that does not fit: each error with its field and what is allowed."""
    assert isinstance(wrong, RequestValidationError)  # noqa: S101 - for the types; registered for nothing else
    return JSONResponse({"errors": [_error(one) for one in wrong.errors()]}, 422)


def _error(one: dict[str, Any]) -> dict[str, str]:
    tag = one.get("ctx", {}).get("discriminator")
    named = [str(part) for part in one["loc"] if isinstance(part, str)]
    return {"field": tag.strip("'") if tag else named[-1], "what": one["msg"]}


def control(house: House, people: People | None = None) -> FastAPI:
    """The application that plays `house`."""
    app = FastAPI(title="Galenic simulator: no drugs", docs_url=None, redoc_url=None)
    app.state.house, app.state.people, app.state.faults = house, people, Faults(house)
    app.include_router(router)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK)
    app.add_exception_handler(CannotDo, _not_so)
    app.add_exception_handler(RequestValidationError, _unreadable)
    return app
