"""The stock view's own index: which pockets hold an item, after assignments and from a checkpoint."""

from __future__ import annotations

from controller.ledger.port import Row
from controller.ledger.views.stock import StockView


def assign(view: StockView, pocket: str, item: str | None) -> None:
    """One `pocket.assigned`, folded."""
    row = Row(1, 1, "2026-01-01T00:00:00.000000Z", "system", "ada", "pocket.assigned", 1, b"{}", b"", b"")
    view.apply(row, {"pocket": pocket, "drawer": pocket[:4], "item": item, "capacity": 10, "par": 4})


def holding(view: StockView, item: str) -> list[str]:
    """The pockets that hold it, by id."""
    return [pocket["pocket"] for pocket in view.holding(item)]


def test_a_pocket_that_is_given_to_another_item_holds_the_first_no_more() -> None:
    view = StockView()
    for pocket in ("D-01-1", "D-01-2", "D-02-1"):
        assign(view, pocket, "senna-8")
    assert holding(view, "senna-8") == ["D-01-1", "D-01-2", "D-02-1"]
    assign(view, "D-01-2", "warfarin-5")
    assert (holding(view, "senna-8"), holding(view, "warfarin-5")) == (["D-01-1", "D-02-1"], ["D-01-2"])
    assign(view, "D-02-1", None)
    assert holding(view, "senna-8") == ["D-01-1"]
    assert holding(view, "morphine-10") == []


def test_a_checkpoint_brings_its_own_pockets() -> None:
    view, other = StockView(), StockView()
    assign(view, "D-01-1", "senna-8")
    assign(other, "D-09-1", "senna-8")
    assert holding(view, "senna-8") == ["D-01-1"]
    view.load(other.dump())
    assert holding(view, "senna-8") == ["D-09-1"]
