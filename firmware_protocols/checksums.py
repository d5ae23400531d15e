"""Checksums of the protocols spoken here. Each check value is that of the nine ASCII bytes `123456789`."""

from __future__ import annotations


def sum8(data: bytes) -> int:
    """The low byte of the sum of all bytes. Check value DD (477 = 01DD hex).

    Weak: it misses every pair of opposite flips in one column, see `tests/firmware_protocols/test_undetected.py`.
    """
    return sum(data) & 0xFF


def crc16_modbus(data: bytes) -> int:
    """CRC-16/MODBUS: polynomial 8005 reflected (A001), start FFFF, no final XOR; sent low byte first.

    Check value 4B37 (Greg Cook's catalogue of parametrised CRC algorithms). Source of the parameters: MODBUS over
    Serial Line V1.02, 6.2.2.
    """
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc
