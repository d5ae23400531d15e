"""`/v1/webhooks`: each attempt to reach one, sending by hand, switching off and on, new keys. The endpoints are the site file's."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page, the_standing
from api.signatures import public_of
from api.webhooks import Attempt, Endpoint
from controller.policy.roles import Right
from controller.webhooks import key_changed
from drivers.faults import Refused
from sites.part import Id

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=StationRoute)


class WebhookAnswer(Answer):
    """A webhook. `off` says why nothing is sent; `public_keys` are what a receiver of `v1a` checks signatures with."""

    id: str
    consumer: str
    url: str
    events: list[str]
    signatures: list[str]
    off: str | None
    error: str
    sequence: int
    """Up to this number everything has arrived."""
    lag: int


class WebhookWhole(WebhookAnswer):
    """The same with its keys."""

    public_keys: list[str]


class Webhooks(Answer):
    """A page of webhooks."""

    items: list[WebhookAnswer]
    next: str | None


class AttemptAnswer(Answer):
    """One try. `status` is null where nobody answered; `again_s` is when it was to be tried again, null for never."""

    sequence: int
    event: str
    at: str
    number: int
    status: int | None
    error: str
    took_ms: int
    again_s: int | None
    by: str


class Attempts(Answer):
    """The last attempts since the daemon started, the newest first."""

    items: list[AttemptAnswer]


class EnabledBody(Body):
    """Whether anything is sent."""

    enabled: bool


class ResendBody(Body):
    """Which event: its ledger number."""

    sequence: Annotated[int, Field(ge=1, le=2**63 - 1)]


class KeyBody(Body):
    """Which of its signatures gets a new key."""

    scheme: Literal["v1a", "v1"]


class NewKey(Answer):
    """The public half of a new `v1a` key; of `v1` the shared secret, which is told once. The old key signs beside it for 48 h."""

    public: str | None
    secret: str | None


@router.get("")
@needs(Right.SEE_OUTWARD)
async def list_webhooks(request: StationRequest, response: Response, after: After = None, limit: Limit = 100) -> Webhooks:
    """The webhooks of the site file, by id."""
    shown, cursor = page(list(_endpoints(request)), str, after, limit)
    link_next(request, response, cursor)
    return Webhooks(items=[WebhookAnswer(**_described(request, id)) for id in shown], next=cursor)


@router.get("/{id}")
@needs(Right.SEE_OUTWARD)
async def get_webhook(id: Id, request: StationRequest) -> WebhookWhole:
    """One webhook, with the public keys that its receiver needs."""
    return WebhookWhole(**_described(request, id), public_keys=_known(request, id).keys.public())


@router.get("/{id}/attempts")
@needs(Right.SEE_OUTWARD)
async def list_attempts(id: Id, request: StationRequest) -> Attempts:
    """What was tried last and what came of it."""
    return Attempts(items=[_attempt(one) for one in reversed(_known(request, id).attempts)])


@router.put("/{id}/enabled")
@needs(Right.EDIT_OUTWARD)
async def put_enabled(id: Id, body: EnabledBody, request: StationRequest) -> WebhookAnswer:
    """Switches it on, where it goes on with the first event that has not arrived; or off. The same again changes nothing."""
    _known(request, id).switch(on=body.enabled, by=request.who.person)
    return WebhookAnswer(**_described(request, id))


@router.post("/{id}/resends")
@needs(Right.EDIT_OUTWARD)
async def resend(id: Id, body: ResendBody, request: StationRequest) -> AttemptAnswer:
    """Sends one event again now, out of its turn; confirms nothing. Answers with what came of it."""
    return _attempt(await _known(request, id).resend(body.sequence, request.who.person))


@router.post("/{id}/keys", status_code=201)
@needs(Right.EDIT_OUTWARD)
async def change_key(id: Id, body: KeyBody, request: StationRequest) -> NewKey:
    """A new key, with which it signs at once; for two days the old one signs as well."""
    endpoint = _known(request, id)
    if body.scheme not in endpoint.part.signatures:
        raise Refused("signature-not-used", webhook=id, scheme=body.scheme)
    key = endpoint.keys.change(body.scheme)
    public = public_of(key)
    request.station.ledger.post(key_changed(id, body.scheme, public, request.who.person))
    return NewKey(public=public, secret=key if public is None else None)


def _endpoints(request: StationRequest) -> dict[str, Endpoint]:
    telling = the_standing(request).telling
    return {} if telling is None else telling.webhooks


def _known(request: StationRequest, id: str) -> Endpoint:
    endpoint = _endpoints(request).get(id)
    if endpoint is None:
        raise Refused("webhook-unknown", webhook=id)
    return endpoint


def _described(request: StationRequest, id: str) -> dict[str, object]:
    endpoint = _known(request, id)
    part = endpoint.part
    return {
        "id": id,
        "consumer": part.consumer,
        "url": part.url,
        "events": list(part.events),
        "signatures": list(part.signatures),
        "off": endpoint.off,
        "error": endpoint.error,
        "sequence": request.station.cursors.of(part.consumer),
        "lag": endpoint.outbox.lag,
    }


def _attempt(attempt: Attempt) -> AttemptAnswer:
    return AttemptAnswer(**asdict(attempt))
