"""The judge of a day: truth and both ledgers, step by step and at the end; and that no line got more than it wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.journey.journey import Journey


def judge(day: Journey) -> Iterator[tuple[str, str]]:
    """Every law that was broken, and how: LOST, DOUBLED, UNMARKED."""
    for step, items in day.wrong:
        for item, (truth, books) in items.items():
            yield "UNMARKED", f"after {step}: {item} is {truth}, the books say {books}, and nobody is told to look"
    truth, books = day.all.truth(), day.all.books()
    records = [record for node in (day.pharmacy, day.ward) for record in node.world.books.discrepancies.all.values()]
    for item in (truth.keys() | books.keys()) - {"None"}:
        deltas = [record["delta"] for record in records if record["item"] == item]
        more, less = sum(-delta for delta in deltas if delta < 0), sum(delta for delta in deltas if delta > 0)
        if not -less <= truth[item] - books[item] <= more:
            law = "LOST" if truth[item] < books[item] else "DOUBLED"
            yield law, f"at the end {item} is {truth[item]}, the books say {books[item]}, discrepancies say {deltas}"
    yield from _more_than_wanted(day)


def _more_than_wanted(day: Journey) -> Iterator[tuple[str, str]]:
    wanted = {line["item"]: line["quantity"] for line in day.lines}
    given: Counter[str] = Counter()
    for kind, body in day.pharmacy.world.rows("tote.filled", "stock.picked", "tote.checked"):
        if kind != "tote.checked":
            given[body["item"]] += body["quantity"]
            continue
        for differs in body["differences"]:
            given[differs["item"]] -= max(differs["expected"] - differs["found"], 0)
    for item, units in given.items():
        if units > wanted.get(item, 0):
            yield "DOUBLED", f"{units} of {item} were put into totes, and {wanted.get(item, 0)} were wanted"
