"""Visit: one opening of one pocket for one piece of work, from the unlock to the drawer shut again.

What the drawer does is read from its durable ledger rows; what the person says comes in through the talk. Both arrive in
one inbox, in order. A visit left at a question for `policy.count_wait_s` is in doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from controller.formulary.criteria import ANY
from controller.ledger.port import Entry, Row
from controller.workflows import scans
from drivers.faults import InDoubt, Refused

if TYPE_CHECKING:
    from controller.actors.holder import Holder
    from controller.formulary.items import Item
    from controller.ledger.views.work_records import Leg
    from controller.workflows.talk import Said, Talk

Decide = Callable[[str], list[Entry]]
Check = Callable[["Said"], None]


_HEARD = frozenset({"drawer.opened", "drawer.unlocked", "drawer.locked", "drawer.intent_closed", "drawer.fault"})


class NotOpened(Exception):
    """The lock was released and nobody pulled the drawer, or it never let go: a sensor says that nothing was open."""


class Cancelled(Exception):
    """The person wants to end the work."""


def _nothing() -> None:
    """Before it is begun there is nothing to be ended."""


def _anything(said: Said) -> None:
    """Every answer of the right kind will do."""


class Visit:
    """One opening. `asking` is what would be heard now, `again` whether a count is asked for the second time."""

    def __init__(self, talk: Talk, pocket: str, item: Item) -> None:
        self.talk = talk
        self.pocket = pocket
        self.item = item
        self.drawer: Holder = talk.station.holders[talk.station.books.stock.pockets[pocket]["drawer"]]
        self.intent = ""
        self.is_open = False
        self.was_open = False
        self.asking: tuple[str, ...] = ()
        self.again = False
        self.closing = False
        """All is said; only the drawer is to be shut, or something wrong to be put back."""
        self.lot: str | None = None
        """The lot of the last package that was scanned and belongs here."""
        self.scanned = False
        """Whether a package that belongs here was scanned."""
        self.criteria = ANY
        """What a package must say to belong here; where anything is wanted, one is scanned before units are said to be taken."""
        self._deadline: float | None = None
        self._cancelled = False
        self._unheard: Callable[[], None] = _nothing

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """The drawer is not heard any more; again is no harm."""
        self.talk.visit = None
        self._unheard()

    async def unlock(self, decide: Decide) -> None:
        """Asks the drawer to release its lock; `decide` is run in the drawer's own step and may still refuse.

        From then on the drawer's rows are heard, until the visit ends. Raises Refused: nothing was recorded and nothing moved.
        """
        self.talk.answer()
        self.talk.visit, self._unheard = self, self.talk.station.ledger.subscribe(self._watch, _HEARD)
        purpose = {"kind": self.talk.kind, "id": self.talk.id}
        try:
            unlocking = await self.drawer.unlock(decide, purpose, self.talk.session, [self.pocket])
        except BaseException:
            self.end()
            raise
        self.intent = unlocking.intent
        if self.drawer.bare:  # whoever was granted it stands before it
            self.was_open = True
            self._wait_anew()

    def _watch(self, row: Row, body: Mapping[str, Any]) -> None:
        if body["drawer"] == self.drawer.id:
            self.talk.inbox.put_nowait((row, body))

    @property
    def leg(self) -> Leg:
        """The record of this pocket in the work."""
        return self.talk.work["legs"][self.talk.work["at"]]

    async def opened(self) -> None:
        """Waits for the drawer to be pulled. Raises NotOpened, InDoubt; Cancelled once it is known to have opened."""
        while not self.was_open:
            await self._step((), _anything, cancellable=True)
        self._cancel_if_asked(cancellable=True)

    async def hear(self, *kinds: str, check: Check = _anything, cancellable: bool = True) -> Said:
        """The next answer of one of the kinds that passes `check` (which raises Refused). Raises Cancelled, InDoubt."""
        while True:
            said = await self._step(kinds, check, cancellable=cancellable)
            if said is not None:
                return said

    async def shut(self, *kinds: str, check: Check = _anything) -> Said | None:
        """Waits until the drawer is latched again and nothing wrong is left to be put back.

        Answers of the given kinds may still be corrected meanwhile: the last one is returned. Raises InDoubt.
        """
        self.closing = True
        corrected: Said | None = None
        while self.is_open or self.leg["wrong"] is not None:
            corrected = await self._step(kinds, check, cancellable=False) or corrected
        self.asking = ()
        return corrected

    def nothing_moved(self) -> Entry:
        """The N entry of a pocket that was opened and left as it was."""
        body = {
            "code": "N",
            "pocket": self.pocket,
            "drawer": self.drawer.id,
            "item": self.item.id,
            "quantity": 0,
            "unit": self.item.unit,
            "lots": [],
            "work": self.talk.name,
        }
        return Entry("stock.cancelled", body, self.talk.session.person)

    async def _step(self, kinds: tuple[str, ...], check: Check, *, cancellable: bool) -> Said | None:
        self.asking = kinds
        self.talk.answer()
        self._cancel_if_asked(cancellable=cancellable and self.was_open)
        try:
            async with asyncio.timeout_at(self._deadline):
                heard = await self.talk.inbox.get()
        except TimeoutError:
            raise InDoubt("left-unanswered", pocket=self.pocket) from None
        if isinstance(heard, tuple):
            self._see(*heard, asked=bool(kinds))
            return None
        try:
            return self._consider(heard, kinds, check, cancellable=cancellable)
        except Refused as refused:
            heard.refuse(refused)
            return None

    def _cancel_if_asked(self, *, cancellable: bool) -> None:
        if cancellable and self._cancelled:
            self._cancelled = False
            raise Cancelled

    def _see(self, row: Row, body: Mapping[str, Any], *, asked: bool) -> None:
        if body.get("intent") not in {self.intent, None}:
            return
        if row.kind == "drawer.intent_closed" and not self.was_open:
            if body["outcome"] in {"not_opened", "refused"}:
                raise NotOpened
            if body["outcome"] == "unknown":
                raise InDoubt("unlock-in-doubt", drawer=self.drawer.id)
        elif row.kind == "drawer.opened" or (row.kind == "drawer.unlocked" and self.drawer.one_switch):
            self.is_open = self.was_open = True
            self._wait_anew()
        elif row.kind == "drawer.locked" and self.is_open:
            self.is_open = False
            self._wait_anew()
            if asked and self.talk.work["state"] == "accessing":
                self.talk.post(self.talk.entry("counting", pocket=self.pocket))
        elif row.kind == "drawer.fault" and self.was_open:
            raise InDoubt("drawer-fault", drawer=self.drawer.id)

    def _wait_anew(self) -> None:
        self._deadline = asyncio.get_running_loop().time() + self.talk.station.site.policy.count_wait_s

    def _consider(self, said: Said, kinds: tuple[str, ...], check: Check, *, cancellable: bool) -> Said | None:
        if self.was_open:
            self._wait_anew()
        if said.kind == "cancel":
            if not cancellable:
                raise Refused("too-late-to-cancel")
            if not self._cancelled:
                self._cancelled = True
                self.talk.post(self.talk.entry("cancelling"))
            said.accept()
            return None
        if not self.was_open:
            raise Refused("not-open-yet", drawer=self.drawer.id)
        if said.kind in {"scan", "put-back"}:
            self.lot = scans.scan(self.talk, self.item, self.leg, said, self.criteria) or self.lot
            self.scanned = self.scanned or said.kind == "scan"
            said.accept()
            return None
        if said.kind not in kinds:
            raise Refused("entry-not-expected", said=said.kind, expects=list(kinds))
        if self.leg["wrong"] is not None:
            raise Refused("put-back-first", gtin=self.leg["wrong"])
        check(said)
        self.talk.owes(said)
        return said
