"""Laws of belief: what the books say against what lies there and what people said. L3 once the storm has passed; I-06,
I-09 (nothing twice), I9 (blind) and I3 (witness) always."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tests.simulated.book import Book
from tests.simulated.evidence import Evidence, Row
from tests.simulated.violation import TICK, Violation


def l3(e: Evidence) -> Iterator[Violation]:
    """At rest a pocket's belief minus its truth is what nobody declared since its last count, or it is unverified; a count
    that differs opens a discrepancy of exactly that size; nothing stands in the books that nobody said."""
    book = Book()
    opened = {row.seq: row.body for row in e.of("discrepancy.opened")}
    judged = e.rest_at == float("inf")
    for row in e.ledger.rows:
        if not judged and row.at > e.rest_at:
            judged = True
            yield from _at_rest(e, book)
        if row.kind == "stock.counted" and row.body["work"]["kind"] != "opening":
            yield from _counted(e, book, row, opened)
        elif row.kind in {"stock.taken", "stock.picked", "stock.loaded"}:
            yield from _said(e, row)
        book.apply(row)
    if e.rest_at == float("inf"):
        return
    for pocket, lies in e.lies_in.items():
        if pocket not in book.unverified and book.balance.get(pocket, 0) != lies and _counted_since(e, book, pocket):
            believed = book.balance[pocket]
            yield Violation("L3", e.ended_at, f"{pocket} was counted at rest; the books say {believed}, and {lies} lie there")


def _counted_since(e: Evidence, book: Book, pocket: str) -> bool:
    last = book.last_count.get(pocket)
    return last is not None and last.at > e.rest_at


def _counted(e: Evidence, book: Book, row: Row, opened: Mapping[int, Any]) -> Iterator[Violation]:
    body, pocket = row.body, row.body["pocket"]
    work = (body["work"]["kind"], body["work"]["id"])
    expected, delta = book.balance[pocket], body["counted"] - book.balance[pocket]
    if (body["expected"], body["delta"]) != (expected, delta):
        told = f"{body['expected']} ({body['delta']:+})"
        yield Violation("L3", row.at, f"row {row.seq}: the books of {pocket} say {expected}, the count compares with {told}")
    if not any(did.number == body["counted"] and did.work == work and did.pocket == pocket for did in e.did):
        yield Violation("L3", row.at, f"row {row.seq}: nobody said that {body['counted']} lie in {pocket}")
    found = opened.get(row.seq + 1)  # in the same commit, or not at all
    found = found if found is not None and found["pocket"] == pocket else None
    if (found is not None) is not (delta != 0):
        yield Violation("L3", row.at, f"row {row.seq}: a count of {pocket} differs by {delta:+} and its discrepancy is {found}")
    elif found is not None and (found["expected"], found["counted"], found["delta"]) != (expected, body["counted"], delta):
        yield Violation("L3", row.at, f"row {row.seq}: the discrepancy of {pocket} is not {delta:+}: {found}")


def _said(e: Evidence, row: Row) -> Iterator[Violation]:
    body = row.body
    moved = body["quantity"] if row.kind == "stock.loaded" else -body["quantity"]
    work = (body["work"]["kind"], body["work"]["id"])
    said = [did.said for did in e.did if did.work == work and did.pocket == body["pocket"] and did.number is None]
    if moved not in said:
        yield Violation("L3", row.at, f"row {row.seq}: {moved:+} at {body['pocket']} by {work}, and its person said {said}")


def _at_rest(e: Evidence, book: Book) -> Iterator[Violation]:
    for pocket, drawer in e.pockets.items():
        if pocket not in book.balance or pocket in book.unverified or drawer in e.lying:
            continue
        gap = book.balance[pocket] - _truth(e, pocket, e.rest_at)
        declared = _undeclared(e, book.last_count[pocket], pocket)
        if gap != declared:
            what = (
                f"{pocket} is believed to hold {gap:+} beside the truth, of which {declared:+} is what people did and did not say"
            )
            yield Violation("L3", e.rest_at, what)


def _truth(e: Evidence, pocket: str, at: float) -> int:
    after = [edge for edge in e.edges if edge.pocket == pocket and edge.at > at]
    put = sum(edge.quantity or 0 for edge in after if edge.what == "put")
    taken = sum(edge.quantity or 0 for edge in after if edge.what == "taken")
    return e.lies_in[pocket] - put + taken


def _undeclared(e: Evidence, count: Row, pocket: str) -> int:
    """The belief's surplus that people are to blame for: a miscount, and everything moved and not meant to be said since."""
    work = (count.body["work"]["kind"], count.body["work"]["id"])
    here = [did for did in e.did if did.pocket == pocket and did.at <= e.rest_at]
    since, wrong = 0, 0
    for place, did in enumerate(here):
        if did.number == count.body["counted"] and did.work == work and did.lies is not None and did.at <= count.at + TICK:
            since, wrong = place + 1, did.number - did.lies
    return wrong - sum(did.moved - did.said for did in here[since:])


