"""Hands at the line: they take off, put on, put elsewhere, swap, stick labels on twice. Each deed is told to the judge alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.lines.layout import BELTS
from tests.lines.world import Body, World

WITHIN_REACH = ("in-1", "in-2", "belt-1", "tip-1", "back", "on", "tip-2", "pack")


@dataclass(slots=True)
class Deed:
    """What a hand did, when, to whom, and on which belt."""

    kind: str
    at: int
    bodies: tuple[Body, ...]
    belt: str
    moved: int
    """How long that belt had moved then."""
    due: int | None = None
    """When it had moved for so much longer that whatever was on it must have come to its end."""
    beside: tuple[str, ...] = field(default=())
    """What else the world knows about it."""


def remove(world: World, belt: str = "") -> Deed | None:
    body = _one(world, belt)
    if body is None:
        return None
    belt = body.belt
    world.take(body)
    body.trail.append((world.now, "hand", "off"))
    return Deed("remove", world.now, (body,), belt, world.moved[belt])


def elsewhere(world: World) -> Deed | None:
    body = _one(world)
    if body is None:
        return None
    belt = body.belt
    world.take(body)
    for _ in range(20):
        to = world.chance.choice(WITHIN_REACH)
        if to != belt and _put(world, body, to):
            world.gone.remove(body)
            return Deed("elsewhere", world.now, (body,), to, world.moved[to], beside=(belt,))
    body.trail.append((world.now, "hand", "off"))
    return Deed("remove", world.now, (body,), belt, world.moved[belt])


def swap(world: World) -> Deed | None:
    """Two neighbours change places."""
    belts = [name for name in WITHIN_REACH if len(world.bodies[name]) > 1]
    if not belts:
        return None
    belt = world.chance.choice(belts)
    first = world.chance.randrange(len(world.bodies[belt]) - 1)
    row = world.bodies[belt]
    one, other = row[first], row[first + 1]
    one.front, other.front = other.front, one.front
    row[first], row[first + 1] = other, one
    for body in (one, other):
        body.trail.append((world.now, "hand", belt))
    return Deed("swap", world.now, (other, one), belt, world.moved[belt])


def insert(world: World, kind: str, code: str, on: str = "") -> Deed | None:
    """A tote with this code is put somewhere on the line."""
    body = Body(code, genuine=False)
    for _ in range(20):
        belt = on or world.chance.choice(WITHIN_REACH)
        if _put(world, body, belt):
            return Deed(kind, world.now, (body,), belt, world.moved[belt])
    return None


def _one(world: World, belt: str = "") -> Body | None:
    among = [body for name in WITHIN_REACH if belt in {"", name} for body in world.bodies[name]]
    return world.chance.choice(among) if among else None


def _put(world: World, body: Body, belt: str) -> bool:
    if not world.put(body, belt, world.chance.randint(310, BELTS[belt].length_mm - 10)):
        return False
    body.trail.append((world.now, "hand", belt))
    return True
