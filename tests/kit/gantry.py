"""A site with one gantry over three shelf places, its house, and its driver at the other end of a wire in memory."""

from __future__ import annotations

import datetime
from typing import Any

from sites.data import StockLot
from sites.models import Site

SIZE = {"width_mm": 60, "height_mm": 80, "depth_mm": 40}
PLACES = {"S-1": (100, 200), "S-2": (700, 50), "S-3": (1100, 850)}
STOCK = [
    StockLot(pocket=place, lot=f"L{number}", expiry=datetime.date(2031, 1, 31), quantity=quantity)
    for number, (place, quantity) in enumerate({"S-1": 3, "S-2": 2}.items(), 1)
]


def gantry(**changed: Any) -> dict[str, Any]:
    """The table of the gantry."""
    return {
        "id": "arm",
        "driver": "grbl",
        "link": "arm",
        "x": {"high_mm": 1200, "speed_mm_s": 400, "acceleration_mm_s2": 800},
        "y": {"high_mm": 900, "speed_mm_s": 300, "acceleration_mm_s2": 800},
        "z": {"low_mm": -150, "high_mm": 0, "speed_mm_s": 100, "acceleration_mm_s2": 400, "homes": "high"},
        "tray": [{"z_mm": z} for z in (-10, -30, -50, -70)],
        "hand_over": {"x_mm": 0, "y_mm": 100},
        "shelf": [
            {"id": id, "capacity": 5, "x_mm": x, "y_mm": y, "z_mm": -120, **SIZE} for id, (x, y) in PLACES.items()
        ],
        **changed,
    }  # fmt: skip


def site(url: str = "tcp://127.0.0.1:1", **changed: Any) -> Site:
    """The site."""
    return Site.model_validate({
        "station": {"id": "gantry", "name": "Gantry", "simulated": True},
        "links": {"arm": {"url": url, "protocol": "grbl"}},
        "gantries": [gantry(**changed)],
    })  # fmt: skip
