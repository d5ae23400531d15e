"""Oneself: who is logged in, her own PIN, language and theme of this screen, and the way out."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from api.console.page import ROOT, Form, Go, Pages, Shown
from api.console.visitor import Visitor
from controller.policy.roles import Right

pages = Pages()

Pin = Annotated[str, StringConstraints(min_length=1, max_length=16)]


class OwnPin(Form):
    """The present PIN and the new one."""

    current: Pin
    pin: Pin


@pages.page("/me", "me.html", Right.SEE_STATION)
def me(visitor: Visitor) -> Shown:
    """Her name and roles; `?changed` once the PIN is another."""
    facts = {"digits": visitor.station.site.policy.pin_digits, "changed": "changed" in visitor.query}
    return Shown({**facts, "roles": sorted(visitor.who.roles)})


@pages.post("/me/pin", OwnPin, Right.SEE_STATION)
async def own_pin(visitor: Visitor, said: OwnPin) -> Go:
    """Another PIN, proved by the present one. Raises Refused as `PUT /v1/people/{id}/pin` does."""
    await visitor.station.people.change_own_pin(visitor.who, said.current, said.pin)
    return Go(f"{ROOT}/me?changed")
