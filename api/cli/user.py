"""`galenic user`: the site's people, terminals and programs, on the state directory while no daemon runs.

While one runs it owns the ledger; then an administrator uses `/v1/people`, `/v1/terminals` and `/v1/services` instead.
A PIN comes from a terminal, a file or standard input, and never from a flag or the environment, where others can read it.
"""

from __future__ import annotations

import asyncio
import getpass
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.asked import From, told_of
from api.cli.exits import end_with
from api.cli.options import SITE, STATE, Json, Site, State
from controller.policy.roles import RIGHTS, Right, Role
from drivers.faults import Fault, Refused

if TYPE_CHECKING:
    from api.state import Opened

HELP = """The site's people, terminals and programs, while no daemon runs.

\b
Examples:
  galenic user first-run --site station.toml
  galenic user terminal add med-room --out med-room.credential
  galenic user add nokafor --name "Nina Okafor" --role nurse
  galenic user service add pharmacy --name "Pharmacy system" --out pharmacy.token

While the daemon runs it owns the ledger; then an administrator uses /v1/people, /v1/terminals and /v1/services. A PIN
comes from a terminal, a file or standard input, and never from a flag or the environment, where others can read it.
"""
TERMINAL_HELP = """The places at which people stand.

\b
Examples:
  galenic user terminal add med-room --out med-room.credential
"""
SERVICE_HELP = """Programs: they push work and never open anything.

\b
Examples:
  galenic user service add pharmacy --name "Pharmacy system" --out pharmacy.token
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)
terminals = typer.Typer(help=TERMINAL_HELP, no_args_is_help=True, rich_markup_mode=None)
services = typer.Typer(help=SERVICE_HELP, no_args_is_help=True, rich_markup_mode=None)
app.add_typer(terminals, name="terminal")
app.add_typer(services, name="service")


@app.command("first-run")
def first_run(source: From = None, site: Site = SITE, state: State = STATE) -> None:
    """Makes the site's administrator. Nobody else exists before.

    \b
    Examples:
      galenic user first-run --site ward.toml --state ./state
      echo '{"id": "ada", "name": "Ada Holm", "pin": "…"}' |
        galenic user first-run --from - --site ward.toml --state ./state
    """

    async def make(disk: Opened) -> str:
        if disk.people.has_administrator:
            raise Refused("first-run-done")
        told = told_of(source, {"id": "Id", "name": "Name"})
        await disk.people.add_person(told["id"], told["name"], [Role.ADMINISTRATOR], told["pin"], _me(), told.get("badge"))
        return f"{told['name']} ({told['id']}) is this site's administrator.\nNext: galenic user terminal add TERMINAL"

    typer.echo(_on_disk(site, state, make))


@app.command("add")
def add(
    id: Annotated[str | None, typer.Argument(help="A short id, which also stands in the ledger.")] = None,
    name: Annotated[str | None, typer.Option(help="The full name.")] = None,
    role: Annotated[list[Role] | None, typer.Option(help="May be given several times.")] = None,
    source: From = None,
    site: Site = SITE,
    state: State = STATE,
) -> None:
    """Adds a person; asks for what is missing, and for the PIN twice.

    \b
    Examples:
      galenic user add nokafor --name "Nina Okafor" --role nurse
    """

    async def make(disk: Opened) -> str:
        told = told_of(source, {"id": "Id", "name": "Name", "roles": "Roles (with commas)"}, id=id, name=name, roles=role)
        await disk.people.add_person(told["id"], told["name"], _roles(told["roles"]), told["pin"], _me(), told.get("badge"))
        return f"{told['name']} ({told['id']}) may log in at an enrolled terminal."

    typer.echo(_on_disk(site, state, make))


@app.command("list")
def list_all(as_json: Json = False, site: Site = SITE, state: State = STATE) -> None:
    """Everybody: people, programs, terminals. No PIN, badge or credential is ever told.

    \b
    Examples:
      galenic user list --site station.toml
      galenic user list --json
    """

    async def read(disk: Opened) -> str:
        view = disk.books.people
        known = {"people": view.persons, "services": view.services, "terminals": view.terminals}
        if as_json:
            return json.dumps(known, ensure_ascii=False, sort_keys=True)
        lines = [f"{id}  {one['name']}  {', '.join(one['roles'])}{_gone(one['active'])}" for id, one in view.persons.items()]
        lines += [
            f"{id}  {one['name']}  program: {', '.join(one['rights'])}{_gone(one['active'])}" for id, one in view.services.items()
        ]
        lines += [f"{id}  terminal{_gone(enrolled)}" for id, enrolled in view.terminals.items()]
        return "\n".join(lines) or "Nobody yet. Next: galenic user first-run"

    typer.echo(_on_disk(site, state, read))


@app.command("pin")
def pin(id: str, source: From = None, site: Site = SITE, state: State = STATE) -> None:
    """Sets a person's PIN, and ends their waiting after wrong ones.

    \b
    Examples:
      galenic user pin nina --site station.toml
    """

    async def change(disk: Opened) -> str:
        disk.people.active(id)
        await disk.people.set_pin(id, told_of(source, {}, id=id)["pin"], _me())
        return f"{id} has a new PIN."

    typer.echo(_on_disk(site, state, change))


@app.command("remove")
def remove(id: str, site: Site = SITE, state: State = STATE) -> None:
    """Ends a person's rights. What they did stays in the ledger.

    \b
    Examples:
      galenic user remove nina --site station.toml
    """

    async def change(disk: Opened) -> str:
        await disk.people.remove_person(id, _me())
        return f"{id} may no longer log in."

    typer.echo(_on_disk(site, state, change))


@app.command("role")
def role(
    id: str,
    roles: Annotated[list[Role], typer.Option("--role", help="All that the person is from now on; may be given several times.")],
    site: Site = SITE,
    state: State = STATE,
) -> None:
    """Gives a person other roles in place of the ones before.

    \b
    Examples:
      galenic user role nokafor --role nurse --role charge_nurse
    """

    async def change(disk: Opened) -> str:
        known = disk.people.active(id)
        await disk.people.change_person(id, known["name"], roles, _me(), known.get("same_as"))
        return f"{id} is {', '.join(roles)} from now on."

    typer.echo(_on_disk(site, state, change))


@terminals.command("add")
def enrol(
    id: Annotated[str, typer.Argument(help="A terminal of the site file.")],
    out: Annotated[Path | None, typer.Option(help="Write the credential into this new file, readable by its owner alone.")] = None,
    site: Site = SITE,
    state: State = STATE,
) -> None:
    """Enrols a terminal and tells its credential once: what it sends in `Galenic-Terminal`. An older credential ends.

    \b
    Examples:
      galenic user terminal add med-room --out med-room.credential
    """

    from sites.check import check

    async def make(disk: Opened) -> str:
        part = check(site).site
        if part is None or id not in {terminal.id for terminal in part.terminals}:
            raise Refused("terminal-unknown", terminal=id)
        return await disk.people.enrol_terminal(id, _me())

    _tell_secret(_on_disk(site, state, make), out)


@services.command("add")
def add_service(
    id: Annotated[str, typer.Argument(help="A short id, which also stands in the ledger.")],
    name: Annotated[str, typer.Option(help="What the program is.")],
    right: Annotated[list[Right] | None, typer.Option(help="May be given several times; all of a program's without.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the token into this new file, readable by its owner alone.")] = None,
    site: Site = SITE,
    state: State = STATE,
) -> None:
    """Adds a program and tells its token once.

    \b
    Examples:
      galenic user service add pharmacy --name "Pharmacy system" --right push-orders --right push-patients
    """

    async def make(disk: Opened) -> str:
        return await disk.people.add_service(id, name, right or RIGHTS[Role.SERVICE_ACCOUNT], _me())

    _tell_secret(_on_disk(site, state, make), out)


def _on_disk(site: Path, state: Path, work: Callable[[Opened], Awaitable[str]]) -> str:
    """Does it on the opened ledger, or ends the command with the fault's own words and its exit code."""

    from api.state import opened
    from sites.check import check

    async def do() -> str:
        async with opened(check(site), state) as disk:
            return await work(disk)

    try:
        return asyncio.run(do())
    except Fault as fault:
        running = "While the daemon runs, an administrator uses /v1/people, /v1/terminals and /v1/services."
        end_with(fault, *([running] if fault.code == "ledger-in-use" else []))


def _roles(given: Any) -> list[Role]:
    try:
        return [Role(str(name).strip()) for name in (given.split(",") if isinstance(given, str) else given)]
    except (TypeError, ValueError):
        raise Refused("roles-wrong") from None


def _tell_secret(secret: str, out: Path | None) -> None:
    if out is None:
        typer.echo(secret)
        return
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret + "\n")
    except OSError as wrong:
        typer.echo(f"{out} cannot be written ({wrong.strerror}); the credential is told here instead:", err=True)
        typer.echo(secret)
        return
    typer.echo(f"Written to {out}.")


def _gone(active: bool) -> str:
    return "" if active else "  (ended)"


def _me() -> str:
    """Who sits at the machine: stands in the ledger as the one who did it."""
    return f"host:{getpass.getuser()}"
