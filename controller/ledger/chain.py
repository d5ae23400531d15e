"""The hash layout of `docs/reference/ledger.md`, as the writer computes it. The checker has its own reading of that page."""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache

from controller.ledger.port import Row

LAYOUT = b"galenic1"
"""The first eight bytes under every hash: name and number of the layout."""

GENESIS = bytes(32)
"""What the first row has as the hash before it."""

_TYPES = (int, int, str, str, str, str, int, bytes, bytes, bytes)
_head = struct.Struct(">8s32sQQQI")
_length = struct.Struct(">I").pack
_sha256 = hashlib.sha256


def hash_of(
    prev: bytes, seq: int, epoch: int, at: str, clock_trust: str, actor: str, kind: str, version: int, body: bytes
) -> bytes:
    """The 32 bytes that seal a row to the one before it."""
    at_ = at.encode()
    head = _head.pack(LAYOUT, prev, seq, epoch, version, len(at_))
    return _sha256(b"".join((head, at_, _parts(clock_trust, actor, kind), _length(len(body)), body))).digest()


@lru_cache(maxsize=4096)
def _parts(*texts: str) -> bytes:
    """Texts that come again and again together, each behind its length."""
    return b"".join(_length(len(part)) + part for part in (text.encode() for text in texts))


def flaw(row: Row, seq: int, prev: bytes) -> str | None:
    """What is wrong with a row that should be number `seq` after the hash `prev`; None if it is in order."""
    if row.seq != seq:
        return f"row {seq} is missing"
    if row.prev_hash != prev:
        return "it does not follow the row before it"
    if tuple(map(type, row)) != _TYPES or min(row.epoch, row.version) < 0:
        return "a column of it is no value of its type"  # in a damaged page anything may stand anywhere
    sealed = hash_of(prev, seq, row.epoch, row.at, row.clock_trust, row.actor, row.kind, row.version, row.body)
    return None if sealed == row.hash else "its content does not fit its hash"
