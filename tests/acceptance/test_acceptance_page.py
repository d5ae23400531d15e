"""Every acceptance case of the sections that are built has a test of its number, or stands in the page with its reason."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "acceptance.md"
CASES = {1: 8, 3: 5, 6: 8, 7: 4, 9: 6, 10: 5, 11: 6}
"""Sections of the domain reference, B1 to B11, and how many cases each has."""
NOT_YET = {"AT1.8", "AT7.4"}


def test_each_case_has_a_test_or_a_reason() -> None:
    tests = (*HERE.glob("test_*.py"), *(HERE.parent / "journey").glob("test_*.py"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in tests)
    tested = {f"AT{section}.{case}" for section, case in re.findall(r"def test_at(\d+)_(\d+)_", text)}
    wanted = {f"AT{section}.{case}" for section, cases in CASES.items() for case in range(1, cases + 1)}
    excused = set(re.findall(r"^\| (AT\d+\.\d+) \| not yet \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert excused == NOT_YET
    assert tested == wanted - excused
