"""What carries bytes: a serial line, a TCP connection. No meaning here."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import parse_qsl, urlsplit


class Transport(Protocol):
    """One open connection. It ends once and is never opened again."""

    async def read(self) -> bytes:
        """The next bytes, at least one. Raises OSError or returns b"" when the connection has ended.

        One task reads. A cancelled read loses nothing.
        """

    def arrived(self) -> bool:
        """Whether a `read` would end at once: bytes have come that nobody has read yet, or the end has."""

    def write(self, data: bytes) -> None:
        """Hands all bytes over without waiting. Raises OSError if none of them can leave; if a part may, the connection ends."""

    def close(self) -> None:
        """Ends the connection, throws away what has not left yet, and ends a waiting read. May be called twice."""


async def dial(url: str, held_s: float = 1.0) -> Transport:
    """Opens what a site file's link names. Raises OSError (ValueError for a scheme there is no transport for).

    `held_s` bounds how long bytes may be held back on their way: TCP ends the connection when they stay unacknowledged so long.
    """
    parts = urlsplit(url)
    if parts.scheme == "serial":
        from drivers.transports.serial import open_serial

        return open_serial(parts.path, dict(parse_qsl(parts.query)))
    if parts.scheme == "tcp":
        from drivers.transports.tcp import open_tcp

        return await open_tcp(parts.hostname or "127.0.0.1", parts.port or 502, held_s)
    raise ValueError(f"no transport for {url!r}; use serial:/path or tcp://host:port")
