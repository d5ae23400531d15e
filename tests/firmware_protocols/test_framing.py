"""Framers: bounded, indifferent to how bytes are split, back in step after noise, and every byte accounted for."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.framing import FixedFramer, Framer, LineFramer
from tests.firmware_protocols import golden

GARBAGE = [bytes(4096), b"\xff" * 4096, b"\x02" * 4096, b"\x02\x00\x35" * 1400, b"\x02\x00\x37" * 1400, b"]d2" * 1400, b"\r" * 4096]


def framers() -> list[tuple[str, str]]:
    return [
        ("kerong_cu16", "host"),
        ("kerong_cu16", "device"),
        ("mt_sics", "host"),
        ("mt_sics", "device"),
        ("scanner_lines", "host"),
        ("grbl", "host"),
        ("grbl", "device"),
    ]


def fresh(protocol: str, half: str) -> Framer:
    framer: Framer = golden.framer(golden.shipped(protocol), half, {})
    return framer


def frames_of(protocol: str, half: str) -> list[bytes]:
    """Golden frames that end by themselves, the question of 37 left out: on its own it waits for silence."""
    vectors = golden.paper(protocol).vectors
    plain = [v.frame for v in vectors if v.to == half and v.only in {None, half} and not v.options]
    return [frame for frame in plain if frame != golden.QUERY]


@pytest.mark.parametrize(("protocol", "half"), framers())
def test_coalesced_frames_come_out_one_by_one(protocol: str, half: str) -> None:
    framer, frames = fresh(protocol, half), frames_of(protocol, half)
    assert framer.feed(b"".join(frames)) == frames
    assert framer.noise == 0


@pytest.mark.parametrize(("protocol", "half"), framers())
@pytest.mark.parametrize("seed", range(5))
def test_any_splitting_gives_the_same(protocol: str, half: str, seed: int) -> None:
    framer, frames, chance = fresh(protocol, half), frames_of(protocol, half), random.Random(seed)
    stream, out = b"".join(frames), []
    while stream:
        size = chance.randint(0, 12)
        out += framer.feed(stream[:size])
        stream = stream[size:]
    assert out == frames
    assert framer.noise == 0


@pytest.mark.parametrize(("protocol", "half"), framers())
def test_a_frame_cut_at_any_offset_costs_itself_and_what_it_runs_into(protocol: str, half: str) -> None:
    """After the reset that ends a turn nothing is lost; without it a line protocol loses the one line that ran into the cut."""
    for frame in frames_of(protocol, half):
        for at in range(1, len(frame)):
            framer = fresh(protocol, half)
            framer.feed(frame[:at])
            framer.reset()
            assert framer.noise == at
            assert framer.feed(frame) == [frame]
            assert framer.noise == at

            framer = fresh(protocol, half)
            *_, last = framer.feed(frame[:at] + frame + frame)
            assert last == frame


@pytest.mark.parametrize(("protocol", "half"), framers())
@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda g: g[:3].hex())
def test_garbage_is_bounded_counted_and_survived(protocol: str, half: str, garbage: bytes) -> None:
    framer, frame = fresh(protocol, half), frames_of(protocol, half)[0]
    given_out = b"".join(framer.feed(garbage))
    kept = len(garbage) - len(given_out) - framer.noise
    assert 0 <= kept <= 4096
    framer.reset()
    assert framer.noise + len(given_out) == len(garbage)
    assert framer.feed(frame) == [frame]


@pytest.mark.parametrize(("protocol", "half"), framers())
@given(pieces=st.lists(st.binary(max_size=30), max_size=20))
def test_every_byte_is_in_a_frame_or_counted_as_noise(protocol: str, half: str, pieces: list[bytes]) -> None:
    framer = fresh(protocol, half)
    given_out = [frame for piece in pieces for frame in framer.feed(piece)]
    framer.reset()
    assert sum(map(len, given_out)) + framer.noise == sum(map(len, pieces))


@given(garbage=st.binary(max_size=60))
def test_a_reply_behind_any_garbage_is_found(garbage: bytes) -> None:
    """Unless the garbage makes a frame of its own with the reply's first bytes, which a right sum must allow."""
    framer, frame = fresh("kerong_cu16", "host"), bytes.fromhex("02 00 35 01 00 01 00 03 3C")
    assert framer.feed(garbage + frame + frame)[-1] == frame


def test_fixed_frames_resynchronise_by_one_byte() -> None:
    framer = FixedFramer(3, b"\x02", lambda frame: frame[2] == 3)
    assert framer.feed(b"\x02\x02\x02\x03\x02\x09\x03") == [b"\x02\x02\x03", b"\x02\x09\x03"]
    assert framer.noise == 1


def test_an_echo_of_our_own_unlock_is_noise_and_the_reply_is_found() -> None:
    framer, reply = fresh("kerong_cu16", "host"), bytes.fromhex("02 00 35 01 00 01 00 03 3C")
    assert framer.feed(golden.UNLOCK + reply) == [reply]
    assert framer.noise == len(golden.UNLOCK)


@pytest.mark.parametrize("piece", [1, 3, 100])
def test_a_line_at_its_limit_passes_and_a_longer_one_is_dropped_whole(piece: int) -> None:
    for length in range(6, 15):
        line = b"x" * (length - 2) + b"\r\n"
        framer, out = LineFramer(b"\r\n", 10), []
        stream = line + b"ok\r\n"
        for at in range(0, len(stream), piece):
            out += framer.feed(stream[at : at + piece])
        assert out == ([line] if length <= 10 else []) + [b"ok\r\n"]
        assert framer.noise == (0 if length <= 10 else length)


def test_an_overlong_line_leaves_no_rest() -> None:
    framer = LineFramer(b"\r", 4)
    framer.feed(b"123456")
    assert framer.rest() == b""
    assert framer.noise == 6
    assert framer.feed(b"1\r") == [b"1\r"]


def test_without_an_end_only_rest_gives_a_line() -> None:
    framer = LineFramer(b"", 4)
    assert framer.feed(b"12") == []
    assert framer.feed(b"34") == []
    assert framer.rest() == b"1234"
    assert framer.feed(b"12345") == []
    assert framer.rest() == b""
    assert framer.noise == 5
