"""The steel of a robot: one gripper on two axes, what stops it, a door. It moves real packs and knows nothing of any book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from simulators.plant.pocket import CannotDo, NotThere
from simulators.plant.robot.axes import Spot
from simulators.plant.robot.belts import GRIPPER, Belts
from simulators.plant.robot.make import Make
from simulators.plant.robot.rack import Place
from simulators.timers import Timers, now

Felt = Literal["done", "nothing there", "slipped", "stopped"]
"""How a trip ended, as the gripper feels it."""


class Source(NamedTuple):
    """Where a trip begins: a place of the rack, the end of an input's belt, or the gripper itself (both None)."""

    place: Place | None = None
    input: str | None = None


class Target(NamedTuple):
    """Where a trip ends: a place of the rack or an output's belt. Both None: the reject tray of the first input."""

    place: Place | None = None
    output: str | None = None


class Trip(NamedTuple):
    """One way of the gripper, as a drawing needs it: from where to where, when it began, how many seconds it takes."""

    start: tuple[float, float]
    end: tuple[float, float]
    began: float
    seconds: float

    def at(self, moment: float) -> tuple[float, float]:
        """Where it is then."""
        gone = min(1.0, (moment - self.began) / self.seconds) if self.seconds else 1.0
        x, z = (a + (b - a) * gone for a, b in zip(self.start, self.end, strict=True))
        return x, z


