"""Restart: what was live when the process ended. Nothing is guessed: an open pocket is in doubt until a person counts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.ledger.port import Entry
from controller.workflows.talk import in_doubt

if TYPE_CHECKING:
    from controller.ledger.books import Books


def after_restart(books: Books) -> list[Entry]:
    """The entries that end all live work: in doubt where a pocket was being worked, failed where none was (domain B0)."""
    entries: list[Entry] = []
    for work in books.work.live():
        if work["state"] in {"accessing", "counting"}:
            entries += in_doubt(work, "restarted", "station")
        else:
            ended = {work["kind"]: work["id"], "code": "restarted", "facts": {}}
            entries.append(Entry(f"{work['kind']}.failed", ended))
    return entries
