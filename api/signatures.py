"""Standard Webhooks 1.0: the headers of a delivery and its signatures, `v1a` (Ed25519) and `v1` (HMAC-SHA256).

What is signed is `{id}.{timestamp}.{body}` (spec, "Signature scheme"); keys are written base64 behind `whsk_`, `whpk_` (Ed25519,
secret and public) and `whsec_` (HMAC). No id of ours holds a full stop, so no other text reads the same.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX = {"v1a": "whsk_", "v1": "whsec_"}
PUBLIC = "whpk_"
KEY_BYTES = 32
"""An Ed25519 seed; and of an HMAC secret more than the 24 that the spec asks for."""


def new_key(scheme: str) -> str:
    """A new secret key, as it is written."""
    return PREFIX[scheme] + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def scheme_of(key: str) -> str:
    """`v1a` or `v1`. Raises ValueError for what is no secret key."""
    for scheme, prefix in PREFIX.items():
        if key.startswith(prefix):
            return scheme
    raise ValueError("a key begins with whsk_ or whsec_")


def public_of(key: str) -> str | None:
    """The public half that a receiver checks with; None for a shared secret, which has none."""
    if scheme_of(key) == "v1":
        return None
    return PUBLIC + base64.b64encode(_ed25519(key).public_key().public_bytes_raw()).decode()


def signature(key: str, id: str, timestamp: int, body: bytes) -> str:
    """One signature with its scheme: `v1a,<base64>`. Raises ValueError for what is no secret key."""
    signed = f"{id}.{timestamp}.".encode() + body
    scheme = scheme_of(key)
    made = _ed25519(key).sign(signed) if scheme == "v1a" else hmac.new(_raw(key), signed, hashlib.sha256).digest()
    return f"{scheme},{base64.b64encode(made).decode()}"


def headers(keys: Iterable[str], id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers; one signature with each key, so that keys change without a gap."""
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, id, timestamp, body) for key in keys),
    }


def verified(keys: Iterable[str], headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of these public keys (`whpk_…`) has signed this delivery with `v1a`.

    Its age is not asked: clocks of two stations may differ by days, so what is told twice must be harmless where it is heard.
    """
    signed = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode() + body
    made = [one.removeprefix("v1a,") for one in headers.get("webhook-signature", "").split() if one.startswith("v1a,")]
    return any(_signed_by(key, one, signed) for key in keys for one in made)


def _signed_by(key: str, signature: str, signed: bytes) -> bool:
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix(PUBLIC), validate=True))
        public.verify(base64.b64decode(signature, validate=True), signed)
    except (ValueError, InvalidSignature):
        return False
    return True


def _raw(key: str) -> bytes:
    return base64.b64decode(key.removeprefix(PREFIX[scheme_of(key)]), validate=True)


def _ed25519(key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_raw(key))
