"""What goes wrong on a wire."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from simulators.faults.fault import DONE, Effect, Fault, Name, Seconds
from simulators.house import House
from simulators.plant.pocket import NotThere
from simulators.weather import STORMS, Mishap
from simulators.wire import Wire


class OfLink(Fault):
    link: Name

    holds: ClassVar[tuple[str, ...]] = ("kind", "link")

    def _wire(self, house: House) -> Wire:
        if self.link not in house.wires:
            raise NotThere("link", f"link {self.link}", house.wires)
        return house.wires[self.link]


class _OnTheWay(OfLink):
    what: Literal["replies", "commands"] = "replies"
    count: Annotated[int, Field(ge=1, le=10_000)] = 1

    holds = ()

    def _mishap(self, house: House, mishap: Mishap) -> Effect:
        wire = self._wire(house)
        mishaps = (wire.to_host if self.what == "replies" else wire.to_board).mishaps
        mishaps.append(mishap)
        return Effect(lambda: mishaps.remove(mishap), lambda: mishap not in mishaps)


class Lose(_OnTheWay):
    """WI-05: the next ones vanish."""

    kind: Literal["lose"]

    def begin(self, house: House) -> Effect:
        return self._mishap(house, Mishap("lose", self.count))


class Garble(_OnTheWay):
    """WI-08: one bit of each of the next ones flips."""

    kind: Literal["garble"]

    def begin(self, house: House) -> Effect:
        return self._mishap(house, Mishap("garble", self.count))


class Late(_OnTheWay):
    """WI-04 for replies; PW-05 for commands: an adapter parks the frame and delivers it even if the host has died since."""

    kind: Literal["late"]
    seconds: Seconds = 1.0

    def begin(self, house: House) -> Effect:
        return self._mishap(house, Mishap("late", self.count, seconds=self.seconds))


class Duplicate(_OnTheWay):
    """WI-06: the next ones arrive so often."""

    kind: Literal["duplicate"]
    copies: Annotated[int, Field(ge=2, le=5)] = 2

    def begin(self, house: House) -> Effect:
        return self._mishap(house, Mishap("duplicate", self.count, copies=self.copies))


class Unplug(OfLink):
    """WI-11: the cable is out; for so long, or until the fault is lifted."""

    kind: Literal["unplug"]
    seconds: Seconds | None = None

    def begin(self, house: House) -> Effect:
        wire = self._wire(house)
        wire.unplug()
        back = None if self.seconds is None else wire.cable.after(self.seconds, wire.plug)

        def lift() -> None:
            wire.cable.drop(back)
            wire.plug()

        return Effect(lift, lambda: wire.plugged)


class Noise(OfLink):
    """WI-09: so many random bytes come from the far end at once."""

    kind: Literal["noise"]
    size: Annotated[int, Field(ge=1, le=1_000_000)] = 64

    holds = ()

    def begin(self, house: House) -> Effect:
        wire = self._wire(house)
        wire.babble(wire.to_host.chance.randbytes(self.size))
        return DONE


class Weathered(OfLink):
    """WI-10, WI-12: a named weather of `simulators.weather`."""

    kind: Literal["weather"]
    storm: Literal["calm", "splitting", "noisy", "lossy", "slow", "echoing", "flapping", "hostile"]

    def begin(self, house: House) -> Effect:
        wire = self._wire(house)
        wire.blow(STORMS[self.storm])
        return Effect(lambda: wire.blow(STORMS["calm"]))
