"""A whole simulated site, built from the same site file as the daemon: plant, boards, and a wire for each link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulators.boards.kerong_cu16 import Cu16, Cu16Line
from simulators.boards.waveshare_relay_d import WaveshareRelay
from simulators.modbus_device import Registers, SerialLine, TcpStation
from simulators.plant.drawer import Drawer, Make
from simulators.plant.pocket import CannotDo, Lot, Pocket
from simulators.plant.truth import TruthLog
from simulators.wire import MemoryEnd, Wire, memory
from sites.data import StockLot
from sites.models import Cu16BoardPart, Lock, Site, WaveshareRelayPart


class Plant:
    """The physical truth: drawers, pockets, and everything that ever happened to them."""

    def __init__(self, site: Site, stock: Sequence[StockLot]) -> None:
        self.truth = TruthLog()
        self.drawers = {part.id: Drawer(part.id, self.truth, Make(relatch_s=part.lock.relatch_s)) for part in site.drawers}
        held: dict[str, list[Lot]] = {}
        for lot in stock:
            held.setdefault(lot.pocket, []).append(Lot(lot.lot, lot.expiry.isoformat(), lot.quantity))
        self.pockets = {
            pocket.id: Pocket(pocket.id, part.id, tuple(held.get(pocket.id, ())))
            for part in site.drawers
            for pocket in part.pockets
        }

    def take(self, pocket: str, quantity: int, lot: str | None = None) -> list[Lot]:
        """A hand takes out of an open drawer. Raises CannotDo."""
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

    def _reachable(self, pocket: str) -> Pocket:
        place = self.pockets.get(pocket)
        if place is None:
            raise CannotDo("pocket", f"there is no pocket {pocket}")
        if self.drawers[place.drawer].shut:
            raise CannotDo("pocket", f"drawer {place.drawer} is shut")
        return place


class House:
    """The far end of every lock wire of a site. `wires[link]` may be served anywhere; `dial` connects in memory."""

    def __init__(self, site: Site, stock: Sequence[StockLot] = ()) -> None:
        self.plant = Plant(site, stock)
        self.boards: dict[str, Cu16 | WaveshareRelay] = {}
        for part in site.boards:
            wired = {d.lock.channel: (d.lock, self.plant.drawers[d.id]) for d in site.drawers if d.lock.board == part.id}
            self.boards[part.id] = _board(part, wired)
        self.wires = {id: Wire() for id in site.links}
        self._lines = [self._line(id, site) for id in site.links]

    async def dial(self, link: str) -> MemoryEnd:
        """Connects to a link in memory. Raises OSError while its cable is out."""
        return await memory(self.wires[link])

    def clear(self) -> None:
        """The end of a run: nothing more happens by itself."""
        for line in self._lines:
            if line is not None:
                line.clear()
        for board in self.boards.values():
            board.clear()
        for drawer in self.plant.drawers.values():
            drawer.clear()

    def _line(self, link: str, site: Site) -> Cu16Line | SerialLine | TcpStation | None:
        wire, protocol = self.wires[link], site.links[link].protocol
        here = [self.boards[part.id] for part in site.boards if part.link == link]
        line: Cu16Line | SerialLine | TcpStation
        if protocol == "kerong-cu16":
            line = Cu16Line([board for board in here if isinstance(board, Cu16)], wire.say)
        elif protocol in {"modbus-rtu", "modbus-tcp"}:
            units: dict[int, Registers] = {b.part.unit: b for b in here if isinstance(b, WaveshareRelay)}
            line = (TcpStation if protocol == "modbus-tcp" else SerialLine)(units, wire.say)
        else:
            return None
        wire.line = line
        return line


def _board(part: Cu16BoardPart | WaveshareRelayPart, wired: Mapping[int, tuple[Lock, Drawer]]) -> Cu16 | WaveshareRelay:
    return Cu16(part, wired) if isinstance(part, Cu16BoardPart) else WaveshareRelay(part, wired)
