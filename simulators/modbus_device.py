"""A Modbus slave of our own, from the specification (Application Protocol 1.1b3; Serial Line 1.02; TCP/IP 1.0b).

Not pymodbus: two independent implementations meet on the wire. It is silent on a wrong CRC, another unit and a broadcast, and
answers several requests that arrive in one read, in order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from simulators.timers import Timers

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
MOST_BITS, MOST_REGISTERS = 2000, 125
GAP_S = 0.004
"""3.5 characters of 11 bits at 9600 baud (Serial Line 1.02, 2.5.1.1)."""
ANSWER_S = 0.005
REQUEST_LENGTHS = {1: 6, 2: 6, 3: 6, 4: 6, 5: 6, 6: 6}
"""Unit, function and data of the requests with a fixed length; 0F and 10 carry a byte count."""


class Refusal(Exception):
    """A request that the device understands and declines; `code` is the exception code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exception {code}")


class Registers(Protocol):
    """What a device has. Each may raise Refusal."""

    def bits(self, function: int, address: int, count: int) -> list[bool]:
        """Coils (1) or discrete inputs (2)."""

    def words(self, function: int, address: int, count: int) -> list[int]:
        """Holding (3) or input registers (4)."""

    def write_coil(self, address: int, value: int, frame: bytes) -> None:
        """Function 05 with its raw value."""

    def write_coils(self, address: int, values: list[bool], frame: bytes) -> None:
        """Function 0F."""

    def write_word(self, address: int, value: int) -> None:
        """Function 06."""


def answer(request: bytes, device: Registers) -> bytes:
    """The response PDU to a request PDU (function and data, no unit, no CRC)."""
    function = request[0]
    try:
        return bytes([function]) + _done(function, request, device)
    except Refusal as refusal:
        return bytes([function | 0x80, refusal.code])


def _done(function: int, request: bytes, device: Registers) -> bytes:
    if function not in {1, 2, 3, 4, 5, 6, 15}:
        raise Refusal(ILLEGAL_FUNCTION)
    if len(request) < 5:
        raise Refusal(ILLEGAL_VALUE)
    address, value = request[1] << 8 | request[2], request[3] << 8 | request[4]
    match function:
        case 1 | 2:
            if not 1 <= value <= MOST_BITS:
                raise Refusal(ILLEGAL_VALUE)
            packed = _pack(device.bits(function, address, value))
            return bytes([len(packed)]) + packed
        case 3 | 4:
            if not 1 <= value <= MOST_REGISTERS:
                raise Refusal(ILLEGAL_VALUE)
            words = device.words(function, address, value)
            return bytes([2 * len(words)]) + b"".join(word.to_bytes(2, "big") for word in words)
        case 5:
            device.write_coil(address, value, request)
        case 6:
            device.write_word(address, value)
        case _:
            data = request[6:]
            if len(request) < 6 or request[5] != len(data) or len(data) != (value + 7) // 8 or not value:
                raise Refusal(ILLEGAL_VALUE)
            device.write_coils(address, [bool(data[n // 8] >> n % 8 & 1) for n in range(value)], request)
    return request[1:5]


def _pack(bits: list[bool]) -> bytes:
    packed = bytearray((len(bits) + 7) // 8)
    for place, bit in enumerate(bits):
        packed[place // 8] |= bit << place % 8
    return bytes(packed)


def crc(data: bytes) -> bytes:
    """CRC-16 of a serial frame, low byte first (Serial Line 1.02, 6.2.2): of `02 07` it is `41 12`."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            carry = register & 1
            register >>= 1
            if carry:
                register ^= 0xA001
    return register.to_bytes(2, "little")


class SerialLine:
    """Devices on a serial line (RTU). Requests are found by length and CRC; silence resynchronises."""

    def __init__(self, devices: dict[int, Registers], say: Callable[[bytes], None]) -> None:
        self._devices, self._say = devices, say
        self._held = b""
        self._timers = Timers()
        self._gap = self._timers.after(0, lambda: None)

    def hear(self, data: bytes) -> None:
        """Bytes from the host, however they are split."""
        self._timers.drop(self._gap)
        self._held += data
        while (length := _request_length(self._held)) and len(self._held) >= length + 2:
            frame, self._held = self._held[: length + 2], self._held[length + 2 :]
            if frame[-2:] != crc(frame[:-2]):
                self._held = b""
                return
            self._obey(frame[0], frame[1:-2])
        self._gap = self._timers.after(GAP_S, self._forget)

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        self._timers.clear()

    def _forget(self) -> None:
        self._held = b""

    def _obey(self, unit: int, request: bytes) -> None:
        if unit == 0:
            for device in self._devices.values():
                answer(request, device)
        elif unit in self._devices:
            said = bytes([unit]) + answer(request, self._devices[unit])
            self._timers.after(ANSWER_S, lambda: self._say(said + crc(said)))


def _request_length(data: bytes) -> int:
    """Unit, function and data of the request that begins here; 0 as long as that cannot be known."""
    if len(data) < 2:
        return 0
    if data[1] in {15, 16}:
        return 7 + data[6] if len(data) > 6 else 0
    return REQUEST_LENGTHS.get(data[1], 2)


class TcpStation:
    """Devices behind a TCP port (MBAP). Every request has its transaction number, so several may be outstanding."""

    def __init__(self, devices: dict[int, Registers], say: Callable[[bytes], None]) -> None:
        self._devices, self._say = devices, say
        self._held = b""
        self._timers = Timers()

    def hear(self, data: bytes) -> None:
        """Bytes from the host, however they are split."""
        self._held += data
        while len(self._held) >= 7:
            length = int.from_bytes(self._held[4:6], "big")
            if self._held[2:4] != b"\0\0" or not 2 <= length <= 254:
                self._held = b""  # not Modbus: a real gateway drops the connection; what follows is a new start
                return
            if len(self._held) < 6 + length:
                return
            frame, self._held = self._held[: 6 + length], self._held[6 + length :]
            self._obey(frame)

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        self._timers.clear()

    def _obey(self, frame: bytes) -> None:
        device = self._devices.get(frame[6])
        if device is None:
            return
        said = frame[6:7] + answer(frame[7:], device)
        reply = frame[:4] + len(said).to_bytes(2, "big") + said
        self._timers.after(ANSWER_S, lambda: self._say(reply))
