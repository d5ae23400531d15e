"""One connection to a robot: Hello first, then messages, each answered to whoever asked (1.2, 1.4, 1.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from firmware_protocols.wwks2 import device, parts
from firmware_protocols.wwks2 import messages as w
from firmware_protocols.wwks2.messages import Lead, Message, Unreadable
from firmware_protocols.wwks2.words import Reason
from simulators.timers import Timer, Timers

HELLO_S = 5.0
"""A client that has not said Hello by then is shut out (1.3)."""
CAPABILITIES = (
    "KeepAlive",
    "Status",
    "Input",
    "InitiateInput",
    "ArticleMaster",
    "StockDelivery",
    "StockInfo",
    "Output",
    "TaskInfo",
    "TaskCancel",
    "Configuration",
    "StockLocationInfo",
    "InfeedInput",
)


class Server(Protocol):
    """The robot behind the connections."""

    @property
    def hears(self) -> bool:
        """Whether a message reaches it now."""

    @property
    def speaks(self) -> bool:
        """Whether what it says leaves it now."""

    @property
    def subscriber(self) -> parts.Subscriber:
        """Who it says it is."""

    def written(self, message: Lead) -> bytes:
        """Its bytes."""

    def heard(self, client: Client, message: Message) -> None:
        """A message of a client that has said Hello."""

    def left(self, client: Client) -> None:
        """A client is gone."""


class Client:
    """One connection."""

    def __init__(self, server: Server, say: Callable[[bytes], None]) -> None:
        self.who: parts.Subscriber | None = None
        """Who said Hello, the last time."""
        self.timers = Timers()
        self.gone = False
        self._server, self._bytes = server, say
        self._stream = device.RequestStream()
        self._end: Callable[[], None] = lambda: None
        self._patience: Timer | None = None
        self._frame = b""
        self.assembling = 0
        """Long answers that are being put together for it."""

    @property
    def number(self) -> int:
        """Its device number; 0 before its Hello."""
        return self.who.id if self.who else 0

    @property
    def tenant(self) -> str:
        """The tenant to which all it asks belongs, by its Hello (1.2)."""
        return (self.who.tenant_id or "") if self.who else ""

    def can(self, capability: str) -> bool:
        """Whether it said so. One that names no capability has all of them (1.4)."""
        return self.who is not None and (not self.who.capabilities or capability in {one.name for one in self.who.capabilities})

    def begun(self, end: Callable[[], None]) -> None:
        """The connection stands; who is silent for five seconds is shut out."""
        self._end = end
        self._patience = self.timers.after(HELLO_S if self._server.hears else 0.0, self.shut_out)

    def ended(self) -> None:
        """The connection is no more."""
        self.gone = True
        self.timers.clear()
        self._server.left(self)

    def shut_out(self) -> None:
        """Ends the connection."""
        self._end()

    def hear(self, data: bytes) -> None:
        """Bytes, however they are split."""
        if not self._server.hears or self.gone:
            return
        for frame in self._stream.feed(data):
            self._frame = frame
            try:
                message = device.decode(frame)
            except Unreadable as wrong:
                self._unprocessed(frame, wrong)
            else:
                self._take(message)
        if self._stream.lost is not None:
            self.shut_out()

    def say(self, message: Lead) -> None:
        """Says something to this client, unless the connection has gone."""
        if self._server.speaks and not self.gone:
            self._bytes(self._server.written(message))

    def refuse(self, message: Message, reason: Reason, why: str) -> None:
        """Does not process a message that it has just read, and quotes it back."""
        self._quote(self._frame, message.id, message.source, reason, why)

    def _take(self, message: Lead) -> None:
        if isinstance(message, w.HelloRequest):
            self.timers.drop(self._patience)
            self.who = message.subscriber
            self.say(w.HelloResponse(id=message.id, subscriber=self._server.subscriber))
        elif self.who is not None and isinstance(message, Message):
            self._server.heard(self, message)

    def _unprocessed(self, frame: bytes, wrong: Unreadable) -> None:
        """What cannot be processed is quoted back, but for a quotation: two that answer each other's would never end (1.5)."""
        if self.who is None or wrong.name == "UnprocessedMessage":
            return
        self._quote(frame, wrong.id, wrong.source, wrong.reason, str(wrong))

    def _quote(self, frame: bytes, id: str | None, source: int | None, reason: Reason, why: str) -> None:
        self.say(
            w.UnprocessedMessage(
                id=id or "0",
                source=self._server.subscriber.id,
                destination=source or self.number,
                reason=reason,
                text=why,
                message=parts.Quotation(id=id, text=frame.decode("utf-8", "replace")),
            )
        )
