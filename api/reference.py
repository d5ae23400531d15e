"""The pages of `docs/reference` that are made from the product itself: OpenAPI, the catalogue of problems, the events.

`python -m api.reference docs/reference` writes them; a test holds the committed ones against this.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from api.app import create_app
from api.outward import OUTWARD, RIGHTS
from api.problems import CATALOGUE
from api.standing import Standing

AREAS: Mapping[int, str] = {
    1: "People and requests",
    2: "Orders and pick lists",
    3: "Pockets, stock and work",
    4: "Drawers, links and devices",
    5: "The station itself",
    6: "Files",
}
"""By the thousands of a problem's number."""


def _openapi() -> str:
    return json.dumps(create_app(Standing()).openapi(), indent=1, ensure_ascii=False) + "\n"


def _errors() -> str:
    lines = [
        "# Errors",
        "",
        "Every refusal and fault that a client can be told, made from `api/words/problems.toml`. An answer is",
        "`application/problem+json` (RFC 9457); its `type` is `/help/problems/<code>`, a page that the daemon itself serves.",
        "`effect` says whether anything physically happened: `none`, `done` or `unknown`. Below stands what is usual; the",
        "answer says what was so this time. When it is `unknown`, a person must look.",
        "",
        "A code never changes its meaning, and neither does its number. Titles and sentences may be worded better.",
    ]
    for area, title in AREAS.items():
        lines += ["", f"## {title}", "", "| code | number | status | effect | what | what to do |", "|---|---|---|---|---|---|"]
        known = sorted((words.number, code) for code, words in CATALOGUE.items() if words.number // 1000 == area)
        for number, code in known:
            words = CATALOGUE[code]
            what, to_do = (text.replace("|", "\\|").replace("\n", " ") for text in (words.detail, words.remedy))
            again = " May be sent again." if words.may_retry else ""
            lines.append(f"| `{code}` | {number} | {words.status} | {words.effect} | **{words.title}.** {what} | {to_do}{again} |")
    return "\n".join(lines) + "\n"


def _events() -> str:
    lines = [
        "# Events",
        "",
        "`GET /v1/events` tells what happens as server-sent events: `id` is the ledger's number, `event` the kind, `data` a",
        "CloudEvents 1.0 envelope in its structured JSON form. The same envelope goes out on every other way.",
        "",
        "| member | what it is |",
        "|---|---|",
        "| `specversion` | `1.0` |",
        "| `id` | `<station>/<number>`; the same however often an event is told |",
        "| `source` | `/stations/<station>` |",
        "| `type` | `org.galenic.<kind>.v<version>`, as in `org.galenic.drawer.opened.v1` |",
        "| `subject` | the thing it is about, as in `drawer/D-01`, where the body names one |",
        "| `time` | RFC 3339, UTC; `clocktrust` says how far to believe it |",
        "| `datacontenttype` | `application/json` |",
        "| `sequence`, `epoch` | the number in the ledger, which alone tells the order, and the ledger's own incarnation |",
        "| `rowhash` | SHA-256 of the row, in hexadecimal |",
        "| `simulated` | `true` where no real drug is; absent elsewhere |",
        "| `data` | the members below, where the row has them |",
        "",
        "**Resuming.** Give the last `id` as the header `Last-Event-ID` (a browser does by itself) or as `?after=`. Every event",
        "behind it follows, once each, in order. Who is more than 10,000 behind, or names a number that is not there yet, gets",
        "one event `resync`: look at everything anew and go on from its `id`. A comment comes every 15 s when nothing happens.",
        "A stream ends with its session, and when the station stops; `retry` says how soon to come back.",
        "",
        "**What is never told.** No patient, no order, no name, no badge, and no figure from which a count could be worked out:",
        "who counts blind may listen too. Ask for the thing itself, with your own rights.",
        "",
        "Events of some subjects are told only to who has one of the rights named; the others to all who may see the station.",
        "",
        "| kind | members of `data` | rights |",
        "|---|---|---|",
    ]
    for kind, names in OUTWARD.items():
        rights = sorted(RIGHTS.get(kind.partition(".")[0], ()))
        lines.append(f"| `{kind}` | {_listed(names) or 'none'} | {_listed(rights)} |")
    return (
        "\n".join([*lines, "", "`*` stands for all other kinds of that subject. A kind that is not here is told without members."])
        + "\n"
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


PAGES: Mapping[str, Callable[[], str]] = {"openapi.json": _openapi, "errors.md": _errors, "events.md": _events}
"""What makes each page, by its file name."""


def pages() -> dict[str, str]:
    """Every page, made."""
    return {name: made() for name, made in PAGES.items()}


def main() -> None:
    """Writes them."""
    for name, text in pages().items():
        (Path(sys.argv[1]) / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
