"""What goes to whoever mends the station from afar: one zip with the site as read, versions, links, devices, frames, the ledger's
head and what went wrong lately. No secret, no patient, nobody's name, no count of a pocket (laws 9 and 12).

It is made of what is known to hold none: nothing is taken out of a text afterwards. The site file itself, with its comments, is
not in it; the site as the daemon has read it is, its addresses outside without their paths. Of links that drugs, patients or
badges are read or weighed on, frames are told by their length alone.
"""

from __future__ import annotations

import io
import json
import platform
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import distributions, version
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from api.console.configuration import tables_of
from api.mishaps import mishaps
from api.rest.health import in_short, machines_of
from api.rest.links import frames_of, links_of
from api.rest.station import drawer_of
from api.standing import Standing
from controller.station import Station
from sites.models import Site

PLAIN = frozenset({"kerong-cu16", "modbus-rtu", "modbus-tcp", "grbl"})
"""Protocols of locks, belts and axes: their bytes name no drug, no patient and no person, and weigh nothing."""
NOTE = """\
Support bundle of station {station}, made {at} (clock: {trust}).

What is in it: the site as the daemon has read it, versions, health, links and boards with what they counted and the last
frames of each, drawers and machines, the ledger's head and its check, and what went wrong in the last rows.
What is not: the site file's comments, passwords, keys and credentials; people's names; patients, orders and drugs' counts.
Frames of scanners, scales and robots are told by their length only. Ask the station's people before you pass it on.
"""


def bundle(standing: Standing, station: Station) -> bytes:
    """The whole zip. Raises LedgerFault where the ledger cannot be read."""
    now = station.clock.now()
    made = {
        "README.txt": NOTE.format(station=station.site.station.id, at=now.isoformat(), trust=station.clock.trust),
        "site.toml": "\n".join(f"# {name}\n{text}" for name, text in tables_of(_without_paths(station.site))),
        "versions.json": _json({"galenic": version("galenic"), "python": platform.python_version(), "packages": _packages()}),
        "health.json": _json(_health(standing, station)),
        "links.json": _json([link.model_dump() for link in links_of(station)]),
        "devices.json": _json(_devices(station)),
        "ledger.json": _json(_ledger(station)),
        "mishaps.jsonl": "".join(f"{json.dumps(one)}\n" for one in mishaps(station)),
        **{f"frames/{link}.txt": _frames(station, link) for link in station.site.links},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in made.items():
            archive.writestr(zipfile.ZipInfo(name, now.timetuple()[:6]), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def name_of(station: Station) -> str:
    """What the file is called: the station and the time, which sorts."""
    return f"galenic-{station.site.station.id}-{station.clock.now():%Y%m%dT%H%M%SZ}.zip"


def _json(told: Any) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


@cache
def _packages() -> dict[str, str]:
    return {found.name: found.version for found in sorted(distributions(), key=lambda found: found.name.lower())}


def _health(standing: Standing, station: Station) -> Mapping[str, Any]:
    ways = () if standing.telling is None else standing.telling.ways()
    return {
        **in_short(standing),
        "drivers_that_never_met_their_device": list(station.devices.strangers),
        "outward": [{"id": way.id, "kind": way.kind, "connected": way.connected, "lag": way.lag} for way in ways],
    }


def _devices(station: Station) -> Mapping[str, Any]:
    return {
        "drawers": [drawer_of(station, drawer).model_dump() for drawer in station.drawers.values()],
        "machines": machines_of(station),
        "alarms": [{name: alarm[name] for name in ("seq", "kind", "drawer")} for alarm in station.books.alarms.active.values()],
    }


def _ledger(station: Station) -> Mapping[str, Any]:
    """The head that can be compared with one noted elsewhere, and what the check of the chain has found so far."""
    seq, digest = station.ledger.head
    view = station.books.station
    return {
        "seq": seq,
        "hash": digest.hex(),
        "durable": station.ledger.durable_seq,
        "epoch": station.ledger.epoch,
        "simulated": station.site.station.simulated,
        "failure": None if station.failure is None else station.failure.code,
        "check": "a row does not hold" if view.level == "L4" else "no check has found a row that does not hold",
        "site_hash": view.config_hash,
        "configured_seq": view.configured_seq,
    }


def _frames(station: Station, link: str) -> str:
    plain = station.site.links[link].protocol in PLAIN
    lines = (
        f"{frame.at_s:.3f} #{frame.epoch} {frame.direction:5} "
        + (f"{frame.bytes}  {frame.means}" if plain else f"{len(frame.bytes.split())} bytes")
        for frame in frames_of(station, link)
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _without_paths(site: Site) -> Site:
    """The site with the addresses of webhooks and partners cut behind their host: who knows some paths needs no password."""
    outward = site.outward.model_copy(update={"webhooks": _cut(site.outward.webhooks)})
    return site.model_copy(update={"outward": outward, "partners": _cut(site.partners)})


def _cut(parts: Iterable[BaseModel]) -> tuple[BaseModel, ...]:
    return tuple(part.model_copy(update={"url": _host(part.url)}) for part in parts)  # type: ignore[attr-defined]  # each has one


def _host(url: str | None) -> str | None:
    if url is None:
        return None
    where = urlsplit(url)
    return f"{where.scheme}://{where.netloc}/…"
