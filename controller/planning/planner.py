"""The planner: the rule's plan at once, a worker's if it comes within the deadline, is right and is worth it.

The worker is another process, because a solver takes a whole core and may hang or die. It is started when it is first needed,
killed when it is late or says something wrong, and started again at once, so that it is there when the next trip ends. Whatever
it does, the rule's plan stands, and `fallbacks` counts why. Packs are never the worker's business: it orders what the rule chose.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeGuard, TypeVar

from controller.planning import rule
from controller.planning.exchange import Trips
from controller.planning.problem import Plan, Problem, Trip, cost
from controller.planning.process import Worker
from controller.planning.validate import wrong

Cause = Literal["starting", "late", "died", "wrong", "missing", "busy", "rule"]
"""Why the rule's plan was taken though a worker should have been heard: it has not said yet that it is ready; no answer came within
the deadline; its process ended; its answer was no plan; PyVRP is not installed; it is at another plan. `rule`: our own check found
the rule's plan wrong, and the packs were fetched first come, first served."""
WORKER = (sys.executable, "-P", str(Path(__file__).with_name("worker.py")))
DEADLINE_S = 0.3
SEARCH = 0.6
"""Of the time left for an answer: what the search may take. The rest is for the way there and back on a busy machine."""
START_S = 20.0
"""A process that has not said within this time that it is ready is killed."""
WORTH_PERCENT = 1
T = TypeVar("T")


class _Fallback(Exception):
    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause: Cause = cause


