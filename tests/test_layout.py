"""The shape of the tree: its names, its sizes, and that every page speaks of what is there."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import LONGEST

ROOT = Path(__file__).parent.parent
OURS = ("api", "controller", "drivers", "firmware_protocols", "simulators", "sites")
SOURCES = sorted(path for name in OURS for path in (ROOT / name).rglob("*.py"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
VAGUE = re.compile(r"manager|helper|util|handler", re.IGNORECASE)
THEIRS = {"get_route_handler"}
"""Names of a library's, which a class of ours must have to be used by it."""
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PATH = re.compile(r"`((?:api|controller|drivers|firmware_protocols|simulators|sites|tests|docs|benchmarks)/[\w./-]+)`")
TARGET = re.compile(r"`?make ([a-z-]+)`?")


def test_no_dependency_owns_one_of_our_names() -> None:
    owners = importlib.metadata.packages_distributions()
    taken = {name: set(owners.get(name, ())) - {"galenic"} for name in (*OURS, "tests")}
    assert {name: other for name, other in taken.items() if other} == {}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_small_and_its_names_say_what_they_are(source: Path) -> None:
    text = source.read_text()
    named = [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    assert [name for name in (source.stem, *named) if VAGUE.search(name) and name not in THEIRS] == []
    assert len(text.splitlines()) <= 300


def test_every_package_says_what_it_is_for() -> None:
    packages = [path for path in SOURCES if path.name == "__init__.py"]
    assert [str(path) for path in packages if not ast.get_docstring(ast.parse(path.read_text()))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_names_only_what_is_there(page: Path) -> None:
    text = page.read_text()
    links = [target for target in LINK.findall(text) if "://" not in target and not target.startswith(("mailto:", "/"))]
    assert [target for target in links if not (page.parent / target).exists()] == []
    assert [path for path in PATH.findall(text) if "<" not in path and not (ROOT / path.rstrip("/.")).exists()] == []
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(TARGET.findall("\n".join(re.findall(r"`[^`\n]*`|^\$ .*$", text, re.MULTILINE)))) - targets == set()


def test_the_longest_files_are_there() -> None:
    assert {path.stem for path in (ROOT / "tests").rglob("test_*.py")} >= LONGEST


def test_what_is_put_in_beside_another_part_pins_nothing_of_it() -> None:
    """`make` puts both into one environment at once."""
    run, build, dev = (set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))
                       for name in ("run", "build", "dev"))  # fmt: skip
    assert dev
    assert dev & (run | build) == set()


def test_no_file_tells_where_it_was_made() -> None:
    """No path of a builder's machine and no registry's address in anything that is committed."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    files = [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    private = re.compile("/" + r"work/|/opt/py" + r"pi|index-" + r"url =|/" + r"root/")
    assert [str(path) for path in files if private.search(path.read_text(errors="replace"))] == []
