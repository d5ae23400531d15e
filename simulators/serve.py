"""The host's end of a simulated wire, the same for every board: in memory, on a PTY with a symlink, on TCP."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import socket
import tty
from pathlib import Path

from simulators.wire import Call, Wire

MOST_AT_ONCE = 4096


class MemoryEnd:
    """A host's end of a wire in memory, with the reading and writing of any connection."""

    def __init__(self, wire: Wire) -> None:
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self._open = True
        self._call = wire.connect(self._arrived.put_nowait, self.close)

    async def read(self) -> bytes:
        """The next bytes, all that are there; b"" once the cable is out or this end is closed."""
        if not self._open and self._arrived.empty():
            return b""
        data = await self._arrived.get()
        while data and not self._arrived.empty():
            data += self._arrived.get_nowait()
        return data

    def arrived(self) -> bool:
        """Whether there is something to read."""
        return not self._arrived.empty()

    def write(self, data: bytes) -> None:
        """Bytes to the boards. Raises OSError when the cable is out."""
        if not self._open:
            raise ConnectionResetError("the cable is out")
        asyncio.get_running_loop().call_soon(self._call.write, data)

    def close(self) -> None:
        """Ends this connection. What it wrote is still on its way."""
        if self._open:
            self._open = False
            self._call.hang_up()
            self._arrived.put_nowait(b"")


async def memory(wire: Wire) -> MemoryEnd:
    """Connects in memory. Raises OSError while the cable is out."""
    return MemoryEnd(wire)


class Pty:
    """A wire on a pseudo-terminal, with a symlink at the path that the site file names. Unplugged, it is not there.

    Raises OSError if another simulator stands at that path, or something that is not ours.
    """

    def __init__(self, wire: Wire, path: Path) -> None:
        self._wire, self._path = wire, path
        self._near = self._far = -1
        self._claim = claim(path)
        wire.on_plug = self._appear
        try:
            self._appear()
        except OSError:
            self._claim.close()
            raise

    def _appear(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.is_symlink() and self._path.readlink().is_relative_to("/dev/pts"):
            self._path.unlink()  # left by a run that was killed: nobody claims it now
        near, far = os.openpty()
        try:
            self._path.symlink_to(os.ttyname(far))
        except OSError:
            os.close(near)
            os.close(far)
            raise
        self._near, self._far = near, far
        tty.setraw(far)
        os.set_blocking(near, False)
        self._call: Call = self._wire.connect(self._say, self._vanish)
        asyncio.get_running_loop().add_reader(near, self._read)

    def _vanish(self) -> None:
        if self._near < 0:
            return
        asyncio.get_running_loop().remove_reader(self._near)
        self._path.unlink(missing_ok=True)
        os.close(self._near)
        os.close(self._far)
        self._near = self._far = -1

    def _read(self) -> None:
        self._call.write(os.read(self._near, MOST_AT_ONCE))

    def _say(self, data: bytes) -> None:
        with contextlib.suppress(BlockingIOError):  # nobody reads: a real line would lose it too
            os.write(self._near, data)

    def close(self) -> None:
        """Takes the symlink away and closes both ends."""
        self._wire.on_plug = lambda: None
        self._call.hang_up()
        self._vanish()
        self._claim.close()


def claim(path: Path) -> socket.socket:
    """Says that a simulator stands at this path, until it is closed or this process has died (Linux: an abstract socket's
    name goes with its process, which a lock file's does not). Raises OSError (EADDRINUSE) while another one stands there."""
    name = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()
    held = socket.socket(socket.AF_UNIX)
    try:
        held.bind(f"\0galenic-simulator-{name}")
    except OSError:
        held.close()
        raise
    return held


class _TcpEnd(asyncio.Protocol):
    """One host on TCP."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._call: Call | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the types; a server makes no other
        if self._wire.plugged:
            self._call = self._wire.connect(transport.write, transport.abort)
        else:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._call is not None:
            self._call.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._call is not None:
            self._call.hang_up()


async def serve_tcp(wire: Wire, host: str, port: int) -> asyncio.Server:
    """Serves the wire on a TCP port, to several hosts at once. Raises OSError when the port is taken."""
    return await asyncio.get_running_loop().create_server(lambda: _TcpEnd(wire), host, port)
