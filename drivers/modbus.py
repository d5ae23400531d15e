"""Modbus over our own links: requests as bytes, frames cut from bytes, answers matched. The only importer of pymodbus.

Of pymodbus only PDUs, their decoder and the RTU checksum are used; no client of its opens a port or resends anything. Its
write_coil cannot say the pulse of a relay (a coil is True or False there), so that is a PDU of our own with its 16-bit value.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from typing import Literal, TypeVar

from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.bit_message import ReadDiscreteInputsRequest, ReadDiscreteInputsResponse
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, WriteSingleRegisterRequest

from drivers.faults import DeviceFault, Effect

T = TypeVar("T")
Mode = Literal["modbus-rtu", "modbus-tcp"]

LONGEST_RTU, LONGEST_TCP = 256, 260
HEADER = 6
"""MBAP bytes before the unit: transaction, protocol, length (Modbus messaging on TCP/IP 1.0b, 3.1.3)."""

MISSING = 256
"""So many unanswered transactions are remembered; a link that misses more has long been given up."""
ASKED = (
    ReadDiscreteInputsRequest.function_code,
    ReadHoldingRegistersRequest.function_code,
    5,
    WriteSingleRegisterRequest.function_code,
)
"""The functions that we use: an answer to any other is noise."""

_DECODER = DecodePDU(is_server=False)


class WriteCoilValue(ModbusPDU):
    """Function 05 with a free 16-bit value, as relay boards use it to pulse (value times 100 ms)."""

    function_code = 5
    rtu_frame_size = 8

    def __init__(self, address: int, value: int, unit: int) -> None:
        super().__init__(dev_id=unit, address=address)
        self.value = value

    def encode(self) -> bytes:
        """Address and value, both 16 bits, most significant byte first."""
        return struct.pack(">HH", self.address, self.value)


class RtuFramer:
    """Cuts a line's bytes into answers by function, byte count and CRC; silence is not needed to find them."""

    def __init__(self) -> None:
        self._held = b""
        self.noise = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Takes bytes in and returns the frames that they complete, in order."""
        self._held += data
        frames = []
        while len(self._held) >= 5:
            size = _rtu_size(self._held)
            if size and len(self._held) < size <= LONGEST_RTU:
                break
            frame = self._held[:size]
            if 5 <= size <= LONGEST_RTU and FramerRTU.check_CRC(frame[:-2], int.from_bytes(frame[-2:], "big")):
                frames.append(frame)
                self._held = self._held[size:]
            else:
                self._held = self._held[1:]
                self.noise += 1
        return frames

    def reset(self) -> None:
        """Forgets what is half arrived; those bytes count as noise."""
        self.noise += len(self._held)
        self._held = b""


def _rtu_size(data: bytes) -> int:
    """The whole frame's length, CRC included; 0 where no answer to a question of ours begins like this."""
    pdu = _DECODER.lookupPduClass(data) if data[1] & 0x7F in ASKED else None
    return int(pdu.calculateRtuFrameSize(data)) if pdu is not None else 0


class TcpFramer:
    """Cuts a stream into answers by the length in their header. A header that cannot be one ends in noise."""

    def __init__(self) -> None:
        self._held = b""
        self.noise = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Takes bytes in and returns the frames that they complete, in order."""
        self._held += data
        frames = []
        while len(self._held) >= HEADER:
            protocol, length = struct.unpack(">HH", self._held[2:HEADER])
            if protocol or not 2 <= length <= LONGEST_TCP - HEADER:
                self._held = self._held[1:]
                self.noise += 1
                continue
            if len(self._held) < HEADER + length:
                break
            frames.append(self._held[: HEADER + length])
            self._held = self._held[HEADER + length :]
        return frames

    def reset(self) -> None:
        """Forgets what is half arrived; those bytes count as noise."""
        self.noise += len(self._held)
        self._held = b""


def framer(mode: Mode) -> Callable[[], RtuFramer | TcpFramer]:
    """What cuts this kind of line into answers."""
    return RtuFramer if mode == "modbus-rtu" else TcpFramer


def means(mode: Mode) -> Callable[[bytes], str]:
    """A frame's text for the wire log."""

    def text(frame: bytes) -> str:
        unit, said = _opened(mode, frame)
        if not said:
            return "too short"
        if said[0] & 0x80:
            return f"unit {unit}: function {said[0] & 0x7F:02X} refused with exception {said[1:].hex()}"
        return f"unit {unit}: function {said[0]:02X}, {said[1:].hex(' ')}"

    return text


