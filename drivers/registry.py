"""From a site file to open hands: which class drives which device, and every link with its framer and its timing."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from drivers import modbus
from drivers.capabilities import Conveyor, Diverter, Gantry, LockBoard, Robot
from drivers.conveyors import conveylinx, relay_gate
from drivers.conveyors.conveylinx import ConveyLinxModule
from drivers.conveyors.relay_gate import RelayGate
from drivers.counters import mt_sics
from drivers.counters.mt_sics import MtSicsScale
from drivers.dialogs import DialogLink
from drivers.gantries import grbl
from drivers.gantries.grbl import GrblGantryDriver
from drivers.link import Link, Timing
from drivers.locks import kerong_cu16, waveshare_relay_d
from drivers.locks.kerong_cu16 import Cu16Board
from drivers.locks.waveshare_relay_d import WaveshareRelayBoard
from drivers.robots import wwks2
from drivers.robots.wwks2 import Wwks2
from drivers.scanners import scanner_lines
from drivers.scanners.scanner_lines import LineScanner
from drivers.transports import Transport, dial
from drivers.wirelog import WireLog
from firmware_protocols.framing import Framer
from firmware_protocols.mt_sics.host import AnswerFramer
from sites.models import Cu16BoardPart, Lock, Site
from sites.models import Link as LinkPart

SPOKEN: dict[str, tuple[Callable[[], Framer], Callable[[bytes], str]]] = {
    "kerong-cu16": (kerong_cu16.framer, kerong_cu16.means),
    "modbus-rtu": (modbus.RtuFramer, modbus.means("modbus-rtu")),
    "modbus-tcp": (modbus.TcpFramer, modbus.means("modbus-tcp")),
    "mt-sics": (AnswerFramer, mt_sics.means),
    "scanner-lines": (scanner_lines.Chunks, scanner_lines.means),
    "grbl": (grbl.framer, grbl.means),
}
"""For each protocol of a site file, what cuts a line into frames and what puts a frame into words."""

CRIES: dict[str, frozenset[bytes]] = {"grbl": grbl.CRIES}
"""For each protocol that has such, the bytes that may be written out of turn."""

VERIFIED: dict[str, tuple[str, ...]] = {
    "kerong-cu16": kerong_cu16.verified_on,
    "waveshare-relay-d": waveshare_relay_d.verified_on,
    "mt-sics": mt_sics.verified_on,
    "scanner-lines": scanner_lines.verified_on,
    "conveylinx": conveylinx.verified_on,
    "relay-gate": relay_gate.verified_on,
    "grbl": grbl.verified_on,
    "wwks2": wwks2.verified_on,
}
"""For each driver, the devices it has met."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Devices:
    """All hands of one station. `strangers` are the drivers in use that have never met their device."""

    links: dict[str, Link | DialogLink]
    boards: dict[str, LockBoard]
    wirelog: WireLog
    scales: dict[str, MtSicsScale] = field(default_factory=dict)
    scanners: dict[str, LineScanner] = field(default_factory=dict)
    conveyors: dict[str, Conveyor] = field(default_factory=dict)
    diverters: dict[str, Diverter] = field(default_factory=dict)
    robots: dict[str, Robot] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()
    gantries: dict[str, Gantry] = field(default_factory=dict)


def build(
    site: Site,
    between: Callable[[float, float], float],
    dial_link: Callable[[str], Awaitable[Transport]] | None = None,
    wall: Callable[[], datetime] | None = None,
) -> Devices:
    """Every link and device of the site; nothing is opened yet. `dial_link` may put each link on another wire.

    `wall` gives the time of day with its zone, for messages that carry one; without it they carry none.
    """
    wirelog = WireLog()
    buses = {id: _link(id, part, wirelog, between, dial_link) for id, part in site.links.items() if part.protocol != "wwks2"}
    dialogs = {id: _dialogs(id, part, wirelog, between, dial_link) for id, part in site.links.items() if part.protocol == "wwks2"}
    locks: dict[str, list[Lock]] = {board.id: [] for board in site.boards}
    for drawer in site.drawers:
        locks[drawer.lock.board].append(drawer.lock)
    boards: dict[str, LockBoard] = {}
    for board in site.boards:
        if isinstance(board, Cu16BoardPart):
            boards[board.id] = Cu16Board(buses[board.link], board, locks[board.id])
        else:
            mode: modbus.Mode = "modbus-tcp" if site.links[board.link].protocol == "modbus-tcp" else "modbus-rtu"
            boards[board.id] = WaveshareRelayBoard(buses[board.link], mode, board, locks[board.id])
    badges = {reader for terminal in site.terminals for reader in terminal.readers}
    for scanner in site.scanners:
        if scanner.id in badges:
            wirelog.hide(scanner.link)
    links: dict[str, Link | DialogLink] = {id: buses[id] if id in buses else dialogs[id] for id in site.links}
    return Devices(
        links,
        boards,
        wirelog,
        scales={scale.id: MtSicsScale(buses[scale.link], scale) for scale in site.scales},
        scanners={scanner.id: LineScanner(buses[scanner.link], scanner) for scanner in site.scanners},
        conveyors={part.id: ConveyLinxModule(buses[part.link], part) for part in site.conveyors},
        diverters=_diverters(site, buses, boards),
        gantries={gantry.id: GrblGantryDriver(buses[gantry.link], gantry) for gantry in site.gantries},
        robots={robot.id: Wwks2(dialogs[robot.link], robot, wall) for robot in site.robots},
        strangers=_strangers(site),
    )


def _diverters(site: Site, links: dict[str, Link], boards: dict[str, LockBoard]) -> dict[str, Diverter]:
    gates: dict[str, Diverter] = {}
    for part in site.diverters:
        board = boards[part.board]
        if isinstance(board, WaveshareRelayBoard):  # the checker lets no other board have a gate
            gates[part.id] = RelayGate(links[board.link_id], board, part)
    return gates


def _strangers(site: Site) -> tuple[str, ...]:
    used: set[str] = set().union(
        (part.driver for part in site.boards),
        (part.driver for part in site.scales),
        (part.driver for part in site.scanners),
        (part.driver for part in site.conveyors),
        (part.driver for part in site.diverters),
        (part.driver for part in site.gantries),
        (part.driver for part in site.robots),
    )
    strangers = tuple(sorted(driver for driver in used if not VERIFIED[driver]))
    if strangers and not site.station.simulated:
        log.warning("drivers that have never met their device: %s; try every lock before trusting them", ", ".join(strangers))
    return strangers


def _link(
    id: str,
    part: LinkPart,
    wirelog: WireLog,
    between: Callable[[float, float], float],
    dial_link: Callable[[str], Awaitable[Transport]] | None,
) -> Link:
    framer, means = SPOKEN[part.protocol]
    timing = Timing(part.quiet_ms / 1000, part.reply_ms / 1000, part.late_ms / 1000)

    async def opened() -> Transport:
        return await (dial(part.url, link.in_flight_s) if dial_link is None else dial_link(id))

    link = Link(id, opened, framer, timing, wirelog, between, means, CRIES.get(part.protocol, frozenset()))
    return link


def _dialogs(
    id: str,
    part: LinkPart,
    wirelog: WireLog,
    between: Callable[[float, float], float],
    dial_link: Callable[[str], Awaitable[Transport]] | None,
) -> DialogLink:
    async def opened() -> Transport:
        return await (dial(part.url, link.in_flight_s) if dial_link is None else dial_link(id))

    link = DialogLink(id, opened, wwks2.stream, wirelog, between, wwks2.means)
    return link
