"""`/v1/boards`: what a person says of a lock board. How it answers stands in `/v1/links`."""

from __future__ import annotations

from fastapi import APIRouter

from api.rest.asking import Answer, StationRequest, StationRoute, needs
from api.rest.links import BoardAnswer, board_of
from api.rest.station import DrawerAnswer, drawer_of
from controller.policy.roles import Right
from controller.workflows.board_replaced import drawers_of, find, replaced

router = APIRouter(prefix="/v1/boards", tags=["links"], route_class=StationRoute)


class Replaced(Answer):
    """The board as it answers now, and its drawers: each is out of service until its test opening."""

    board: BoardAnswer
    drawers: list[DrawerAnswer]


@router.post("/{id}/replacement")
@needs(Right.SEE_LINKS, Right.RECOVER_DRAWERS)
async def replace(id: str, request: StationRequest) -> Replaced:
    """This lock board was replaced: its drawers go out of service until each has been tested.

    It is looked at twice before that, and nothing moves. A drawer's test is the step `return_to_service` of its recovery.
    """
    station = request.station
    await replaced(station, id, request.who)
    return Replaced(board=board_of(find(station, id)), drawers=[drawer_of(station, drawer) for drawer in drawers_of(station, id)])
