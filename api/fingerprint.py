"""A certificate's fingerprint as eight words that two people can compare over a telephone."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

WORDS_SAID = 8
"""64 bits of the 256: who wants to stand in for a station would have to make some 10^19 certificates."""


@cache
def all_words() -> tuple[str, ...]:
    """The 256 words, one for each byte. Their order never changes: it is what a fingerprint is called by."""
    return tuple((files("api.words") / "fingerprint.txt").read_text(encoding="ascii").split())


def in_words(fingerprint: bytes) -> str:
    """The first eight bytes, each as its word."""
    return " ".join(all_words()[byte] for byte in fingerprint[:WORDS_SAID])


def in_hex(fingerprint: bytes) -> str:
    """The whole, as browsers write it: pairs of capital hexadecimal digits with colons."""
    return fingerprint.hex(":").upper()
