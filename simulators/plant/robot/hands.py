"""What people do at a robot: lay packs down, take them away, press buttons, open the door, clear a jam, start it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simulators.plant.pocket import CannotDo, NotThere
from simulators.plant.robot.book import Wanted
from simulators.plant.robot.intake import Intake
from simulators.plant.robot.orders import Line, Order
from simulators.plant.robot.pack import Pack
from simulators.plant.robot.rack import Place
from simulators.plant.robot.robot import Robot


class Hands:
    """The people at one robot."""

    def __init__(self, robot: Robot, press: Callable[[str], None]) -> None:
        self.robot = robot
        self._press = press
        self._ordered = 0

    def lay(self, belt: str, pack: Pack, delivery: str | None = None) -> Pack:
        """Lays a pack on an input; with a delivery number, empty where nobody knows it, it is new goods. Raises NotThere."""
        self.robot.inputs.announce(pack.number, delivery)
        self.robot.steel.lay_on(belt, pack)
        self.robot.handed.lain(belt)
        return pack

    def lay_again(self, belt: str, pack: int, delivery: str | None = None) -> None:
        """Lays a pack on an input that a hand holds, or that lies in a reject tray. Raises CannotDo."""
        steel = self.robot.steel
        where = steel.place(pack)
        if where != "hand" and not where.startswith("reject:"):
            raise CannotDo("pack", f"no hand holds pack {pack}: it is at {where}")
        self.lay(belt, steel.packs[pack], delivery)

    def enter(self, belt: str, *, expiry: str = "", batch: str = "", serial: str = "", insist: bool = False) -> Intake:
        """Adds at the screen what was missing. Raises CannotDo where nothing is asked."""
        return self.robot.inputs.enter(belt, expiry=expiry, batch=batch, serial=serial, insist=insist)

    def take(self, pack: int) -> str:
        """Takes a pack from where a hand can reach it, and says where that was. Raises CannotDo."""
        steel = self.robot.steel
        left = steel.place(pack)
        inside = isinstance(steel.where[pack], Place) or left == "gripper"
        if left == "hand" or (inside and not steel.door_open):
            raise CannotDo("pack", f"pack {pack} is in {'a hand' if left == 'hand' else left + ', behind the shut door'}")
        steel.move_out(pack)
        self.robot.wake()
        return left

    def take_all(self, output: str) -> list[int]:
        """Takes all that lies at an output. Raises NotThere."""
        steel = self.robot.steel
        if output not in steel.outputs:
            raise NotThere("output", f"output {output}", steel.outputs)
        lying = [pack for pack, where in steel.where.items() if where == f"output:{output}"] if steel.lying[output] else []
        for pack in lying:
            steel.move_out(pack)
        self.robot.wake()
        return lying

    def order(self, output: str, *, article: str = "", quantity: int = 1, pack: int = 0) -> str:
        """Orders at the robot's own screen, by article or by the robot's pack number. Raises CannotDo where it is rejected."""
        self._ordered += 1
        wanted = Wanted(article=article, quantity=quantity, pack=pack)
        order = Order(id=f"manual {self._ordered}", asked_by=0, output=output, lines=(Line(wanted),))
        refusal = self.robot.picker.order(order)
        if refusal:
            raise CannotDo("output", refusal)
        return order.id

    def press(self, output: str) -> None:
        """Presses the button at an output. Raises NotThere."""
        if output not in self.robot.steel.outputs:
            raise NotThere("output", f"output {output}", self.robot.steel.outputs)
        self.robot.steel.moves.record("pressed", "hand", reached=f"output:{output}")
        self._press(output)

    def reread(self) -> None:
        """Asks at the robot's own screen that it reads all of its packs: it does so when it has nothing else to do."""
        self.robot.inventory.begin()
        self.robot.wake()

    def put_in(self, pack: Pack) -> Pack:
        """Stands a pack into the rack, with the door open, where nobody but a hand knows of it. Raises CannotDo."""
        steel = self.robot.steel
        self._reaches(f"a pack of {pack.article}")
        place = steel.rack.keep(pack.width_mm, pack.height_mm, pack.depth_mm, cold=False)
        if place is None:
            raise CannotDo("pack", f"robot {self.robot.id} has no place for a pack of that size")
        steel.packs[pack.number] = pack
        steel.rack.put(place, pack.number)
        steel.move(pack.number, place, "hand")
        return pack

    def relabel(self, pack: int, scan_code: str, *, batch: str = "", serial: str = "", expiry: str = "") -> None:
        """Puts another label on a stored pack, with the door open: what is in it stays what it is. Raises CannotDo."""
        steel = self.robot.steel
        self._reaches(f"pack {pack}")
        steel.place(pack)
        steel.packs[pack] = replace(steel.packs[pack], scan_code=scan_code, batch=batch, serial=serial, expiry=expiry)

    def swap(self, one: int, other: int) -> None:
        """Puts each of two stored packs in the other's place, with the door open. Raises CannotDo."""
        self._reaches(f"packs {one} and {other}")
        self.robot.steel.swap(one, other, "hand")

    def _reaches(self, what: str) -> None:
        if not self.robot.steel.door_open:
            raise CannotDo("pack", f"no hand reaches {what}: the door of robot {self.robot.id} is shut")
