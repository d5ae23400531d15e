"""The gantries' view: rows in, tray and orders out, laid down and taken up again."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from controller.ledger.port import Row
from controller.ledger.views.gantries import GantriesView
from controller.ledger.views.gantry_records import GIVEN, LOST, front, may_give, those
from controller.ledger.views.robots import RECENT
from controller.ledger.views.stock import Pocket
from controller.machines.table import IllegalEvent

TODAY = datetime.date(2031, 3, 1)
LOTS = [{"lot": "L", "expiry": "2032-01-31", "quantity": 10}]


class Book:
    """A view that rows are given to by kind and body."""

    def __init__(self) -> None:
        self.view, self.seq = GantriesView(), 0

    def add(self, kind: str, **body: Any) -> None:
        self.seq += 1
        row = Row(self.seq, 1, f"2031-03-01T06:00:{self.seq % 60:02}Z", "system", "x", f"gantry.{kind}", 1, b"", b"", b"")
        self.view.apply(row, {"gantry": "arm", **body})

    def order(self, order: str, packs: int = 2) -> None:
        self.add(
            "order_intended", order=order, item="A", packs=packs, pack=10, unit="tablet", urgent=False,
            purpose={"kind": "fill", "tote": "T"}, person="p", session="s", terminal=None,
        )  # fmt: skip

    def fetched(self, order: str, fetch: str, tray: int) -> None:
        self.add("fetch_intended", order=order, fetch=fetch, pocket="S-1", tray=tray, lots=LOTS)
        self.add("fetched", order=order, fetch=fetch)


def test_a_pack_is_promised_then_in_the_tray_then_in_the_tote() -> None:
    book = Book()
    book.order("1000001")
    assert book.view.promised("arm", "A") == 2
    book.fetched("1000001", "1", 1)
    assert book.view.promised("arm", "A") == 1
    assert [(order["order"], fetch["tray"]) for order, fetch in book.view.in_tray("arm")] == [("1000001", 1)]
    assert book.view.idle("arm") == []
    book.add("hand_over_intended", packs=[["1000001", "1"]], tote="T", at="here")
    book.add("not_handed_over", reason="gantry-not-homed")
    book.add("handed_over", packs=[["1000001", "1"]], tote="T")
    assert list(book.view.in_tray("arm")) == []
    assert [order["order"] for order in book.view.idle("arm")] == ["1000001"]
    book.add("order_ended", order="1000001", end="incomplete", reason="no-pack")
    assert (book.view.live("arm"), book.view.promised("arm", "A")) == ([], 0)
    with pytest.raises(IllegalEvent):
        book.add("order_ended", order="1000001", end="incomplete", reason="again")


def test_a_doubt_keeps_its_tray_places_until_a_person_has_said_what_lies_where() -> None:
    book = Book()
    book.order("1000001", 3)
    book.fetched("1000001", "1", 1)
    book.add("fetch_intended", order="1000001", fetch="2", pocket="S-1", tray=2, lots=LOTS)
    assert book.view.gantries["arm"]["act"] == [["1000001", "2"]]
    book.add("in_doubt", packs=[["1000001", "2"]], reason="dropped")
    assert [fetch["tray"] for _, fetch in book.view.in_tray("arm")] == [1, 2]
    assert book.view.promised("arm", "A") == 1
    again = GantriesView()
    again.load(json.loads(json.dumps(book.view.dump())))
    assert [order["order"] for order in again.doubtful("arm")] == ["1000001"]
    book.add("order_settled", order="1000001", by="tess", note="one", in_tote=["1"], lost=["2"])
    order = book.view.order("arm", "1000001")
    assert order is not None
    assert [fetch["fetch"] for fetch in those(order, GIVEN)] == ["1"]
    assert [fetch["fetch"] for fetch in those(order, LOST)] == ["2"]
    assert (order["by"], list(book.view.in_tray("arm"))) == ("tess", [])


def test_orders_that_have_ended_leave_memory_and_are_found_again() -> None:
    book = Book()
    book.order("1000001")
    for n in range(2, RECENT + 10):
        book.order(str(1_000_000 + n))
        book.add("order_ended", order=str(1_000_000 + n), end="incomplete", reason="no-pack")
    gone = book.view.put_away()
    assert len(gone) == 8
    view = GantriesView()
    view.load(json.loads(json.dumps(book.view.dump())))
    assert [order["order"] for order in view.live("arm")] == ["1000001"]

    class Archive:
        def get(self, key: str) -> Any:
            return gone.get(key)

        def keys(self, prefix: str, after: str, limit: int) -> list[str]:
            return sorted(key for key in gone if key.startswith(prefix) and key > prefix + after)[:limit]

    view.archive = Archive()
    assert view.order("arm", "1000002") == book.view.order("arm", "1000002") is not None
    assert [order["order"] for order in view.after("arm", "", 3)] == ["1000001", "1000002", "1000003"]
    assert view.next_order(2) == "2000001", "a copy put back may have lost ids that were given"
    view.apply(Row(99, 1, "", "system", "x", "station.started", 1, b"", b"", b""), {})


@pytest.mark.parametrize(
    ("lots", "unverified", "packs"),
    [
        ([("L", "2032-01-31", 25)], None, 2),
        ([("L", "2032-01-31", 20), ("K", "2032-01-31", 20)], None, 0),
        ([("L", "2032-01-31", 20)], "not-picked", 0),
        ([("L", "2031-03-01", 20)], None, 0),
        ([("", None, 20)], None, 0),
        ([], None, 0),
    ],
    ids=["an opened pack is none", "two lots", "not counted", "expired", "nobody knows when", "empty"],
)
def test_only_full_packs_of_one_known_lot_are_given(
    lots: list[tuple[str, str | None, int]], unverified: str | None, packs: int
) -> None:
    lying = [{"lot": lot, "expiry": expiry, "quantity": quantity} for lot, expiry, quantity in lots]
    pocket = Pocket(
        pocket="S-1", drawer="arm", item="A", capacity=50, par=0, balance=0, lots=lying, unverified=unverified,  # type: ignore[typeddict-item]
        seq=0, touched=0, good=0, counted=0, good_at=None,
    )  # fmt: skip
    assert may_give(pocket, 10, TODAY) == packs
    assert (front(pocket) is not None) == (len(lots) == 1 and unverified is None)
