"""What the pages tell people to type: commands that exist with those options, routes that exist, and a tutorial that runs."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer.main

from api.cli.completion import prepare
from api.cli.main import app
from tests.api.cli.ward import Demo, demo
from tests.kit.programs import GALENIC, WITHIN_S

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
TYPED = re.compile(r"^\$ ((?:.*\\\n)*.*)", re.MULTILINE)
ROUTE = re.compile(r"\b(GET|PUT|POST|DELETE) (/v1/[^\s`?)]*)|curl [^`\n]*?(/v1/[^\s\"'`?)]*)")
UsageError = typer.BadParameter.__mro__[1]
"""What typer raises for a line that no command takes; it has no public name of its own."""
MADE_UP = re.compile(r"\{[^}]*\}|…")


def ids(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


def typed(page: Path) -> list[str]:
    """The lines that stand behind a prompt, without what is said beside them."""
    return [line.replace("\\\n", " ") for line in TYPED.findall(page.read_text())]


def command(words: list[str]) -> None:
    """Reads a command line as the program would and runs nothing. Raises what the program would answer a wrong one with."""
    prepare()
    at: Any = typer.main.get_command(app)
    context = at.make_context("galenic", words)
    while hasattr(at, "resolve_command"):
        name, found, rest = at.resolve_command(context, [*context._protected_args, *context.args])
        at, context = found, found.make_context(name, rest, parent=context)


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_every_command_on_a_page_is_one(page: Path) -> None:
    for line in typed(page):
        words = shlex.split(line, comments=True)
        if words and words[0] == "galenic":
            command(words[1:])


def test_a_misspelt_option_would_be_seen() -> None:
    for wrong in (["ledger", "verfy", "x"], ["run", "site.toml", "--stat", "x"], ["nothing"]):
        with pytest.raises(UsageError):
            command(wrong)


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_every_route_on_a_page_exists(page: Path) -> None:
    paths = json.loads((ROOT / "docs/reference/openapi.json").read_text())["paths"]
    known = {(method.upper(), MADE_UP.sub("*", path)) for path, each in paths.items() for method in each}
    for method, told, curled in ROUTE.findall(page.read_text()):
        path = (told or curled).rstrip(".,;:/")
        fits = [one for one in known if _fits(one[1], MADE_UP.sub("*", path)) and method in {"", one[0]}]
        assert fits, f"{method} {path}"


def test_every_test_that_a_page_names_is_one() -> None:
    known = set(
        re.findall(
            r"^(?:async )?def (test_\w+)", "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py")), re.MULTILINE
        )
    )
    modules = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    for page in (ROOT / "docs").glob("*.md"):  # a table may well have an event of such a name
        named = set(re.findall(r"`(test_\w+)`", page.read_text()))
        assert named <= known | modules, (page, named - known - modules)


def _fits(route: str, path: str) -> bool:
    """Whether the path is this route's: a placeholder takes any one part."""
    ours, theirs = route.split("/"), path.split("/")
    return len(ours) == len(theirs) and all(a == b or "*" in (a, b) for a, b in zip(ours, theirs, strict=True))


def here(line: str, ward: Demo) -> str:
    """The line with this demo's addresses and this program."""
    control = next(found[1] for one in ward.lines if (found := re.search(r"(http://[^/\s]+)/hands", one)))
    line = line.replace("http://127.0.0.1:8080", ward.url).replace("http://127.0.0.1:8081", control)
    return re.sub(r"^galenic\b", shlex.join(GALENIC), line)


@pytest.mark.processes
@pytest.mark.timeout(90)
def test_the_tutorial_runs_as_it_stands() -> None:
    lines = [line for line in typed(ROOT / "docs/tutorial.md") if not line.startswith("make ")]
    assert len(lines) > 8
    with demo() as ward:
        told = []
        for line in lines:
            done = ward.run(here(line, ward))
            assert done.returncode == 0, (line, done)
            told.append(done.stdout)
        pulled = [json.loads(said) for line, said in zip(lines, told, strict=True) if "wait=5" in line]
        assert [pull["state"] for pull in pulled] == ["accessing", "committed"], told
        assert told[-1].startswith("OK:")


CLICKED = (
    None,
    {"do": "open", "drawer": "D-01", "wait_s": 10},
    {"do": "take", "pocket": "D-01-2", "quantity": 2},
    {"do": "shut", "drawer": "D-01"},
    None,
)
"""What is clicked after which line of the twin's page, as the page itself asks it of the control API."""


@pytest.mark.processes
@pytest.mark.timeout(90)
def test_the_twins_page_runs_as_it_stands() -> None:
    lines = [line for line in typed(ROOT / "docs/how-to/play-the-cabinet.md") if not line.startswith("galenic")]
    with demo() as ward:
        (address,) = {
            found[1] for line in ward.program.answered[:12] if (found := re.search(r"play the cabinet at (http\S+/) ", line))
        }
        told = []
        for line, act in zip(lines, CLICKED, strict=True):
            done = ward.run(here(line, ward))
            assert done.returncode == 0, (line, done)
            told.append(done.stdout)
            if act is not None:
                assert httpx.post(f"{address}hands", json=act, timeout=WITHIN_S).status_code == 200, act
                shown = httpx.get(address, timeout=WITHIN_S).text
                assert ("Drawer D-01, open" in shown) is (act["do"] != "shut")
        assert json.loads(told[-1])["state"] == "committed", told
