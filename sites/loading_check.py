"""Loading and packing places: each takes from something that exists, stands on a zone that exists, and no two are one."""

from __future__ import annotations

from sites.belts import zones_in
from sites.reading import TomlFile, rows, text, whole
from sites.references import exists, given_once, names


def check_loading(file: TomlFile) -> None:
    """Every rule about where totes stand."""
    table = file.table
    given_once(file, names(table, "loading", "packing"), "loading or packing place")
    zones = [name for _, zone in zones_in(table) if (name := text(zone, "id")) is not None]
    robots = {text(robot, "id"): robot for _, robot in rows(table, "robots")}
    gantries = [name for _, name in names(table, "gantries")]
    stood_on: dict[str, str | None] = {}
    taken: dict[tuple[str | None, int | None], str | None] = {}
    for kind in ("loading", "packing"):
        for index, place in rows(table, kind):
            zone = text(place, "zone")
            if exists(file, (kind, index, "zone"), zone, zones, "zone") and zone is not None:
                if zone in stood_on:
                    file.say("error", (kind, index, "zone"), f"{stood_on[zone]} is on this zone already")
                stood_on.setdefault(zone, text(place, "id"))
    for index, place in rows(table, "loading"):
        robot, output, gantry = text(place, "robot"), whole(place, "output"), text(place, "gantry")
        known = [name for name in robots if name is not None]
        if exists(file, ("loading", index, "robot"), robot, known, "robot") and output is not None:
            outputs = [whole(one, "number") for _, one in rows(robots[robot], "outputs")]
            if output not in outputs:
                numbers = ", ".join(str(one) for one in outputs)
                file.say(
                    "error", ("loading", index, "output"), f"robot {robot} has no output {output}", allowed=f"one of {numbers}"
                )
        exists(file, ("loading", index, "gantry"), gantry, gantries, "gantry")
        source = (robot or gantry, output)
        if source in taken:
            file.say("error", ("loading", index), f"{taken[source]} takes from there already")
        taken.setdefault(source, text(place, "id"))
