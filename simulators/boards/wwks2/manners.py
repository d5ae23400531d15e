"""What robots in the field do differently from each other, as far as it is documented or recorded (devices notes, part 1)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Numbers:
    """The device numbers that a robot speaks with (1.2). The recorded one's stock and output side is 777, its infeed 40."""

    robot: int = 999
    storage: int = 777
    infeed: int = 40

    @property
    def all(self) -> frozenset[int]:
        """All of them."""
        return frozenset({self.robot, self.storage, self.infeed})


@dataclass(slots=True)
class Manners:
    """Settings that a fault may change while it is in force."""

    nothing_found_as_zero: bool = False
    """Nothing in stock: an Article with Quantity 0 (the recorded robot) instead of no Article (the manual; 1.9)."""
    final_repeats_packs: bool = True
    """The last OutputMessage of an order repeats the packs of boxes that were released before (1.13, odd case 5)."""
    writes_packing_unit: bool = False
    """PackingUnit instead of PackagingUnit (1.3)."""
    keep_alive_s: float | None = None
    """It asks each client for a sign of life this often."""
    assembling_s: float = field(default=25e-6)
    """A long answer takes so much time for each pack in it. Ours."""
    most_assembling: int = 64
    """A client that wants more long answers at once is told TooManyRequests. Ours."""
