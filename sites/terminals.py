"""Where people stand: a terminal's screen, language and keyboard, and what reads codes and badges beside it. Pure data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sites.part import Id, Name, Part

Pixels = Annotated[int, Field(ge=240, le=8192)]


class Screen(Part):
    """A terminal's screen, so that a key is drawn as large as a gloved finger needs it."""

    diagonal_in: float = Field(gt=0, le=100)
    """Corner to corner, in inches."""
    pixels: tuple[Pixels, ...] = Field(strict=False, min_length=2, max_length=2)
    """Width and height."""


class Presence(Part):
    """What tells that somebody stands here, though nobody touches anything: a sensor that sends lines of its own accord.

    It cannot tell who stands there: the screen of somebody who left it stays open as long as others stand before it, up to
    `policy.session_s`. Its place is where one person works at a time.
    """

    sensor: Id
    """One of `[[scanners]]`, on a line of its own as they are."""
    says: str = Field("", max_length=200)
    """The line that says so. Empty: every line does, from a sensor that is silent while nobody is there."""


class Terminal(Part):
    """A screen or reader at which people stand. It must be enrolled before it is one."""

    id: Id
    name: Name
    scanner: Id | None = None
    """The scanner that reads packages here: what it reads is this terminal's and no other's."""
    readers: tuple[Id, ...] = Field((), strict=False)
    """Badge readers here, each one of `[[scanners]]`: what they read is who stands here, and is never taken for a package."""
    presence: Presence | None = None
    """What counts as a touch of whoever is logged in here, beside touches, scans and drawers."""
    scale: Id | None = None
    screen: Screen | None = None
    language: Literal["en", "es", "fr", "de"] = "en"
    """What is spoken here until somebody chooses another language."""
    keyboard: Literal["qwerty", "azerty", "qwertz"] = "qwerty"
    """How the keys of the screen's own keyboard lie."""
