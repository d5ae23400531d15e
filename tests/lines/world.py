"""Belts, eyes, gates, diverters and bodies. It knows what really happens, and nothing of whoever tracks it.

Lengths are micrometres inside, times microseconds.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.lines.layout import (
    ACTUATE_US,
    BELTS,
    CLEAR_MM,
    DIVERTERS,
    DRIVEN,
    LANES,
    READERS,
    SPEED_MM_S,
    TOTE_MM,
)

TICK = 20_000
TOTE, CLEAR = TOTE_MM * 1000, CLEAR_MM * 1000


@dataclass(slots=True, eq=False)
class Body:
    """A tote in truth. `code` is what is printed on it, `genuine` whether it is the one that the robot filled for that code."""

    code: str
    genuine: bool
    front: int = 0
    belt: str = ""
    trail: list[tuple[int, str, str]] = field(default_factory=list)
    """When, what (read, unread, hand, exit), where."""


@dataclass(slots=True)
class Window:
    bodies: list[Body] = field(default_factory=list)
    covered: int = 0
    clear: int = 0


@dataclass(slots=True)
class Diverter:
    stands: str
    target: str
    from_: int = 0
    """When it stands at its target."""
    over: int = 0
    set: bool = False


class World:
    def __init__(self, seed: str, unread: float = 0.0, tick: int = TICK) -> None:
        self.chance = random.Random(seed)
        self.unread, self.now, self.step = unread, 0, tick
        self.bodies: dict[str, list[Body]] = {name: [] for name in BELTS}
        self.speed = {name: SPEED_MM_S * tick // 1000 * (1000 + self.chance.randint(-40, 40)) // 1000 for name in BELTS}
        self.stopped: dict[str, bool] = {}
        self.moved = dict.fromkeys(BELTS, 0)
        self.diverters = {name: Diverter(exits[0], exits[0]) for name, exits in DIVERTERS.items()}
        self.stuck: set[str] = set()
        self.gates = dict.fromkeys(LANES, 0)
        self.counts = {(what, name): self.chance.choice((0, 65533, 117)) for what in ("arrived", "departed") for name in BELTS}
        self.eyes = {name: Window() for name in READERS}
        self.covered = dict.fromkeys(BELTS, False)
        self.facts: list[tuple[object, ...]] = []
        self.windows: dict[tuple[str, int], list[Body]] = {}
        self.packed: list[Body] = []
        self.gone: list[Body] = []

    # --- what can be done to it

    def put(self, body: Body, belt: str, front_mm: int) -> bool:
        """Puts a body on a belt if it fits there, with a little room."""
        front, room = front_mm * 1000, CLEAR + 1000
        if front < TOTE or front > BELTS[belt].length_mm * 1000 - 1000:
            return False
        if any(abs(other.front - front) < TOTE + room for other in self.bodies[belt]):
            return False
        if any(other.front - TOTE < 0 and front > self._length(belt) + other.front - TOTE - room for other in self._behind(belt)):
            return False
        body.front, body.belt = front, belt
        self.bodies[belt].append(body)
        self.bodies[belt].sort(key=lambda one: -one.front)
        return True

    def take(self, body: Body) -> None:
        self.bodies[body.belt].remove(body)
        self.gone.append(body)
        body.belt = ""

    def set(self, diverter: str, exit_: str, over: int) -> None:
        one = self.diverters[diverter]
        if diverter not in self.stuck:
            one.target, one.from_, one.over, one.set = exit_, self.now + ACTUATE_US, over, True

    def stop(self, belt: str, *, stopped: bool) -> None:
        """Stops or starts a belt and those that bring to it."""
        upto = DRIVEN.index(belt) + 1 if belt in DRIVEN else 0
        for name in DRIVEN[:upto] if upto else (belt,):
            if self.stopped.get(name, False) != stopped:
                self.stopped[name] = stopped
                self.facts.append(("stopped" if stopped else "started", name, self.now))

    def waiting(self, lane: str) -> bool:
        return bool(self.bodies[lane]) and self.bodies[lane][0].front == self._length(lane) and not self.gates[lane]

    def room_behind_the_merge(self, pitch_mm: int) -> bool:
        last = self.bodies["belt-1"][-1:]
        return not any(self.gates.values()) and (not last or last[0].front >= pitch_mm * 1000)

    def everything(self) -> list[Body]:
        return [body for bodies in self.bodies.values() for body in bodies]

    # --- how it moves

    def tick(self) -> list[tuple[object, ...]]:
        """One tick; what the devices say about it."""
        self.now += self.step
        for one in self.diverters.values():
            if one.stands != one.target and self.now >= one.from_:
                one.stands = one.target
        for name in BELTS:
            if not self.stopped.get(name):
                self.moved[name] += self.step
                self._move(name)
        for name, exits in DIVERTERS.items():
            one = self.diverters[name]
            if one.set and self.now >= one.over and name not in self.stuck:
                one.target, one.from_, one.set = exits[0], self.now + ACTUATE_US, False
        self._look()
        facts, self.facts = self.facts, []
        return facts

    def _length(self, belt: str) -> int:
        return BELTS[belt].length_mm * 1000

    def _behind(self, belt: str) -> list[Body]:
        return [
            body
            for name, other in BELTS.items()
            if other.start == BELTS[belt].end
            for body in self.bodies[name]
            if body.front < TOTE
        ]

    def _move(self, belt: str) -> None:
        length, ahead = self._length(belt), None
        for body in list(self.bodies[belt]):
            to = body.front + self.speed[belt]
            if ahead is not None and ahead.belt == belt:
                to = min(to, ahead.front - TOTE)
            for other in self._behind(belt):
                to = min(to, length + other.front - TOTE)
            to = max(to, body.front)
            if to > length:
                way = self._crosses(belt)
                if way is None:
                    to = length
                else:
                    self._cross(body, belt, way, to - length)
                    ahead = body
                    continue
            body.front, ahead = to, body
            end = BELTS[belt].end
            if end == "packing" and to == length:
                self.bodies[belt].remove(body)
                body.belt = ""
                self.packed.append(body)
            self._freed(body, belt)

    def _freed(self, body: Body, belt: str) -> None:
        """A diverter goes back when what it was set for has passed."""
        start = BELTS[belt].start
        if start in DIVERTERS and TOTE <= body.front < TOTE + self.speed[belt]:
            one = self.diverters[start]
            if one.set and start not in self.stuck:
                one.target, one.from_, one.set = DIVERTERS[start][0], self.now + ACTUATE_US, False

    def _crosses(self, belt: str) -> str | None:
        end = BELTS[belt].end
        if belt in LANES:
            if not self.gates[belt]:
                return None
            self.gates[belt] -= 1
            return "belt-1"
        if end in DIVERTERS:
            return self.diverters[end].stands
        return next((name for name, other in BELTS.items() if other.start == end), None)

    def _cross(self, body: Body, belt: str, way: str, front: int) -> None:
        shadow = any(other.front < TOTE + CLEAR for other in self._behind(belt))
        self.bodies[belt].remove(body)
        body.front, body.belt = front, way
        self.bodies[way].append(body)
        if BELTS[belt].end in DIVERTERS:
            body.trail.append((self.now, "exit", way))
        if not shadow and (belt in LANES or belt.startswith("tip")):
            self._count("departed", belt)

    def _count(self, what: str, belt: str) -> None:
        self.counts[what, belt] = (self.counts[what, belt] + 1) % 65536
        self.facts.append((what, belt, self.counts[what, belt], self.now))

    def _look(self) -> None:
        for name, belt in BELTS.items():
            if belt.eye_mm:
                eye = belt.eye_mm * 1000
                covered = any(eye <= body.front < eye + TOTE + CLEAR for body in self.bodies[name])
                if covered and not self.covered[name]:
                    self._count("arrived", name)
                self.covered[name] = covered
        for reader, (_, after) in READERS.items():
            self._read(reader, self.eyes[reader], after)

    def _read(self, reader: str, eye: Window, after: str) -> None:
        moved = 0 if self.stopped.get(after) else self.speed[after]
        before = [body for body in self.bodies[after] if body.front < TOTE]
        if before:
            eye.bodies += [body for body in before if body not in eye.bodies]
            eye.covered += moved + (eye.clear if eye.bodies else 0)
            eye.clear = 0
            return
        if not eye.bodies:
            return
        eye.clear += moved
        if eye.clear < CLEAR:
            return
        labels: tuple[str, ...] = ()
        for body in eye.bodies:
            seen = self.chance.random() >= self.unread
            labels += (body.code,) if seen else ()
            body.trail.append((self.now, "read" if seen else "unread", reader))
        self.windows[reader, self.now] = eye.bodies
        self.facts.append(("seen", reader, labels, self.now, eye.covered // 1000))
        self.eyes[reader] = Window()
