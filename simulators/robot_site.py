"""A simulated robot from its part of the site file: the rack it was given, its belts and outputs, and its device numbers."""

from __future__ import annotations

from simulators.boards.wwks2.dialogs import robot_station
from simulators.boards.wwks2.manners import Numbers
from simulators.boards.wwks2.station import Wwks2Station
from simulators.plant.robot.axes import Axes, Axis
from simulators.plant.robot.make import InputPoint, Make, OutputPoint
from simulators.plant.robot.rack import Geometry
from simulators.plant.robot.robot import Robot
from sites.robots import RobotRack, Wwks2Robot


def station_of(part: Wwks2Robot) -> Wwks2Station:
    """The robot and its end of the wire. Places are called by the numbers that orders use, belts by their names."""
    station = robot_station(part.id, Robot(part.id, make_of(part)), Numbers(robot=part.number))
    station.manners.writes_packing_unit = part.packing_unit
    return station


def make_of(part: Wwks2Robot) -> Make:
    """How it is built. Belts and outputs are all at the rack's corner."""
    rack = part.rack
    belts = tuple(
        InputPoint(belt.id, starts=belt.starts, name=belt.id, number=number, belt_s=belt.length_mm / belt.speed_mm_per_s)
        for number, belt in enumerate(part.belts, start=1)
    )
    outputs = {
        str(output.number): OutputPoint(
            str(output.number),
            capacity=output.holds,
            boxes=output.box_holds is not None,
            box_capacity=output.box_holds or 1,
        )
        for output in part.outputs
    }
    return Make(
        geometry=geometry_of(rack),
        axes=Axes(
            Axis(rack.x_speed_mm_per_s, rack.x_acceleration_mm_per_s2), Axis(rack.y_speed_mm_per_s, rack.y_acceleration_mm_per_s2)
        ),
        inputs=belts or (InputPoint("1", number=1),),
        outputs=tuple(outputs.values()),
        grip_s=rack.grip_ms / 1000,
        release_s=rack.grip_ms / 1000,
    )


def geometry_of(rack: RobotRack) -> Geometry:
    """Its measures."""
    return Geometry(
        sides=1,
        columns=rack.columns,
        shelves=rack.shelves,
        bay_width_mm=rack.place_width_mm,
        bay_height_mm=rack.place_height_mm,
        bay_depth_mm=rack.place_depth_mm,
        packs_deep=rack.packs_deep,
        cold_columns=rack.refrigerated_columns,
    )
