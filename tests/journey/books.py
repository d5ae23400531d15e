"""What there really is of each item, wherever it lies; what both ledgers together say; and where they themselves have doubts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from controller.ledger.views.robot_records import FREE, STANDING
from controller.machines.custody import OURS, State
from simulators.plant.totes import Packed
from tests.journey.stations import Node


@dataclass(slots=True)
class Everything:
    """Both stations, and the totes that are between them."""

    pharmacy: Node
    ward: Node
    on_the_way: dict[str, list[Packed]] = field(default_factory=dict)
    """What is in totes that have left one house and have not come to the other."""
    sure_again_s: list[float] = field(default_factory=list)
    """After each time the pharmacy's daemon was dead: from its start until it knew again where everything is."""

    def sure(self) -> bool:
        """Whether the pharmacy knows where everything is: its machines answer, nothing is in doubt, no tote is looked for."""
        station = self.pharmacy.standing.station
        if station is None or station.line is None:
            return False
        books, line = station.books, station.line
        doubt = any(order["state"] == "in_doubt" for robot in station.robots for order in books.robots.live(robot))
        machines = all(robot.state == "ready" for robot in station.robots.values())
        arms = all(gantry.state in {"ready", "fetching", "handing_over"} for gantry in station.gantries.values())
        looked_for = {"lost", "late", "unread", "bound", "held", "rejected"}
        totes = all(str(tote.state) not in looked_for for tote in line.state.totes.values())
        return machines and arms and totes and not doubt and not line.stands()

    def pack(self, item: str | None) -> int:
        """Units in a full pack, as printed on it."""
        return next((one.pack for one in self.pharmacy.report.data.items if one.id == item), 1)

    def truth(self) -> Counter[str]:
        """Units of each item that really exist, wherever they are."""
        units: Counter[str] = Counter()
        for node in (self.pharmacy, self.ward):
            house = node.world.house
            items = {pocket.id: pocket.item for holder in house.site.holders for pocket in holder.pockets}
            for id_, pocket in house.plant.pockets.items():
                units[str(items[id_])] += pocket.quantity
            for gantry in house.plant.gantries.values():
                lying = [*gantry.held, *gantry.floor, *gantry.handed_over]
                lying += [pack for place in (*gantry.shelf.values(), *gantry.tray) for pack in place]
                for pack in lying:
                    units[str(pack.item)] += self.pack(pack.item)
            for station in house.robots.values():
                steel = station.robot.steel
                for number, there in steel.packs.items():
                    if not steel.place(number).startswith("tote:"):
                        units[there.article] += self.pack(there.article)
            for contents in house.totes.totes.values():
                self._count(units, contents)
        for contents in self.on_the_way.values():
            self._count(units, contents)
        return units

    def _count(self, units: Counter[str], contents: list[Packed]) -> None:
        for one in contents:
            units[str(one.item)] += self.pack(one.item) if one.units is None else one.units

    def books(self) -> Counter[str]:
        """Units of each item by both ledgers: pockets, robots, trays, and totes by the ledger that owns what is in them."""
        units: Counter[str] = Counter()
        for node in (self.pharmacy, self.ward):
            for pocket in node.world.books.stock.pockets.values():
                units[str(pocket["item"])] += pocket["balance"]
            self._in_machines(units, node)
        self._in_totes(units)
        return units

    def _in_machines(self, units: Counter[str], node: Node) -> None:
        books = node.world.books
        for robot in books.robots.robots.values():
            for item, packs in robot["stock"].items():
                units[item] += len(packs) * self.pack(item)
            for order in books.robots.live(robot["robot"]):
                for out in order["out"]:
                    units[str(out["item"])] += self.pack(out["item"])
        for gantry in books.gantries.gantries:
            for order_, fetch in books.gantries.in_tray(gantry):
                if fetch["booked"]:
                    units[order_["item"]] += order_["pack"]

    def _in_totes(self, units: Counter[str]) -> None:
        theirs = self.ward.world.books.totes.totes
        for id_, tote in self.pharmacy.world.books.totes.totes.items():
            if State(tote["state"]) not in OURS:
                continue
            there = theirs.get(id_)
            unsigned = there["contents"] if there is not None and tote["state"] == State.IN_TRANSIT else {}
            for item, content in tote["contents"].items():
                put_away = unsigned[item]["loaded"] if item in unsigned else 0
                units[item] += content["quantity"] - content["loaded"] - put_away

    def doubtful(self) -> set[str]:
        """Items of which a ledger itself says that somebody must look, or that something is missing or too much."""
        items: set[str] = set()
        for node in (self.pharmacy, self.ward):
            books = node.world.books
            items |= {str(pocket["item"]) for pocket in books.stock.pockets.values() if pocket["unverified"] is not None}
            for robot in books.robots.robots.values():
                items |= {item for item, packs in robot["stock"].items() if any(one[STANDING] != FREE for one in packs.values())}
                items |= {order["item"] for order in books.robots.live(robot["robot"])}
                items |= set(robot["differences"])
            for gantry in books.gantries.gantries:
                items |= {order_["item"] for order_ in books.gantries.live(gantry)}
            for record in books.discrepancies.all.values():
                items.add(str(record["item"]))
        return items

    def wrong(self) -> dict[str, tuple[int, int]]:
        """Items of which truth and books differ (in this order) though nobody is told to look."""
        truth, books, doubtful = self.truth(), self.books(), self.doubtful()
        items = (truth.keys() | books.keys()) - doubtful - {"None"}
        return {item: (truth[item], books[item]) for item in sorted(items) if truth[item] != books[item]}
