"""Wires: addresses that can be opened, devices that speak their link's protocol, one lock to one drawer."""

from __future__ import annotations

from os import readlink
from pathlib import Path
from typing import Any

from sites.conveyors import ConveyorPart
from sites.gantry import GrblGantry
from sites.models import Cu16BoardPart, Link, Scale, Scanner, WaveshareRelayPart
from sites.positions import Path as KeyPath
from sites.reading import TomlFile, rows, text, whole
from sites.references import DEVICES
from sites.robots import Wwks2Robot
from sites.wires import SerialLine, TcpEnd, wire

BOARDS = {"kerong-cu16": Cu16BoardPart, "waveshare-relay-d": WaveshareRelayPart}
"""The lock boards by their `driver`."""

PROTOCOLS = {
    "kerong-cu16": Cu16BoardPart.protocols,
    "waveshare-relay-d": WaveshareRelayPart.protocols,
    "mt-sics": Scale.protocols,
    "scanner-lines": Scanner.protocols,
    "conveylinx": ConveyorPart.protocols,
    "grbl": GrblGantry.protocols,
    "wwks2": Wwks2Robot.protocols,
}
SPOKEN = frozenset().union(*PROTOCOLS.values())
BY_ID = Path("/dev/serial/by-id")


def check_wiring(file: TomlFile) -> None:
    """Every rule about links, boards and locks."""
    _links(file)
    _devices(file)
    _addresses(file)
    _locks(file)


def _tables(table: dict[str, Any]) -> dict[str, dict[str, Any]]:
    links = table.get("links")
    return {name: link for name, link in links.items() if isinstance(link, dict)} if isinstance(links, dict) else {}


def _links(file: TomlFile) -> None:
    taken: dict[str | TcpEnd, str] = {}
    for name, link in _tables(file.table).items():
        _times(file, name, link)
        path: KeyPath = ("links", name, "url")
        url = text(link, "url")
        if url is None:
            continue
        try:
            end = wire(url)
        except ValueError as error:
            file.say("error", path, str(error))
            continue
        _fits(file, name, text(link, "protocol"), end)
        port = end.path if isinstance(end, SerialLine) else end
        if port in taken:
            file.say("error", path, f"link {taken[port]} has this wire already, and a wire is opened once")
        taken.setdefault(port, name)
        if isinstance(end, SerialLine) and end.counted:
            message = "this name is given in the order of plugging, so after a restart it may be another device"
            file.say("warning", path, message, nearest=url.replace(end.path, by_id(end.path)))


def by_id(port: str, folder: Path = BY_ID) -> str:
    """The name of this port that stays its own; where this machine shows none, how to find it. Opens nothing."""
    try:
        found = sorted(one for one in folder.iterdir() if one.is_symlink() and Path(readlink(one)).name == Path(port).name)
    except OSError:
        found = []
    return str(found[0]) if found else f"{folder}/<the name that `ls -l {folder}` shows for {Path(port).name}>"


def _times(file: TomlFile, name: str, link: dict[str, Any]) -> None:
    reply = whole(link, "reply_ms") if "reply_ms" in link else Link.model_fields["reply_ms"].default
    late = whole(link, "late_ms") if "late_ms" in link else Link.model_fields["late_ms"].default
    if reply is not None and late is not None and late <= reply:
        key = "late_ms" if "late_ms" in link else "reply_ms"
        message = f"late_ms ({late}) must be more than reply_ms ({reply}): it is the wait for an answer that comes too late"
        file.say("error", ("links", name, key), message)


def _fits(file: TomlFile, name: str, protocol: str | None, end: SerialLine | TcpEnd) -> None:
    if protocol == "modbus-tcp" and isinstance(end, SerialLine):
        message = "modbus-tcp is spoken over TCP; on a serial line it is modbus-rtu"
        file.say("error", ("links", name, "protocol"), message, nearest="modbus-rtu")
    if protocol == "wwks2" and isinstance(end, SerialLine):
        file.say("error", ("links", name, "url"), "wwks2 is spoken over TCP: write tcp://host:6050")


def _devices(file: TomlFile) -> None:
    """Each device speaks what its link speaks, and whoever speaks unasked or unaddressed has a link alone."""
    links = _tables(file.table)
    on_link: dict[str, list[tuple[KeyPath, str]]] = {}
    for kind in DEVICES:
        for index, row in rows(file.table, kind):
            link, driver = text(row, "link"), text(row, "driver")
            if link not in links or driver not in PROTOCOLS:
                continue
            spoken = text(links[link], "protocol")
            if spoken in SPOKEN and spoken not in PROTOCOLS[driver]:
                message = f"link {link} speaks {spoken}, and a {driver} does not"
                ways = [name for name, one in links.items() if text(one, "protocol") in PROTOCOLS[driver]]
                file.say(
                    "error",
                    (kind, index, "link"),
                    message,
                    allowed=f"a link with {' or '.join(sorted(PROTOCOLS[driver]))}",
                    nearest=ways[0] if len(ways) == 1 else "",
                )
            on_link.setdefault(link, []).append(((kind, index, "link"), kind))
    for link, devices in on_link.items():
        if len(devices) > 1 and any(kind != "boards" for _, kind in devices):
            for path, _ in devices[1:]:
                file.say(
                    "error",
                    path,
                    f"link {link} has a device already, and a scale, scanner, belt module, gantry or robot has a link for itself",
                )


def _addresses(file: TomlFile) -> None:
    first: dict[tuple[str | None, int], str | None] = {}
    for index, board in rows(file.table, "boards"):
        key = "unit" if text(board, "driver") == "waveshare-relay-d" else "address"
        number = whole(board, key) if key in board else 1 if key == "unit" else None
        if number is None:
            continue
        address = text(board, "link"), number
        if address in first:
            message = f"board {first[address]} has this address on the same link: both answer, and both release their locks"
            file.say("warning", ("boards", index, key), message)
        first.setdefault(address, text(board, "id"))


def _locks(file: TomlFile) -> None:
    drivers: dict[str | None, Any] = {}
    for _, board in rows(file.table, "boards"):
        drivers.setdefault(text(board, "id"), BOARDS.get(text(board, "driver") or ""))
    first: dict[tuple[str, int], str | None] = {}
    for index, drawer in rows(file.table, "drawers"):
        board_id, channel = text(drawer, "lock", "board"), whole(drawer, "lock", "channel")
        if board_id is None or channel is None:
            continue
        path: KeyPath = ("drawers", index, "lock", "channel")
        part = drivers.get(board_id)
        if part is not None and not 1 <= channel <= part.channels:
            file.say("error", path, f"board {board_id} has no such lock", allowed=f"a whole number from 1 to {part.channels}")
        if (board_id, channel) in first:
            message = f"drawer {first[board_id, channel]} hangs on this lock of board {board_id}: one pulse would open both"
            file.say("error", path, message)
        first.setdefault((board_id, channel), text(drawer, "id"))
