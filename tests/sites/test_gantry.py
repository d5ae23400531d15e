"""A gantry in a site file: what the checker says of places out of reach, of names, and of its link."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sites.files import FORMULARY, SITE, STOCK, checked, stands_at

GANTRY = """
[links.arm]
url = "serial:/dev/serial/by-id/usb-arm?baud=115200"
protocol = "grbl"

[[gantries]]
id = "arm"
driver = "grbl"
link = "arm"
x = { high_mm = 1200, speed_mm_s = 400, acceleration_mm_s2 = 800 }
y = { high_mm = 900, speed_mm_s = 300, acceleration_mm_s2 = 800 }
z = { low_mm = -150, high_mm = 0, speed_mm_s = 100, acceleration_mm_s2 = 400, homes = "high" }
tray = [{ z_mm = -10 }, { z_mm = -30 }, { z_mm = -50 }, { z_mm = -70 }]
hand_over = { x_mm = 0, y_mm = 100 }

[[gantries.shelf]]
id = "S-1"
item = "senna-8"
capacity = 5
x_mm = 100
y_mm = 200
z_mm = -120
width_mm = 60
height_mm = 80
depth_mm = 40

[[gantries.shelf]]
id = "S-2"
x_mm = 200
y_mm = 200
z_mm = -120
width_mm = 60
height_mm = 80
depth_mm = 40
"""
LOT = """
[[lots]]
pocket = "S-1"
lot = "L9"
expiry = 2031-01-31
quantity = 5
"""


def test_a_site_with_a_gantry_is_right_and_its_shelf_holds_stock(tmp_path: Path) -> None:
    report = checked(tmp_path, site=SITE + GANTRY, stock=STOCK + LOT)
    assert report.findings == ()
    assert report.site is not None
    (gantry,) = report.site.gantries
    assert (gantry.driver, len(gantry.tray), [place.id for place in gantry.shelf]) == ("grbl", 4, ["S-1", "S-2"])
    assert [(axis.low_mm, axis.high_mm) for axis in gantry.axes] == [(0, 1200), (0, 900), (-150, 0)]


@pytest.mark.parametrize(
    ("old", "new", "at", "path", "said"),
    [
        ("x_mm = 100\ny_mm = 200", "x_mm = 1201\ny_mm = 200", "x_mm", "gantries[0].shelf[0].x_mm", "does not reach"),
        ("z_mm = -120", "z_mm = 1", "z_mm", "gantries[0].shelf[0].z_mm", "does not reach"),
        ("{ z_mm = -30 }", "{ z_mm = -151 }", "z_mm", "gantries[0].tray[1].z_mm", "does not reach"),
        ("y_mm = 100 }", "y_mm = -1 }", "y_mm", "gantries[0].hand_over.y_mm", "does not reach"),
        ('link = "arm"\n', 'link = "arm"\nsafe_z_mm = 5\n', "safe_z_mm", "gantries[0].safe_z_mm", "does not reach"),
        ("low_mm = -150", "low_mm = 0", "z =", "gantries[0].z", "less than"),
        ("x_mm = 200", "x_mm = 100", "", "gantries[0].shelf[1]", "place S-1 is at this position"),
        ('id = "S-2"', 'id = "S-1"', "id", "gantries[0].shelf[1].id", "has this name"),
        ('id = "S-2"', 'id = "D-1-1"', "id", "gantries[0].shelf[1].id", "has this name"),
        ('id = "arm"', 'id = "scale"', "id", "gantries[0].id", "has this name"),
        ('item = "senna-8"\ncapacity = 5', 'item = "sena-8"', "item", "gantries[0].shelf[0].item", "no item"),
        ('link = "arm"', 'link = "armm"', "link", "gantries[0].link", "no link"),
        ('link = "arm"', 'link = "pan"', "link", "gantries[0].link", "speaks mt-sics"),
        ('driver = "grbl"', 'driver = "marlin"', "driver", "gantries[0].driver", "cannot be used"),
    ],
)  # fmt: skip
def test_a_mistake_is_located_and_explained(old: str, new: str, at: str, path: str, said: str, tmp_path: Path) -> None:
    assert old in GANTRY
    report = checked(tmp_path, site=SITE + GANTRY.replace(old, new, 1))
    found = [finding for finding in report.errors if finding.path == path and said in finding.message]
    assert found, [str(finding) for finding in report.findings]
    assert stands_at(found[0]).startswith(at)


def test_what_lies_on_the_shelf_fits_there(tmp_path: Path) -> None:
    many = LOT.replace("quantity = 5", "quantity = 6")
    report = checked(tmp_path, site=SITE + GANTRY, formulary=FORMULARY, stock=STOCK + many)
    assert ["holds 5" in finding.message for finding in report.errors] == [True]


def test_a_link_that_only_a_gantry_uses_is_used(tmp_path: Path) -> None:
    without = GANTRY.split("[[gantries]]", maxsplit=1)[0]
    warned = checked(tmp_path, site=SITE + without).warnings
    assert [finding.path for finding in warned] == ["links.arm"]
