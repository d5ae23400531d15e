"""What a byte sum does not notice, in figures: why nothing is sent on a line with noise on it, and why we look afterwards."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from firmware_protocols.checksums import sum8
from firmware_protocols.errors import FrameError
from firmware_protocols.kerong_cu16 import device, host
from firmware_protocols.kerong_cu16.messages import BOARDS, LOCKS, Unlock


def flips(frame: bytes, bits: int) -> Iterator[bytes]:
    number, length = int.from_bytes(frame, "big"), len(frame)
    for places in combinations(range(8 * length), bits):
        yield (number ^ sum(1 << place for place in places)).to_bytes(length, "big")


def heard(frames: Iterator[bytes]) -> Counter[str]:
    found: Counter[str] = Counter()
    for frame in frames:
        try:
            found[type(device.decode(frame)).__name__] += 1
        except FrameError:
            found["silence"] += 1
    return found


def test_one_flipped_bit_is_always_noticed() -> None:
    for board in BOARDS:
        for lock in LOCKS:
            assert heard(flips(host.encode(Unlock(board, lock)), 1)) == {"silence": 40}


def test_two_flipped_bits_of_the_unlock_frames_of_one_board() -> None:
    """Of 16 x 780 flips, 66 open another lock (4.1 a frame) and 16 open all locks of a board (1 a frame)."""
    total = sum((heard(flips(host.encode(Unlock(0, lock)), 2)) for lock in LOCKS), Counter())
    assert total.total() == 16 * 780
    assert total == {"Unlock": 66, "OpenAll": 16, "StatusQuery": 16, "silence": 12_382}


def test_the_printed_unlock_frame_by_name() -> None:
    """02 02 31 03 38, lock 3 of board 0: three or more other locks and all of the board are two bits away."""
    found = heard(flips(host.encode(Unlock(0, 3)), 2))
    assert found["Unlock"] == 4
    assert found["OpenAll"] == 2
    assert device.decode(bytes.fromhex("02 00 33 03 38")) == device.OpenAll(0)


def test_damage_of_many_bits_passes_once_in_256() -> None:
    chance, passed, tries = random.Random(3), 0, 100_000
    for _ in range(tries):
        frame = chance.randbytes(5)
        passed += sum8(frame[:-1]) == frame[-1]
    assert 1 / 300 < passed / tries < 1 / 220
