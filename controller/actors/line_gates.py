"""What is seen of a line's gates: an end switch that does not show what was told, or shows what nobody told, puts a gate in doubt.

A gate in doubt decides nothing wrong (a reader stands behind each way); but nothing is sent past it until a person has looked.
"""

from __future__ import annotations

import asyncio

from controller.actors.ground import Ground
from controller.ledger.port import Entry
from drivers.capabilities import Diverter, DiverterLook
from drivers.faults import DeviceFault, LedgerFault, LinkFault

LOOK_S = 1.0


class Gates:
    """All gates of one line."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.doubted: set[str] = set()
        """Gates of which nobody saw that they did what they were told."""
        self._seen: dict[str, DiverterLook] = {}
        """The last look at each that answers now."""
        self._drawn_until: dict[str, float] = {}
        """Loop time until which a gate may stand drawn by our own word."""

    async def watch(self, id_: str, gate: Diverter) -> None:
        """Looks at a gate for ever. What was told before we began may still hold it drawn for its time."""
        self.told(id_, asyncio.get_running_loop().time() + gate.longest_effect_s)
        while True:
            try:
                look = await gate.look()
            except (LinkFault, DeviceFault):
                self._seen.pop(id_, None)
            else:
                self._looked(id_, look)
            await asyncio.sleep(LOOK_S)

    def _looked(self, id_: str, look: DiverterLook) -> None:
        self._seen[id_] = look
        if look.exit != "default" and look.at > self._drawn_until.get(id_, 0.0):
            try:
                self.doubt(id_, doubted=True)
            except LedgerFault as fault:
                self._ground.unrecordable(fault)

    def told(self, gate: str, until: float) -> None:
        """It is told to be drawn, and may be until then (loop time)."""
        self._drawn_until[gate] = until

    def doubt(self, gate: str, *, doubted: bool, by: str = "station") -> None:
        """Whether it may not have done what it was told: a person ends that. Raises LedgerFault."""
        if doubted is not (gate in self.doubted):
            (self.doubted.add if doubted else self.doubted.discard)(gate)
            self._ground.ledger.post(Entry("line.gate_changed", {"gate": gate, "in_doubt": doubted}, by))

    def sure(self, gate: str) -> bool:
        """Whether it answers and is not in doubt."""
        return gate in self._seen and gate not in self.doubted

    def exit(self, gate: str) -> str | None:
        """The exit that its switches showed last; None if they showed none, or it does not answer."""
        look = self._seen.get(gate)
        return None if look is None else look.exit
