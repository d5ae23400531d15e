"""Signatures against the vectors of the Standard Webhooks project and against independent checkers; keys and how they change."""

from __future__ import annotations

import base64
import datetime
import os
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from api.kept import keep, kept
from api.signatures import headers, new_key, public_of, scheme_of, signature
from api.webhook_keys import OVERLAP, Keys
from controller.clock import Clock
from drivers.faults import SiteFault

ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
VECTORS = [
    ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    (
        "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=",
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==",
    ),
]
"""github.com/standard-webhooks/standard-webhooks, libraries/go: webhook_symmetric_test.go, webhook_asymmetric_test.go."""


@pytest.mark.parametrize(("key", "wanted"), VECTORS)
def test_the_vectors_of_the_spec_s_project(key: str, wanted: str) -> None:
    assert signature(key, ID, AT, BODY) == wanted


def verify(public: str, sent: dict[str, str], body: bytes) -> None:
    """By cryptography's own means: raises InvalidSignature unless one of the v1a signatures is this key's."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    for one in sent["webhook-signature"].split():
        scheme, _, text = one.partition(",")
        if scheme == "v1a":
            try:
                key.verify(base64.b64decode(text), f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + body)
            except InvalidSignature:
                continue
            return
    raise InvalidSignature


def test_independent_checkers_take_ours_and_nothing_else() -> None:
    shared, own = new_key("v1"), new_key("v1a")
    at = int(datetime.datetime.now(datetime.UTC).timestamp())
    sent = headers([own, shared], "icu-2/48211", at, BODY)
    Webhook(shared).verify(BODY, sent)
    public = public_of(own)
    assert public is not None
    verify(public, sent, BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_key("v1")).verify(BODY, sent)
    for forged in ({**sent, "webhook-id": "icu-2/48212"}, {**sent, "webhook-timestamp": str(at + 1)}):
        with pytest.raises(InvalidSignature):
            verify(public, forged, BODY)
        with pytest.raises(WebhookVerificationError):
            Webhook(shared).verify(BODY, forged)
    with pytest.raises(InvalidSignature):
        verify(public, sent, BODY + b" ")


def test_what_is_no_key() -> None:
    assert [scheme_of(new_key(scheme)) for scheme in ("v1", "v1a")] == ["v1", "v1a"]
    for wrong in ("", "whpk_AAAA", "secret"):
        with pytest.raises(ValueError, match="a key begins with"):
            scheme_of(wrong)
    with pytest.raises(ValueError, match=r".+"):
        public_of("whsk_AAAA")


class Then(Clock):
    """A clock that is moved by hand."""

    at = datetime.datetime(2031, 3, 1, tzinfo=datetime.UTC)

    def now(self) -> datetime.datetime:
        return self.at


def test_keys_are_made_once_kept_to_themselves_and_changed_with_an_overlap(tmp_path: Path) -> None:
    clock, path = Then(), tmp_path / "webhooks" / "receipts.keys"
    keys = Keys(path, ("v1a", "v1"), clock)
    first, shared = keys.signing()
    assert (scheme_of(first), scheme_of(shared)) == ("v1a", "v1")
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert Keys(path, ("v1a", "v1"), clock).signing() == [first, shared], "made once"
    second = keys.change("v1a")
    assert keys.signing() == [second, shared, first], "both sign"
    assert keys.public() == [public_of(second), public_of(first)]
    sent = headers(keys.signing(), ID, AT, BODY)
    for key in (first, second):
        verify(str(public_of(key)), sent, BODY)
    clock.at += OVERLAP
    assert keys.signing() == [second, shared]
    third = keys.change("v1a")
    assert first not in kept(path), "what signs no more is thrown away"
    assert keys.signing() == [third, shared, second]
    assert Keys(path, ("v1",), clock).signing() == [shared]


@pytest.mark.parametrize("text", ["nonsense", "whsk_AAAA -", "whsk_ - -", "whpk_AAAA -", f"{VECTORS[0][0]} tomorrow"])
def test_a_file_that_holds_no_keys_is_said_and_not_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.keys"
    keep(path, f"{text}\n")
    with pytest.raises(SiteFault, match="secret-unsafe"):
        Keys(path, ("v1a",), Clock()).signing()
    assert kept(path) == f"{text}\n"


def test_a_secret_that_others_can_read_is_none(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with pytest.raises(SiteFault, match="secret-unsafe"):
        kept(path)
    keep(path, "word")
    assert kept(path) == "word"
    keep(path, "other")
    assert [one.name for one in tmp_path.iterdir()] == ["secret"]
    path.chmod(0o644)
    with pytest.raises(SiteFault, match="chmod 600"):
        kept(path)
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(SiteFault, match="secret-unsafe"):
        kept(tmp_path / "link")
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(SiteFault, match="no plain file"):
        kept(tmp_path / "pipe")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "binary").chmod(0o600)
    with pytest.raises(SiteFault, match="secret-unsafe"):
        kept(tmp_path / "binary")
