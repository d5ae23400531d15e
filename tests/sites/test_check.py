"""Every error and warning of the checker: where it points, what it says was given, what is allowed, what is nearest."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from sites.check import NOT_CHECKED, REST_OF_FILE, WARD, check
from tests.sites.files import FILES, SITE, checked, stands_at, written


class Edit(NamedTuple):
    """One mistake in one file, and what is to be said of it."""

    old: str
    new: str
    at: str
    """What stands at the finding's line and column."""
    path: str
    said: str
    given: str = ""
    allowed: str = ""
    nearest: str = ""
    file: str = "site"


MISTAKES = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text(encoding="utf-8"))
ERRORS = {name: Edit(**edit) for name, edit in MISTAKES["errors"].items()}
WARNINGS = {name: Edit(**edit) for name, edit in MISTAKES["warnings"].items()}


@pytest.mark.parametrize("edit", ERRORS.values(), ids=ERRORS.keys())
def test_an_error_is_located_and_explained(edit: Edit, tmp_path: Path) -> None:
    assert edit.old in FILES[edit.file]
    report = checked(tmp_path, **{edit.file: FILES[edit.file].replace(edit.old, edit.new, 1)})
    assert report.site is None
    found = [finding for finding in report.errors if finding.path == edit.path and edit.said in finding.message]
    assert found, [str(finding) for finding in report.findings]
    finding = found[0]
    if edit.at:
        assert stands_at(finding).startswith(edit.at), (stands_at(finding), str(finding))
        assert Path(finding.file).name == f"{edit.file}.toml"
    for got, wanted in ((finding.given, edit.given), (finding.allowed, edit.allowed), (finding.nearest, edit.nearest)):
        assert wanted in got, str(finding)


@pytest.mark.parametrize("edit", WARNINGS.values(), ids=WARNINGS.keys())
def test_a_warning_is_located_and_lets_the_site_run(edit: Edit, tmp_path: Path) -> None:
    assert edit.old in SITE
    report = checked(tmp_path, site=SITE.replace(edit.old, edit.new, 1))
    assert report.site is not None, [str(finding) for finding in report.errors]
    found = [finding for finding in report.warnings if finding.path == edit.path and edit.said in finding.message]
    assert found, [str(finding) for finding in report.findings]
    assert stands_at(found[0]).startswith(edit.at), (stands_at(found[0]), str(found[0]))
    assert edit.nearest in found[0].nearest


def test_the_small_site_and_the_ward_are_right_and_say_what_was_not_checked(tmp_path: Path) -> None:
    for report in (checked(tmp_path), check(WARD)):
        assert report.findings == ()
        assert report.not_checked == NOT_CHECKED
    ward = check(WARD)
    assert ward.site is not None
    assert (len(ward.site.drawers), sum(len(drawer.pockets) for drawer in ward.site.drawers)) == (24, 120)
    assert (len(ward.data.items), len(ward.data.patients)) == (60, 20)
    controlled = {item.id for item in ward.data.items if item.controlled != "none"}
    holding = {drawer.id for drawer in ward.site.drawers if any(pocket.item in controlled for pocket in drawer.pockets)}
    assert holding == {"D-03"}
    assert [drawer.id for drawer in ward.site.drawers if drawer.refrigerated] == ["D-20"]


def test_all_errors_of_all_files_come_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    report = checked(
        tmp_path,
        site=SITE.replace("address = 0", "adress = 0")
        .replace("idle_s = 60", "idle_s = 1")
        .replace('board = "locks"', 'board = "lock"'),
        formulary=FILES["formulary"].replace('"CII"', '"C2"'),
        orders=FILES["orders"].replace('"P-1"', '"P-9"'),
    )
    paths = [finding.path for finding in report.errors]
    assert paths == [
        "boards[0].adress", "policy.idle_s", "drawers[0].lock.board", "items[1].class", "orders[0].patient",
    ]  # fmt: skip
    assert [(f.file, f.line, f.column) for f in report.findings if "site" in f.file] == sorted(
        (f.file, f.line, f.column) for f in report.findings if "site" in f.file
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        (SITE.replace('id = "s-1"', 'id = "s-1'), 2, 10, "not TOML"),
        (SITE.replace("simulated = true", "simulated = yes"), 4, 13, "not TOML: Invalid value"),
        (SITE.replace('name = "Small site"', 'id = "again"'), 3, 13, "not TOML: Cannot overwrite a value"),
        (SITE + "\n[station]\n", 81, 9, "not TOML: Cannot declare ('station',) twice"),
        ("x = [", 1, 6, "not TOML"),
        ("x = " + "[" * 5000, 1, 1, "nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_no_toml_is_told_with_its_place(text: str, line: int, column: int, said: str, tmp_path: Path) -> None:
    report = checked(tmp_path, site=text)
    assert [(finding.line, finding.column) for finding in report.errors[:1]] == [(line, column)], report.errors
    assert said in report.errors[0].message
    assert REST_OF_FILE in report.not_checked


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert "No such file" in check(tmp_path / "none.toml").errors[0].message
    assert "directory" in check(tmp_path).errors[0].message
    site = written(tmp_path)
    site.write_bytes(SITE.replace("Small site", "Smäll site").encode("latin-1"))
    told = check(site).errors[0]
    assert (told.line, told.column, told.given, told.allowed) == (3, 11, "0xe4", "UTF-8")


def test_a_finding_says_itself_as_compilers_do_and_as_json(tmp_path: Path) -> None:
    report = checked(tmp_path, site=SITE.replace("address = 0", "adress = 0"))
    finding = next(finding for finding in report.errors if finding.nearest)
    lines = str(finding).splitlines()
    assert lines[0] == f"{tmp_path}/site.toml:26:1: error: boards[0].adress: there is no such key here"
    assert lines[1:] == ["    given: 0", f"    allowed: {finding.allowed}", "    did you mean: address"]
    assert json.loads(json.dumps(finding.told()))["line"] == 26
