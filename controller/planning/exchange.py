"""Trips of at most k places from one hand-over: savings (Clarke and Wright 1964), then exchange until nothing gets better.

Places are the rows of a matrix of times; row 0 is the hand-over, where every trip begins and ends. There is no chance and no clock
in it: equal input gives equal trips, and work is limited by counted steps. `search` is a generator so that whoever runs in an
event loop can let others run between two slices of it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import combinations, pairwise
from typing import TypeVar, cast

Matrix = list[list[int]]
Trips = list[list[int]]
STEPS = 400_000
"""A second or so; fifty places need a twentieth of it."""
SLICE = 1_000
"""Steps between two rests: a few milliseconds."""
SHAPES = (10, 13, 2, 7, 4)
"""Of savings, in tenths: plain ones first. Measured: five shapes take half of what one leaves above the optimum."""
LONG = 10
"""From here on a better order of one trip is worth a rest."""
T = TypeVar("T")


def length(t: Matrix, trip: list[int]) -> int:
    """From the hand-over through these places and back."""
    return t[0][trip[0]] + sum(t[a][b] for a, b in pairwise(trip)) + t[trip[-1]][0] if trip else 0


def savings(t: Matrix, k: int, shape: int = 10) -> Trips:
    """One trip for each place, then ends are joined where that saves most, while no trip gets more than k places.

    `shape`: tenths of the way between two ends that are weighed against their ways to the hand-over (Gaskell 1967).
    """
    trip_of = {i: [i] for i in range(1, len(t))}
    gains = sorted((shape * t[i][j] - 10 * (t[i][0] + t[0][j]), i, j) for i in trip_of for j in range(i + 1, len(t)))
    for _, i, j in gains:
        a, b = trip_of[i], trip_of[j]
        if a is b or len(a) + len(b) > k or i not in (a[0], a[-1]) or j not in (b[0], b[-1]):
            continue
        if a[-1] != i:
            a.reverse()
        if b[0] != j:
            b.reverse()
        a.extend(b)
        for place in b:
            trip_of[place] = a
    return list({id(trip): trip for trip in trip_of.values()}.values())


def search(t: Matrix, k: int, trip_us: int, steps: int = STEPS) -> Generator[None, None, Trips]:
    """Rests after every slice of work and returns the best trips found; `trip_us` is what a trip costs by itself.

    Savings of several shapes are each exchanged to their end; the first is always there, the others while steps are left.
    """
    best, least = [[i] for i in range(1, len(t))], sum(2 * t[0][i] + trip_us for i in range(1, len(t)))
    for shape in SHAPES:
        trips = savings(t, k, shape)
        yield
        steps -= yield from _exchange(t, trips, k, trip_us, steps)
        cost = sum(length(t, trip) + trip_us for trip in trips if trip)
        if cost < least:
            best, least = [trip for trip in trips if trip], cost
        if steps <= 0:
            break
    return best


def finished(work: Generator[None, None, T]) -> T:
    """What it returns, for whoever need not let others run meanwhile."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return cast("T", end.value)


def _exchange(t: Matrix, trips: Trips, k: int, trip_us: int, steps: int) -> Generator[None, None, int]:
    """Betters the trips in place, pair by pair, until no pair can be bettered or `steps` are done. The steps it took."""
    took = rested = now = 0
    changed = [0] * len(trips)
    tried: dict[tuple[int, int], int] = {}
    """When a pair was tried last; it is tried again only when one of the two has changed since."""
    for a, trip in enumerate(trips):
        trips[a], work = yield from _ordered(t, trip)
        took += work
    going = True
    while going and took < steps:
        going = False
        for a, b in combinations(range(len(trips)), 2):
            if tried.get((a, b), -1) >= max(changed[a], changed[b]) or not (trips[a] and trips[b]) or took >= steps:
                continue
            tried[a, b] = now
            took += (len(trips[a]) + 1) * (len(trips[b]) + 1)
            better = _pair(t, trips[a], trips[b], k, trip_us)
            if better is not None:
                going, now = True, now + 1
                for n, trip in zip((a, b), better, strict=True):
                    trips[n], work = yield from _ordered(t, trip)
                    changed[n], took = now, took + work
            if took - rested >= SLICE:
                rested = took
                yield
    return took


def _ordered(t: Matrix, trip: list[int]) -> Generator[None, None, tuple[list[int], int]]:
    """The same places in a better order, and the steps it took: while that saves time, parts are turned (2-opt) or moved (or-opt,
    up to three places)."""
    path, took = [0, *trip, 0], 0
    while (better := _turned(t, path) or _moved(t, path)) is not None:
        path, took = better, took + len(path) ** 2 // 4
        if len(path) > LONG:
            yield
    return path[1:-1], took


