"""From a site file to open hands: which class drives which board, and every link with its framer and its timing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers import modbus
from drivers.capabilities import LockBoard
from drivers.link import Link, Timing
from drivers.locks import kerong_cu16
from drivers.locks.kerong_cu16 import Cu16Board
from drivers.locks.waveshare_relay_d import WaveshareRelayBoard
from drivers.transports import Transport, dial
from drivers.wirelog import WireLog
from firmware_protocols.framing import Framer
from sites.models import Cu16BoardPart, Lock, Site
from sites.models import Link as LinkPart

FRAMERS: dict[str, Callable[[], Framer]] = {
    "kerong-cu16": kerong_cu16.framer,
    "modbus-rtu": modbus.RtuFramer,
    "modbus-tcp": modbus.TcpFramer,
}
MEANINGS: dict[str, Callable[[bytes], str]] = {"kerong-cu16": kerong_cu16.means}


@dataclass(frozen=True, slots=True)
class Devices:
    """All hands of one station."""

    links: dict[str, Link]
    boards: dict[str, LockBoard]
    wirelog: WireLog


def build(
    site: Site,
    between: Callable[[float, float], float],
    dial_link: Callable[[str], Awaitable[Transport]] | None = None,
) -> Devices:
    """Every lock link and board of the site; nothing is opened yet. `dial_link` may put each link on another wire."""
    wirelog = WireLog()
    links = {id: _link(id, part, wirelog, between, dial_link) for id, part in site.links.items() if part.protocol in FRAMERS}
    locks: dict[str, list[Lock]] = {board.id: [] for board in site.boards}
    for drawer in site.drawers:
        locks[drawer.lock.board].append(drawer.lock)
    boards: dict[str, LockBoard] = {}
    for board in site.boards:
        if isinstance(board, Cu16BoardPart):
            boards[board.id] = Cu16Board(links[board.link], board, locks[board.id])
        else:
            mode: modbus.Mode = "modbus-tcp" if site.links[board.link].protocol == "modbus-tcp" else "modbus-rtu"
            boards[board.id] = WaveshareRelayBoard(links[board.link], mode, board, locks[board.id])
    return Devices(links, boards, wirelog)


def _link(
    id: str,
    part: LinkPart,
    wirelog: WireLog,
    between: Callable[[float, float], float],
    dial_link: Callable[[str], Awaitable[Transport]] | None,
) -> Link:
    timing = Timing(part.quiet_ms / 1000, part.reply_ms / 1000, part.late_ms / 1000)
    opening = (lambda: dial(part.url)) if dial_link is None else (lambda: dial_link(id))
    means = MEANINGS.get(part.protocol, bytes.hex)
    return Link(id, opening, FRAMERS[part.protocol], timing, wirelog, between, means)
