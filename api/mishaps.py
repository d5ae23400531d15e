"""What went wrong lately, out of the ledger, for who mends the station: without anybody's name, patient, drug or count.

Only what a table here names is taken out of a row. What a text may say beside its first word (a path with a patient's number in
it, the text of an exception) is left out, but for the ids of the site's own things and the number of a defect.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from controller.ledger.port import Row
from controller.station import Station

LOOKED_BACK, KEPT = 5000, 200
"""So many rows are looked through, and so many of those found are told."""
NUMBER = re.compile(r"^the page .*, ([0-9a-f]{8})$|^\w+ ([0-9a-f]{8})$", re.DOTALL)
"""Where a defect's number stands: in a page's work, or in the error of a REST route (`api.problems.defect_number`)."""
WORD = re.compile(r"[A-Za-z][\w-]*")
DRAWER = ("drawer", "event", "was", "seen")
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "station.started": ("version",),
    "station.ready": ("took_ms",),
    "station.stopped": (),
    "station.degraded": ("level", "reason"),
    "station.defect": (),
    "refused": ("code",),
    "link.up": ("link", "epoch"),
    "link.lost": ("link", "epoch", "reason"),
    "board.replaced": ("board", "link", "link_epoch", "drawers"),
    "alarm.raised": ("drawer", "kind"),
    "drawer.ajar": DRAWER,
    "drawer.fault": (*DRAWER, "frames"),
    "drawer.forced": DRAWER,
    "drawer.halted": DRAWER,
    "drawer.offline": DRAWER,
    "drawer.out_of_service": (*DRAWER, "step"),
    "drawer.recovering": (*DRAWER, "step"),
    "robot.changed": ("robot", "event", "was", "state", "epoch"),
    "gantry.changed": ("gantry", "event", "was", "state", "epoch", "halt"),
    "line.dead": ("where", "do"),
    "line.jam": ("where", "do"),
    "line.module_changed": ("module", "up", "stopped", "faults"),
    "line.reader_changed": ("reader", "state"),
}
"""What is told of a row of each kind, beside its number and time. None of it is a person's, a patient's or a pocket's; the
frames of a drawer that failed are its lock board's."""
REASONS = frozenset({"drawer.fault", "drawer.offline", "robot.changed", "gantry.changed"})
"""Kinds whose `reason` is a code, or a defect with its text: the first word is told."""


def mishaps(station: Station) -> list[dict[str, Any]]:
    """The last ones, oldest first. Raises LedgerFault where the ledger cannot be read."""
    rows = station.ledger.read(max(0, station.ledger.durable_seq - LOOKED_BACK), LOOKED_BACK, MEMBERS)[-KEPT:]
    things = _things(station)
    return [_told(row, json.loads(row.body), things) for row in rows]


def _told(row: Row, body: Mapping[str, Any], things: frozenset[str]) -> dict[str, Any]:
    told = {"seq": row.seq, "at": row.at, "kind": row.kind, **{name: body[name] for name in MEMBERS[row.kind] if name in body}}
    if row.kind in REASONS:
        told["reason"] = _first(body.get("reason"))
    if row.kind == "station.defect":
        told |= _defect(body["work"], body["error"], things)
    return told


def _defect(work: str, error: str, things: frozenset[str]) -> dict[str, Any]:
    """A defect's kind and number, and the things of the site in whose work it was."""
    number = NUMBER.match(work) or NUMBER.match(error)
    about = [word for word in re.split(r"[\s/,]+", work) if word in things]
    return {"error": _first(error), "number": number and (number[1] or number[2]), "work": " ".join([_first(work), *about])}


def _first(text: str | None) -> str:
    found = WORD.match(text or "")
    return found[0] if found else ""


def _things(station: Station) -> frozenset[str]:
    site = station.site
    parts = (site.boards, site.drawers, site.scales, site.scanners, site.conveyors, site.gantries, site.robots, site.terminals)
    return frozenset({*site.links, *(part.id for group in parts for part in group)})
