"""What a campaign is and what it reports: one line of `proof.json` each, under the ids of the test catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

REQUIRED = (
    *(f"WI-{n:02}" for n in range(1, 12)),
    *(f"DV-{n:02}" for n in range(1, 10)),
    *("PW-01", "PW-02", "PW-03", "PW-05", "ST-01", "ST-02", "ST-04", "ST-09"),
    *("CC-01", "CC-03", "AU-09", "AP-03", "AP-08", "LC-23", "LC-24", "MQTT-KILL"),
    *("LC-10", "LC-11", "LC-12", "LC-10-SITE", "LC-11-SITE", "LC-12-SITE"),
    *("RB-02", "RB-04", "RB-06", "RB-07", "RB-08", "WWKS2-CUTS", "WWKS2-FUZZ"),
    *("AT10-DAYS", "AT10-CUTS", "AXE"),
)
"""Ids that a full run must hold; one that is missing fails the run."""


@dataclass
class Score:
    """What one campaign saw. `survived` of `tried` ended with every law true; the others count single violations."""

    tried: int = 0
    survived: int = 0
    lost: int = 0
    doubled: int = 0
    unauthorised: int = 0
    unrecorded: int = 0
    guessed: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing went wrong in anything that was tried, and something was tried."""
        wrong = self.lost + self.doubled + self.unauthorised + self.unrecorded + self.guessed
        return 0 < self.tried == self.survived and wrong == 0

    def add(self, other: Score) -> None:
        """Takes another score's figures in."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass(frozen=True)
class Campaign:
    """One row of the catalogue: `run(n)` tries n cases; `sample` is what `make test` asks for, `full` what `make proof` does."""

    id: str
    what: str
    sample: int
    full: int
    run: Callable[[int], Score]


CAMPAIGNS: dict[str, Campaign] = {}


def campaign(identity: str, what: str, *, sample: int, full: int) -> Callable[[Callable[[int], Score]], Callable[[int], Score]]:
    """Enters a function into the catalogue under `identity`."""

    def enter(run: Callable[[int], Score]) -> Callable[[int], Score]:
        if identity in CAMPAIGNS:
            raise ValueError(f"two campaigns are called {identity}")
        CAMPAIGNS[identity] = Campaign(identity, what, sample, full, run)
        return run

    return enter


def line(done: Campaign, score: Score) -> dict[str, object]:
    """One entry of `proof.json`."""
    return {"id": done.id, "what": done.what, **asdict(score), "holds": score.holds}
