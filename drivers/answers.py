"""How long answers took, counted in steps: a year costs no more memory than a minute. Of a link, and of each board on it."""

from __future__ import annotations

from bisect import bisect_left

STEPS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Where each step ends; the last of all has no end."""


class Answers:
    """Since the daemon started. An answer takes from its request's being written to its own last byte, on the loop's clock."""

    __slots__ = ("counts", "longest_s", "missing")

    def __init__(self) -> None:
        self.counts = [0] * (len(STEPS_S) + 1)
        """Answers in each step of `STEPS_S` and one more."""
        self.longest_s: float | None = None
        self.missing = 0
        """Requests that nothing answered in time."""

    def came(self, took_s: float) -> None:
        """One answer more."""
        self.counts[bisect_left(STEPS_S, took_s)] += 1
        if self.longest_s is None or took_s > self.longest_s:
            self.longest_s = took_s

    def missed(self) -> None:
        """One more that did not come."""
        self.missing += 1
