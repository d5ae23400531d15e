"""The programs that a demo starts: each in a session of its own, asked to stop in order, gone when the demo is."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import typer

TIDY_S = 10
PR_SET_PDEATHSIG = 1
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a demo to stop."""


@contextlib.asynccontextmanager
async def process(
    children: list[Process], module: str, *arguments: str, stdout: int | None = None, stderr: int | None = None
) -> AsyncIterator[Process]:
    """A program of ours, out of reach of the terminal's Ctrl-C so that all end in order; asked to stop when this is left."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
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


def stops(children: list[Process]) -> asyncio.Event:
    """Set by Ctrl-C, SIGTERM or SIGHUP; a second one ends the children at once."""
    stop = asyncio.Event()

    def interrupted() -> None:
        if stop.is_set():
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
        stop.set()

    for number in STOPS:
        asyncio.get_running_loop().add_signal_handler(number, interrupted)
    return stop


async def first(**waited: Coroutine[Any, Any, Any]) -> str:
    """The name of the one that is done first; the others are cancelled."""
    tasks = [asyncio.create_task(one, name=name) for name, one in waited.items()]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        earliest = min(done, key=tasks.index)
        await earliest
        return earliest.get_name()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def how(ended: Process) -> str:
    """How it ended, in words."""
    code = ended.returncode or 0
    told = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"(process {ended.pid}) ended: {told}"


def _end_with_parent() -> None:
    """In the child: SIGTERM when the demo itself is killed, so that no port stays taken."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
