"""The same station over REST and in its export: what a page shows and does is compared with it."""

from __future__ import annotations

import json
from typing import Any

from tests.console.asking import calling
from tests.console.stand import Stand
from tests.kit.programs import galenic


async def told(stand: Stand, person: str, path: str) -> Any:
    """What `/v1/<path>` answers to a person."""
    async with calling(stand, person) as caller:
        return await caller.get(path)


def rows(stand: Stand, **members: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, actor and body of every ledger row whose body has all of these members, in order."""
    done = galenic("ledger", "export", str(stand.run.state / "ledger.sqlite3"))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    found = [(_kind(line), line["actor"], line["data"]) for line in lines if "data" in line]
    return [row for row in found if members.items() <= {name: row[2].get(name) for name in members}.items()]


def _kind(line: dict[str, Any]) -> str:
    return str(line["type"].removeprefix("org.galenic.").rpartition(".")[0])
