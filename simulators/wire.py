"""The simulator's end of a wire, the same for every board: in memory, on a PTY with a symlink, on TCP."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

MOST_AT_ONCE = 4096


class Line(Protocol):
    """What hangs on a wire: it hears the host's bytes."""

    def hear(self, data: bytes) -> None:
        """Bytes from the host, however they are split."""


class Wire:
    """One wire. The line says its bytes here; whoever is connected gets them. Unplugged, they are lost."""

    def __init__(self) -> None:
        self.line: Line | None = None
        self.plugged = True
        self._listeners: list[Callable[[bytes], None]] = []
        self._ends: list[Callable[[], None]] = []

    def say(self, data: bytes) -> None:
        """The line's bytes to the host."""
        if self.plugged:
            for listener in tuple(self._listeners):
                listener(data)

    def heard(self, data: bytes) -> None:
        """The host's bytes to the line."""
        if self.plugged and self.line is not None:
            self.line.hear(data)

    def connect(self, listener: Callable[[bytes], None], end: Callable[[], None]) -> Callable[[], None]:
        """A host's connection; `end` is called when the cable is pulled. Returns what takes it off."""
        self._listeners.append(listener)
        self._ends.append(end)

        def off() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)
                self._ends.remove(end)

        return off

    def unplug(self) -> None:
        """Pulls the cable: every connection ends, and none can be made until `plug`."""
        self.plugged = False
        for end in tuple(self._ends):
            end()

    def plug(self) -> None:
        """Puts the cable back."""
        self.plugged = True


class MemoryEnd:
    """A host's end of a wire in memory, with the reading and writing of any connection."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self._open = True
        self._off = wire.connect(self._arrived.put_nowait, self.close)

    async def read(self) -> bytes:
        """The next bytes; b"" when the cable is out."""
        return await self._arrived.get()

    def write(self, data: bytes) -> None:
        """Bytes to the boards. Raises OSError when the cable is out."""
        if not self._open:
            raise ConnectionResetError("the cable is out")
        asyncio.get_running_loop().call_soon(self._wire.heard, data)

    def close(self) -> None:
        """Ends this connection."""
        if self._open:
            self._open = False
            self._off()
            self._arrived.put_nowait(b"")


async def memory(wire: Wire) -> MemoryEnd:
    """Connects in memory. Raises OSError while the cable is out."""
    if not wire.plugged:
        raise ConnectionRefusedError("the cable is out")
    return MemoryEnd(wire)


class Pty:
    """A wire on a pseudo-terminal, with a symlink at the path that the site file names."""

    def __init__(self, wire: Wire, path: Path) -> None:
        self._wire, self._path = wire, path
        self._near, self._far = os.openpty()
        tty.setraw(self._far)
        os.set_blocking(self._near, False)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(os.ttyname(self._far))
        self._off = wire.connect(self._say, lambda: None)
        asyncio.get_running_loop().add_reader(self._near, self._read)

    def _read(self) -> None:
        self._wire.heard(os.read(self._near, MOST_AT_ONCE))

    def _say(self, data: bytes) -> None:
        with contextlib.suppress(BlockingIOError):  # nobody reads: a real line would lose it too
            os.write(self._near, data)

    def close(self) -> None:
        """Takes the symlink away and closes both ends."""
        self._off()
        asyncio.get_running_loop().remove_reader(self._near)
        self._path.unlink(missing_ok=True)
        os.close(self._near)
        os.close(self._far)


async def serve_tcp(wire: Wire, host: str, port: int) -> asyncio.Server:
    """Serves the wire on a TCP port; several hosts may be connected and all hear everything."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not wire.plugged:
            writer.transport.abort()
            return
        off = wire.connect(writer.write, writer.transport.abort)
        try:
            while data := await reader.read(MOST_AT_ONCE):
                wire.heard(data)
        except ConnectionError:
            pass
        finally:
            off()
            writer.close()

    return await asyncio.start_server(talk, host, port)
