"""`make words`: the template of all sentences, the catalogue of each language, and the compiled ones that the daemon reads.

Translations stand in `api/words/locale/*/LC_MESSAGES/galenic.po`. What has none is printed by file as a form; filled in, it is
taken over by `python -m docs.words FORM`:

    --- api/console/templates/tote.html
    en   %(num)s medicine
    en+  %(num)s medicines
    es   %(num)s medicamento
    es+  %(num)s medicamentos
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from api.words.language import DOMAIN, FOLDER, LANGUAGES
from docs.sentences import NEVER, Sentence, signed, template

SOURCE, *TRANSLATED = LANGUAGES
TEMPLATE = FOLDER / f"{DOMAIN}.pot"
Form = dict[Sentence, dict[str, Sentence]]
"""What a form says: the sentence, and what it is in each language."""


def catalogue_file(language: str) -> Path:
    """Where the translations of a language are edited; the compiled ones lie beside it."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """The translations of a language as they stand in its file."""
    with catalogue_file(language).open("rb") as opened:
        return read_po(opened, locale=language, domain=DOMAIN)


def renewed(language: str, wanted: Catalog) -> Catalog:
    """Those of the sentences `wanted`, and no others. Nothing is guessed from a sentence that is like it."""
    catalogue = read(language)
    catalogue.update(wanted, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    catalogue.creation_date = catalogue.revision_date = NEVER
    signed(catalogue)
    return catalogue


def text(catalogue: Catalog) -> bytes:
    """A catalogue as its file: sentences by file, no lines, no wrapping that changes."""
    written = io.BytesIO()
    write_po(written, catalogue, width=132, include_lineno=False)
    return written.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """A catalogue as `gettext` reads it."""
    written = io.BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def missing(catalogues: dict[str, Catalog]) -> str:
    """A form of what has no translation, by file; empty when nothing is missing."""
    lines: list[str] = []
    file = ""
    for message in template():
        lacking = [language for language, known in catalogues.items() if not translated(known.get(message.id))]
        if not message.id or not lacking:
            continue
        if file != (file := message.locations[0][0]):
            lines.append(f"--- {file}")
        marks = ("", "+") if message.pluralizable else ("",)
        sources = message.id if message.pluralizable else (message.id,)
        lines += [f"{SOURCE + mark:<5}{source}" for mark, source in zip(marks, sources, strict=True)]
        lines += [f"{language + mark:<5}" for language in lacking for mark in marks]
        lines.append("")
    return "\n".join(lines)


def translated(message: Message | None) -> bool:
    """Whether it says something in every number."""
    return message is not None and all(said for said in (message.string if message.pluralizable else (message.string,)))


def filled(form: str) -> Form:
    """What a form says. Raises ValueError with the line that is none of a form's."""
    said: Form = {}
    rows: dict[str, str] = {}
    for line in [*form.splitlines(), ""]:
        mark, _, rest = line.partition(" ")
        if line.startswith("---"):
            continue
        if line.strip() and mark.rstrip("+") not in LANGUAGES:
            raise ValueError(f"not a line of a form: {line}")
        if rows and (not line.strip() or mark == SOURCE):
            said[_sentence(rows, SOURCE)] = {language: _sentence(rows, language) for language in TRANSLATED if rows.get(language)}
            rows = {}
        if line.strip():
            rows[mark] = rest.strip()
    return said


def take_over(catalogue: Catalog, form: Form) -> None:
    """Puts what a form says into the catalogue of a language; sentences that are not wanted are left out."""
    for sentence, said in form.items():
        message = catalogue.get(sentence)
        if message is None or str(catalogue.locale) not in said:
            continue
        words = said[str(catalogue.locale)]
        message.string = words if isinstance(words, str) else (*words, *[words[1]] * (catalogue.num_plurals - 2))


def main(forms: list[str]) -> int:
    """Writes them all; says what is missing and ends with 1 if anything is."""
    wanted = template()
    TEMPLATE.write_bytes(text(wanted))
    catalogues = {language: renewed(language, wanted) for language in TRANSLATED}
    for language, catalogue in catalogues.items():
        for form in forms:
            take_over(catalogue, filled(Path(form).read_text(encoding="utf-8")))
        catalogue_file(language).write_bytes(text(catalogue))
        catalogue_file(language).with_suffix(".mo").write_bytes(compiled(catalogue))
    lacking = missing(catalogues)
    sys.stdout.write(lacking or f"{len(wanted)} sentences, each in {', '.join(LANGUAGES)}.\n")
    return 1 if lacking else 0


def pairs(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    """Each sentence beside what it is in this language, several beside several."""
    for message in catalogue:
        if message.id:
            sources = message.id if message.pluralizable else (message.id,)
            strings = message.string if message.pluralizable else (message.string,)
            for number, string in enumerate(strings):
                yield sources[min(number, len(sources) - 1)], string


def _sentence(rows: dict[str, str], language: str) -> Sentence:
    one, several = rows[language], rows.get(f"{language}+")
    return one if several is None else (one, several)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
