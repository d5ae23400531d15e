"""Any typo in any single key of the shipped ward is found, at its place, with the right spelling."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sites.check import WARD, check
from tests.sites.files import stands_at

TEXT = WARD.read_text(encoding="utf-8")
KEY = re.compile(r"(?<=[{,] )[a-z_]+(?= = )|^ *[a-z_]+(?= = )|(?<=^\[)[a-z_]+|(?<=^\[\[)[a-z_]+", re.MULTILINE)


@cache
def keys() -> list[tuple[int, str]]:
    """Where every key and table name stands, comments left out."""
    found = []
    for match in KEY.finditer(TEXT):
        line = TEXT[TEXT.rfind("\n", 0, match.start()) + 1 : match.start()]
        if not line.lstrip().startswith("#"):
            found.append((match.end() - len(match[0].strip()), match[0].strip()))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ward's data files, with room for a site file beside them."""
    made = tmp_path_factory.mktemp("ward")
    shutil.copytree(WARD.parent / "ward", made / "ward")
    return made


@st.composite
def typos(draw: st.DrawFn) -> tuple[int, str, str]:
    """A key of the ward, where it stands, and the key with one letter gone, doubled, swapped or another."""
    start, key = draw(st.sampled_from(keys()))
    at = draw(st.integers(0, len(key) - 1))
    how = draw(st.sampled_from(["gone", "doubled", "swapped", "another"]))
    after = key[at + 1 :]
    if how == "gone":
        wrong = key[:at] + after
    elif how == "doubled":
        wrong = key[: at + 1] + key[at] + after
    elif how == "swapped":
        wrong = key[:at] + after[:1] + key[at] + after[1:]
    else:
        wrong = key[:at] + draw(st.sampled_from("qxz7")) + after
    return start, key, wrong


@settings(max_examples=60, deadline=None, derandomize=True)
@given(typo=typos())
def test_a_typo_in_any_key_is_found_at_its_place(folder: Path, typo: tuple[int, str, str]) -> None:
    start, key, wrong = typo
    if wrong in {key, ""}:
        return
    site = folder / "ward.toml"
    site.write_text(TEXT[:start] + wrong + TEXT[start + len(key) :], encoding="utf-8")
    report = check(site)
    line, column = TEXT.count("\n", 0, start) + 1, start - TEXT.rfind("\n", 0, start)
    here = [finding for finding in report.errors if (finding.line, finding.column) == (line, column)]
    assert here, (key, wrong, [str(finding) for finding in report.findings][:5])
    assert stands_at(here[0]).startswith(wrong)
    assert report.site is None
    if len(key) > 3 and len(wrong) >= len(key):
        assert here[0].nearest == key, str(here[0])
