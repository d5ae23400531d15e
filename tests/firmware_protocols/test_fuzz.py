"""Hostile bytes: a decoder gives a message or FrameError and nothing else, for any bytes, whole and byte by byte."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_protocols.errors import FrameError
from tests.firmware_protocols import golden
from tests.firmware_protocols.test_framing import framers, frames_of, fresh

TRIES = 3000


def heard(protocol: str, half: str, frame: bytes) -> object | None:
    try:
        return golden.decode(golden.shipped(protocol), half, frame, {})
    except FrameError:
        return None


@pytest.mark.parametrize(("protocol", "half"), framers())
@given(data=st.binary(max_size=80))
@example(data=b"")
def test_any_bytes_are_a_message_or_a_frame_error(protocol: str, half: str, data: bytes) -> None:
    heard(protocol, half, data)
    framer = fresh(protocol, half)
    whole = framer.feed(data)
    for frame in whole:
        heard(protocol, half, frame)
    piecewise = fresh(protocol, half)
    assert [frame for byte in data for frame in piecewise.feed(bytes((byte,)))] == whole


@pytest.mark.parametrize(("protocol", "half"), framers())
def test_golden_frames_hurt_in_any_way_are_a_message_or_a_frame_error(protocol: str, half: str) -> None:
    frames, chance = frames_of(protocol, half), random.Random(7)
    for _ in range(TRIES):
        frame = bytearray(chance.choice(frames))
        for _ in range(chance.randint(1, 4)):
            match chance.randrange(3):
                case 0 if frame:
                    frame[chance.randrange(len(frame))] = chance.randrange(256)
                case 1 if frame:
                    del frame[chance.randrange(len(frame))]
                case _:
                    frame.insert(chance.randint(0, len(frame)), chance.randrange(256))
        heard(protocol, half, bytes(frame))
        for one in fresh(protocol, half).feed(bytes(frame)):
            heard(protocol, half, one)


@pytest.mark.parametrize(("protocol", "half"), framers())
def test_every_truncation_and_every_trailing_byte_is_refused(protocol: str, half: str) -> None:
    for frame in frames_of(protocol, half):
        for at in range(len(frame)):
            cut = heard(protocol, half, frame[:at])
            assert cut is None or frame == golden.SET
        assert heard(protocol, half, frame + b"\x00") is None


def test_the_only_truncation_that_means_something_is_the_question_in_a_setting() -> None:
    assert heard("kerong_cu16", "device", golden.SET[:5]) == heard("kerong_cu16", "device", golden.QUERY)


@given(st.binary(min_size=4, max_size=4), st.integers(0, 255), st.sampled_from([0x35, 0x38, 0x39, 0x40]))
def test_what_a_cu16_host_understands_a_device_can_say(data: bytes, address: int, opcode: int) -> None:
    """No proof of either half, which golden bytes are; but no message may come in that has no frame."""
    body = bytes((2, address, opcode)) + data + b"\x03"
    frame = body + bytes((sum(body) & 0xFF,))
    message = heard("kerong_cu16", "host", frame)
    if message is not None:
        said = golden.encode(golden.shipped("kerong_cu16"), "device", message, {})
        assert heard("kerong_cu16", "host", said) == message
        assert said == frame or opcode in {0x39, 0x40}
