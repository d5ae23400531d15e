"""What stands in robots at the start: what the checker says of it, and that a house really holds it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from simulators.house import House
from sites.check import WARD, check
from tests.kit import virtual_loop
from tests.sites.files import FORMULARY, SITE, checked
from tests.sites.test_robots import ROBOT

WITH_PACKS = SITE.replace('stock = "stock.toml"', 'stock = "stock.toml"\npacks = "packs.toml"') + ROBOT
PACKS = """\
[[packs]]
robot = "R1"
item = "senna-8"
lot = "R1"
expiry = 2031-01-31
quantity = 4

[[packs]]
robot = "R1"
item = "senna-8"
lot = "R2"
expiry = 2031-01-31
quantity = 2
width_mm = 75
"""


def test_packs_of_a_robot_are_right(tmp_path: Path) -> None:
    report = checked(tmp_path, site=WITH_PACKS, packs=PACKS)
    assert report.site is not None, [str(finding) for finding in report.findings]
    assert [(row.item, row.lot, row.quantity, row.width_mm) for row in report.packs] == [
        ("senna-8", "R1", 4, 60), ("senna-8", "R2", 2, 75),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ('robot = "R1"', 'robot = "R7"', "packs[0].robot", "there is no robot of this name"),
        ('item = "senna-8"', 'item = "sena-8"', "packs[0].item", "there is no item of this name"),
        ('lot = "R2"', 'lot = "R1"', "packs[1].lot", "another row of this robot's lots"),
        ("quantity = 4", "quantity = 0", "packs[0].quantity", "cannot be used"),
        ("quantity = 4", "quantity = 4000", "packs[0].quantity", "with these, 4000 packs stand in a rack for 100"),
        ("quantity = 4", "quantity = 49", "packs[1].quantity", "with these, 51 packs stand in a rack for 50"),
        ("width_mm = 75", "width_mm = 170", "packs[1]", "fits into none of the robot's places of 150 x 100 x 300 mm"),
        ("width_mm = 75", "height_mm = 101", "packs[1]", "fits into none"),
        ("width_mm = 75", "depth_mm = 301", "packs[1]", "fits into none"),
    ],
)
def test_a_mistake_is_found(old: str, new: str, path: str, said: str, tmp_path: Path) -> None:
    assert old in PACKS
    report = checked(tmp_path, site=WITH_PACKS, packs=PACKS.replace(old, new, 1))
    assert [finding for finding in report.errors if finding.path == path and said in finding.message], report.findings


def test_what_must_be_cold_needs_a_fridge_and_a_real_site_asks_its_robots(tmp_path: Path) -> None:

    cold = FORMULARY.replace('unit = "tablet"', 'unit = "tablet"\nrefrigerated = true', 1)
    report = checked(tmp_path, site=WITH_PACKS, packs=PACKS, formulary=cold)
    assert "with these, 4 packs stand in a refrigerated part for 0" in [finding.message for finding in report.errors]
    report = checked(tmp_path, site=WITH_PACKS.replace("simulated = true", ""), packs=PACKS)
    assert "this file is not read" in next(one.message for one in report.warnings if one.path == "data.packs")


def test_the_shipped_pharmacy_is_right_and_its_robot_holds_what_the_file_says() -> None:
    report = check(WARD.parent / "robot.toml")
    assert report.findings == ()
    assert report.site is not None
    ward = check(WARD)
    stocked = {pocket.item for drawer in ward.site.drawers for pocket in drawer.pockets} if ward.site is not None else set()
    assert stocked - {None} <= {item.id for item in report.data.items}
    assert len(report.data.items) > 60
    assert {partner.id for partner in report.site.partners} == {"ward-4-east"}

    async def play() -> None:
        assert report.site is not None
        house = House(report.site, report.data.lots, report.packs, report.data.items)
        await asyncio.sleep(0)
        robot = house.robots["R1"].robot
        assert len(robot.book.packs) == len(robot.steel.rack) == sum(row.quantity for row in report.packs)
        lispro = next(held for held in robot.book.packs.values() if held.article == "insulin-lispro-300")
        assert lispro.in_fridge
        assert lispro.scan_code.startswith("0100399001155018")
        assert robot.book.articles["warfarin-5"].max_sub_items == 10
        house.clear()

    virtual_loop.run(play())
