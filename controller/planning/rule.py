"""The built-in rule: the nearest packs of those first to expire, savings, exchange. No chance, no clock, nothing to install.

Urgent picks are planned first and alone. What is planned for one item goes in the order in which it expires wherever the dates are
further apart than the tolerance, so that a plan that is broken off after any trip has left no earlier pack behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Sequence
from itertools import groupby

from controller.planning.eligible import first_to_expire
from controller.planning.exchange import Matrix, Trips, finished, length, search
from controller.planning.problem import Fetch, Pack, Pick, Plan, Problem, Trip
from controller.planning.travel import matrix


def plan(problem: Problem) -> Generator[None, None, Plan]:
    """Rests after every slice of work (see `exchange.search`) and returns the plan."""
    fetches, short = chosen(problem)
    now = {fetch.pick.id: fetch for fetch in fetches}
    trips: list[Trip] = []
    for output, group in _groups(fetches):
        routed = yield from _routed(problem, output, group)
        if _nearer(problem, output, routed, now):
            yield
            routed = yield from _routed(problem, output, [now[fetch.pick.id] for fetch in group])
        trips += [Trip(output, tuple(trip)) for trip in routed]
    return arranged(problem, trips, short)


def first_come(problem: Problem) -> Plan:
    """First come, first served: the rule's own fallback, which is right by its making and takes as long as it takes."""
    fetches, short = chosen(problem)
    trips: list[Trip] = []
    for (_, output), group in groupby(fetches, key=lambda fetch: (fetch.pick.urgent, fetch.pick.output)):
        members = list(group)
        trips += [Trip(output, tuple(members[at : at + problem.carries])) for at in range(0, len(members), problem.carries)]
    return Plan(tuple(trips), tuple(short))


def chosen(problem: Problem) -> tuple[list[Fetch], list[Pick]]:
    """A pack for each pick, urgent ones first: the nearest to its output of those first to expire. And the picks left without."""
    taken: set[str] = set()
    fetches, short = [], []
    for pick in sorted(problem.picks, key=lambda pick: not pick.urgent):
        hand_over = problem.hand_overs[pick.output]
        left = first_to_expire([pack for pack in pick.packs if pack.id not in taken], problem.tolerance_days)
        if not left:
            short.append(pick)
            continue
        pack = min(left, key=lambda pack: (problem.times(hand_over, pack.place), pack.expiry, pack.id))
        taken.add(pack.id)
        fetches.append(Fetch(pick, pack))
    return fetches, short


def arranged(problem: Problem, trips: Iterable[Trip], short: Sequence[Pick]) -> Plan:
    """The trips in the order in which they go: urgent ones, then by output, each time the one with the longest waiting pick."""
    place = {pick.id: number for number, pick in enumerate(problem.picks)}
    since: dict[tuple[bool, str], int] = {}
    trips = sorted(trips, key=lambda trip: min(place[fetch.pick.id] for fetch in trip.fetches))
    for trip in trips:
        since.setdefault((trip.urgent, trip.output), len(since))
    trips.sort(key=lambda trip: (not trip.urgent, since[trip.urgent, trip.output]))
    return Plan(tuple(_earliest_first(problem, trips)), tuple(short))


def _groups(fetches: Sequence[Fetch]) -> list[tuple[str, list[Fetch]]]:
    groups: dict[tuple[bool, str], list[Fetch]] = defaultdict(list)
    for fetch in fetches:
        groups[fetch.pick.urgent, fetch.pick.output].append(fetch)
    return [(output, group) for (_, output), group in groups.items()]


def _routed(problem: Problem, output: str, fetches: Sequence[Fetch]) -> Generator[None, None, list[list[Fetch]]]:
    routes = yield from search(times_of(problem, output, fetches), problem.carries, problem.trip_us)
    return named(fetches, routes)


def times_of(problem: Problem, output: str, fetches: Sequence[Fetch]) -> Matrix:
    """The matrix of a group: the hand-over, then the packs in this order."""
    return matrix(problem.times, [problem.hand_overs[output], *(fetch.pack.place for fetch in fetches)])


def named(fetches: Sequence[Fetch], routes: Trips) -> list[list[Fetch]]:
    """Rows of the group's matrix as what they stand for."""
    return [[fetches[row - 1] for row in route] for route in routes]


def _nearer(problem: Problem, output: str, trips: list[list[Fetch]], now: dict[str, Fetch]) -> bool:
    """Changes the packs of `now` (by pick) where another that may go as well lies better on its trip. Whether it found one."""
    end, found = problem.hand_overs[output], False
    for trip in trips:
        for at, fetch in enumerate(trip):
            before = trip[at - 1].pack.place if at else end
            after = trip[at + 1].pack.place if at + 1 < len(trip) else end
            used = {one.pack.id for one in now.values()}
            ways = [
                (problem.times(before, pack.place) + problem.times(pack.place, after), pack.expiry, pack.id, pack)
                for pack in fetch.pick.packs
                if pack is fetch.pack or pack.id not in used
            ]
            own = next(way for way in ways if way[3] is fetch.pack)
            for *_, pack in sorted(way for way in ways if way[0] < own[0]):
                changed = {**now, fetch.pick.id: Fetch(fetch.pick, pack)}
                if _none_passed_over(problem, changed.values()):
                    now[fetch.pick.id] = trip[at] = changed[fetch.pick.id]
                    found = True
                    break
    return found


def _none_passed_over(problem: Problem, fetches: Collection[Fetch]) -> bool:
    """Whether no pick leaves behind what it could have had and what expires too much earlier."""
    used = {fetch.pack.id for fetch in fetches}
    return all(
        fetch.pack.expiry <= min((one.expiry for one in fetch.pick.packs if one.id not in used), default=fetch.pack.expiry)
        + problem.tolerance_days
        for fetch in fetches
    )  # fmt: skip


def _earliest_first(problem: Problem, trips: list[Trip]) -> list[Trip]:
    """The same trips; picks that may have the same packs get them in the order in which they expire, where that matters."""
    same: dict[tuple[Pack, ...], list[Fetch]] = defaultdict(list)
    for trip in trips:
        for fetch in trip.fetches:
            same[fetch.pick.packs].append(fetch)
    changed: dict[str, Fetch] = {}
    for fetches in same.values():
        days = [fetch.pack.expiry for fetch in fetches]
        if max(days) - min(days) > problem.tolerance_days and days != sorted(days):
            packs = sorted((fetch.pack for fetch in fetches), key=lambda pack: (pack.expiry, pack.id))
            changed |= {fetch.pick.id: Fetch(fetch.pick, pack) for fetch, pack in zip(fetches, packs, strict=True)}
    if not changed:
        return trips
    return [_straightened(problem, trip.output, [changed.get(one.pick.id, one) for one in trip.fetches]) for trip in trips]


def _straightened(problem: Problem, output: str, fetches: list[Fetch]) -> Trip:
    """One trip's packs in their best order."""
    t = times_of(problem, output, fetches)
    routes = finished(search(t, len(fetches), problem.trip_us))
    as_is = list(range(1, len(t)))
    best = min([*(route for route in routes if len(route) == len(fetches)), as_is], key=lambda route: length(t, route))
    return Trip(output, tuple(named(fetches, [best])[0]))
