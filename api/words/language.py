"""The languages of the console. A sentence is its own key: what has no translation is said in English."""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path

LANGUAGES = ("en", "es", "fr", "de")
NAMES = {"en": "English", "es": "Español", "fr": "Français", "de": "Deutsch"}
FOLDER = Path(__file__).parent / "locale"
DOMAIN = "galenic"


@cache
def words(language: str) -> NullTranslations:
    """The sentences of a language."""
    return translation(DOMAIN, FOLDER, [language], fallback=True)
