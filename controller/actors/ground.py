"""What all drawers of a station stand on, and what the world may know of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controller.actors.actor import Spawn
from controller.clock import Ids
from controller.ledger.port import Entry, Ledger
from controller.ledger.views.robot_records import Held, PackOut
from controller.machines.drawer import State
from controller.policy.session import Session
from drivers.faults import LedgerFault

Received = Callable[[str, str, Mapping[str, Any], Sequence[Mapping[str, Any]]], list[Entry]]
"""Source, order, purpose of the order, and its packs (`item`, `lot`, `expiry`, `units`, where None is a full one): the entries
that say where they are now. Posted in the commit that ends the order, so that no pack is in two places or in none."""

Pair = tuple[Held | None, Held | None]
"""A pack of a robot as the books have it and as it is: None where it is not in it."""
Differs = Callable[[str, str, Mapping[str, Pair], str | None], list[Entry]]
"""Robot, item, its packs that are not what the books say, and who has found it out (None: the robot): the entries that say that a
person has to find out why. Posted with the row that corrects the books, and made before it."""
CameOut = Callable[[str, Sequence[PackOut]], list[Entry]]
"""Robot and packs that came out of it unasked: the entries that say so where they were missed."""


@dataclass(slots=True)
class Ground:
    """The ledger, and what only the station as a whole can know or do."""

    ledger: Ledger
    ids: Ids
    spawn: Spawn
    permit: Callable[[], None]
    """Raises Refused or LedgerFault while nothing may open."""
    still: Callable[[Session], Session]
    """The session as it is now. Raises Refused when it has ended or is locked."""
    frames: Callable[[str], list[str]]
    """The last frames of a link, decoded: they travel with a fault."""
    strayed: Callable[[str], None]
    """Is told of a drawer that opened without an intent of its own."""
    defect: Callable[[str, Exception], None]
    """Records that some work, named, met a defect of ours."""
    received: Received
    """Makes the entries of what a machine gave out into a tote."""
    differs: Differs
    """Makes the entries of what differs in a robot."""
    came_out: CameOut
    """Makes the entries of what was missed in a robot and has come out."""
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
