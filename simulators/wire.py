"""One wire as the boards see it: bytes come and go in order, through weather, at the line's speed, until it is unplugged."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from random import Random
from typing import Literal, Protocol, runtime_checkable

from simulators.timers import Timers, now
from simulators.weather import CALM, Sky, Storm

BITS_A_BYTE = 10
"""Start, eight data bits, stop."""
BUFFER = 65536
"""What an adapter holds; the rest is lost."""
Towards = Literal["board", "host"]


class Line(Protocol):
    """What hangs on a wire: it hears the host's bytes."""

    def hear(self, data: bytes) -> None:
        """Bytes from the host, however they are split."""


@runtime_checkable
class Session(Line, Protocol):
    """What answers one connection, can end it, and hears that it has ended."""

    def begun(self, end: Callable[[], None]) -> None:
        """The connection stands; `end` ends it from this side."""

    def ended(self) -> None:
        """It does so no longer."""


class Road:
    """One direction: nothing overtakes."""

    def __init__(self, sky: Sky, arrive: Callable[[bytes], None], timers: Timers) -> None:
        self._sky, self._arrive, self._timers = sky, arrive, timers
        self._coming: deque[tuple[float, bytes]] = deque()
        self._clear_at = 0.0
        self._waiting = False

    def carry(self, data: bytes) -> None:
        """Takes bytes at one end; what the weather leaves of them arrives at the other."""
        at = now()
        for piece in self._sky.through(data):
            at = max(at + piece.after_s, self._clear_at)
            if self._sky.baud is not None:
                at += len(piece.data) * BITS_A_BYTE / self._sky.baud
            self._clear_at = at
            if at <= now() and not self._coming:
                self._arrive(piece.data)
            elif len(self._coming) < BUFFER:
                self._coming.append((at, piece.data))
        self._wait()

    def forget(self) -> None:
        """What is on its way is lost."""
        self._coming.clear()
        self._clear_at = 0.0
        self._waiting = False

    def _wait(self) -> None:
        if self._coming and not self._waiting:
            self._waiting = True
            self._timers.at(self._coming[0][0], self._due)

    def _due(self) -> None:
        self._waiting = False
        while self._coming and self._coming[0][0] <= now():
            self._arrive(self._coming.popleft()[1])
        self._wait()


class Lane:
    """A conversation: a line of boards, and the hosts that hear what it says."""

    def __init__(self, wire: Wire, line: Callable[[Callable[[bytes], None]], Line | None]) -> None:
        self.hosts: list[Callable[[bytes], None]] = []
        self._to_board = Road(wire.to_board, self._heard, wire.timers)
        self._to_host = Road(wire.to_host, self._said, wire.timers)
        self._wire = wire
        self.line = line(self.say)

    def say(self, data: bytes) -> None:
        """The line's bytes to the hosts."""
        if self._wire.plugged:
            self._to_host.carry(data)

    def write(self, data: bytes) -> None:
        """A host's bytes to the line."""
        if self._wire.plugged:
            sky = self._wire.to_board
            if sky.weather.echo and sky.chance.random() < sky.weather.echo:
                self._to_host.carry(data)
            self._to_board.carry(data)

    def forget(self) -> None:
        """What is on its way is lost."""
        self._to_board.forget()
        self._to_host.forget()

    def _heard(self, data: bytes) -> None:
        self._wire.overhear("board", data)
        if self.line is not None:
            self.line.hear(data)

    def _said(self, data: bytes) -> None:
        self._wire.overhear("host", data)
        for host in tuple(self.hosts):
            host(data)


