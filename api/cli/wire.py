"""`galenic wire`: the last frames of a link, decoded, from the ring that the daemon always keeps."""

from __future__ import annotations

import getpass
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.exits import Exit, end
from api.cli.options import LISTEN, Json

if TYPE_CHECKING:
    import httpx

LOOK_S = 0.5
ARROWS = {"out": "->", "in": "<-", "noise": "??"}
STATUS = {401: Exit.NOT_ALLOWED, 403: Exit.NOT_ALLOWED, 429: Exit.TRY_AGAIN, 503: Exit.TRY_AGAIN}


def wire(
    link: Annotated[str | None, typer.Argument(help="A link of the site file; all of them, without frames, when left out.")] = None,
    terminal: Annotated[
        Path | None, typer.Option(metavar="FILE", help="This terminal's credential, from `galenic user terminal add --out`.")
    ] = None,
    who: Annotated[str | None, typer.Option(help="An engineer or administrator; the PIN is asked.")] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Read who and pin as JSON instead; - is standard input.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until Ctrl-C.")] = False,
    daemon: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where the daemon listens.")] = LISTEN,
    as_json: Json = False,
) -> None:
    """Shows what went over a wire: time, direction, bytes and what they mean. Never moves anything.

    \b
    Examples:
      galenic wire lockbus --terminal med-room.credential --who emil
      galenic wire lockbus --terminal med-room.credential --from emil.json --follow
      galenic wire --terminal med-room.credential --from emil.json --json

    With --json a line per frame (or per link).
    """
    import httpx

    try:
        with httpx.Client(base_url=f"http://{daemon}", timeout=10) as client:
            _log_in(client, terminal, who, source)
            for told in _frames(client, link, follow) if link else _asked(client, "/v1/links")["items"]:
                typer.echo(json.dumps(told) if as_json else _line(told))
    except httpx.TransportError as gone:
        end(Exit.NOT_REACHABLE, f"No daemon answers at {daemon}: {gone}", "Next: galenic run SITEFILE, or --daemon HOST:PORT")


def _log_in(client: httpx.Client, terminal: Path | None, who: str | None, source: str | None) -> None:
    """Opens a session as a person at a terminal; the client carries both from then on."""
    if terminal is None or (who is None and source is None):
        end(Exit.USAGE, "Frames are shown to an engineer or administrator: name --terminal FILE, and --who or --from.")
    try:
        credential = terminal.read_text(encoding="utf-8").strip().removeprefix("Galenic-Terminal:").strip()
        asked = None if source is None else json.loads(sys.stdin.read() if source == "-" else Path(source).read_text("utf-8"))
    except (OSError, ValueError) as wrong:
        end(Exit.BAD_DATA, f"It cannot be read: {wrong}")
    asked = asked or {"who": who, "pin": getpass.getpass("PIN: ")}
    client.headers["Galenic-Terminal"] = credential
    client.headers["Authorization"] = f"Bearer {_checked(client.post('/v1/sessions', json=asked))['token']}"


def _asked(client: httpx.Client, path: str) -> dict[str, Any]:
    return _checked(client.get(path))


def _checked(answer: httpx.Response) -> dict[str, Any]:
    """The answer's body, or the end of the command in the words of its problem."""
    told: dict[str, Any] = answer.json()
    if not answer.is_success:
        end(STATUS.get(answer.status_code, Exit.REFUSED), f"{told['title']}: {told['detail']}", told["remedy"])
    return told


def _frames(client: httpx.Client, link: str, follow: bool) -> Iterator[dict[str, Any]]:
    """The ring, oldest first; then what is new in it, until nobody listens."""
    last = 0.0
    while True:
        for frame in _asked(client, f"/v1/links/{link}/frames")["items"]:
            if frame["at_s"] > last:
                last = frame["at_s"]
                yield frame
        if not follow:
            return
        sys.stdout.flush()
        time.sleep(LOOK_S)


def _line(told: dict[str, Any]) -> str:
    if "bytes" not in told:
        answered = "never answered" if told["answered_s"] is None else f"answered {told['answered_s']} s ago"
        state = "up" if told["up"] else "DOWN"
        return (
            f"{told['id']:12} {state:5} epoch {told['epoch']}, {told['exchanges']} exchanges, {told['timeouts']} silent, {answered}"
        )
    return f"{told['at_s']:12.3f} #{told['epoch']} {ARROWS[told['direction']]} {told['bytes']}  {told['means']}".rstrip()
