"""Work: every pull, restock, count and pick with where it stands, and the pick lists. Folds of the entries of each kind.

The four kinds share their entries (`pull.requested`, `restock.requested`, …), so one record serves them all; what only one
kind has stands in `about` (from its request) and `result` (from its end).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypedDict

from controller.ledger.port import Row
from controller.machines import transaction

KINDS = ("pull", "restock", "count", "pick")
EVENTS = frozenset(transaction.Event)
LIVE = transaction.LIVE


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
    picked: int
    picks: list[str]


class PickList(TypedDict):
    """A list of what a pharmacy system wants picked: `lines` by number, as JSON keys are text."""

    id: str
    seq: int
    revision: int
    service: str
    at: str
    request_hash: str
    lines: dict[str, Line]


class WorkView:
    """Folds `pull.*`, `restock.*`, `count.*`, `pick.*` and `pick_list.*`."""

    name = "work"
    version = 2

    def __init__(self) -> None:
        self.works: dict[str, Work] = {}
        self.pick_lists: dict[str, PickList] = {}
        self._live: dict[str, None] = {}
        self._things: dict[str, list[str]] = {}

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        family, _, what = row.kind.partition(".")
        if row.kind in {"count.entered", "stock.picked", "stock.taken"}:
            self._note(row, what, body)
        elif row.kind == "pick_list.put":
            self._list(row, body)
        elif row.kind == "discrepancy.opened" and body["work"] is not None:
            self._of(body["work"])["discrepancies"].append(body["discrepancy"])
        elif family in KINDS and what == "requested":
            self._request(row, family, body)
        elif family in KINDS:
            self._step(row, family, what, body)

    def _of(self, work: Mapping[str, str]) -> Work:
        return self.works[f"{work['kind']}/{work['id']}"]

    def _request(self, row: Row, kind: str, body: Mapping[str, Any]) -> None:
        key = f"{kind}/{body[kind]}"
        self._live[key] = None
        for thing in body["about"].get("things", ()):
            self._things.setdefault(thing, []).append(key)
        if kind == "pick":
            self.pick_lists[body["about"]["list"]]["lines"][str(body["about"]["line"])]["picks"].append(body[kind])
        self.works[key] = Work(
            kind=kind,
            id=body[kind],
            state="authorised",
            seq=row.seq,
            asked_at=row.at,
            since=row.at,
            person=row.actor,
            session=body["session"],
            terminal=body["terminal"],
            request=dict(body["request"]),
            request_hash=body["request_hash"],
            item=body["item"],
            quantity=body["quantity"],
            about=dict(body["about"]),
            legs=[],
            at=0,
            cancelling=False,
            result={},
            problem=None,
            discrepancies=[],
        )

    def _step(self, row: Row, kind: str, what: str, body: Mapping[str, Any]) -> None:
        work = self.works[f"{kind}/{body[kind]}"]
        work["seq"] = row.seq
        _STEPS[what](work, body)
        if what in EVENTS:
            state = transaction.RULES.after(transaction.State(work["state"]), transaction.Event(what))
            if state != work["state"]:
                work["state"], work["since"] = str(state), row.at
        if work["state"] not in LIVE:
            self._live.pop(f"{kind}/{body[kind]}", None)

    def _note(self, row: Row, what: str, body: Mapping[str, Any]) -> None:
        work = self._of(body["work"])
        work["seq"] = row.seq
        leg = work["legs"][work["at"]]
        if what == "entered":
            said = {name: body[name] for name in ("phase", "attempt", "number", "verdict", "hint", "final")}
            leg["counts"].append({"seq": row.seq, **said})
        elif what == "picked":
            line = self.pick_lists[body["pick_list"]]["lines"][str(body["line"])]
            line["picked"] += body["quantity"]

    def _list(self, row: Row, body: Mapping[str, Any]) -> None:
        before = self.pick_lists.get(body["pick_list"])
        lines: dict[str, Line] = {}
        for line in body["lines"]:
            old = before["lines"].get(str(line["n"])) if before else None
            lines[str(line["n"])] = Line(
                n=line["n"],
                item=line["item"],
                quantity=line["quantity"],
                refused=line["refused"],
                picked=old["picked"] if old else 0,
                picks=old["picks"] if old else [],
            )
        self.pick_lists[body["pick_list"]] = PickList(
            id=body["pick_list"],
            seq=row.seq,
            revision=body["revision"],
            service=row.actor,
            at=row.at,
            request_hash=body["request_hash"],
            lines=lines,
        )

    def get(self, kind: str, work: str) -> Work | None:
        """The piece of work, or None."""
        return self.works.get(f"{kind}/{work}")

    def live(self) -> Iterator[Work]:
        """What has not ended."""
        return (self.works[key] for key in self._live)

    def restocking(self, things: Iterable[str]) -> list[Work]:
        """The restocks, whatever became of them, of any of these physical things."""
        found = dict.fromkeys(key for thing in things for key in self._things.get(thing, ()))
        return [self.works[key] for key in found]

    def counting(self, pocket: str) -> bool:
        """Whether somebody has asked to count this pocket, or to restock it, and has not given the number that stands yet."""
        return any(
            work["kind"] in {"count", "restock"} and leg["pocket"] == pocket and not any(each["final"] for each in leg["counts"])
            for work in self.live()
            for leg in work["legs"]
        )

    def dump(self) -> Any:
        """All work and all lists."""
        return {"works": self.works, "pick_lists": self.pick_lists}

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.works, self.pick_lists = state["works"], state["pick_lists"]
        self._live = {key: None for key, work in self.works.items() if work["state"] in LIVE}
        self._things = {}
        for key, work in self.works.items():
            for thing in work["about"].get("things", ()):
                self._things.setdefault(thing, []).append(key)


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


_STEPS = {
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
