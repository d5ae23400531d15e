"""What a piece of work and a pick list are in the books, and what each entry changes in a piece of work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict


class Leg(TypedDict):
    """One pocket of a piece of work: how much is asked of it, and what happened there."""

    pocket: str
    drawer: str
    quantity: int
    state: str
    """`waiting`, `accessing`, `done` or `skipped`."""
    intent: str | None
    declared: int | None
    """What the person said was taken, or put in."""
    counts: list[dict[str, Any]]
    """Each number the person keyed: `{seq, phase, attempt, number, verdict, hint, final}`."""
    wrong: str | None
    """The code that was scanned and does not belong here, until it is put back."""


class Work(TypedDict):
    """One piece of work. `seq` is its last change, `since` the time of its last change of state."""

    kind: str
    id: str
    state: str
    seq: int
    asked_at: str
    since: str
    person: str
    session: str
    terminal: str
    request: dict[str, Any]
    request_hash: str
    item: str
    quantity: int
    about: dict[str, Any]
    legs: list[Leg]
    at: int
    """Which leg is being worked."""
    cancelling: bool
    result: dict[str, Any]
    problem: dict[str, Any] | None
    discrepancies: list[str]


class Line(TypedDict):
    """One line of a pick list: `picked` so far, by which picks; `refused` says why it never will be."""

    n: int
    item: str
    quantity: int
    refused: str | None
    urgent: bool
    picked: int
    picks: list[str]
    criteria: dict[str, Any] | None
    """`expires_from`, `lot` and `one_lot`: which lots will do; None: every one."""
    lots: list[str]
    """Of what was picked so far."""
    labels: list[dict[str, str]]
    """`template` and `data` of each label that every pack of it is to bear."""


class Promise(TypedDict):
    """Units that are promised to line `n` of a list. `drawer` is what holds them; a robot knows best where in it they are."""

    n: int
    pocket: str | None
    drawer: str
    quantity: int
    lot: NotRequired[str]
    """The lot that it is to be of, where the line wants one."""


class PickList(TypedDict):
    """A list of what a pharmacy system wants picked: `lines` by number, as JSON keys are text."""

    id: str
    seq: int
    first_seq: int
    """The row that took its first revision in: lists are served by it."""
    revision: int
    service: str
    at: str
    request_hash: str
    due: str | None
    """When it is to be ready, where it says so: until then all others go first."""
    cancelled: bool
    closed: bool
    """Nothing more of it is picked; what was picked goes its way."""
    parts: list[Promise]
    """From where what is still to be picked is to be picked; what it lacks nobody has."""
    lines: dict[str, Line]


def _reserved(work: Work, body: Mapping[str, Any]) -> None:
    for part in body["allocations"]:
        leg = Leg(
            pocket=part["pocket"],
            drawer=part["drawer"],
            quantity=part["quantity"],
            state="waiting",
            intent=None,
            declared=None,
            counts=[],
            wrong=None,
        )
        work["legs"].append(leg)


def _accessing(work: Work, body: Mapping[str, Any]) -> None:
    work["at"] = next(n for n, leg in enumerate(work["legs"]) if leg["pocket"] == body["pocket"])
    leg = work["legs"][work["at"]]
    leg["state"], leg["intent"] = "accessing", body["intent"]


def _entered(work: Work, body: Mapping[str, Any]) -> None:
    work["legs"][work["at"]]["declared"] = body["quantity"]


def _scanned(work: Work, body: Mapping[str, Any]) -> None:
    work["legs"][work["at"]]["wrong"] = body["code"] if body["verdict"] == "wrong" else None


def _pocket_done(work: Work, body: Mapping[str, Any]) -> None:
    leg = work["legs"][work["at"]]
    leg["state"], leg["declared"] = "done", body["quantity"]


def _skipped(work: Work, body: Mapping[str, Any]) -> None:
    leg = next(leg for leg in work["legs"] if leg["pocket"] == body["pocket"])
    leg["state"] = "skipped"
    work["problem"] = {"code": body["code"], "facts": body["facts"]}


def _cancelling(work: Work, body: Mapping[str, Any]) -> None:
    work["cancelling"] = True


def _ended(work: Work, body: Mapping[str, Any]) -> None:
    work["result"] = {name: value for name, value in body.items() if name != work["kind"]}
    if "code" in body:
        work["problem"] = {"code": body["code"], "facts": body["facts"]}


def _nothing(work: Work, body: Mapping[str, Any]) -> None:
    """A change of state alone."""


STEPS = {
    "reserved": _reserved,
    "accessing": _accessing,
    "counting": _nothing,
    "entered": _entered,
    "scanned": _scanned,
    "pocket_done": _pocket_done,
    "skipped": _skipped,
    "cancelling": _cancelling,
    "committed": _ended,
    "cancelled": _ended,
    "failed": _ended,
    "in_doubt": _ended,
}
