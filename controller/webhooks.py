"""What is recorded of a webhook: switched off and on, a new key, an event sent by hand. Sending itself is the API's."""

from __future__ import annotations

from controller.ledger.port import Entry


def disabled(webhook: str, reason: str, sequence: int, by: str = "station") -> Entry:
    """Nothing is sent there any more: it is `gone` (410), `given-up` after the last try, or `switched-off` by somebody."""
    return Entry("webhook.disabled", {"webhook": webhook, "reason": reason, "sequence": sequence}, by)


def enabled(webhook: str, by: str) -> Entry:
    """A person has switched it on again: it goes on with the first event that is not confirmed."""
    return Entry("webhook.enabled", {"webhook": webhook}, by)


def key_changed(webhook: str, scheme: str, public: str | None, by: str) -> Entry:
    """It signs with a new key; `public` is its public half, where it has one."""
    return Entry("webhook.key_changed", {"webhook": webhook, "scheme": scheme, "public": public}, by)


def resent(webhook: str, sequence: int, status: int | None, by: str) -> Entry:
    """A person had one event sent again, out of its turn; None where nobody answered."""
    return Entry("webhook.resent", {"webhook": webhook, "sequence": sequence, "status": status}, by)
