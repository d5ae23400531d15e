"""TCP, for serial servers and Modbus TCP."""

from __future__ import annotations

import asyncio
import socket
import struct

from drivers.transports import Transport

MOST_AT_ONCE = 4096


async def open_tcp(host: str, port: int, held_s: float) -> Transport:
    """Connects. Raises OSError.

    Without the two limits an unlock written into a pulled cable would leave seconds or minutes later, when the cable is back:
    unacknowledged bytes end the connection after `held_s`, and closing (by us or by our death) throws away what is unsent.
    """
    reader, writer = await asyncio.open_connection(host, port, limit=MOST_AT_ONCE)
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(held_s * 1000))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # A scanner is never asked anything, so only the kernel can find out that its connection is half open.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 2)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 2)
    return TcpTransport(reader, writer)


class TcpTransport:
    """One TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def read(self) -> bytes:
        """The next bytes; b"" when the far end is gone."""
        return await self._reader.read(MOST_AT_ONCE)

    def write(self, data: bytes) -> None:
        """Hands the bytes to the kernel. Raises OSError if the connection is closing."""
        if self._writer.is_closing():
            raise ConnectionResetError("the connection has ended")
        self._writer.write(data)

    def close(self) -> None:
        """Ends the connection at once."""
        self._writer.transport.abort()
        self._reader.feed_eof()