class Planner:
    """`command` starts the worker; None for the rule alone. To be used as an async context, which leaves no process behind."""

    def __init__(self, command: Sequence[str] | None = WORKER, deadline_s: float = DEADLINE_S) -> None:
        self._command, self._deadline_s = command, deadline_s
        self._worker: Worker | None = None
        self._ending: list[Worker] = []
        self._asking = False
        self._tasks, self._spawning = asyncio.TaskGroup(), asyncio.Lock()
        self._number = 0
        self.fallbacks: Counter[Cause] = Counter()
        """`planner_fallbacks`, by cause."""
        self.taken = 0
        """Plans of the worker's that were taken."""

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._tasks.__aexit__(None, None, None)  # whatever went wrong is whoever's it was, and no group of errors
        self._kill()
        await asyncio.gather(*(one.gone for one in self._ending))

    @property
    def process(self) -> int | None:
        """The worker's process id while it has one."""
        return self._worker.process if self._worker and not self._worker.ended else None

    async def ready(self) -> None:
        """Starts the worker, if need be, and returns when it may be asked, or when it never will."""
        if self._command is not None:
            worker = await self._running(self._command)
            await asyncio.wait([worker.ready], timeout=START_S)

    async def plan(self, problem: Problem) -> Plan:
        """A plan without a fault by our own check, not later than the deadline: beyond it only by what the rule takes."""
        until = asyncio.get_running_loop().time() + self._deadline_s
        own = await self._by_rule(problem)
        if self._command is None or problem.carries == 1 or all(len(trips) == 1 for _, trips in own.groups()):
            return own  # one trip, or one pack each: there is nothing that another order of trips could save
        try:
            offered = await self._offered(self._command, problem, own, until)
        except _Fallback as why:
            self.fallbacks[why.cause] += 1
            return own
        if cost(problem, offered) * 100 >= cost(problem, own) * (100 - WORTH_PERCENT):
            return own
        self.taken += 1
        return offered

    async def _by_rule(self, problem: Problem) -> Plan:
        """The rule's plan, while others run between its slices."""
        own = await _sliced(rule.plan(problem))
        if wrong(problem, own) is None:
            return own
        self.fallbacks["rule"] += 1
        return rule.first_come(problem)

    async def _offered(self, command: Sequence[str], problem: Problem, own: Plan, until: float) -> Plan:
        if self._asking:
            raise _Fallback("busy")
        self._asking = True
        try:
            worker = await self._running(command)
            if asyncio.get_running_loop().time() >= until:  # the time went elsewhere: no fault of its, and it is not asked
                raise _Fallback("late" if worker.ready.done() else "starting")
            async with asyncio.timeout_at(until):
                said = await self._answer(worker, problem, own, until)
            return _read(problem, own, said)
        except TimeoutError:
            raise self._after("starting" if self._starts() else "late", command) from None
        except OSError:
            raise self._after("died", command) from None
        except ValueError:
            raise self._after("wrong", command) from None
        except asyncio.CancelledError:
            self._kill()  # its answer would be heard as the next one's
            raise
        finally:
            self._asking = False

    async def _answer(self, worker: Worker, problem: Problem, own: Plan, until: float) -> list[object]:
        await asyncio.wait([worker.ready])  # not itself awaited: whoever gives up waiting must not cancel it for all
        worker.ready.result()
        if worker.missing:
            raise _Fallback("missing")
        left = until - asyncio.get_running_loop().time()
        self._number += 1
        said = await worker.ask({
            "id": self._number,
            "seconds": left * SEARCH,
            "carries": problem.carries,
            "trip": problem.trip_us,
            "groups": [_group(problem, output, trips) for output, trips in own.groups()],
        })  # fmt: skip
        if not isinstance(said, dict) or said.get("id") != self._number or not isinstance(said.get("groups"), list):
            raise ValueError("no answer to what was asked")
        return list(said["groups"])

    async def _running(self, command: Sequence[str]) -> Worker:
        async with self._spawning:
            if self._worker is None or (self._worker.ended and not self._worker.missing):
                self._kill()
                self._worker = await Worker.started(command)
            return self._worker

    def _starts(self) -> bool:
        """Whether it is still within the time it may take to start."""
        now = asyncio.get_running_loop().time()
        return self._worker is not None and not self._worker.ready.done() and now < self._worker.since + START_S

    def _after(self, cause: Cause, command: Sequence[str]) -> _Fallback:
        """What follows: a worker that only starts is left alone, any other is killed and another started."""
        if cause != "starting":
            self._kill()
            self._tasks.create_task(self._replace(command))
        return _Fallback(cause)

    async def _replace(self, command: Sequence[str]) -> None:
        """Starting a process takes the system tens of milliseconds when it is busy: the plan that is due goes first."""
        await asyncio.sleep(0)
        with suppress(OSError):  # the next plan tries again, and counts it
            await self._running(command)

    def _kill(self) -> None:
        self._ending = [one for one in self._ending if not one.gone.done()]
        if self._worker is not None:
            self._worker.kill()
            self._ending.append(self._worker)
            self._worker = None


async def _sliced(work: Generator[None, None, T]) -> T:
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result
        await asyncio.sleep(0)


def _group(problem: Problem, output: str, trips: Sequence[Trip]) -> Mapping[str, object]:
    fetches = [fetch for trip in trips for fetch in trip.fetches]
    rows = iter(range(1, len(fetches) + 1))
    return {
        "times": rule.times_of(problem, output, fetches),
        "trips": [[next(rows) for _ in trip.fetches] for trip in trips],
    }


def _read(problem: Problem, own: Plan, said: list[object]) -> Plan:
    """The worker's trips with the packs that they stand for. Raises ValueError for what is no plan."""
    trips: list[Trip] = []
    for (output, before), routes in zip(own.groups(), said, strict=True):
        fetches = [fetch for trip in before for fetch in trip.fetches]
        if not _rows(routes, len(fetches)):
            raise ValueError("no trips")
        trips += [Trip(output, tuple(one)) for one in rule.named(fetches, routes)]
    offered = rule.arranged(problem, trips, own.short)
    found = wrong(problem, offered)
    if found is not None:
        raise ValueError(found)
    return offered


def _rows(routes: object, count: int) -> TypeGuard[Trips]:
    """Whether these are trips of some of the rows from 1 to `count`: what may be looked at further."""
    return isinstance(routes, list) and all(
        isinstance(route, list) and route and all(type(row) is int and 1 <= row <= count for row in route) for route in routes
    )
