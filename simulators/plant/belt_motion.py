"""How bodies on belts move between two events: as the zone under their middle, and no faster than what they run up against."""

from __future__ import annotations

from collections.abc import Sequence

from simulators.plant.belt import EPS, Body

GRIP_MM = 1.0
"""An obstacle holds a front this near to it."""


def set_speeds(bodies: Sequence[Body]) -> list[tuple[Body, Body]]:
    """Gives each body its speed in mm/s, and says which have just run up against which."""
    ahead = {body.id: _ahead(body, bodies) for body in bodies}
    for body in bodies:
        stands = body.held or body.caught or body.at_end or body.waits_for is not None or _obstructed(body)
        body.speed = 0.0 if stands else body.under.surface
    touched = []
    slower = True
    while slower:
        slower = False
        for body in bodies:
            gap, other = ahead[body.id]
            if other is not None and gap <= EPS and body.speed > other.speed:
                body.speed, slower = other.speed, True
                if body.touching != other.id:
                    body.touching = other.id
                    touched.append((body, other))
    for body in bodies:
        if body.touching is not None and ahead[body.id][0] > EPS:
            body.touching = None
    return touched


def next_event(bodies: Sequence[Body]) -> float | None:
    """Seconds until the next mark, touch, obstacle or other zone under a middle; None while nothing moves."""
    waits = [wait for body in bodies for wait in _waits(body, bodies)]
    return min(waits, default=None)


def _waits(body: Body, bodies: Sequence[Body]) -> list[float]:
    if body.speed <= 0:
        return []
    ways = [body.marks[0].way] if body.marks else []
    middle = body.way - body.length / 2
    ways += [stretch.base + body.length / 2 for stretch in body.trail if stretch.base > middle + EPS]
    at = body.belt.ails.blocked_at
    if at is not None and body.front < at - GRIP_MM:
        ways.append(body.trail[-1].base + at)
    waits = [max(0.0, way - body.way) / body.speed for way in ways]
    gap, other = _ahead(body, bodies)
    if other is not None and body.speed > other.speed and gap > EPS:
        waits.append(gap / (body.speed - other.speed))
    return waits


def _obstructed(body: Body) -> bool:
    at = body.belt.ails.blocked_at
    return at is not None and abs(body.front - at) <= GRIP_MM


def _ahead(body: Body, bodies: Sequence[Body]) -> tuple[float, Body | None]:
    """How far the nearest rear before a front on the same zone is, and whose."""
    belt, front = body.belt, body.front
    gap: float = float("inf")
    nearest: Body | None = None
    for other in bodies:
        rear_belt, rear = other.rear
        if other is not body and rear_belt is belt and front - EPS <= rear and rear - front < gap:
            gap, nearest = max(0.0, rear - front), other
    return gap, nearest
