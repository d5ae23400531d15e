"""What a page is, and how one is asked for, posted from, and kept fresh.

pages = Pages()

@pages.page("/patients/{id}", "patient.html", Right.SEE_PATIENTS)
def patient(visitor: Visitor, id: str) -> Shown: ...

@pages.post("/patients/{id}/pulls", Pull, Right.PULL)
async def pull(visitor: Visitor, asked: Pull, id: str) -> Go: ...
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.routing import compile_path

from api.console.visitor import Visitor
from api.standing import Standing
from controller.ledger.port import Row
from controller.policy.roles import Right

ROOT = "/console"
NOBODY = frozenset({"log-in-needed", "terminal-not-enrolled"})
"""Refusals of whoever is not logged in: the start says what to do."""
STREAM = f"{ROOT}/stream"
"""Listening is not touching."""


class Form(BaseModel):
    """The base of what a page posts. A browser's fields are text: a number's digits are read as the number."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Nothing(Form):
    """Nothing is said."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows now: the template's `facts`.

    It is shown anew when a row of one of these `families` (`drawer` of `drawer.opened`) is in the ledger that names one of the
    things it is `about`, or any row of a family in `all_of`; with `ticks` also each second. `go` is where the visitor is to be
    instead of here.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    about: frozenset[str] = frozenset()
    all_of: frozenset[str] = frozenset()
    ticks: bool = False
    go: str | None = None

    def names(self, body: Mapping[str, Any]) -> bool:
        """Whether a row with this body names one of the things that are shown."""
        return any(value in self.about for value in body.values() if isinstance(value, str))

    def has(self, row: Row) -> bool:
        """Whether this row is of a family of which all are shown."""
        return row.kind.partition(".")[0] in self.all_of


@dataclass(frozen=True, slots=True)
class Go:
    """Where a post leads: `to` another page, or None: the page stays, and its stream shows what comes of it. `cookies` are
    given to the browser (value and lifetime), or taken from it (None)."""

    to: str | None = None
    cookies: Mapping[str, tuple[str, int | None] | None] = field(default_factory=dict)


Shows = Callable[..., Shown]
Does = Callable[..., Awaitable[Go]]
Makes = Callable[[Standing, Visitor], tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `rights` are those a visitor must have; `anybody` may look at it without being logged in."""

    path: str
    template: str
    rights: tuple[Right, ...]
    anybody: bool
    show: Shows
    pattern: re.Pattern[str]

    def at(self, path: str) -> dict[str, str] | None:
        """What the path says, if it is this page's."""
        found = self.pattern.fullmatch(path)
        return found.groupdict() if found else None

    def shown(self, visitor: Visitor, **named: str) -> Shown:
        """What it shows to this visitor now. Raises Refused."""
        if not self.anybody:
            visitor.require(*self.rights)
        return self.show(visitor, **named)


@dataclass(frozen=True, slots=True)
class Post:
    """One thing that is posted. Raises Refused where it is not to be."""

    path: str
    form: type[Form]
    rights: tuple[Right, ...]
    anybody: bool
    do: Does


@dataclass(frozen=True, slots=True)
class Scan:
    """What is done with a code that is read while a page is in front."""

    pattern: re.Pattern[str]
    do: Does


@dataclass(frozen=True, slots=True)
class File:
    """One thing that is downloaded. `make` gives its name and its bytes."""

    path: str
    kind: str
    rights: tuple[Right, ...]
    make: Makes


class Pages:
    """The pages, posts, scans and files of one module."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.files: list[File] = []
        self.posts: list[Post] = []
        self.scans: list[Scan] = []

    def page(self, path: str, template: str, *rights: Right, anybody: bool = False) -> Callable[[Shows], Shows]:
        """Declares a page at `/console<path>`."""

        def declared(show: Shows) -> Shows:
            pattern = compile_path(ROOT + path)[0]
            self.pages.append(Page(ROOT + path, template, rights, anybody, show, pattern))
            return show

        return declared

    def post(self, path: str, form: type[Form], *rights: Right, anybody: bool = False) -> Callable[[Does], Does]:
        """Declares what is done with a form posted to `/console<path>`."""

        def declared(do: Does) -> Does:
            self.posts.append(Post(ROOT + path, form, rights, anybody, do))
            return do

        return declared

    def file(self, path: str, kind: str, *rights: Right) -> Callable[[Makes], Makes]:
        """Declares a download of this media type at `/console<path>`."""

        def declared(make: Makes) -> Makes:
            self.files.append(File(ROOT + path, kind, rights, make))
            return make

        return declared

    def scan(self, path: str) -> Callable[[Does], Does]:
        """Declares what is done with a code that the terminal's scanner reads while `/console<path>` is in front.

        Called as a post is, with the code's text in place of a form. Raises Refused, which the page then says.
        """

        def declared(do: Does) -> Does:
            self.scans.append(Scan(compile_path(ROOT + path)[0], do))
            return do

        return declared
