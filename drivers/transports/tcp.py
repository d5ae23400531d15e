"""TCP, for serial servers and Modbus TCP."""

from __future__ import annotations

import asyncio
import select
import socket
import struct

from drivers.transports import Transport

MOST_AT_ONCE = 4096


async def open_tcp(host: str, port: int, held_s: float) -> Transport:
    """Connects. Raises OSError.

    Without the two limits an unlock written into a pulled cable would leave seconds or minutes later, when the cable is back:
    unacknowledged bytes end the connection after `held_s`, and closing (by us or by our death) throws away what is unsent.
    """
    _, transport = await asyncio.get_running_loop().create_connection(TcpTransport, host, port)
    connection: socket.socket = transport.connection.get_extra_info("socket")
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(held_s * 1000))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # A scanner is never asked anything, so only the kernel can find out that its connection is half open.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 2)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 2)
    return transport


class TcpTransport(asyncio.Protocol):
    """One TCP connection."""

    connection: asyncio.Transport

    def __init__(self) -> None:
        self._came = bytearray()
        self._waits: asyncio.Future[None] | None = None
        self._ended = False
        self._error: Exception | None = None
        self._poll = select.poll()

    async def read(self) -> bytes:
        """The next bytes; b"" when the far end is gone."""
        while not self._came and not self._ended:
            self._waits = asyncio.get_running_loop().create_future()
            await self._waits
        if self._error is not None and not self._came:
            raise self._error
        data = bytes(self._came)
        self._came.clear()
        if not self._ended:
            self.connection.resume_reading()
        return data

    def arrived(self) -> bool:
        """Whether there is something to read: bytes, or the end."""
        return bool(self._came) or self._ended or bool(self._poll.poll(0))

    def write(self, data: bytes) -> None:
        """Hands the bytes to the kernel. Raises OSError if the connection is closing."""
        if self.connection.is_closing():
            raise ConnectionResetError("the connection has ended")
        self.connection.write(data)

    def close(self) -> None:
        """Ends the connection at once."""
        self.connection.abort()
        self._end(None)

    def connection_made(self, connection: asyncio.Transport) -> None:  # type: ignore[override]  # what a stream socket has
        """asyncio's call: the connection stands."""
        self.connection = connection
        self._poll.register(connection.get_extra_info("socket"), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """asyncio's call: bytes have come. Who sends faster than we read waits."""
        self._came += data
        if len(self._came) > MOST_AT_ONCE:
            self.connection.pause_reading()
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio's call: the connection is gone."""
        self._end(error)

    def _end(self, error: Exception | None) -> None:
        self._ended, self._error = True, self._error or error
        self._wake()

    def _wake(self) -> None:
        if self._waits is not None and not self._waits.done():
            self._waits.set_result(None)
