"""The deliveries of one robot: told to it, each telling once; counted pack by pack from what it says it has stored.

A telling that was not answered is asked after, and told again only where the robot does not know the delivery: a delivery is
added, never replaced, so that the same one told twice would be two (devices.md 1.8). What was turned back while nobody listened
is not known, and not guessed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from copy import deepcopy
from datetime import date
from typing import TYPE_CHECKING

from controller.ledger.port import Entry
from controller.ledger.views.deliveries import IN_THE_DARK, NEW, NOT_SENT, DeliveriesView, Delivery, line_of, missing
from drivers.faults import Effect, LinkFault
from drivers.robot_deliveries import DeliveryLine, MasterArticle, SetAnswer, SetSaid
from drivers.robot_facts import InputAsked, InputEnded, RobotPack, TaskStatus

if TYPE_CHECKING:
    from controller.actors.robot import RobotActor

DEADLINE_S = 10.0
MOST_ASKED = 256
"""Inputs of which it is kept to which delivery they belong; the oldest is forgotten."""


class Deliveries:
    """What was announced for one robot."""

    __slots__ = ("_actor", "_asked", "_mastered", "_waker")

    def __init__(self, actor: RobotActor) -> None:
        self._actor = actor
        self._asked: dict[tuple[int, int, str], tuple[str, str | None]] = {}
        """Delivery number and item of each input that has not ended, by epoch, part and input."""
        self._mastered: tuple[int, int] | None = None
        """Epoch in which the robot took the article master in, and how far the formulary had come then."""
        self._waker: asyncio.Future[None] | None = None

    def wake(self) -> None:
        """There is a new one."""
        if self._waker is not None and not self._waker.done():
            self._waker.set_result(None)

    # --- counted

    def asked(self, event: InputAsked, item: str | None) -> None:
        """Keeps to which delivery the packs on a belt belong."""
        number = next((pack.delivery for pack in event.packs if pack.delivery), None)
        if number is not None:
            self._asked[event.epoch, event.source, event.input] = number, item
            if len(self._asked) > MOST_ASKED:
                del self._asked[next(iter(self._asked))]

    def ended(self, event: InputEnded, item: str | None) -> list[Entry]:
        """What this input means for an open delivery: the entries that belong in the commit that ends it."""
        known = self._asked.pop((event.epoch, event.source, event.input), None)
        number = next((pack.delivery for pack in event.stored if pack.delivery), known[0] if known is not None else None)
        delivery = self._view.open(self._actor.id, number) if number is not None else None
        if delivery is None:
            return []
        item = known[1] if known is not None else item
        return self._came(delivery, event.stored, item, len(event.aborted), f"{event.epoch}/{event.source}/{event.input}")

    def _came(
        self, delivery: Delivery, packs: Sequence[RobotPack], item: str | None, refused: int, input_: str | None
    ) -> list[Entry]:
        """Each pack once, by its number, with the line it is of; and that the delivery is complete, where it now is."""
        after, stored = deepcopy(delivery), []
        known = {pack for line in delivery["lines"] for pack in line["packs"]} | delivery["other"].keys()
        for pack in packs:
            if pack.id is None or str(pack.id) in known:
                continue
            expiry = pack.expiry.isoformat() if pack.expiry else None
            line = line_of(after, pack.article or item, pack.batch, expiry)
            known.add(str(pack.id))
            stored.append(
                {
                    "pack": str(pack.id),
                    "item": pack.article or item,
                    "lot": pack.batch,
                    "expiry": expiry,
                    "line": line["n"] if line is not None else None,
                }
            )
            if line is not None:
                line["packs"].append(str(pack.id))
        if not stored and not refused:
            return []
        turned = line_of(after, item, None, None) if refused else None
        about = {"delivery": delivery["delivery"], "robot": self._actor.id}
        body = {**about, "input": input_, "stored": stored, "refused": refused, "line": turned["n"] if turned is not None else None}
        entries = [Entry("delivery.came", body)]
        if not any(missing(line) for line in after["lines"]):
            entries.append(Entry("delivery.completed", about))
        return entries

    # --- told

    async def keep(self) -> None:
        """For ever, while the robot takes orders: tells it what is new, and asks after what is open, once in each epoch."""
        attended: set[str] = set()
        while True:
            waiting = [one for one in self._view.open_at(self._actor.id) if one["delivery"] not in attended]
            for delivery in waiting:
                attended.add(delivery["delivery"])
                try:
                    await self._attend(delivery)
                except LinkFault:
                    continue  # nobody answers: it is asked after the next Hello
            if not waiting:
                self._waker = asyncio.get_running_loop().create_future()
                try:
                    await self._waker
                finally:
                    self._waker = None

    async def _attend(self, delivery: Delivery) -> None:
        if delivery["told"] not in {NEW, NOT_SENT}:
            state = await self._actor.device.delivery(delivery["number"])
            unknown = state.status is TaskStatus.NOT_FOUND
            entries = self._came(delivery, state.packs, None, 0, None)
            if delivery["told"] in IN_THE_DARK and not unknown:
                entries.append(self._said(delivery, SetSaid(answer=SetAnswer.ACCEPTED), "asked"))
            if entries:
                self._actor.post(*entries)
            if delivery["told"] not in IN_THE_DARK or not unknown:
                return
        await self._tell(delivery)

    async def _tell(self, delivery: Delivery) -> None:
        """The intent, durable; then the article master where the robot has not this one, and the delivery."""
        actor = self._actor
        body = {
            "delivery": delivery["delivery"],
            "robot": actor.id,
            "number": delivery["number"],
            "attempt": delivery["attempts"] + 1,
            "link_epoch": actor.epoch,
        }
        posting = actor.post(Entry("delivery.tell_intended", body))
        intent = f"{delivery['delivery']}/{body['attempt']}"
        await posting.durable
        try:
            said = await self._master(f"{intent}/master")
            if said is not None:  # without its articles a robot rejects the whole delivery
                actor.post(self._said(delivery, said, "master", NOT_SENT))
                return
            said = await actor.device.announce(delivery["number"], _lines(delivery), intent, self._deadline())
        except LinkFault as fault:
            answer = NOT_SENT if fault.effect is Effect.NONE else str(SetAnswer.SILENT)
            actor.post(self._said(delivery, SetSaid(answer=SetAnswer.SILENT, text=fault.code), "fault", answer))
            return
        actor.post(self._said(delivery, said, "answer"))

    async def _master(self, intent: str) -> SetSaid | None:
        """None once the robot has the formulary for its master; else what it said. It replaces the whole, so twice is once."""
        actor, formulary = self._actor, self._actor.books.formulary
        head = max((pushed["seq"] for pushed in formulary.items.values()), default=0)
        if self._mastered == (actor.epoch, head):
            return None
        known = [item for id_ in formulary.items if (item := formulary.item(id_)) is not None]
        articles = [
            MasterArticle(
                article=item.id,
                name=item.name,
                dosage_form=item.form,
                packaging_unit=item.unit,
                units_in_full_pack=item.pack,
                fridge=item.refrigerated,
                codes=item.gtins,
            )
            for item in known
        ]
        epoch = actor.epoch
        said = await actor.device.master(articles, intent, self._deadline())
        if said.answer is not SetAnswer.ACCEPTED:
            return said
        self._mastered = epoch, head
        return None

    def _said(self, delivery: Delivery, said: SetSaid, source: str, answer: str | None = None) -> Entry:
        body = {"answer": answer or str(said.answer), "text": said.text[:200], "source": source}
        return Entry("delivery.told", {"delivery": delivery["delivery"], "robot": self._actor.id, **body})

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + DEADLINE_S

    @property
    def _view(self) -> DeliveriesView:
        return self._actor.books.deliveries


def _lines(delivery: Delivery) -> list[DeliveryLine]:
    return [
        DeliveryLine(
            article=line["item"],
            packs=line["quantity"],
            batch=line["lot"],
            expiry=date.fromisoformat(line["expiry"]) if line["expiry"] else None,
        )
        for line in delivery["lines"]
    ]
