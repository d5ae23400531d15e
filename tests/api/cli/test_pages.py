"""The page about the command line is what the commands say of themselves."""

from __future__ import annotations

from pathlib import Path

from api.cli.pages import commands, pages

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


def test_the_committed_page_is_what_the_commands_say() -> None:
    for name, text in pages().items():
        assert (REFERENCE / name).read_text(encoding="utf-8") == text, "make docs writes it anew"


def test_every_command_leads_with_examples() -> None:
    for name, told in commands():
        parts = [told.find(part) for part in ("Examples:", "Arguments:", "Options:")]
        assert parts[0] > 0, name
        assert all(parts[0] < other for other in parts[1:] if other >= 0), name
