"""The judge is judged: each planted bug turns its day red by the law named, and without it the day is green."""

from __future__ import annotations

import pytest

from tests.lines.bugs import BUGS
from tests.lines.day import lived
from tests.lines.oracle import judge


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bug = BUGS[name]
    assert judge(lived(bug.story)) == [], "without the bug"
    bug.plant(monkeypatch)
    seen = {violation.law for violation in judge(lived(bug.story))}
    assert bug.law in seen, seen or "nobody saw it"
