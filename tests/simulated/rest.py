"""Laws of rest: what is shown and what has ended once the storm has passed (L4, L6), and no outcome without evidence (I-08)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from tests.simulated.book import live_works
from tests.simulated.evidence import Evidence
from tests.simulated.motion import states
from tests.simulated.violation import TICK, Violation

SHOWN_S = 1.2
"""L4: two looks that agree, half a second apart, with their answers."""
UNSEEN_S = 2.5
"""I-08: an opening shorter than this may be seen by nobody: a board that is silent for longer is said to be offline."""


def l4(e: Evidence) -> Iterator[Violation]:
    """An open drawer is not shown locked for longer than the bound."""
    if e.rest_at == float("inf"):
        return
    opened: dict[str, float] = {}
    for edge in e.edges:
        if edge.what == "opened":
            opened[edge.drawer] = edge.at
        elif edge.what == "shut" and edge.drawer in opened:
            yield from _shown_locked(e, edge.drawer, opened.pop(edge.drawer), edge.at)
    for drawer, at in opened.items():
        yield from _shown_locked(e, drawer, at, e.ended_at)


def _shown_locked(e: Evidence, drawer: str, opened_at: float, shut_at: float) -> Iterator[Violation]:
    since = max(opened_at, e.rest_at) + SHOWN_S
    if since >= shut_at:
        return
    rows = states(e)[drawer]
    place = bisect_right([row.at for row in rows], since)
    shown = ([rows[place - 1]] if place else []) + [row for row in rows[place:] if row.at < shut_at]
    for row in shown:
        if row.kind == "drawer.locked":
            yield Violation(
                "L4", since, f"{drawer} was open from {opened_at:.3f} to {shut_at:.3f}, and row {row.seq} shows it locked"
            )
            return
    for told in e.told:
        if told.method == "GET" and told.path == "/v1/drawers" and since < told.at < shut_at and told.status == 200:
            for item in told.body["items"]:
                if item["id"] == drawer and item["state"] == "locked":
                    yield Violation("L4", told.at, f"{told.person} was shown {drawer} as locked, open since {opened_at:.3f}")


_UNSETTLED = frozenset({f"drawer.{name}" for name in ("unlocked", "opened", "ajar", "closing", "offline", "unknown")}) | {
    "drawer.unlock_intended"
}


def l6(e: Evidence) -> Iterator[Violation]:
    """Every work ends within its bound and every intent is closed; every drawer is locked, or held for a named person."""
    rest = [row for row in e.ledger.rows if row.at <= e.rest_at]
    if e.rest_at == float("inf"):
        return
    for (kind, name), row in live_works(rest).items():
        yield Violation("L6", e.rest_at, f"{kind} {name} of {row.at:.3f} has not ended")
    open_ = {row.body["intent"]: row for row in rest if row.kind == "drawer.unlock_intended"}
    for row in rest:
        if row.kind == "drawer.intent_closed":
            open_.pop(row.body["intent"], None)
    for intent, row in open_.items():
        yield Violation("L6", e.rest_at, f"intent {intent} of {row.at:.3f} was never closed")
    for drawer in e.places:
        said = [row for row in states(e)[drawer] if row.at <= e.rest_at]
        if not said or said[-1].kind in _UNSETTLED:
            yield Violation("L6", e.rest_at, f"{drawer} is shut and calm, and last said {said[-1].kind if said else 'nothing'}")


def i08(e: Evidence) -> Iterator[Violation]:
    """No outcome without evidence: what is called opened was open, and what is called not opened was not (for longer than
    a board may be silent)."""
    asked = {row.body["intent"]: row for row in e.of("drawer.unlock_intended")}
    for row in e.of("drawer.intent_closed"):
        drawer, outcome, since = row.body["drawer"], row.body["outcome"], asked[row.body["intent"]].at
        if drawer in e.lying or outcome not in {"opened", "not_opened", "refused"}:
            continue
        longest = _open_for(e, drawer, since, row.at + TICK)
        if longest == 0 if outcome == "opened" else longest > UNSEEN_S:
            how = f"{outcome} ({row.body['evidence']}); it was open for {longest:.3f} s"
            yield Violation("I-08", row.at, f"intent of {since:.3f} at {drawer} is called {how}")


def _open_for(e: Evidence, drawer: str, since: float, until: float) -> float:
    """For how long a drawer stood open without a break between two moments, at most; a moment at the end counts as one."""
    longest, opened_at = 0.0, None
    for edge in e.edges:
        if edge.drawer == drawer and edge.at <= until:
            if edge.what == "opened":
                opened_at = edge.at
            elif edge.what == "shut" and opened_at is not None:
                longest = max(longest, edge.at - max(opened_at, since))
                opened_at = None
    return longest if opened_at is None else max(longest, until - max(opened_at, since))
