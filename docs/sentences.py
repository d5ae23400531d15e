"""Every sentence a person may read, gathered from where it stands: what `make words` makes the catalogues of.

Templates say `_('…')` and `ngettext('…', '…', n)`, Python only the few words that dates are written with and the names of places;
problems, and what drugs are counted in, are data. Babel is needed here and nowhere at run time.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract

from api.console.homes import PLACES

ROOT = Path(__file__).parents[1]
CONSOLE = ROOT / "api" / "console"
WORDS = ROOT / "api" / "words"

NEVER = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
"""The time in every catalogue's head: always the same, so that the same sentences are the same file."""

Sentence = str | tuple[str, str]
"""One sentence, or the two of one thing and of several."""

Calls = dict[str, tuple[int, ...] | None]
"""Which of a call's arguments are sentences; none said is the first."""
TEMPLATE_CALLS: Calls = {"_": None, "gettext": None, "ngettext": (1, 2)}
PYTHON_CALLS: Calls = {"gettext": None, "ngettext": (1, 2)}
TEMPLATE_OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "extensions": "jinja2.ext.do", "silent": "false"}
"""As `api/console/rendering.py` reads them; a template that cannot be read is said, not passed over."""


def sentences() -> Iterator[tuple[str, Sentence]]:
    """Each with the file it stands in, file by file."""
    for template in sorted((CONSOLE / "templates").rglob("*.html")):
        yield from _called(template, "jinja2.ext:babel_extract", TEMPLATE_CALLS, TEMPLATE_OPTIONS)
    for module in sorted(CONSOLE.rglob("*.py")):
        yield from _called(module, "python", PYTHON_CALLS, {})
    yield from (("api/console/homes.py", place.words) for place in PLACES)
    forms = WORDS / "forms.toml"
    yield from ((_name(forms), (one, several)) for one, several in _read(forms)["forms"].items())
    facts = WORDS / "facts.toml"
    yield from ((_name(facts), said) for named in _read(facts).values() for said in named.values())
    problems = WORDS / "problems.toml"
    for entry in _read(problems).values():
        yield from ((_name(problems), entry[member]) for member in ("title", "detail", "remedy"))


def template() -> Catalog:
    """The catalogue without translations; each sentence names its files, and no line of theirs."""
    made = Catalog(project="Galenic", version="1", charset="utf-8", fuzzy=False, creation_date=NEVER, revision_date=NEVER)
    signed(made)
    for file, sentence in sentences():
        made.add(sentence, locations=[(file, 1)])
    for message in made:
        message.locations = sorted(set(message.locations))
    return made


def signed(catalogue: Catalog) -> None:
    """The head of a catalogue: made by a command, and nobody's name in it."""
    catalogue.header_comment = "# Every sentence of Galenic. Made by `make words`; translations are edited in the .po files."
    catalogue.msgid_bugs_address, catalogue.last_translator, catalogue.language_team = "", "Galenic", "Galenic"


def _called(file: Path, method: str, calls: Calls, options: dict[str, str]) -> Iterator[tuple[str, Sentence]]:
    with file.open("rb") as opened:
        for _, said, _, _ in extract(method, opened, calls, options=options):
            yield _name(file), said if isinstance(said, str) else (said[0], said[1])


def _read(file: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()
