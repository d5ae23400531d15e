"""Robots and gantries as they are drawn: the front of rack or shelf in millimetres, what stands there, and where the gripper is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulators.boards.wwks2.station import Wwks2Station
from simulators.house import House
from simulators.plant.gantry import Gantry, Pack
from simulators.plant.robot.rack import Place
from simulators.twin import words
from sites.data import Item

ARM_MM = 160
"""How wide the gripper's arm is drawn."""


@dataclass(frozen=True, slots=True)
class Lying:
    """A pack that a hand can take."""

    id: str
    what: str
    where: str


@dataclass(frozen=True, slots=True)
class DrawnRobot:
    """The front of a rack of one side, its origin at the upper left. `packs` is one path of all that stand there."""

    id: str
    width: int
    height: int
    cold_width: int
    packs: str
    x: float
    y: float
    holds: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What a person at a robot sees and can do."""

    id: str
    state: str
    word: str
    door_open: bool
    stored: int
    outputs: Sequence[tuple[str, str, int, Sequence[Lying]]]
    """Id, name, how many lie there or are under way to it, and the first of those that lie there."""
    inputs: Sequence[str]
    lying: Sequence[Lying]
    """On the floor and in rejects."""
    ready: Sequence[tuple[str, Mapping[str, str]]]
    """New packs that a hand could lay on an input: in words, and as members of the act."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of a gantry's shelf."""

    id: str
    x: float
    y: float
    width: int
    height: int
    item: str
    packs: int


@dataclass(frozen=True, slots=True)
class DrawnGantry:
    """A gantry's shelf from the front, its origin at the upper left."""

    id: str
    width: int
    height: int
    slots: Sequence[Slot]
    x: float
    y: float
    depth: float
    """How far the gripper reaches into the shelf, from 0 to 1."""
    hand_over: tuple[float, float]
    word: str


MOST_TOLD = 12
"""Packs told one by one at one place."""


def robot_drawing(id: str, station: Wwks2Station, items: Mapping[str, Item]) -> DrawnRobot:
    """A robot's rack and gripper now."""
    steel = station.robot.steel
    g = steel.rack.geometry
    width, height = g.columns * g.bay_width_mm, g.shelves * g.bay_height_mm
    packs = []
    for number, where in steel.where.items():
        if isinstance(where, Place):
            spot, pack = steel.rack.spot(where), steel.packs[number]
            x, top = spot.x_mm - pack.width_mm // 2, height - spot.z_mm - min(pack.height_mm, g.bay_height_mm)
            packs.append(f"M{x} {top}h{pack.width_mm}v{pack.height_mm}h-{pack.width_mm}z")
    x_mm, z_mm = steel.spot
    holds = "" if steel.gripper is None else words.item(items, steel.packs[steel.gripper].article)
    cold = g.cold_columns * g.bay_width_mm
    return DrawnRobot(id, width, height, cold, "".join(packs), round(x_mm, 1), round(height - z_mm, 1), holds)


def machine(id: str, house: House) -> Machine:
    """What can be seen and done at a robot."""
    station = house.robots[id]
    steel = station.robot.steel
    names = {str(output.number): output.name for part in house.site.robots if part.id == id for output in part.outputs}
    lying: dict[str, list[Lying]] = {}
    for number in steel.where:
        where = steel.place(number)
        if where.startswith(("output:", "reject:", "floor", "box:")):
            lying.setdefault(where, []).append(Lying(str(number), words.item(house.items, steel.packs[number].article), where))
    outputs = [
        (output, names.get(output, ""), count, lying.get(f"output:{output}", [])[:MOST_TOLD])
        for output, count in steel.lying.items()
    ]
    elsewhere = [one for where, packs in lying.items() if not where.startswith("output:") for one in packs]
    state = "stopped" if steel.stopped else "runs"
    word = f"stopped: {steel.stopped}" if steel.stopped else "moves" if steel.busy else "runs, at rest"
    ready = {
        (pack.article, pack.batch): {
            "article": pack.article,
            "scan_code": pack.scan_code,
            "batch": pack.batch,
            "expiry": pack.expiry,
        }
        for pack in steel.packs.values()
    }
    told = sorted((f"{words.item(house.items, article)}, lot {batch}", body) for (article, batch), body in ready.items() if batch)
    return Machine(id, state, word, steel.door_open, len(steel.rack), outputs, list(steel.inputs), elsewhere[:MOST_TOLD], told)


def gantry_drawing(gantry: Gantry, items: Mapping[str, Item]) -> DrawnGantry:
    """A gantry's shelf and head now. A place is drawn around where the gripper touches its front pack."""
    part = gantry.part
    left = min([part.x.low_mm, *(place.x_mm - place.width_mm // 2 for place in part.shelf)])
    right = max([part.x.high_mm, *(place.x_mm + place.width_mm // 2 for place in part.shelf)])
    top = max([part.y.high_mm, *(place.y_mm + place.height_mm // 2 for place in part.shelf)])
    low = min([part.y.low_mm, *(place.y_mm - place.height_mm // 2 for place in part.shelf)])
    slots = [
        Slot(
            place.id,
            place.x_mm - place.width_mm / 2 - left,
            top - place.y_mm - place.height_mm / 2,
            place.width_mm,
            place.height_mm,
            words.item(items, place.item),
            len(gantry.shelf[place.id]),
        )
        for place in part.shelf
    ]
    x, y, z = gantry.position
    deepest = min((place.z_mm for place in part.shelf), default=part.z.low_mm)
    depth = (z - part.safe_z_mm) / (deepest - part.safe_z_mm) if deepest != part.safe_z_mm else 0.0
    hand_over = part.hand_over.x_mm - left, top - part.hand_over.y_mm
    word = "moves" if gantry.moves else "tips its tray" if gantry.tipping else "at rest"
    if gantry.vacuum:
        word += ", vacuum on"
    depth = min(max(depth, 0.0), 1.0)
    return DrawnGantry(
        gantry.id, right - left, top - low, slots, round(x - left, 1), round(top - y, 1), round(depth, 2), hand_over, word
    )


def gantry_packs(gantry: Gantry, items: Mapping[str, Item]) -> list[Lying]:
    """The packs that are on no shelf: in the gripper, in the tray, handed over, on the floor."""

    def told(packs: Sequence[Pack], where: str) -> list[Lying]:
        return [Lying(pack.id, words.item(items, pack.item), where) for pack in packs]

    found = told(gantry.held, "in the gripper")
    for number, packs in enumerate(gantry.tray, start=1):
        found += told(packs, f"in the tray, place {number}")
    return found + told(gantry.handed_over, "handed over") + told(gantry.floor, "on the floor")


def tote_contents(house: House, tote: str) -> str:
    """What lies in a tote, in words."""
    many = Counter[str]()
    for one in house.totes.contents(tote):
        name = words.item(house.items, one.item)
        many[f"{name}, lot {one.lot or 'unknown'}{'' if one.units is None else ', loose'}"] += one.units or 1
    return "; ".join(f"{count} × {what}" for what, count in many.items()) or "nothing"