class Steel(Belts):
    """The machine. What it does with a pack it does by `carry`, one trip at a time."""

    def __init__(self, id: str, make: Make) -> None:
        super().__init__(id, make)
        self.stopped = ""
        """Why it stands still; empty while it runs."""
        self.jammed = ""
        """What holds a jammed pack: `gripper` or an output's belt. Until a hand has cleared it."""
        self.door_open = False
        self.busy = False
        self.on_stopped: Callable[[], None] = lambda: None
        self.on_running: Callable[[], None] = lambda: None
        self._arm = Timers()
        self._spot, self._side = make.inputs[0].spot, 0
        self._felt: Callable[[Felt], None] = lambda felt: None
        self._trip = Trip(self._spot, self._spot, 0.0, 0.0)

    @property
    def spot(self) -> tuple[float, float]:
        """Where the gripper is, in mm along the rack and up. Between the ends of a trip as if it went straight and evenly."""
        return self._trip.at(now())

    def clear(self) -> None:
        """The end of a run."""
        self._arm.clear()
        self.belts.clear()
        self.moves.clear()

    # --- the gripper

    def carry(self, source: Source, target: Target, felt: Callable[[Felt], None]) -> None:
        """One trip; `felt` is called at its end, once. Never while `busy` or stopped."""
        self.busy, self._felt = True, felt
        if source == Source():
            self._deliver(target)
            return
        self._arm.after(self._travel_s(self._from(source)) + self.make.grip_s, lambda: self._grip(source, target))

    def look(self, place: Place, felt: Callable[[Felt], None]) -> None:
        """A trip that moves no pack: the gripper's camera reads what stands at a place. Never while `busy` or stopped."""
        self.busy, self._felt = True, felt
        self._arm.after(self._travel_s(self._from(Source(place=place))) + self.make.look_s, lambda: self._end("done"))

    def _grip(self, source: Source, target: Target) -> None:
        place = None if source.place is None else self.rack.reached(source.place)
        pack = self.at_scanner.get(source.input or "") if place is None else self.rack.at(place)
        if pack is None:
            self._end("nothing there")
        elif self.ails.slips:
            self.ails.slips -= 1
            self.moves.record("slipped", "gripper", pack=pack)
            self._end("slipped")
        else:
            if place is not None:
                self.rack.take(place)
            else:
                del self.at_scanner[source.input or ""]
            self.gripper = pack
            self.move(pack, GRIPPER, "gripper")
            if source.input is not None:
                self.next_in(source.input)
            self._deliver(target)

    def _deliver(self, target: Target) -> None:
        if target.place is not None:
            there, side = self.rack.spot(target.place), self.rack.side(target.place)
        else:
            there, side = self.outputs[target.output].spot if target.output else self.make.inputs[0].spot, 0
        self._arm.after(self._travel_s((there, side)) + self.make.release_s, lambda: self._release(target))

    def _release(self, target: Target) -> None:
        pack, self.gripper = self.gripper, None
        assert pack is not None  # noqa: S101 - for the types; nobody reaches in while it runs
        if target.place is not None:
            self.rack.put(target.place, pack)
            self.move(pack, target.place, "gripper")
        elif target.output is not None:
            self.send_out(pack, target.output)
        else:
            self.move(pack, f"reject:{self.make.inputs[0].id}", "gripper")
        self._end("done")

    def _end(self, felt: Felt) -> None:
        self.busy = False
        self._felt(felt)

    def _from(self, source: Source) -> tuple[Spot, int]:
        if source.place is not None:
            return self.rack.spot(source.place), self.rack.side(source.place)
        return self.inputs[source.input or ""].spot, 0

    def _travel_s(self, there: tuple[Spot, int]) -> float:
        """Moves the gripper's spot, and says how long that takes: travel, and a turn to the facing front."""
        seconds = self.make.axes.seconds(self._spot, there[0]) + (self.make.turn_s if there[1] != self._side else 0.0)
        self._trip = Trip(self._spot, there[0], now(), seconds * self.ails.slow)
        self._spot, self._side = there
        return seconds * self.ails.slow

    # --- stops

    def stop(self, why: str) -> None:
        """Everything stands still where it is."""
        if self.stopped:
            return
        self.stopped = why
        self.moves.record("stopped", "robot", why=why)
        self._arm.clear()
        self._trip = Trip(self.spot, self.spot, 0.0, 0.0)
        self.belts.halt()
        if self.busy:
            self._end("stopped")
        self.on_stopped()

    def jam(self, at: str) -> None:
        """Something is stuck: in the gripper, or on an output's belt. Raises NotThere."""
        if at != GRIPPER and at not in self.outputs:
            raise NotThere("at", f"gripper or output {at}", [GRIPPER, *self.outputs])
        self.jammed = at
        self.stop(f"jam at {at}")

    def open_door(self) -> None:
        """The interlock stops the machine."""
        if not self.door_open:
            self.door_open = True
            self.moves.record("door_opened", "hand")
            self.stop("door open")

    def shut_door(self) -> None:
        """Nothing moves because of it."""
        if self.door_open:
            self.door_open = False
            self.moves.record("door_shut", "hand")

    def unjam(self, *, take: bool) -> list[int]:
        """A hand clears the jam; with `take` it takes the packs out that were touched. Raises CannotDo with a shut door."""
        if not self.door_open:
            raise CannotDo("door", f"the door of robot {self.id} is shut")
        at, self.jammed = self.jammed, ""
        touched = self.touched(at) if take else []
        for pack in touched:
            self.move_out(pack)
        return touched

    def touched(self, at: str) -> list[int]:
        """The packs that a jam there, or an empty name any stop, may have touched: in the gripper, or on that belt."""
        if at and at != GRIPPER:
            return [pack for pack, where in self.where.items() if where == f"belt:{at}"]
        return [] if self.gripper is None else [self.gripper]

    @property
    def forbidden(self) -> str:
        """Why it may not start now; empty where nothing forbids it."""
        if self.door_open:
            return "the door is open"
        return f"jam at {self.jammed}" if self.jammed else self.ails.components.get("storage", "")

    def resume(self) -> None:
        """Somebody presses start: homing, a look into the gripper, and on. Raises CannotDo while it may not."""
        if why := self.forbidden or ("" if self.stopped else "it runs"):
            raise CannotDo("robot", f"robot {self.id} cannot be started: {why}")
        self._arm.clear()
        self._arm.after(self.make.homing_s, self._run)

    def _run(self) -> None:
        if self.forbidden:
            return
        self.stopped = ""
        self._spot, self._side = self.make.inputs[0].spot, 0
        self._trip = Trip(self._spot, self._spot, 0.0, 0.0)
        self.moves.record("running", "robot")
        self.belts.go()
        self.on_running()
