"""`/v1/webhooks`: each attempt to reach one, sending by hand, switching off and on, new keys. The endpoints are the site file's."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from api.rest.asking import After, Answer, Body, Limit, StationRequest, StationRoute, link_next, needs, page, the_standing
from api.signatures import public_of
from api.telling import Telling
from api.webhooks import Attempt, Endpoint
from controller.policy.roles import Right
from controller.station import Station
from controller.webhooks import key_changed
from drivers.faults import Refused
from sites.part import Id

Scheme = Literal["v1a", "v1"]

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

    scheme: Scheme


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
    return Webhooks(items=[_described(request, id) for id in shown], next=cursor)


@router.get("/{id}")
@needs(Right.SEE_OUTWARD)
async def get_webhook(id: Id, request: StationRequest) -> WebhookWhole:
    """One webhook, with the public keys that its receiver needs."""
    return webhook_of(request.station, _known(request, id))


@router.get("/{id}/attempts")
@needs(Right.SEE_OUTWARD)
async def list_attempts(id: Id, request: StationRequest) -> Attempts:
    """What was tried last and what came of it."""
    return Attempts(items=attempts_of(_known(request, id)))


@router.put("/{id}/enabled")
@needs(Right.EDIT_OUTWARD)
async def put_enabled(id: Id, body: EnabledBody, request: StationRequest) -> WebhookAnswer:
    """Switches it on, where it goes on with the first event that has not arrived; or off. The same again changes nothing."""
    _known(request, id).switch(on=body.enabled, by=request.who.person)
    return _described(request, id)


@router.post("/{id}/resends")
@needs(Right.EDIT_OUTWARD)
async def resend(id: Id, body: ResendBody, request: StationRequest) -> AttemptAnswer:
    """Sends one event again now, out of its turn; confirms nothing. Answers with what came of it."""
    return _attempt(await _known(request, id).resend(body.sequence, request.who.person))


@router.post("/{id}/keys", status_code=201)
@needs(Right.EDIT_OUTWARD)
async def change_key(id: Id, body: KeyBody, request: StationRequest) -> NewKey:
    """A new key, with which it signs at once; for two days the old one signs as well."""
    return new_key(request.station, _known(request, id), body.scheme, request.who.person)


def new_key(station: Station, endpoint: Endpoint, scheme: Scheme, by: str) -> NewKey:
    """Makes it, and records that it was made. Raises Refused("signature-not-used")."""
    id_ = endpoint.part.id
    if scheme not in endpoint.part.signatures:
        raise Refused("signature-not-used", webhook=id_, scheme=scheme)
    key = endpoint.keys.change(scheme)
    public = public_of(key)
    station.ledger.post(key_changed(id_, scheme, public, by))
    return NewKey(public=public, secret=key if public is None else None)


def endpoint_of(telling: Telling | None, id: str) -> Endpoint:
    """A webhook. Raises Refused("webhook-unknown")."""
    endpoint = None if telling is None else telling.webhooks.get(id)
    if endpoint is None:
        raise Refused("webhook-unknown", webhook=id)
    return endpoint


def webhook_of(station: Station, endpoint: Endpoint) -> WebhookWhole:
    """A webhook as it is now."""
    part = endpoint.part
    return WebhookWhole(
        id=part.id,
        consumer=part.consumer,
        url=part.url,
        events=list(part.events),
        signatures=list(part.signatures),
        off=endpoint.off,
        error=endpoint.error,
        sequence=station.cursors.of(part.consumer),
        lag=endpoint.outbox.lag,
        public_keys=endpoint.keys.public(),
    )


def attempts_of(endpoint: Endpoint) -> list[AttemptAnswer]:
    """What was tried last, the newest first."""
    return [_attempt(one) for one in reversed(endpoint.attempts)]


def _endpoints(request: StationRequest) -> dict[str, Endpoint]:
    telling = the_standing(request).telling
    return {} if telling is None else telling.webhooks


def _known(request: StationRequest, id: str) -> Endpoint:
    return endpoint_of(the_standing(request).telling, id)


def _described(request: StationRequest, id: str) -> WebhookAnswer:
    whole = webhook_of(request.station, _known(request, id))
    return WebhookAnswer.model_validate(whole.model_dump(exclude={"public_keys"}))


def _attempt(attempt: Attempt) -> AttemptAnswer:
    return AttemptAnswer(**asdict(attempt))
