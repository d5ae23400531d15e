"""Count: a person counts one pocket, blind (reference domain B7). The plan is every pocket touched since its last good count."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from controller.policy.roles import Right
from controller.workflows.blind_count import count as count_blind
from controller.workflows.blind_count import count_entries
from controller.workflows.may_open import may_open
from controller.workflows.restock import item_in
from controller.workflows.talk import begin
from controller.workflows.visit import Cancelled, NotOpened, Visit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from controller.formulary.items import Item
    from controller.ledger.port import Entry
    from controller.policy.session import Session
    from controller.station import Station
    from controller.workflows.talk import Course, Talk


async def request(station: Station, session: Session, id_: str, asked: Mapping[str, Any]) -> bool:
    """Asks for the count of `pocket`. Returns whether it is new. Raises Refused."""
    return await begin(station, session, "count", id_, asked, count)


async def count(talk: Talk) -> Course:
    """One count, from the checks to its end."""
    pocket = talk.request["pocket"]
    item = item_in(talk.station, pocket)
    visit = Visit(talk, pocket, item)
    await visit.unlock(partial(_begin, talk, pocket, item))
    yield
    with visit:
        try:
            await visit.opened()
            counted = await count_blind(visit, "count", cancellable=not item.controlled)
        except NotOpened:
            end = talk.entry("cancelled") if talk.work["cancelling"] else _not_opened(talk, visit)
            talk.post(end)
            return
        except Cancelled:
            if not item.controlled:
                await visit.shut()
                talk.post(talk.entry("pocket_done", pocket=pocket, quantity=None), talk.entry("cancelled"))
                return
            counted = await count_blind(visit, "count", cancellable=False)
        await visit.shut()
    entries = await count_entries(visit, counted)
    done = talk.entry("pocket_done", pocket=pocket, quantity=None)
    talk.post(*entries, done, talk.entry("committed", outcome="equal" if counted.agreed else "different"))


def _not_opened(talk: Talk, visit: Visit) -> Entry:
    return talk.entry("failed", code="not-opened", facts={"drawer": visit.drawer.id})


def _begin(talk: Talk, pocket: str, item: Item, intent: str) -> list[Entry]:
    may_open(talk, Right.COUNT, pocket, item)
    drawer = talk.station.books.stock.pockets[pocket]["drawer"]
    return [
        talk.requested(item.id, 0, pocket=pocket, unit=item.unit),
        talk.entry("reserved", allocations=[{"pocket": pocket, "drawer": drawer, "quantity": 0}]),
        talk.entry("accessing", pocket=pocket, intent=intent),
    ]
