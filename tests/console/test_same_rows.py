"""The console does what REST does: the same work through both leaves the same rows in the ledger."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.console.stand import standing
from tests.kit.browser import NewContext
from tests.kit.programs import galenic

if TYPE_CHECKING:
    from tests.console.stand import Stand

OWN = re.compile(r'"(c-[0-9a-f]{16}|pull-1)"|[0-9a-f]{32}|"[0-9a-f]{64}"')
"""Ids and hashes, which are each run's own."""
FAMILIES = ("pull.", "stock.", "drawer.", "count.", "pocket.")


async def test_a_pull_leaves_the_rows_that_rest_leaves(tmp_path: Path, new_context: NewContext) -> None:
    with standing(tmp_path / "console") as stand:
        page = await stand.screen(await new_context())
        await stand.log_in(page, "nina")
        await page.get_by_role("link", name="Abernathy, Rose").click()
        await page.get_by_role("button", name="lisinopril").click()
        await page.wait_for_url("**/console/pulls/**")
        await stand.hand(do="open", drawer="D-15", wait_s=20)
        await page.get_by_role("button", name="Taken", exact=True).click()
        await page.get_by_text("Push drawer").wait_for()
        await stand.hand(do="shut", drawer="D-15")
        await page.get_by_text("Done. Recorded.").wait_for()
        through_pages = _rows(stand)
    with standing(tmp_path / "rest") as stand:
        await _over_rest(stand)
        assert _rows(stand) == through_pages


async def _over_rest(stand: Stand) -> None:
    async with httpx.AsyncClient(base_url=stand.url, timeout=20) as api:
        headers = {"Galenic-Terminal": stand.run.credential}
        said = await api.post("/v1/sessions", json={"who": "nina", "pin": stand.run.pins["nina"]}, headers=headers)
        headers["Authorization"] = f"Bearer {said.json()['token']}"
        assert (await api.put("/v1/pulls/pull-1", json={"order": "O-5003"}, headers=headers)).status_code == 202
        await stand.hand(do="open", drawer="D-15", wait_s=20)
        while (await api.get("/v1/pulls/pull-1", headers=headers)).json()["ask"]["do"] != "answer":
            pass
        taken = {"kind": "taken", "quantity": 1}
        assert (await api.post("/v1/pulls/pull-1/entries", json=taken, headers=headers)).status_code == 202
        await stand.hand(do="shut", drawer="D-15")
        while (await api.get("/v1/pulls/pull-1", headers=headers)).json()["state"] != "committed":
            pass


def _rows(stand: Stand) -> list[tuple[str, str, Any]]:
    """Kind, actor and body of every row of the work, without what is each run's own; in the order of the ledger."""
    stand.close()
    told = galenic("ledger", "export", str(stand.run.state / "ledger.sqlite3"))
    assert told.returncode == 0, told.stderr
    rows = [json.loads(line) for line in told.stdout.splitlines() if line.startswith("{")]
    own = [row for row in rows if str(row.get("kind", "")).startswith(FAMILIES) and row["actor"] == "nina"]
    if not own:
        pytest.fail(told.stdout[:500])
    return [(row["kind"], row["actor"], json.loads(OWN.sub('"own"', json.dumps(row["body"])))) for row in own]
