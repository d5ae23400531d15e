"""The tree of MQTT topics, `galenic/1/<site>/<station>/…`, and what is kept there for whoever comes later.

The second level is the version. Ids are small letters, digits and dashes. Nothing under it is listened to: there is no topic
that could move anything. Conventions: `docs/reference/mqtt.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from controller.station import Station

ODD = re.compile(r"[^a-z0-9-]+")
LOST: Mapping[str, Any] = {"state": "lost"}
READY: Mapping[str, Any] = {"state": "ready"}
STOPPED: Mapping[str, Any] = {"state": "stopped"}


def level(name: str) -> str:
    """A name as one level of a topic: `drawer.unlock_intended` is `drawer-unlock-intended`."""
    return ODD.sub("-", name.lower())


def base(site: str, station: str) -> str:
    """Where all of a station's topics begin."""
    return f"galenic/1/{level(site)}/{level(station)}"


def things(station: Station) -> dict[str, dict[str, Any]]:
    """The last state of every thing, by its place under `things/`. A new kind of thing is one more line."""
    drawers = {f"drawer/{level(id)}": {"id": id, "state": str(drawer.state)} for id, drawer in station.drawers.items()}
    links = {f"link/{level(id)}": {"id": id, "state": "up" if link.up else "down"} for id, link in station.devices.links.items()}
    return drawers | links


def written(payload: Mapping[str, Any]) -> bytes:
    """A payload as it is sent."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
