"""What looks at modules and codes say, as facts: literal looks, no wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from controller.actors.line_eyes import ANEW, Eyes, Left
from controller.lines import Layout, layout_of
from controller.tracking.facts import Arrived, Departed, Seen, Started, Stopped
from drivers.capabilities import ConveyorLook, ZoneLook
from sites.models import Site
from tests.kit.line import line_site
from tests.kit.station import small_site

SITE = line_site()
ZONES = {part.id: [zone.id for zone in part.zones] for part in SITE.conveyors}


def layout() -> Layout:
    found = layout_of(SITE)
    assert found is not None
    return found


def eyes() -> Eyes:
    """Of which each module was looked at once."""
    made = Eyes(SITE, layout())
    for module in ZONES:
        list(made.looked(module, look(module), 0))
    return made


def look(module: str, counts: Mapping[str, tuple[int, int]] | None = None, counting: int = 1, stopped: str = "") -> ConveyorLook:
    """A look at a module whose zones have counted so many arrivals and departures."""
    zones = {
        zone: ZoneLook("clear", False, *(counts or {}).get(zone, (0, 0)), releases=0, faults=frozenset()) for zone in ZONES[module]
    }
    return ConveyorLook(zones, frozenset({stopped} - {""}), frozenset(), counting, 1, 0.0)


def said(made: Eyes, module: str, at: int = 5, **about: Any) -> list[Any]:
    return list(made.looked(module, look(module, **about), at))


def test_the_first_look_says_where_counting_begins() -> None:
    made = Eyes(SITE, layout())
    assert said(made, "module-2", 3, counts={"B1": (7, 6)}) == [
        Arrived("gate-1..<A2", 0, 3), Departed("gate-1..<A2", 0, 3), Arrived("<A2..read-2", 0, 3), Departed("read-2..gate-2", 0, 3),
    ]  # fmt: skip


def test_what_passes_in_the_order_of_the_zones() -> None:
    assert said(eyes(), "module-2", counts={"B1": (1, 1), "A2": (1, 0)}) == [
        Arrived("gate-1..<A2", 1, 5), Departed("gate-1..<A2", 1, 5), Arrived("<A2..read-2", 1, 5),
    ]  # fmt: skip


def test_what_left_a_reader_without_a_code_was_not_read() -> None:
    made = eyes()
    assert made.scanned("read-1", "T-1", 1) == Seen("read-1", ("T-1",), 1)
    assert said(made, "module-1", counts={"A1": (1, 1)}) == [Departed("read-1..gate-1", 1, 5)]
    assert said(made, "module-1", counts={"A1": (2, 2)}) == [Seen("read-1", (), 5), Departed("read-1..gate-1", 2, 5)]


def test_at_a_place_it_is_the_arrival_that_tells() -> None:
    made = eyes()
    made.scanned("read-packing", "T-1", 1)
    assert said(made, "module-5", counts={"P": (1, 0)}) == []
    assert said(made, "module-5", counts={"P": (2, 1)}) == [Seen("read-packing", (), 5)]


def test_a_code_that_a_reader_says_twice_is_one_and_a_second_tote_is_not() -> None:
    made = eyes()
    assert made.scanned("read-1", "T-1", 1_000_000) is not None
    assert made.scanned("read-1", "T-1", 1_050_000) is None
    assert made.scanned("read-1", "T-2", 1_100_000) is not None
    assert made.scanned("read-1", "T-2", 1_600_000) is not None


def test_what_leaves_a_place_is_told_with_what_follows() -> None:
    assert said(eyes(), "module-3", counts={"G": (0, 1)}) == [Left("G", (Departed("load-gantry>..<A2", 1, 5),))]
    assert said(eyes(), "module-1", counts={"L": (0, 1)}) == [Left("L", ())]


def test_counters_that_begin_anew_are_told_as_a_step_that_none_makes() -> None:
    made = eyes()
    made.scanned("read-2", "T-1", 1)
    assert said(made, "module-2", counts={"B1": (3, 3)}, counting=2) == [
        Arrived("gate-1..<A2", ANEW, 5), Departed("gate-1..<A2", ANEW, 5), Arrived("<A2..read-2", ANEW, 5),
        Departed("read-2..gate-2", ANEW, 5),
    ]  # fmt: skip
    assert Seen("read-2", (), 5) in said(made, "module-2", counts={"B1": (3, 3), "A2": (1, 1)}, counting=2)


def test_a_segment_moves_when_all_its_modules_do() -> None:
    made = eyes()
    assert said(made, "module-1", stopped="command") == [Stopped("load-robot>..read-1", 5), Stopped("read-1..gate-1", 5)]
    assert said(made, "module-2", stopped="command") == [
        Stopped("gate-1..<A2", 5), Stopped("<A2..read-2", 5), Stopped("read-2..gate-2", 5),
    ]  # fmt: skip
    assert said(made, "module-1") == [Started("load-robot>..read-1", 5)], "the other still lies on module 2"
    assert Started("read-1..gate-1", 5) in said(made, "module-2")


def test_chains_and_gates_of_each_way() -> None:
    found = layout()
    assert found.chain("load-robot>", "packing") == ("read-1", "read-2", "read-packing")
    assert found.chain("load-gantry>", "packing") == ("read-2", "read-packing")
    assert found.chain("load-gantry>", "load-gantry") is None
    assert found.gates(("read-1", "read-gantry")) == ("gate-1",)
    assert found.of_zone("A2") == ("<A2..read-2", "read-2..gate-2")


def test_a_site_without_places_on_belts_has_no_line() -> None:
    assert layout_of(small_site()) is None
    no_places = Site.model_validate({**SITE.model_dump(mode="json"), "loading": [], "packing": []})
    assert layout_of(no_places) is None
