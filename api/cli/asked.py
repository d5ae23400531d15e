"""What a person says at the machine or a file says for them: ids, names, PINs. A PIN is never an argument."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from drivers.faults import Refused, SiteFault

From = Annotated[
    str | None, typer.Option("--from", metavar="FILE", help="Read id, name, pin (and roles, badge) as JSON; - is standard input.")
]


def told_of(source: str | None, asked: dict[str, str], **given: Any) -> dict[str, Any]:
    """What is told of a person: from JSON, or asked at the terminal where nothing was given. `pin` is always in it."""
    known = {name: value for name, value in given.items() if value is not None}
    if source is not None:
        try:
            read = json.loads(sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8"))
        except (OSError, ValueError) as unreadable:
            raise SiteFault("data-unreadable", path=source, why=str(unreadable)) from unreadable
        if not isinstance(read, dict) or not set(asked) <= {*read, *known} or "pin" not in read:
            raise SiteFault("data-unreadable", path=source, why=f"needs a JSON object with {', '.join([*asked, 'pin'])}")
        return _checked({**read, **known}, source)
    if not sys.stdin.isatty():
        raise SiteFault("data-unreadable", path="-", why="no terminal to ask at: use --from FILE, or --from - for standard input")
    for name, prompt in asked.items():
        if name not in known:
            known[name] = typer.prompt(prompt, err=True)
    return _checked({**known, "pin": _asked_pin()}, "-")


def _checked(told: dict[str, Any], source: str) -> dict[str, Any]:
    """As the API would take it. Raises SiteFault("data-unreadable") for the first that is not."""
    from pydantic import TypeAdapter, ValidationError

    from sites.part import Id, Name

    for name, kind in (("id", Id), ("name", Name), ("pin", str), ("badge", Name)):
        try:
            if told.get(name) is not None:
                TypeAdapter(kind).validate_python(told[name], strict=True)
        except ValidationError as wrong:
            raise SiteFault("data-unreadable", path=source, why=f"{name}: {wrong.errors()[0]['msg']}") from wrong
    return told


def _asked_pin() -> str:
    from controller.policy.pins import check_pin

    while True:
        pin = getpass.getpass("PIN (4 to 8 digits): ")
        try:
            check_pin(pin)
        except Refused as weak:
            typer.echo(f"{weak.facts['why']}.", err=True)
            continue
        if getpass.getpass("The same again: ") == pin:
            return pin
        typer.echo("Those were two different ones.", err=True)
