"""`galenic completion`: the one line that makes Tab work."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from typer import completion as typers

PROGRAM, VARIABLE = "galenic", "_GALENIC_COMPLETE"


class Shell(StrEnum):
    """Shells whose Tab we know."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def prepare() -> None:
    """Lets the program answer a shell that asks it what may follow (`_GALENIC_COMPLETE` in its environment)."""
    typers.completion_init()  # type: ignore[attr-defined]  # typer does this itself only together with options we do not want


def completion(shell: Annotated[Shell, typer.Argument()] = Shell.BASH) -> None:
    """Prints what a shell must read to complete our commands and options.

    \b
    Examples:
      source <(galenic completion bash)
      echo 'source <(galenic completion bash)' >> ~/.bashrc
      galenic completion fish | source
    """
    script: str = typers.get_completion_script(  # type: ignore[attr-defined]
        prog_name=PROGRAM, complete_var=VARIABLE, shell=shell
    )
    typer.echo(script)
