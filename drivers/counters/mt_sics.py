"""Mettler-Toledo scales (MT-SICS) that help a person count: a stable weight, divided by the weight of one piece.

Only `S S` is ever taken. Counting by the scale itself (PCS) is not used: not every model has it, and none says how sure it is.
"""

from __future__ import annotations

from decimal import Decimal

from drivers.capabilities import Pieces
from drivers.faults import DeviceFault, Effect, NoReply
from drivers.link import Link
from firmware_protocols.errors import FrameError
from firmware_protocols.mt_sics import host
from firmware_protocols.mt_sics.messages import (
    Answer,
    Command,
    GeneralError,
    Identity,
    NotExecutable,
    Overload,
    Underload,
    Weight,
    WeightError,
)
from sites.models import Scale

verified_on: tuple[str, ...] = ()
"""Devices this driver has met: device, firmware, date. Empty: it has never met its device."""

STABLE_S = 5.0
"""How long a stable weight is waited for; the instrument's own time-out is usually shorter (`S I`)."""
WHOLE = Decimal("0.25")
"""A weight further than this from a whole number of pieces is no count."""
GRAMS = {"mg": Decimal("0.001"), "g": Decimal(1), "kg": Decimal(1000)}

RESET, STABLE_WEIGHT, SERIAL = (host.encode(one) for one in (Command.RESET, Command.STABLE_WEIGHT, Command.SERIAL))


def means(frame: bytes) -> str:
    """A line's text for the wire log: the answer's meaning, or what is wrong with it."""
    try:
        return str(host.decode(frame))
    except FrameError as wrong:
        return str(wrong)


class MtSicsScale:
    """One scale on a link of its own."""

    def __init__(self, link: Link, part: Scale) -> None:
        self.id = part.id
        self._link = link
        self._readability = Decimal(part.readability_g)
        # `@` ends whatever an earlier client left running, and would do so to a person's work if it came every second.
        link.known_by(RESET, _identity, beat=SERIAL)

    @property
    def link_id(self) -> str:
        """The link this scale hangs on."""
        return self._link.id

    async def count(self, unit_weight: Decimal, spread: Decimal) -> Pieces:
        """Pieces on the pan, each of `unit_weight` grams within `spread` grams.

        `why_not` is one of not-stable, overload, underload, other-unit, restarted, below-zero, between-pieces.
        Raises LinkFault, and DeviceFault for a hardware fault of the scale.
        """
        if unit_weight <= 0 or spread < 0:
            raise ValueError(f"a piece weighs more than nothing, and spreads by nothing or more: {unit_weight}, {spread}")
        answer = await self._stable_weight()
        if not isinstance(answer, Weight):
            return self._no_count(Decimal(0), "g", _why_not(answer))
        if answer.unit not in GRAMS:
            return self._no_count(answer.value, answer.unit, "other-unit")
        return self._pieces(answer.value * GRAMS[answer.unit], unit_weight, spread)

    async def _stable_weight(self) -> Answer | None:
        """What the scale says to `S`; None if it says nothing in time, though it is there.

        `@` first: an `S` that somebody gave up waiting for would still be answered, with the weight of then.
        """
        await self._link.ask(RESET, _identity, said="reset the interface")
        try:
            return await self._link.ask(STABLE_WEIGHT, _weight, tries=1, reply_s=STABLE_S, said="stable weight")
        except NoReply:
            await self._link.ask(RESET, _identity, said="reset the interface")
            return None

    def _pieces(self, grams: Decimal, unit_weight: Decimal, spread: Decimal) -> Pieces:
        """Uncertainty: one readable step (half at zero, half at the weight) and every piece off by its whole spread."""
        ratio = grams / unit_weight
        whole = int(ratio.to_integral_value())
        uncertainty = (self._readability + max(whole, 0) * spread) / unit_weight
        why_not = None
        if abs(ratio - whole) > WHOLE:
            why_not = "between-pieces"
        elif whole < 0:
            why_not = "below-zero"
        return Pieces(None if why_not else whole, uncertainty, grams, "g", why_not)

    def _no_count(self, weight: Decimal, unit: str, why_not: str) -> Pieces:
        return Pieces(None, Decimal(0), weight, unit, why_not)


def _identity(frame: bytes) -> Identity | None:
    answer = host.decode(frame)
    return answer if isinstance(answer, Identity) else None


def _weight(frame: bytes) -> Answer | None:
    """The answer to `S`. A weight that still moves is no answer: the scale repeats them for whoever asked it to."""
    answer = host.decode(frame)
    if isinstance(answer, WeightError):
        raise DeviceFault("scale-fault", effect=Effect.NONE, said=f"Error {answer.number}{answer.part}")
    if isinstance(answer, GeneralError):
        raise DeviceFault("scale-fault", effect=Effect.NONE, said=str(answer.trouble))
    if isinstance(answer, Weight):
        return answer if answer.stable else None
    if isinstance(answer, NotExecutable | Overload | Underload):
        return answer if answer.command == Command.STABLE_WEIGHT else None
    return answer if isinstance(answer, Identity) else None


def _why_not(answer: Answer | None) -> str:
    match answer:
        case Overload():
            return "overload"
        case Underload():
            return "underload"
        case Identity():
            return "restarted"
        case _:
            return "not-stable"
