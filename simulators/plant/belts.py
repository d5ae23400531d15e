"""All belts of a site and every body on them: who moves whom, who runs up against whom, what passes which eye, exactly.

Speeds are constant between events, so the plant sleeps until the next one: a front at an eye, a rear off it, two bodies that
touch. Where every body is at any instant is the truth. A body is moved by the zone under its middle.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from simulators.plant import belt as marks
from simulators.plant import belt_motion
from simulators.plant.belt import EPS, MOUTH_MM, Belt, Body, Fork, Mark, Stretch
from simulators.plant.passages import PassageLog
from simulators.plant.pocket import CannotDo, NotThere
from simulators.timers import Timer, Timers, now


class Belts:
    """The belts and what lies on them. Whatever changes a motor, a gate or a body calls `touch`."""

    def __init__(self, belts: Iterable[Belt] = ()) -> None:
        self.log = PassageLog()
        self.belts = {belt.id: belt for belt in belts}
        self.bodies: dict[str, Body] = {}
        self._timers = Timers()
        self._alarm: Timer | None = None
        self._at = 0.0
        self._busy = self._again = False
        for belt in self.belts.values():
            belt.mouth = partial(self._over_mouth, belt)

    # --- what moves them

    def run(self, belt: Belt, runs: bool) -> None:
        """A module switches a motor."""
        if belt.runs is not runs:
            self._bring()
            belt.runs = runs
            self.log.record("motor_runs" if runs else "motor_stands", belt.id)
            self.touch()

    def gate_moved(self, fork: Fork) -> None:
        """A gate has begun to move or come to its end: whatever lies over it then is caught."""
        self._bring()
        for body in self.bodies.values():
            if body.over is fork and fork.gate.moving and not body.caught:
                self._catch(body, fork)
        self.touch()

    def _catch(self, body: Body, fork: Fork) -> None:
        body.caught = True
        self.log.record("caught", fork.id, body.id)

    # --- hands

    def body(self, id: str) -> Body:
        """A body by its id. Raises NotThere."""
        if id not in self.bodies:
            raise NotThere("body", f"container {id} on the belts", self.bodies)
        return self.bodies[id]

    def belt(self, id: str) -> Belt:
        """A zone by its id. Raises NotThere."""
        if id not in self.belts:
            raise NotThere("zone", f"zone {id}", self.belts)
        return self.belts[id]

    def put(self, id: str, zone: str, length: float, code: str | None = None, front: float | None = None) -> Body:
        """A hand or a robot lays a body on a zone, its front at `front` mm (its rear at the zone's beginning where nothing is
        said). Raises CannotDo where it does not fit or another lies."""
        belt = self.belt(zone)
        if id in self.bodies:
            raise CannotDo("body", f"container {id} is on the belts already")
        at = length if front is None else front
        if not length - EPS <= at <= belt.length + EPS:
            raise CannotDo("front_mm", f"zone {zone} is {belt.length:.0f} mm long: a front goes from {length:.0f} to there")
        self._bring()
        if any(body.lies(belt, at - length, at) for body in self.bodies.values()):
            raise CannotDo("zone", f"another container lies there on zone {zone}")
        body = Body(id, length, id if code is None else code)
        body.way = at
        self.bodies[id] = body
        self.log.record("put", zone, id)
        self._step_onto(body, belt, 0.0)
        if belt.eye_at < at and at - length < belt.eye_at:
            self._eye(belt, body, True)
        if belt.mouth():
            belt.on_entry()
        self.touch()
        return body

    def take(self, id: str) -> Body:
        """A hand takes a body off. Raises NotThere."""
        body = self.body(id)
        self._bring()
        del self.bodies[id]
        self.log.record("taken", body.belt.id, id)
        for stretch in body.trail:
            if id in stretch.belt.before_eye:
                self._eye(stretch.belt, body, False)
        self.touch()
        return body

    def swap(self, one: str, two: str) -> None:
        """A hand changes two bodies for each other. Raises CannotDo where either lies over two zones or does not fit."""
        pair = self.body(one), self.body(two)
        self._bring()
        for body, other in (pair, pair[::-1]):
            if len(body.trail) > 1:
                raise CannotDo("body", f"container {body.id} lies over two zones")
            if other.front < body.length - EPS:
                raise CannotDo("body", f"container {body.id} is too long for the other's place")
        places = [(body.belt.id, body.front) for body in pair]
        for body in pair:
            self.take(body.id)
        for body, (zone, front) in zip(pair, places[::-1], strict=True):
            self.put(body.id, zone, body.length, body.code, front)
            self.log.record("swapped", zone, body.id)

    def hold(self, id: str, held: bool) -> None:
        """A hand holds a body where it is, or lets it go. Raises NotThere."""
        body = self.body(id)
        self._bring()
        if body.held is not held:
            body.held = held
            self.log.record("held" if held else "let_go", body.belt.id, id)
            self.touch()

    def where(self, id: str) -> Body:
        """A body as it is at this very moment. Raises NotThere."""
        self._bring()
        return self.body(id)

    def clear(self) -> None:
        """The end of a run: nothing more happens by itself."""
        self._timers.clear()
        self.log.clear()
        for belt in self.belts.values():
            if belt.fork is not None:
                belt.fork.gate.clear()

    # --- the course of things

    def touch(self) -> None:
        """Something has changed: everything is brought to this moment, and the next event is looked for."""
        if self._busy:
            self._again = True
            return
        self._busy = True
        try:
            self._again = True
            while self._again:
                self._again = False
                self._bring()
                while self._pass_marks():
                    pass
                self._set_speeds()
        finally:
            self._busy = False
        self._sleep()

    def _bring(self) -> None:
        """Moves every body to where it is now."""
        passed, self._at = now() - self._at, now()
        if passed > 0:
            for body in self.bodies.values():
                body.way += body.speed * passed

    def _pass_marks(self) -> bool:
        """What has been reached by now, at all bodies; False if nothing was."""
        due: list[tuple[int, int, Body, Mark]] = []
        for number, body in enumerate(self.bodies.values()):
            while body.marks and body.marks[0].way <= body.way + EPS:
                mark = body.marks.pop(0)
                due.append((mark.rank, number, body, mark))
        due.sort(key=lambda one: one[:2])
        for _, _, body, mark in due:
            if body.id in self.bodies:
                self._pass(body, mark)
        waiting = [body for body in self.bodies.values() if body.waits_for is not None]
        return any([self._enter(body, body.waits_for) for body in waiting if body.waits_for is not None] + [bool(due)])

    def _pass(self, body: Body, mark: Mark) -> None:
        belt = mark.belt
        match mark.what:
            case marks.EYE:
                self._eye(belt, body, True)
            case marks.EYE_CLEAR:
                self._eye(belt, body, False)
            case marks.MOUTH:
                belt.on_entry()
            case marks.READ if mark.reader is not None:
                mark.reader.seen(body)
            case marks.FORK if belt.fork is not None:
                self._at_fork(body, belt, belt.fork)
            case marks.FORK_CLEAR:
                body.over = None
            case marks.OFF:
                body.trail.pop(0)
                self.log.record("left", belt.id, body.id)
            case marks.END if belt.next is not None:
                self._enter(body, belt.next)
            case marks.END:
                body.at_end = True
                self.log.record("at_the_end", belt.id, body.id)

    def _at_fork(self, body: Body, belt: Belt, fork: Fork) -> None:
        body.over = fork
        body.add(marks.FORK_CLEAR, body.way + body.length, belt)
        if fork.gate.drawn:
            self.log.record("diverted", fork.id, body.id)
            body.forget(belt, {marks.EYE, marks.EYE_CLEAR, marks.END, marks.READ}, body.way)
            self._enter(body, fork.other)
        elif not fork.gate.rests:
            self._catch(body, fork)

    def _enter(self, body: Body, belt: Belt) -> bool:
        """A front goes over to a zone, unless another body lies over its beginning; then it waits. True if it went."""
        if any(other is not body and other.lies(belt, 0.0, 0.0) for other in self.bodies.values()):
            body.waits_for = belt
            return False
        body.waits_for = None
        was = body.belt
        self._step_onto(body, belt, body.way)
        body.add(marks.OFF, body.way + body.length, was)
        return True

    def _over_mouth(self, belt: Belt) -> bool:
        self._bring()
        return any(body.lies(belt, MOUTH_MM - 1, MOUTH_MM - 1) for body in self.bodies.values())

    def _step_onto(self, body: Body, belt: Belt, base: float) -> None:
        body.trail.append(Stretch(belt, base))
        self.log.record("entered", belt.id, body.id)
        body.add(marks.MOUTH, base + MOUTH_MM, belt)
        body.add(marks.EYE, base + belt.eye_at, belt)
        body.add(marks.EYE_CLEAR, base + belt.eye_at + body.length, belt)
        body.add(marks.END, base + belt.length, belt)
        for reader in belt.readers:
            body.add(marks.READ, base + reader.at + body.length / 2, belt, reader)
        if belt.fork is not None:
            body.add(marks.FORK, base + belt.fork.at, belt)

    def _eye(self, belt: Belt, body: Body, before: bool) -> None:
        was = belt.eye
        (belt.before_eye.add if before else belt.before_eye.discard)(body.id)
        self.eye_may_differ(belt, was)

    def eye_may_differ(self, belt: Belt, was: bool) -> None:
        """Tells the module of an eye that says something else than it did."""
        if belt.eye is not was:
            self.log.record("eye_blocked" if belt.eye else "eye_clear", belt.id)
            belt.on_eye(belt.eye)

    def _set_speeds(self) -> None:
        for body, other in belt_motion.set_speeds(list(self.bodies.values())):
            self.log.record("touched", body.belt.id, body.id, by=other.id)

    def _sleep(self) -> None:
        self._timers.drop(self._alarm)
        wait = belt_motion.next_event(list(self.bodies.values()))
        self._alarm = None if wait is None else self._timers.after(wait, self.touch)
