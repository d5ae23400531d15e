"""`/v1/totes`: sealed and sent where they are packed, announced, received and signed for where they are unpacked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page, set_etag
from api.rest.discrepancies import ToSign
from controller.ledger.views.tote_records import Tote
from controller.machines.custody import State
from controller.policy.roles import Right
from controller.policy.session import Session, subject_of
from controller.station import Station
from controller.workflows import packing, receiving
from controller.workflows.custody import find
from sites.part import Id

router = APIRouter(prefix="/v1/totes", tags=["totes"], route_class=StationRoute)

Seal = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,40}$")]
Units = Annotated[int, Field(ge=0, le=1_000_000)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Who = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class LotBody(Body):
    """So many units of one lot."""

    lot: Annotated[str, StringConstraints(pattern=r"^[!-~]{0,20}$")]
    expiry: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}(-\d{2})?$")] | None = None
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]


class ContentBody(Body):
    """One item in a tote, in the item's smallest unit, by lot, and the lines of the list it was picked for."""

    item: Id
    unit: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    controlled: bool
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]
    lots: Annotated[list[LotBody], Field(max_length=1000)]
    lines: Annotated[list[Annotated[int, Field(ge=1, le=10_000)]], Field(max_length=1000)]


class SignerBody(Body):
    """Somebody who had a tote in hand, at which station, and what they did with it."""

    did: Annotated[str, StringConstraints(pattern=r"^[a-z-]{1,40}$")]
    station: Id
    person: Who


class ManifestBody(Body):
    """What a packing station says of a sealed tote: the answer to `GET /v1/totes/{id}/manifest` there."""

    source: Id
    destination: Id
    pick_list: Id
    revision: Annotated[int, Field(ge=1, le=1_000_000)]
    seal: Seal
    contents: Annotated[list[ContentBody], Field(min_length=1, max_length=1000)]
    signers: Annotated[list[SignerBody], Field(min_length=1, max_length=20)]


class ReceiptBody(Body):
    """What a receiving station signed for: `receipt` in the answer to `GET /v1/totes/{id}` there."""

    station: Id
    seal: Seal
    """The seal it was packed under: a receipt of an earlier journey is none of this one."""
    seal_whole: bool
    loaded: dict[Id, Units]
    left: dict[Id, Units]
    signers: Annotated[list[SignerBody], Field(min_length=1, max_length=20)]


class PackingBody(Body):
    """Seals a tote for a station. `witness` is the token of a second person, needed where something in it is controlled."""

    list: Id
    to: Id
    seal: Seal
    witness: Token | None = None


class ArrivalBody(Body):
    """The seal that is on the tote."""

    seal: Seal


class UnpackedBody(Body):
    """What stays in the tote and goes back, by item; what is neither here nor in a pocket is missing."""

    left: dict[Id, Units] = Field(default_factory=dict)
    witness: Token | None = None


class ContentAnswer(Answer):
    """One item in a tote. Figures of a controlled item stay hidden from whoever is to count it (null)."""

    item: str
    unit: str
    controlled: bool
    quantity: int | None
    loaded: int
    lots: list[dict[str, Any]]
    lines: list[int]


class SignerAnswer(Answer):
    """Who had it in hand."""

    did: str
    station: str
    person: str
    at: str


class ToLabelAnswer(Answer):
    """Packs of a line that should bear labels (`labels` of the line say which) and by no machine's word do."""

    line: int
    item: str
    packs: int


ToteState = Literal["filling", "packed", "in_transit", "confirmed", "partial", "returning", "announced", "arrived", "received"]


class ToteAnswer(Answer):
    """One tote as this station knows it. `at` is the loading or packing place where it stands; `overdue` counts how often it was
    said to be late on this way."""

    id: str
    state: ToteState
    seq: int
    since: str
    pick_list: str | None
    revision: int
    source: str
    destination: str
    seal: str
    seal_whole: bool | None
    at: str | None
    overdue: int
    contents: list[ContentAnswer]
    to_label: list[ToLabelAnswer]
    """What a person must label: the check is not taken before they have."""
    signers: list[SignerAnswer]
    receipt: dict[str, Any] | None


class Totes(Answer):
    """A page of totes."""

    items: list[ToteAnswer]
    next: str | None


class ManifestAnswer(Answer):
    """What the receiving station is to be told: put as it stands to its `/v1/totes/{id}`."""

    source: str
    destination: str
    pick_list: str
    revision: int
    seal: str
    contents: list[dict[str, Any]]
    signers: list[dict[str, Any]]


@router.get("")
@needs(Right.SEE_PICK_LISTS)
async def list_totes(
    request: StationRequest, response: Response, after: After = None, limit: Limit = 50, state: ToteState | None = None
) -> Totes:
    """All totes, by id."""
    chosen = [found for found in request.station.books.totes.totes.values() if state in {None, found["state"]}]
    found, cursor = page(chosen, lambda one: one["tote"], after, limit)
    link_next(request, response, cursor)
    return Totes(items=[tote_answer(one, request.who) for one in found], next=cursor)


