"""Pages for the finger devices and the style sheet, of no station: the real templates and modules in the smallest frame."""

from __future__ import annotations

from gettext import NullTranslations
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined

from tests.kit.pages import Shelf

CONSOLE = Path(__file__).parents[3] / "api" / "console"
FRAME = """<!doctype html>
<html lang="en" data-theme="{{ theme }}"{{ lost and ' data-lost' }}>
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Ward</title>
<link rel="stylesheet" href="galenic.css">
{% for module in modules %}<script type="module" src="{{ module }}.js"></script>{% endfor %}
</head>
<body>
{% if lost %}<div class="lost" role="alert">Not connected to the station: what you see is from 14:02:11</div>{% endif %}
{% if alarm %}<div class="alarms" role="alert"><a class="alarm alarm-{{ alarm }}" href="#a"><b>Drawer forced open: D-07</b>
<span>since 14:02</span></a><a class="alarm-more" href="#b">+2</a></div>{% endif %}
<header class="frame-head"><a class="station" href="#s">Ward 4 East</a><span class="simulated">SIMULATION: no drugs</span>
<span class="lamp">connected</span><time class="clock">14:02</time><span class="person">Ana Lima</span>
<form><button class="quiet">Log off</button></form></header>
{% if patient %}<section class="patient" aria-label="Patient"><b>Okafor, Ngozi</b><span>MRN 4471</span>
<span>02-Feb-1951 (75 years)</span><span>Bed 12</span>
<span class="allergies allergies-some">Allergies: penicillin</span></section>{% endif %}
<main id="main" tabindex="0">{% include "body.html" %}</main>
{% if board %}{% from "keyboard.html" import keyboard %}{{ keyboard(board) }}{% endif %}
</body></html>"""
NOTHING: dict[str, Any] = {"theme": "day", "lost": "", "alarm": "", "patient": True, "modules": (), "board": ""}


def written(body: str, **facts: Any) -> str:
    """A whole page around `body`, which is a template and may import the console's macros."""
    given = {"body.html": body, "frame.html": FRAME}
    made = Environment(
        loader=ChoiceLoader([DictLoader(given), FileSystemLoader(CONSOLE / "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(NullTranslations(), newstyle=True)  # type: ignore[attr-defined]
    return made.get_template("frame.html").render({**NOTHING, **facts})


def put(shelf: Shelf, body: str, **facts: Any) -> str:
    """The address of such a page, with the console's own style sheet and modules beside it, under its content policy."""
    statics = {path.name: path.read_text() for path in (CONSOLE / "static").iterdir() if path.suffix in {".css", ".js"}}
    return shelf.put({"page.html": written(body, **facts), **statics}) + "page.html"
