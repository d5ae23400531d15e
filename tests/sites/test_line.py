"""Belts that lead to places: the layout that the tests run on is right, and each mistake that tracking could not bear is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sites.files import SITE, checked
from tests.sites.test_robots import ROBOT

LAYOUT = (Path(__file__).parents[1] / "kit" / "line.toml").read_text().replace('gantry = "arm"', 'robot = "R1"\noutput = 2')


def test_the_layout_is_right(tmp_path: Path) -> None:
    report = checked(tmp_path, site=SITE + ROBOT + LAYOUT)
    assert report.findings == (), [str(finding) for finding in report.findings]


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ('zone = "P"\nat_mm = 300', 'zone = "H"\nat_mm = 300', "packing[0].zone", "nothing reads what arrives in zone P"),
        ('zone = "G"\nat_mm = 300', 'zone = "H"\nat_mm = 300', "loading[1].zone", "nothing reads what arrives in zone G"),
        ('zone = "P"\nat_mm = 300', 'zone = "P"\nat_mm = 500', "readers[3].at_mm", "before this reader has seen its middle"),
        ('length_mm = 900, eye_mm = 550, to = "A1"', 'length_mm = 900, eye_mm = 700, to = "A1"', "loading[0].zone", "unseen"),
        ('name = "Packing"\nzone = "P"', 'name = "Packing"\nzone = "S2"', "packing[0].zone", "zone S2 is no exit"),
        ('name = "Under the robot"\nrobot = "R1"\noutput = 1\nzone = "L"',
         'name = "Under the robot"\nrobot = "R1"\noutput = 1\nzone = "H"', "loading[0].zone", "zone H leads nowhere"),
        ('at_mm = 560\ndecides = "gate-1"', 'at_mm = 300\ndecides = "gate-1"', "readers[0].at_mm", "between 351 and 649 mm"),
        ('at_mm = 560\ndecides = "gate-2"', "at_mm = 560", "diverters[1]", "no reader decides this diverter"),
        ('at_mm = 560\ndecides = "gate-2"', "at_mm = 560", "readers[1].at_mm", "it reads for nothing"),
        ('other = "S1"', 'other = "G"', "diverters[0]", "no eye stands on its other exit before <G"),
        ('id = "B1", side = "upstream", length_mm = 900, eye_mm = 550',
         'id = "B1", side = "upstream", length_mm = 900, eye_mm = 700', "conveyors[1].zones[0].eye_mm", "leads to a merge"),
    ],
)  # fmt: skip
def test_a_mistake_is_found(old: str, new: str, path: str, said: str, tmp_path: Path) -> None:
    assert old in LAYOUT
    report = checked(tmp_path, site=SITE + ROBOT + LAYOUT.replace(old, new, 1))
    assert [finding for finding in report.errors if finding.path == path and said in finding.message], report.findings


def test_a_default_exit_that_leads_to_a_place_is_not_safe(tmp_path: Path) -> None:
    turned = LAYOUT.replace('eye_mm = 550, to = "H"', 'eye_mm = 550, to = "S2"').replace('other = "S2"', 'other = "H"')
    said = [finding.message for finding in checked(tmp_path, site=SITE + ROBOT + turned).errors if finding.path == "diverters[1]"]
    assert said == ["its default exit leads to read-packing, which receives: silence would not be safe"]
