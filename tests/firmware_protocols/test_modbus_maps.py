"""Modbus maps against the maker's printed frames: each is rebuilt from the map's names and our own CRC."""

from __future__ import annotations

from typing import Any

import pytest

from firmware_protocols.checksums import crc16_modbus
from firmware_protocols.modbus_maps import waveshare_relay_d as relay
from firmware_protocols.vectors import Vector, load

PAPER = load("modbus_maps/waveshare_relay_d")


def named(value: Any) -> int:
    return getattr(relay, value) if isinstance(value, str) else value  # type: ignore[no-any-return]


def packed(bits: list[bool]) -> bytes:
    data = sum(1 << place for place, bit in enumerate(bits) if bit).to_bytes((len(bits) + 7) // 8, "little")
    return bytes((len(data),)) + data


def frame_of(vector: Vector) -> bytes:
    fields = vector.fields
    if vector.message == "exception":
        body = bytes((fields["unit"], fields["function"] | 0x80, fields["code"]))
    else:
        body = bytes((fields["unit"], getattr(relay, vector.message)))
        if "address" in fields:
            body += named(fields["address"]).to_bytes(2, "big") + named(fields["value"]).to_bytes(2, "big")
        if "bits" in fields:
            body += packed(fields["bits"])
    return body + crc16_modbus(body).to_bytes(2, "little")


@pytest.mark.parametrize("vector", PAPER.vectors, ids=lambda vector: vector.name)
def test_the_printed_frames_are_those_of_the_map(vector: Vector) -> None:
    assert frame_of(vector) == vector.frame


def test_a_refused_frame_has_a_wrong_crc() -> None:
    for vector in PAPER.refused:
        assert crc16_modbus(vector.frame[:-2]).to_bytes(2, "little") != vector.frame[-2:]


def test_two_inputs_and_one_relay_a_drawer() -> None:
    assert [relay.flash_of(n) for n in range(1, 5)] == [0x0200, 0x0201, 0x0202, 0x0203]
    assert [relay.inputs_of(n) for n in range(1, 5)] == [(0, 1), (2, 3), (4, 5), (6, 7)]


@pytest.mark.parametrize("channel", [0, 5, -1, 0xFF])
def test_there_is_no_drawer_beyond_four_and_none_at_zero(channel: int) -> None:
    with pytest.raises(ValueError, match="1 to 4"):
        relay.flash_of(channel)
    with pytest.raises(ValueError, match="1 to 4"):
        relay.inputs_of(channel)
