"""Orders on their way through the steel: one pick a trip, then the belt, a box where there is one, and the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal

from simulators.plant.robot.book import Book
from simulators.plant.robot.orders import Order, Orders, Out, Pick
from simulators.plant.robot.pack import Held
from simulators.plant.robot.rack import Place
from simulators.plant.robot.steel import Felt, Source, Steel, Target
from simulators.timers import Timers

SOON_S = 0.05
"""A decision that is told by a message of its own comes so long after the response to what asked for it."""


class Picker:
    """Fetches what orders want. `go_on` is called when the gripper may be free for another trip."""

    def __init__(self, steel: Steel, book: Book, go_on: Callable[[], None]) -> None:
        self._steel, self._book, self._next = steel, book, go_on
        self.orders = Orders(steel, book)
        self.touched: Held | None = None
        """The book's idea of what the gripper held when it was stopped on its way out."""
        self.on_order_ended: Callable[[Order], None] = lambda order: None
        self.on_box_released: Callable[[Order, str, Sequence[Out]], None] = lambda order, box, packs: None
        self.on_changed: Callable[[str], None] = lambda article: None
        """More or fewer packs of an article are held."""
        self.on_corrected: Callable[[Held], None] = lambda held: None
        """The book says something else of a pack than before."""
        self._belts: dict[str, deque[Pick | None]] = {id: deque() for id in steel.outputs}
        """What should lie on each belt, in order. None: nobody waits for it any more."""
        self._gone: list[Held] = []
        """Left the rack, and nobody saw where to."""
        self._box_numbers = 0
        self._timers = Timers()
        steel.on_arrived, steel.on_missed = self._arrived, self._missed

    def order(self, order: Order) -> str:
        """Queues an order; why not, where it is rejected. What becomes of it is told later, never before this returns."""
        refusal = self.orders.refusal(order)
        if not refusal:
            self.orders.accept(order)
            boxes = self._steel.outputs[self.orders.goes_to(order)].boxes
            order.waits_box = boxes and (bool(order.picks) or not order.lines)
            self._soon(order)
        return refusal

    def cancel(self, id: str) -> Literal["Unknown", "Cancelled", "CancelError"]:
        """Cancels an order; its end is told later, never before this returns."""
        status = self.orders.cancel(id)
        order = self.orders.open.get(id)
        if status == "Cancelled" and order is not None:
            order.waits_box = order.waits_box and order in self.orders.boxed.values()
            self._soon(order)
        return status

    def fetch(self, pick: Pick) -> None:
        """The gripper's next trip is for this pack, or for one that stands before it."""
        blocking = self._steel.rack.before(pick.held.place)
        front = None if blocking is None else self._book.at(blocking)
        if front is not None:
            self._set_aside(pick, front)
            return
        order = pick.order
        order.picks.popleft()
        order.moving += 1
        order.status = "InProcess"
        output = self.orders.goes_to(order)
        self._steel.carry(Source(place=pick.held.place), Target(output=output), lambda felt: self._fetched(pick, output, felt))

    def shift(self, held: Held, place: Place) -> None:
        """The gripper's next trip brings a pack that stands foremost to another place, which is kept for it."""
        left = held.place
        self._steel.carry(Source(place=left), Target(place=place), lambda felt: self._aside(held, left, place, felt))

    def lose(self, held: Held) -> None:
        """A pack is held no longer, and did not come out; an order that was still to get it does not."""
        self._book.drop(held.id)
        for order in tuple(self.orders.open.values()):
            for pick in [pick for pick in order.picks if pick.held is held]:
                order.picks.remove(pick)
                self.orders.lost(order, moving=False)
                self._soon(order)
        self.on_changed(held.article)

    def give_up(self, output: str) -> None:
        """Nothing more can come out there: what its orders still want does not come."""
        for order in tuple(self.orders.open.values()):
            if order.output == output and order.picks:
                self.orders.drop_picks(order)
                self.orders.lost(order, moving=False)
                self._soon(order)

    def belt_jammed(self, output: str) -> None:
        """What lies on the belt may be anywhere, and its orders do not get it."""
        belt = self._belts[output]
        for pick in [pick for pick in belt if pick is not None]:
            self._gone.append(pick.held)
            self._unsure(pick.held)
            self.orders.lost(pick.order, moving=True)
            self._soon(pick.order)
        self._belts[output] = deque([None] * len(belt))

    def running(self) -> None:
        """Homed: what left the rack unseen is struck off the book."""
        gone, self._gone = self._gone, []
        for held in gone:
            self.lose(held)
        if self.touched is not None and self._steel.gripper is None:
            self._steel.rack.free(self.touched.place)
            self.lose(self.touched)
            self.touched = None

    def power_lost(self) -> None:
        """The computer forgets its orders; the book is on a disk."""
        self._timers.clear()
        for output, belt in self._belts.items():
            self._gone += [pick.held for pick in belt if pick is not None]
            self._belts[output] = deque([None] * len(belt))
        self.orders.forget()
        for held in self._book.packs.values():
            held.reserved = ""

    def clear(self) -> None:
        """The end of a run."""
        self._timers.clear()

    # --- packs

    def _soon(self, order: Order) -> None:
        self._timers.after(SOON_S, lambda: self._go_on(order))

    def _go_on(self, order: Order) -> None:
        self.call_boxes()
        self._end_if_done(order)
        self._next()

    def _fetched(self, pick: Pick, output: str, felt: Felt) -> None:
        order, held = pick.order, pick.held
        if felt == "done":
            self._steel.rack.free(held.place)
            self._belts[output].append(pick)
        elif felt == "stopped" and self._steel.gripper is None:
            order.moving -= 1
            if order.status == "Aborting" or order.id not in self.orders.open:
                held.reserved = ""
            else:
                order.picks.appendleft(pick)
        else:
            self.touched = held if felt == "stopped" else None
            self._unsure(held)
            self.orders.lost(order, moving=True)
        self._go_on(order)

    def _set_aside(self, pick: Pick, front: Held) -> None:
        """The foremost pack of the stretch goes to another place; without one, the pick is given up."""
        left = front.place
        place = self._steel.rack.keep(front.width_mm, front.height_mm, front.depth_mm, cold=front.in_fridge, not_before=left)
        if place is not None:
            self.shift(front, place)
            return
        pick.order.picks.remove(pick)
        pick.held.reserved = ""
        self.orders.lost(pick.order, moving=False)
        self._soon(pick.order)

    def _aside(self, front: Held, left: Place, place: Place, felt: Felt) -> None:
        rack = self._steel.rack
        if felt == "done" or (felt == "stopped" and self._steel.gripper is not None):
            self._book.moved(front, place)
            rack.free(left)
            if felt == "stopped":
                self.touched = front
                front.state = "NotAvailable"
                self.on_corrected(front)
        else:
            rack.free(place)
            if felt == "nothing there":
                rack.free(left)
                self.lose(front)
        self._next()

    def _unsure(self, held: Held) -> None:
        held.state, held.reserved = "NotAvailable", ""
        self.on_corrected(held)

    def _arrived(self, output: str) -> None:
        """The sensor at an output sees a pack fall: it is taken for the one that was laid on the belt first."""
        pick = self._belts[output].popleft() if self._belts[output] else None
        if pick is None:
            return
        self._book.drop(pick.held.id)
        self.orders.came_out(pick.order, pick.held, output, pick.labels)
        if self._steel.ails.stock_first:
            self.on_changed(pick.held.article)
            self._go_on(pick.order)
        else:
            self._go_on(pick.order)
            self.on_changed(pick.held.article)

    def _missed(self, output: str) -> None:
        """A pack that should have fallen by now has not: it is no longer held, and did not come out."""
        pick = self._belts[output].popleft() if self._belts[output] else None
        if pick is not None:
            self.lose(pick.held)
            self.orders.lost(pick.order, moving=True)
            self._go_on(pick.order)

    def _end_if_done(self, order: Order) -> None:
        output = self.orders.goes_to(order)
        box = self._steel.boxes.get(output) if self.orders.boxed.get(output) is order else None
        if box is not None and order.picks and not order.moving and not self._steel.room(output):
            self._take_box(order, output)
            self.on_box_released(order, box.number, order.out[order.released :])
            order.released = len(order.out)
            order.waits_box = True
            self._call_box(output, order)
        elif self.orders.may_end(order):
            if box is not None:
                self._take_box(order, output)
                del self.orders.boxed[output]
            self.orders.end(order)
            self.on_order_ended(order)

    # --- boxes

    def call_boxes(self) -> None:
        """Brings a box to each box output whose most urgent order waits for one."""
        for order in self.orders.by_urgency():
            output = self.orders.goes_to(order)
            if order.waits_box and output not in self.orders.boxed:
                self.orders.boxed[output] = order
                self._call_box(output, order)

    def _call_box(self, output: str, order: Order) -> None:
        self._box_numbers += 1
        number = order.box if order.box and not order.boxes else f"B{self._box_numbers:06}"
        self._steel.belts.after(self._steel.make.box_s, lambda: self._box_came(output, order, number))

    def _box_came(self, output: str, order: Order, number: str) -> None:
        if output in self._steel.boxes:
            self._steel.take_box(output)  # it was left there when its order was forgotten
        self._steel.place_box(output, number)
        order.waits_box = False
        if self.orders.open.get(order.id) is order:
            self._go_on(order)
        else:
            self._steel.take_box(output)  # its order was forgotten meanwhile

    def _take_box(self, order: Order, output: str) -> None:
        order.boxes.append(self._steel.boxes[output].number)
        self._steel.take_box(output)
