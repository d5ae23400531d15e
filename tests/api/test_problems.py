"""The catalogue of refusals and faults: every code of the source has its words, every entry its code, and every page opens."""

from __future__ import annotations

import ast
import html
import re
import string
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from api import problems
from api.app import create_app
from api.problems import CATALOGUE, Words
from api.standing import Standing
from drivers import faults
from drivers.faults import Effect, Fault

ROOT = Path(__file__).parents[2]
SOURCE = ("api", "controller", "drivers", "firmware_protocols", "sites")
KINDS = ("pull", "restock", "count", "pick")
"""What stands for the variable part of a code that is put together."""
CLASSES = {name: kind for name, kind in vars(faults).items() if isinstance(kind, type) and issubclass(kind, Fault)}


class Raised(NamedTuple):
    """One place of the source that makes a fault: the code or codes, the class, the facts it gives (None: more than it names)."""

    codes: tuple[str, ...]
    fault: type[Fault]
    facts: frozenset[str] | None
    place: str


def trees() -> Iterator[tuple[Path, ast.AST]]:
    for folder in SOURCE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def raised() -> Iterator[Raised]:
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in CLASSES and (codes := tuple(spelt(node.args[0]))):
                    named = frozenset(keyword.arg for keyword in node.keywords if keyword.arg)
                    more = any(keyword.arg is None for keyword in node.keywords)
                    yield Raised(codes, CLASSES[name], None if more else named, f"{path.relative_to(ROOT)}:{node.lineno}")


def spelt(node: ast.expr) -> Iterator[str]:
    """The codes an expression may give: itself, both of a choice, or one for each kind of work."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from (*spelt(node.body), *spelt(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
        yield from ("".join(kind if part is None else str(part) for part in parts) for kind in KINDS)


def test_every_code_of_the_source_has_its_words() -> None:
    found = list(raised())
    assert len(found) > 100
    assert [(code, one.place) for one in found for code in one.codes if code not in CATALOGUE] == []


def test_every_entry_is_somebodys_code() -> None:
    """Raised as it stands, or a word of the source that a table or a variable takes there."""
    said = {code for one in raised() for code in one.codes}
    for path, tree in trees():
        if path.parent.name != "words":
            said |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert sorted(set(CATALOGUE) - said) == []


def test_every_sentence_gets_the_facts_it_names() -> None:
    missing = [
        (code, one.place, sorted(wanted(CATALOGUE[code]) - one.facts))
        for one in raised()
        if one.facts is not None
        for code in one.codes
        if not wanted(CATALOGUE[code]) <= one.facts
    ]
    assert missing == []


def wanted(words: Words) -> set[str]:
    return {name for text in (words.title, words.detail, words.remedy) for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_usual_effect_is_that_of_the_source() -> None:
    """A place that gives an effect of its own may give either."""
    wrong = [
        (code, one.place)
        for one in raised()
        for code in one.codes
        if (one.facts is None or "effect" not in one.facts) and CATALOGUE[code].effect != one.fault.usual_effect
    ]
    assert wrong == []


def test_entries_are_whole() -> None:
    text = (ROOT / "api" / "words" / "problems.toml").read_text(encoding="utf-8")
    assert text.count("\neffect = ") == len(CATALOGUE), "each entry says its effect"
    assert [number for number, times in Counter(words.number for words in CATALOGUE.values()).items() if times > 1] == []
    for code, words in CATALOGUE.items():
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", code), code
        assert words.effect in set(Effect), code
        assert 400 <= words.status < 600, code
        assert words.title, code
        for sentence in (words.detail, words.remedy):
            assert sentence.endswith((".", "?")), (code, sentence)
    assert {field.name for field in fields(Words)} == {"number", "status", "title", "detail", "remedy", "may_retry", "effect"}


async def test_every_type_opens_a_page_of_this_daemon() -> None:
    """Without a log-in, without a network, and with nothing from another host."""
    transport = httpx.ASGITransport(create_app(Standing()))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for code, words in CATALOGUE.items():
            answer = await client.get(problems.problem(code, {}, Effect.NONE)["type"])
            assert answer.status_code == 200
            assert words.title in html.unescape(answer.text)
            assert "http" not in re.sub(r"HTTP status", "", answer.text)
            assert "<script" not in answer.text
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        for page in ("/help", "/help/problems", "/help/api"):
            assert not re.search(r"(?:src|href)=['\"]?(?:https?:)?//", (await client.get(page)).text)


@pytest.mark.parametrize("facts", [{}, {"id": "<script>", "wait_s": 3}, {"id": b"secret bytes", "list": ["a"], "other": object}])
def test_a_problem_is_told_whatever_its_facts(facts: dict[str, object]) -> None:
    for code, words in CATALOGUE.items():
        told = problems.problem(code, facts, Effect.NONE)
        assert (told["code"], told["status"], told["type"]) == (code, words.status, f"/help/problems/{code}")
        assert told["detail"]
        assert told["remedy"]
        assert "secret bytes" not in str(told)


def test_a_code_without_words_is_told_as_a_defect() -> None:
    told = problems.problem("no-such-code", {}, Effect.UNKNOWN)
    assert (told["status"], told["code"], told["title"]) == (500, "no-such-code", CATALOGUE["defect"].title)
