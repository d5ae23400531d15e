"""Faults: every way in which something can be refused or go wrong, and whether anything physically moved.

A fault carries a code (the slug of one entry in `api/words/problems.toml`, where the sentences live), an effect, and the
facts that the sentence needs. Nothing here is text for a person. Drivers raise link and device faults; the controller
raises the others. The classes are the categories of the catalogue; the code is what tells two faults apart.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar


class Effect(StrEnum):
    """Did anything physically happen? The word a pharmacist needs."""

    NONE = "none"
    DONE = "done"
    UNKNOWN = "unknown"


class Fault(Exception):
    """Something was refused or went wrong: `code` names the entry of the catalogue, `facts` fill its sentence."""

    category: ClassVar[str] = "fault"
    usual_effect: ClassVar[Effect] = Effect.UNKNOWN

    def __init__(self, code: str, *, effect: Effect | None = None, **facts: Any) -> None:
        self.code = code
        self.effect = self.usual_effect if effect is None else effect
        self.facts = facts
        said = ", ".join(f"{name}={value!r}" for name, value in facts.items())
        super().__init__(f"{code} ({said})" if said else code)


class Refused(Fault):
    """Rules or the caller: not allowed, illegal state, no stock, a second person is missing. Nothing moved."""

    category = "refused"
    usual_effect = Effect.NONE


class LinkFault(Fault):
    """The wire: lost, silent, garbled, another device than configured, port busy."""

    category = "link"


class LinkLost(LinkFault):
    """The session ended while something was pending, or there is none. `effect` is NONE if nothing was written."""


class NoReply(LinkFault):
    """The deadline passed in silence."""


class DeviceFault(Fault):
    """The device answered, and the answer is a failure: refused, jammed, sensors in conflict."""

    category = "device"


class InDoubt(Fault):
    """Sent and never confirmed, or counts disagree: a person must look."""

    category = "in-doubt"


class LedgerFault(Fault):
    """It cannot be recorded, so the station halts and nothing opens."""

    category = "ledger"
    usual_effect = Effect.NONE


class SiteFault(Fault):
    """The site file is wrong."""

    category = "site"
    usual_effect = Effect.NONE
