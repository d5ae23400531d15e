"""`galenic bench`: our figures beside the floor they are measured against. Stands in the source tree, not in the package."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from api.cli.exits import Exit, end


def bench(names: Annotated[list[str] | None, typer.Argument(help="Only these.")] = None) -> None:
    """Measures, prints one table, and writes bench.json into the current folder.

    \b
    Examples:
      galenic bench
      galenic bench ledger line
    """
    sys.path.insert(0, os.getcwd())
    if find_spec("benchmarks") is None:
        end(Exit.ENVIRONMENT, "The benchmarks stand in the source tree: run this in a clone of it.")
    os.execv(sys.executable, [sys.executable, "-m", "benchmarks", *(names or [])])  # noqa: S606 - our own program, and no shell
