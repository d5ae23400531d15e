"""A whole simulated site, built from the same site file as the daemon: plant, boards, and a wire for each link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol
from weakref import WeakSet

from simulators.boards.conveylinx import ConveyLinx
from simulators.boards.grbl import Grbl
from simulators.boards.kerong_cu16 import Cu16, Cu16Line
from simulators.boards.modules import modules
from simulators.boards.mt_sics import Balance
from simulators.boards.scanner import Gun
from simulators.boards.waveshare_relay_d import WaveshareRelay
from simulators.boards.wwks2.station import Wwks2Station
from simulators.modbus_device import SerialLine, TcpStation
from simulators.plant.drawer import Drawer
from simulators.plant.gate import Gate
from simulators.plant.layout import laid
from simulators.plant.plant import Plant
from simulators.plant.totes import Totes
from simulators.reading import readers
from simulators.robot_site import stand_in, station_of
from simulators.serve import MemoryEnd, memory
from simulators.weather import STORMS, Storm
from simulators.wire import Line, Wire
from sites.data import Item, StockLot
from sites.models import Cu16BoardPart, Lock, Site
from sites.packs import RackPacks

Say = Callable[[bytes], None]


class _Clearable(Line, Protocol):
    def clear(self) -> None: ...


class House:
    """The far end of every wire of a site. `wires[link]` may be served anywhere; `dial` connects in memory.

    Everything runs on the loop's timers, so there is nothing to start; `clear` ends it. One seed, one run.
    """

    def __init__(
        self,
        site: Site,
        stock: Sequence[StockLot] = (),
        packs: Sequence[RackPacks] = (),
        items: Sequence[Item] = (),
        *,
        seed: int = 0,
    ) -> None:
        self.site, self.seed = site, seed
        self.items = {item.id: item for item in items}
        self.plant = Plant(site, stock)
        self.belts = laid(site)
        self.conveyors = modules(site, self.belts)
        self.boards: dict[str, Cu16 | WaveshareRelay] = {}
        wired: dict[str, dict[int, tuple[Lock, Drawer | Gate]]] = {part.id: {} for part in site.boards}
        for drawer in site.drawers:
            wired[drawer.lock.board][drawer.lock.channel] = drawer.lock, self.plant.drawers[drawer.id]
        for gate in site.diverters:
            switches = Lock(board=gate.board, channel=gate.channel, latched_bit=gate.drawn_bit, shut_bit=gate.rest_bit)
            wired[gate.board][gate.channel] = switches, self.gates[gate.id]
        for part in site.boards:
            make = Cu16 if isinstance(part, Cu16BoardPart) else WaveshareRelay
            self.boards[part.id] = make(part, wired[part.id], self.plant.truth)  # type: ignore[arg-type]
        self.scales: dict[str, Balance] = {}
        self.scanners: dict[str, Gun] = {}
        self.gantries: dict[str, Grbl] = {}
        self.robots: dict[str, Wwks2Station] = {part.id: station_of(part) for part in site.robots}
        machines = {id: station.robot for id, station in self.robots.items()}
        for robot in site.robots:
            stand_in(machines[robot.id], packs, self.items, robot)
        self.totes = Totes(site, machines, self.plant.gantries, self.belts, self.plant.truth)
        self._lines: WeakSet[_Clearable] = WeakSet()
        self.wires = {id: self._wire(id) for id in site.links}
        self.readers = readers(site, self.belts, self.scanners, seed)
        for id, module in self.conveyors.items():
            module.on_power = partial(self._powered, id)

    @property
    def gates(self) -> dict[str, Gate]:
        """The diverters' gates by their diverter."""
        return {belt.fork.id: belt.fork.gate for belt in self.belts.belts.values() if belt.fork is not None}

    async def dial(self, link: str) -> MemoryEnd:
        """Connects to a link in memory. Raises OSError while its cable is out."""
        return await memory(self.wires[link])

    def blow(self, storm: Storm | str) -> None:
        """This weather on every wire from now on; a name of `STORMS` or a storm of one's own."""
        for wire in self.wires.values():
            wire.blow(STORMS[storm] if isinstance(storm, str) else storm)

    def clear(self) -> None:
        """The end of a run: nothing more happens by itself."""
        devices = (*self.boards.values(), *self.scales.values(), *self.conveyors.values())
        moving = (*self.gantries.values(), *self.robots.values())
        for clearable in (*self.wires.values(), *self._lines, *devices, *moving, self.plant, self.belts, self.totes):
            clearable.clear()

    def _wire(self, link: str) -> Wire:
        """A wire with all that hangs on it. Modbus TCP and robots answer each connection by itself."""
        seed, protocol = f"{self.seed} {link}", self.site.links[link].protocol
        if protocol == "modbus-tcp":
            return Wire(answers=lambda say: self._kept(TcpStation([*self._relays(link), *self._modules(link)], say)), seed=seed)
        for robot in self.site.robots:
            if robot.link == link:
                return Wire(answers=self.robots[robot.id].connect, seed=seed)
        wire = Wire(seed=seed)
        if protocol == "kerong-cu16":
            here = [self.boards[part.id] for part in self.site.boards if part.link == link]
            wire.line = self._kept(Cu16Line([board for board in here if isinstance(board, Cu16)], wire.say))
        elif protocol == "modbus-rtu":
            wire.line = self._kept(SerialLine(self._relays(link), wire.say))
        for scale in self.site.scales:
            if scale.link == link:
                wire.line = self.scales[scale.id] = Balance(scale, wire.say)
        for scanner in self.site.scanners:
            if scanner.link == link:
                wire.line = self.scanners[scanner.id] = Gun(scanner, wire.say)
        for gantry in self.site.gantries:
            if gantry.link == link:
                wire.line = self.gantries[gantry.id] = Grbl(self.plant.gantries[gantry.id], wire.say)
        return wire

    def _relays(self, link: str) -> list[WaveshareRelay]:
        here = [self.boards[part.id] for part in self.site.boards if part.link == link]
        return [board for board in here if isinstance(board, WaveshareRelay)]

    def _modules(self, link: str) -> list[ConveyLinx]:
        return [self.conveyors[part.id] for part in self.site.conveyors if part.link == link]

    def _powered(self, module: str, powered: bool) -> None:
        """A module that loses power takes its connections with it: it is the far end of its own cable."""
        wire = self.wires[self.conveyors[module].part.link]
        if powered:
            wire.plug()
        else:
            wire.unplug()

    def _kept(self, line: _Clearable) -> _Clearable:
        self._lines.add(line)
        return line
