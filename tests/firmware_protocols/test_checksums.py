"""Checksums against their published check values and against frames that others computed."""

from __future__ import annotations

import pytest

from firmware_protocols.checksums import crc16_modbus, sum8

CHECK = b"123456789"


def test_published_check_values() -> None:
    assert sum8(CHECK) == 0xDD
    assert crc16_modbus(CHECK) == 0x4B37


def test_of_nothing() -> None:
    assert sum8(b"") == 0
    assert crc16_modbus(b"") == 0xFFFF


@pytest.mark.parametrize(
    "frame",
    [
        "02 07 41 12",  # MODBUS over Serial Line V1.02, appendix B
        "01 05 02 00 00 07 8D B0",  # Waveshare, a pulse of 700 ms
        "01 83 01 80 F0",  # an exception
    ],
)
def test_the_crc_goes_out_low_byte_first(frame: str) -> None:
    data = bytes.fromhex(frame)
    assert crc16_modbus(data[:-2]).to_bytes(2, "little") == data[-2:]


def test_modbus_misses_no_flip_of_one_or_two_bits() -> None:
    frame = bytes.fromhex("01 05 02 00 00 07 8D B0")
    number = int.from_bytes(frame, "big")
    masks = [1 << bit for bit in range(8 * len(frame))]
    for one in masks:
        for two in (0, *(mask for mask in masks if mask > one)):
            hurt = (number ^ one ^ two).to_bytes(len(frame), "big")
            assert crc16_modbus(hurt[:-2]).to_bytes(2, "little") != hurt[-2:]
