"""What the page says: items as the ward names them, what happened, and what is so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulators.plant.drawer import Drawer
from simulators.plant.passages import Passage
from simulators.plant.robot.moves import Move
from simulators.plant.totes import Happening
from simulators.plant.truth import Edge
from sites.data import Item

UNITS = {"ug": "micrograms", "[iU]": "units", "m[iU]": "milliunits"}
"""UCUM codes that nobody writes on a label."""
CAUSES = {
    "pulse": "by its coil",
    "key": "with the key",
    "force": "by force",
    "fault": "by itself",
    "hand": "by a hand",
    "relatch": "again: nobody pulled",
    "gantry": "",
}
EDGES = {
    "pulse": "coil on",
    "pulse_end": "coil off",
    "unlatched": "unlocked",
    "latched": "locked",
    "shut": "pushed home",
}
PASSAGES = {
    "put": "laid on",
    "taken": "taken off",
    "swapped": "changed for another",
    "held": "held by a hand",
    "let_go": "let go",
    "entered": "enters",
    "left": "has left",
    "touched": "runs up against",
    "at_the_end": "stands at the end of",
    "diverted": "is led away by",
    "caught": "is caught by",
    "read": "is read by",
    "unread": "is not read by",
}
"""Of a container at a place. What has no container (eyes, motors, gates) is seen in the drawing."""


def item(items: Mapping[str, Item], id: str | None) -> str:
    """An item as a label says it: `acetaminophen 500 mg tablet`."""
    if id is None:
        return "no item"
    if id not in items:
        return id
    one = items[id]
    return f"{one.name} {one.strength.value} {UNITS.get(one.strength.unit, one.strength.unit)} {one.form}"


def drawer(one: Drawer) -> tuple[str, str]:
    """A drawer's state as a word of the style sheet, and as words."""
    if not one.shut:
        return "open", "open"
    return ("shut", "shut") if one.latched else ("unlocked", "unlocked")


def edge(one: Edge) -> str:
    """An edge of the truth log as a sentence."""
    if one.gantry is not None:
        about = " ".join(filter(None, (one.pack, f"at {one.place}" if one.place else None)))
        return f"gantry {one.gantry} {one.what.replace('-', ' ')} {about}".strip()
    if one.what in {"taken", "put"}:
        return f"{one.quantity} {one.what} {'out of' if one.what == 'taken' else 'into'} {one.pocket}, lot {one.lot or 'unknown'}"
    where = f"drawer {one.drawer}" if one.drawer else "a lock without a drawer"
    if one.what == "pulse":
        return f"{where}: coil on, by {one.board} lock {one.channel}, frame {one.frame}"
    if one.what == "opened":
        return f"{where}: {'torn open' if one.cause == 'force' else 'pulled open by a hand'}"
    why = CAUSES[one.cause] if one.what in {"unlatched", "latched"} else ""
    return f"{where}: {EDGES[one.what]} {why}".strip()


def passage(one: Passage) -> str:
    """A passage on the belts; empty where no container is in it."""
    if one.body is None:
        return ""
    return f"{one.body} {PASSAGES[one.what]} {one.by or one.place}"


def happening(one: Happening) -> str:
    """What happened to a tote."""
    return " ".join(filter(None, (f"tote {one.tote} {one.what.replace('-', ' ')}", one.place and f"at {one.place}", one.pack)))


def move(one: Move) -> str:
    """What happened in a robot."""
    about = f"pack {one.pack}" if one.pack else ""
    way = f"{one.left or '?'} to {one.reached}" if one.reached and one.pack else one.reached or one.left
    return " ".join(filter(None, (f"robot {one.robot}:", about, one.what.replace("_", " "), way, one.why and f"({one.why})")))


def fault(told: Mapping[str, Any]) -> str:
    """A fault in force: its kind, where, and how."""
    more = {name: value for name, value in told.items() if name not in {"id", "since", "kind"} and value not in {None, ""}}
    return f"{str(told['kind']).replace('-', ' ')}: " + ", ".join(
        str(value) if isinstance(value, str) else f"{name.replace('_', ' ')} {_flag(value)}" for name, value in more.items()
    )


def _flag(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