def _opened(mode: Mode, frame: bytes) -> tuple[int, bytes]:
    """Unit and PDU of a whole frame."""
    return (frame[0], frame[1:-2]) if mode == "modbus-rtu" else (frame[HEADER], frame[HEADER + 1 :])


class Unit:
    """One addressed device on a Modbus line: builds a request's bytes and the test that knows its answer.

    The first of each pair makes the bytes anew for every send, because Modbus TCP numbers each of them: an answer to an earlier
    send of the same question is none.
    """

    def __init__(self, mode: Mode, unit: int) -> None:
        self._mode, self._unit = mode, unit
        self._transaction = 0
        self._unanswered: deque[int] = deque(maxlen=MISSING)

    def read_inputs(self, address: int, count: int) -> tuple[Callable[[], bytes], Callable[[bytes], tuple[bool, ...] | None]]:
        """Function 02. The answer is `count` bits, input `address` first. DeviceFault for an exception reply."""
        request = ReadDiscreteInputsRequest(address=address, count=count, dev_id=self._unit)

        def bits(pdu: bytes) -> tuple[bool, ...] | None:
            if pdu[0] != request.function_code or len(pdu) != 2 + (count + 7) // 8 or pdu[1] != len(pdu) - 2:
                return None
            answer = ReadDiscreteInputsResponse()
            answer.decode(pdu[1:])
            return tuple(bool(bit) for bit in answer.bits[:count])

        return self._asked(request, bits)

    def read_registers(self, address: int, count: int) -> tuple[Callable[[], bytes], Callable[[bytes], tuple[int, ...] | None]]:
        """Function 03. The answer is `count` words, register `address` first. DeviceFault for an exception reply."""
        request = ReadHoldingRegistersRequest(address=address, count=count, dev_id=self._unit)

        def words(pdu: bytes) -> tuple[int, ...] | None:
            if pdu[0] != request.function_code or len(pdu) != 2 + 2 * count or pdu[1] != 2 * count:
                return None
            return struct.unpack(f">{count}H", pdu[2:])

        return self._asked(request, words)

    def write_register(self, address: int, value: int) -> tuple[Callable[[], bytes], Callable[[bytes], bool | None]]:
        """Function 06. The answer is the very same bytes, or it is none."""
        request = WriteSingleRegisterRequest(address=address, registers=[value], dev_id=self._unit)
        said = bytes([request.function_code]) + request.encode()
        return self._asked(request, lambda pdu: True if pdu == said else None)

    def pulse(self, address: int, value: int) -> tuple[Callable[[], bytes], Callable[[bytes], bool | None]]:
        """Function 05 with a 16-bit value. The answer is the very same bytes, or it is none."""
        request = WriteCoilValue(address, value, self._unit)
        said = bytes([request.function_code]) + request.encode()
        return self._asked(request, lambda pdu: True if pdu == said else None)

    def _number(self) -> int:
        """The next transaction. Numbers come round again; one that was never answered may still be, so it is passed over."""
        while True:
            self._transaction = self._transaction % 0xFFFF + 1
            if self._transaction not in self._unanswered:
                self._unanswered.append(self._transaction)
                return self._transaction

    def _settle(self, transaction: int) -> None:
        if transaction in self._unanswered:
            self._unanswered.remove(transaction)

    def _asked(
        self, request: ModbusPDU, answer: Callable[[bytes], T | None]
    ) -> tuple[Callable[[], bytes], Callable[[bytes], T | None]]:
        pdu = bytes([request.function_code]) + request.encode()
        encoder = FramerRTU if self._mode == "modbus-rtu" else FramerSocket
        sent = 0

        def send() -> bytes:
            nonlocal sent
            sent = self._number()
            return encoder(_DECODER).encode(pdu, self._unit, sent)

        def match(frame: bytes) -> T | None:
            if self._mode == "modbus-tcp" and int.from_bytes(frame[:2], "big") != sent:
                return None
            unit, said = _opened(self._mode, frame)
            if unit != self._unit or not said:
                return None
            if len(said) == 2 and said[0] == request.function_code | 0x80:
                self._settle(sent)
                raise DeviceFault("device-refused", effect=Effect.NONE, function=said[0] & 0x7F, exception=said[1])
            meaning = answer(said)
            if meaning is not None:
                self._settle(sent)
            return meaning

        return send, match
