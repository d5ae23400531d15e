"""A simulated robot from its part of the site file: the rack it was given, its belts and outputs, and its device numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulators.boards.wwks2.dialogs import robot_station
from simulators.boards.wwks2.manners import Numbers
from simulators.boards.wwks2.station import Wwks2Station
from simulators.plant.robot.axes import Axes, Axis
from simulators.plant.robot.make import InputPoint, Make, OutputPoint
from simulators.plant.robot.pack import Article
from simulators.plant.robot.rack import Geometry
from simulators.plant.robot.robot import Robot
from sites.data import Item
from sites.packs import RackPacks
from sites.robots import RobotRack, Wwks2Robot


def station_of(part: Wwks2Robot) -> Wwks2Station:
    """The robot and its end of the wire. Places are called by the numbers that orders use, belts by their names."""
    station = robot_station(part.id, Robot(part.id, make_of(part)), Numbers(robot=part.number))
    station.manners.writes_packing_unit = part.packing_unit
    return station


def stand_in(robot: Robot, packs: Iterable[RackPacks], items: Mapping[str, Item], part: Wwks2Robot | None = None) -> None:
    """Puts the packs of this robot into its rack and its book, as somebody who fed them in has left them.

    Their bar codes say GTIN, expiry and lot (GS1 AI 01, 17, 10) where the formulary knows a GTIN, else the item's name. They
    are of the tenant and the stock location that the site's robot `part` names.
    """
    for row in packs:
        if row.robot != robot.id:
            continue
        item = items.get(row.item)
        article, code, cold = Article(row.item), row.item, False
        if item is not None:
            article = Article(
                row.item,
                item.name,
                item.form,
                item.unit,
                max_sub_items=item.pack,
                requires_fridge=item.refrigerated,
            )
            cold = item.refrigerated
            code = f"01{item.gtins[0]}17{row.expiry:%y%m%d}10{row.lot}" if item.gtins else row.item
        for _ in range(row.quantity):
            held = robot.hold(
                article,
                code,
                cold=cold,
                batch=row.lot,
                expiry=row.expiry.isoformat(),
                width_mm=row.width_mm,
                height_mm=row.height_mm,
                depth_mm=row.depth_mm,
            )
            if part is not None:
                held.tenant, held.stock_location = part.tenant, part.stock_location


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
        rereads_s=rack.rereads_hours * 3600.0,
        tidy_after_s=rack.tidy_after_s,
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
