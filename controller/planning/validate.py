"""What is wrong with a plan, whoever made it. Shares no code with the rule, which it judges too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from controller.planning.problem import Plan, Problem


def wrong(problem: Problem, plan: Plan) -> str | None:
    """The first thing that is wrong, or None."""
    for check in (_each_pick_once, _packs, _trips, _urgent_first, _expiry, _short):
        for found in check(problem, plan):
            return found
    return None


def _each_pick_once(problem: Problem, plan: Plan) -> Iterator[str]:
    planned = Counter([fetch.pick for trip in plan.trips for fetch in trip.fetches])
    planned.update(plan.short)
    asked = Counter(problem.picks)
    for pick in planned | asked:
        if planned[pick] != asked[pick]:
            yield f"pick {pick.id} is planned {planned[pick]} times, asked {asked[pick]} times"


def _packs(_: Problem, plan: Plan) -> Iterator[str]:
    taken: set[str] = set()
    for trip in plan.trips:
        for fetch in trip.fetches:
            if fetch.pack not in fetch.pick.packs:
                yield f"pack {fetch.pack.id} may not be had for pick {fetch.pick.id}"
            if fetch.pack.id in taken:
                yield f"pack {fetch.pack.id} is taken twice"
            taken.add(fetch.pack.id)


def _trips(problem: Problem, plan: Plan) -> Iterator[str]:
    for number, trip in enumerate(plan.trips):
        if not 1 <= len(trip.fetches) <= problem.carries:
            yield f"trip {number} has {len(trip.fetches)} packs"
        for fetch in trip.fetches:
            if fetch.pick.output != trip.output:
                yield f"pick {fetch.pick.id} goes to {trip.output}"


def _urgent_first(_: Problem, plan: Plan) -> Iterator[str]:
    waits = False
    for number, trip in enumerate(plan.trips):
        urgent = [fetch.pick.urgent for fetch in trip.fetches]
        if waits and any(urgent):
            yield f"trip {number} is urgent and does not go first"
        waits = waits or not all(urgent)
        if waits and any(urgent):
            yield f"trip {number} is urgent in part"


def _expiry(problem: Problem, plan: Plan) -> Iterator[str]:
    """After each trip, of all that could have been had instead nothing is left that expires too much earlier."""
    gone: set[str] = set()
    for trip in plan.trips:
        gone |= {fetch.pack.id for fetch in trip.fetches}
        for fetch in trip.fetches:
            for other in fetch.pick.packs:
                if other.id not in gone and other.expiry + problem.tolerance_days < fetch.pack.expiry:
                    yield f"pack {fetch.pack.id} goes before pack {other.id}"


def _short(_: Problem, plan: Plan) -> Iterator[str]:
    urgent = {fetch.pack.id for trip in plan.trips if trip.urgent for fetch in trip.fetches}
    gone = urgent | {fetch.pack.id for trip in plan.trips for fetch in trip.fetches}
    for pick in plan.short:
        if any(pack.id not in (urgent if pick.urgent else gone) for pack in pick.packs):
            yield f"pick {pick.id} could be had"
