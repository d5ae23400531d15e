"""One actor per physical thing: an inbox, a state, at most one running duty. The duty is its only task.

Order of a step: event, table, ledger, publish, end the old duty (cancel it and wait), start the new one. A step is taken at
once, by whoever tells of the event; only one that must wait for the old duty's end lets the next ones wait in the inbox. Only
a step writes the state. A duty's Fault is the thing's own business; any other exception is a defect of this thing alone.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from drivers.faults import LedgerFault

log = logging.getLogger(__name__)

M = TypeVar("M")
Spawn = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]
"""Runs work for as long as the station runs."""

INBOX = 256
"""A full inbox is a defect, not back-pressure on a sensor: looks come at most a few a second."""


class Actor(ABC, Generic[M]):
    """`M` is what it can be told. `_take` decides; `_duty_of_state` acts."""

    __slots__ = ("_duty", "_duty_number", "_inbox", "_spawn", "_stepping", "id")

    def __init__(self, id: str, spawn: Spawn) -> None:
        self.id = id
        self._spawn = spawn
        self._inbox: list[tuple[M, int]] = []
        self._stepping = False
        """A step is being taken, or waits for the old duty's end."""
        self._duty: asyncio.Task[None] | None = None
        self._duty_number = 0

    def tell(self, message: M, *, duty: int = 0) -> None:
        """Takes the message as a step, or puts it behind the one that is being taken. It never raises.

        `duty` is the number of the duty that found it out, 0 from outside.
        """
        if len(self._inbox) >= INBOX:
            log.error("inbox of %s is full: %r dropped", self.id, message)
            return
        self._inbox.append((message, duty))
        if not self._stepping:
            self._stepping = True
            self._go_on()

    @abstractmethod
    def _take(self, message: M) -> bool:
        """One step: table, ledger, state. Says whether the state's duty must change. Never awaits."""

    @abstractmethod
    def _duty_of_state(self) -> Callable[[], Coroutine[Any, Any, M | None]] | None:
        """What begins the duty of the state just entered; None where there is nothing to do but wait."""

    @abstractmethod
    def _left(self) -> None:
        """The old duty has ended and the new one is not begun: what could only be known now."""

    @abstractmethod
    def broken(self, defect: Exception) -> M:
        """The message that tells the table about a defect."""

    @abstractmethod
    def _hopeless(self, defect: Exception) -> None:
        """Not even a defect can be told to the table: the thing stays in its state, and somebody must know."""

    @abstractmethod
    def _faulted(self, fault: LedgerFault) -> None:
        """Nothing can be recorded any more."""

    def _go_on(self) -> None:
        while self._inbox:
            message, duty = self._inbox.pop(0)
            if duty and duty != self._duty_number:
                continue  # found out by a duty whose state has been left since
            if not self._taken(message):
                continue
            old, self._duty = self._duty, None
            self._duty_number += 1
            if old is not None and not old.done():
                old.cancel()
                old.add_done_callback(self._ended)
                return
            self._enter()
        self._stepping = False

    def _ended(self, _: asyncio.Task[None]) -> None:
        self._enter()
        self._go_on()

    def _enter(self) -> None:
        try:
            self._left()
        except LedgerFault as fault:
            self._faulted(fault)
        except Exception as defect:
            log.exception("defect in %s", self.id)
            self._inbox.insert(0, (self.broken(defect), 0))
        begin = self._duty_of_state()
        if begin is not None:
            self._duty_number += 1
            self._duty = self._spawn(self._do(begin, self._duty_number), f"duty of {self.id}")

    def _taken(self, message: M) -> bool:
        try:
            return self._take(message)
        except LedgerFault as fault:
            self._faulted(fault)
            return True
        except Exception as defect:
            log.exception("defect in %s", self.id)
            return self._taken_as_defect(self.broken(defect))

    def _taken_as_defect(self, message: M) -> bool:
        try:
            return self._take(message)
        except LedgerFault as fault:
            self._faulted(fault)
            return True
        except Exception as defect:  # noqa: BLE001 - it is told; the teller and the other things go on
            self._hopeless(defect)
            return False

    async def _do(self, begin: Callable[[], Coroutine[Any, Any, M | None]], number: int) -> None:
        message: M | None = None
        try:
            message = await begin()
        except LedgerFault as fault:
            self._faulted(fault)
        except Exception as defect:
            log.exception("defect in a duty of %s", self.id)
            message = self.broken(defect)
        finally:
            if self._duty_number == number:
                self._duty = None
        if message is not None:
            self.tell(message, duty=number)
