"""The style sheet, read as text: its tokens' contrasts, that nothing beside them is a colour, and what may never be in it."""

from __future__ import annotations

import re

import pytest

from tests.api.console.harness import CONSOLE

TEXT = re.sub(r"/\*.*?\*/", "", (CONSOLE / "static" / "galenic.css").read_text(), flags=re.DOTALL)
BLOCKS = {"day": r':root,\s*:root\[data-theme="day"\]\s*\{([^}]*)\}', "night": r'\n:root\[data-theme="night"\]\s*\{([^}]*)\}'}


def tokens(theme: str) -> dict[str, str]:
    """Every colour of a theme by its role."""
    found = re.search(BLOCKS[theme], TEXT)
    assert found is not None
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-F]{6});", found[1]))


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio of two colours as #RRGGBB."""

    def luminance(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# Typed from the table of ecosystem C12: what stands on what, and the ratio it says.
TABLE = {
    "day": [
        ("text", "ground", 16.5), ("text", "card", 17.9), ("text", "sunken", 14.8),
        ("muted", "ground", 7.4), ("muted", "card", 8.0), ("muted", "sunken", 6.6),
        ("line", "ground", 4.1), ("line", "card", 4.4),
        ("action", "ground", 7.8), ("action", "card", 8.4), ("on-action", "action", 8.4),
        ("focus", "focus-gap", 8.4),
        ("done", "done-ground", 7.4), ("done", "card", 8.6),
        ("caution", "caution-ground", 7.3), ("caution", "card", 8.7),
        ("stop", "stop-ground", 7.1), ("stop", "card", 8.6),
        ("doubt", "doubt-ground", 8.1), ("doubt", "card", 9.9),
        ("note", "note-ground", 8.0),
        ("on-alarm-high", "alarm-high", 7.3), ("alarm-high", "ground", 6.8),
        ("on-alarm-medium", "alarm-medium", 14.7), ("alarm-medium", "ground", 1.3),
        ("on-alarm-low", "alarm-low", 12.0), ("alarm-low", "ground", 1.6),
    ],
    "night": [
        ("text", "ground", 16.0), ("text", "card", 14.1), ("text", "sunken", 16.4),
        ("muted", "ground", 9.2), ("muted", "card", 8.1), ("muted", "sunken", 9.5),
        ("line", "ground", 4.9), ("line", "card", 4.4),
        ("action", "ground", 9.7), ("action", "card", 8.6), ("on-action", "action", 9.8),
        ("focus", "ground", 16.0), ("focus", "card", 14.1),
        ("done", "done-ground", 7.6), ("caution", "caution-ground", 8.9), ("stop", "stop-ground", 7.3),
        ("doubt", "doubt-ground", 8.0), ("note", "note-ground", 7.9),
        ("alarm-high-frame", "ground", 6.8), ("alarm-high", "ground", 2.6), ("alarm-medium", "ground", 13.2),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("theme", "role", "on", "said"), [(theme, *row) for theme, rows in TABLE.items() for row in rows])
def test_each_contrast_of_the_table_is_what_it_says(theme: str, role: str, on: str, said: float) -> None:
    colours = tokens(theme)
    assert contrast(colours[role], colours[on]) == pytest.approx(said, abs=0.06)


GROUNDS = ("ground", "card", "sunken")


@pytest.mark.parametrize("theme", ["day", "night"])
def test_both_themes_have_every_role_and_every_pair_is_legible(theme: str) -> None:
    colours = tokens(theme)
    assert colours.keys() == tokens("day").keys()
    assert min(contrast(colours["text"], colours[ground]) for ground in GROUNDS) >= 7
    assert min(contrast(colours["muted"], colours[ground]) for ground in GROUNDS) >= 6
    assert min(contrast(colours["line"], colours[ground]) for ground in GROUNDS) >= 3
    # An outlined button or a link stands on any ground, a state on its own and its frame on any.
    assert min(contrast(colours["action"], colours[ground]) for ground in GROUNDS) >= 6.5
    for role in ("done", "caution", "stop", "doubt", "note"):
        assert contrast(colours[role], colours[f"{role}-ground"]) >= 7, role
        assert min(contrast(colours[role], colours[ground]) for ground in GROUNDS) >= 6.5, role
        assert contrast(colours["text"], colours[f"{role}-ground"]) >= 7, role
    for alarm in ("alarm-high", "alarm-medium", "alarm-low"):
        assert contrast(colours[f"on-{alarm}"], colours[alarm]) >= 7, alarm
        assert contrast(colours[f"{alarm}-frame"], colours["ground"]) >= 3, alarm


def components() -> str:
    """The style sheet without its two blocks of tokens."""
    rest = TEXT
    for block in BLOCKS.values():
        rest = re.sub(block, "", rest)
    return rest


COLOURS = re.compile(
    r":[^;{}]*(?:#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color-mix|color)\(|"
    r"\b(?:white|black|red|green|blue|yellow|cyan|magenta|gr[ae]y|orange|purple|violet|navy|teal|silver|maroon)\b)",
    re.IGNORECASE,
)


def test_components_use_roles_only() -> None:
    assert COLOURS.findall(components()) == []
    for wrong in ("p { color: #123456 }", "p { color: rgb(1 2 3) }", "p { border: 1px solid red }"):
        assert COLOURS.findall(wrong), wrong


def test_every_role_and_size_that_is_used_is_declared() -> None:
    assert set(re.findall(r"var\(--([\w-]+)", TEXT)) <= set(re.findall(r"--([\w-]+):", TEXT))


def test_what_is_lost_turns_grey_in_every_role() -> None:
    grey = re.search(r"html:is\(\[data-lost\], \[data-asleep\]\) :is\(\.patient, main\) \{([^}]*)\}", TEXT)
    assert grey is not None
    said = dict(re.findall(r"--([\w-]+):\s*var\(--([\w-]+)\)", grey[1]))
    kept = {"ground", "card", "sunken", "muted", "line", "focus", "focus-gap"} | {role for role in tokens("day") if "alarm" in role}
    assert said.keys() == tokens("day").keys() - kept
    assert set(said.values()) <= {"muted", "card", "sunken"}


def test_nothing_is_ever_cut_and_no_letters_run_together() -> None:
    assert "ellipsis" not in TEXT
    assert "line-clamp" not in TEXT
    for name in ("medicine", "dose", "take"):
        found = re.search(rf"\n\.{name} \{{([^}}]*)\}}", TEXT)
        assert found is not None
        assert "letter-spacing: 0.02em" in found[1], name
        assert "font-variant-ligatures: none" in found[1], name
        assert "nowrap" not in found[1], name
        assert "overflow: hidden" not in found[1], name


def test_alarms_flash_at_two_and_at_six_tenths_a_second_and_nothing_flashes_faster() -> None:
    periods = {int(found) for found in re.findall(r"animation: flash (\d+)ms", TEXT)}
    assert {round(1000 / period, 1) for period in periods} == {2.0, 0.6}
    every = [
        float(number) * (1 if unit == "s" else 0.001) for number, unit in re.findall(r"animation:[^;]*?([\d.]+)(ms|s)\b", TEXT)
    ]
    assert max(1 / period for period in every) <= 2.8
    assert "prefers-reduced-motion" in TEXT


def test_no_file_from_anywhere_is_asked_for() -> None:
    assert re.findall(r"@import|@font-face|url\(", TEXT) == []
    assert '"B612", system-ui, sans-serif' in TEXT


def test_sizes_are_those_of_the_rules() -> None:
    said = dict(re.findall(r"--([\w-]+):\s*([\d.]+)(?:px|rem);", TEXT))
    assert {name: float(said[name]) for name in ("gap", "tap", "row", "key")} == {"gap": 11, "tap": 45, "row": 57, "key": 76}
    sizes = {float(value) * 16 for value in re.findall(r"--size-\w+:\s*([\d.]+)rem", TEXT)}
    assert sizes == {16, 18, 21, 28, 36, 64}
    literal = [found for found in re.findall(r"font(?:-size)?:\s*([^;]*)", components()) if re.search(r"\d+(?:px|r?em)\b", found)]
    assert literal == []
