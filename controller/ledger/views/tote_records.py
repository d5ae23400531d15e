"""Records of the totes' view: one tote with what lies in it and whose hands it went through, and what each row does to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, cast

from controller.formulary import lots as lotting
from controller.formulary.lots import Lot
from controller.ledger.port import Row
from controller.machines.custody import State


class Content(TypedDict):
    """One item in a tote: `quantity` units of it went in, `loaded` of them have been put into pockets of this station."""

    item: str
    unit: str
    controlled: bool
    quantity: int
    lots: list[Lot]
    lines: list[int]
    """The lines of the list that it was picked for."""
    loaded: int


class Signer(TypedDict):
    """Who had it in hand: `did` is `packed`, `packed-witness`, `sent`, `arrived`, `received`, `received-witness`."""

    did: str
    station: str
    person: str
    seq: int
    at: str


class ToLabel(TypedDict):
    """Packs of a line that are to bear labels and do not, or nobody knows that they do: a person puts them on."""

    line: int
    item: str
    packs: int


class Stand(TypedDict):
    """Where a tote stands at this station to be filled or packed, and who has begun with it."""

    at: str | None
    """None while it is on a belt, or nobody knows where."""
    person: str
    session: str
    terminal: str | None


class Tote(TypedDict):
    """One tote. `digest` is that of the manifest or receipt taken in last: what makes the same message the same."""

    tote: str
    state: str
    seq: int
    since: str
    pick_list: str | None
    filled_here: bool
    """Whether this station packs it; otherwise another one announced it."""
    revision: int
    source: str
    """The station that packed it."""
    destination: str
    seal: str
    seal_whole: bool | None
    contents: dict[str, Content]
    signers: list[Signer]
    unchecked: bool
    """Whether a machine has given something into it that no person has looked at."""
    to_label: list[ToLabel]
    stands: Stand | None
    """None once it is sealed, and for one that another station announced."""
    overdue: int
    told: bool
    """Whether its receiver has taken the manifest in."""
    digest: str
    receipt: dict[str, Any] | None


def new(id_: str) -> Tote:
    """A tote of which nothing is known."""
    return Tote(
        tote=id_,
        state=str(State.NONE),
        seq=0,
        since="",
        pick_list=None,
        filled_here=False,
        revision=0,
        source="",
        destination="",
        seal="",
        seal_whole=None,
        contents={},
        signers=[],
        unchecked=False,
        to_label=[],
        stands=None,
        overdue=0,
        told=False,
        digest="",
        receipt=None,
    )


def _placed(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    tote["pick_list"], tote["filled_here"] = body["pick_list"], True
    tote["stands"] = Stand(at=body["at"], person=body["by"], session=body["session"], terminal=body["terminal"])


def filled(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    """Units of an item went in, for a line of a list."""
    tote["pick_list"], tote["filled_here"] = body["pick_list"], True
    into = tote["contents"].get(body["item"])
    if into is None:
        into = Content(item=body["item"], unit=body["unit"], controlled=False, quantity=0, lots=[], lines=[], loaded=0)
        tote["contents"][body["item"]] = into
    into["quantity"] += body["quantity"]
    into["lots"] = lotting.together(into["lots"], body["lots"])
    into["lines"] = sorted({*into["lines"], body["line"]})


def taken(tote: Tote, body: Mapping[str, Any]) -> None:
    """Units of an item went out of it into a patient's bag; it holds them no longer."""
    content = tote["contents"][body["item"]]
    content["quantity"] -= body["quantity"]
    content["lots"] = lotting.without(content["lots"], body["lots"])
    if content["quantity"] == 0:
        del tote["contents"][body["item"]]


def _given(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    filled(tote, row, body)
    tote["unchecked"] = True
    if body.get("unlabelled"):  # rows of before say nothing of labels
        tote["to_label"] = [*tote["to_label"], ToLabel(line=body["line"], item=body["item"], packs=body["unlabelled"])]


def _checked(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    """What was found is what is in it; lines are those that wanted the item."""
    lines = {item: content["lines"] for item, content in tote["contents"].items()}
    tote["contents"] = {
        one["item"]: Content(
            item=one["item"],
            unit=one["unit"],
            controlled=False,
            quantity=one["quantity"],
            lots=list(one["lots"]),
            lines=lines.get(one["item"], []),
            loaded=0,
        )
        for one in body["found"]
    }
    tote["unchecked"], tote["to_label"] = False, []


def _packed(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    for name in ("revision", "source", "destination", "seal"):
        tote[name] = body[name]
    for item in body["controlled"]:
        tote["contents"][item]["controlled"] = True
    tote["stands"] = None
    _sign(tote, row, body, "packed")


def _told(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    tote["told"] = True


def _sent(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    _sign(tote, row, body, "sent")


def _overdue(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    tote["overdue"] += 1


def _settled(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    tote["receipt"], tote["digest"] = dict(body["receipt"]), body["digest"]
    tote["signers"] = [*tote["signers"], *_signers(row, body["receipt"]["signers"])]


def _returning(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    """Only what was left in it is in it."""
    for item, left in body["left"].items():
        content = tote["contents"][item]
        content["quantity"], content["loaded"] = left, 0
    tote["contents"] = {item: content for item, content in tote["contents"].items() if body["left"].get(item)}
    tote["overdue"], tote["stands"], tote["to_label"] = 0, None, []


def _announced(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    for name in ("pick_list", "revision", "source", "destination", "seal", "digest"):
        tote[name] = body[name]
    tote["contents"] = {content["item"]: cast("Content", {**content, "loaded": 0}) for content in body["contents"]}
    tote["signers"] = _signers(row, body["signers"])


def _arrived(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    tote["seal_whole"] = body["seal_whole"]
    _sign(tote, row, body, "arrived")


def _received(tote: Tote, row: Row, body: Mapping[str, Any]) -> None:
    tote["receipt"] = dict(body["receipt"])
    _sign(tote, row, body, "received")


def _signers(row: Row, told: Iterable[Mapping[str, Any]]) -> list[Signer]:
    """Hands that another station tells of; the row is when we were told."""
    return [cast("Signer", {**signer, "seq": row.seq, "at": row.at}) for signer in told]


def _sign(tote: Tote, row: Row, body: Mapping[str, Any], did: str) -> None:
    hands = {did: body["by"], f"{did}-witness": body.get("witness")}
    tote["signers"] = [
        *tote["signers"],
        *(
            Signer(did=what, station=body["station"], person=person, seq=row.seq, at=row.at)
            for what, person in hands.items()
            if person is not None
        ),
    ]


STEPS = {
    "placed": _placed,
    "filled": _given,
    "checked": _checked,
    "packed": _packed,
    "told": _told,
    "sent": _sent,
    "overdue": _overdue,
    "confirmed": _settled,
    "differed": _settled,
    "returning": _returning,
    "announced": _announced,
    "arrived": _arrived,
    "received": _received,
}
