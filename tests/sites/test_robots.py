"""Robots in a site file: what the checker says of their names, links and outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sites.files import SITE, checked

ROBOT = """
[links.robot]
url = "tcp://127.0.0.1:6050"
protocol = "wwks2"

[[robots]]
id = "R1"
driver = "wwks2"
link = "robot"
outputs = [{ id = "ward", number = 1, name = "Ward" }, { id = "counter", number = 2, name = "Counter" }]
belts = [{ id = "front" }]
rack = { columns = 10, shelves = 5 }
"""
OTHER = """[[robots]]
id = "R0"
driver = "wwks2"
link = "robot"
outputs = [{ id = "a", number = 1, name = "A" }]

[[robots]]
"""


def test_a_robot_on_its_own_link_is_right(tmp_path: Path) -> None:
    report = checked(tmp_path, site=SITE + ROBOT)
    assert report.site is not None, [str(finding) for finding in report.findings]
    (robot,) = report.site.robots
    assert (robot.subscriber, robot.rack.columns, [out.number for out in robot.outputs]) == (100, 10, [1, 2])
    assert not [finding for finding in report.findings if "robot" in finding.path]


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ('link = "robot"', 'link = "robt"', "robots[0].link", "there is no link of this name"),
        ('id = "R1"', 'id = "locks"', "robots[0].id", "another device has this name"),
        ('id = "counter"', 'id = "ward"', "robots[0].outputs[1].id", "another output of this robot has this name"),
        ('[{ id = "front" }]', '[{ id = "front" }, { id = "front" }]', "robots[0].belts[1].id",
         "another belt of this robot has this name"),
        ("[{ id = \"ward\", number = 1, name = \"Ward\" }, { id = \"counter\", number = 2, name = \"Counter\" }]", "[]",
         "robots[0].outputs", ""),
        ("tcp://127.0.0.1:6050", "serial:/dev/robot", "links.robot.url", "wwks2 is spoken over TCP"),
        ('protocol = "wwks2"', 'protocol = "mt-sics"', "robots[0].link", "link robot speaks mt-sics, and a wwks2 does not"),
        ("[[robots]]\n", OTHER, "robots[1].link", "has a link for itself"),
    ],
)  # fmt: skip
def test_a_mistake_is_found(old: str, new: str, path: str, said: str, tmp_path: Path) -> None:
    assert old in ROBOT
    report = checked(tmp_path, site=SITE + ROBOT.replace(old, new, 1))
    found = [finding for finding in report.errors if finding.path == path and said in finding.message]
    assert found, [str(finding) for finding in report.findings]
