"""`/v1/cart-fills`: patients' doses filled ahead into bags, asked for by a pharmacy system or at a terminal, and put in there."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Response
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page, set_etag
from api.rest.orders import NO_STORE
from api.rest.works import Scan
from controller.formulary.doses import Amount
from controller.ledger.views.carts import Bag, Fill
from controller.policy.roles import Right
from controller.station import Station
from controller.workflows import bags, cart_fill
from controller.workflows.cart_fill import Stand, Standing
from sites.part import Id, Name

router = APIRouter(prefix="/v1/cart-fills", tags=["cart fills"], route_class=StationRoute)

LONGEST = datetime.timedelta(days=7)
FillId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}$")]
DoseNumber = Annotated[int, Field(ge=1, le=1_000_000)]
When = Annotated[AwareDatetime, Field(strict=False), AfterValidator(lambda at: at.replace(microsecond=0))]


class CartFillBody(Body):
    """The patients of which area, doses due from when and before when, and for which ward the cart is. A higher revision takes in
    how the orders stand now, and keeps what lies in the bags."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, serialize_by_alias=True)

    area: Id
    since: Annotated[When, Field(alias="from")]
    to: When
    ward: Name
    revision: Annotated[int, Field(ge=1, le=1_000_000)]

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if not self.since < self.to <= self.since + LONGEST:
            raise ValueError("`to` is after `from`, and by no more than seven days")
        return self


class ScanEntry(Body):
    """A pack that is to go into the bag, as the scanner gave its code."""

    kind: Literal["scan"]
    data: Scan
    id: Id | None = None


class ConfirmEntry(Body):
    """The next dose is put in without a code that can be read."""

    kind: Literal["confirm"]
    dose: DoseNumber
    id: Id | None = None


class TakeOutEntry(Body):
    """All that lies in the bag of one dose goes back into a tote of the list."""

    kind: Literal["take-out"]
    dose: DoseNumber
    tote: Id
    id: Id | None = None


BagEntry = Annotated[ScanEntry | ConfirmEntry | TakeOutEntry, Field(discriminator="kind")]


class PatientAnswer(Answer):
    """Whose bag it is, for its label; only the id where nothing else is known any more."""

    id: str
    mrn: str | None = None
    family: str | None = None
    given: str | None = None
    born: str | None = None
    bed: str | None = None


class DoseAnswer(Answer):
    """One dose: `quantity` units of which `put` lie in the bag. `why` says why it is not to be given any more."""

    n: int
    order: str
    item: str
    due: str
    dose: str
    """As it is written: `7.5 mg`."""
    quantity: int
    put: int
    waste: str | None
    state: Literal["in-bag", "ready", "coming", "lacking", "take-out", "dropped"]
    why: str | None
    lots: list[dict[str, Any]]


class BagAnswer(Answer):
    """One patient's bag: its doses in time order, and which of them belongs in `next`. Its `bag` is what its bar code says."""

    bag: str
    patient: PatientAnswer
    closed: bool
    next: DoseAnswer | None
    doses: list[DoseAnswer]


class LeftOutAnswer(Answer):
    """What was not filled ahead, and why: as needed, controlled, held, given already…"""

    patient: str
    order: str
    item: str
    due: str | None
    why: str


class CartFillAnswer(Answer):
    """A cart fill. `behind` says that orders have changed so that it lacks a dose: a newer revision takes it in."""

    id: str
    revision: int
    state: Literal["open", "sent", "cancelled"]
    area: str
    since: Annotated[str, Field(serialization_alias="from")]
    to: str
    ward: str
    pick_list: str
    by: str
    at: str
    seq: int
    behind: bool
    bags: list[BagAnswer]
    left_out: list[LeftOutAnswer]


class CartFillLine(Answer):
    """A cart fill in a list of them."""

    id: str
    revision: int
    state: Literal["open", "sent", "cancelled"]
    area: str
    ward: str
    pick_list: str
    at: str
    seq: int


class CartFills(Answer):
    """A page of them."""

    items: list[CartFillLine]
    next: str | None


@router.put("/{id}")
@needs(Right.FILL_CARTS)
async def put_cart_fill(id: FillId, body: CartFillBody, request: StationRequest, response: Response) -> CartFillAnswer:
    """Asks for it. Nothing opens: its pick list is picked like any other."""
    cart_fill.put(request.station, request.who, id, body.model_dump(mode="json"))
    return _answer(request.station, id, response)


@router.get("/{id}")
@needs(Right.FILL_CARTS)
async def get_cart_fill(id: FillId, request: StationRequest, response: Response) -> CartFillAnswer:
    """One, with every bag and every dose."""
    return _answer(request.station, id, response)


