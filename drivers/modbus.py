"""Modbus over our own links: requests as bytes, frames cut from bytes, answers matched. The only importer of pymodbus.

Of pymodbus only PDUs, their decoder and the RTU checksum are used; no client of its opens a port or resends anything. Its
write_coil cannot say the pulse of a relay (a coil is True or False there), so that is a PDU of our own with its 16-bit value.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Literal, TypeVar

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.bit_message import ReadDiscreteInputsRequest

from drivers.faults import DeviceFault, Effect

T = TypeVar("T")
Mode = Literal["modbus-rtu", "modbus-tcp"]

LONGEST_RTU, LONGEST_TCP = 256, 260
HEADER = 6
"""MBAP bytes before the unit: transaction, protocol, length (Modbus messaging on TCP/IP 1.0b, 3.1.3)."""

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
    """The whole frame's length, CRC included; 0 where no answer begins like this."""
    pdu = _DECODER.lookupPduClass(data)
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


class Unit:
    """One addressed device on a Modbus line: builds a request's bytes and the test that knows its answer."""

    def __init__(self, mode: Mode, unit: int) -> None:
        self._mode, self._unit = mode, unit
        self._transaction = 0

    def read_inputs(self, address: int, count: int) -> tuple[bytes, Callable[[bytes], tuple[bool, ...] | None]]:
        """Function 02. The answer is `count` bits, input `address` first. `DeviceFault` for an exception reply."""
        request = ReadDiscreteInputsRequest(address=address, count=count, dev_id=self._unit)

        def bits(pdu: bytes) -> tuple[bool, ...] | None:
            if pdu[0] != 2 or pdu[1] != (count + 7) // 8 or len(pdu) != 2 + pdu[1]:
                return None
            answer = _DECODER.decode(pdu)
            return tuple(bool(bit) for bit in answer.bits[:count]) if answer is not None else None

        return self._asked(request, bits)

    def pulse(self, address: int, value: int) -> tuple[bytes, Callable[[bytes], bool | None]]:
        """Function 05 with a 16-bit value. The answer is the very same bytes, or it is none."""
        request = WriteCoilValue(address, value, self._unit)
        said = bytes([5]) + request.encode()
        return self._asked(request, lambda pdu: True if pdu == said else None)

    def _asked(self, request: ModbusPDU, means: Callable[[bytes], T | None]) -> tuple[bytes, Callable[[bytes], T | None]]:
        self._transaction = self._transaction % 0xFFFF + 1
        transaction = self._transaction
        pdu = bytes([request.function_code]) + request.encode()
        rtu = self._mode == "modbus-rtu"
        encoder = FramerRTU if rtu else FramerSocket
        frame = encoder(_DECODER).encode(pdu, self._unit, transaction)

        def match(answer: bytes) -> T | None:
            if not rtu and int.from_bytes(answer[:2], "big") != transaction:
                return None
            unit, said = (answer[0], answer[1:-2]) if rtu else (answer[HEADER], answer[HEADER + 1 :])
            if unit != self._unit or not said:
                return None
            if len(said) == 2 and said[0] == request.function_code | 0x80:
                raise DeviceFault("device-refused", effect=Effect.NONE, function=said[0] & 0x7F, exception=said[1])
            try:
                return means(said)
            except (ModbusException, IndexError, struct.error):
                return None

        return frame, match
