"""`/v1/line`: the belts of the station, their gates and readers, and where each tote is; stopping, starting, and what people say.

Where a tote is between two readers is an estimate. Whoever starts, clears, readmits or writes off stands at a terminal.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from api.rest.asking import Answer, Body, StationRequest, StationRoute, needs, set_etag
from controller.actors import line_people
from controller.actors.line import LineActor
from controller.belts import find
from controller.policy.roles import Right
from controller.policy.session import at_terminal, require
from sites.part import Id

router = APIRouter(prefix="/v1/line", tags=["line"], route_class=StationRoute)

ToteId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]


class ModuleAnswer(Answer):
    """One belt module: why it stands (nothing: it does not), and what ails it."""

    id: str
    up: bool
    stopped: list[str]
    faults: list[str]
    zones: list[str]


class BeltAnswer(Answer):
    """A stretch of belt between two points. `moves` is its motors' state, `state` what may be believed of what lies on it."""

    id: str
    state: Literal["running", "stopped", "jam", "uncertain"]
    moves: bool
    zones: list[str]


class GateAnswer(Answer):
    """A diverter: the exit its switches show, and whether it may not have done what it was told."""

    id: str
    zone: str
    exit: Literal["default", "other"] | None
    in_doubt: bool


class ReaderAnswer(Answer):
    """A reader."""

    id: str
    state: Literal["ok", "dirty", "blinded", "down"]


class PlaceAnswer(Answer):
    """A loading or packing place. `occupied`: something stands there, or nobody can see."""

    id: str
    zone: str
    occupied: bool
    leaving: str | None
    """The tote that was let go and has not been seen to leave."""


class TroubleAnswer(Answer):
    """What was said last of a tote that a person should know of, and what to do."""

    what: str
    do: str
    where: str
    at: str


class LineTote(Answer):
    """One tote: where it is believed to be since when, where it is bound, and which readers have seen it on the way."""

    id: str
    state: str
    place: str
    since: str
    pick_list: str
    to: str
    proofs: list[str]
    trouble: TroubleAnswer | None


class LaneAnswer(Answer):
    """A lane that a person empties."""

    zone: str
    totes: int
    places: int


class LineAnswer(Answer):
    """The whole line. `feeding` is empty while totes may be sent, else it says what speaks against it."""

    halted: str
    feeding: list[str]
    modules: list[ModuleAnswer]
    belts: list[BeltAnswer]
    gates: list[GateAnswer]
    readers: list[ReaderAnswer]
    places: list[PlaceAnswer]
    lanes: list[LaneAnswer]
    totes: list[LineTote]


class StopBody(Body):
    """Why."""

    reason: Annotated[str, StringConstraints(max_length=200)] = "asked"


class ReadmissionBody(Body):
    """The loading place where the tote is put down again."""

    at: Id


class DepartureBody(Body):
    """From which place to which, for which list."""

    list: Annotated[str, Field(min_length=1, max_length=64)]
    at: Id
    to: Id


class DepartureAnswer(Answer):
    """How it ended: `released` (a counter saw it leave), `not` (it stands where it stood), `unknown` (it may still go: look)."""

    intent: str
    outcome: Literal["released", "not", "unknown"]


@router.get("")
@needs(Right.SEE_STATION)
async def get_line(request: StationRequest, response: Response) -> LineAnswer:
    """The line."""
    return _shown(find(request.station), response)


@router.post("/stop")
@needs(Right.SEE_STATION)
async def post_stop(body: StopBody, request: StationRequest, response: Response) -> LineAnswer:
    """Stops every belt. It may always be sent."""
    line = find(request.station)
    await line_people.stop(line, request.who.person, body.reason)
    return _shown(line, response)


@router.post("/start")
@needs(Right.RECOVER_DRAWERS)
async def post_start(request: StationRequest, response: Response) -> LineAnswer:
    """A named person who has looked lets the belts run again. Places that hold totes hold them."""
    line = find(request.station)
    await line_people.start(line, request.who)
    await request.station.ledger.settled()
    return _shown(line, response)


