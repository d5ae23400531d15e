"""`/v1/station`, `/v1/cabinets`, `/v1/drawers`: what stands here and how it is, with the age of what was seen."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page
from controller.actors.drawer import Drawer
from controller.actors.requests import Recovery
from controller.policy.roles import Right
from controller.station import Station
from drivers.faults import Refused

router = APIRouter(prefix="/v1", tags=["station"], route_class=StationRoute)


class StationAnswer(Answer):
    """This station."""

    id: str
    name: str
    area: str
    simulated: bool
    ready: bool
    degraded: str | None
    version_of_site: str | None
    """SHA-256 of the site file's content in force."""


class CabinetAnswer(Answer):
    """One steel box."""

    id: str
    name: str
    width_mm: int
    height_mm: int
    drawers: list[str]


class Cabinets(Answer):
    """All of them."""

    items: list[CabinetAnswer]


class DrawerAnswer(Answer):
    """`latched` and `shut` are what the switches said `age_s` seconds ago; null where there is no such switch."""

    id: str
    cabinet: str
    state: str
    since_s: float
    latched: bool | None
    shut: bool | None
    age_s: float | None
    alarms: list[str]
    pockets: list[str]
    unverified: list[str]
    """Those of its pockets that must be counted before anything else: nobody knows what lies in them."""


class Drawers(Answer):
    """A page of drawers."""

    items: list[DrawerAnswer]
    next: str | None


class RecoveryBody(Body):
    """One step, taken by a named person who stands there."""

    step: str


@router.get("/station")
@needs(Right.SEE_STATION)
async def get_station(request: StationRequest) -> StationAnswer:
    """This station."""
    part = request.station.site.station
    return StationAnswer(
        id=part.id,
        name=part.name,
        area=part.area,
        simulated=part.simulated,
        ready=request.station.ready,
        degraded=request.station.degraded,
        version_of_site=request.station.books.station.config_hash,
    )


@router.get("/cabinets")
@needs(Right.SEE_STATION)
async def list_cabinets(request: StationRequest) -> Cabinets:
    """The station's cabinets with their drawers."""
    return Cabinets(
        items=[
            CabinetAnswer(
                id=part.id,
                name=part.name,
                width_mm=part.width_mm,
                height_mm=part.height_mm,
                drawers=[drawer.id for drawer in request.station.site.drawers if drawer.cabinet == part.id],
            )
            for part in request.station.site.cabinets
        ]
    )


@router.get("/drawers")
@needs(Right.SEE_STATION)
async def list_drawers(request: StationRequest, response: Response, after: After = None, limit: Limit = 100) -> Drawers:
    """All drawers, by id."""
    found, cursor = page(list(request.station.drawers.values()), lambda drawer: drawer.id, after, limit)
    link_next(request, response, cursor)
    return Drawers(items=[drawer_of(request.station, drawer) for drawer in found], next=cursor)


@router.get("/drawers/{id}")
@needs(Right.SEE_STATION)
async def get_drawer(id: str, request: StationRequest) -> DrawerAnswer:
    """One drawer."""
    return drawer_of(request.station, _drawer(request.station, id))


@router.post("/drawers/{id}/recoveries", status_code=202)
@needs(Right.SEE_STATION, Right.RECOVER_DRAWERS)
async def recover(id: str, body: RecoveryBody, request: StationRequest) -> DrawerAnswer:
    """One step of a drawer's recovery; its pockets are counted before they are used again."""
    try:
        step = Recovery(body.step)
    except ValueError as unknown:
        raise Refused("recovery-step-unknown", step=body.step, steps=[str(one) for one in Recovery]) from unknown
    drawer = _drawer(request.station, id)
    posting = await drawer.recover(step, request.who)
    await posting.durable
    return drawer_of(request.station, drawer)


def _drawer(station: Station, id: str) -> Drawer:
    if id not in station.drawers:
        raise Refused("unknown-drawer", id=id)
    return station.drawers[id]


def drawer_of(station: Station, drawer: Drawer) -> DrawerAnswer:
    """A drawer as its switches say, and which of its pockets are in doubt; what lies in the others is not said here."""
    status, known = drawer.status(), station.books.stock.pockets
    return DrawerAnswer(
        id=drawer.id,
        cabinet=drawer.part.cabinet,
        state=str(status.state),
        since_s=round(status.since_s, 1),
        latched=status.latched,
        shut=status.shut,
        age_s=round(status.age_s, 2) if status.age_s < 1e9 else None,
        alarms=list(status.alarms),
        pockets=list(drawer.pockets),
        unverified=[pocket for pocket in drawer.pockets if pocket in known and known[pocket]["unverified"] is not None],
    )
