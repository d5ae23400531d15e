"""CU16 beyond its golden bytes: what the host half cannot say, whatever it is asked to say."""

from __future__ import annotations

import itertools

import pytest

from firmware_protocols.errors import FrameError, MessageError
from firmware_protocols.kerong_cu16 import device, host, messages
from firmware_protocols.kerong_cu16.messages import (
    BAUDS,
    BOARDS,
    DELAYS_S,
    LOCKS,
    PULSE_STEP_MS,
    PULSE_STEPS,
    BaudSet,
    Command,
    DelaySet,
    PulseQuery,
    PulseSet,
    Status,
    StatusQuery,
    Unlock,
    bits,
)


def all_commands() -> list[Command]:
    """Everything a host can say, without exception."""
    return [
        command
        for board in BOARDS
        for command in itertools.chain(
            [StatusQuery(board), PulseQuery(board)],
            (Unlock(board, lock) for lock in LOCKS),
            (PulseSet(board, PULSE_STEP_MS * step) for step in PULSE_STEPS),
            (DelaySet(board, delay_s) for delay_s in DELAYS_S),
            (BaudSet(board, baud) for baud in BAUDS),
        )
    ]


def test_no_frame_of_the_host_opens_two_locks_or_speaks_to_all_boards() -> None:
    """All 62,740 frames there are: an unlock frame is of exactly one lock, the others are no unlock, none goes to F0."""
    frames = {host.encode(command): command for command in all_commands()}
    assert len(frames) == 62_740
    for frame, command in frames.items():
        assert frame[1] >> 4 in BOARDS
        assert frame[2] not in {0x32, 0x33}
        assert (frame[2] == 0x31) == isinstance(command, Unlock)


def test_the_device_hears_each_of_a_sample_as_it_was_meant() -> None:
    for command in all_commands()[::7]:
        assert device.decode(host.encode(command)) == command


def test_the_host_half_has_no_word_for_opening_all() -> None:
    words = {name for module in (host, messages) for name in vars(module)}
    assert words.isdisjoint({"OpenAll", "AllStatusQuery", "AllPulseSet", "AllDelaySet", "AllBaudSet", "EVERY_BOARD"})


@pytest.mark.parametrize("switches", [(), (True,) * 15, (True,) * 17])
def test_a_board_has_sixteen_switches(switches: tuple[bool, ...]) -> None:
    with pytest.raises(MessageError, match="16 locks"):
        Status(0, switches, bits([]))
    with pytest.raises(MessageError, match="16 locks"):
        Status(0, bits([]), switches)


@pytest.mark.parametrize("lock", [0, 17])
def test_bits_count_locks_from_one(lock: int) -> None:
    with pytest.raises(MessageError, match=str(lock)):
        bits([lock])


@pytest.mark.parametrize(("printed", "right"), [("02 00 38 0F 00 00 64 03 4C", "B0"), ("02 10 38 00 00 00 64 03 4D", "B1")])
def test_the_misprint_is_refused_and_the_right_sum_taken(printed: str, right: str) -> None:
    with pytest.raises(FrameError):
        host.decode(bytes.fromhex(printed))
    assert host.decode(bytes.fromhex(printed[:-2] + right))
    assert host.ReplyFramer().feed(bytes.fromhex(printed)) == []
