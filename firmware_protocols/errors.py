"""The two ways in which bytes and messages disagree."""

from __future__ import annotations


class FrameError(ValueError):
    """Their bytes are wrong: what arrived is no message of this protocol. The text says what was seen."""


class MessageError(ValueError):
    """Our message is wrong: it cannot be said in this protocol. The text names the field and its limits."""