@router.post("/zones/{id}/clearance")
@needs(Right.RECOVER_DRAWERS)
async def post_clearance(id: Id, request: StationRequest, response: Response) -> LineAnswer:
    """A named person was at this zone: nothing is jammed there any more, its gate was looked at, what was to leave it stands."""
    line = find(request.station)
    await line_people.clear(line, id, request.who)
    await request.station.ledger.settled()
    return _shown(line, response)


@router.post("/zones/{id}/emptying")
@needs(Right.RECOVER_DRAWERS)
async def post_emptying(id: Id, request: StationRequest, response: Response) -> LineAnswer:
    """A named person has taken everything off the lane that ends in this zone."""
    line = find(request.station)
    line_people.empty(line, id, request.who)
    await request.station.ledger.settled()
    return _shown(line, response)


@router.post("/totes/{id}/readmission")
@needs(Right.RECOVER_DRAWERS)
async def post_readmission(id: ToteId, body: ReadmissionBody, request: StationRequest, response: Response) -> LineAnswer:
    """A named person has the tote in hand, has looked into it, and puts it down at a loading place to be sent anew."""
    line = find(request.station)
    line_people.readmit(line, id, body.at, request.who)
    await request.station.ledger.settled()
    return _shown(line, response)


@router.post("/totes/{id}/writing-off")
@needs(Right.RECOVER_DRAWERS)
async def post_writing_off(id: ToteId, request: StationRequest, response: Response) -> LineAnswer:
    """A named person gives up the search for a tote."""
    line = find(request.station)
    line_people.write_off(line, id, request.who)
    await request.station.ledger.settled()
    return _shown(line, response)


@router.post("/totes/{id}/departure")
@needs(Right.PICK)
async def post_departure(id: ToteId, body: DepartureBody, request: StationRequest) -> DepartureAnswer:
    """A person at a terminal lets the tote that stands at a loading place go to another place."""
    require(request.who, Right.PICK)
    at_terminal(request.who)
    sent = await find(request.station).send(id, body.list, body.at, body.to, request.who.person)
    await request.station.ledger.settled()
    return DepartureAnswer(intent=sent.intent, outcome=sent.outcome.value)


def _shown(line: LineActor, response: Response) -> LineAnswer:
    set_etag(response, line.view.seq)
    return line_of(line)


def line_of(line: LineActor) -> LineAnswer:
    """The line as it is told."""
    view, state, layout = line.view, line.state, line.layout
    modules = [
        {"id": part.id, "zones": [zone.id for zone in part.zones], **_module(view.modules.get(part.id))}
        for part in line.site.conveyors
    ]
    places = [
        {"id": place.id, "zone": place.zone, "occupied": line.occupied(place), "leaving": line.sends.leaving_from(place.zone)}
        for place in layout.places.values()
    ]
    return LineAnswer.model_validate({
        "halted": view.halted,
        "feeding": list(state.against_feeding),
        "modules": modules,
        "belts": [
            {"id": id_, "state": str(belt.state), "moves": belt.moving_since is not None, "zones": list(layout.zones[id_])}
            for id_, belt in state.belts.items()
        ],
        "gates": [
            {"id": id_, "zone": zone, "exit": line.gate_watch.exit(id_), "in_doubt": id_ in line.gate_watch.doubted}
            for id_, zone in line.gate_zone.items()
        ],
        "readers": [{"id": id_, "state": str(reader.state)} for id_, reader in state.readers.items()],
        "places": places,
        "lanes": [
            {"zone": zone, "totes": state.lanes[id_], "places": state.routes.segments[id_].places}
            for id_, zone in layout.lanes.items()
        ],
        "totes": [_tote(view.troubles, dict(tote)) for tote in view.totes.values() if tote["state"] != "free"],
    })  # fmt: skip


def _module(known: dict[str, Any] | None) -> dict[str, Any]:
    if known is None:
        return {"up": False, "stopped": [], "faults": []}
    return {name: known[name] for name in ("up", "stopped", "faults")}


def _tote(troubles: dict[str, dict[str, Any]], tote: dict[str, Any]) -> dict[str, Any]:
    plain = {name: tote[name] for name in ("state", "place", "since", "to", "proofs")}
    return {**plain, "id": tote["tote"], "pick_list": tote["list"], "trouble": troubles.get(tote["tote"])}