class Call:
    """A host's connection to a wire."""

    def __init__(self, wire: Wire, lane: Lane, listener: Callable[[bytes], None], end: Callable[[], None]) -> None:
        self.end = end
        self.lane = lane
        self._wire, self._listener = wire, listener
        lane.hosts.append(listener)
        if isinstance(lane.line, Session):
            lane.line.begun(self.cut)

    def write(self, data: bytes) -> None:
        """The host's bytes. They stay on their way when the host hangs up."""
        self.lane.write(data)

    def hang_up(self) -> None:
        """Ends this connection from the host's side. May be called twice."""
        if self in self._wire.calls:
            self._wire.calls.remove(self)
            self.lane.hosts.remove(self._listener)
            if isinstance(self.lane.line, Session):
                self.lane.line.ended()

    def cut(self) -> None:
        """Ends this connection from the boards' side, or because the cable is out."""
        self.hang_up()
        self.end()


class Wire:
    """One wire. What its `line` says goes to whoever is connected; unplugged, bytes are lost.

    With `answers`, each connection gets a line of its own from that function (Modbus TCP: transactions are a connection's).
    """

    def __init__(
        self,
        line: Line | None = None,
        *,
        answers: Callable[[Callable[[bytes], None]], Line] | None = None,
        seed: int | str = 0,
    ) -> None:
        self.plugged = True
        self.calls: list[Call] = []
        self.timers = Timers()
        self.to_board, self.to_host = Sky(Random(f"{seed} to board")), Sky(Random(f"{seed} to host"))
        self.on_plug: Callable[[], None] = lambda: None
        self.cable = Timers()
        """When it falls out or is put back."""
        self.overhear: Callable[[Towards, bytes], None] = lambda towards, data: None
        """Told of bytes as they arrive at either end, after the weather."""
        self._chance = Random(f"{seed} cable")
        self._answers = answers
        self._bus = Lane(self, lambda say: line)

    @property
    def line(self) -> Line | None:
        """What hangs on the wire for all connections."""
        return self._bus.line

    @line.setter
    def line(self, line: Line) -> None:
        self._bus.line = line

    def say(self, data: bytes) -> None:
        """The line's bytes to all hosts."""
        self._bus.say(data)

    def heard(self, data: bytes) -> None:
        """A host's bytes to the line."""
        self._bus.write(data)

    def connect(self, listener: Callable[[bytes], None], end: Callable[[], None]) -> Call:
        """A host connects: it hears through `listener`; `end` is called when the cable is pulled. OSError if it is out."""
        if not self.plugged:
            raise ConnectionRefusedError("the cable is out")
        call = Call(self, self._bus if self._answers is None else Lane(self, self._answers), listener, end)
        self.calls.append(call)
        return call

    def babble(self, data: bytes) -> None:
        """Bytes that no board said, to whoever is connected."""
        for lane in dict.fromkeys(call.lane for call in self.calls):
            lane.say(data)

    def unplug(self) -> None:
        """Pulls the cable: every connection ends, what is on its way is lost, and none can be made until `plug`."""
        self.plugged = False
        self._bus.forget()
        self.timers.clear()
        for call in tuple(self.calls):
            call.cut()

    def plug(self) -> None:
        """Puts the cable back."""
        if not self.plugged:
            self.plugged = True
            self.on_plug()

    def pace(self, baud: int | None) -> None:
        """Bytes take their time at this speed in both directions; None: no time at all."""
        self.to_board.baud = self.to_host.baud = baud

    def blow(self, storm: Storm) -> None:
        """This weather from now on."""
        self.to_board.weather, self.to_host.weather = storm.to_board, storm.to_host
        self.cable.clear()
        if storm.flap_every_s is not None:
            self._next_flap(storm.flap_every_s, storm.flap_s)

    def clear(self) -> None:
        """Good weather, and nothing more is going to happen: the end of a run."""
        self.to_board.weather = self.to_host.weather = CALM
        self.cable.clear()
        self.timers.clear()

    def _next_flap(self, every_s: float, for_s: float) -> None:
        def out() -> None:
            self.unplug()
            self.cable.after(self._chance.uniform(0, for_s), back)

        def back() -> None:
            self.plug()
            self._next_flap(every_s, for_s)

        self.cable.after(self._chance.expovariate(1 / every_s), out)
