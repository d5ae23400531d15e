"""The map of the belt modules against frames laid out by hand, and the arithmetic of its counters."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from firmware_protocols.modbus_maps import conveylinx as belt
from firmware_protocols.vectors import Vector, load

PAPER = load("modbus_maps/conveylinx")
PAIRED = {"STATES", "ARRIVALS", "DEPARTURES", "STATUS_WORDS", "RELEASES"}


def named(value: Any, side: int | None = None) -> int:
    got = getattr(belt, value) if isinstance(value, str) else value
    return got if side is None else got[side]  # type: ignore[no-any-return]


def assembly(words: dict[str, Any]) -> list[int]:
    """The input assembly in which these words stand, by the map's offsets."""
    whole = [0] * belt.INPUTS_COUNT
    for name, value in words.items():
        for place, word in zip(named(name), value, strict=True) if name in PAIRED else [(named(name), value)]:
            whole[place] = named(word)
    return whole


def frame_of(vector: Vector) -> bytes:
    fields = vector.fields
    if vector.message == "exception":
        pdu = bytes((fields["function"] | 0x80, fields["code"]))
    elif "words" in fields:
        data = b"".join(word.to_bytes(2, "big") for word in assembly(fields["words"]))
        pdu = bytes((named(vector.message), len(data))) + data
    else:
        address, value = named(fields["address"], fields.get("side")), named(fields["value"])
        pdu = bytes((named(vector.message),)) + address.to_bytes(2, "big") + value.to_bytes(2, "big")
    head = fields["transaction"].to_bytes(2, "big") + b"\0\0" + (len(pdu) + 1).to_bytes(2, "big")
    return head + bytes((fields["unit"],)) + pdu


@pytest.mark.parametrize("vector", PAPER.vectors, ids=lambda vector: vector.name)
def test_the_frames_are_those_of_the_map(vector: Vector) -> None:
    assert frame_of(vector) == vector.frame


def test_every_vector_says_where_it_comes_from_and_has_a_name_of_its_own() -> None:
    assert all(vector.source.strip() for vector in (*PAPER.vectors, *PAPER.refused))
    names = [vector.name for vector in PAPER.vectors]
    assert len(set(names)) == len(names)


def test_every_internal_register_that_is_written_has_a_vector() -> None:
    seen = {vector.fields.get("address") for vector in PAPER.vectors}
    assert {"ACCUMULATION", "RELEASE", "CLEAR_JAM", "SPEED", "STOP_COMMAND", "INPUTS"} <= seen
    assert belt.INPUTS_COUNT <= belt.MOST_REGISTERS


@pytest.mark.parametrize(
    ("before", "after", "passed"),
    [(0, 0, 0), (0, 1, 1), (65_535, 0, 1), (65_534, 3, 5), (7, 7, 0), (40_000, 10_000, 35_536)],
)
def test_counters_count_over_their_end(before: int, after: int, passed: int) -> None:
    assert belt.gained(before, after) == passed


def test_any_way_of_polling_counts_the_same() -> None:
    counter = [number & 0xFFFF for number in range(65_000, 66_200)]
    for step in (1, 2, 7, 100, 1199):
        polled = [*counter[::step], counter[-1]]
        assert sum(belt.gained(one, two) for one, two in pairwise(polled)) == 1199


def test_a_release_is_always_another_value() -> None:
    assert [belt.next_release(count) for count in (0, 1, 65_534, 65_535)] == [1, 2, 65_535, 0]


def test_states_and_bits_have_their_words_and_unknown_ones_are_not_guessed() -> None:
    assert [belt.state_of(code) for code in range(8)] == [
        None, "clear", "accepting", "accepting", "discharging", "blocked", "busy", None,
    ]  # fmt: skip
    assert belt.state_of(0x0105) == "blocked", "the high byte is the other direction's"
    assert belt.bits_of(0x2028, belt.STATUS_BITS) == {"motor-error", "sensor-jam", "stalled"}
    assert belt.bits_of(0x0402, belt.STOP_BITS) == {"commanded", "bit-1"}
    assert belt.bits_of(0, belt.STOP_BITS) == frozenset()
