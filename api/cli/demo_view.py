"""The live view of a demo of two stations: list, robot, gantry, belts and totes as both daemons tell them, over REST and SSE.

On a terminal it is a picture that is drawn again in place whenever something happens; elsewhere each line that is new is printed.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import httpx

from api.cli.demo_hands import header
from api.cli.demo_stations import SCREEN
from api.cli.demo_ward import Run

AGAIN_S = 0.5
"""A daemon that does not answer is asked again after this."""
SILENCE_S = 60
"""A stream says every 15 s that it is still there."""
REST_S = 0.2
"""Between two pictures: nobody reads faster."""
ASKED = ("health", "pick-lists", "robots", "gantries", "line", "totes")
Told = Mapping[str, Mapping[str, Any]]
"""What a station answers to each of these; what it does not have is not in it. Empty: it is away."""


class Screen:
    """Where it is drawn. `terminal`: whether what was drawn can be drawn over."""

    def __init__(self, terminal: bool | None = None) -> None:
        self._terminal = sys.stdout.isatty() if terminal is None else terminal
        self._drawn: list[str] = []

    def show(self, lines: Sequence[str]) -> None:
        """The picture is now this."""
        if self._terminal:
            width, height = shutil.get_terminal_size()
            self._erase()
            self._drawn = [line[: width - 1] for line in lines[: height - 1]]  # what scrolls away cannot be drawn over
            _write(self._drawn)
        else:
            known, self._drawn = set(self._drawn), list(lines)
            _write([f"| {line}" for line in lines if line not in known])

    def say(self, text: str) -> None:
        """Something that stays, above the picture."""
        if self._terminal:
            self._erase()
            _write([text, *self._drawn])
        else:
            _write([text])

    def _erase(self) -> None:
        if self._drawn:
            sys.stdout.write(f"\x1b[{len(self._drawn)}A\x1b[J")


def _write(lines: Sequence[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


async def watch(runs: Sequence[Run], show: Callable[[Sequence[str]], None]) -> None:
    """Shows what both stations tell, and again after each event of either. Ends by cancellation only."""
    rung = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for run in runs:
            tasks.create_task(_hear(run, rung))
        while True:
            rung.clear()
            show([line for run in runs for line in picture(run.folder.name, await ask(run))])
            await asyncio.sleep(REST_S)
            await rung.wait()


async def ask(run: Run) -> Told:
    """What the station tells of itself now; nothing while it is away."""
    told = {}
    async with httpx.AsyncClient(base_url=f"http://{run.listen}", headers=header(run, SCREEN), timeout=5, trust_env=False) as api:
        for what in ASKED:
            with suppress(httpx.TransportError):
                answer = await api.get(f"/v1/{what}")
                if answer.is_success:
                    told[what] = answer.json()
    return told


async def _hear(run: Run, rung: asyncio.Event) -> None:
    """Rings at each event of a station, and whenever it comes or goes."""
    while True:
        with suppress(httpx.TransportError):
            async with (
                httpx.AsyncClient(headers=header(run, SCREEN), timeout=SILENCE_S, trust_env=False) as api,
                api.stream("GET", f"http://{run.listen}/v1/events") as events,
            ):
                async for line in events.aiter_lines():
                    if line.startswith("data:"):
                        rung.set()
        rung.set()
        await asyncio.sleep(AGAIN_S)


def picture(station: str, told: Told) -> Iterator[str]:
    """A station in lines, each of which can be read by itself."""
    if "health" not in told:
        yield f"{station}: away"
        return
    health = told["health"]
    why = ", ".join(sorted({reason["code"] for reason in health["reasons"]}))
    yield f"{station}: {health['status']}{f' ({why})' if why else ''}"
    for robot in _items(told, "robots"):
        doubt = f", {robot['in_doubt']} in doubt" if robot["in_doubt"] else ""
        yield f"{station}: robot {robot['id']} {robot['state']}, {robot['packs']} packs, {_many(robot['orders'], 'order')}{doubt}"
    for gantry in _items(told, "gantries"):
        tray = ", ".join(f"{one['item']} ({one['state']})" for one in gantry["tray"]) or "empty"
        yield f"{station}: gantry {gantry['id']} {gantry['state']}, {_many(gantry['orders'], 'order')}, tray {tray}"
    if "line" in told:
        yield from _line(station, told["line"])
    for list_ in _items(told, "pick-lists"):
        yield f"{station}: list {list_['id']} {list_['state']}, totes {', '.join(list_['totes']) or 'none'}"
        for line in list_["lines"]:
            yield f"{station}:   {line['n']} {line['item']} {line['picked']} of {line['quantity']}, {_where(line)}"
    for tote in _items(told, "totes"):
        contents = ", ".join(_content(one) for one in tote["contents"]) or "nothing"
        at = f" at {tote['at']}" if tote["at"] else ""
        yield f"{station}: tote {tote['id']} {tote['state']}{at}: {contents}"


def _line(station: str, line: Mapping[str, Any]) -> Iterator[str]:
    stands = sorted({why for module in line["modules"] for why in module["stopped"]})
    moves = sum(belt["moves"] for belt in line["belts"])
    how = f"stand: {', '.join(stands)}" if stands else f"{moves} of {len(line['belts'])} move"
    gates = ", ".join(f"{gate['id']} {gate['exit'] or '?'}" for gate in line["gates"])
    places = ", ".join(f"{place['id']} {'occupied' if place['occupied'] else 'free'}" for place in line["places"])
    yield f"{station}: belts {line['halted'] or how}; {gates}; {places}"
    for tote in line["totes"]:
        trouble = f": {tote['trouble']['what']}, {tote['trouble']['do']}" if tote["trouble"] else ""
        yield f"{station}: belt tote {tote['id']} {tote['state']} at {tote['place']}, bound for {tote['to']}{trouble}"


def _where(line: Mapping[str, Any]) -> str:
    if line["ordered"]:
        return f"{line['ordered']} on their way"
    if line["state"] in {"picked", "refused"} or not line["parts"]:
        lacking = f", {line['lacking']} nowhere" if line["lacking"] else ""
        return f"{line['state']}{lacking}"
    return ", ".join(f"{part['quantity']} from {part['pocket'] or part['drawer']}" for part in line["parts"])


def _content(one: Mapping[str, Any]) -> str:
    loaded = f" ({one['loaded']} put away)" if one["loaded"] else ""
    return f"{one['item']} {'?' if one['quantity'] is None else one['quantity']}{loaded}"


def _items(told: Told, what: str) -> Sequence[Mapping[str, Any]]:
    items: Sequence[Mapping[str, Any]] = told.get(what, {}).get("items", [])
    return items


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
