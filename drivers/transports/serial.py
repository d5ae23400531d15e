"""A serial line: a non-blocking descriptor under the loop's reader, opened exclusively. The only importer of pyserial."""

from __future__ import annotations

import asyncio
import os
import select
import termios
from collections.abc import Mapping
from dataclasses import dataclass

import serial
from serial.tools.list_ports import comports

from drivers.transports import Transport

MOST_AT_ONCE = 4096
PARITY = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}


@dataclass(frozen=True, slots=True)
class Port:
    """A serial port of this machine, and what its USB device says of itself; empty where it says nothing."""

    path: str
    what: str
    usb: str
    """Vendor and product as four hexadecimal digits each: `0403:6001`."""
    number: str
    """The device's own serial number."""


def ports() -> list[Port]:
    """Every port with a device behind it, by name. Opens none."""
    found = sorted(comports(), key=lambda port: port.device)
    return [
        Port(
            port.device,
            port.description if port.description != "n/a" else "",
            f"{port.vid:04x}:{port.pid:04x}" if port.vid is not None and port.pid is not None else "",
            port.serial_number or "",
        )
        for port in found
    ]


def open_serial(path: str, settings: Mapping[str, str]) -> Transport:
    """Opens `path` with `baud` (19200), `parity` (none) and `stop` (1). Raises OSError if absent or taken by another."""
    try:
        port = serial.Serial(
            path,
            baudrate=int(settings.get("baud", "19200")),
            parity=PARITY[settings.get("parity", "none")],
            stopbits=int(settings.get("stop", "1")),
            timeout=0,
            write_timeout=0,
            exclusive=True,
        )
    except (termios.error, ValueError, KeyError) as wrong:
        # pyserial lets some refusals of the kernel through as they are.
        raise OSError(f"{path} does not take these settings: {wrong}") from wrong
    return SerialTransport(port)


class SerialTransport:
    """One open port. Any error, or a read of nothing, is the unplugged cable and ends it."""

    def __init__(self, port: serial.Serial) -> None:
        self._port = port
        self._loop = asyncio.get_running_loop()
        self._readable: asyncio.Future[None] | None = None
        self._poll = select.poll()
        self._poll.register(port.fileno(), select.POLLIN)

    async def read(self) -> bytes:
        """The next bytes; b"" when the port has ended. Nothing is read that nobody takes: a cancelled read loses nothing."""
        if not self._port.is_open:
            return b""
        self._readable = self._loop.create_future()
        self._loop.add_reader(self._port.fileno(), self._wake)
        try:
            await self._readable
        finally:
            if self._port.is_open:
                self._loop.remove_reader(self._port.fileno())
        return os.read(self._port.fileno(), MOST_AT_ONCE) if self._port.is_open else b""

    def arrived(self) -> bool:
        """Whether there is something to read: bytes, or the end."""
        return bool(self._poll.poll(0))

    def write(self, data: bytes) -> None:
        """Hands all bytes to the kernel. Raises OSError if it takes none; a line that takes only a part is jammed and ends."""
        if not self._port.is_open:
            raise OSError("the port has ended")
        if os.write(self._port.fileno(), data) != len(data):
            self.close()

    def close(self) -> None:
        """Closes the port and wakes a waiting read."""
        if self._port.is_open:
            self._loop.remove_reader(self._port.fileno())
            self._forget()
            self._port.close()
        self._wake()

    def _forget(self) -> None:
        """What is still in the kernel's buffer must not leave later: closing a port waits for it otherwise."""
        try:
            termios.tcflush(self._port.fileno(), termios.TCOFLUSH)
        except termios.error:
            return  # the device itself is gone, and its buffer with it

    def _wake(self) -> None:
        if self._readable is not None and not self._readable.done():
            self._readable.set_result(None)
