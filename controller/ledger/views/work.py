"""Work: every pull, restock, count and pick with where it stands, and the pick lists. Folds of the entries of each kind.

The four kinds share their entries (`pull.requested`, `restock.requested`, …), so one record serves them all; what only one
kind has stands in `about` (from its request) and `result` (from its end).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from controller.ledger.port import Archive, NoArchive, Row
from controller.ledger.views.work_records import STEPS, Line, PickList, Work
from controller.machines import transaction

KINDS = ("pull", "restock", "count", "pick")
EVENTS = frozenset(transaction.Event)
LIVE = transaction.LIVE

ALL = 2**31
"""As a limit: none. Which restock of a thing counted must not depend on how many were tried."""
RECENT = 256
"""So much work that has ended stays in memory: what a screen still shows, and what is asked for again."""


class WorkView:
    """Folds `pull.*`, `restock.*`, `count.*`, `pick.*` and `pick_list.*`. Work that has ended goes into the archive in time."""

    name = "work"
    version = 5
    families = frozenset({*KINDS, "pick_list", "stock", "tote", "discrepancy"})

    def __init__(self) -> None:
        self.works: dict[str, Work] = {}
        """Live and recent work by `kind/id`; what it ended as stands in `archive`."""
        self.archive: Archive = NoArchive()
        self._leaving: dict[str, Work | None] = {}
        self.pick_lists: dict[str, PickList] = {}
        self._live: dict[str, None] = {}
        self._open: dict[str, None] = {}
        """Lists of which something is still to be picked, or was to be when they were planned last."""
        self._things: dict[str, list[str]] = {}

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in."""
        family, _, what = row.kind.partition(".")
        if row.kind in {"count.entered", "stock.picked", "stock.taken"}:
            self._note(row, what, body)
        elif row.kind == "tote.filled":
            self._filled(body)
        elif row.kind == "tote.checked":
            self._checked(body)
        elif row.kind == "pick_list.put":
            self._list(row, body)
        elif row.kind == "pick_list.planned":
            self.pick_lists[body["pick_list"]]["parts"] = list(body["parts"])
            self._weigh(body["pick_list"])
        elif row.kind in {"pick_list.cancelled", "pick_list.closed"}:
            found = self.pick_lists[body["pick_list"]]
            found["cancelled"], found["closed"] = found["cancelled"] or what == "cancelled", what == "closed"
            found["seq"] = row.seq
            self._weigh(found["id"])
        elif row.kind == "discrepancy.opened" and body["work"] is not None:
            self._found_wrong(body)
        elif family in KINDS and what == "requested":
            self._request(row, family, body)
        elif family in KINDS:
            self._step(row, family, what, body)

    def _of(self, work: Mapping[str, str]) -> Work:
        return self.works[f"{work['kind']}/{work['id']}"]

    def _found_wrong(self, body: Mapping[str, Any]) -> None:
        """A discrepancy that comes of a piece of work, which may have ended long ago."""
        key = f"{body['work']['kind']}/{body['work']['id']}"
        if key not in self.works:
            self.works[key] = cast("Work", self._ended(key))
        work = self.works[key]
        if body["discrepancy"] not in work["discrepancies"]:  # an archive may be ahead of the checkpoint before its own
            work["discrepancies"].append(body["discrepancy"])

    def _ended(self, key: str) -> Work | None:
        """Work that is no longer in `works`."""
        if (leaving := self._leaving.get(key)) is not None:
            return leaving
        ended: Work | None = self.archive.get(key)
        return ended

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
        STEPS[what](work, body)
        if what in EVENTS:
            state = transaction.RULES.after(cast("transaction.State", work["state"]), cast("transaction.Event", what))
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
            _picked(line, body)
            self._weigh(body["pick_list"])

    def _filled(self, body: Mapping[str, Any]) -> None:
        """A machine's packs for a line; what is of another item than the line's lies in the tote and serves nobody."""
        line = self.pick_lists[body["pick_list"]]["lines"].get(str(body["line"]))
        if line is not None and line["item"] == body["item"]:
            _picked(line, body)
            self._weigh(body["pick_list"])

    def _checked(self, body: Mapping[str, Any]) -> None:
        """What was not in the tote is still to be picked; the last line that had it gives it back first."""
        lines = self.pick_lists[body["pick_list"]]["lines"]
        for differs in body["differences"]:
            lacking = max(differs["expected"] - differs["found"], 0)
            for n in sorted(differs["lines"], reverse=True):
                line = lines.get(str(n))
                if line is not None and line["item"] == differs["item"]:
                    back = min(lacking, line["picked"])
                    line["picked"] -= back
                    line["lots"] = line["lots"] if line["picked"] else []
                    lacking -= back
        self._weigh(body["pick_list"])

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
                urgent=line.get("urgent", False),
                picked=old["picked"] if old else 0,
                picks=old["picks"] if old else [],
                criteria=line.get("criteria"),
                lots=old["lots"] if old else [],
                labels=line.get("labels", []),
            )
        self.pick_lists[body["pick_list"]] = PickList(
            id=body["pick_list"],
            seq=row.seq,
            first_seq=before["first_seq"] if before else row.seq,
            revision=body["revision"],
            service=row.actor,
            at=row.at,
            request_hash=body["request_hash"],
            due=body.get("due"),
            cancelled=False,
            closed=False,
            parts=before["parts"] if before else [],
            lines=lines,
        )
        self._weigh(body["pick_list"])

    def _weigh(self, id_: str) -> None:
        """Whether a plan has anything to do with it any more."""
        found = self.pick_lists[id_]
        wanted = not found["cancelled"] and not found["closed"]
        rest = any(line["refused"] is None and line["picked"] < line["quantity"] for line in found["lines"].values())
        if found["parts"] or (wanted and rest):
            self._open[id_] = None
        else:
            self._open.pop(id_, None)

    def open_lists(self) -> list[PickList]:
        """The lists that a plan is about, however many have ended."""
        return [self.pick_lists[id_] for id_ in self._open]

    def get(self, kind: str, work: str) -> Work | None:
        """The piece of work, or None."""
        key = f"{kind}/{work}"
        return self.works.get(key) or self._ended(key)

    def picks(self, line: Line) -> list[Work]:
        """The picks of a pick list's line, the first one first."""
        return [work for pick in line["picks"] if (work := self.get("pick", pick)) is not None]

    def after(self, kind: str, start: str, limit: int) -> list[Work]:
        """The work of a kind with an id above `start`, by id, at most `limit`."""
        prefix = kind + "/"
        near = (key for key in (*self.works, *self._leaving) if key.startswith(prefix) and key > prefix + start)
        keys = sorted({*near, *self.archive.keys(prefix, start, limit)})[:limit]
        found = (self.get(kind, key.removeprefix(prefix)) for key in keys)
        return [work for work in found if work is not None]

    def promised(self, but_for: str) -> dict[str, int]:
        """Units of each pocket that are promised to other lists than this one."""
        promised: dict[str, int] = {}
        for found in self.open_lists():
            for part in found["parts"] if found["id"] != but_for else ():
                if part["pocket"] is not None:
                    promised[part["pocket"]] = promised.get(part["pocket"], 0) + part["quantity"]
        return promised

    def live(self) -> list[Work]:
        """What has not ended."""
        return [self.works[key] for key in self._live]

    def restocking(self, things: Iterable[str]) -> list[Work]:
        """The restocks, whatever became of them, of any of these physical things."""
        found = dict.fromkeys(key for thing in things for key in self._restocks_of(thing))
        works = (self.get(*key.split("/", 1)) for key in found)
        return [work for work in works if work is not None]

    def _restocks_of(self, thing: str) -> Iterator[str]:
        prefix = thing + "\n"
        yield from (key.removeprefix(prefix) for key in self._leaving if key.startswith(prefix))
        yield from (key.removeprefix(prefix) for key in self.archive.keys(prefix, "", ALL))
        yield from self._things.get(thing, ())

    def counting(self, pocket: str) -> bool:
        """Whether somebody has asked to count this pocket, or to restock it, and has not given the number that stands yet."""
        return any(
            work["kind"] in {"count", "restock"} and leg["pocket"] == pocket and not any(each["final"] for each in leg["counts"])
            for work in self.live()
            for leg in work["legs"]
        )

    def put_away(self) -> Mapping[str, Any]:
        """The work that has ended, but for the recent: each by its key, and by `thing` + line feed + key what it restocked."""
        ended = sorted((key for key in self.works if key not in self._live), key=lambda key: self.works[key]["seq"])
        self._leaving = {key: self.works.pop(key) for key in ended[: max(0, len(ended) - RECENT)]}
        for key, work in tuple(self._leaving.items()):
            for thing in work["about"].get("things", ()) if work else ():
                self._things.pop(thing, None)
                self._leaving[f"{thing}\n{key}"] = None
        for key, work in self.works.items():
            self._know_things(key, work)
        return self._leaving

    def _know_things(self, key: str, work: Work) -> None:
        for thing in work["about"].get("things", ()):
            known = self._things.setdefault(thing, [])
            if key not in known:
                known.append(key)

    def dump(self) -> Any:
        """Work in memory and all lists."""
        return {"works": self.works, "pick_lists": self.pick_lists}

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""
        self.works, self.pick_lists = state["works"], state["pick_lists"]
        self._live = {key: None for key, work in self.works.items() if work["state"] in LIVE}
        self._things, self._open = {}, {}
        for id_ in self.pick_lists:
            self._weigh(id_)
        for key, work in self.works.items():
            self._know_things(key, work)


def _picked(line: Line, body: Mapping[str, Any]) -> None:
    line["picked"] += body["quantity"]
    line["lots"] = sorted({*line["lots"], *(lot["lot"] for lot in body["lots"])})
