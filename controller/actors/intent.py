"""One intent to open one drawer: who, why, and what is known of it so far; and the outcome that follows from that."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from controller.ledger.port import Posting
from controller.machines.drawer import Event, State

_FOUND = {Event.SEEN_OPEN: Event.FOUND_OPEN, Event.SEEN_RELEASED: Event.FOUND_RELEASED}


QUICKEST_HAND_S = 0.5
"""Nobody pulls a drawer, takes something and pushes it home in less: what lies between two such looks has been seen."""


class Outcome(StrEnum):
    """How an intent ended. Nothing but evidence makes one of the first two (I-08)."""

    OPENED = "opened"
    NOT_OPENED = "not_opened"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    """Nothing was sent."""


@dataclass(frozen=True, slots=True)
class Unlocking:
    """A granted request: the intent's id and the posting that holds its entries. Nothing has left before it is durable."""

    intent: str
    posting: Posting


@dataclass(slots=True)
class Intent:
    """An intent that is not closed. Times are the loop's."""

    id: str
    pockets: tuple[str, ...]
    purpose: Mapping[str, Any]
    person: str
    durable: Awaitable[None] | None = None
    """None where it is from before a restart."""
    deadline: float = 0.0
    """Past it nothing is sent."""
    test: bool = False
    """A recovery's test opening: what is not seen to open has failed."""
    sent_at: float | None = None
    """When its one pulse left, or may have left; None as long as it certainly has not."""
    released_at: float | None = None
    opened: bool = False
    dark: bool = False
    """Some of the time in which the latch could move, nobody was looking (link lost, answers lost, restart)."""
    seen_at: float | None = None
    """The last look after the pulse."""
    misled: bool = False
    """Another drawer opened when this one was commanded."""
    settles_at: float = 0.0
    """After a dark time: from then on a latch seen engaged may be believed to be the end of it."""

    @property
    def unsent(self) -> bool:
        """Nothing has left, and that is certain. Of an intent from before a restart it never is."""
        return self.sent_at is None and self.durable is not None

    def meaning(self, event: Event, state: State, now: float, *, one_switch: bool) -> Event | None:
        """The event as it stands while this intent is open; None while it is too early to believe.

        Found open after a dark time, the drawer is this intent's; found latched, only once nothing can move any more.
        """
        if state is State.UNKNOWN:
            if event is Event.SEEN_LOCKED and not self.opened:
                if now < self.settles_at:
                    return None
                return Event.TEST_FAILED if self.test else event
            return _FOUND.get(event, event)
        failed = {Event.STILL_LATCHED, Event.NOT_SENT} if state is State.UNLOCKING else set()
        if state is State.UNLOCKED and not one_switch and not self.opened:
            failed = {Event.SEEN_LOCKED}
        return Event.TEST_FAILED if self.test and event in failed else event

    def looked(self, at: float) -> None:
        """A look of that moment. Two that are too far apart leave room for a hand that nobody saw (WI-05)."""
        if self.sent_at is None or at <= self.sent_at:
            return
        if at - (self.sent_at if self.seen_at is None else self.seen_at) > QUICKEST_HAND_S:
            self.dark = True
        self.seen_at = at

    def learn(self, event: Event, now: float, longest_effect_s: float) -> None:
        """What the event says about this intent."""
        if event in {Event.SEEN_OPEN, Event.FOUND_OPEN}:
            self.opened = True
        elif event in {Event.SEEN_RELEASED, Event.FOUND_RELEASED}:
            self.released_at = now if self.released_at is None else self.released_at
        elif event is Event.WRONG_DRAWER:
            self.misled = True
        elif event is Event.LINK_LOST:
            self.dark = True
        elif event is Event.LINK_UP:
            self.dark, self.settles_at = True, now + longest_effect_s

    def outcome(self, latched_at: float | None, fall_back: tuple[float, float] | None) -> tuple[Outcome, str]:
        """What is known, and by which evidence, when the latch was seen engaged at `latched_at`; None: it was not.

        `fall_back` is the span after the release in which the latch of a drawer that nobody pulled comes back by itself;
        None where no switch could have seen the drawer move.
        """
        if self.unsent:
            return Outcome.REFUSED, "not-sent"
        if self.misled:
            return Outcome.UNKNOWN, "another-drawer-opened"
        if self.opened:
            return Outcome.OPENED, "seen-open"
        if self.dark:
            return Outcome.UNKNOWN, "nobody-looking"
        if latched_at is None:
            return Outcome.UNKNOWN, "not-settled"
        return self._shut_again(latched_at, fall_back)

    def _shut_again(self, latched_at: float, fall_back: tuple[float, float] | None) -> tuple[Outcome, str]:
        if fall_back is None:  # one switch that sticks hides an opening, and nothing contradicts it (DV-02)
            return Outcome.UNKNOWN, "no-drawer-switch"
        if self.released_at is None:
            return Outcome.NOT_OPENED, "two-looks-latched"
        if fall_back[0] <= latched_at - self.released_at <= fall_back[1]:
            return Outcome.NOT_OPENED, "latch-fell-back"
        return Outcome.UNKNOWN, "latch-came-back-unseen"
