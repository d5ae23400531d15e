"""Days that are drawn, and that a day is one. The campaigns of `tests.proof.totes` are the same days, more of them."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.lines import hands, layout, oracle, story, world
from tests.lines.day import lived
from tests.lines.oracle import judge
from tests.lines.story import Story, drawn

OURS = {"api", "controller", "drivers", "firmware_protocols", "sites", "simulators"}


def test_one_seed_is_one_day() -> None:
    for kind in ("hands", "labels"):
        assert lived(drawn(kind, 3)).said == lived(drawn(kind, 3)).said


def test_belts_that_stop_and_go_alarm_nobody_and_everything_arrives() -> None:
    stops = ((8.0, "in-1", 6.0), (14.0, "on", 9.0), (30.0, "belt-1", 4.0), (41.0, "pack", 12.0))
    evidence = lived(Story("calm", totes=30, every_s=1.6, stops=stops))
    assert judge(evidence) == []
    assert len(evidence.world.packed) >= 28, "those that stood before a diverter may have taken its safe exit"


def test_slow_wires_make_decisions_late_and_nothing_wrong() -> None:
    evidence = lived(Story("slow", totes=20, slow=((10.0, 15.0),)))
    assert judge(evidence) == []
    assert any(kind == "late_decision" for kind, *_ in evidence.said)


def test_a_way_round_that_stands_holds_up_what_is_before_its_diverter() -> None:
    """Day 68 of LC-10: what waited before the standing way round was taken for late, and the diverter told of the one behind it."""
    assert judge(lived(drawn("unread", 68))) == []


def test_a_tote_that_was_never_read_and_is_passed_over_is_not_awaited_for_ever() -> None:
    """Day 54 of RB-06; and day 86, on which another one that was not read was taken for the one that a hand had taken off."""
    assert judge(lived(story.vanishing(54))) == []
    assert judge(lived(story.vanishing(86))) == []


def test_a_double_on_the_way_on_of_a_tote_that_strays_round_is_not_taken_for_it() -> None:
    assert judge(lived(Story("bug", hands=tuple((24.0 + 4 * number, "clone:on") for number in range(5))))) == []


def test_the_world_and_its_judge_know_nothing_of_the_product() -> None:
    for module in (world, hands, layout, oracle, story):
        tree = ast.parse(Path(module.__file__ or "").read_text())
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {name for name in imported if name.partition(".")[0] in OURS}
