"""The catalogues are what the sources say: nothing is missing, nothing guessed, nothing left over, nothing compiled otherwise."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from api.words.language import DOMAIN, FOLDER, LANGUAGES, words
from docs import words as catalogues
from docs.sentences import template

ROOT = Path(__file__).parents[3]
TRANSLATED = LANGUAGES[1:]
RUN = ("api", "controller", "drivers", "firmware_protocols", "simulators", "sites")
FILLED_IN = re.compile(r"\{\w*\}|%\(\w+\)s|%s")
AS_IT_IS = re.compile(
    r"`[^`]+`|galenic [a-z]+|/[a-z0-9-]+(?:/[a-z-]+)*|\b(?:GET|POST|PUT|GS1|GTIN|SHA-256)\b|\b[a-z]+_[a-z]+|\[\[[a-z.]+\]\]"
)
"""What a person types or looks for: commands, addresses, names in files."""


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    return template()


@pytest.fixture(scope="module")
def translations() -> dict[str, Catalog]:
    return {language: catalogues.read(language) for language in TRANSLATED}


def test_every_sentence_of_the_sources_is_in_the_template(wanted: Catalog) -> None:
    written = catalogues.TEMPLATE.read_bytes()
    assert catalogues.text(wanted) == written, "sentences have changed: make words"


def test_every_sentence_is_translated(translations: dict[str, Catalog]) -> None:
    missing = catalogues.missing(translations)
    assert not missing, f"fill this in, then python -m docs.words FORM\n\n{missing}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_holds_the_wanted_sentences_and_is_compiled_as_it_stands(language: str, wanted: Catalog) -> None:
    renewed = catalogues.renewed(language, wanted)
    file = catalogues.catalogue_file(language)
    assert catalogues.text(renewed) == file.read_bytes(), "make words"
    assert catalogues.compiled(renewed) == file.with_suffix(".mo").read_bytes(), "make words"
    assert [message.id for message in renewed if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_filled_in_or_typed_is_the_same_in_a_translation(language: str, translations: dict[str, Catalog]) -> None:
    for source, said in catalogues.pairs(translations[language]):
        assert sorted(FILLED_IN.findall(said)) == sorted(FILLED_IN.findall(source)), (source, said)
        assert [word for word in AS_IT_IS.findall(source) if word not in said] == [], (source, said)
        assert "%" not in FILLED_IN.sub("", said), said


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_longer_than_two_words_is_the_same_in_two_languages(language: str, translations: dict[str, Catalog]) -> None:
    same = [source for source, said in catalogues.pairs(translations[language]) if source == said]
    assert [source for source in same if len(re.findall(r"[^\W\d]{2,}", FILLED_IN.sub("", source))) > 2] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_begins_and_ends_as_its_sentence_does(language: str, translations: dict[str, Catalog]) -> None:
    for source, said in catalogues.pairs(translations[language]):
        assert said == re.sub(" +", " ", said.strip()), said
        assert source[-1:] not in ".?:" or said[-1] == source[-1], (source, said)


@pytest.mark.parametrize(("language", "years"), [
    ("en", ["0 years", "1 year", "2 years"]), ("es", ["0 años", "1 año", "2 años"]),
    ("fr", ["0 an", "1 an", "2 ans"]), ("de", ["0 Jahre", "1 Jahr", "2 Jahre"]),
])  # fmt: skip
def test_one_and_several(language: str, years: list[str]) -> None:
    spoken = words(language)
    assert [spoken.ngettext("%(num)s year", "%(num)s years", n) % {"num": n} for n in (0, 1, 2)] == years


def test_the_daemon_reads_the_compiled_files_and_nothing_else() -> None:
    assert sorted(path.relative_to(FOLDER).parts[0] for path in FOLDER.rglob(f"{DOMAIN}.mo")) == sorted(TRANSLATED)
    assert words("en").gettext("Patients") == words("pt").gettext("Patients") == "Patients"


def test_nothing_that_runs_can_format_a_number_by_a_locale() -> None:
    """Doses and counts have one written form on every page (reference ecosystem C4.3): German and Spanish would write 1.000."""
    found = []
    for file in (path for package in RUN for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [(file.name, name) for name in names if name.partition(".")[0] in {"babel", "locale"}]
    assert found == []
    written = [file.name for file in (ROOT / "api/console").rglob("*.js") if re.search(r"toLocale|Intl\.", file.read_text())]
    assert written == []


def test_a_form_is_printed_filled_in_and_taken_over() -> None:
    lacking = catalogues.missing({"es": Catalog(locale="es")})
    assert "--- api/words/forms.toml\nen   ampoule\nen+  ampoules\nes   \nes+  \n" in lacking
    assert "--- api/words/problems.toml\n" in lacking
    form = catalogues.filled("--- a.html\nen   %(num)s lot\nen+  %(num)s lots\nde   %(num)s Charge\nde+  %(num)s Chargen\n\n"
                             "en   Find\nes   Buscar\nde   \nen   Gone\nde   Fort\n")  # fmt: skip
    assert form == {
        ("%(num)s lot", "%(num)s lots"): {"de": ("%(num)s Charge", "%(num)s Chargen")},
        "Find": {"es": "Buscar"},
        "Gone": {"de": "Fort"},
    }
    german = Catalog(locale="de")
    german.add(("%(num)s lot", "%(num)s lots"))
    german.add("Find")
    catalogues.take_over(german, form)
    assert [message.string for message in german if message.id] == [("%(num)s Charge", "%(num)s Chargen"), None]


def test_a_line_that_is_none_of_a_forms_is_named() -> None:
    with pytest.raises(ValueError, match="not a line of a form: Buscar"):
        catalogues.filled("en   Find\nBuscar\n")
