"""What hands may be asked to do at a robot over the control API, each with its bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulators.bodies import Body, Expiry, LotNumber, Name

Code = Annotated[str, Field(min_length=1, max_length=400)]
Size = Annotated[int, Field(ge=1, le=2000)]
PackNumber = Annotated[int, Field(ge=1)]


class Lay(Body):
    """Lays a new pack on an input. With a delivery number, empty where it has none, it is new goods, else a return."""

    do: Literal["lay"]
    input: Name
    article: Annotated[str, Field(min_length=1, max_length=64)]
    """What really is in it."""
    scan_code: Code
    batch: LotNumber | Literal[""] = ""
    serial: LotNumber | Literal[""] = ""
    expiry: Expiry | Literal[""] = ""
    width_mm: Size = 60
    height_mm: Size = 40
    depth_mm: Size = 110
    shape: Literal["Cuboid", "Cylinder"] = "Cuboid"
    delivery: Annotated[str, Field(max_length=64)] | None = None


class LayAgain(Body):
    """Lays a pack on an input that a hand holds."""

    do: Literal["lay-again"]
    input: Name
    pack: PackNumber
    delivery: Annotated[str, Field(max_length=64)] | None = None


class Enter(Body):
    """Adds at the robot's screen what an input lacks, or insists where the picking mark is missing."""

    do: Literal["enter"]
    input: Name
    expiry: Expiry | Literal[""] = ""
    batch: LotNumber | Literal[""] = ""
    serial: LotNumber | Literal[""] = ""
    insist: bool = False


class TakePack(Body):
    """Takes one pack from where a hand can reach it: what is behind the door only while it is open."""

    do: Literal["take"]
    pack: PackNumber


class TakeAll(Body):
    """Takes all that lies at an output."""

    do: Literal["take-all"]
    output: Name


class ManualOutput(Body):
    """Orders at the robot's own screen: some packs of an article, or one by the robot's own number."""

    do: Literal["order"]
    output: Name
    article: Annotated[str, Field(max_length=64)] = ""
    quantity: Annotated[int, Field(ge=1, le=1000)] = 1
    pack_id: int = 0


class PressButton(Body):
    """Presses the button at an output."""

    do: Literal["press"]
    output: Name


class Door(Body):
    """Opens the door, which stops the machine, or shuts it, which starts nothing."""

    do: Literal["open-door", "shut-door"]


class Clear(Body):
    """Clears a jam, with the door open; with `take` what was touched is taken out."""

    do: Literal["clear"]
    take: bool = True


class Start(Body):
    """Presses start: it homes, looks into its gripper, and goes on."""

    do: Literal["start"]


class SwapPacks(Body):
    """Puts each of two stored packs in the other's place, with the door open."""

    do: Literal["swap"]
    pack: PackNumber
    other: PackNumber


class PutIn(Body):
    """Stands a new pack into the rack, with the door open; the robot's book does not know of it."""

    do: Literal["put-in"]
    article: Annotated[str, Field(min_length=1, max_length=64)]
    """What really is in it."""
    scan_code: Code
    batch: LotNumber | Literal[""] = ""
    serial: LotNumber | Literal[""] = ""
    expiry: Expiry | Literal[""] = ""
    width_mm: Size = 60
    height_mm: Size = 40
    depth_mm: Size = 110


class Relabel(Body):
    """Puts another label on a stored pack, with the door open; what is in it stays what it is."""

    do: Literal["relabel"]
    pack: PackNumber
    scan_code: Code
    batch: LotNumber | Literal[""] = ""
    serial: LotNumber | Literal[""] = ""
    expiry: Expiry | Literal[""] = ""


class Reread(Body):
    """Asks at the robot's own screen that it reads all of its packs, which it does when it has nothing else to do."""

    do: Literal["reread"]


InsideAct = Door | Clear | Start | SwapPacks | PutIn | Relabel | Reread
"""What is done at the machine itself, and not at its belts and outputs."""
RobotAct = Annotated[
    Lay | LayAgain | Enter | TakePack | TakeAll | ManualOutput | PressButton | InsideAct,
    Field(discriminator="do"),
]


class Stored(Body):
    """Packs that a person has put into the rack and booked, before the run. One place each; `numbers` are the plant's."""

    article: Annotated[str, Field(min_length=1, max_length=64)]
    name: Annotated[str, Field(max_length=120)] = ""
    scan_code: Code
    batch: LotNumber | Literal[""] = ""
    serial: LotNumber | Literal[""] = ""
    expiry: Expiry | Literal[""] = ""
    width_mm: Size = 60
    height_mm: Size = 40
    depth_mm: Size = 110
    cold: bool = False
    count: Annotated[int, Field(ge=1, le=10_000)] = 1
