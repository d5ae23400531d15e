"""Totes on belts, the whole way: a station in virtual time, its drivers, real bytes, simulated modules, gates and totes."""

from __future__ import annotations

from tests.kit.line import GANTRY, PACKING, ROBOT, Works, at_the_line


def test_a_tote_goes_from_the_robot_to_the_gantry_and_to_packing() -> None:
    async def tale(works: Works) -> None:
        await works.put("T-1")
        assert await works.send("T-1", ROBOT, GANTRY) == "released"
        await works.arrived("T-1", GANTRY)
        assert works.where("T-1") == "G"
        assert await works.send("T-1", GANTRY, PACKING) == "released"
        await works.arrived("T-1", PACKING)
        assert works.where("T-1") == "P"
        assert not works.said("late", "lost", "out_of_order", "surplus", "jam", "uncertain", "strayed", "skipped", "late_decision")

    at_the_line(tale)
