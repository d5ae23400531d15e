"""The page's table of kinds against what the code names and what a shift records."""

from __future__ import annotations

import re
from pathlib import Path

from controller.ledger.views.work import KINDS
from controller.machines.drawer import State
from tests.kit.virtual_loop import run
from tests.proof.power import end
from tests.proof.shift import shift

PAGE = Path("docs/reference/ledger.md").read_text()
TABLE = {
    kind: set(re.findall(r"`(\w+)`", members))
    for kind, members in re.findall(r"^\| `([\w.]+)` \| (.*) \|$", PAGE[PAGE.index("## Kinds") :], re.MULTILINE)
}
SOURCES = "\n".join(path.read_text() for path in Path("controller").rglob("*.py"))


def test_every_kind_that_the_code_names_is_in_the_table() -> None:
    named = set(re.findall(r'Entry\(\s*"([\w.]+)"', SOURCES))
    assert len(named) > 30
    assert named - TABLE.keys() == set()


def test_every_kind_of_the_table_is_named_in_the_code() -> None:
    """By its own name, or by the part after the dot where a workflow or a state gives the part before it."""
    built = {*KINDS, "discrepancy", "drawer", "line", "link", "item", "patient", "order"}
    missing = {
        kind
        for kind in TABLE
        if f'"{kind}"' not in SOURCES and not (kind.split(".")[0] in built and f'"{kind.split(".")[1]}"' in SOURCES)
    }
    assert missing - {f"drawer.{state}" for state in State} == set()


def test_a_shift_records_nothing_that_the_table_does_not_tell() -> None:
    async def play() -> None:
        one = shift()
        assert await one.start()
        await one.work()
        await one.finish()
        found: dict[str, set[str]] = {}
        for kind, body in one.world.rows():
            found.setdefault(kind, set()).update(body.keys() - {"simulated"})
        await end(one)
        assert len(found) > 30
        assert {kind: members - TABLE.get(kind, set()) for kind, members in found.items() if members - TABLE.get(kind, set())} == {}

    run(play())
