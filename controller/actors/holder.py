"""Holder: what pockets are in, a drawer behind a lock or a shelf without one. A workflow asks it for access and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from controller.actors.intent import Unlocking
from controller.actors.requests import Decide
from controller.policy.session import Session
from sites.pockets import Place


class Holder(Protocol):
    """One holder. Its name stands as `drawer` in every entry about one of its pockets."""

    @property
    def id(self) -> str:
        """Its name in the site file."""

    @property
    def within(self) -> str:
        """The cabinet or shelf: within one, one controlled pocket is open at a time."""

    @property
    def place(self) -> Place | None:
        """Where it is on the cabinet's front."""

    @property
    def held(self) -> bool:
        """Whether a person must look at it first: nothing in it is offered to anybody."""

    @property
    def shut_off(self) -> bool:
        """Whether nobody gets to its pockets now; also while it is only out of reach."""

    @property
    def by_hand(self) -> bool:
        """Whether people take from it; otherwise its own machine does."""

    @property
    def bare(self) -> bool:
        """Whether it has neither lock nor switch: who was granted access stands before it, and nothing tells when they leave."""

    @property
    def one_switch(self) -> bool:
        """Whether released already counts as open, because no switch of its own sees it move."""

    async def unlock(self, decide: Decide, purpose: Mapping[str, Any], session: Session, pockets: Sequence[str]) -> Unlocking:
        """Grants one access: `decide`, given the access' own id, makes the entries and may refuse. Raises Refused, LedgerFault."""
