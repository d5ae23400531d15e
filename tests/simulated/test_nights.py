"""Fifty nights, each a hostile one, and no law is broken. `python -m tests.simulated --seed N` repeats one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.simulated import belief, book, evidence, lasting, laws, motion, rest, violation
from tests.simulated.laws import judge
from tests.simulated.night import night
from tests.simulated.script import of_seed

SEEDS = 50
AT_ONCE = 5
"""Nights in one test, so that each has its share of the time a test may take."""
OURS = {"api", "controller", "drivers", "firmware_protocols", "sites"}


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_nights(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        broken = judge(night(of_seed(seed)))
        assert not broken, "\n".join([f"python -m tests.simulated --seed {seed}", *map(str, broken)])


def test_one_seed_is_one_night() -> None:
    for seed in (3, 23):  # one on locks by CU16, with deaths; both with people who slip
        assert night(of_seed(seed)).digest() == night(of_seed(seed)).digest()


def test_nights_are_hostile() -> None:
    """What fifty nights are drawn to hold: nothing is judged that never happens."""
    scripts = [of_seed(seed) for seed in range(SEEDS)]
    blows = [blow for script in scripts for blow in script.blows]
    assert {blow.when for blow in blows} == {"time", "frame", "sync"}
    assert {blow.power for blow in blows} == {True, False}
    kinds = {trouble.what["kind"] for script in scripts for trouble in script.troubles}
    assert len(kinds) == 15
    assert any(script.relays for script in scripts)
    assert any(script.halts for script in scripts)
    assert any(script.copying and script.forging for script in scripts)


def test_the_judge_knows_nothing_of_the_station() -> None:
    for module in (laws, belief, lasting, motion, rest, violation, evidence, book):
        tree = ast.parse(Path(module.__file__ or "").read_text())
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {name for name in imported if name.partition(".")[0] in OURS}
