"""The diagrams in the documentation are those of the tables."""

from __future__ import annotations

from pathlib import Path

from controller.machines.drawer import RULES
from controller.machines.pages import pages

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


def test_the_committed_page_is_the_one_the_tables_make() -> None:
    for name, text in pages().items():
        assert (REFERENCE / name).read_text(encoding="utf-8") == text, "make docs writes it anew"


def test_a_diagram_has_every_arrow_of_its_table() -> None:
    diagram = RULES.mermaid()
    for event, source, target in RULES.rows:
        if source is not target:
            (line,) = [line for line in diagram.splitlines() if line.startswith(f"    {source} --> {target}:")]
            assert str(event) in line.partition(": ")[2].split("<br>")
