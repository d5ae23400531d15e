"""Pick lists with what is left of each line, and one pick by a person: out of a pocket, into a tote."""

from __future__ import annotations

from dataclasses import dataclass

from api.console.cabinet import nearest_first
from api.console.page import ROOT, Form, Go, Pages, Shown
from api.console.paging import paged
from api.console.stocking import AT_ONCE, going_on
from api.console.visitor import Visitor
from api.console.working import Number, begun, declare, elsewhere_of
from api.rest.pick_lists import LineAnswer, LineNumber, list_answer
from controller.formulary.items import Item
from controller.ledger.views.work import LIVE
from controller.machines.custody import State
from controller.policy.roles import Right
from controller.station import Station
from controller.workflows import pick_list
from controller.workflows.talk import say
from drivers.faults import Refused
from sites.part import Id

pages = Pages()
declare(pages, "pick", Right.PICK)


class Tote(Form):
    """The tote that is picked into."""

    tote: Id


class Line(Form):
    """One line, into one tote."""

    n: LineNumber
    tote: Id


class Taken(Form):
    """How many units were taken."""

    quantity: Number


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line with its medicine (None where the formulary does not know it). `drawer` is where a person begins with it."""

    line: LineAnswer
    item: Item | None
    drawer: str | None
    """None where no pocket here gives any of it to a hand."""
    machines: tuple[str, ...]
    """Robots and gantries that give some of it by themselves."""


@pages.page("/pick-lists", "pick_lists.html", Right.SEE_PICK_LISTS, Right.PICK)
def lists(visitor: Visitor) -> Shown:
    """Lists of which something is still to be picked, urgent ones first, then the oldest."""
    station = visitor.station
    found = [list_answer(station, one) for one in station.books.work.pick_lists.values()]
    open_ = [one for one in found if one.state == "open"]
    rows = [
        {
            "list": one,
            "left": sum(line.state not in {"picked", "refused"} for line in one.lines),
            "urgent": any(line.urgent and line.state not in {"picked", "refused"} for line in one.lines),
        }
        for one in sorted(open_, key=lambda one: one.seq)
    ]
    rows.sort(key=lambda row: not row["urgent"])
    facts = {"page": paged(rows, visitor.query.get("page", "1"), AT_ONCE), "begun": going_on(visitor, "pick")}
    return Shown(facts, all_of=frozenset({"pick_list", "pick", "stock", "tote", "robot", "gantry"}))


@pages.page("/pick-lists/{id}", "pick_list.html", Right.SEE_PICK_LISTS, Right.PICK)
def one_list(visitor: Visitor, id: str) -> Shown:
    """What is left of each line, urgent lines first and then as a hand goes along the drawers; what is done stands below."""
    station = visitor.station
    found = station.books.work.pick_lists.get(id)
    if found is None:
        raise Refused("unknown-pick-list", id=id)
    answer = list_answer(station, found)
    rows = [_row(station, line) for line in answer.lines]
    left = [row for row in rows if row.line.state not in {"picked", "refused"}]
    urgent, others = ([row for row in left if row.line.urgent is urgent] for urgent in (True, False))
    ordered = [*nearest_first(station, urgent), *nearest_first(station, others)]
    facts = {
        "list": answer,
        "page": paged(ordered, visitor.query.get("page", "1"), AT_ONCE),
        "ended": [row for row in rows if row not in left],
        "tote": visitor.query.get("tote", "") or _filling(station, id),
    }
    return Shown(facts, frozenset({id, *answer.totes}), all_of=frozenset({"stock", "pick", "pick_list", "tote"}))


@pages.post("/pick-lists/{id}/tote", Tote, Right.PICK)
async def into(visitor: Visitor, said: Tote, id: str) -> Go:
    """From now on this page picks into that tote; the pick itself says whether it may."""
    return Go(f"{ROOT}/pick-lists/{id}?tote={said.tote}")


@pages.post("/pick-lists/{id}/picks", Line, Right.PICK)
async def pick(visitor: Visitor, said: Line, id: str) -> Go:
    """Opens the pocket for what is left of a line. The same again is the same pick. Raises Refused as the pick does."""
    asked = {"list": id, "line": said.n, "tote": said.tote}
    work = await pick_list.request(visitor.station, visitor.who, None, asked)
    return Go(f"{ROOT}/picks/{work}")


@pages.page("/picks/{id}", "picking.html", Right.PICK)
def picking(visitor: Visitor, id: str) -> Shown:
    """Where the pick stands and what it asks of the person now."""
    work, facts = begun(visitor, "pick", id)
    facts["elsewhere"], leg = elsewhere_of(visitor.station, work), facts["leg"]
    return Shown(facts, frozenset({id, leg["drawer"], leg["pocket"]}), ticks=work["state"] in LIVE)


@pages.post("/picks/{id}/taken", Taken, Right.PICK)
async def taken(visitor: Visitor, said: Taken, id: str) -> Go:
    """Says what was taken. Raises Refused."""
    await say(visitor.station, visitor.who, "pick", id, "taken", quantity=said.quantity)
    return Go()


def _row(station: Station, line: LineAnswer) -> LineRow:
    by_hand = [part.drawer for part in line.parts if _by_hand(station, part.drawer)]
    machines = tuple(dict.fromkeys(part.drawer for part in line.parts if not _by_hand(station, part.drawer)))
    return LineRow(line, station.books.formulary.item(line.item), by_hand[0] if by_hand else None, machines)


def _by_hand(station: Station, holder: str) -> bool:
    return holder in station.holders and station.holders[holder].by_hand


def _filling(station: Station, list_: str) -> str:
    """The tote of this list that was filled last and is not sealed."""
    totes = [tote for tote in station.books.totes.of_list(list_) if tote["state"] == State.FILLING]
    return max(totes, key=lambda tote: tote["seq"])["tote"] if totes else ""
