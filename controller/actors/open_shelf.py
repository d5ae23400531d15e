"""An open shelf: nothing of it moves, so an access is granted and recorded, and that is all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from controller.actors.ground import Ground
from controller.actors.intent import Unlocking
from controller.actors.requests import Decide
from controller.policy.session import Session
from sites.models import Site
from sites.pockets import OpenShelf, Place


class Shelf:
    """One open shelf."""

    bare, by_hand, one_switch = True, True, False
    held = shut_off = False

    def __init__(self, part: OpenShelf, ground: Ground) -> None:
        self.part, self._ground = part, ground

    @property
    def id(self) -> str:
        """Its name in the site file."""
        return self.part.id

    @property
    def within(self) -> str:
        """Itself."""
        return self.part.id

    @property
    def place(self) -> Place | None:
        """Where it is, if the site file says it; else it counts as near."""
        return self.part.place

    async def unlock(self, decide: Decide, purpose: Mapping[str, Any], session: Session, pockets: Sequence[str]) -> Unlocking:
        """See `Holder.unlock`."""
        self._ground.permit()
        access = self._ground.ids.new()
        return Unlocking(access, self._ground.ledger.post(*decide(access)))


def shelves(site: Site, ground: Ground) -> dict[str, Shelf]:
    """Every open shelf of a site."""
    return {part.id: Shelf(part, ground) for part in site.shelves}
