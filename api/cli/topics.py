"""`galenic help`: what is no command's own: the exit codes."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from api.cli.exits import MEANING
from api.cli.options import Json


class Topic(StrEnum):
    """What there is help about."""

    EXIT_CODES = "exit-codes"


def topics(topic: Annotated[Topic, typer.Argument()] = Topic.EXIT_CODES, as_json: Json = False) -> None:
    """What a command's exit code means.

    \b
    Examples:
      galenic help exit-codes
      galenic check --help
    """
    assert topic is Topic.EXIT_CODES  # noqa: S101 - the only one there is
    if as_json:
        typer.echo(json.dumps({int(code): meaning for code, meaning in MEANING.items()}))
        return
    for code, meaning in MEANING.items():
        typer.echo(f"{int(code):3}  {meaning}")
