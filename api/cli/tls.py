"""`galenic tls`: the certificate that whoever connects from the network sees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.exits import Exit, end, end_with
from api.cli.options import STATE, Json, State
from drivers.faults import Fault

if TYPE_CHECKING:
    from api.certificate import Certificate

HELP = """The certificate that the network sees.

\b
Examples:
  galenic tls show
  galenic tls csr --name ward4.hospital.example > ward4.csr
  galenic tls install ward4.pem

A station that listens beyond loopback speaks HTTPS only, from its first start with a certificate of its own: compare its
words with those at the station. The hospital's own authority signs a better one. A running daemon shows the new one once it
is started again.
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)

Names = Annotated[
    list[str] | None, typer.Option("--name", metavar="HOST", help="A name or address that it is for; may be said again.")
]


@app.command("show")
def show(state: State = STATE, json_: Json = False) -> None:
    """What the network sees: words, fingerprint, for which names, until when, and who made it.

    \b
    Examples:
      galenic tls show
      galenic tls show --json
    """
    from api.certificate import found

    with _told():
        told = _told_of(found(state))
    if json_:
        typer.echo(json.dumps(told))
        return
    typer.echo("\n".join(f"{key:<8} {', '.join(value) if isinstance(value, list) else value}" for key, value in told.items()))


@app.command("csr")
def csr(name: Names = None, state: State = STATE) -> None:
    """Prints what the hospital's authority signs. The key is made if there is none, and never leaves the station.

    \b
    Examples:
      galenic tls csr --name ward4.hospital.example --name 10.1.4.20 > ward4.csr

    Without --name it is for every name and address that this machine has now.
    """
    from api.certificate import request

    with _told():
        typer.echo(request(state, _names(name)), nl=False)


@app.command("install")
def install(certificate: Annotated[Path, typer.Argument(metavar="CERT", help="In PEM.")], state: State = STATE) -> None:
    """Puts a signed certificate in place: the server's first in the file, then those that signed it.

    \b
    Examples:
      galenic tls install ward4.pem
    """
    from api.certificate import install as installed
    from controller.clock import Clock

    with _told():
        told = _told_of(installed(state, certificate.read_bytes(), Clock().now()))
    typer.echo(f"Installed, good until {told['ends']}. A running daemon shows it once it is started again.")


@app.command("renew")
def renew(name: Names = None, state: State = STATE) -> None:
    """Makes the station's own certificate anew, for 397 days, in place of whatever is there. Its words change.

    \b
    Examples:
      galenic tls renew
    """
    from api.certificate import found, make
    from controller.clock import Clock

    with _told():
        make(state, _names(name), Clock().now())
        told = _told_of(found(state))
    typer.echo(f"{told['words']}\nGood until {told['ends']}. A running daemon shows it once it is started again.")


@contextmanager
def _told() -> Iterator[None]:
    """Ends the command with the words of a fault, or of the system where a file cannot be had."""
    try:
        yield
    except Fault as fault:
        end_with(fault)
    except OSError as why:
        end(Exit.CANNOT_CREATE, str(why))


def _names(said: list[str] | None) -> tuple[str, ...]:
    """Those that were said, or all that this machine has."""
    from api.addresses import is_name, names_here

    if wrong := [name for name in said or () if not is_name(name)]:
        end(Exit.USAGE, f"{wrong[0]} is no name of a host, nor an address that is one machine's")
    return tuple(said) if said else names_here()


def _told_of(shown: Certificate) -> dict[str, Any]:
    from api.fingerprint import in_hex, in_words

    return {
        "words": in_words(shown.fingerprint),
        "sha256": in_hex(shown.fingerprint),
        "names": list(shown.names),
        "ends": shown.ends.date().isoformat(),
        "made": "here: no browser knows it" if shown.own else "by an authority",
    }
