"""The robots' view: rows in, stock and orders out, laid down and taken up again."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from controller.ledger.port import Row
from controller.ledger.views.robots import RECENT, RobotsView
from controller.machines.table import IllegalEvent

TODAY = datetime.date(2031, 3, 1)
R = {"robot": "R1"}


class Book:
    """A view that rows are given to by kind and body."""

    def __init__(self) -> None:
        self.view, self.seq = RobotsView(), 0

    def add(self, kind: str, **body: Any) -> None:
        self.seq += 1
        row = Row(self.seq, 1, f"2031-03-01T06:00:{self.seq % 60:02}Z", "system", "x", f"robot.{kind}", 1, b"", b"", b"")
        self.view.apply(row, {**R, **body})

    def order(self, pick: str, packs: int = 2, item: str = "A") -> None:
        self.add(
            "pick_intended", pick=pick, item=item, packs=packs, output=1, box=None, priority="normal",
            purpose={"kind": "list", "id": "1"}, person="p", session="s",
        )  # fmt: skip


def held(expiry: str | None = "2032-01-31", standing: str = "", lot: str = "L") -> list[Any]:
    return [lot, expiry, None, None, standing]


def out(*packs: str, item: str = "A") -> list[dict[str, Any]]:
    none = dict.fromkeys(("lot", "expiry", "serial", "units", "output", "box"))
    return [{"pack": pack, "item": item, **none} for pack in packs]


def test_free_leaves_out_what_is_expired_uncertain_held_unknown_or_promised() -> None:
    book = Book()
    stock = {
        "1": held(), "2": held("2031-03-01"), "3": held(None), "4": held(standing="uncertain"), "5": held(standing="held"),
        "6": held("2031-06-30", lot="K"), "7": held(standing="unavailable"), "8": held(),
    }  # fmt: skip
    book.add("stock_seen", stock={"A": stock})
    assert book.view.free("R1", "A", TODAY) == 3
    assert [(lot["lot"], lot["quantity"]) for lot in book.view.free_lots("R1", "A", TODAY)] == [("K", 1), ("L", 2)]
    book.order("1000001")
    assert book.view.free("R1", "A", TODAY) == 1
    book.add("pick_queued", pick="1000001")
    book.add("pick_in_process", pick="1000001", out=out("1"), boxes=["B1"])
    assert book.view.free("R1", "A", TODAY) == 1
    book.add("pick_ended", pick="1000001", end="incomplete", out=out("1", "6"), boxes=["B1", "B2"])
    pick = book.view.pick("R1", "1000001")
    assert pick is not None
    assert ([one["pack"] for one in pick["out"]], pick["boxes"]) == (["1", "6"], ["B1", "B2"]), "each once"
    assert book.view.free("R1", "A", TODAY) == 1
    assert book.view.free("R2", "A", TODAY) == book.view.free("R1", "B", TODAY) == 0
    book.add("stock_uncertain", items=["A", "Z"], reason="stopped")
    assert book.view.free("R1", "A", TODAY) == 0
    book.add("stock_seen", stock={"A": {"8": held()}})
    assert book.view.free("R1", "A", TODAY) == 1


def test_what_is_missing_under_an_order_in_doubt_is_suspected_once() -> None:
    book = Book()
    book.add("stock_seen", stock={"A": {str(n): held() for n in range(1, 6)}})
    book.order("1000001")
    book.add("pick_silent", pick="1000001", reason="no-reply")
    book.add("pick_in_doubt", pick="1000001", reason="not-found")
    assert book.view.free("R1", "A", TODAY) == 3
    book.add("stock_differs", item="A", expected=5, told=4, appeared={}, missing=["2"], picks=["1000001"])
    assert book.view.free("R1", "A", TODAY) == 3, "four are left, and one may still come out"
    book.add("pick_settled", pick="1000001", by="tech", note="one lay there", out=out("2"), lost=[])
    assert book.view.free("R1", "A", TODAY) == 4
    with pytest.raises(IllegalEvent):
        book.add("pick_settled", pick="1000001", by="tech", note="again", out=[], lost=[])


def test_packs_are_looked_for_under_any_item_and_an_empty_item_goes() -> None:
    book = Book()
    book.add("stock_seen", stock={"A": {"1": held()}})
    book.add("output_unasked", pick="1", out=[*out("1", item="other"), *out("9")], ours=False)
    assert book.view.robots["R1"]["stock"] == {}
    book.view.apply(Row(99, 1, "", "system", "x", "station.started", 1, b"", b"", b""), {})


def test_ids_are_given_once_over_every_incarnation() -> None:
    book = Book()
    assert book.view.next_order(1) == "1000001"
    book.order("1000001")
    assert book.view.next_order(1) == "1000002"
    assert book.view.next_order(2) == "2000001", "a copy put back may have lost ids that were given"
    book.order("2000001")
    assert book.view.next_order(1) == "2000002"


def test_orders_that_have_ended_leave_memory_and_are_found_again() -> None:
    book = Book()
    book.order("1000001")
    for n in range(2, RECENT + 10):
        book.order(str(1_000_000 + n))
        book.add("pick_rejected", pick=str(1_000_000 + n))
    gone = book.view.put_away()
    assert len(gone) == 8
    view = RobotsView()
    view.load(json.loads(json.dumps(book.view.dump())))
    assert [pick["order"] for pick in view.live("R1")] == ["1000001"]

    class Archive:
        def get(self, key: str) -> Any:
            return gone.get(key)

        def keys(self, prefix: str, after: str, limit: int) -> list[str]:
            return sorted(key for key in gone if key.startswith(prefix) and key > prefix + after)[:limit]

    view.archive = Archive()
    assert view.pick("R1", "1000002") == book.view.pick("R1", "1000002") is not None
    assert [pick["order"] for pick in view.after("R1", "", 3)] == ["1000001", "1000002", "1000003"]
