"""What really lies in each tote, and where each tote is: on a belt, on the table of a loading place, or carried by a hand.

A tote that stands at a loading place takes what really comes out there: a pack that reaches that output of a robot, or that a
gantry really tips out at its hand-over. On a belt it stands there while it is before the zone's photo-eye. Where no tote
stands, packs lie at the output, or where the tray was tipped. A tote on the belts is the container whose code is its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal

from simulators.plant.belts import Belts
from simulators.plant.gantry import Gantry
from simulators.plant.log import Log
from simulators.plant.pocket import CannotDo, NotThere
from simulators.plant.robot.moves import Move
from simulators.plant.robot.robot import Robot
from simulators.plant.truth import Edge, TruthLog
from simulators.timers import Timers, now
from sites.loading import LoadingPlace, PackingPlace
from sites.models import Site

TOTE_MM = 300
"""How long a tote is where nobody says it."""
PAST_EYE_MM = 50
"""So far beyond a zone's eye a hand puts a tote's front. Ours."""

Happened = Literal["placed", "lifted", "filled", "laid", "taken", "swapped", "brought", "carried-off"]


@dataclass(frozen=True, slots=True)
class Packed:
    """One thing in a tote: a pack as it came out of a machine, or so many loose units that a hand has laid in."""

    id: str
    """`R1/12`: the twelfth pack of robot R1; `arm/S-1/3`: a gantry's; `hand/7`: what a hand laid in."""
    item: str | None
    """What really is in it."""
    lot: str
    expiry: str
    units: int | None = None
    """None: a full pack, unopened."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a tote, `at` loop time in seconds."""

    number: int
    at: float
    what: Happened
    tote: str
    place: str | None = None
    pack: str | None = None

    def told(self) -> dict[str, Any]:
        """For JSON, without what does not apply."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class Totes:
    """The totes of a house. `totes` is what lies in each, oldest first; a tote that was never touched is not in it."""

    def __init__(
        self, site: Site, robots: Mapping[str, Robot], gantries: Mapping[str, Gantry], belts: Belts, truth: TruthLog
    ) -> None:
        self.totes: dict[str, list[Packed]] = {}
        self.tables: dict[str, str] = {}
        """Which tote stands on the table of which loading place."""
        self.log: Log[Happening] = Log()
        self._robots, self._gantries, self._belts = robots, gantries, belts
        self.places: dict[str, LoadingPlace | PackingPlace] = {place.id: place for place in site.loading}
        self.places |= {place.id: place for place in site.packing}
        self._timers = Timers()
        self._laid = 0
        for place in site.loading:
            if place.robot is not None and place.robot in robots:
                robots[place.robot].steel.moves.watch(partial(self._came_out, place.id, place.robot, f"output:{place.output}"))
            elif place.gantry is not None and place.gantry in gantries:
                truth.watch(partial(self._tipped_out, place.id, place.gantry))

    # --- where they are

    def at(self, place: str) -> str | None:
        """The tote that stands at a place at this moment. Raises NotThere."""
        part = self._place(place)
        if part.zone is None:
            return self.tables.get(place)
        before = sorted(self._belts.belts[part.zone].before_eye)
        return self._belts.bodies[before[0]].code if before else None

    def where(self, tote: str) -> str:
        """Where a tote is: a place on whose table it stands, `belt:ZONE`, or `hand`. Raises NotThere."""
        self.contents(tote)
        table = next((place for place, there in self.tables.items() if there == tote), None)
        body = self._body(tote)
        return table or ("hand" if body is None else f"belt:{self._belts.where(body).belt.id}")

    def contents(self, tote: str) -> list[Packed]:
        """What lies in a tote. Raises NotThere."""
        if tote not in self.totes and self._body(tote) is None:
            raise NotThere("tote", f"tote {tote}", self.known())
        return self.totes.setdefault(tote, [])

    def known(self) -> list[str]:
        """Every tote that is here."""
        return sorted({*self.totes, *(body.code for body in self._belts.bodies.values())})

    def counted(self, tote: str, pack_of: Callable[[str], int]) -> dict[tuple[str, str, str], int]:
        """Units in a tote by item, lot and expiry; `pack_of` says the units in a full pack of an item. Raises NotThere."""
        units: dict[tuple[str, str, str], int] = {}
        for one in self.contents(tote):
            item = one.item or "?"
            key = item, one.lot, one.expiry
            units[key] = units.get(key, 0) + (pack_of(item) if one.units is None else one.units)
        return units

    # --- hands

    def place(self, tote: str, at: str, length: float = TOTE_MM, front: float | None = None) -> None:
        """A hand puts a tote at a place, an empty one where it was never seen; on a belt its front comes to `front` mm, a little
        beyond the eye where nothing is said. Raises CannotDo."""
        part = self._place(at)
        if tote in self.totes and (where := self.where(tote)) != "hand":
            raise CannotDo("tote", f"no hand holds tote {tote}: it is at {where}")
        if part.zone is not None:
            zone = self._belts.belts[part.zone]
            self._belts.put(tote, part.zone, length, tote, min(zone.eye_at + PAST_EYE_MM, zone.length) if front is None else front)
        elif at in self.tables:
            raise CannotDo("at", f"tote {self.tables[at]} stands there")
        else:
            self.tables[at] = tote
        self.totes.setdefault(tote, [])
        self._record("placed", tote, at)

    def lift(self, tote: str) -> str:
        """A hand takes a tote from where it is, with all that lies in it, and says where that was. Raises CannotDo."""
        where = self.where(tote)
        if where == "hand":
            raise CannotDo("tote", f"a hand holds tote {tote} already")
        body = self._body(tote)
        if body is not None:
            self.totes.setdefault(tote, [])
            self._belts.take(body)
        else:
            del self.tables[where]
        self._record("lifted", tote, where)
        return where

    def swap(self, one: str, other: str) -> None:
        """A hand puts each of two totes where the other is. Raises CannotDo where one is on the belts and the other is not."""
        here, there = self.where(one), self.where(other)
        bodies = self._body(one), self._body(other)
        if bodies[0] is not None and bodies[1] is not None:
            self._belts.swap(bodies[0], bodies[1])
        elif bodies != (None, None):
            raise CannotDo("other", f"{one} is at {here} and {other} at {there}")
        else:
            for tote, to in ((one, there), (other, here)):
                if to != "hand":
                    self.tables[to] = tote
        self._record("swapped", one, there)
        self._record("swapped", other, here)

    def lay(self, tote: str, item: str, lot: str, expiry: str, units: int) -> Packed:
        """A hand lays loose units in. Raises NotThere."""
        contents = self.contents(tote)
        self._laid += 1
        contents.append(Packed(f"hand/{self._laid}", item, lot, expiry, units))
        self._record("laid", tote, pack=contents[-1].id)
        return contents[-1]

    def lay_pack(self, tote: str, pack: str) -> Packed:
        """A hand lays in a pack that lies at an output or on the floor, or that it holds. Raises CannotDo."""
        contents = self.contents(tote)
        contents.append(self._picked_up(pack, tote))
        self._record("laid", tote, pack=pack)
        return contents[-1]

    def take(self, tote: str, pack: str) -> Packed:
        """A hand takes one thing out. Raises NotThere."""
        contents = self.contents(tote)
        found = next((one for one in contents if one.id == pack), None)
        if found is None:
            raise NotThere("pack", f"{pack} in tote {tote}", (one.id for one in contents))
        contents.remove(found)
        source, _, number = pack.partition("/")
        if source in self._robots and int(number) in self._robots[source].steel.where:
            self._robots[source].steel.move(int(number), "hand", "hand")
        self._record("taken", tote, pack=pack)
        return found

    def carry_off(self, tote: str) -> list[Packed]:
        """A tote leaves the house with what lies in it, which is told. Raises NotThere."""
        if self.where(tote) != "hand":
            self.lift(tote)
        self._record("carried-off", tote)
        return self.totes.pop(tote)

    def bring(self, tote: str, contents: Iterable[Packed]) -> None:
        """A courier brings a tote from another house, and a hand holds it. Raises CannotDo where it is here already."""
        if tote in self.known():
            raise CannotDo("tote", f"tote {tote} is here already, at {self.where(tote)}")
        self.totes[tote] = list(contents)
        self._record("brought", tote)

    def clear(self) -> None:
        """The end of a run."""
        self._timers.clear()
        self.log.clear()

    # --- machines

    def _came_out(self, place: str, robot: str, output: str, move: Move) -> None:
        """A pack reaches an output: into the tote there, and its place at the output is free again."""
        if move.reached != output or move.by != "belt" or move.pack is None or (tote := self.at(place)) is None:
            return
        machine = self._robots[robot]
        pack = machine.steel.packs[move.pack]
        machine.steel.move_out(move.pack, "belt", f"tote:{tote}")
        self._fill(tote, place, Packed(f"{robot}/{pack.number}", pack.article, pack.batch, pack.expiry))
        self._timers.after(0.0, machine.wake)  # once the robot itself has seen the pack fall

    def _tipped_out(self, place: str, gantry: str, edge: Edge) -> None:
        if edge.what != "handed-over" or edge.gantry != gantry or (tote := self.at(place)) is None:
            return
        pack = self._gantries[gantry].handed_over.pop()
        self._fill(tote, place, Packed(f"{gantry}/{pack.id}", pack.item, pack.lot, pack.expiry))

    def _fill(self, tote: str, place: str, pack: Packed) -> None:
        self.totes.setdefault(tote, []).append(pack)
        self._record("filled", tote, place, pack.id)

    # --- lookups

    def _picked_up(self, pack: str, tote: str) -> Packed:
        source, _, id = pack.partition("/")
        if source in self._gantries:
            lying = self._gantries[source].remove(id)
            return Packed(pack, lying.item, lying.lot, lying.expiry)
        steel = self._robots[source].steel if source in self._robots else None
        if steel is None or not id.isdecimal() or int(id) not in steel.where:
            raise NotThere("pack", f"pack {pack}", self._packs())
        where, known = steel.place(int(id)), steel.packs[int(id)]
        if where not in {"hand", "floor"} and not where.startswith(("output:", "reject:")):
            raise CannotDo("pack", f"pack {pack} is at {where}")
        if where in {"hand", "floor"}:
            steel.move(int(id), f"tote:{tote}", "hand")
        else:
            steel.move_out(int(id), "hand", f"tote:{tote}")
            self._robots[source].wake()
        return Packed(pack, known.article, known.batch, known.expiry)

    def _packs(self) -> Iterator[str]:
        """The packs that a hand can reach at a robot."""
        for id, robot in self._robots.items():
            yield from (f"{id}/{number}" for number, at in robot.steel.where.items() if at in {"hand", "floor"})

    def _place(self, id: str) -> LoadingPlace | PackingPlace:
        if id not in self.places:
            raise NotThere("at", f"loading or packing place {id}", self.places)
        return self.places[id]

    def _body(self, tote: str) -> str | None:
        """The container on the belts that bears this tote's code."""
        return next((body.id for body in self._belts.bodies.values() if body.code == tote), None)

    def _record(self, what: Happened, tote: str, place: str | None = None, pack: str | None = None) -> None:
        self.log.add(Happening(len(self.log.entries) + 1, now(), what, tote, place, pack))
