"""One CU16 board with two drawers on a wire of its own, and the driver at the other end."""

from __future__ import annotations

from collections.abc import Callable

from drivers.link import Link, Timing
from drivers.locks import kerong_cu16
from drivers.locks.kerong_cu16 import Cu16Board
from drivers.wirelog import WireLog
from simulators.boards.kerong_cu16 import Cu16, Cu16Line
from simulators.plant.drawer import Drawer
from simulators.plant.truth import TruthLog
from simulators.serve import memory
from simulators.wire import Wire
from sites.models import Cu16BoardPart, Lock

TIMING = Timing(quiet_s=0.005, reply_s=0.2, late_s=0.4)


class Bench:
    """`say` may be replaced by a hostile one before the first exchange; it gets the board's bytes and the true way on."""

    def __init__(self, answers_unlock: bool = False) -> None:
        part = Cu16BoardPart(id="cu16-0", driver="kerong-cu16", link="lockbus", address=0, answers_unlock=answers_unlock)
        locks = [Lock(board="cu16-0", channel=1), Lock(board="cu16-0", channel=2)]
        self.truth = TruthLog()
        self.drawers = [Drawer(f"A-0{n}", self.truth) for n in (1, 2)]
        self.wire = Wire()
        self.hurt: Callable[[bytes, Callable[[bytes], None]], None] = lambda data, on: on(data)
        self.line = Cu16Line(
            [Cu16(part, {lock.channel: (lock, drawer) for lock, drawer in zip(locks, self.drawers, strict=True)})],
            lambda data: self.hurt(data, self.wire.say),
        )
        self.wire.line = self.line
        self.wirelog = WireLog()
        self.link = Link(
            "lockbus",
            lambda: memory(self.wire),
            kerong_cu16.framer,
            TIMING,
            self.wirelog,
            lambda low, high: high,
            kerong_cu16.means,
        )
        self.board = Cu16Board(self.link, part, locks)
