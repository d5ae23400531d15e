"""`galenic run`: the daemon of one station."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from api.cli.options import LISTEN, SITE, STATE, SiteFile, State


def run(
    site: SiteFile = SITE,
    listen: Annotated[
        list[str] | None,
        typer.Option(
            help="Where the API listens: plain HTTP on loopback, HTTPS at every other address. May be said again.",
            metavar="HOST:PORT",
            show_default=LISTEN,
        ),
    ] = None,
    state: State = STATE,
    exit_on_error: Annotated[
        bool, typer.Option("--exit-on-error", help="End with 65 on a wrong site file, 74 on a ledger that cannot be used.")
    ] = False,
) -> None:
    """Runs the station until Ctrl-C or SIGTERM; a second one ends it at once.

    \b
    Examples:
      galenic run station.toml
      galenic run station.toml --listen 127.0.0.1:8090 --state /var/lib/galenic
      galenic run station.toml --listen 127.0.0.1:8080 --listen 0.0.0.0:8443

    With a wrong site file nothing moves; the daemon stays up and says why at /v1/health, unless --exit-on-error.
    """
    gc.disable()  # what is imported and made until `lay_by` is nearly all kept: looking through it again and again finds nothing
    from api.serve import run as serve

    raise typer.Exit(serve(site, listen or [LISTEN], state, exit_on_error))
