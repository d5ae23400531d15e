"""Draw: units leave one pocket for one piece of work, a pull or a pick. One opening, from the unlock to the entries.

What was taken is what the person says, or, where a blind count after it agrees or is final, what was asked. Nothing else
is ever taken for a fact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from controller.formulary import lots as lotting
from controller.formulary.criteria import ANY
from controller.ledger.port import Entry
from controller.workflows.blind_count import Counted, count, count_entries
from controller.workflows.visit import Cancelled, NotOpened, Visit
from drivers.faults import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from controller.formulary.items import Item
    from controller.formulary.lots import Lot
    from controller.workflows.talk import Said
    from sites.models import Policy

    Moved = Callable[[int, list[Lot]], Entry]
    """Makes the stock entry for a quantity of these lots."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """How one pocket was left: how many units were taken, whether it was opened, and whether the person wanted to end."""

    taken: int
    opened: bool = True
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person has said at an open pocket: the units taken, and the count after it where one was due."""

    taken: int
    counted: Counted | None = None
    cancelled: bool = False


async def draw(visit: Visit, asked: int, moved: Moved) -> Drawn:
    """From the unlock to the drawer latched: has the pocket counted and declared as policy wants, and posts what happened.

    Raises InDoubt.
    """
    with visit:
        try:
            await visit.opened()
        except NotOpened:
            return Drawn(0, opened=False, cancelled=visit.talk.work["cancelling"])
        except Cancelled:
            answers = await _cancelled(visit)
        else:
            answers = await _answers(visit, asked)
        answers = await _shut(visit, asked, answers)
    return await _settle(visit, answers, moved)


def count_policy(policy: Policy, item: Item) -> str:
    """When an item of this class is counted blind at a draw: `none`, `before`, `after` or `both`."""
    return policy.count_by_class.get(item.schedule, policy.count_controlled if item.controlled else "none")


async def _answers(visit: Visit, asked: int) -> Answers:
    policy = count_policy(visit.talk.station.site.policy, visit.item)
    unverified = visit.talk.station.books.stock.pockets[visit.pocket]["unverified"] is not None
    try:
        if unverified or policy in {"before", "both"}:
            found = await count(visit, "before")
            visit.talk.post(*await count_entries(visit, found))
            asked = min(asked, found.number)
        return await _taken(visit, asked, count_follows=policy in {"after", "both"})
    except Cancelled:
        return await _cancelled(visit)


async def _taken(visit: Visit, asked: int, *, count_follows: bool) -> Answers:
    said = await visit.hear("taken", *(["count"] if count_follows else []), check=partial(_declare, visit, asked))
    if said.kind == "count":
        return Answers(asked, await count(visit, "after", asked, said))
    taken: int = said.facts["quantity"]
    return Answers(taken, await count(visit, "after", taken) if count_follows else None)


async def _cancelled(visit: Visit) -> Answers:
    """Nothing was taken, the person says; a controlled pocket is counted all the same (AT3.5)."""
    if not visit.item.controlled:
        return Answers(0, cancelled=True)
    return Answers(0, await count(visit, "after", cancellable=False), cancelled=True)


async def _shut(visit: Visit, asked: int, answers: Answers) -> Answers:
    """Waits for the drawer; a declaration that no count has sealed may still be corrected until then."""
    if answers.counted is not None or answers.cancelled:
        await visit.shut()
        return answers
    corrected = await visit.shut("taken", check=partial(_declare, visit, asked))
    return answers if corrected is None else replace(answers, taken=corrected.facts["quantity"])


def _declare(visit: Visit, asked: int, said: Said) -> None:
    """Takes in what the person says was taken. Raises Refused for more than was asked: the rest is put back; and at an open
    shelf, where no drawer shows the right place, or where not every lot will do, for what was not scanned."""
    if said.kind != "taken":
        return
    quantity: int = said.facts["quantity"]
    if quantity > 0 and (visit.drawer.bare or visit.criteria != ANY) and not visit.scanned:
        raise Refused("scan-first", item=visit.item.id, pocket=visit.pocket)
    if quantity > asked:
        raise Refused("taken-more-than-asked", asked=asked, said=quantity)
    visit.talk.post(visit.talk.entry("entered", pocket=visit.pocket, quantity=quantity))


async def _settle(visit: Visit, answers: Answers, moved: Moved) -> Drawn:
    """One commit: what left the pocket, the count, a discrepancy if there is one, and that this pocket is done."""
    talk, taken = visit.talk, answers.taken
    held = talk.station.books.stock.pockets[visit.pocket]["lots"]
    entries: list[Entry] = []
    if taken > 0:
        drawn = lotting.draw(held, taken, visit.lot, visit.criteria.fits)
        held = lotting.without(held, drawn)
        entries.append(moved(taken, drawn))
    else:
        entries.append(visit.nothing_moved())
    if answers.counted is not None:
        entries += await count_entries(visit, answers.counted, taken, held)
    talk.post(*entries, talk.entry("pocket_done", pocket=visit.pocket, quantity=taken))
    return Drawn(taken, cancelled=answers.cancelled)
