"""`galenic simulate`: the far end of every wire of a site file, played by another process. The daemon imports none of it."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from api.cli.exits import Exit, end
from api.cli.options import SITE, Json, SiteFile


class Hands(StrEnum):
    """Who works the simulated drawers."""

    NONE = "none"
    AUTO = "auto"


def simulate(
    site: SiteFile = SITE,
    as_json: Json = False,
    hands: Annotated[Hands, typer.Option(help="auto: simulated people work the drawers.")] = Hands.NONE,
    seed: Annotated[int, typer.Option(help="Of the people and of the weather.")] = 0,
    control: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where hands, faults and the truth can be asked; loopback only.")
    ] = "127.0.0.1:0",
) -> None:
    """Plays every board, scale and scanner of a site file, and prints where each listens. Runs until stopped.

    \b
    Examples:
      galenic simulate station.toml
      galenic simulate station.toml --json --control 127.0.0.1:8081
    """
    from sites.check import check

    report = check(site)
    if report.site is None:
        end(Exit.BAD_DATA, *(str(finding) for finding in report.errors))
    asked = [str(site), "--hands", hands, "--seed", str(seed), "--control", control, *(["--json"] if as_json else [])]
    os.execv(sys.executable, [sys.executable, "-m", "simulators", *asked])  # noqa: S606 - our own program, and no shell
