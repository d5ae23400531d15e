"""A serial line: a non-blocking descriptor under the loop's reader, opened exclusively. The only importer of pyserial."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

import serial

from drivers.transports import Transport

MOST_AT_ONCE = 4096
PARITY = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}


def open_serial(path: str, settings: Mapping[str, str]) -> Transport:
    """Opens `path` with `baud` (19200), `parity` (none) and `stop` (1). Raises OSError if absent or taken by another."""
    port = serial.Serial(
        path,
        baudrate=int(settings.get("baud", "19200")),
        parity=PARITY[settings.get("parity", "none")],
        stopbits=int(settings.get("stop", "1")),
        timeout=0,
        write_timeout=0,
        exclusive=True,
    )
    return SerialTransport(port)


class SerialTransport:
    """One open port. Any error, or a read of nothing, is the unplugged cable and ends it."""

    def __init__(self, port: serial.Serial) -> None:
        self._port = port
        self._loop = asyncio.get_running_loop()
        self._readable: asyncio.Future[None] | None = None
        self._loop.add_reader(port.fileno(), self._wake)

    def _wake(self) -> None:
        if self._readable is not None and not self._readable.done():
            self._readable.set_result(None)
        elif self._port.is_open:
            self._loop.remove_reader(self._port.fileno())

    async def read(self) -> bytes:
        """The next bytes; b"" when the port has ended."""
        if not self._port.is_open:
            return b""
        self._readable = self._loop.create_future()
        self._loop.add_reader(self._port.fileno(), self._wake)
        await self._readable
        return os.read(self._port.fileno(), MOST_AT_ONCE) if self._port.is_open else b""

    def write(self, data: bytes) -> None:
        """Hands all bytes to the kernel. Raises OSError when it does not take them whole."""
        if not self._port.is_open:
            raise OSError("the port has ended")
        if os.write(self._port.fileno(), data) != len(data):
            raise OSError("the port took only a part of the frame")

    def close(self) -> None:
        """Closes the port and wakes a waiting read."""
        if self._port.is_open:
            self._loop.remove_reader(self._port.fileno())
            self._port.close()
        if self._readable is not None and not self._readable.done():
            self._readable.set_result(None)
