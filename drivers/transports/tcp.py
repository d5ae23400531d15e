"""TCP, for serial servers and Modbus TCP."""

from __future__ import annotations

import asyncio
import socket

from drivers.transports import Transport

MOST_AT_ONCE = 4096


async def open_tcp(host: str, port: int) -> Transport:
    """Connects. Raises OSError."""
    reader, writer = await asyncio.open_connection(host, port, limit=MOST_AT_ONCE)
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
