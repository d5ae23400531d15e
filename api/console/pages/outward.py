"""Who outside is told what happens: webhooks with each attempt, and how far every consumer has come."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.console import once
from api.console.page import ROOT, Form, Go, Pages, Shown
from api.console.visitor import Visitor
from api.rest.consumers import cursor_of
from api.rest.webhooks import Scheme, attempts_of, endpoint_of, new_key, webhook_of
from controller.policy.roles import Right

pages = Pages()

ATTEMPTS = 20


class Enabled(Form):
    """Whether anything is sent."""

    enabled: bool


class Resend(Form):
    """Which event: its ledger number."""

    sequence: Annotated[int, Field(ge=1, le=2**63 - 1)]


class Key(Form):
    """Which of its signatures gets a new key."""

    scheme: Scheme


@pages.page("/outward", "outward.html", Right.SEE_OUTWARD)
def outward(visitor: Visitor) -> Shown:
    """All of them."""
    station, telling = visitor.station, visitor.telling
    facts = {
        "webhooks": [webhook_of(station, one) for one in telling.webhooks.values()] if telling else [],
        "ways": telling.ways() if telling else [],
        "consumers": [cursor_of(station, one) for one in station.site.outward.consumers],
        "head": station.ledger.durable_seq,
    }
    return Shown(facts, all_of=frozenset({"webhook", "consumer"}), ticks=True)


@pages.page("/outward/{id}", "webhook.html", Right.SEE_OUTWARD)
def webhook(visitor: Visitor, id: str) -> Shown:
    """One webhook: what was tried, and what may be done."""
    endpoint = endpoint_of(visitor.telling, id)
    facts = {"webhook": webhook_of(visitor.station, endpoint), "attempts": attempts_of(endpoint)[:ATTEMPTS]}
    return Shown(facts, frozenset({id}), ticks=True)


@pages.post("/outward/{id}/enabled", Enabled, Right.EDIT_OUTWARD)
async def enable(visitor: Visitor, said: Enabled, id: str) -> Go:
    """Switches it on or off. Raises Refused."""
    endpoint_of(visitor.telling, id).switch(on=said.enabled, by=visitor.who.person)
    return Go()


@pages.post("/outward/{id}/resends", Resend, Right.EDIT_OUTWARD)
async def resend(visitor: Visitor, said: Resend, id: str) -> Go:
    """Sends one event again now; the attempt tells what came of it. Raises Refused."""
    await endpoint_of(visitor.telling, id).resend(said.sequence, visitor.who.person)
    return Go()


@pages.post("/outward/{id}/keys", Key, Right.EDIT_OUTWARD)
async def key(visitor: Visitor, said: Key, id: str) -> Go:
    """A new key; of a shared secret, told once. Raises Refused."""
    made = new_key(visitor.station, endpoint_of(visitor.telling, id), said.scheme, visitor.who.person)
    if made.secret is None:
        return Go(f"{ROOT}/outward/{id}")
    return Go(f"{ROOT}/once/{once.keep('key', id, made.secret, visitor.who.id)}")
