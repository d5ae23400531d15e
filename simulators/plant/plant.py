"""The plant of a site: its drawers, its pockets, and everything that ever happened to them."""

from __future__ import annotations

from collections.abc import Sequence

from simulators.plant.drawer import Drawer, Make
from simulators.plant.gantry import Gantry
from simulators.plant.pocket import CannotDo, Lot, NotThere, Pocket
from simulators.plant.truth import TruthLog
from sites.data import StockLot
from sites.models import Site


class Plant:
    """The physical truth. Hands reach into open drawers and onto open shelves only."""

    def __init__(self, site: Site, stock: Sequence[StockLot]) -> None:
        self.truth = TruthLog()
        self.drawers = {part.id: Drawer(part.id, self.truth, Make(relatch_s=part.lock.relatch_s)) for part in site.drawers}
        held: dict[str, list[Lot]] = {}
        for lot in stock:
            held.setdefault(lot.pocket, []).append(Lot(lot.lot, lot.expiry.isoformat(), lot.quantity))
        self.pockets = {
            pocket.id: Pocket(pocket.id, part.id, tuple(held.get(pocket.id, ())))
            for part in site.holders
            for pocket in part.pockets
        }
        self.gantries = {part.id: Gantry(part, stock, self.truth) for part in site.gantries}

    def drawer(self, id: str) -> Drawer:
        """A drawer by its id. Raises NotThere."""
        if id not in self.drawers:
            raise NotThere("drawer", f"drawer {id}", self.drawers)
        return self.drawers[id]

    def pocket(self, id: str) -> Pocket:
        """A pocket by its id. Raises NotThere."""
        if id not in self.pockets:
            raise NotThere("pocket", f"pocket {id}", self.pockets)
        return self.pockets[id]

    async def open(self, drawer: str, wait_s: float = 0.0) -> None:
        """A hand waits up to `wait_s` until the drawer gives, and pulls it open. Raises CannotDo if it does not give."""
        place = self.drawer(drawer)
        if not place.shut:
            raise CannotDo("drawer", f"drawer {drawer} is open already")
        if not await self.truth.until(lambda: place.can_be_pulled, wait_s) or not place.pull():
            why = "its slide is jammed" if place.ails.jammed else "its latch holds it"
            raise CannotDo("drawer", f"drawer {drawer} does not open: {why}")
        await self.truth.until(lambda: not place.shut, place.slide_s + 1)

    async def shut(self, drawer: str) -> bool:
        """A hand pushes a drawer home, and feels whether the hook has caught. Raises CannotDo if it does not move."""
        place = self._push(drawer)
        await self.truth.until(lambda: place.shut, place.slide_s + 1)
        return await self.truth.until(lambda: place.latched, 2 * place.make.latching_s)

    async def reopen(self, drawer: str) -> bool:
        """A hand pushes a drawer home and pulls it again before the hook has caught; False when it has. Raises CannotDo."""
        place = self._push(drawer)
        await self.truth.until(lambda: place.shut, place.slide_s + 1)
        return place.pull() and await self.truth.until(lambda: not place.shut, place.slide_s + 1)

    def take(self, pocket: str, quantity: int, lot: str | None = None) -> list[Lot]:
        """A hand takes out of an open drawer, the lot in front first. Raises CannotDo."""
        place = self._reachable(pocket)
        got = place.take(quantity, lot)
        for one in got:
            self.truth.record("taken", place.drawer, "hand", pocket=pocket, lot=one.lot, quantity=one.quantity)
        return got

    def put(self, pocket: str, lot: Lot) -> None:
        """A hand puts into an open drawer. Raises CannotDo."""
        place = self._reachable(pocket)
        place.put(lot)
        self.truth.record("put", place.drawer, "hand", pocket=pocket, lot=lot.lot, quantity=lot.quantity)

    def clear(self) -> None:
        """The end of a run: nothing more happens by itself."""
        for drawer in self.drawers.values():
            drawer.clear()
        for gantry in self.gantries.values():
            gantry.clear()
        self.truth.clear()

    def _push(self, drawer: str) -> Drawer:
        place = self.drawer(drawer)
        if not place.push():
            why = "its slide is jammed" if place.ails.jammed else "it is shut already"
            raise CannotDo("drawer", f"drawer {drawer} cannot be shut: {why}")
        return place

    def _reachable(self, pocket: str) -> Pocket:
        place = self.pocket(pocket)
        if place.drawer in self.drawers and self.drawers[place.drawer].shut:
            raise CannotDo("pocket", f"drawer {place.drawer} is shut, so nobody reaches pocket {pocket}")
        return place
