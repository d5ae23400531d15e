"""What the checker says of belts: each mistake at its place and with its figures; the graph, its budgets and its rates."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from sites.check import check
from sites.conveyors import DiverterPart, ReaderPart, Zone
from sites.models import Site
from sites.reading import Finding
from sites.segments import budget_s, graph, per_hour, travel, zones_of
from tests.sites.belt import SITE
from tests.sites.files import stands_at
from tests.sites.test_check import Edit

MISTAKES = tomllib.loads(Path(__file__).with_name("belt_mistakes.toml").read_text(encoding="utf-8"))


def found(folder: Path, edit: Edit, severity: str) -> Finding:
    assert edit.old in SITE
    file = folder / "site.toml"
    file.write_text(SITE.replace(edit.old, edit.new, 1))
    report = check(file)
    assert (report.site is None) is (severity == "error"), [str(finding) for finding in report.findings]
    fits = [one for one in report.findings if one.severity == severity and one.path == edit.path and edit.said in one.message]
    assert fits, [str(finding) for finding in report.findings]
    return fits[0]


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_a_mistake_is_located_and_explained(severity: str, tmp_path: Path) -> None:
    for edit in (Edit(**edit) for edit in MISTAKES[f"{severity}s"].values()):
        finding = found(tmp_path, edit, severity)
        if edit.at:
            assert stands_at(finding).startswith(edit.at), (stands_at(finding), str(finding))
        assert edit.allowed in finding.allowed
        assert edit.nearest in finding.nearest, str(finding)


def test_the_small_belts_are_right(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(SITE)
    assert check(file).findings == ()


def test_a_misspelt_key_of_a_zone_is_told_with_the_right_one(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(SITE.replace('side = "upstream", length_mm = 700, to', 'side = "upstream", lenght_mm = 700, to'))
    (finding,) = (one for one in check(file).errors if one.path == "conveyors[0].zones[0].lenght_mm")
    assert finding.nearest == "length_mm"


def small() -> Site:
    return Site.model_validate(tomllib.loads(SITE))


def test_points_and_segments_of_the_small_belts() -> None:
    site = small()
    found = graph(site.conveyors, site.diverters, site.readers)
    assert {id: (point.kind, point.zone, point.at_mm) for id, point in found.points.items()} == {
        "<in": ("entry", "in", 0),
        "reader": ("reader", "in", 300),
        "gate": ("diverter", "fork", 200),
        ">pack": ("exit", "pack", 700),
        ">lane": ("exit", "lane", 700),
    }
    assert [(one.start, one.end, one.exit, one.length_mm, one.places, one.zones) for one in found.segments] == [
        ("<in", "reader", None, 300, 1, ("in",)),
        ("reader", "gate", None, 600, 1, ("in", "fork")),
        ("gate", ">pack", "default", 1200, 2, ("fork", "pack")),
        ("gate", ">lane", "other", 700, 1, ("lane",)),
    ]
    assert [one.travel_s for one in found.segments] == pytest.approx([0.6, 1.2, 2.4, 1.4])
    assert [one.id for one in found.after("gate")] == ["gate..>pack", "gate..>lane"]


def test_a_merge_is_a_point_and_a_ring_without_points_has_no_segment() -> None:
    text = SITE.replace("exit_per_hour = 300", 'to = "pack"')
    site = Site.model_validate(tomllib.loads(text))
    found = graph(site.conveyors, site.diverters, site.readers)
    assert found.points["<pack"].kind == "merge"
    assert [(one.start, one.end) for one in found.segments][2:] == [("gate", "<pack"), ("gate", "<pack"), ("<pack", ">pack")]
    ring = Site.model_validate(tomllib.loads(SITE.replace(", exit_per_hour = 1300", ', to = "fork"')))
    found = graph(ring.conveyors, ring.diverters, ring.readers)
    assert {(one.start, one.end) for one in found.segments} == {
        ("<in", "reader"), ("reader", "<fork"), ("<fork", "gate"), ("gate", "<fork"), ("gate", ">lane"),
    }  # fmt: skip
    assert travel(zones_of(ring.conveyors), ("pack", 0), ("in", 100)) is None


BELT = {"side": "upstream", "length_mm": 2000}
GATE = {"id": "g", "driver": "relay-gate", "board": "b", "channel": 1, "zone": "z", "other": "o"}


@pytest.mark.parametrize(
    ("speed", "way", "container", "travel_ms", "confirm_ms", "budget"),
    [(500, 600, 300, 150, 100, 0.650), (1000, 300, 60, 50, 50, 0.170), (300, 150, 50, 60, 40, 0.317)],
)
def test_budgets_are_those_of_the_reference(
    speed: int, way: int, container: int, travel_ms: int, confirm_ms: int, budget: float
) -> None:
    """lines.md B.2: a tote at 0.5 m/s, a puck at 1.0 m/s, a vial puck at 0.3 m/s."""
    zones = {"z": Zone(id="z", speed_mm_s=speed, **BELT)}
    gate = DiverterPart(at_mm=100 + way, container_mm=container, travel_ms=travel_ms, confirm_ms=confirm_ms, **GATE)
    reader = ReaderPart(id="r", scanner="s", zone="z", at_mm=100)
    assert budget_s(zones, reader, gate) == pytest.approx(budget, abs=0.001)


def test_what_a_zone_carries_in_an_hour() -> None:
    assert per_hour(Zone(id="z", side="upstream", length_mm=700), 300) == 1800
    assert per_hour(Zone(id="z", side="upstream", length_mm=700, speed_mm_s=250, places=4), 300) == 900
