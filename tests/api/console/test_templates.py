"""The console's templates as they are written: each page has a title of its own, and no name is broken at its hyphens."""

from __future__ import annotations

import re
from collections import Counter

from api.console.routes import every
from api.console.written import whole
from api.words.language import words
from tests.api.console.harness import CONSOLE

TEMPLATES = CONSOLE / "templates"
PLAIN = {"waits.html"}
"""A sentence in the stream, without markup."""
TITLE = re.compile(r"\{% block title %\}(.*?)\{% endblock %\}")
NAMED = re.compile(r"%\((pocket|pockets|drawer|tote|totes)\)s.*?\b\1=((?:\([^)]*\)|[^,()]|\('[^']*'\)|\(', '\))*)")


def test_no_two_pages_have_one_title() -> None:
    titles = Counter(
        found[1]
        for template in sorted({page.template for pages in every() for page in pages.pages})
        if (found := TITLE.search((TEMPLATES / template).read_text())) is not None
    )
    assert [title for title, times in titles.items() if times > 1] == []


def test_the_name_of_a_drawer_a_pocket_or_a_tote_in_a_sentence_is_never_broken() -> None:
    broken = [
        f"{template.name}: {line.strip()}"
        for template in sorted(TEMPLATES.glob("*.html"))
        if template.name not in PLAIN
        for line in template.read_text().splitlines()
        for found in NAMED.finditer(TITLE.sub("", line))
        if "whole" not in found[2]
    ]
    assert broken == []


def test_what_scrolls_sideways_is_reached_by_keys_and_says_what_it_is() -> None:
    wide = [
        f"{template.name}: {found[0]}"
        for template in sorted(TEMPLATES.glob("*.html"))
        for found in re.finditer(r'<div class="wide[^>]*>', template.read_text())
        if not re.search(r'tabindex="0" role="region" aria-label="', found[0])
    ]
    assert wide == []


def test_what_is_chosen_from_holds_still_and_what_warns_never_waits() -> None:
    steady = {template.name for template in TEMPLATES.glob("*.html") if "data-row=" in template.read_text()}
    assert steady == {
        *("patients.html", "patient.html", "restock.html", "counts.html", "expiries.html", "stock.html", "discrepancies.html"),
        *("pick_lists.html", "pick_list.html", "lists.html", "totes.html", "orders_words.html", "people.html", "station.html"),
    }


def test_a_name_is_text_whatever_stands_in_it() -> None:
    assert whole(words("en"), "D-03-2") == '<span class="whole">D-03-2</span>'
    assert whole(words("en"), "<D>") == '<span class="whole">&lt;D&gt;</span>'
