"""Every problem in every language, with facts made up."""

from __future__ import annotations

import re

import pytest

from api.problems import CATALOGUE, problem
from api.words.language import LANGUAGES, words
from drivers.faults import Effect

PLACEHOLDER = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_says_its_facts_and_nothing_in_another_language(language: str) -> None:
    spoken = words(language)
    for code, known in CATALOGUE.items():
        named = set(PLACEHOLDER.findall(known.title + known.detail + known.remedy))
        facts = {name: f"§{number}§" for number, name in enumerate(sorted(named))}
        said = problem(code, facts, Effect.NONE, translated=spoken.gettext)
        english = problem(code, facts, Effect.NONE)
        for member in ("title", "detail", "remedy"):
            source = getattr(known, member)
            assert {facts[name] for name in PLACEHOLDER.findall(source)} == set(re.findall(r"§\d+§", said[member])), (code, member)
            assert "{" not in said[member] or "{" in source, (code, member)
            if re.search(r"[^\W\d]{2,}", PLACEHOLDER.sub("", source)):
                assert (said[member] == english[member]) is (language == "en"), (code, member)
        same = ("type", "status", "code", "effect", "may_retry", "facts")
        assert [said[name] for name in same] == [english[name] for name in same]
