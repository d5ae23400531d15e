"""Tidying: an idle robot moves packs that it is often asked for nearer to its outputs, one at a time. Where a pack stands is the
robot's own affair; nobody is told, and no pack is another for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from simulators.plant.robot.book import NEVER, Book
from simulators.plant.robot.orders import Orders
from simulators.plant.robot.pack import Held
from simulators.plant.robot.rack import Place
from simulators.plant.robot.steel import Steel

LEAST_GAIN_S = 0.2
"""A move that would save less of a trip is not worth the wear. Ours."""


class Tidy:
    """Chooses what to move where. It moves nothing, and keeps a place only for what it has chosen."""

    def __init__(self, steel: Steel, book: Book, orders: Orders) -> None:
        self._steel, self._book, self._orders = steel, book, orders

    def next_move(self) -> tuple[Held, Place] | None:
        """The pack that is likely to be asked for first of those that could stand nearer, and its new place, kept free for it."""
        rack = self._steel.rack
        for held in self._soonest():
            if rack.before(held.place) is not None:
                continue
            place = rack.keep(held.width_mm, held.height_mm, held.depth_mm, cold=held.in_fridge, not_before=held.place)
            if place is None:
                continue
            if self.trip_s(held.place) - self.trip_s(place) > LEAST_GAIN_S:
                return held, place
            rack.free(place)
        return None

    def trip_s(self, place: Place) -> float:
        """How long the gripper travels from a place to an output, on the average of all."""
        make, spot = self._steel.make, self._steel.rack.spot(place)
        ways = [make.axes.seconds(spot, output.spot) for output in make.outputs]
        return sum(ways) / len(ways) + (make.turn_s if self._steel.rack.side(place) else 0.0)

    def _soonest(self) -> Iterator[Held]:
        """Packs that nobody has asked for, by how soon somebody will: as often as their article was, first expired first out."""
        asked = Counter(out.held.article for order in self._orders.ended.values() for out in order.out)
        turns: list[tuple[float, str, int, Held]] = []
        for article, times in asked.items():
            free = [held for held in self._book.of_article(article) if held.state == "Available" and not held.reserved]
            free.sort(key=lambda held: (held.expiry or NEVER, held.id))
            turns += [(turn / times, held.expiry or NEVER, held.id, held) for turn, held in enumerate(free, start=1)]
        return (held for *_, held in sorted(turns, key=lambda one: one[:3]))
