"""The page `docs/reference/cli.md`, made from the commands themselves: what `--help` says, and the exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from api.cli.exits import MEANING
from api.cli.main import PROGRAM, app

WIDTH = 100
INTRODUCTION = """# The command line

What each command's `--help` says. The answer goes to standard output, talk to standard error; `--json` gives a program what
a person reads.
"""
EXITS = """## Exit codes

The same for every command.

| code | meaning |
|---|---|
"""


def pages() -> dict[str, str]:
    """The page by its file name."""
    helped = [f"## {name}\n\n```text\n{text}\n```\n" for name, text in commands()]
    exits = EXITS + "".join(f"| {int(code)} | {meaning} |\n" for code, meaning in MEANING.items())
    return {"cli.md": "\n".join([INTRODUCTION, *helped, exits])}


def commands() -> Iterator[tuple[str, str]]:
    """Each command's full name and what its `--help` says on any machine, the program itself first."""
    yield from _below(typer.main.get_command(app), PROGRAM)


def _below(command: Any, name: str) -> Iterator[tuple[str, str]]:
    context = typer.Context(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
    told = command.get_help(context).replace(str(Path.home()), "~")
    yield name, "\n".join(line.rstrip() for line in told.splitlines()).strip()
    for word, inner in getattr(command, "commands", {}).items():
        yield from _below(inner, f"{name} {word}")
