"""The control API's part for the weather: what may happen to the bytes of one link on their way, from now on."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from simulators.asked import TheHouse
from simulators.bodies import Body, Name
from simulators.faults.faults import Faults
from simulators.house import House
from simulators.plant.pocket import CannotDo, NotThere
from simulators.weather import CALM, Weather

router = APIRouter()
Chance = Annotated[float, Field(ge=0, le=1)]


class Winds(Body):
    """The chances of `simulators.weather.Weather`, of both directions; what is not said is calm. An echo is the host's alone."""

    link: Name
    lose: Chance = 0.0
    corrupt: Chance = 0.0
    cut: Chance = 0.0
    split: Chance = 0.0
    delay: Chance = 0.0
    delay_s: Annotated[float, Field(ge=0, le=60)] = CALM.delay_s
    duplicate: Chance = 0.0
    noise: Chance = 0.0
    echo: Chance = 0.0


@router.get("/weather")
async def weather(house: TheHouse) -> dict[str, Any]:
    """The weather of each link towards its boards."""
    return winds_of(house)


@router.put("/weather")
async def blow(winds: Winds, house: TheHouse, request: Request) -> dict[str, Any]:
    """This weather on one link until there is another. A storm that was planted as a fault is lifted first."""
    if winds.link not in house.wires:
        raise NotThere("link", f"link {winds.link}", house.wires)
    faults: Faults = request.app.state.faults
    for fault in faults.told():
        if fault["kind"] == "weather" and fault["link"] == winds.link:
            raise CannotDo("link", f"fault {fault['id']} is the weather of {winds.link}; lift it first")
    said = Weather(**winds.model_dump(exclude={"link"}))
    wire = house.wires[winds.link]
    wire.to_board.weather = CALM if said == CALM else said
    without_echo = replace(said, echo=0.0)
    wire.to_host.weather = CALM if without_echo == CALM else without_echo
    return winds_of(house)[winds.link]


def winds_of(house: House) -> dict[str, dict[str, Any]]:
    """The weather of each link as it may be said again."""
    told = {id: asdict(wire.to_board.weather) for id, wire in house.wires.items()}
    return {id: {name: one[name] for name in Winds.model_fields if name != "link"} for id, one in told.items()}
