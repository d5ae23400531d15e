"""A witness signs at the same terminal: a second person, by name or badge and PIN, for exactly what the page shows.

    {% from "witness.html" import witness with context %} … {{ witness('/console/discrepancies/d-1/resolution') }}

    @pages.post("/discrepancies/{id}/resolution", Witness, Right.RESOLVE_DISCREPANCIES)
    async def resolve(visitor: Visitor, said: Witness, id: str) -> Go:
        token = await signed(visitor, said, what_is_signed(...))

The page shows what is signed in words; its post makes the same thing out of the ledger again and has that signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import StringConstraints

from api.console.page import Form
from api.console.visitor import Visitor
from controller.policy.session import subject_of
from drivers.faults import Refused


class Witness(Form):
    """The second person and her PIN."""

    witness: Annotated[str, StringConstraints(max_length=100)] = ""
    """Empty for whoever's badge is held to this terminal's reader."""
    pin: Annotated[str, StringConstraints(pattern=r"^\d{1,16}$")]


def named(visitor: Visitor) -> dict[str, Any]:
    """What `witness.html` asks for: who was named as the witness so far (empty: nobody), whether by her badge, and the digits of a
    PIN here. A badge counts that is held to the reader while the panel stands; the one that somebody logged in with does not."""
    by_badge = visitor.query.get("badge") == "held" and bool(visitor.badge)
    return {
        "witness_named": visitor.query.get("witness", "")[:100],
        "witness_badge": by_badge,
        "pin_digits": visitor.station.site.policy.pin_digits,
    }


async def signed(visitor: Visitor, said: Witness, what: Mapping[str, Any]) -> str:
    """The token of a witness who signs `what`, good once. Raises Refused as `People.grant`."""
    if visitor.screen is None:
        raise Refused("terminal-not-enrolled")
    who = said.witness or visitor.badge
    return await visitor.station.people.grant(who, said.pin, visitor.screen, subject_of(what), visitor.who)
