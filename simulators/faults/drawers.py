"""What goes wrong with a drawer: hook, slide, switches and the coil's wire."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simulators.faults.fault import DONE, Effect, Fault, Name, Seconds
from simulators.house import House
from simulators.plant.drawer import Drawer


class OfDrawer(Fault):
    drawer: Name

    holds: ClassVar[tuple[str, ...]] = ("kind", "drawer")

    def _ail(self, house: House, **ails: Any) -> Effect:
        drawer = house.plant.drawer(self.drawer)
        for name, value in ails.items():
            setattr(drawer.ails, name, value)

        def undo() -> None:
            for name in ails:
                setattr(drawer.ails, name, None)
            drawer.settle()

        return Effect(undo)


class StuckLatch(OfDrawer):
    """DV-04, DV-05: the hook cannot leave its place."""

    kind: Literal["stuck-latch"]
    stuck: Literal["engaged", "free"] = "engaged"

    def begin(self, house: House) -> Effect:
        return self._ail(house, latch=self.stuck == "engaged")


class StuckSensor(OfDrawer):
    """DV-02, DV-03: a switch says the same whatever happens. `shows`: engaged or shut is true."""

    kind: Literal["stuck-sensor"]
    sensor: Literal["latch", "drawer"]
    shows: bool

    holds = ("kind", "drawer", "sensor")

    def begin(self, house: House) -> Effect:
        return self._ail(house, **{f"{self.sensor}_switch": self.shows})


class Chatter(OfDrawer):
    """DV-07: contacts bounce after each edge."""

    kind: Literal["chatter"]
    hz: Annotated[float, Field(gt=0, le=1000)] = 50.0
    seconds: Seconds = 0.2

    def begin(self, house: House) -> Effect:
        house.plant.drawer(self.drawer).ails.chatter_s = self.seconds
        return self._ail(house, chatter_hz=self.hz)


class SlowDrawer(OfDrawer):
    """A pull or push takes so much longer until the switch sees it."""

    kind: Literal["slow-drawer"]
    seconds: Seconds = 3.0

    def begin(self, house: House) -> Effect:
        return self._ail(house, slow_s=self.seconds)


class Jam(OfDrawer):
    """DV-05: the slide does not move."""

    kind: Literal["jam"]

    def begin(self, house: House) -> Effect:
        return self._ail(house, jammed=True)


class OpensLate(OfDrawer):
    """DV-08: the hook comes free only so long after the coil was driven."""

    kind: Literal["opens-late"]
    seconds: Seconds = 5.0

    def begin(self, house: House) -> Effect:
        return self._ail(house, late_s=self.seconds)


class WrongDrawer(OfDrawer):
    """DV-01: this drawer's lock frees another drawer instead."""

    kind: Literal["wrong-drawer"]
    opens: Name

    def begin(self, house: House) -> Effect:
        house.plant.drawer(self.drawer)
        lock = next(part.lock for part in house.site.drawers if part.id == self.drawer)
        wiring = house.boards[lock.board].wiring
        wiring.crossed[lock.channel] = house.plant.drawer(self.opens)

        def undo() -> None:
            wiring.crossed.pop(lock.channel, None)

        return Effect(undo)


class _AtOnce(OfDrawer):
    holds = ()

    def begin(self, house: House) -> Effect:
        self._do(house.plant.drawer(self.drawer))
        return DONE

    def _do(self, drawer: Drawer) -> None:
        raise NotImplementedError


class Forced(_AtOnce):
    """Torn open by hand, against the hook."""

    kind: Literal["force"]

    def _do(self, drawer: Drawer) -> None:
        drawer.force()


class Key(_AtOnce):
    """Somebody turns the mechanical key: the hook is free, and a hand may pull."""

    kind: Literal["key"]

    def _do(self, drawer: Drawer) -> None:
        drawer.free("key")


class Uncommanded(_AtOnce):
    """DV-06: the hook lets go by itself."""

    kind: Literal["uncommanded"]

    def _do(self, drawer: Drawer) -> None:
        drawer.free("fault")
