"""What a robot may store: the master check on each pack at its belt (reference domain.md B11, input; devices.md 1.10).

Pure. A pack is let in when its code names an item of the formulary, its lot and expiry are known and agree wherever they are
said, it has not expired, and its serial number is not already in the robot. What is missing can be asked for again.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.formulary import lots as lotting
from controller.formulary.items import Item
from drivers.robot_facts import AskedPack, InputAsked, InputRuling, PackRuling
from firmware_protocols.errors import MessageError
from firmware_protocols.scanner_lines import gs1

LETS_IN = frozenset({InputRuling.ALLOWED, InputRuling.ALLOWED_FOR_FRIDGE})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A ruling for each pack of an input, why (a code for each, empty where it is let in), and the one item they are of."""

    item: Item | None
    rulings: tuple[PackRuling, ...]
    reasons: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Whether any of the packs may be stored."""
        return any(ruling.ruling in LETS_IN for ruling in self.rulings)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a pack from its code and from what the robot was told."""

    item: Item | None
    lot: str | None = None
    expiry: datetime.date | None = None
    serial: str | None = None
    wrong: str = ""


def rule(
    asked: InputAsked, by_gtin: Callable[[str], Item | None], serials: Callable[[str], frozenset[str]], today: datetime.date
) -> Verdict:
    """The verdict. `serials` gives the serial numbers of an item that the robot already holds.

    All packs of one input are of one item, that of the first that is known: another's is refused.
    """
    known = [_known(pack, by_gtin, today.year) for pack in asked.packs]
    item = next((one.item for one in known if one.item is not None), None)
    held = serials(item.id) if item is not None else frozenset()
    rulings, reasons = [], []
    for pack, one in zip(asked.packs, known, strict=True):
        ruling, reason = _ruling(one, item, held, today)
        held |= {one.serial} if one.serial is not None and ruling in LETS_IN else frozenset()
        text = reason.replace("-", " ")
        rulings.append(PackRuling(index=pack.index, ruling=ruling, text=text, batch=one.lot, serial=one.serial, expiry=one.expiry))
        reasons.append(reason)
    return Verdict(item, tuple(rulings), tuple(reasons))


def refused(asked: InputAsked, reason: str) -> Verdict:
    """No pack is let in, whatever it is."""
    rulings = tuple(
        PackRuling(index=pack.index, ruling=InputRuling.REJECTED, text=reason.replace("-", " ")) for pack in asked.packs
    )
    return Verdict(None, rulings, (reason,) * len(rulings))


def told(verdict: Verdict, asked: InputAsked) -> list[dict[str, Any]]:
    """The verdict as the ledger keeps it, pack by pack."""
    return [_told(*each) for each in zip(asked.packs, verdict.rulings, verdict.reasons, strict=True)]


def _told(pack: AskedPack, ruling: PackRuling, reason: str) -> dict[str, Any]:
    return {
        "index": pack.index,
        "scan_code": pack.scan_code,
        "lot": ruling.batch,
        "expiry": ruling.expiry.isoformat() if ruling.expiry else None,
        "serial": ruling.serial,
        "ruling": str(ruling.ruling),
        "reason": reason,
    }


def _known(pack: AskedPack, by_gtin: Callable[[str], Item | None], this_year: int) -> Known:
    try:
        code = gs1.read(pack.scan_code, this_year=this_year)
    except MessageError:
        return Known(None, wrong="code-unreadable")
    said = {"lot": (code.lot, pack.batch), "expiry": (code.expiry, pack.expiry), "serial": (code.serial, pack.serial)}
    if any(read is not None and told is not None and read != told for read, told in said.values()):
        return Known(None, wrong="code-says-otherwise")
    both: Mapping[str, Any] = {name: read if read is not None else told for name, (read, told) in said.items()}
    return Known(by_gtin(code.gtin) if code.gtin else None, **both)


def _ruling(one: Known, item: Item | None, serials: frozenset[str], today: datetime.date) -> tuple[InputRuling, str]:
    reason = one.wrong
    if not reason and one.item is None:
        reason = "unknown-item"
    elif not reason and one.item is not item:
        reason = "another-item"
    elif not reason and one.expiry is not None and lotting.expired(one.expiry.isoformat(), today):
        reason = "expired"
    elif not reason and one.serial is not None and one.serial in serials:
        reason = "serial-is-in-the-robot"
    if reason:
        return InputRuling.REJECTED, reason
    if one.expiry is None:
        return InputRuling.NO_EXPIRY, "no-expiry"
    if not one.lot:
        return InputRuling.NO_BATCH, "no-batch"
    cold = one.item is not None and one.item.refrigerated
    return (InputRuling.ALLOWED_FOR_FRIDGE if cold else InputRuling.ALLOWED), ""
