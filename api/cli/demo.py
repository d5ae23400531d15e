"""`galenic demo`: a simulated ward in one command. Simulators and daemon run as processes of their own, as on a real site."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.exits import Exit, end
from api.cli.options import LISTEN
from api.cli.simulate import Hands

if TYPE_CHECKING:
    from api.cli.demo_ward import Ward

READY_S = 30
"""No machine that can run it needs longer; whoever waits for more is told that something is wrong."""
TIDY_S = 10
ASK_S = 0.05
PR_SET_PDEATHSIG = 1


def demo(
    listen: Annotated[str | None, typer.Option(metavar="HOST:PORT", help=f"Where the daemon listens.  [default: {LISTEN}]")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave ledger and site file behind.")] = False,
    hands: Annotated[Hands, typer.Option(help="auto: simulated people work the drawers.")] = Hands.NONE,
) -> None:
    """Runs a whole ward, simulated: no drugs, no steel, no real names. Prints what to try. Ctrl-C ends it and tidies up.

    \b
    Examples:
      galenic demo
      galenic demo --listen 127.0.0.1:9000 --keep
    """
    address = _address(listen)
    folder = Path(tempfile.mkdtemp(prefix="galenic-demo-"))
    try:
        code = asyncio.run(_run(folder, address, hands))
    finally:
        if keep:
            typer.echo(f"Kept in {folder}. Next: galenic ledger verify {folder}/state/ledger.sqlite3", err=True)
        else:
            shutil.rmtree(folder)
            typer.echo("Nothing is left behind.", err=True)
    raise typer.Exit(code)


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
    stop, children = asyncio.Event(), list[Process]()

    def interrupted() -> None:
        if stop.is_set():
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, interrupted)
    typer.echo("Starting a simulated ward …", err=True)
    ward = lay_out(folder, listen)
    played = ("simulators", str(ward.site), "--json", "--control", ward.control, "--hands", hands)
    async with _process(children, *played, stdout=PIPE) as steel:
        await people(ward)
        assert steel.stdout is not None  # noqa: S101 - for the types; it was asked for
        if not await steel.stdout.readline():
            await steel.wait()
            typer.echo(f"The simulators {_how(steel)}, before anything listened. What they said stands above.", err=True)
            return steel.returncode or Exit.DEFECT
        return await _stand(ward, steel, stop, children, began)


async def _stand(ward: Ward, steel: Process, stop: asyncio.Event, children: list[Process], began: float) -> int:
    """The daemon until it is to stop; one that is killed is started again, as systemd would."""
    from api.cli.demo_words import Words

    head: list[int] = []
    while True:
        run = ("api.cli.main", "run", str(ward.site), "--listen", ward.listen, "--state", str(ward.state))
        async with _process(children, *run) as daemon:
            looked = _looked(ward.listen, head)
            match await _first(ready=looked, ended=daemon.wait(), stop=stop.wait(), late=asyncio.sleep(READY_S)):
                case "stop":
                    return Exit.DONE
                case "late":
                    typer.echo(f"The daemon is not ready after {READY_S} s: see http://{ward.listen}/v1/health", err=True)
                case "ended":
                    typer.echo(f"The daemon {_how(daemon)}, before it was ready. What it said stands above.", err=True)
                    return daemon.returncode if daemon.returncode and daemon.returncode > 0 else Exit.DEFECT
            took = asyncio.get_running_loop().time() - began
            if len(head) > 1:
                typer.echo(f"http://{ward.listen}   is back: log in again. What nobody knows is in doubt until it is counted.")
            else:
                typer.echo(Words(ward, daemon.pid, max(head, default=0), took).all())
            if await _stopped(daemon, steel, stop):
                return Exit.DONE
            typer.echo(f"The daemon {_how(daemon)}. Starting it again, as systemd would.", err=True)


async def _stopped(daemon: Process, steel: Process, stop: asyncio.Event) -> bool:
    """True once it is to stop, False once the daemon has ended by itself."""
    if steel.returncode is None:
        which = await _first(stop=stop.wait(), daemon=daemon.wait(), steel=steel.wait())
        if which != "steel":
            return which == "stop"
        told = "Every wire is dead, and what lay in the pockets is forgotten. Ctrl-C, then galenic demo, begins anew."
        typer.echo(f"The simulators {_how(steel)}. {told}", err=True)
    return await _first(stop=stop.wait(), daemon=daemon.wait()) == "stop"


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


async def _first(**waited: Coroutine[Any, Any, Any]) -> str:
    """The name of the one that is done first; the others are cancelled."""
    tasks = [asyncio.create_task(one, name=name) for name, one in waited.items()]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        first = min(done, key=tasks.index)
        await first
        return first.get_name()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def _process(children: list[Process], module: str, *arguments: str, stdout: int | None = None) -> AsyncIterator[Process]:
    """A program of ours, out of reach of the terminal's Ctrl-C so that all end in order; asked to stop when this is left."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=stdout,
        start_new_session=True,
        preexec_fn=_end_with_parent,
    )
    children.append(child)
    try:
        yield child
    finally:
        children.remove(child)
        if child.returncode is None:
            child.terminate()
            try:
                async with asyncio.timeout(TIDY_S):
                    await child.wait()
            except TimeoutError:
                typer.echo(f"{module} does not stop: it is ended.", err=True)
                child.kill()
                await child.wait()


def _end_with_parent() -> None:
    """In the child: SIGTERM when the demo itself is killed, so that no port stays taken."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _how(process: Process) -> str:
    """How it ended, in words."""
    code = process.returncode or 0
    how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"(process {process.pid}) ended: {how}"