@router.get("")
@needs(Right.FILL_CARTS)
async def list_cart_fills(request: StationRequest, response: Response, after: After = None, limit: Limit = 50) -> CartFills:
    """All of them, by id."""
    fills, cursor = page(list(request.station.books.carts.fills.values()), lambda fill: fill["id"], after, limit)
    link_next(request, response, cursor)
    return CartFills(items=[CartFillLine.model_validate(_plain(request.station, fill)) for fill in fills], next=cursor)


@router.get("/{id}/bags/{bag}")
@needs(Right.FILL_CARTS)
async def get_bag(id: FillId, bag: Id, request: StationRequest, response: Response) -> BagAnswer:
    """One bag, and what belongs into it next."""
    return _bag(request.station, id, bag, response)


@router.post("/{id}/bags/{bag}/entries")
@needs(Right.PICK)
async def post_bag_entry(id: FillId, bag: Id, entry: BagEntry, request: StationRequest, response: Response) -> BagAnswer:
    """Puts the next dose in, by its pack's code or by hand, or takes one out. The same again under one `id` is said once."""
    bags.enter(request.station, request.who, id, bag, entry.model_dump())
    return _bag(request.station, id, bag, response)


@router.post("/{id}/bags/{bag}/closure")
@needs(Right.PICK)
async def post_bag_closure(id: FillId, bag: Id, request: StationRequest, response: Response) -> BagAnswer:
    """Shuts it. What still lacks is recorded; what is to be taken out must be out."""
    bags.close(request.station, request.who, id, bag)
    return _bag(request.station, id, bag, response)


@router.post("/{id}/bags/{bag}/opening")
@needs(Right.PICK)
async def post_bag_opening(id: FillId, bag: Id, request: StationRequest, response: Response) -> BagAnswer:
    """Opens a closed bag again, as long as its cart has not left."""
    bags.reopen(request.station, request.who, id, bag)
    return _bag(request.station, id, bag, response)


@router.post("/{id}/dispatch")
@needs(Right.PICK)
async def post_cart_dispatch(id: FillId, request: StationRequest, response: Response) -> CartFillAnswer:
    """The cart leaves with all its bags closed."""
    bags.send(request.station, request.who, id)
    return _answer(request.station, id, response)


def _answer(station: Station, id_: str, response: Response) -> CartFillAnswer:
    fill = cart_fill.find(station, id_)
    response.headers.update(NO_STORE)
    set_etag(response, fill["seq"])
    stands = cart_fill.standings(station, fill)
    shown = {"by": fill["by"], "since": fill["since"], "to": fill["to"], "behind": _behind(station, fill)}
    bags_ = [_shown(station, bag, stands) for bag in fill["bags"].values()]
    return CartFillAnswer.model_validate({**_plain(station, fill), **shown, "bags": bags_, "left_out": fill["left_out"]})


def _behind(station: Station, fill: Fill) -> bool:
    return not fill["sent"] and cart_fill.behind(station, fill)


def _bag(station: Station, id_: str, bag: str, response: Response) -> BagAnswer:
    fill = cart_fill.find(station, id_)
    response.headers.update(NO_STORE)
    set_etag(response, fill["seq"])
    return _shown(station, bags.find_bag(station, fill, bag), cart_fill.standings(station, fill))


def _plain(station: Station, fill: Fill) -> dict[str, Any]:
    cancelled = station.books.work.pick_lists[fill["pick_list"]]["cancelled"]
    names = ("id", "revision", "area", "ward", "pick_list", "at", "seq")
    plain = {name: fill[name] for name in names}  # type: ignore[literal-required]
    return {**plain, "state": "sent" if fill["sent"] else "cancelled" if cancelled else "open"}


def _shown(station: Station, bag: Bag, stands: list[Standing]) -> BagAnswer:
    record = station.books.orders.patient(bag["patient"]) or {"id": bag["patient"]}
    following = bags.next_in(stands, bag["bag"])
    return BagAnswer(
        bag=bag["bag"],
        patient=PatientAnswer.model_validate({name: record.get(name) for name in PatientAnswer.model_fields}),
        closed=bag["closed"],
        next=_dose(following) if following is not None else None,
        doses=[_dose(one) for one in stands if one.dose["bag"] == bag["bag"]],
    )


def _dose(one: Standing) -> DoseAnswer:
    dose = one.dose
    names = ("n", "order", "item", "due", "quantity", "put", "lots")
    plain = {name: dose[name] for name in names}  # type: ignore[literal-required]
    waste = str(Amount.of_json(dose["waste"])) if dose["waste"] is not None else None
    state = str(Stand(one.stand))
    return DoseAnswer.model_validate({**plain, "dose": dose["dose"]["text"], "waste": waste, "state": state, "why": one.why})
