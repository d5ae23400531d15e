"""A blind value: every way of reading it says nothing, and there are two ways out, by name."""

from __future__ import annotations

import copy
import json
import logging
import pickle

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from controller.formulary.blind import Blind
from controller.ledger.views.stock import StockView


class Held(BaseModel):
    """A model that holds one by mistake."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    expected: Blind[int]


def test_its_text_its_log_and_its_json_are_empty(caplog: pytest.LogCaptureFixture) -> None:
    expected = Blind(4711)
    held = Held(expected=expected)
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("expected %s %r", expected, expected)
    texts = [
        str(expected), repr(expected), f"{expected}", f"{expected:>6}", "%s" % expected, str([expected]), caplog.text,  # noqa: UP031
        str(held), held.model_dump_json(), json.dumps(held.model_dump(mode="json")), repr(vars(held)), str(ValueError(expected)),
    ]  # fmt: skip
    assert [text for text in texts if "4711" in text] == []
    assert str(expected) == ""
    assert held.model_dump_json() == '{"expected":null}'


def test_no_other_door_leads_to_it() -> None:
    expected = Blind(4711)
    for door in (lambda: expected == 4711, lambda: hash(expected), lambda: pickle.dumps(expected), lambda: copy.copy(expected)):
        with pytest.raises(TypeError):
            door()
    with pytest.raises(TypeError):
        json.dumps(expected)
    with pytest.raises(ValidationError) as told:
        Held.model_validate({"expected": 4711})
    assert told.value.error_count() == 1
    assert not hasattr(expected, "__dict__")


def test_it_can_be_compared_and_told_to_whom_it_belongs() -> None:
    expected = Blind(12)
    assert (expected.agrees(12), expected.agrees(11)) == (True, False)
    assert (expected.for_ledger(), expected.told_after(7)) == (12, 12)
    with pytest.raises(ValueError, match="no count stands"):
        expected.told_after(0)


def test_less_than_nothing_is_a_figure_to_differ_from_and_no_crash() -> None:
    stock = StockView()
    stock.pockets = {"P": {"balance": 1}}  # type: ignore[typeddict-item]  # nothing else of it is looked at
    expected = stock.expected("P", less=3)
    assert (expected.agrees(0), expected.for_ledger()) == (False, -2)
