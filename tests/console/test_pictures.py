"""Every picture of the console is shown once, and was asked about once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_every_picture_is_shown_and_asked_about() -> None:
    there = {path.name for path in (DOCS / "img" / "console").iterdir()}
    shown = Counter(re.findall(r"\(img/console/([\w.-]+)\)", (DOCS / "console.md").read_text()))
    asked = Counter(re.findall(r"^\| `([\w-]+)`", (DOCS / "console-asked.md").read_text(), flags=re.MULTILINE))
    assert shown == dict.fromkeys(there, 1)
    assert asked == dict.fromkeys((Path(name).stem for name in there), 1)
