"""Orders: which packs an order gets, what of it lies at an output, and how it ends. Decided at acceptance, done by the gripper."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Literal

from simulators.plant.robot.book import Book, Wanted
from simulators.plant.robot.pack import Held
from simulators.plant.robot.steel import Steel
from simulators.timers import now

RANKS: dict[str, int] = {"Highest": 0, "High": 1, "Normal": 2, "Low": 3, "Lowest": 4}
Status = Literal["Queued", "InProcess", "Aborting", "Aborted", "Completed", "Incomplete"]
LabelStatus = Literal["Labelled", "NotLabelled", "LabelError"]
REMEMBERED = 10_000
"""Ended orders that the robot can still be asked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order."""

    wanted: Wanted
    labels: int = 0
    """Labels to be put on each of its packs."""


@dataclass(frozen=True, slots=True)
class Out:
    """A pack that lies at an output: what the book said of it, where it lies, in which box, and whether it is labelled."""

    held: Held
    output: str
    box: str
    label: LabelStatus


@dataclass(slots=True, eq=False)
class Pick:
    """One pack that is to be fetched."""

    order: Order
    held: Held
    labels: int


@dataclass(slots=True, eq=False)
class Order:
    """One order with its life. `asked_by` is a device number; 0: somebody at the robot's own screen, whose orders have ids that
    no interface can give."""

    id: str
    asked_by: int
    output: str
    lines: tuple[Line, ...]
    priority: str = "Normal"
    """A key of RANKS."""
    point: str = ""
    tenant: str = ""
    box: str = ""
    """The box that was asked for; empty: the next to come."""
    status: Status = "Queued"
    at: float = 0.0
    """When it was accepted, in loop seconds."""
    picks: deque[Pick] = field(default_factory=deque)
    moving: int = 0
    """Packs in the gripper or on a belt."""
    out: list[Out] = field(default_factory=list)
    released: int = 0
    """How many of `out` have been told with a released box."""
    boxes: list[str] = field(default_factory=list)
    short: bool = False
    waits_box: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in {"Aborted", "Completed", "Incomplete"}


class Orders:
    """All orders of one robot. Nothing here waits or moves."""

    def __init__(self, steel: Steel, book: Book) -> None:
        self._steel, self._book = steel, book
        self.open: dict[str, Order] = {}
        self.ended: dict[str, Order] = {}
        self.boxed: dict[str, Order] = {}
        """The order whose box stands, or is coming, at an output."""

    def task(self, id: str) -> Order | None:
        """An order that is open or still remembered."""
        return self.open.get(id) or self.ended.get(id)

    def refusal(self, order: Order) -> str:
        """Why this order is rejected; empty where it is queued."""
        steel = self._steel
        if order.output not in steel.outputs:
            return f"no output {order.output}"
        if order.output in steel.ails.outputs and not steel.ails.outputs[order.output]:
            return f"output {order.output} is out of order"
        if order.id in self.open:
            return f"order {order.id} is open already"
        boxes = steel.outputs[order.output].boxes
        if (order.box or not order.lines) and not boxes:
            return f"output {order.output} has no boxes"
        return steel.ails.components.get("box", "") if boxes else ""

    def accept(self, order: Order) -> None:
        """Queues it: its packs are chosen and kept for it now."""
        order.at = now()
        self.open[order.id] = order
        for line in order.lines:
            chosen = self._book.choose(line.wanted)
            order.short |= not chosen.enough
            for held in chosen.packs:
                held.reserved = order.id
                order.picks.append(Pick(order, held, line.labels))

    def by_urgency(self) -> list[Order]:
        """The open orders, the most urgent first, then as they were asked for."""
        return sorted(self.open.values(), key=lambda order: (RANKS[order.priority], order.at))

    def next_pick(self) -> Pick | None:
        """The most urgent pack whose output can take it now."""
        for order in self.by_urgency():
            output = self.goes_to(order)
            its_turn = not self._steel.outputs[output].boxes or self.boxed.get(output) is order
            if order.picks and its_turn and self._steel.room(output):
                return order.picks[0]
        return None

    def goes_to(self, order: Order) -> str:
        """The output that its packs really go to: another one while the asked one's belt is out of order."""
        return self._steel.ails.outputs.get(order.output) or order.output

    def cancel(self, id: str) -> Literal["Unknown", "Cancelled", "CancelError"]:
        """Drops the picks that have not begun. CancelError: all of it is out, on a belt or in the gripper."""
        order = self.open.get(id)
        if order is None:
            return "CancelError" if id in self.ended else "Unknown"
        if order.status == "Aborting":
            return "Cancelled"
        if not order.picks and (order.moving or order.out):
            return "CancelError"
        order.status = "Aborting"
        self.drop_picks(order)
        return "Cancelled"

    def drop_picks(self, order: Order) -> None:
        """Its packs are nobody's any more, but for those that move."""
        for pick in order.picks:
            pick.held.reserved = ""
        order.picks.clear()

    def came_out(self, order: Order, held: Held, output: str, labels: int) -> None:
        """A pack of it lies at an output."""
        order.moving -= 1
        box = self._steel.boxes.get(output)
        label: LabelStatus = "NotLabelled" if not labels else "LabelError" if self._steel.ails.label_fails else "Labelled"
        order.out.append(Out(replace(held), output, box.number if box else "", label))

    def lost(self, order: Order, *, moving: bool) -> None:
        """A pack of it will not come."""
        order.short = True
        if moving:
            order.moving -= 1

    def may_end(self, order: Order) -> bool:
        """Whether nothing of it is left to do."""
        return not order.picks and not order.moving and not order.ended and not order.waits_box

    def end(self, order: Order) -> None:
        """It has ended, and is remembered for a while."""
        order.status = "Aborted" if order.status == "Aborting" else "Incomplete" if order.short else "Completed"
        self.open.pop(order.id, None)
        self.ended[order.id] = order
        if len(self.ended) > REMEMBERED:
            del self.ended[next(iter(self.ended))]

    def forget(self) -> None:
        """The computer has lost its memory of orders."""
        for order in self.open.values():
            self.drop_picks(order)
        self.open.clear()
        self.ended.clear()
        self.boxed.clear()
