"""A demo of a station with partners: simulators and a daemon for each, a live view, and what to try."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import httpx
import typer

from api.cli.demo_hands import Crew, GaveUp, header
from api.cli.demo_journey import journey
from api.cli.demo_people import TERMINAL
from api.cli.demo_processes import first, how, process, stops
from api.cli.demo_stations import DESK, SCREEN, lay_out, staff
from api.cli.demo_view import Screen, watch
from api.cli.demo_ward import Run
from api.cli.exits import Exit

READY_S = 60
ASK_S = 0.1
LAST_WORDS_S = 1.0
"""A worker of a daemon that was killed may hold its last line open: nobody waits longer for it."""


class Ended(Exception):
    """A program of ours ended where it should not have: `told` in words, `code` for the shell."""

    def __init__(self, told: str, code: int) -> None:
        self.told, self.code = told, code
        super().__init__(told)


async def run(folder: Path, site: Path, listen: str, auto: bool) -> int:
    """Everything until it is to stop; all of it has ended when this returns. The exit code."""
    children = list[Process]()
    stop, began = stops(children), asyncio.get_running_loop().time()
    typer.echo("Starting two simulated stations …", err=True)
    runs = lay_out(folder, site, listen)
    for laid in runs:
        if laid.report.errors:
            typer.echo("".join(f"{finding}\n" for finding in laid.report.errors), err=True)
            return Exit.BAD_DATA
    async with contextlib.AsyncExitStack() as stack:
        steels = [await stack.enter_async_context(process(children, *_steel(laid), stdout=PIPE)) for laid in runs]
        staffing = asyncio.ensure_future(staff(runs, runs[0].folder.name))
        try:
            if await first(ready=_all_play(runs, steels, staffing), stop=stop.wait()) == "stop":
                return Exit.DONE
            return await _stand(runs, steels, children, stop, began, auto)
        except Ended as ended:
            typer.echo(ended.told, err=True)
            return ended.code
        finally:
            staffing.cancel()
            await asyncio.gather(staffing, return_exceptions=True)


def _steel(laid: Run) -> tuple[str, ...]:
    return "simulators", str(laid.site), "--json", "--control", laid.control


async def _all_play(runs: Sequence[Run], steels: Sequence[Process], staffing: asyncio.Future[None]) -> None:
    """Returns once all simulators listen and all people are known. Raises Ended."""
    for laid, steel in zip(runs, steels, strict=True):
        assert steel.stdout is not None  # noqa: S101 - for the types; it was asked for
        if not await steel.stdout.readline():
            await steel.wait()
            told = f"The simulators of {laid.name} {how(steel)}, before anything listened. What they said stands above."
            raise Ended(told, steel.returncode or Exit.DEFECT)
    await staffing


async def _stand(
    runs: Sequence[Run], steels: Sequence[Process], children: list[Process], stop: asyncio.Event, began: float, auto: bool
) -> int:
    """Daemons, the view and who works, until it is to stop or something ends that should not."""
    from api.cli.demo_pair_words import Words

    screen = Screen()
    daemons: dict[str, int] = {}
    both = asyncio.Event()

    def came(laid: Run, pid: int) -> None:
        again = laid.name in daemons
        daemons[laid.name] = pid
        if again:
            still = "whoever was logged in still is. What nobody knows is in doubt until somebody looks."
            screen.say(f"{laid.folder.name} is back (process {pid}), and {still}")
        if len(daemons) == len(runs):
            both.set()

    async def all_of_it() -> None:
        async with asyncio.TaskGroup() as tasks:
            for laid, steel in zip(runs, steels, strict=True):
                tasks.create_task(_keep(laid, children, screen, came))
                tasks.create_task(_steel_dies(laid, steel, screen))
            await both.wait()
            took = asyncio.get_running_loop().time() - began
            screen.say(Words(runs, daemons, took).all())
            tasks.create_task(watch(runs, screen.show))
            if auto:
                await _work(runs, screen)

    dead: list[Ended] = []
    try:
        await first(stop=stop.wait(), all=all_of_it())
    except* Ended as ended:
        dead += [one for one in ended.exceptions if isinstance(one, Ended)]
    for one in dead:
        raise one
    return Exit.DONE


async def _keep(laid: Run, children: list[Process], screen: Screen, came: Callable[[Run, int], None]) -> None:
    """The daemon of a station; one that is killed is started again, as systemd would. Raises Ended for one that never was ready."""
    while True:
        command = ("api.cli.main", "run", str(laid.site), "--listen", laid.listen, "--state", str(laid.state))
        async with process(children, *command, stderr=PIPE) as daemon, _heard(daemon, screen) as all_said:
            match await first(ready=all_known(laid), ended=daemon.wait(), late=asyncio.sleep(READY_S)):
                case "late":
                    screen.say(f"{laid.folder.name} is not ready after {READY_S} s: see http://{laid.listen}/v1/health")
                case "ended":
                    await all_said()
                    told = f"The daemon of {laid.folder.name} {how(daemon)}, before it was ready. What it said stands above."
                    raise Ended(told, daemon.returncode if daemon.returncode and daemon.returncode > 0 else Exit.DEFECT)
            came(laid, daemon.pid)
            await daemon.wait()
            await all_said()
            screen.say(f"The daemon of {laid.folder.name} {how(daemon)}. Starting it again, as systemd would.")


@contextlib.asynccontextmanager
async def _heard(daemon: Process, screen: Screen) -> AsyncIterator[Callable[[], Awaitable[object]]]:
    """What a daemon says besides its API stands above the picture; what this gives waits for the rest of it once it has ended."""

    async def hear() -> None:
        assert daemon.stderr is not None  # noqa: S101 - for the types; it was asked for
        async for line in daemon.stderr:
            screen.say(line.decode(errors="replace").rstrip("\n"))

    hearing = asyncio.create_task(hear())
    try:
        yield lambda: asyncio.wait([hearing], timeout=LAST_WORDS_S)
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def _steel_dies(laid: Run, steel: Process, screen: Screen) -> None:
    await steel.wait()
    told = "Every wire is dead, and what lay there is forgotten. Ctrl-C, then galenic demo, begins anew."
    screen.say(f"The simulators of {laid.folder.name} {how(steel)}. {told}")


async def all_known(laid: Run) -> None:
    """Returns once the daemon answers, has looked at every drawer, every robot has told what it holds, and every belt is up."""
    async with httpx.AsyncClient(base_url=f"http://{laid.listen}", headers=header(laid, SCREEN), timeout=5, trust_env=False) as api:
        while True:
            with contextlib.suppress(httpx.TransportError):
                drawers = (await api.get("/v1/health")).json()["drawers"]
                robots = (await api.get("/v1/robots")).json().get("items")
                modules = (await api.get("/v1/line")).json().get("modules", [])
                looked = drawers and not drawers.keys() & {"offline", "unknown"} and all(module["up"] for module in modules)
                if looked and robots is not None and all(robot["state"] == "ready" for robot in robots):
                    return
            await asyncio.sleep(ASK_S)


async def _work(runs: Sequence[Run], screen: Screen) -> None:
    async with Crew(runs[0], DESK) as pharmacy, Crew(runs[1], TERMINAL) as ward:
        try:
            await journey(pharmacy, ward, lambda step: screen.say(f"> {step}"))
        except GaveUp as why:
            screen.say(f"> given up: {why}")
