"""`/v1/station`, `/v1/cabinets`, `/v1/drawers`: what stands here and how it is, with the age of what was seen."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.rest.asking import After, Answer, Body, Limit, TheStation, Who, link_next, needs, page
from controller.actors.drawer import Drawer
from controller.actors.requests import Recovery
from controller.policy.roles import Right
from drivers.faults import Refused

router = APIRouter(prefix="/v1", tags=["station"], dependencies=[needs(Right.SEE_STATION)])


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


class Drawers(Answer):
    """A page of drawers."""

    items: list[DrawerAnswer]
    next: str | None


class RecoveryBody(Body):
    """One step, taken by a named person who stands there."""

    step: str


@router.get("/station")
async def get_station(station: TheStation) -> StationAnswer:
    """This station."""
    part = station.site.station
    return StationAnswer(
        id=part.id,
        name=part.name,
        area=part.area,
        simulated=part.simulated,
        ready=station.ready,
        degraded=station.degraded,
        version_of_site=station.books.station.config_hash,
    )


@router.get("/cabinets")
async def list_cabinets(station: TheStation) -> Cabinets:
    """The station's cabinets with their drawers."""
    return Cabinets(
        items=[
            CabinetAnswer(
                id=part.id,
                name=part.name,
                width_mm=part.width_mm,
                height_mm=part.height_mm,
                drawers=[drawer.id for drawer in station.site.drawers if drawer.cabinet == part.id],
            )
            for part in station.site.cabinets
        ]
    )


@router.get("/drawers")
async def list_drawers(
    station: TheStation, request: Request, response: Response, after: After = None, limit: Limit = 100
) -> Drawers:
    """All drawers, by id."""
    found, cursor = page(list(station.drawers.values()), lambda drawer: drawer.id, after, limit)
    link_next(request, response, cursor)
    return Drawers(items=[_told(drawer) for drawer in found], next=cursor)


@router.get("/drawers/{id}")
async def get_drawer(id: str, station: TheStation) -> DrawerAnswer:
    """One drawer."""
    return _told(_drawer(station, id))


@router.post("/drawers/{id}/recoveries", status_code=202, dependencies=[needs(Right.RECOVER_DRAWERS)])
async def recover(id: str, body: RecoveryBody, station: TheStation, who: Who) -> DrawerAnswer:
    """One step of a drawer's recovery; its pockets are counted before they are used again."""
    try:
        step = Recovery(body.step)
    except ValueError as unknown:
        raise Refused("recovery-step-unknown", step=body.step, steps=[str(one) for one in Recovery]) from unknown
    drawer = _drawer(station, id)
    posting = await drawer.recover(step, who)
    await posting.durable
    return _told(drawer)


def _drawer(station: TheStation, id: str) -> Drawer:
    if id not in station.drawers:
        raise Refused("unknown-drawer", id=id)
    return station.drawers[id]


def _told(drawer: Drawer) -> DrawerAnswer:
    status = drawer.status()
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
    )
