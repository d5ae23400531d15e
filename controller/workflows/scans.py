"""Scans: what a code on a package says, and whether the package belongs in the pocket that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.formulary.criteria import ANY, Criteria
from controller.formulary.lots import UNKNOWN_LOT, Lot
from drivers.faults import Refused
from firmware_protocols.errors import MessageError
from firmware_protocols.scanner_lines import gs1

if TYPE_CHECKING:
    from controller.formulary.items import Item
    from controller.ledger.views.work_records import Leg
    from controller.station import Station
    from controller.workflows.talk import Said, Talk


def read(station: Station, data: str) -> tuple[str, gs1.Code]:
    """The item number on a package (14 digits), and all its code says. Raises `scan-unreadable`, `scan-without-gtin`."""
    try:
        code = gs1.read(data, this_year=station.clock.now().year)
    except MessageError as wrong:
        raise Refused("scan-unreadable", why=str(wrong)) from wrong
    if not code.gtin:
        raise Refused("scan-without-gtin")
    return code.gtin, code


def scan(talk: Talk, item: Item, leg: Leg, said: Said, criteria: Criteria = ANY) -> str | None:
    """Takes a scan in while a pocket is open: right, wrong, or a wrong one put back. Returns the lot of a right one.

    A wrong package is recorded and then refused with Refused("scan-mismatch"): it must be put back, and that be said by
    scanning it again as `put-back`, or the right one be scanned, before anything is committed (AT1.5).
    """
    gtin, code = read(talk.station, said.facts["data"])
    if said.kind == "put-back":
        if leg["wrong"] != gtin:
            raise Refused("not-what-was-scanned", gtin=gtin, wrong=leg["wrong"])
        talk.post(talk.entry("scanned", pocket=leg["pocket"], code=gtin, verdict="put-back"))
        return None
    if gtin in item.gtins and not _fits(code, criteria):
        talk.post(talk.entry("scanned", pocket=leg["pocket"], code=gtin, verdict="wrong"))
        raise Refused("scan-does-not-fit", item=item.id, lot=code.lot, wanted=criteria.lot, expires_from=criteria.expires_from)
    if gtin in item.gtins:
        talk.post(talk.entry("scanned", pocket=leg["pocket"], code=gtin, verdict="match"))
        return code.lot
    talk.post(talk.entry("scanned", pocket=leg["pocket"], code=gtin, verdict="wrong"))
    other = talk.station.books.formulary.by_gtin(gtin)
    raise Refused("scan-mismatch", wanted=item.id, scanned=other.id if other else None, gtin=gtin)


def _fits(code: gs1.Code, criteria: Criteria) -> bool:
    """Whether the package itself says that it will do."""
    return criteria.fits(Lot(lot=code.lot or UNKNOWN_LOT, expiry=code.expiry.isoformat() if code.expiry else None, quantity=1))
