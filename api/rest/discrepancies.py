"""`/v1/discrepancies`: what was found, who had access, and what people do about it. Nothing here moves stock.

Whoever may count the pocket sees how much it differs, and not the figures: those she sees only if the count was her own.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page, set_etag
from controller.ledger.views.discrepancies import DifferentPack as Different
from controller.ledger.views.discrepancies import Discrepancy
from controller.ledger.views.robot_records import EXPIRY, LOT, SERIAL
from controller.policy.roles import Right
from controller.policy.session import Session, subject_of
from controller.station import Station
from controller.workflows import discrepancy
from drivers.faults import Refused
from sites.part import Id

router = APIRouter(prefix="/v1/discrepancies", tags=["discrepancies"], route_class=StationRoute)

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
DiscrepancyState = Literal["open", "claimed", "explained", "resolved", "reviewed", "closed"]
ReasonCode = Literal[
    "amount-removed-keyed",
    "miscounted",
    "pull-cancelled",
    "refill-keyed-twice",
    "returned-elsewhere",
    "wrong-pack-size",
    "wrong-item-taken",
    "broken-or-spilled",
    "not-explained",
]


class PackData(Answer):
    """What is known of a pack."""

    lot: str | None
    expiry: str | None
    serial: str | None


class DifferentPack(Answer):
    """A pack of a robot, by its number: as it was in the books (none: it was not) and as the robot tells it now (none: it is not in
    it). `output` is where it came out after all."""

    pack: str
    was: PackData | None
    now: PackData | None
    output: int | None


class DiscrepancyAnswer(Answer):
    """One discrepancy. `accesses` is everybody who could have reached the pocket since its last good count."""

    id: str
    state: DiscrepancyState
    seq: int
    opened_at: str
    pocket: str | None
    drawer: str | None
    tote: str | None
    """Where something is missing from a tote, and not from a pocket."""
    robot: str | None
    """Where a robot does not hold what the books said."""
    packs: list[DifferentPack]
    """Of a robot: each that is not as the books said."""
    item: str
    unit: str
    delta: int
    """Counted less expected."""
    expected: int | None
    counted: int | None
    finder: str
    work: dict[str, str] | None
    since_seq: int
    """The ledger number of the last good count; 0 if there was none."""
    accesses: list[dict[str, Any]]
    suggestions: list[dict[str, Any]]
    linked: list[str]
    escalated: int
    """How many steps of age it has passed: 1 charge nurse, 2 pharmacy, 3 suspected loss."""
    claimed_by: str | None
    reason: str | None
    explanation: str | None
    resolution: dict[str, Any] | None
    review: dict[str, Any] | None


class Discrepancies(Answer):
    """A page of discrepancies."""

    items: list[DiscrepancyAnswer]
    next: str | None


class Explanation(Body):
    """What happened, as far as anybody can say."""

    reason: ReasonCode
    explanation: Text


class Resolution(Explanation):
    """What is signed, and the token of the witness who signed it."""

    witness: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


class ToSign(Answer):
    """What a witness of this resolution signs: the subject of her token."""

    signed: dict[str, Any]
    subject: str
    """SHA-256 of the canonical JSON of `signed`, in hexadecimal."""


class Review(Body):
    """Whether the resolution stands."""

    accept: bool
    note: Text


@router.get("")
@needs(Right.SEE_DISCREPANCIES)
async def list_discrepancies(
    request: StationRequest,
    response: Response,
    after: After = None,
    limit: Limit = 50,
    state: DiscrepancyState | None = None,
    pocket: Id | None = None,
    robot: Id | None = None,
) -> Discrepancies:
    """Discrepancies in the order in which they were opened."""
    chosen = [
        found
        for found in request.station.books.discrepancies.all.values()
        if state in {None, found["state"]} and pocket in {None, found["pocket"]} and robot in {None, found["robot"]}
    ]
    some, cursor = page(chosen, lambda found: f"{found['opened_seq']:020}", after, limit)
    link_next(request, response, cursor)
    return Discrepancies(items=[shown(found, request.who) for found in some], next=cursor)


@router.get("/{id}")
@needs(Right.SEE_DISCREPANCIES)
async def get_discrepancy(id: Id, request: StationRequest, response: Response) -> DiscrepancyAnswer:
    """One discrepancy."""
    return _answer(request.station, request.who, id, response)


@router.post("/{id}/claim")
@needs(Right.RESOLVE_DISCREPANCIES)
async def post_claim(id: Id, request: StationRequest, response: Response) -> DiscrepancyAnswer:
    """Takes it up, or over."""
    discrepancy.claim(request.station, request.who, id)
    return _answer(request.station, request.who, id, response)


@router.post("/{id}/explanation")
@needs(Right.RESOLVE_DISCREPANCIES)
async def post_explanation(id: Id, body: Explanation, request: StationRequest, response: Response) -> DiscrepancyAnswer:
    """Says what happened. An earlier explanation stays in the ledger."""
    discrepancy.explain(request.station, request.who, id, body.reason, body.explanation)
    return _answer(request.station, request.who, id, response)


@router.post("/{id}/resolution/subject")
@needs(Right.RESOLVE_DISCREPANCIES)
async def post_resolution_subject(id: Id, body: Explanation, request: StationRequest) -> ToSign:
    """What a witness of exactly this resolution would sign. Changes nothing."""
    found = find(request.station, id)
    signed = discrepancy.what_is_signed(found, body.reason, body.explanation)
    return ToSign(signed=signed, subject=subject_of(signed).hex())


@router.get("/{id}/resolution")
@needs(Right.SEE_DISCREPANCIES)
async def get_resolution(id: Id, request: StationRequest, response: Response) -> DiscrepancyAnswer:
    """The discrepancy with its resolution. Raises Refused("not-resolved") while there is none."""
    if find(request.station, id)["resolution"] is None:
        raise Refused("not-resolved", id=id)
    return _answer(request.station, request.who, id, response)


@router.post("/{id}/resolution")
@needs(Right.RESOLVE_DISCREPANCIES)
async def post_resolution(id: Id, body: Resolution, request: StationRequest, response: Response) -> DiscrepancyAnswer:
    """Resolves it with a witness. Claims and explains it on the way."""
    discrepancy.resolve(request.station, request.who, id, body.reason, body.explanation, body.witness)
    return _answer(request.station, request.who, id, response)


@router.post("/{id}/review")
@needs(Right.RESOLVE_DISCREPANCIES)
async def post_review(id: Id, body: Review, request: StationRequest, response: Response) -> DiscrepancyAnswer:
    """A pharmacist who had no part in it closes it, or opens it again."""
    discrepancy.review(request.station, request.who, id, body.accept, body.note)
    return _answer(request.station, request.who, id, response)


def find(station: Station, id_: str) -> Discrepancy:
    """The discrepancy. Raises Refused("unknown-discrepancy")."""
    found = station.books.discrepancies.all.get(id_)
    if found is None:
        raise Refused("unknown-discrepancy", id=id_)
    return found


def _answer(station: Station, who: Session, id_: str, response: Response) -> DiscrepancyAnswer:
    found = find(station, id_)
    set_etag(response, found["seq"])
    return shown(found, who)


def shown(found: Discrepancy, who: Session) -> DiscrepancyAnswer:
    """A discrepancy as this person may see it."""
    figures = found["finder"] == who.person or Right.COUNT not in who.rights
    return DiscrepancyAnswer.model_validate(
        {
            **{name: found[name] for name in _PLAIN},  # type: ignore[literal-required]
            "id": found["discrepancy"],
            "packs": [_pack(pack, different) for pack, different in sorted(found["packs"].items())],
            "expected": found["expected"] if figures else None,
            "counted": found["counted"] if figures else None,
        }
    )


def _pack(number: str, different: Different) -> DifferentPack:
    was, now = (
        None if held is None else PackData(lot=held[LOT], expiry=held[EXPIRY], serial=held[SERIAL])
        for held in (different["was"], different["now"])
    )
    return DifferentPack(pack=number, was=was, now=now, output=different["output"])


_PLAIN = tuple(name for name in DiscrepancyAnswer.model_fields if name not in {"id", "packs", "expected", "counted"})
