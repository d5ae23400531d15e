"""A Modbus slave of our own, from the specification (Application Protocol 1.1b3; Serial Line 1.02; TCP/IP 1.0b).

Not pymodbus: two independent implementations meet on the wire. It is silent on a wrong CRC, another unit and a broadcast, and
answers several requests that arrive in one read, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from simulators.timers import Timer, Timers

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
MOST_BITS, MOST_REGISTERS, MOST_COILS_WRITTEN = 2000, 125, 1968
MOST_WRITTEN = {16: 123, 23: 121}
LONGEST = 256
"""Bytes of a serial frame."""
GAP_S = 0.004
"""3.5 characters of 11 bits at 9600 baud (Serial Line 1.02, 2.5.1.1)."""
ANSWER_S = 0.005
"""Declared reply delay; ours."""
BROADCAST = 0
DEVICE_ITSELF = frozenset({0x00, 0xFF})
"""Units that mean the device behind the port (TCP/IP 1.0b, 4.4.2), where only one is behind it."""


class Refusal(Exception):
    """A request that the device understands and declines; `code` is the exception code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exception {code}")


class Registers(Protocol):
    """What a device has. Each may raise Refusal. `frame` is the request as it was on the line."""

    @property
    def unit(self) -> int:
        """Its address, 1 to 247."""

    @property
    def hears(self) -> bool:
        """Whether a frame reaches it now."""

    @property
    def speaks(self) -> bool:
        """Whether its answer would leave it now."""

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


@runtime_checkable
class LongRegisters(Registers, Protocol):
    """A device that takes several registers at once."""

    def write_words(self, address: int, values: list[int]) -> None:
        """Functions 10 and 17 (hex). May raise Refusal."""


def answer(request: bytes, device: Registers, frame: bytes) -> bytes:
    """The response PDU to a request PDU (function and data, no unit, no CRC)."""
    function = request[0]
    try:
        if function in {16, 23} and isinstance(device, LongRegisters):
            return bytes([function]) + _long(function, request, device)
        return bytes([function]) + _done(function, request, device, frame)
    except Refusal as refusal:
        return bytes([function | 0x80, refusal.code])


def _long(function: int, request: bytes, device: LongRegisters) -> bytes:
    """Function 10 writes registers; 17 writes them first and then reads others (Application Protocol 6.12, 6.17)."""
    asked, written = (b"", request[1:]) if function == 16 else (request[1:5], request[5:])
    address, count = int.from_bytes(written[:2], "big"), int.from_bytes(written[2:4], "big")
    data = written[5:]
    if len(written) < 5 or not 1 <= count <= MOST_WRITTEN[function] or written[4] != len(data) or len(data) != 2 * count:
        raise Refusal(ILLEGAL_VALUE)
    device.write_words(address, [int.from_bytes(data[place : place + 2], "big") for place in range(0, len(data), 2)])
    return _done(3, b"\x03" + asked, device, b"") if asked else written[:4]


def _done(function: int, request: bytes, device: Registers, frame: bytes) -> bytes:
    if function not in {1, 2, 3, 4, 5, 6, 15}:
        raise Refusal(ILLEGAL_FUNCTION)
    if len(request) < 5 or (function != 15 and len(request) > 5):
        raise Refusal(ILLEGAL_VALUE)
    address, value = int.from_bytes(request[1:3], "big"), int.from_bytes(request[3:5], "big")
    match function:
        case 1 | 2:
            if not 1 <= value <= MOST_BITS:
                raise Refusal(ILLEGAL_VALUE)
            packed = _packed(device.bits(function, address, value))
            return bytes([len(packed)]) + packed
        case 3 | 4:
            if not 1 <= value <= MOST_REGISTERS:
                raise Refusal(ILLEGAL_VALUE)
            words = device.words(function, address, value)
            return bytes([2 * len(words)]) + b"".join(word.to_bytes(2, "big") for word in words)
        case 5:
            device.write_coil(address, value, frame)
        case 6:
            device.write_word(address, value)
        case _:
            device.write_coils(address, _unpacked(value, request[5:]), frame)
    return request[1:5]


