"""`galenic demo`: a simulated ward in one command. Simulators and daemon run as processes of their own, as on a real site."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import tempfile
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.demo_processes import STOPS, first, how, process, stops
from api.cli.exits import Exit, end
from api.cli.options import LISTEN
from api.cli.simulate import Hands

if TYPE_CHECKING:
    from api.cli.demo_ward import Run

READY_S = 30
"""No machine that can run it needs longer; whoever waits for more is told that something is wrong."""
ASK_S = 0.05


def demo(
    site: Annotated[
        Path | None,
        typer.Argument(metavar="SITEFILE", help="A simulated station with partners.  [default: a ward]", show_default=False),
    ] = None,
    listen: Annotated[str | None, typer.Option(metavar="HOST:PORT", help=f"Where the daemon listens.  [default: {LISTEN}]")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave ledger and site file behind.")] = False,
    hands: Annotated[Hands, typer.Option(help="auto: simulated people work the drawers.")] = Hands.NONE,
) -> None:
    """Runs a whole ward, simulated: no drugs, no steel, no real names. Prints what to try. Ctrl-C ends it and tidies up.

    With the site file of a pharmacy, that station and those that its totes go to, and what they do, as it happens.

    \b
    Examples:
      galenic demo
      galenic demo --listen 127.0.0.1:9000 --keep
      galenic demo sites/robot.toml --hands auto
    """
    if site is not None:
        _partnered(site)
    address = _address(listen)
    folder = Path(tempfile.mkdtemp(prefix="galenic-demo-"))
    try:
        code = asyncio.run(_run(folder, address, hands) if site is None else _pair(folder, site, address, hands))
    finally:
        for number in STOPS:
            signal.signal(number, signal.SIG_IGN)  # a terminal that is shut says so more than once, and tidying up takes a moment
        if keep:
            ledger = next(folder.rglob("ledger.sqlite3"), folder)
            typer.echo(f"Kept in {folder}. Next: galenic ledger verify {ledger}", err=True)
        else:
            shutil.rmtree(folder)
            typer.echo("Nothing is left behind.", err=True)
    raise typer.Exit(code)


def _partnered(path: Path) -> None:
    """Ends here for a site file that is wrong, is of real steel, or has no partner whose site file lies beside it."""
    from api.cli.demo_stations import others
    from sites.check import check

    report = check(path)
    if report.site is None:
        end(Exit.BAD_DATA, *(str(finding) for finding in report.errors))
    if not report.site.station.simulated:
        end(Exit.USAGE, f"{path} is not simulated: a demo never touches real steel.")
    if not report.site.partners:
        end(Exit.USAGE, f"{path} has no [[partners]]: a demo of one station is `galenic demo`, without a site file.")
    try:
        others(report.site, path.parent)
    except KeyError as lacking:
        end(Exit.USAGE, f"{path} has a partner {lacking.args[0]}, and no site file of that station lies beside it.")


async def _pair(folder: Path, site: Path, listen: str, hands: Hands) -> int:
    from api.cli.demo_pair import run

    return await run(folder, site, listen, hands is Hands.AUTO)


def _address(listen: str | None) -> str:
    """Where the daemon will listen: what was asked for, or where nothing was asked for another port if the usual is taken."""
    from api.cli.demo_ward import free

    host, _, port = (listen or LISTEN).rpartition(":")
    if host != "127.0.0.1" or not port.isdecimal() or int(port) > 65535:
        end(Exit.USAGE, f"--listen {listen}: the demo listens on this machine alone, at 127.0.0.1:PORT")
    address = free(int(port))
    if int(port) and address != f"127.0.0.1:{port}":
        if listen is not None:
            end(Exit.CANNOT_CREATE, f"{listen} is taken by another program. Without --listen the demo takes a free port.")
        typer.echo(f"{LISTEN} is taken by another program: listening at {address} (--listen chooses another).", err=True)
    return address


async def _run(folder: Path, listen: str, hands: Hands) -> int:
    """Steel, people, daemon, in this order; all of it ended in the other when this returns."""
    from api.cli.demo_ward import lay_out, people

    began = asyncio.get_running_loop().time()
    children = list[Process]()
    stop = stops(children)
    typer.echo("Starting a simulated ward …", err=True)
    ward = lay_out(folder, listen)
    played = ("simulators", str(ward.site), "--json", "--control", ward.control, "--hands", hands)
    async with process(children, *played, stdout=PIPE) as steel:
        await people(ward)
        assert steel.stdout is not None  # noqa: S101 - for the types; it was asked for
        if not await steel.stdout.readline():
            await steel.wait()
            typer.echo(f"The simulators {how(steel)}, before anything listened. What they said stands above.", err=True)
            return steel.returncode or Exit.DEFECT
        return await _stand(ward, steel, stop, children, began)


async def _stand(ward: Run, steel: Process, stop: asyncio.Event, children: list[Process], began: float) -> int:
    """The daemon until it is to stop; one that is killed is started again, as systemd would."""
    from api.cli.demo_words import Words

    head: list[int] = []
    while True:
        run = ("api.cli.main", "run", str(ward.site), "--listen", ward.listen, "--state", str(ward.state))
        async with process(children, *run) as daemon:
            looked = _looked(ward.listen, head)
            match await first(ready=looked, ended=daemon.wait(), stop=stop.wait(), late=asyncio.sleep(READY_S)):
                case "stop":
                    return Exit.DONE
                case "late":
                    typer.echo(f"The daemon is not ready after {READY_S} s: see http://{ward.listen}/v1/health", err=True)
                case "ended":
                    typer.echo(f"The daemon {how(daemon)}, before it was ready. What it said stands above.", err=True)
                    return daemon.returncode if daemon.returncode and daemon.returncode > 0 else Exit.DEFECT
            took = asyncio.get_running_loop().time() - began
            if len(head) > 1:
                still = "is back, and whoever was logged in still is. What nobody knows is in doubt until it is counted."
                typer.echo(f"http://{ward.listen}   {still}")
            else:
                typer.echo(Words(ward, daemon.pid, max(head, default=0), took).all())
            if await _stopped(daemon, steel, stop):
                return Exit.DONE
            typer.echo(f"The daemon {how(daemon)}. Starting it again, as systemd would.", err=True)


async def _stopped(daemon: Process, steel: Process, stop: asyncio.Event) -> bool:
    """True once it is to stop, False once the daemon has ended by itself."""
    if steel.returncode is None:
        which = await first(stop=stop.wait(), daemon=daemon.wait(), steel=steel.wait())
        if which != "steel":
            return which == "stop"
        told = "Every wire is dead, and what lay in the pockets is forgotten. Ctrl-C, then galenic demo, begins anew."
        typer.echo(f"The simulators {how(steel)}. {told}", err=True)
    return await first(stop=stop.wait(), daemon=daemon.wait()) == "stop"


async def _looked(listen: str, head: list[int]) -> None:
    """Returns once the daemon answers and has looked at every drawer; `head` then holds the ledger's last number."""
    import httpx

    async with httpx.AsyncClient(timeout=5) as client:
        while True:
            with contextlib.suppress(httpx.TransportError):
                health = (await client.get(f"http://{listen}/v1/health")).json()
                if health["drawers"] and not health["drawers"].keys() & {"offline", "unknown"}:
                    head.append(health["ledger"]["seq"])
                    return
            await asyncio.sleep(ASK_S)
