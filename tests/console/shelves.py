"""What lies in a ward's pockets when it opens, written anew for a test; and what stands on a package."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence

from tests.console.stand import Stand

GTIN = {
    "metoprolol-tartrate-25": "00399001105013",
    "ibuprofen-400": "00399001102012",
    "morphine-10": "00399001111014",
    "aspirin-81": "00399001103019",
}
FAR = datetime.date(2033, 1, 31)
Lots = Sequence[tuple[str, datetime.date, int]]
"""Lot, expiry and units."""


def lay(stand: Stand, pockets: Mapping[str, Lots]) -> None:
    """These lots, and nothing else, lie in these pockets from the first count on. To be done before the ward stands."""
    path = stand.run.folder / "ward" / "stock.toml"
    kept = [part for part in re.split(r"(?=^\[\[lots\]\])", path.read_text(), flags=re.MULTILINE) if _pocket(part) not in pockets]
    laid = [
        f'[[lots]]\npocket = "{pocket}"\nlot = "{lot}"\nexpiry = {expiry}\nquantity = {quantity}\n'
        for pocket, lots in pockets.items()
        for lot, expiry, quantity in lots
    ]
    path.write_text("\n".join([*kept, *laid]))


def package(item: str, lot: str = "", expiry: str = "") -> str:
    """What a scanner types for a package: (01), and (17) and (10) if its symbol has them; `expiry` is YYMMDD."""
    return f"01{GTIN[item]}" + (f"17{expiry}" if expiry else "") + (f"10{lot}" if lot else "")


def _pocket(part: str) -> str:
    found = re.search(r'^pocket = "(.*)"$', part, flags=re.MULTILINE)
    return found[1] if found else ""
