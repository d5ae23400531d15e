"""`/v1/pick-lists`: a pharmacy system pushes a list, a technician at a terminal picks its lines into a tote."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, Field, model_validator

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page, set_etag
from api.rest.wishes import CriteriaBody, LabelBody
from api.rest.works import DrawEntry, Key, WorkAnswer, answered, entered
from controller.ledger.views.tote_records import Tote
from controller.ledger.views.work import LIVE
from controller.ledger.views.work_records import Line, PickList, Work
from controller.machines.custody import State as ToteState
from controller.policy.roles import Right
from controller.station import Station
from controller.workflows import pick_list
from controller.workflows.orders import criteria_of, on_order
from controller.workflows.split import to_pick
from controller.workflows.talk import say
from drivers.faults import Refused
from sites.part import Id

router = APIRouter(prefix="/v1/pick-lists", tags=["pick lists"], route_class=StationRoute)

LineNumber = Annotated[int, Field(ge=1, le=10_000)]
Units = Annotated[int, Field(ge=1, le=1_000_000)]


class LineBody(Body):
    """One line: so many units of one item."""

    n: LineNumber
    item: Id
    quantity: Units
    urgent: bool = False
    """Picked before all lines that are not."""
    criteria: CriteriaBody | None = None
    labels: Annotated[list[LabelBody], Field(max_length=10)] = Field(default_factory=list)
    """For each pack of it. A robot puts them on; what it does not label a person does, before the tote is sealed."""


class PickListBody(Body):
    """What is to be picked. A higher revision replaces a lower one and keeps what has been picked."""

    revision: Annotated[int, Field(ge=1, le=1_000_000)]
    due: Annotated[AwareDatetime | None, Field(strict=False)] = None
    """When it is to be ready. Until then machines work it behind all others, no earlier than `policy.stage_hours` before."""
    lines: Annotated[list[LineBody], Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def _numbers_differ(self) -> Self:
        if len({line.n for line in self.lines}) < len(self.lines):
            raise ValueError("two lines have one number")
        return self


class PickBody(Body):
    """One pick of a line into a tote: the whole rest of the line, or `quantity` of it, from the best pocket or `pocket`.

    `id` names the pick; without one, the line and the tote do, so that a repeat is the same pick.
    """

    id: Id | None = None
    tote: Id
    quantity: Units | None = None
    pocket: Id | None = None


class PartAnswer(Answer):
    """Where some of a line is to be picked. `drawer` is what holds it: a drawer, a shelf, a gantry, or a robot, which knows by
    itself where its packs are and names no pocket."""

    pocket: str | None
    drawer: str
    quantity: int


class LineAnswer(Answer):
    """A line and where it stands: `new`, `picking`, `picked` in full, `short` by `remainder`, or `refused` and why.

    `ordered` is what machines are fetching of it, `parts` says from where the rest is to be picked, and `lacking` how much of that
    this station does not have.
    """

    n: int
    item: str
    quantity: int
    picked: int
    remainder: int
    state: Literal["new", "picking", "picked", "short", "refused"]
    refused: str | None
    urgent: bool
    criteria: CriteriaBody | None
    lot: str | None
    labels: list[LabelBody]
    ordered: int
    parts: list[PartAnswer]
    lacking: int
    picks: list[str]
    totes: list[str]


class PickListAnswer(Answer):
    """A list. `state` is `open` while a line is still to be picked, then `done` (`closed` where its rest is not picked any more);
    from the first tote that is sealed on it is `packed`, `in-transit` once all its totes have left, `confirmed` or `partial`
    once all have been signed for."""

    id: str
    revision: int
    state: Literal["open", "done", "closed", "cancelled", "packed", "in-transit", "confirmed", "partial"]
    service: str
    at: str
    due: str | None
    seq: int
    totes: list[str]
    lines: list[LineAnswer]


class PickLists(Answer):
    """A page of lists."""

    items: list[PickListAnswer]
    next: str | None


@router.put("/{id}")
@needs(Right.PUSH_PICK_LISTS)
async def put_pick_list(id: Id, body: PickListBody, request: StationRequest, response: Response) -> PickListAnswer:
    """Takes a list in. Nothing opens: each line is picked by a person at the station."""
    pick_list.put(request.station, request.who, id, body.model_dump(mode="json", exclude_none=True))
    return _answer(request.station, id, response)


@router.get("/{id}")
@needs(Right.SEE_PICK_LISTS)
async def get_pick_list(id: Id, request: StationRequest, response: Response) -> PickListAnswer:
    """One list with the state of every line."""
    return _answer(request.station, id, response)


@router.get("")
@needs(Right.SEE_PICK_LISTS)
async def list_pick_lists(request: StationRequest, response: Response, after: After = None, limit: Limit = 50) -> PickLists:
    """All lists, by id."""
    lists, cursor = page(list(request.station.books.work.pick_lists.values()), lambda found: found["id"], after, limit)
    link_next(request, response, cursor)
    return PickLists(items=[list_answer(request.station, found) for found in lists], next=cursor)


@router.post("/{id}/cancellation")
@needs(Right.PUSH_PICK_LISTS)
async def cancel_pick_list(id: Id, request: StationRequest, response: Response) -> PickListAnswer:
    """Ends a list until something of it is sealed. What was picked for it is to be put away again out of its tote."""
    pick_list.cancel(request.station, request.who, id)
    return _answer(request.station, id, response)


@router.post("/{id}/closure")
@needs(Right.PUSH_PICK_LISTS)
async def close_pick_list(id: Id, request: StationRequest, response: Response) -> PickListAnswer:
    """Ends the rest of a list that stays short: nothing more of it is picked. What was picked is sealed and sent as ever."""
    pick_list.close(request.station, request.who, id)
    return _answer(request.station, id, response)


@router.post("/{id}/lines/{n}/picks", status_code=202)
@needs(Right.PICK)
async def post_pick(id: Id, n: LineNumber, body: PickBody, request: StationRequest, response: Response) -> WorkAnswer:
    """Opens the pocket for one pick of a line. The same again is the same pick."""
    asked = {"list": id, "line": n, **body.model_dump(exclude_none=True, exclude={"id"})}
    pick = await pick_list.request(request.station, request.who, body.id, asked)
    response.headers["Location"] = f"/v1/pick-lists/{id}/lines/{n}/picks/{pick}"
    return await answered(request.station, "pick", pick, request, response)


@router.get("/{id}/lines/{n}/picks/{pick}")
@needs(Right.PICK)
async def get_pick(id: Id, n: LineNumber, pick: Id, request: StationRequest, response: Response) -> WorkAnswer:
    """Where one pick stands."""
    _pick_of(request.station, id, n, pick)
    return await answered(request.station, "pick", pick, request, response)


@router.post("/{id}/lines/{n}/picks/{pick}/entries", status_code=202)
@needs(Right.PICK)
async def post_pick_entry(
    id: Id,
    n: LineNumber,
    pick: Id,
    entry: DrawEntry,
    request: StationRequest,
    response: Response,
    key: Key = None,
) -> WorkAnswer:
    """Says what was taken or counted, or gives a scanned code."""
    _pick_of(request.station, id, n, pick)
    await entered(request.station, request.who, "pick", pick, entry, key)
    return await answered(request.station, "pick", pick, request, response)


@router.post("/{id}/lines/{n}/picks/{pick}/cancellation", status_code=202)
@needs(Right.PICK)
async def cancel_pick(id: Id, n: LineNumber, pick: Id, request: StationRequest, response: Response) -> WorkAnswer:
    """Ends a pick of which nothing was taken."""
    _pick_of(request.station, id, n, pick)
    await say(request.station, request.who, "pick", pick, "cancel")
    return await answered(request.station, "pick", pick, request, response)


def _pick_of(station: Station, list_: str, n: int, pick: str) -> Work:
    work = station.books.work.get("pick", pick)
    if work is None or (work["about"]["list"], work["about"]["line"]) != (list_, n):
        raise Refused("unknown-pick", id=pick)
    return work


def _answer(station: Station, id_: str, response: Response) -> PickListAnswer:
    found = station.books.work.pick_lists.get(id_)
    if found is None:
        raise Refused("unknown-pick-list", id=id_)
    set_etag(response, found["seq"])
    return list_answer(station, found)


def list_answer(station: Station, found: PickList) -> PickListAnswer:
    """A list with where each of its lines stands, urgent ones first."""
    lines = [_line(station, found, line) for line in found["lines"].values()]
    lines.sort(key=lambda line: not line.urgent)
    totes = station.books.totes.of_list(found["id"])
    plain = {name: found[name] for name in ("id", "revision", "service", "at", "due", "seq")}
    return PickListAnswer.model_validate(
        {**plain, "state": _state(found, lines, totes), "totes": [tote["tote"] for tote in totes], "lines": lines}
    )


def _state(found: PickList, lines: list[LineAnswer], totes: list[Tote]) -> str:
    stand = {ToteState(tote["state"]) for tote in totes} - {ToteState.FILLING}
    if found["cancelled"]:
        return "cancelled"
    if not stand and found["closed"]:
        return "closed"
    if not stand:
        return "done" if all(line.state in {"picked", "refused"} for line in lines) else "open"
    if stand <= {ToteState.CONFIRMED, ToteState.PARTIAL, ToteState.RETURNING, ToteState.ARRIVED, ToteState.RECEIVED}:
        whole = stand == {ToteState.CONFIRMED} and all(line.state in {"picked", "refused"} for line in lines)
        return "confirmed" if whole else "partial"
    return "packed" if ToteState.PACKED in stand else "in-transit"


def _line(station: Station, found: PickList, line: Line) -> LineAnswer:
    list_, parts = found["id"], [part for part in found["parts"] if part["n"] == line["n"]]
    picks, ordered = station.books.work.picks(line), on_order(station, list_, line["n"])
    totes = [tote for tote in station.books.totes.of_list(list_) if line["n"] in _lines_in(tote)]
    state = "new"
    if line["refused"] is not None:
        state = "refused"
    elif ordered or any(work["state"] in LIVE for work in picks):
        state = "picking"
    elif line["picked"] >= line["quantity"]:
        state = "picked"
    elif line["picked"] or any(work["state"] == "committed" for work in picks):
        state = "short"
    return LineAnswer.model_validate(
        {
            **line,
            "remainder": max(line["quantity"] - line["picked"], 0),
            "ordered": ordered,
            "parts": parts,
            "lacking": to_pick(station, line, ordered) - sum(part["quantity"] for part in parts),
            "state": state,
            "lot": criteria_of(station, list_, line).lot or next((part["lot"] for part in parts if "lot" in part), None),
            "totes": sorted({tote["tote"] for tote in totes}),
        }
    )


def _lines_in(tote: Tote) -> set[int]:
    return {n for content in tote["contents"].values() for n in content["lines"]}
