"""What goes wrong with a board or a balance."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from firmware_protocols.mt_sics.messages import WeightError
from simulators.boards.board import Board
from simulators.boards.mt_sics import Balance, Unit
from simulators.faults.fault import DONE, Effect, Fault, Name, Seconds
from simulators.house import House
from simulators.plant.pocket import NotThere


class OfBoard(Fault):
    board: Name

    holds: ClassVar[tuple[str, ...]] = ("kind", "board")

    def _board(self, house: House) -> Board:
        boards: dict[str, Board] = {**house.boards, **house.scales, **house.scanners}
        boards |= {**house.conveyors, **house.gantries, **house.robots}
        if self.board not in boards:
            raise NotThere("board", f"board {self.board}", boards)
        return boards[self.board]


class Reboot(OfBoard):
    """DV-13: power gone and back."""

    kind: Literal["reboot"]
    seconds: Seconds = 0.5

    holds = ()

    def begin(self, house: House) -> Effect:
        self._board(house).reboot(self.seconds)
        return DONE


class Silence(OfBoard):
    """A board that says nothing more; with `acts` it still does what it is told."""

    kind: Literal["silence"]
    acts: bool = False

    def begin(self, house: House) -> Effect:
        board, name = self._board(house), "mute" if self.acts else "deaf"
        setattr(board, name, True)
        return Effect(lambda: setattr(board, name, False))


class OfScale(Fault):
    scale: Name

    holds: ClassVar[tuple[str, ...]] = ("kind", "scale")

    def _scale(self, house: House) -> Balance:
        if self.scale not in house.scales:
            raise NotThere("scale", f"scale {self.scale}", house.scales)
        return house.scales[self.scale]


class Restless(OfScale):
    """A pan that never comes to rest: S is answered `S I`."""

    kind: Literal["restless"]

    def begin(self, house: House) -> Effect:
        scale = self._scale(house)
        scale.restless = True
        return Effect(lambda: setattr(scale, "restless", False))


class BrokenCell(OfScale):
    """A hardware error in place of a weight."""

    kind: Literal["broken-cell"]
    number: Annotated[int, Field(ge=1, le=99)] = 14

    def begin(self, house: House) -> Effect:
        scale = self._scale(house)
        scale.error = WeightError(self.number, "b")
        return Effect(lambda: setattr(scale, "error", None))


class OtherUnit(OfScale):
    """Somebody switched the unit at the balance."""

    kind: Literal["other-unit"]
    unit: Unit

    def begin(self, house: House) -> Effect:
        scale = self._scale(house)
        scale.unit = self.unit
        return Effect(lambda: setattr(scale, "unit", "g"))


class Creep(OfScale):
    """DV-16: the pan shows so much that is not there."""

    kind: Literal["creep"]
    grams: Annotated[Decimal, Field(ge=-3200, le=3200)]

    holds = ()

    def begin(self, house: House) -> Effect:
        scale = self._scale(house)
        scale.lay(scale.gross + self.grams)
        return Effect(lambda: scale.lay(scale.gross - self.grams))
