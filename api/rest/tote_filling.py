"""`/v1/totes/{id}/place` and `/check`: where a tote stands to be filled, and what a person finds in it before it is sealed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from api.rest.asking import Answer, Body, StationRequest, StationRoute, needs
from api.rest.totes import LotBody, ToteAnswer, answer
from controller.policy.roles import Right
from controller.workflows import fill
from controller.workflows.check_tote import check
from sites.part import Id

router = APIRouter(prefix="/v1/totes", tags=["totes"], route_class=StationRoute)


class PlaceBody(Body):
    """For which list, and at which loading or packing place of the site."""

    list: Id
    at: Id


class FoundBody(Body):
    """What lies there of one item, by lot, in its smallest unit."""

    item: Id
    lots: Annotated[list[LotBody], Field(min_length=1, max_length=1000)]


class CheckBody(Body):
    """All that was found in a tote: what is not named is not in it."""

    found: Annotated[list[FoundBody], Field(max_length=1000)]
    labelled: bool = False
    """Whether the packs of `to_label` bear their labels now: whoever checks has put them on."""


class DifferenceAnswer(Answer):
    """One item of which something else was found than a machine or a person had put in, by the books."""

    item: str
    expected: int
    found: int


class CheckAnswer(Answer):
    """The tote as it stands now, and what differed: each is a discrepancy, and what lacks is planned anew."""

    tote: ToteAnswer
    differences: list[DifferenceAnswer]


@router.put("/{id}/place")
@needs(Right.PICK)
async def put_place(id: Id, body: PlaceBody, request: StationRequest, response: Response) -> ToteAnswer:
    """It was put there, empty or in part filled. At a loading place the machine there gives into it what the list's plan takes
    from that machine. Whatever stood there has been taken away."""
    fill.place(request.station, request.who, id, body.model_dump())
    return answer(request.station, request.who, id, response)


@router.post("/{id}/check")
@needs(Right.PICK)
async def post_check(id: Id, body: CheckBody, request: StationRequest, response: Response) -> CheckAnswer:
    """A person has looked into it, and scanned what is there. Needed before it is sealed once a machine has given something in."""
    differences = check(request.station, request.who, id, [one.model_dump() for one in body.found], labelled=body.labelled)
    shown = [DifferenceAnswer.model_validate({name: one[name] for name in ("item", "expected", "found")}) for one in differences]
    return CheckAnswer(tote=answer(request.station, request.who, id, response), differences=shown)
