"""How long somebody waits after wrong PINs: it grows with the account's own failures, and never shuts a terminal for others."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from drivers.faults import Refused

FREE_TRIES = 3
LONGEST_ACCOUNT_S = 900.0
"""So at most some 110 guesses a day at one account, of the 10,000 PINs of four digits; each stands in the ledger."""
TERMINAL_TRIES = 20
LONGEST_TERMINAL_S = 30.0
MOST_STRANGERS = 1000
"""Names that nobody here has are counted like any other, so that waiting does not tell who exists; the oldest are forgotten."""


class Patience:
    """Counts failures by account and by terminal. Times are the loop's."""

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}
        self._until: dict[str, float] = {}
        self._strangers: OrderedDict[str, None] = OrderedDict()

    def restore(self, failures: Mapping[str, int], now: float) -> None:
        """What the ledger says of failures since each account's last success: a restart makes nobody's waiting shorter."""
        for account, count in failures.items():
            self._failures[_account(account)] = count
            self._wait(_account(account), count, FREE_TRIES, LONGEST_ACCOUNT_S, now)

    def ask(self, account: str, terminal: str, now: float) -> None:
        """Raises Refused("try-later") with `wait_s`, whole seconds, while this account must wait.

        A terminal at which many accounts fail slows only those that have failed themselves: everybody else goes on.
        """
        own, place = _account(account), _terminal(terminal)
        wait = self._until.get(own, 0.0) - now
        if self._failures.get(own):
            wait = max(wait, self._until.get(place, 0.0) - now)
        if wait > 0:
            raise Refused("try-later", wait_s=int(wait) + 1)

    def failed(self, account: str, terminal: str, now: float, *, known: bool = True) -> None:
        """Notes a wrong PIN. `known` is whether somebody of that name exists; it changes nothing that can be seen."""
        if not known:
            self._strangers[_account(account)] = None
            self._strangers.move_to_end(_account(account))
            if len(self._strangers) > MOST_STRANGERS:
                self._forget(self._strangers.popitem(last=False)[0])
        self._wait(_account(account), self._count(_account(account)), FREE_TRIES, LONGEST_ACCOUNT_S, now)
        self._wait(_terminal(terminal), self._count(_terminal(terminal)), TERMINAL_TRIES, LONGEST_TERMINAL_S, now)

    def clear(self, account: str) -> None:
        """A charge nurse's word ends the account's waiting."""
        self._forget(_account(account))

    def passed(self, account: str, terminal: str) -> None:
        """A right PIN clears the account and the terminal."""
        self._forget(_account(account))
        self._forget(_terminal(terminal))

    def _count(self, key: str) -> int:
        self._failures[key] = self._failures.get(key, 0) + 1
        return self._failures[key]

    def _wait(self, key: str, failures: int, free: int, longest: float, now: float) -> None:
        if failures >= free:
            self._until[key] = now + min(2.0 ** min(failures - free + 1, 20), longest)

    def _forget(self, key: str) -> None:
        self._failures.pop(key, None)
        self._until.pop(key, None)


def _account(name: str) -> str:
    return f"account:{name.casefold()}"


def _terminal(name: str) -> str:
    return f"terminal:{name}"
