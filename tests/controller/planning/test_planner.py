"""The planner with its real worker and with workers that fail in every way: the rule's plan in time, counted, nothing left."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from controller.planning import planner as planning
from controller.planning import rule
from controller.planning.exchange import Matrix, Trips, finished
from controller.planning.planner import WORKER, Planner
from controller.planning.problem import Plan, Problem, cost
from controller.planning.validate import wrong
from tests.kit import lying_worker
from tests.proof.planning import LIAR, fetched_by_rule, queue

pytestmark = pytest.mark.processes
SOON_S = 5.0
"""A deadline for those who should not need it."""
NONE_THERE = (
    sys.executable,
    "-P",
    "-c",
    "import sys, runpy; sys.modules['pyvrp'] = None; runpy.run_path({!r}, run_name='__main__')",
)


def problem(picks: int = 20, outputs: tuple[str, ...] = ("counter",)) -> Problem:
    return queue(random.Random(f"{picks}"), picks, outputs)


def script(text: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-c", text)


async def gone(process: int | None) -> None:
    """Returns when there is no such process."""
    assert process is not None
    async with asyncio.timeout(SOON_S):
        while True:
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                return
            await asyncio.sleep(0.005)  # between two questions to the system, which tells nobody of itself


async def into_its_search(planner: Planner) -> None:
    """Returns when the worker has been asked; the real one then takes more than half of the deadline."""
    async with asyncio.timeout(SOON_S):
        while planner._number == 0:
            await asyncio.sleep(0)


def lazy(t: Matrix, k: int, trip_us: int, steps: int = 0) -> Generator[None, None, Trips]:
    """A rule that leaves much to be gained."""
    yield
    return [[row] for row in range(1, len(t))]


@pytest.mark.parametrize("outputs", [("counter",), ("counter", "cellar")])
async def test_the_workers_plan_is_taken_if_it_is_worth_it(outputs: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = problem(20, outputs)
    best = cost(asked, fetched_by_rule(asked))
    monkeypatch.setattr(rule, "search", lazy)
    async with Planner(WORKER, SOON_S) as planner:
        await planner.ready()
        planner._deadline_s = 0.5
        found = await planner.plan(asked)
        process = planner.process
        assert (planner.taken, planner.fallbacks) == (1, {})
    await gone(process)
    assert wrong(asked, found) is None
    assert cost(asked, found) <= 1.02 * best


async def test_the_rules_plan_stands_if_another_gains_too_little() -> None:
    async with Planner((*LIAR, "worse"), SOON_S) as planner:
        assert await planner.plan(problem()) == fetched_by_rule(problem())
        assert (planner.taken, planner.fallbacks) == (0, {})


async def test_the_rule_alone_starts_nothing() -> None:
    async with Planner(None) as planner:
        assert await planner.plan(problem()) == fetched_by_rule(problem())
        await planner.ready()
        assert planner.process is None


@pytest.mark.parametrize("picks", [1, 4])
async def test_where_nothing_can_be_gained_nobody_is_asked(picks: int) -> None:
    async with Planner(WORKER) as planner:
        assert await planner.plan(problem(picks)) == fetched_by_rule(problem(picks))
        assert planner.process is None


@pytest.mark.parametrize("how", lying_worker.HOW)
async def test_a_liar_is_found_out_and_killed(how: str) -> None:
    async with Planner((*LIAR, how), SOON_S) as planner:
        await planner.ready()
        liar = planner.process
        assert await planner.plan(problem()) == fetched_by_rule(problem())
        assert (planner.taken, planner.fallbacks) == (0, {"wrong": 1})
        await gone(liar)
        await planner.ready()
        assert planner.process not in {None, liar}


async def test_one_that_is_held_is_late_and_replaced() -> None:
    async with Planner(WORKER, 0.2) as planner:
        await planner.ready()
        held = planner.process
        assert held is not None
        os.kill(held, signal.SIGSTOP)
        assert await planner.plan(problem()) == fetched_by_rule(problem())
        assert planner.fallbacks == {"late": 1}
        await gone(held)
        await planner.ready()
        planner._deadline_s = 0.5  # the new one is as good as the first
        await planner.plan(problem())
        assert planner.fallbacks == {"late": 1}


async def test_one_that_dies_at_work_is_replaced() -> None:
    async with Planner(WORKER, SOON_S) as planner:
        await planner.ready()
        dead = planner.process
        assert dead is not None
        asked = asyncio.ensure_future(planner.plan(problem()))
        await into_its_search(planner)
        os.kill(dead, signal.SIGKILL)
        assert await asked == fetched_by_rule(problem())
        assert planner.fallbacks == {"died": 1}
        await gone(dead)
        await planner.ready()
        assert planner.process not in {None, dead}


async def test_one_that_reads_nothing_is_not_waited_for() -> None:
    asked = problem(100)  # a longer question than a pipe holds
    async with Planner(script("print('{}', flush=True); import time; time.sleep(60)"), 3.0) as planner:
        await planner.ready()
        deaf = planner.process
        assert await planner.plan(asked) == fetched_by_rule(asked)
        assert planner.fallbacks == {"late": 1}
        await gone(deaf)


async def test_one_that_is_gone_before_the_loop_has_heard_of_it() -> None:
    async with Planner((*LIAR, "worse"), SOON_S) as planner:
        await planner.ready()
        dead = planner.process
        assert dead is not None
        os.kill(dead, signal.SIGKILL)
        while Path(f"/proc/{dead}").exists():
            pass  # the loop stands still: only the system and whoever reaps know
        assert planner.process == dead
    assert planner.process is None


async def test_one_that_died_between_two_plans_is_replaced_before_it_is_asked() -> None:
    async with Planner((*LIAR, "worse"), SOON_S) as planner:
        await planner.ready()
        dead = planner.process
        assert dead is not None
        os.kill(dead, signal.SIGKILL)
        await gone(dead)
        await planner.plan(problem())
        assert planner.fallbacks == {}


@pytest.mark.parametrize("text", ["", "raise SystemExit(3)", "print('{\"ready\": true}')", "import os; os.close(1); input()"])
async def test_one_that_ends_by_itself(text: str) -> None:
    async with Planner(script(text), SOON_S) as planner:
        for count in (1, 2):
            assert await planner.plan(problem()) == fetched_by_rule(problem())
            assert planner.fallbacks == {"died": count}


async def test_a_program_that_is_not_there() -> None:
    async with Planner(("/nowhere/python", "worker.py"), SOON_S) as planner:
        assert await planner.plan(problem()) == fetched_by_rule(problem())
        assert planner.fallbacks == {"died": 1}


async def test_pyvrp_is_not_installed() -> None:
    command = (*NONE_THERE[:-1], NONE_THERE[-1].format(str(Path(WORKER[-1]))))
    async with Planner(command, SOON_S) as planner:
        for count in (1, 2, 3):
            assert await planner.plan(problem()) == fetched_by_rule(problem())
            assert planner.fallbacks == {"missing": count}
        assert planner.process is None


async def test_one_that_is_not_ready_yet_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Planner(script("input()"), 0.3) as planner:
        assert await planner.plan(problem()) == fetched_by_rule(problem())
        first = planner.process
        await planner.plan(problem())
        assert planner.process == first
        assert planner.fallbacks == {"starting": 2}
        monkeypatch.setattr(planning, "START_S", 0.0)
        await planner.plan(problem())
        await gone(first)
        assert planner.process != first
        assert planner.fallbacks == {"starting": 2, "late": 1}


async def test_where_the_rule_took_all_the_time_the_worker_is_neither_asked_nor_blamed() -> None:
    async with Planner((*LIAR, "a list"), 0.0) as planner:
        await planner.plan(problem())
        first = planner.process
        await planner.ready()
        assert await planner.plan(problem()) == fetched_by_rule(problem())
        assert planner.fallbacks == {"starting": 1, "late": 1}
        assert planner.process == first


async def test_a_worker_is_asked_one_thing_at_a_time() -> None:
    async with Planner((*LIAR, "worse"), SOON_S) as planner:
        both = await asyncio.gather(planner.plan(problem()), planner.plan(problem()))
        assert both == [fetched_by_rule(problem())] * 2
        assert planner.fallbacks == {"busy": 1}


async def test_whoever_gives_up_leaves_no_answer_behind() -> None:
    async with Planner(WORKER, SOON_S) as planner:
        await planner.ready()
        asked = planner.process
        task = asyncio.ensure_future(planner.plan(problem()))
        await into_its_search(planner)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await gone(asked)


async def test_a_rule_that_is_wrong_is_first_come_first_served(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(asked: Problem) -> Generator[None, None, Plan]:
        yield
        own = finished(honest(asked))
        return Plan(own.trips[1:])

    honest = rule.plan
    monkeypatch.setattr(rule, "plan", forgetful)
    async with Planner(None) as planner:
        assert await planner.plan(problem()) == rule.first_come(problem())
        assert planner.fallbacks == {"rule": 1}


async def test_others_run_while_the_rule_plans() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(other())
    async with Planner(None) as planner:
        await planner.plan(problem(50))
    task.cancel()
    assert turns > 10


async def test_the_worker_ends_with_whoever_asked() -> None:
    worker = await asyncio.create_subprocess_exec(*WORKER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    assert worker.stdout is not None
    assert await worker.stdout.readline() == b'{"ready": true}\n'
    worker.send_signal(signal.SIGINT)  # a Ctrl-C for the daemon reaches it too, and is none of its business
    await asyncio.wait_for(worker.communicate(b""), SOON_S)
    assert worker.returncode == 0