def _turned(t: Matrix, p: list[int]) -> list[int] | None:
    for i in range(1, len(p) - 2):
        before, first = t[p[i - 1]], t[p[i]]
        for j in range(i + 1, len(p) - 1):
            if before[p[j]] + first[p[j + 1]] < before[p[i]] + t[p[j]][p[j + 1]]:
                return p[:i] + p[i : j + 1][::-1] + p[j + 1 :]
    return None


def _moved(t: Matrix, p: list[int]) -> list[int] | None:
    for i in range(1, len(p) - 1):
        for j in range(i + 1, min(i + 3, len(p) - 1) + 1):
            rest, first, last = p[:i] + p[j:], t[p[i]], t[p[j - 1]]
            gain = t[p[i - 1]][p[i]] + last[p[j]] - t[p[i - 1]][p[j]]
            for at, (x, y) in enumerate(pairwise(rest), start=1):
                if min(first[x] + last[y], last[x] + first[y]) - t[x][y] < gain:
                    part = p[i:j] if first[x] + last[y] <= last[x] + first[y] else p[i:j][::-1]
                    return rest[:at] + part + rest[at:]
    return None


def _pair(t: Matrix, a: list[int], b: list[int], k: int, trip_us: int) -> tuple[list[int], list[int]] | None:
    """The best of: a place moves over, two places change sides, the trips change their ends. None if nothing saves time."""
    moves = [*_over(t, a, b, k, trip_us), *_swaps(t, a, b), *_tails(t, a, b, k, trip_us)]
    if len(a) + len(b) <= k:
        moves.append((length(t, joined := finished(_ordered(t, a + b))[0]) - length(t, a) - length(t, b) - trip_us, joined, []))
    best = min(moves, default=(0, a, b), key=lambda move: move[0])
    return (best[1], best[2]) if best[0] < 0 else None


Move = tuple[int, list[int], list[int]]
"""What it costs more (less, if negative), and both trips after it."""


def _over(t: Matrix, a: list[int], b: list[int], k: int, trip_us: int) -> Iterator[Move]:
    for here, there, turned in ((a, b, False), (b, a, True)):
        for i, place in enumerate(here):
            if len(there) < k:
                more, at = _insertion(t, there, place)
                cost = more - _saved(t, here, i) - (trip_us if len(here) == 1 else 0)
                x, y = here[:i] + here[i + 1 :], [*there[:at], place, *there[at:]]
                yield (cost, y, x) if turned else (cost, x, y)


def _swaps(t: Matrix, a: list[int], b: list[int]) -> Iterator[Move]:
    for i, u in enumerate(a):
        x, saved = a[:i] + a[i + 1 :], _saved(t, a, i)
        for j, v in enumerate(b):
            y = b[:j] + b[j + 1 :]
            (more_x, at_x), (more_y, at_y) = _insertion(t, x, v), _insertion(t, y, u)
            cost = more_x + more_y - saved - _saved(t, b, j)
            if cost < 0:
                yield cost, [*x[:at_x], v, *x[at_x:]], [*y[:at_y], u, *y[at_y:]]


def _tails(t: Matrix, a: list[int], b: list[int], k: int, trip_us: int) -> Iterator[Move]:
    p, q = [0, *a, 0], [0, *b, 0]
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            cut = t[p[i]][p[i + 1]] + t[q[j]][q[j + 1]]
            cost = t[p[i]][q[j + 1]] + t[q[j]][p[i + 1]] - cut
            if cost < 0 and i + len(b) - j <= k and j + len(a) - i <= k:
                yield cost, a[:i] + b[j:], b[:j] + a[i:]
            cost = t[p[i]][q[j]] + t[p[i + 1]][q[j + 1]] - cut
            if cost < 0 and i + j <= k and len(a) + len(b) - i - j <= k:
                yield cost, a[:i] + b[:j][::-1], a[i:][::-1] + b[j:]


def _saved(t: Matrix, trip: list[int], i: int) -> int:
    """By leaving out the i-th place."""
    before, after = trip[i - 1] if i else 0, trip[i + 1] if i + 1 < len(trip) else 0
    return t[before][trip[i]] + t[trip[i]][after] - t[before][after]


def _insertion(t: Matrix, trip: list[int], place: int) -> tuple[int, int]:
    """What the place costs where it costs least, and where that is."""
    row, before, best, at = t[place], 0, 1 << 62, 0
    for n, after in enumerate((*trip, 0)):
        more = t[before][place] + row[after] - t[before][after]
        if more < best:
            best, at = more, n
        before = after
    return best, at
