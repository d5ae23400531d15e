"""The master check on a pack at a robot's belt, rule by rule."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from controller.formulary.doses import Amount
from controller.formulary.items import Item
from controller.policy import pack_input
from drivers.robot_facts import AskedPack, InputAsked, InputRuling

TODAY = datetime.date(2031, 3, 1)
COLD = "00399001001018"
WARM = "00399001000011"
ITEMS = {
    gtin: Item(id_, id_, Amount(Decimal(1), "mg"), "tablet", "tablet", (gtin,), "none", False, refrigerated=id_ == "cold")
    for gtin, id_ in ((WARM, "warm"), (COLD, "cold"))
}
FULL = f"01{WARM}17320331" + "10L1\x1d21S1"


def asked(*packs: AskedPack) -> InputAsked:
    return InputAsked(robot="R1", epoch=1, at=0.0, input="501", source=40, article=None, packs=packs)


def ruled(code: str, serials: frozenset[str] = frozenset(), **about: Any) -> tuple[InputRuling, str]:
    verdict = pack_input.rule(asked(AskedPack(index=0, scan_code=code, **about)), ITEMS.get, lambda _: serials, TODAY)
    return verdict.rulings[0].ruling, verdict.reasons[0]


@pytest.mark.parametrize(
    ("code", "about", "ruling", "reason"),
    [
        (FULL, {}, InputRuling.ALLOWED, ""),
        (f"01{COLD}1732033110L1", {}, InputRuling.ALLOWED_FOR_FRIDGE, ""),
        ("nothing", {}, InputRuling.REJECTED, "code-unreadable"),
        ("", {}, InputRuling.REJECTED, "code-unreadable"),
        ("01003990019999951732033110L1", {}, InputRuling.REJECTED, "unknown-item"),
        ("1732033110L1", {}, InputRuling.REJECTED, "unknown-item"),
        (f"01{WARM}1731030110L1", {}, InputRuling.REJECTED, "expired"),
        (f"01{WARM}10L1", {}, InputRuling.NO_EXPIRY, "no-expiry"),
        (f"01{WARM}10L1", {"expiry": datetime.date(2032, 3, 31)}, InputRuling.ALLOWED, ""),
        (f"01{WARM}10L1", {"expiry": datetime.date(2030, 3, 31)}, InputRuling.REJECTED, "expired"),
        (f"01{WARM}17320331", {}, InputRuling.NO_BATCH, "no-batch"),
        (f"01{WARM}17320331", {"batch": "L9"}, InputRuling.ALLOWED, ""),
        (FULL, {"batch": "L2"}, InputRuling.REJECTED, "code-says-otherwise"),
        (FULL, {"expiry": datetime.date(2033, 3, 31)}, InputRuling.REJECTED, "code-says-otherwise"),
        (FULL, {"serial": "S2"}, InputRuling.REJECTED, "code-says-otherwise"),
        (FULL, {"batch": "L1", "serial": "S1"}, InputRuling.ALLOWED, ""),
        (WARM, {"batch": "L1", "expiry": datetime.date(2032, 3, 31)}, InputRuling.ALLOWED, ""),
    ],
)
def test_each_rule(code: str, about: dict[str, Any], ruling: InputRuling, reason: str) -> None:
    assert ruled(code, **about) == (ruling, reason)


def test_a_serial_number_is_in_a_robot_once() -> None:
    assert ruled(FULL, frozenset({"S1"})) == (InputRuling.REJECTED, "serial-is-in-the-robot")
    both = pack_input.rule(
        asked(AskedPack(index=0, scan_code=FULL), AskedPack(index=1, scan_code=FULL)), ITEMS.get, lambda _: frozenset(), TODAY
    )
    assert both.reasons == ("", "serial-is-in-the-robot")
    assert both.allowed


def test_all_packs_of_an_input_are_of_one_item() -> None:
    other = AskedPack(index=1, scan_code=f"01{COLD}1732033110L1")
    verdict = pack_input.rule(asked(AskedPack(index=0, scan_code=FULL), other), ITEMS.get, lambda _: frozenset(), TODAY)
    assert verdict.item is ITEMS[WARM]
    assert verdict.reasons == ("", "another-item")


def test_what_is_ruled_is_told_with_all_that_was_read() -> None:
    question = asked(AskedPack(index=3, scan_code=FULL))
    (told,) = pack_input.told(pack_input.rule(question, ITEMS.get, lambda _: frozenset(), TODAY), question)
    assert told == {
        "index": 3,
        "scan_code": FULL,
        "lot": "L1",
        "expiry": "2032-03-31",
        "serial": "S1",
        "ruling": "allowed",
        "reason": "",
    }
    refused = pack_input.refused(question, "robot-not-ready")
    assert (refused.allowed, refused.rulings[0].index, refused.rulings[0].text) == (False, 3, "robot not ready")
