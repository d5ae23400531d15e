"""The truth log: every physical edge of the plant in order. What the daemon cannot see and an oracle judges it by."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import Any, Literal

from simulators.plant.log import Log

What = Literal[
    "pulse", "pulse_end", "unlatched", "latched", "opened", "shut", "taken", "put",
    "moving", "rested", "gripped", "dropped", "laid", "handed-over",
]  # fmt: skip
Cause = Literal["pulse", "key", "force", "fault", "hand", "relatch", "gantry"]


@dataclass(frozen=True, slots=True)
class Edge:
    """One thing that physically happened.

    `at` is loop time in seconds. `pulse` is written each time a coil is driven, with the board, the lock's channel and
    the `frame` (hex) that asked for it, as the board heard it: weather may have made it another than the host's.
    `drawer` is empty for a coil that nothing is wired to. For `unlatched` and `opened`, `cause` is what freed the hook:
    `pulse` (the board's coil), `key` (the mechanical lock), `force` (torn open), `fault` (planted, uncommanded).
    Edges of a gantry name it in `gantry`, with the `pack` and the `place` they are about; their drawer is empty.
    """

    number: int
    at: float
    what: What
    drawer: str
    cause: Cause
    board: str | None = None
    channel: int | None = None
    frame: str | None = None
    pocket: str | None = None
    lot: str | None = None
    quantity: int | None = None
    gantry: str | None = None
    pack: str | None = None
    place: str | None = None

    def told(self) -> dict[str, Any]:
        """The edge for JSON, without what does not apply to it."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class TruthLog(Log[Edge]):
    """Edges in the order in which they happened, numbered from 1."""

    @property
    def edges(self) -> list[Edge]:
        """All of them."""
        return self.entries

    def record(self, what: What, drawer: str, cause: Cause, **more: Any) -> Edge:
        """Adds an edge at the present loop time and tells the watchers."""
        return self.add(Edge(len(self.entries) + 1, asyncio.get_running_loop().time(), what, drawer, cause, **more))

    def pulses(self, drawer: str | None = None) -> list[Edge]:
        """Each time a coil was driven: of one drawer, or of all of them and of unwired channels too."""
        return [edge for edge in self.edges if edge.what == "pulse" and drawer in {None, edge.drawer}]
