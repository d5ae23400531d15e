"""CU16: both halves against the vendor's bytes, hostile input, and what the weak sum lets through."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols import vectors
from firmware_protocols.checksums import crc16_modbus, sum8
from firmware_protocols.errors import FrameError, MessageError
from firmware_protocols.kerong_cu16 import device, host
from firmware_protocols.kerong_cu16.device import AllStatusQuery, CommandFramer, OpenAll
from firmware_protocols.kerong_cu16.messages import (
    Baud,
    BaudSet,
    Delay,
    DelaySet,
    Pulse,
    PulseQuery,
    PulseSet,
    Status,
    StatusQuery,
    Unlock,
)

PAPER = {(v.says, v.name): v.frame for v in vectors.load("kerong_cu16")}


def on(*locks: int) -> tuple[bool, ...]:
    return tuple(n in locks for n in range(1, 17))


COMMANDS = {
    "status": StatusQuery(0),
    "unlock-lock-3": Unlock(0, 3),
    "query-pulse": PulseQuery(0),
    "set-pulse-1s": PulseSet(0, 100),
    "delay-1s": DelaySet(0, 1),
    "baud-19200": BaudSet(0, 1),
}
TO_ALL = {
    "status-all": AllStatusQuery(),
    "unlock-all": OpenAll(0),
    "set-pulse-all": PulseSet(15, 100),
    "baud-9600-all": BaudSet(15, 0),
}
REPLIES = {
    "status": Status(0, on(1), on(1)),
    "status-all-0": Status(0, on(9, 10), on(1), broadcast=True),
    "status-all-1": Status(1, on(1), on(12), broadcast=True),
    "unlocked-all": Status(0, on(1, 2, 3, 4), on(1)),
    "pulse-550ms": Pulse(0, on(1, 2, 3, 4), 55),
    "pulse-1s": Pulse(0, on(), 100),
    "pulse-all-0": Pulse(0, on(1, 2, 3, 4), 100),
    "pulse-all-1": Pulse(1, on(), 100),
    "delay-1s": Delay(0, on(1), 1),
    "baud-19200": Baud(0, on(1), 1),
    "baud-all-0": Baud(0, on(), 0),
    "baud-all-1": Baud(1, on(), 0),
}


def test_published_check_values() -> None:
    assert crc16_modbus(b"123456789") == 0x4B37
    assert sum8(bytes.fromhex("02003003")) == 0x35


def test_every_vector_is_used() -> None:
    assert {name for says, name in PAPER if says == "host"} == set(COMMANDS)
    assert {name for says, name in PAPER if says == "all"} == set(TO_ALL)
    assert {name for says, name in PAPER if says == "device"} == set(REPLIES)


@pytest.mark.parametrize("name", COMMANDS)
def test_commands(name: str) -> None:
    assert host.encode(COMMANDS[name]) == PAPER["host", name]
    assert device.decode(PAPER["host", name]) == COMMANDS[name]


@pytest.mark.parametrize("name", TO_ALL)
def test_frames_to_all_are_heard_by_devices_only(name: str) -> None:
    assert device.decode(PAPER["all", name]) == TO_ALL[name]


@pytest.mark.parametrize("name", REPLIES)
def test_replies(name: str) -> None:
    assert host.decode(PAPER["device", name]) == REPLIES[name]
    assert device.encode(REPLIES[name]) == PAPER["device", name]


@pytest.mark.parametrize("printed", ["02 00 38 0F 00 00 64 03 4C", "02 10 38 00 00 00 64 03 4D"])
def test_the_misprinted_sums_are_refused(printed: str) -> None:
    with pytest.raises(FrameError, match="sum"):
        host.decode(bytes.fromhex(printed))


@pytest.mark.parametrize(
    "command",
    [
        Unlock(0, 0),
        Unlock(0, 17),
        Unlock(10, 1),
        Unlock(15, 1),
        Unlock(-1, 1),
        StatusQuery(15),
        PulseSet(0, 0x1771),
        DelaySet(0, 251),
        BaudSet(0, 4),
    ],
)
def test_what_must_not_be_said_cannot_be(command: host.Command) -> None:
    with pytest.raises(MessageError):
        host.encode(command)


def test_no_host_frame_opens_more_than_one_lock() -> None:
    """Over everything the host half can say: no broadcast address, no open-all code, each unlock its own lock."""
    said = {host.encode(Unlock(b, n)): (b, n) for b in range(10) for n in range(1, 17)}
    assert len(said) == 160
    for frame, (board, lock) in said.items():
        assert device.decode(frame) == Unlock(board, lock)
    others = [StatusQuery, PulseQuery]
    for frame in (host.encode(kind(b)) for kind in others for b in range(10)):
        assert frame[1] >> 4 != 15
        assert frame[2] not in {0x32, 0x33}


def test_two_bit_flips_of_an_unlock_that_pass_the_sum() -> None:
    """The undetected rate is stated: over a board's 16 unlock frames (12,480 two-bit flips) 66 open another lock, 16 open all."""
    other = every = 0
    for lock in range(1, 17):
        frame = host.encode(Unlock(0, lock))
        for one, two in itertools.combinations(range(len(frame) * 8), 2):
            hurt = bytearray(frame)
            hurt[one // 8] ^= 1 << one % 8
            hurt[two // 8] ^= 1 << two % 8
            with contextlib.suppress(FrameError):
                heard = device.decode(bytes(hurt))
                every += isinstance(heard, OpenAll)
                other += isinstance(heard, Unlock)
    assert (other, every) == (66, 16)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_message_or_a_frame_error(data: bytes) -> None:
    for decode in (host.decode, device.decode):
        with contextlib.suppress(FrameError):
            decode(data)


@given(st.lists(st.sampled_from(sorted(REPLIES)), max_size=5), st.binary(max_size=6).filter(lambda b: 2 not in b))
def test_replies_are_found_byte_by_byte_and_after_noise(names: list[str], junk: bytes) -> None:
    frames = [PAPER["device", n] for n in names]
    stream = junk + b"".join(frames)
    whole, slow = host.reply_framer(), host.reply_framer()
    assert whole.feed(stream) == frames
    assert [f for b in stream for f in slow.feed(bytes([b]))] == frames
    assert slow.noise == whole.noise == len(junk)


@pytest.mark.parametrize("cut", range(9))
def test_a_truncated_reply_is_dropped_and_the_next_one_found(cut: int) -> None:
    framer, frame = host.reply_framer(), PAPER["device", "status"]
    assert framer.feed(frame[:cut] + frame)[-1:] == [frame] or framer.feed(frame)[-1:] == [frame]
    framer.reset()
    assert framer.feed(frame) == [frame]


@given(st.binary(max_size=300))
def test_the_command_framer_is_bounded(data: bytes) -> None:
    framer = CommandFramer()
    framer.feed(data)
    for frame in framer.idle():
        device.decode(frame)
    assert framer.idle() == []


def test_the_gap_decides_between_the_two_lengths_of_37() -> None:
    framer = CommandFramer()
    set_772 = host.encode(PulseSet(0, 0x033C))  # its first five bytes are a whole short form: 02 00 37 03 3C
    framer.feed(set_772)
    assert [device.decode(f) for f in framer.idle()] == [PulseSet(0, 0x033C)]
    framer.feed(set_772[:5])
    assert [device.decode(f) for f in framer.idle()] == [PulseQuery(0)]


@pytest.mark.parametrize("frame", ["02 A0 30 03 D5", "02 00 34 03 39", "02 00 30 00 03 35", "02 00 30 04 36"])
def test_a_board_stays_silent_on(frame: str) -> None:
    with pytest.raises(FrameError):
        device.decode(bytes.fromhex(frame))


@pytest.mark.parametrize("frame", ["02 A0 35 00 00 00 00 03 DA", "02 01 35 00 00 00 00 03 3B", "02 00 41 00 00 00 00 03 46"])
def test_the_host_refuses(frame: str) -> None:
    with pytest.raises(FrameError):
        host.decode(bytes.fromhex(frame))
