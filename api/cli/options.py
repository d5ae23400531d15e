"""What several commands are told in the same way, and where things stand if they are not (`ecosystem` B8)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

SITE = Path("/etc/galenic/station.toml")
STATE = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "galenic"
LISTEN = "127.0.0.1:8080"

Site = Annotated[Path, typer.Option("--site", "--config", envvar="GALENIC_CONFIG", help="The site file.", show_default=str(SITE))]
SiteFile = Annotated[
    Path, typer.Argument(envvar="GALENIC_CONFIG", metavar="SITEFILE", help="The site file.", show_default=str(SITE))
]
State = Annotated[Path, typer.Option("--state", envvar="GALENIC_STATE", help="Where ledger and pepper stand.")]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]
