"""`galenic devices`: every wire of a site file and every serial port of this machine, and who has which. Nothing is sent."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from api.cli.exits import Exit, end
from api.cli.options import SITE, Json, SiteFile

if TYPE_CHECKING:
    from sites.models import Link

KNOCK_S = 1.0


def devices(site: SiteFile = SITE, as_json: Json = False) -> None:
    """Shows which wires of a site file are there, and the serial ports that no link names. Sends no byte to any device.

    \b
    Examples:
      galenic devices station.toml
      galenic devices station.toml --json

    Ends with 69 if a wire is not there.
    """
    from drivers.transports.serial import ports
    from sites.check import check
    from sites.wiring import by_id

    report = check(site)
    if report.site is None:
        end(Exit.BAD_DATA, *(str(finding) for finding in report.errors), f"Next: galenic check {site}")
    links = [_link(id, link) for id, link in report.site.links.items()]
    claimed = {os.path.realpath(link["path"]): link["link"] for link in links if "path" in link}
    found = [
        {
            "port": port.path,
            "by_id": name if (name := by_id(port.path)).startswith("/dev/") and "<" not in name else None,
            "what": port.what,
            "usb": port.usb,
            "serial_number": port.number,
            "link": claimed.get(os.path.realpath(port.path)),
            "held_by": _holders(port.path),
        }
        for port in ports()
    ]
    typer.echo(json.dumps({"links": links, "ports": found}, ensure_ascii=False) if as_json else "\n".join(_lines(links, found)))
    if not all(link["there"] for link in links):
        raise typer.Exit(Exit.NOT_REACHABLE)


def _link(id: str, link: Link) -> dict[str, Any]:
    """One wire of the site file: whether it is there, and who has it."""
    from sites.wires import SerialLine, wire

    end_of = wire(link.url)
    told: dict[str, Any] = {"link": id, "protocol": link.protocol, "url": link.url}
    if isinstance(end_of, SerialLine):
        there = os.path.exists(end_of.path)
        state = "" if there else "there is no such port"
        return {**told, "path": end_of.path, "there": there, "state": state, "held_by": _holders(end_of.path) if there else []}
    try:
        socket.create_connection((end_of.host, end_of.port), KNOCK_S).close()
    except OSError as wrong:
        return {**told, "there": False, "state": wrong.strerror or "no answer", "held_by": []}
    return {**told, "there": True, "state": "", "held_by": []}


def _holders(port: str) -> list[str]:
    """Processes that have this port open, as `name (number)`; those of other people only for root."""
    device, found = os.path.realpath(port), []
    for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda one: int(one.name)):
        try:
            if any(os.path.realpath(held) == device for held in (process / "fd").iterdir()):
                found.append(f"{(process / 'comm').read_text().strip()} ({process.name})")
        except OSError:
            continue  # it has ended meanwhile, or is somebody else's
    return found


def _lines(links: list[dict[str, Any]], ports: list[dict[str, Any]]) -> list[str]:
    lines = ["Wires of the site file:"]
    for link in links:
        state = "there" if link["there"] else f"NOT THERE: {link['state']}"
        held = f", held by {', '.join(link['held_by'])}" if link["held_by"] else ""
        lines.append(f"  {link['link']:12} {link['protocol']:14} {link['url']}  {state}{held}")
    lines.append("Serial ports of this machine:" if ports else "Serial ports of this machine: none.")
    for port in ports:
        words = [port["usb"], port["serial_number"], port["what"], f"link {port['link']}" if port["link"] else "no link names it"]
        lines.append(f"  {port['by_id'] or port['port']}  {', '.join(word for word in words if word)}")
    return lines
