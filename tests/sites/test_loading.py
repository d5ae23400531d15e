"""Loading and packing places in a site file: what the checker says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sites.files import SITE, checked
from tests.sites.test_robots import ROBOT

PLACES = """
[[loading]]
id = "load-1"
name = "Under the robot"
robot = "R1"
output = 1

[[loading]]
id = "load-2"
name = "At the counter"
robot = "R1"
output = 2
"""


def test_places_at_a_robot_are_right(tmp_path: Path) -> None:
    report = checked(tmp_path, site=SITE + ROBOT + PLACES)
    assert report.site is not None, [str(finding) for finding in report.findings]
    assert [place.id for place in report.site.loading] == ["load-1", "load-2"]


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ('id = "load-2"', 'id = "load-1"', "loading[1].id", "another loading or packing place has this name"),
        ('robot = "R1"', 'robot = "R7"', "loading[0].robot", "there is no robot of this name"),
        ("output = 2", "output = 9", "loading[1].output", "robot R1 has no output 9"),
        ("output = 2", "output = 1", "loading[1]", "load-1 takes from there already"),
        ("output = 2", "", "loading[1]", "it takes from a `robot` with its `output`"),
        ("output = 2", 'output = 2\ngantry = "G"', "loading[1]", "it takes from a `robot` with its `output`"),
        ("output = 2", 'output = 2\nzone = "Z"', "loading[1].zone", "there is no zone of this name"),
    ],
)
def test_a_mistake_is_found(old: str, new: str, path: str, said: str, tmp_path: Path) -> None:
    assert old in PLACES
    report = checked(tmp_path, site=SITE + ROBOT + PLACES.replace(old, new, 1))
    assert [finding for finding in report.errors if finding.path == path and said in finding.message], report.findings