def i09(e: Evidence) -> Iterator[Violation]:
    """Nothing is promised twice, nothing is negative, nobody is at a pocket where somebody is."""
    book = Book()
    for row in e.ledger.rows:
        book.apply(row)
        if row.kind.endswith(".reserved"):
            for part in row.body["allocations"]:
                promised = sum(parts.get(part["pocket"], 0) for parts in book.reserved.values())
                if promised > book.balance.get(part["pocket"], 0):
                    have = book.balance.get(part["pocket"], 0)
                    yield Violation(
                        "I-09", row.at, f"row {row.seq}: {promised} are promised of {part['pocket']}, which holds {have}"
                    )
        elif row.kind.endswith(".accessing"):
            here = [work for work, pocket in book.at.items() if pocket == row.body["pocket"]]
            if len(here) > 1:
                yield Violation("I-09", row.at, f"row {row.seq}: {here} are at {row.body['pocket']} at once")
    for pocket, least in book.least.items():
        if least < 0:
            yield Violation("I-09", e.ended_at, f"{pocket} was believed to hold {least}")


def i06(e: Evidence) -> Iterator[Violation]:
    """One id, one work, one effect: the same PUT again does nothing again."""
    seen: set[tuple[str, ...]] = set()
    for row in e.ledger.rows:
        family, _, what = row.kind.partition(".")
        key: tuple[str, ...] | None = None
        if what == "requested" and family in row.body:
            key = ("requested", family, row.body[family])
        elif row.kind in {"stock.taken", "stock.picked", "stock.loaded"}:
            key = (row.kind, str(row.body["work"]), row.body["pocket"])
        elif row.kind == "drawer.unlock_intended" and row.body["purpose"]["kind"] != "recovery":
            key = (row.kind, str(row.body["purpose"]), str(row.body["pockets"]))
        if key is not None and key in seen:
            yield Violation("I-06", row.at, f"row {row.seq}: {' '.join(key)} a second time")
        if key is not None:
            seen.add(key)


_FIGURE = re.compile(r"(?<![\w.])\d{5}(?![\w.])")
NEAR = 1000
"""No night moves more of a secret pocket: a figure so near to what it held at first is its own."""


def i9(e: Evidence) -> Iterator[Violation]:
    """Blind: nobody who counts is told a secret pocket's figure before having said it."""
    known: dict[str, set[str]] = defaultdict(set)
    held = [row.body["counted"] for row in e.of("stock.counted")[: len(e.pockets)] if row.body["pocket"] in e.secret]
    for told in e.told:
        if told.asked is not None:
            known[told.person].update(_FIGURE.findall(str(dict(told.asked))))
        for figure in set(_FIGURE.findall(told.text)) - known[told.person]:
            if any(abs(int(figure) - was) < NEAR for was in held) and told.path not in {"/v1/sessions", "/v1/witnesses"}:
                yield Violation("I9", told.at, f"{told.person} was told {figure} by {told.method} {told.path}")


def i3(e: Evidence) -> Iterator[Violation]:
    """A witness is another person, who signed before."""
    signed = {row.body["grant"]: row.body["person"] for row in e.of("witness.granted")}
    used: list[str] = []
    for row in e.of("witness.used", "discrepancy.resolved"):
        if row.kind == "witness.used":
            if row.body["grant"] not in signed or row.body["grant"] in used:
                yield Violation("I3", row.at, f"row {row.seq}: grant {row.body['grant']} was not given, or was used before")
            used.append(row.body["grant"])
        elif row.body["by"] == row.body["witness"]:
            yield Violation("I3", row.at, f"row {row.seq}: {row.body['by']} is the witness of a resolution of their own")
    if sum(row.kind == "discrepancy.resolved" for row in e.of("discrepancy.resolved")) > len(used):
        yield Violation("I3", e.ended_at, "more was resolved than witnessed")
