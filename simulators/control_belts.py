"""The control API's part for belts: containers are put on, taken off, swapped and held, and the truth of them is told."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from firmware_protocols.errors import MessageError
from simulators.asked import TheHouse
from simulators.bodies import Body as Shape
from simulators.bodies import Name, Wait
from simulators.house import House
from simulators.plant.belt import Belt, Body
from simulators.plant.passages import Happened, Passage
from simulators.plant.pocket import CannotDo, NotThere

router = APIRouter()


class PutOn(Shape):
    """Lays a container on a zone, its front at `front_mm`; where nothing is said its rear lies at the zone's beginning."""

    do: Literal["put"]
    body: Name
    zone: Name
    length_mm: Annotated[int, Field(ge=10, le=2000)] = 300
    code: Annotated[str, Field(min_length=1, max_length=4000)] | None = None
    """What a reader reads; the container's own name where nothing is said."""
    front_mm: Annotated[float, Field(gt=0, le=10_000)] | None = None


class TakeOff(Shape):
    """Takes a container off."""

    do: Literal["take"]
    body: Name


class Swap(Shape):
    """Changes two containers for each other."""

    do: Literal["swap"]
    body: Name
    other: Name


class Hold(Shape):
    """Holds a container where it is, or lets it go."""

    do: Literal["hold", "let-go"]
    body: Name


Act = Annotated[PutOn | TakeOff | Swap | Hold, Field(discriminator="do")]


class Button(Shape):
    """The stop button of a belt module."""

    pressed: Annotated[bool, Field(strict=True)]


@router.get("/truth/belts")
async def belts(house: TheHouse) -> dict[str, Any]:
    """Every zone, gate and container as it really is at this moment."""
    return {
        "passages": len(house.belts.log.passages),
        "zones": {id: _zone(belt) for id, belt in house.belts.belts.items()},
        "gates": {id: {"where": gate.where, "driven": gate.driven} for id, gate in house.gates.items()},
        "bodies": {id: _body(house.belts.where(id)) for id in house.belts.bodies},
        "modules": {id: {"stops": sorted(module.stops)} for id, module in house.conveyors.items()},
    }


@router.get("/passages")
async def passages(
    house: TheHouse,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    what: Happened | None = None,
    body: str | None = None,
    place: str | None = None,
    wait_s: Annotated[Wait, Query()] = 0.0,
) -> dict[str, Any]:
    """What physically happened on the belts after a number, oldest first; with `wait_s` as soon as there is such a passage."""
    log = house.belts.log

    def found() -> list[Passage]:
        among = log.after(after)
        return [one for one in among if what in {None, one.what} and body in {None, one.body} and place in {None, one.place}]

    await log.until(lambda: bool(found()), wait_s)
    return {"passages": [one.told() for one in found()[:limit]]}


@router.post("/belts/hands")
async def hands(act: Act, house: TheHouse) -> dict[str, Any]:
    """A hand does something at the belts; the answer says what happened in that moment."""
    plant, before = house.belts, len(house.belts.log.passages)
    match act:
        case PutOn():
            _readable(house, act.code or act.body)
            plant.put(act.body, act.zone, act.length_mm, act.code, act.front_mm)
        case TakeOff():
            plant.take(act.body)
        case Swap():
            plant.swap(act.body, act.other)
        case Hold():
            plant.hold(act.body, act.do == "hold")
    return {"did": act.do, "passages": [one.told() for one in plant.log.after(before)]}


@router.post("/conveyors/{id}/stop-button")
async def stop_button(id: str, button: Button, house: TheHouse) -> dict[str, Any]:
    """Presses the stop button of a module, or lets it go: its group stands until the host clears the stop."""
    if id not in house.conveyors:
        raise NotThere("id", f"belt module {id}", house.conveyors)
    house.conveyors[id].press(button.pressed)
    return {"stops": sorted(house.conveyors[id].stops)}


def _readable(house: House, code: str) -> None:
    """A code that the site's scanners could not send never comes onto the belts."""
    for reader in house.readers.values():
        try:
            reader.try_code(code)
        except MessageError as wrong:
            raise CannotDo("code", str(wrong)) from wrong


def _zone(belt: Belt) -> dict[str, Any]:
    return {"runs": belt.runs, "mm_s": belt.surface, "eye": belt.eye, "before_eye": sorted(belt.before_eye)}


def _body(body: Body) -> dict[str, Any]:
    rear_zone, rear = body.rear
    return {
        "zone": body.belt.id,
        "front_mm": round(body.front, 3),
        "rear_zone": rear_zone.id,
        "rear_mm": round(rear, 3),
        "mm_s": body.speed,
        "code": body.code,
        "held": body.held,
        "caught": body.caught,
    }
