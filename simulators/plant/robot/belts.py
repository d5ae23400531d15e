"""What moves packs in a robot without its gripper: belts in and out, boxes and hands. Here every pack has its place.

`where` is the truth: of every pack that ever was in reach of this robot, the place where it is at this instant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simulators.plant.pocket import CannotDo, NotThere
from simulators.plant.robot.make import InputPoint, Make, OutputPoint
from simulators.plant.robot.motion import Motion
from simulators.plant.robot.moves import Mover, Moves
from simulators.plant.robot.pack import Pack
from simulators.plant.robot.rack import Place, Rack

GRIPPER = "gripper"


@dataclass(slots=True)
class Ails:
    """What is wrong at the moment."""

    slips: int = 0
    """So many of the next grips fail: the pack stays where it is."""
    mismeasures: int = 0
    """So many of the next packs on an input are measured wrongly."""
    label_fails: bool = False
    slow: float = 1.0
    """Every trip takes so many times its time."""
    components: dict[str, str] = field(default_factory=dict)
    """Component that is down, and why."""
    outputs: dict[str, str] = field(default_factory=dict)
    """Output whose belt is out of order, and the output that takes its packs; empty where none does."""
    stock_first: bool = False
    """A stock message overtakes the output message of the same pack."""


@dataclass(slots=True)
class Box:
    """A box under an output."""

    number: str
    packs: list[int] = field(default_factory=list)


class Belts:
    """Belts and the places they lead to. Places are written `rack:…`, `gripper`, `input:ID`, `reject:ID`, `belt:ID` (towards an
    output), `output:ID`, `box:NUMBER`, `tote:ID`, `hand` (outside) and `floor`."""

    def __init__(self, id: str, make: Make) -> None:
        self.id, self.make = id, make
        self.ails = Ails()
        self.moves = Moves(id)
        self.inputs: dict[str, InputPoint] = {point.id: point for point in make.inputs}
        self.outputs: dict[str, OutputPoint] = {point.id: point for point in make.outputs}
        self.rack = Rack(make.geometry, make.axes, make.inputs[0].spot)
        self.packs: dict[int, Pack] = {}
        self.where: dict[int, Place | str] = {}
        self.gripper: int | None = None
        self.at_scanner: dict[str, int] = {}
        """The pack at the end of an input's belt, or on its way there."""
        self.queued: dict[str, list[int]] = {id: [] for id in self.inputs}
        self.lying: dict[str, int] = dict.fromkeys(self.outputs, 0)
        """Packs at an output or on its belt; those in a box do not count."""
        self.boxes: dict[str, Box] = {}
        self.lamps: dict[str, str] = dict.fromkeys(self.outputs, "Off")
        self.on_scanned: Callable[[str, Pack], None] = lambda belt, pack: None
        self.on_arrived: Callable[[str], None] = lambda output: None
        self.on_missed: Callable[[str], None] = lambda output: None
        self.on_room: Callable[[], None] = lambda: None
        self.belts = Motion()

    def place(self, pack: int) -> str:
        """Where a pack is, in words. Raises NotThere."""
        if pack not in self.where:
            raise NotThere("pack", f"pack {pack}", map(str, self.where))
        where = self.where[pack]
        return where if isinstance(where, str) else self.rack.name(where)

    def room(self, output: str) -> bool:
        """Whether one more pack has room at this output now."""
        point = self.outputs[output]
        if point.boxes:
            box = self.boxes.get(output)
            return box is not None and len(box.packs) + self.lying[output] < point.box_capacity
        return self.lying[output] < point.capacity

    def send_out(self, pack: int, output: str) -> None:
        """A pack has been laid on the belt to an output."""
        self.lying[output] += 1
        self.move(pack, f"belt:{output}", "gripper")
        self.belts.after(self.make.belt_s, lambda: self._arrive(pack, output))

    def _arrive(self, pack: int, output: str) -> None:
        if self.where.get(pack) != f"belt:{output}":
            self.on_missed(output)  # a hand took it off the belt
            return
        box = self.boxes.get(output)
        if box is not None:
            box.packs.append(pack)
            self.lying[output] -= 1
        self.move(pack, f"output:{output}" if box is None else f"box:{box.number}", "belt")
        self.on_arrived(output)
        cleared_s = self.outputs[output].cleared_s
        if cleared_s is not None and box is None:
            self.belts.after(cleared_s, lambda: self._clear_away(pack, output))

    def _clear_away(self, pack: int, output: str) -> None:
        if self.where[pack] == f"output:{output}":
            self.move_out(pack)
            self.on_room()

    def place_box(self, output: str, number: str) -> None:
        """The box conveyor has put this box under the output."""
        self.boxes[output] = Box(number)
        self.moves.record("box_placed", "box", reached=f"output:{output}", why=number)

    def take_box(self, output: str) -> None:
        """The box conveyor takes the box away, with what is in it."""
        box = self.boxes.pop(output)
        self.moves.record("box_taken", "box", left=f"output:{output}", why=box.number)

    def lay_on(self, belt: str, pack: Pack) -> None:
        """A hand lays a pack on an input's belt. Raises NotThere."""
        if belt not in self.inputs:
            raise NotThere("input", f"input {belt}", self.inputs)
        self.packs[pack.number] = pack
        self.move(pack.number, f"input:{belt}", "hand")
        self.queued[belt].append(pack.number)
        if self.inputs[belt].starts == "itself":
            self.draw_in(belt)

    def draw_in(self, belt: str) -> None:
        """The belt draws the next pack to its scanner, if one lies there and the scanner is free."""
        if self.queued[belt] and belt not in self.at_scanner:
            pack = self.queued[belt].pop(0)
            self.at_scanner[belt] = pack
            self.belts.after(self.inputs[belt].belt_s, lambda: self._scan(belt, pack))

    def next_in(self, belt: str) -> None:
        """The scanner is free again."""
        if self.inputs[belt].starts == "itself":
            self.draw_in(belt)

    def _scan(self, belt: str, pack: int) -> None:
        if self.at_scanner.get(belt) == pack:
            self.on_scanned(belt, self.packs[pack])

    def reject(self, belt: str) -> None:
        """The belt gives back what lies under its scanner."""
        pack = self.at_scanner.pop(belt, None)
        if pack is not None:
            self.move(pack, f"reject:{belt}", "belt")
        self.next_in(belt)

    def move(self, pack: int, to: Place | str, by: Mover) -> None:
        """A pack is somewhere else now; the log says so."""
        left = self.place(pack) if pack in self.where else None
        self.where[pack] = to
        self.moves.record("moved", by, pack=pack, left=left, reached=self.place(pack))

    def swap(self, one: int, other: int, by: Mover) -> None:
        """Each of two stored packs stands in the other's place now. Raises CannotDo for packs that are not in the rack."""
        here, there = (self.where.get(pack) for pack in (one, other))
        if not isinstance(here, Place) or not isinstance(there, Place):
            raise CannotDo("pack", f"packs {one} and {other} are not both in the rack")
        for pack, place in ((other, here), (one, there)):
            self.rack.put(place, pack)
            self.move(pack, place, by)

    def move_out(self, pack: int, by: Mover = "hand", to: str = "hand") -> None:
        """A pack leaves the machine from wherever it is."""
        where = self.where[pack]
        if isinstance(where, Place):
            self.rack.take(where)
        elif where == GRIPPER:
            self.gripper = None
        elif where.startswith(("output:", "belt:")):
            self.lying[where.partition(":")[2]] -= 1
        elif where.startswith("box:"):
            for box in self.boxes.values():
                if pack in box.packs:
                    box.packs.remove(pack)
        else:
            for lying in self.queued.values():
                if pack in lying:
                    lying.remove(pack)
            for belt in [belt for belt, there in self.at_scanner.items() if there == pack]:
                del self.at_scanner[belt]
                self.next_in(belt)
        self.move(pack, to, by)