@router.get("/{id}")
@needs(Right.SEE_PICK_LISTS)
async def get_tote(id: Id, request: StationRequest, response: Response) -> ToteAnswer:
    """One tote."""
    return answer(request.station, request.who, id, response)


@router.put("/{id}")
@needs(Right.PUSH_PICK_LISTS)
async def put_tote(id: Id, body: ManifestBody, request: StationRequest, response: Response) -> ToteAnswer:
    """Announces a tote that another station has sealed for this one. Nothing opens. The same again is the same tote."""
    receiving.announce(request.station, request.who, id, body.model_dump())
    return answer(request.station, request.who, id, response)


@router.get("/{id}/manifest")
@needs(Right.PUSH_PICK_LISTS)
async def get_manifest(id: Id, request: StationRequest) -> ManifestAnswer:
    """The manifest of a tote that this station has sealed."""
    return ManifestAnswer.model_validate(packing.manifest(find(request.station, id)))


@router.post("/{id}/packing/subject")
@needs(Right.PICK)
async def post_packing_subject(id: Id, body: PackingBody, request: StationRequest) -> ToSign:
    """What a witness of exactly this sealing would sign. Changes nothing."""
    signed = packing.what_is_packed(find(request.station, id), body.to, body.seal)
    return ToSign(signed=signed, subject=subject_of(signed).hex())


@router.post("/{id}/packing")
@needs(Right.PICK)
async def post_packing(id: Id, body: PackingBody, request: StationRequest, response: Response) -> ToteAnswer:
    """Seals it. From here on its list is not changed any more."""
    packing.pack(request.station, request.who, id, body.model_dump())
    return answer(request.station, request.who, id, response)


@router.post("/{id}/dispatch")
@needs(Right.PICK)
async def post_dispatch(id: Id, request: StationRequest, response: Response) -> ToteAnswer:
    """It leaves the station. Nothing in it can be pulled or picked anywhere until somebody has unpacked it."""
    packing.send(request.station, request.who, id)
    return answer(request.station, request.who, id, response)


@router.post("/{id}/return")
@needs(Right.PICK)
async def post_return(id: Id, request: StationRequest, response: Response) -> ToteAnswer:
    """Calls a sealed tote back that has not left: it is then unpacked here, like any that arrives."""
    packing.call_back(request.station, request.who, id)
    return answer(request.station, request.who, id, response)


@router.post("/{id}/arrival")
@needs(Right.RESTOCK)
async def post_arrival(id: Id, body: ArrivalBody, request: StationRequest, response: Response) -> ToteAnswer:
    """It stands here: its code was scanned, and this is its seal. A tote for somebody else is refused."""
    receiving.arrive(request.station, request.who, id, body.seal)
    return answer(request.station, request.who, id, response)


@router.post("/{id}/receipt/subject")
@needs(Right.RESTOCK)
async def post_receipt_subject(id: Id, body: UnpackedBody, request: StationRequest) -> ToSign:
    """What a witness of exactly this receipt would sign. Changes nothing."""
    signed = receiving.what_is_received(find(request.station, id), body.left)
    return ToSign(signed=signed, subject=subject_of(signed).hex())


@router.post("/{id}/receipt")
@needs(Right.RESTOCK)
async def post_receipt(id: Id, body: UnpackedBody, request: StationRequest, response: Response) -> ToteAnswer:
    """Signs for it, unpacked by restocks that name it. What is missing is said by the answer's `receipt`."""
    receiving.receive(request.station, request.who, id, body.left, body.witness)
    return answer(request.station, request.who, id, response)


@router.put("/{id}/receipt")
@needs(Right.PUSH_PICK_LISTS)
async def put_receipt(id: Id, body: ReceiptBody, request: StationRequest, response: Response) -> ToteAnswer:
    """Tells the packing station what the receiver signed for. The same again is the same receipt."""
    packing.confirm(request.station, request.who, id, body.model_dump())
    return answer(request.station, request.who, id, response)


def answer(station: Station, who: Session, id_: str, response: Response) -> ToteAnswer:
    found = find(station, id_)
    set_etag(response, found["seq"])
    return tote_answer(found, who)


def tote_answer(found: Tote, who: Session) -> ToteAnswer:
    """A tote as this person may see it: without figures of what is still to be counted out of it."""
    blind = Right.COUNT in who.rights and found["state"] in {State.ANNOUNCED, State.ARRIVED}
    return ToteAnswer.model_validate({
        **{name: found[name] for name in _PLAIN},  # type: ignore[literal-required]
        "id": found["tote"],
        "at": found["stands"]["at"] if found["stands"] is not None else None,
        "contents": [{**one, **(_HIDDEN if blind and one["controlled"] else {})} for one in found["contents"].values()],
    })  # fmt: skip


_HIDDEN: dict[str, Any] = {"quantity": None, "lots": []}
_PLAIN = tuple(name for name in ToteAnswer.model_fields if name not in {"id", "at", "contents"})
