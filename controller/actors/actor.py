"""One actor per physical thing: an inbox, a state, at most one running duty. It needs a task only while there is work.

Order of a step: event, table, ledger, publish, end the old duty (cancel it and wait), start the new one. Only the loop
below writes the state. A duty's Fault is the thing's own business; any other exception is a defect of this thing alone.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from drivers.faults import Fault, LedgerFault

log = logging.getLogger(__name__)

M = TypeVar("M")
Spawn = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]
"""Runs work in the station's TaskGroup."""

INBOX = 256
"""A full inbox is a defect, not back-pressure on a sensor: looks come at most a few a second."""


class Actor(ABC, Generic[M]):
    """`M` is what it can be told. `_take` decides; `_duty_of` acts."""

    __slots__ = ("_duty", "_duty_number", "_inbox", "_spawn", "_wake", "_working", "id")

    def __init__(self, id: str, spawn: Spawn) -> None:
        self.id = id
        self._spawn = spawn
        self._inbox: list[tuple[M, int]] = []
        self._wake: asyncio.Future[None] | None = None
        self._working = False
        self._duty: asyncio.Task[None] | None = None
        self._duty_number = 0

    def tell(self, message: M, *, duty: int = 0) -> None:
        """Puts a message into the inbox. `duty` is the number of the duty that found it out, 0 from outside."""
        if len(self._inbox) >= INBOX:
            log.error("inbox of %s is full: %r dropped", self.id, message)
            return
        self._inbox.append((message, duty))
        if self._working:
            self._wake_up()
        else:
            self._working = True
            self._spawn(self._work(), f"actor {self.id}")

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
    def _faulted(self, fault: LedgerFault) -> None:
        """Nothing can be recorded any more."""

    def _wake_up(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _work(self) -> None:
        try:
            while self._inbox or self._duty is not None:
                if self._inbox:
                    await self._step(*self._inbox.pop(0))
                else:
                    self._wake = asyncio.get_running_loop().create_future()
                    await self._wake
        finally:
            self._working = False
            self._wake = None

    async def _step(self, message: M, duty: int) -> None:
        if duty and duty != self._duty_number:
            return  # found out by a duty whose state has been left since
        if not self._taken(message):
            return
        await self._end_duty()
        try:
            self._left()
        except LedgerFault as fault:
            self._faulted(fault)
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
            try:
                return self._take(self.broken(defect))
            except LedgerFault as fault:
                self._faulted(fault)
                return True

    async def _end_duty(self) -> None:
        duty, self._duty = self._duty, None
        self._duty_number += 1
        if duty is not None and not duty.done():
            duty.cancel()
            await asyncio.wait([duty])

    async def _do(self, begin: Callable[[], Coroutine[Any, Any, M | None]], number: int) -> None:
        try:
            message = await begin()
            if message is not None:
                self.tell(message, duty=number)
        except LedgerFault as fault:
            self._faulted(fault)
        except Exception as defect:
            log.exception("defect in a duty of %s", self.id)
            self.tell(self.broken(defect), duty=number)
        finally:
            if self._duty_number == number:
                self._duty = None
                self._wake_up()


async def supervised(
    work: Coroutine[Any, Any, None], name: str, on_fault: Callable[[Fault], None], on_defect: Callable[[Exception], None]
) -> None:
    """Runs work that nobody waits for: its fault or its defect is said and stays its own."""
    try:
        await work
    except Fault as fault:
        log.warning("%s: %s", name, fault)
        on_fault(fault)
    except Exception as defect:
        log.exception("defect in %s", name)
        on_defect(defect)
