"""The control API's part for totes: put somewhere, looked into, filled and emptied by hand, swapped, carried to another house."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from simulators.asked import TheHouse
from simulators.bodies import Body, Expiry, LotNumber, Name, Quantity, Wait
from simulators.house import House
from simulators.plant.totes import TOTE_MM, Happened, Happening, Packed

router = APIRouter()
PackName = Annotated[str, Field(min_length=1, max_length=120)]


class PlaceTote(Body):
    """Puts a tote at a loading or packing place; an empty one where it was never seen."""

    do: Literal["place"]
    tote: Name
    at: Name
    length_mm: Annotated[int, Field(ge=10, le=2000)] = TOTE_MM
    front_mm: Annotated[float, Field(gt=0, le=10_000)] | None = None


class LiftTote(Body):
    """Takes a tote from its table or belt into the hand, or out of the house with what lies in it."""

    do: Literal["lift", "carry-off"]
    tote: Name


class SwapTotes(Body):
    """Puts each of two totes where the other is."""

    do: Literal["swap"]
    tote: Name
    other: Name


class LayLoose(Body):
    """Lays loose units in."""

    do: Literal["lay"]
    tote: Name
    item: Name
    lot: LotNumber
    expiry: Expiry
    quantity: Quantity = 1


class MovePack(Body):
    """Lays in a pack from where a hand can reach it, or takes one out."""

    do: Literal["lay-pack", "take"]
    tote: Name
    pack: PackName


class Brought(Body):
    """One thing in a tote that is brought, as the other house told it."""

    id: PackName
    item: Name | None
    lot: str
    expiry: str
    units: Quantity | None = None


class BringTote(Body):
    """A courier brings a tote from another house."""

    do: Literal["bring"]
    tote: Name
    packs: Annotated[list[Brought], Field(max_length=10_000)]


Act = Annotated[PlaceTote | LiftTote | SwapTotes | LayLoose | MovePack | BringTote, Field(discriminator="do")]


@router.get("/totes")
async def totes(house: TheHouse) -> dict[str, Any]:
    """Every tote that is here, and which stands at which place."""
    return {
        "happened": len(house.totes.log.entries),
        "totes": {id: _tote(house, id) for id in house.totes.known()},
        "places": {id: house.totes.at(id) for id in house.totes.places},
    }


@router.get("/totes/{id}")
async def one_tote(id: str, house: TheHouse) -> dict[str, Any]:
    """What really lies in a tote."""
    return _tote(house, id)


@router.get("/tote-happenings")
async def happenings(
    house: TheHouse,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    what: Happened | None = None,
    tote: str | None = None,
    wait_s: Annotated[Wait, Query()] = 0.0,
) -> dict[str, Any]:
    """What happened to totes after a number, oldest first; with `wait_s` as soon as there is such a thing."""
    log = house.totes.log

    def found() -> list[Happening]:
        return [one for one in log.after(after) if what in {None, one.what} and tote in {None, one.tote}]

    await log.until(lambda: bool(found()), wait_s)
    return {"happenings": [one.told() for one in found()[:limit]]}


@router.post("/totes/hands")
async def hands(act: Act, house: TheHouse) -> dict[str, Any]:
    """A hand does something with a tote; the answer says what happened in that moment."""
    plant, before = house.totes, len(house.totes.log.entries)
    said: dict[str, Any] = {}
    match act:
        case PlaceTote():
            plant.place(act.tote, act.at, act.length_mm, act.front_mm)
        case LiftTote(do="lift"):
            said = {"from": plant.lift(act.tote)}
        case LiftTote():
            said = {"packs": [asdict(one) for one in plant.carry_off(act.tote)]}
        case SwapTotes():
            plant.swap(act.tote, act.other)
        case LayLoose():
            said = {"packs": [asdict(plant.lay(act.tote, act.item, act.lot, act.expiry, act.quantity))]}
        case MovePack():
            moved = plant.take if act.do == "take" else plant.lay_pack
            said = {"packs": [asdict(moved(act.tote, act.pack))]}
        case BringTote():
            plant.bring(act.tote, [Packed(**one.model_dump()) for one in act.packs])
    return {"did": act.do, **said, "happenings": [one.told() for one in plant.log.after(before)]}


def _tote(house: House, id: str) -> dict[str, Any]:
    packs = house.totes.contents(id)
    return {"id": id, "at": house.totes.where(id), "packs": [asdict(one) for one in packs]}
