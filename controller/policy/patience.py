"""How long somebody waits after wrong PINs: it grows with the account's own failures, and never shuts a terminal for others."""

from __future__ import annotations

from drivers.faults import Refused

FREE_TRIES = 3
LONGEST_ACCOUNT_S = 300.0
TERMINAL_TRIES = 20
TERMINAL_S = 2.0
"""A terminal at which many accounts fail is slowed a little for all, and no more: a ward is never locked out."""
MOST_ACCOUNTS = 10_000


class Patience:
    """Counts failures by account and by terminal. Times are the loop's."""

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def ask(self, account: str, terminal: str, now: float) -> None:
        """Raises Refused("try-later") with `wait_s`, whole seconds, while somebody must wait."""
        wait = max(self._until.get(key, 0.0) - now for key in (f"account:{account}", f"terminal:{terminal}"))
        if wait > 0:
            raise Refused("try-later", wait_s=int(wait) + 1)

    def failed(self, account: str, terminal: str, now: float) -> None:
        """Notes a wrong PIN."""
        if len(self._failures) > MOST_ACCOUNTS:
            self._failures.clear()
            self._until.clear()
        own = self._count(f"account:{account}")
        if own >= FREE_TRIES:
            self._until[f"account:{account}"] = now + min(2.0 ** (own - FREE_TRIES + 1), LONGEST_ACCOUNT_S)
        if self._count(f"terminal:{terminal}") >= TERMINAL_TRIES:
            self._until[f"terminal:{terminal}"] = now + TERMINAL_S

    def clear(self, account: str) -> None:
        """A right PIN, or a charge nurse's word, ends the account's waiting."""
        self._failures.pop(f"account:{account}", None)
        self._until.pop(f"account:{account}", None)

    def passed(self, account: str, terminal: str) -> None:
        """A right PIN clears the account and the terminal."""
        self.clear(account)
        self._failures.pop(f"terminal:{terminal}", None)
        self._until.pop(f"terminal:{terminal}", None)

    def _count(self, key: str) -> int:
        self._failures[key] = self._failures.get(key, 0) + 1
        return self._failures[key]
