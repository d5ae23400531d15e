"""A gantry as it really is: where the head is, what hangs at it, lies in its tray, on the shelf, on the floor, or was handed over.

Knows nothing of G-code. A board drives it, brakes it or lets go of its motors; positions are the frame's own, which a board
that has lost steps does not know. Slips after a motor was let go in full motion: half the way that braking takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from simulators.plant.motion import Motion, Point, line
from simulators.plant.pocket import CannotDo, NotThere
from simulators.plant.truth import Cause, TruthLog, What
from simulators.timers import Timer, Timers, now
from sites.data import StockLot
from sites.gantry import GrblGantry, ShelfPlace

SWITCH_MM, FRAME_MM = 1.0, 10.0
"""Beyond the travel: where a limit switch closes, and where the steel ends. Ours."""
TOUCH_MM = 1.5
"""How far from a pack's front the gripper still seals. Ours."""
SEAL_S = 0.15
"""Vacuum on at a pack until it hangs there. Ours."""
SLIP = 2.0
"""How much harder than braking friction alone stops a head whose motors were let go. Ours."""
AXES = "XYZ"


@dataclass(frozen=True, slots=True)
class Pack:
    """One package, told from every other by its id."""

    id: str
    item: str | None
    lot: str
    expiry: str


@dataclass(slots=True)
class GantryAils:
    """What is wrong with a gantry at the moment."""

    misses: int = 0
    """The next so many grips do not seal."""
    doubles: int = 0
    """The next so many grips bring the pack behind along."""
    drop_s: float | None = None
    """A pack falls so long after it was gripped."""
    vacuum_sensor: bool | None = None
    """Says this, whatever hangs there."""
    switches: dict[str, bool] = field(default_factory=dict)
    """By axis: its limit switch says this, wherever the head is."""
    door_open: bool = False


