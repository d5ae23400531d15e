"""Checksums of the protocols, each with a published check value in its docstring, held by a test."""


def sum8(data: bytes) -> int:
    """Low byte of the sum of all bytes (KERONG CU16 V1.6: `02 00 30 03` gives 35)."""
    return sum(data) & 0xFF


def crc16_modbus(data: bytes) -> int:
    """CRC-16/MODBUS: polynomial 8005 reflected (A001), start FFFF. Check value of "123456789": 4B37."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc
