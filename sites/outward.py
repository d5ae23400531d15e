"""Who outside is told what happens: consumers with their cursors, brokers and webhooks, and the hosts that may be reached.

Nothing secret stands here: passwords and keys lie in the daemon's state folder.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sites.part import Id, Part

Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")]
TopicName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
Kinds = Annotated[str, StringConstraints(pattern=r"^(?:\*|[a-z_]+(?:\.(?:\*|[a-z_]+))?)$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[!-~]*)?$")]
File = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class Consumer(Part):
    """A program that is told what happens and says how far it has come."""

    id: Id
    service: Id
    """The service account that confirms, and whose rights say what it is told."""


class Broker(Part):
    """An MQTT broker. Facts go out to it; nothing that comes from it is listened to."""

    id: Id
    consumer: Id
    """Whose confirmed cursor the events go on from after each connection."""
    host: Host
    port: int = Field(8883, ge=1, le=65535)
    plain: bool = False
    """Without TLS: for a broker on this machine."""
    ca: File | None = None
    """The authorities that may sign the broker's certificate, a PEM file, relative to the site file; the system's if none."""
    certificate: File | None = None
    """The station's own certificate, a PEM file with its key, relative to the site file."""
    login: bool = False
    """Whether name and password are asked for: `brokers/<id>.login` in the state folder, two lines, its owner's alone."""
    events: tuple[Kinds, ...] = Field(("*",), strict=False, min_length=1)
    """Kinds that are told, as in `stock.taken` or `drawer.*`."""
    ahead: int = Field(400, ge=1, le=10_000)
    """At most so many events are sent and not confirmed; less than half of what the broker keeps for an absent subscriber."""
    resend_s: int = Field(60, ge=1, le=86_400)
    """Sent and not confirmed for so long, events are sent again; twice as long each time nothing is heard."""
    keepalive_s: int = Field(20, ge=2, le=600)
    timeout_s: int = Field(10, ge=1, le=60)
    """An answer of the broker's that takes longer ends the connection."""


class Webhook(Part):
    """An HTTP endpoint that is told one event at a time."""

    id: Id
    consumer: Id
    """Its cursor: an answer of 2xx confirms."""
    url: Url
    plain: bool = False
    """Whether `http://` is meant."""
    ca: File | None = None
    """The authorities that may sign the endpoint's certificate, a PEM file, relative to the site file; the system's if none."""
    signatures: tuple[Literal["v1a", "v1"], ...] = Field(("v1a",), strict=False, min_length=1, max_length=2)
    """`v1a`: Ed25519, the receiver holds a public key. `v1`: HMAC-SHA256 with a shared secret."""
    events: tuple[Kinds, ...] = Field(("*",), strict=False, min_length=1)
    """Kinds that are told, as in `stock.taken` or `drawer.*`."""
    timeout_s: int = Field(20, ge=1, le=60)


class Outward(Part):
    """Whom the station tells what happens."""

    site: TopicName = "site"
    """The house, as it stands in each topic: `galenic/1/<site>/<station>/…`."""
    hosts: tuple[Host, ...] = Field((), strict=False)
    """The only hosts that a broker or a webhook may be at."""
    consumers: tuple[Consumer, ...] = Field((), strict=False)
    brokers: tuple[Broker, ...] = Field((), strict=False)
    webhooks: tuple[Webhook, ...] = Field((), strict=False)