class Gantry:
    """One gantry over its shelf. `tripped` is told when a limit switch closes, with its axis' letter."""

    def __init__(self, part: GrblGantry, stock: Sequence[StockLot], truth: TruthLog) -> None:
        self.id, self.part, self.ails = part.id, part, GantryAils()
        self.shelf = {place.id: _packs(place, stock) for place in part.shelf}
        """Front pack first."""
        self._laid = {id: len(packs) for id, packs in self.shelf.items()}
        self.tray: list[list[Pack]] = [[] for _ in part.tray]
        self.held: list[Pack] = []
        self.floor: list[Pack] = []
        self.handed_over: list[Pack] = []
        self.vacuum = self.tipping = False
        self.tripped: Callable[[str], None] = lambda axis: None
        self.timers = Timers()
        self._truth = truth
        self._places = {place.id: place for place in part.shelf}
        # Nobody knows where a head stands that has not been homed: somewhere in the middle.
        self._at: Point = tuple((axis.low_mm + axis.high_mm) / 2 for axis in part.axes)  # type: ignore[assignment]
        self._motion: Motion | None = None
        self._coming: list[Timer] = []
        self._seal: Timer | None = None
        self._tip: Timer | None = None

    # --- the head

    @property
    def position(self) -> Point:
        """Where the gripper really is now."""
        return self._at if self._motion is None else self._motion.at(now())

    @property
    def speed(self) -> float:
        """In mm/s, along its line."""
        return 0.0 if self._motion is None else self._motion.speed(now())

    @property
    def moves(self) -> bool:
        """Whether it is in motion."""
        return self._motion is not None

    def drive(self, end: Point, feed: float | None, then: Callable[[], None]) -> None:
        """Runs from rest to `end`, or to where the steel ends, at most `feed` mm/s along the line; then calls `then`."""
        low = [axis.low_mm - FRAME_MM for axis in self.part.axes]
        high = [axis.high_mm + FRAME_MM for axis in self.part.axes]
        x, y, z = (min(max(to, a), b) for to, a, b in zip(end, low, high, strict=True))
        self._at, self._motion = self.position, None  # what still slipped is caught
        if (x, y, z) == self._at:
            self._end_timers()
            self._coming = [self.timers.after(0.0, then)]
            return
        speeds = [axis.speed_mm_s for axis in self.part.axes]
        accelerations = [axis.acceleration_mm_s2 for axis in self.part.axes]
        self._move(line(now(), self._at, (x, y, z), speeds, accelerations, feed), then)

    def brake(self, then: Callable[[], None]) -> None:
        """Slows down along its line, as its motors can; then calls `then`. At rest: at once."""
        if self._motion is None:
            then()
        else:
            self._move(self._motion.braked(now()), then)

    def let_go(self) -> Point:
        """The motors are without current or steps: it slips on. Gives how far it will have gone without being counted."""
        if self._motion is None:
            return 0.0, 0.0, 0.0
        slip = self._motion.braked(now(), SLIP)
        self._move(slip, lambda: None)
        x, y, z = (b - a for a, b in zip(slip.start, slip.end, strict=True))
        return x, y, z

    def pressed(self, axis: str) -> bool:
        """Whether an axis' limit switch is closed."""
        number = AXES.index(axis)
        part, at = self.part.axes[number], self.position[number]
        beyond = part.low_mm - at if part.homes == "low" else at - part.high_mm
        return self.ails.switches.get(axis, beyond >= SWITCH_MM)

    def _move(self, motion: Motion, then: Callable[[], None]) -> None:
        self._end_timers()
        self._motion = motion
        self._coming = [self.timers.at(motion.over, lambda: self._rested(then))]
        self._record("moving", "gantry")
        for number, (axis, part) in enumerate(zip(AXES, self.part.axes, strict=True)):
            switch = part.low_mm - SWITCH_MM if part.homes == "low" else part.high_mm + SWITCH_MM
            begin, end = motion.start[number], motion.end[number]
            towards = begin > switch >= end if part.homes == "low" else begin < switch <= end
            if towards and axis not in self.ails.switches:
                at = motion.when(motion.length * (switch - begin) / (end - begin))
                self._coming.append(self.timers.at(at, lambda axis=axis: self.tripped(axis)))  # type: ignore[misc]

    def _end_timers(self) -> None:
        for timer in self._coming:
            self.timers.drop(timer)

    def _rested(self, then: Callable[[], None]) -> None:
        assert self._motion is not None  # noqa: S101 - for the types; only a motion ends so
        self._at, self._motion = self._motion.end, None
        self._record("rested", "gantry")
        self._touch()
        then()

    # --- the gripper

    @property
    def sensed(self) -> bool:
        """What the vacuum sensor says."""
        return bool(self.held) if self.ails.vacuum_sensor is None else self.ails.vacuum_sensor

    def suck(self, on: bool) -> None:
        """Vacuum on or off. Off, what hangs there falls: into the tray place below, back onto the shelf, or down."""
        self.vacuum = on
        if on:
            self._touch()
            return
        self.timers.drop(self._seal)
        for pack in self.held:
            self._let_fall(pack)
        self.held = []

    def before(self) -> ShelfPlace | None:
        """The shelf place at whose front the gripper stands."""
        at = self.position
        touching = (
            place
            for place in self._places.values()
            if all(abs(a - b) <= TOUCH_MM for a, b in zip(at, (place.x_mm, place.y_mm, place.z_mm), strict=True))
        )
        return next(touching, None)

    def _touch(self) -> None:
        """A gripper with vacuum that rests at a pack seals after a while."""
        self.timers.drop(self._seal)
        if self.vacuum and not self.held and self._motion is None and self.before() is not None:
            self._seal = self.timers.after(SEAL_S, self._sealed)

    def _sealed(self) -> None:
        place = self.before()
        if place is None or self._motion is not None or not self.shelf[place.id]:
            return
        if self.ails.misses:
            self.ails.misses -= 1
            return
        packs = self.shelf[place.id]
        many = 2 if self.ails.doubles and len(packs) > 1 else 1
        self.ails.doubles -= bool(self.ails.doubles)
        self.held, self.shelf[place.id] = packs[:many], packs[many:]
        for pack in self.held:
            self._record("gripped", "gantry", pack=pack.id, place=place.id)
        if self.ails.drop_s is not None:
            self.timers.after(self.ails.drop_s, self._drop)

    def _drop(self) -> None:
        for pack in self.held:
            self.floor.append(pack)
            self._record("dropped", "fault", pack=pack.id)
        self.held = []

    def _let_fall(self, pack: Pack) -> None:
        """Packs that hang together fall together; a tray place that holds one already takes no other."""
        number = next((n for n, place in enumerate(self.part.tray) if abs(self.position[2] - place.z_mm) <= TOUCH_MM), None)
        front = self.before()
        if number is not None and self._motion is None and len(self.tray[number]) < len(self.held):
            self.tray[number].append(pack)
            self._record("laid", "gantry", pack=pack.id, place=f"tray {number + 1}")
        elif front is not None and self._motion is None:
            self.shelf[front.id].insert(0, pack)
            self._record("put", "gantry", pack=pack.id, place=front.id)
        else:
            self.floor.append(pack)
            self._record("dropped", "gantry", pack=pack.id)

    # --- the tray

    def tip(self, on: bool) -> None:
        """The tray tips (over nearly all of its time) or levels at once."""
        self.tipping = on
        self.timers.drop(self._tip)
        self._tip = self.timers.after(0.9 * self.part.tip_ms / 1000, self._emptied) if on else None

    def _emptied(self) -> None:
        over = self.part.hand_over
        there = all(abs(a - b) <= TOUCH_MM for a, b in zip(self.position[:2], (over.x_mm, over.y_mm), strict=True))
        for pack in (pack for place in self.tray for pack in place):
            (self.handed_over if there else self.floor).append(pack)
            self._record("handed-over" if there else "dropped", "gantry", pack=pack.id)
        self.tray = [[] for _ in self.tray]

    # --- people

    def remove(self, pack: str) -> Pack:
        """A hand takes a pack from wherever it is. Raises CannotDo where there is none of this id."""
        for lying in (self.held, self.floor, self.handed_over, *self.tray, *self.shelf.values()):
            for one in lying:
                if one.id == pack:
                    lying.remove(one)
                    self._record("taken", "hand", pack=pack)
                    return one
        raise NotThere("pack", f"pack {pack} at gantry {self.id}", [])

    def lay(self, place: str, lot: str, expiry: str, quantity: int) -> list[Pack]:
        """A hand lays packs of one lot behind those of a shelf place. Raises CannotDo."""
        if place not in self.shelf:
            raise NotThere("place", f"place {place} at gantry {self.id}", self.shelf)
        part, lying = self._places[place], self.shelf[place]
        if len(lying) + quantity > part.capacity:
            raise CannotDo("quantity", f"place {place} holds {part.capacity} packs, and {len(lying)} lie there")
        packs = []
        for _ in range(quantity):
            self._laid[place] += 1
            packs.append(Pack(f"{place}/{self._laid[place]}", part.item, lot, expiry))
            self._record("put", "hand", pack=packs[-1].id, place=place)
        lying.extend(packs)
        return packs

    def told(self) -> dict[str, Any]:
        """The truth for JSON."""
        where = {"held": self.held, "floor": self.floor, "handed_over": self.handed_over}
        return {
            "position": [round(axis, 3) for axis in self.position],
            "moves": self.moves,
            "vacuum": self.vacuum,
            "door_open": self.ails.door_open,
            **{name: [asdict(pack) for pack in packs] for name, packs in where.items()},
            "tray": [[asdict(pack) for pack in packs] for packs in self.tray],
            "shelf": {id: [asdict(pack) for pack in packs] for id, packs in self.shelf.items()},
        }

    def clear(self) -> None:
        """The end of a run: nothing more happens by itself."""
        self.timers.clear()

    def _record(self, what: What, cause: Cause, **more: Any) -> None:
        self._truth.record(what, "", cause, gantry=self.id, **more)


def _packs(place: ShelfPlace, stock: Sequence[StockLot]) -> list[Pack]:
    """What lies there at the start; the lots are counted on."""
    lying: list[Pack] = []
    for lot in (lot for lot in stock if lot.pocket == place.id):
        for _ in range(lot.quantity):
            lying.append(Pack(f"{place.id}/{len(lying) + 1}", place.item, lot.lot, lot.expiry.isoformat()))
    return lying
