"""A small site with one of everything: two CU16 boards on a line, a relay board on TCP and one on a line, a scale, a scanner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sites.models import Site

FORMULARY = """
items = [{ id = "pill", name = "Pill", strength = { value = "5", unit = "mg" }, form = "tablet", unit = "tablet" }]
"""
STOCK = """
lots = [{ pocket = "A-01-1", lot = "L1", expiry = 2031-02-28, quantity = 5 }]
"""


def small(folder: Path = Path("/tmp/galenic-test"), tcp_port: int = 5020) -> dict[str, Any]:
    """The tables of the site file."""
    drawers = [
        *(("A-0" + str(n), "cu16-0", n) for n in (1, 2)),
        ("A-03", "cu16-1", 16),
        *(("R-0" + str(n), "relay-t", n) for n in (1, 2, 3, 4)),
        ("S-01", "relay-r", 1),
    ]
    return {
        "station": {"id": "test", "name": "Test", "simulated": True},
        "links": {
            "lockbus": {"url": f"serial:{folder}/lockbus?baud=19200", "protocol": "kerong-cu16"},
            "relays": {"url": f"tcp://127.0.0.1:{tcp_port}", "protocol": "modbus-tcp"},
            "relaybus": {"url": f"serial:{folder}/relaybus?baud=9600", "protocol": "modbus-rtu"},
            "balance": {"url": f"serial:{folder}/balance?baud=9600", "protocol": "mt-sics"},
            "scan": {"url": f"serial:{folder}/scan?baud=9600", "protocol": "scanner-lines"},
        },
        "boards": [
            {"id": "cu16-0", "driver": "kerong-cu16", "link": "lockbus", "address": 0},
            {"id": "cu16-1", "driver": "kerong-cu16", "link": "lockbus", "address": 1, "answers_unlock": True},
            {"id": "relay-t", "driver": "waveshare-relay-d", "link": "relays", "unit": 1},
            {"id": "relay-r", "driver": "waveshare-relay-d", "link": "relaybus", "unit": 7},
        ],
        "cabinets": [{"id": "A", "name": "Cabinet", "width_mm": 600, "height_mm": 900}],
        "drawers": [
            {
                "id": id,
                "cabinet": "A",
                "lock": {"board": board, "channel": channel},
                "pockets": [{"id": f"{id}-{n}", "capacity": 40} for n in (1, 2)],
            }
            for id, board, channel in drawers
        ],
        "scales": [{"id": "scale", "driver": "mt-sics", "link": "balance"}],
        "scanners": [{"id": "gun", "driver": "scanner-lines", "link": "scan"}],
    }


def small_site(folder: Path = Path("/tmp/galenic-test"), tcp_port: int = 5020) -> Site:
    """The site itself."""
    return Site.model_validate(small(folder, tcp_port))


def written(folder: Path, tcp_port: int, **more: Any) -> Path:
    """The site file itself, in that folder, with five pills in A-01-1."""
    tables = small(folder, tcp_port) | {"data": {"formulary": "formulary.toml", "stock": "stock.toml"}} | more
    tables["drawers"][0]["pockets"][0]["item"] = "pill"
    (folder / "formulary.toml").write_text(FORMULARY)
    (folder / "stock.toml").write_text(STOCK)
    file = folder / "site.toml"
    file.write_text("".join(f"{name} = {_toml(table)}\n" for name, table in tables.items()))
    return file


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)
