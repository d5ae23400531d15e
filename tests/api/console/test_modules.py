"""The modules of the finger devices, read as text: small, wordless, and of this project alone."""

from __future__ import annotations

import re

import pytest

from tests.api.console.harness import CONSOLE


@pytest.mark.parametrize("name", ["early", "keypad", "keyboard", "scanwedge", "sounds", "hold", "busy"])
def test_a_module_is_small_has_no_sentence_and_asks_nobody(name: str) -> None:
    text = (CONSOLE / "static" / f"{name}.js").read_text()
    code = re.sub(r"//.*", "", text)
    assert len(text.splitlines()) <= 150
    assert set(re.findall(r'["`]([A-Z][^"`]*)["`]', code)) <= {"Enter", "Shift", "DOMContentLoaded"}  # of keys, of an event
    assert re.findall(r"\bimport\b|fetch\(|https?:|innerHTML|\beval\b|setAttribute\(\"style", code) == []
