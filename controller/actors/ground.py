"""What all drawers of a station stand on, and what the world may know of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from controller.actors.actor import Spawn
from controller.clock import Ids
from controller.ledger.port import Ledger
from controller.machines.drawer import State
from drivers.faults import LedgerFault


@dataclass(slots=True)
class Ground:
    """The ledger, and what only the station as a whole can know or do."""

    ledger: Ledger
    ids: Ids
    spawn: Spawn
    permit: Callable[[], None]
    """Raises Refused or LedgerFault while nothing may open."""
    frames: Callable[[str], list[str]]
    """The last frames of a link, decoded: they travel with a fault."""
    strayed: Callable[[str], None]
    """Is told of a drawer that opened without an intent of its own."""
    defect: Callable[[str, Exception], None]
    """Records that some work, named, met a defect of ours."""
    unrecordable: Callable[[LedgerFault], None]
    """Is told that nothing can be recorded any more."""


@dataclass(frozen=True, slots=True)
class DrawerStatus:
    """What is known of a drawer. `since_s` and `age_s` are seconds ago: the last step and the board's last answer."""

    state: State
    since_s: float
    latched: bool | None
    shut: bool | None
    age_s: float
    alarms: tuple[str, ...]
    intent: str | None
