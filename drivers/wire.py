"""The life of one wire, whatever is said on it: dialling, epochs, back-off, who is told. Written once for every kind of link.

Each connection is a session that counts as up only when somebody known has answered on it. Links come back by themselves, for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from drivers.faults import Effect, LinkLost
from drivers.session import Figures
from drivers.transports import Transport
from drivers.wirelog import WireLog

FIRST_BACK_OFF_S, LONGEST_BACK_OFF_S = 0.2, 10.0
LASTING_S = 10.0
"""A session that lasted so long starts the back-off anew; a flapping cable does not."""
DIAL_S = 3.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A session began (`up`) or ended; `epoch` is its number."""

    link: str
    epoch: int
    up: bool
    reason: str


class Life(Protocol):
    """One life of a connection. The first reason of its end stands."""

    over: bool
    reason: str

    async def listen(self) -> None: ...

    def end(self, reason: str) -> None: ...

    def lost(self, effect: Effect) -> LinkLost: ...


S = TypeVar("S", bound=Life)


class Wire(Generic[S]):
    """Keeps one wire connected. What a session is and what makes it count as up is the business of the kind of link."""

    def __init__(
        self,
        id: str,
        dial: Callable[[], Awaitable[Transport]],
        wirelog: WireLog,
        between: Callable[[float, float], float],
        means: Callable[[bytes], str],
    ) -> None:
        self.id, self.figures = id, Figures()
        self.epoch = 0
        """The number of this life of the connection; counts up with every one, also those that nobody answered on."""
        self.reason = "not connected yet"
        """Why the link is down, while it is."""
        self.ever_up = False
        """Whether it has been up since the daemon started."""
        self._dial, self._log, self._between = dial, wirelog, between
        self._session: S | None = None
        self._watchers: list[Callable[[LinkChange], None]] = []
        wirelog.understand(id, means)

    @property
    def up(self) -> bool:
        """Whether there is a connection now on which somebody known has answered."""
        return self._session is not None and not self._session.over

    @property
    def in_flight_s(self) -> float:
        """How long a frame may be on its way: parked in an adapter, or sent again by TCP before the connection is given up."""
        raise NotImplementedError

    def watch(self, watcher: Callable[[LinkChange], None]) -> None:
        """Calls `watcher` at each begin and end of a session. It must not raise."""
        self._watchers.append(watcher)

    async def run(self) -> None:
        """Connects, lives, and begins again with growing patience. Ends only by cancellation."""
        patience = FIRST_BACK_OFF_S
        while True:
            began = now()
            await self._connect()
            if now() - began >= LASTING_S:
                patience = FIRST_BACK_OFF_S
            await asyncio.sleep(self._between(patience / 2, patience))
            patience = min(patience * 2, LONGEST_BACK_OFF_S)

    def _begin(self, transport: Transport, epoch: int) -> S:
        """A session over this connection."""
        raise NotImplementedError

    async def _attend(self, session: S) -> None:
        """Finds out who is there, and from then on asks whenever nobody else has had an answer for a while."""
        raise NotImplementedError

    def _living(self) -> S:
        if self._session is None:
            raise LinkLost("link-lost", effect=Effect.NONE, link=self.id, reason=self.reason)
        if self._session.over:
            raise self._session.lost(Effect.NONE)
        return self._session

    def _is_up(self, session: S) -> None:
        self._session, self.ever_up = session, True
        self._announce(True, "connected")

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(DIAL_S):
                transport = await self._dial()
        except OSError as error:
            self.reason = str(error) or "no connection in time"
            return
        self.epoch += 1
        session = self._begin(transport, self.epoch)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(session.listen(), name=f"{self.id} listens")
                tasks.create_task(self._attend(session), name=f"{self.id} attends")
        except* Exception:
            # A framer's or a driver's defect must cost one session, never the link.
            log.exception("defect on link %s, epoch %s", self.id, self.epoch)
            session.end("defect")
        finally:
            was_up, self._session = self._session is session, None
            session.end("stopped")
        self.reason = session.reason
        if was_up:
            self._announce(False, session.reason)

    def _keeper(self, epoch: int) -> Callable[[Any, bytes, str], None]:
        """What records the frames of one life in the wire log."""

        def keep(direction: Any, data: bytes, said: str) -> None:
            self._log.record(self.id, epoch, now(), direction, data, said)

        return keep

    def _announce(self, up: bool, reason: str) -> None:
        for watcher in self._watchers:
            watcher(LinkChange(self.id, self.epoch, up, reason))


def now() -> float:
    """The loop's time in seconds."""
    return asyncio.get_running_loop().time()