def _packed(bits: list[bool]) -> bytes:
    packed = bytearray((len(bits) + 7) // 8)
    for place, bit in enumerate(bits):
        packed[place // 8] |= bit << place % 8
    return bytes(packed)


def _unpacked(count: int, counted: bytes) -> list[bool]:
    data = counted[1:]
    if not counted or counted[0] != len(data) or len(data) != (count + 7) // 8 or not 1 <= count <= MOST_COILS_WRITTEN:
        raise Refusal(ILLEGAL_VALUE)
    return [bool(data[place // 8] >> place % 8 & 1) for place in range(count)]


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
    """Devices on a serial line (RTU). Known requests are found by length and CRC, others by silence, which resynchronises."""

    def __init__(self, devices: Sequence[Registers], say: Callable[[bytes], None], answer_s: float = ANSWER_S) -> None:
        self.answer_s = answer_s
        self._devices, self._say = devices, say
        self._held = b""
        self._timers = Timers()
        self._gap: Timer | None = None

    def hear(self, data: bytes) -> None:
        """Bytes from the host, however they are split."""
        self._timers.drop(self._gap)
        self._held = (self._held + data)[-2 * LONGEST :]
        while (length := _request_length(self._held)) and len(self._held) >= length:
            if not _holds(self._held[:length]):
                break  # out of step: only silence ends this
            frame, self._held = self._held[:length], self._held[length:]
            self._obey(frame)
        if self._held:
            self._gap = self._timers.after(GAP_S, self._silence)

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        self._timers.clear()

    def _silence(self) -> None:
        frame, self._held = self._held, b""
        if _holds(frame):
            self._obey(frame)

    def _obey(self, frame: bytes) -> None:
        for device in self._devices:
            if frame[0] in {BROADCAST, device.unit} and device.hears:
                said = bytes([device.unit]) + answer(frame[1:-2], device, frame)
                if frame[0] != BROADCAST:
                    self._reply(device, said + crc(said))

    def _reply(self, device: Registers, reply: bytes) -> None:
        self._timers.after(self.answer_s, lambda: self._say(reply) if device.speaks else None)


def _holds(frame: bytes) -> bool:
    return 4 <= len(frame) <= LONGEST and frame[-2:] == crc(frame[:-2])


def _request_length(data: bytes) -> int:
    """The length with unit and CRC of the request that begins here; 0 as long as, or if, it cannot be known."""
    if len(data) < 2:
        return 0
    if data[1] in {15, 16}:
        return 9 + data[6] if len(data) > 6 else 0
    return 8 if data[1] in {1, 2, 3, 4, 5, 6} else 0


class TcpStation:
    """Devices behind a TCP port (MBAP). Every request has its transaction number, so several may be outstanding."""

    def __init__(self, devices: Sequence[Registers], say: Callable[[bytes], None], answer_s: float = ANSWER_S) -> None:
        self.answer_s = answer_s
        self._devices, self._say = devices, say
        self._held = b""
        self._timers = Timers()

    def hear(self, data: bytes) -> None:
        """Bytes from the host, however they are split."""
        self._held += data
        while len(self._held) >= 7:
            length = int.from_bytes(self._held[4:6], "big")
            if self._held[2:4] != b"\0\0" or not 2 <= length <= 254:
                self._held = b""  # not Modbus: what follows is a new start
                return
            if len(self._held) < 6 + length:
                return
            frame, self._held = self._held[: 6 + length], self._held[6 + length :]
            self._obey(frame)

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        self._timers.clear()

    def _obey(self, frame: bytes) -> None:
        unit = frame[6]
        if len(self._devices) == 1 and unit in DEVICE_ITSELF:
            unit = self._devices[0].unit
        device = next((one for one in self._devices if one.unit == unit and one.hears), None)
        if device is None:
            return
        said = frame[6:7] + answer(frame[7:], device, frame)
        reply = frame[:4] + len(said).to_bytes(2, "big") + said
        self._timers.after(self.answer_s, lambda: self._say(reply) if device.speaks else None)
