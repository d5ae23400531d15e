"""The console does what REST does: the same work through both leaves the same rows in the ledger."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.console.asking import AGAIN_S
from tests.console.stand import Stand
from tests.kit.browser import NewContext
from tests.kit.programs import galenic

T = TypeVar("T")
OWN = re.compile(r"c-[0-9a-f]{16}|pull-1|[0-9a-f]{64}|[0-9a-f]{32}|\d{4}-\d\d-\d\dT[\d:.]+Z")
"""Ids, hashes and times, which are each run's own."""
FAMILIES = tuple(f"org.galenic.{family}." for family in ("pull", "stock", "drawer", "count", "pocket"))


async def test_a_pull_leaves_the_rows_that_rest_leaves(tmp_path: Path, new_context: NewContext) -> None:
    through_pages, over_rest = await asyncio.gather(
        _through_pages(tmp_path / "console", new_context), _over_rest(tmp_path / "rest")
    )
    assert through_pages == over_rest


async def _through_pages(folder: Path, new_context: NewContext) -> list[tuple[str, Any]]:
    with await _aside(_begun, folder) as stand:
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
        await page.goto("about:blank")
        return await _aside(_rows, stand)


async def _aside(do: Callable[..., T], *given: Any) -> T:
    """In a thread: it waits for programs."""
    return await asyncio.get_running_loop().run_in_executor(None, do, *given)


def _begun(folder: Path) -> closing[Stand]:
    stand = Stand(folder)
    stand.start()
    return closing(stand)


async def _over_rest(folder: Path) -> list[tuple[str, Any]]:
    with await _aside(_begun, folder) as stand:
        await _asks(stand)
        return await _aside(_rows, stand)


async def _asks(stand: Stand) -> None:
    async with httpx.AsyncClient(base_url=stand.url, timeout=20) as api:
        headers = {"Galenic-Terminal": stand.run.credential}
        said = await api.post("/v1/sessions", json={"who": "nina", "pin": stand.run.pins["nina"]}, headers=headers)
        headers["Authorization"] = f"Bearer {said.json()['token']}"
        assert (await api.put("/v1/pulls/pull-1", json={"order": "O-5003"}, headers=headers)).status_code == 202
        await stand.hand(do="open", drawer="D-15", wait_s=20)
        while (await api.get("/v1/pulls/pull-1", headers=headers)).json()["ask"]["do"] != "answer":
            await asyncio.sleep(AGAIN_S)
        taken = {"kind": "taken", "quantity": 1}
        assert (await api.post("/v1/pulls/pull-1/entries", json=taken, headers=headers)).status_code == 202
        await stand.hand(do="shut", drawer="D-15")
        while (await api.get("/v1/pulls/pull-1", headers=headers)).json()["state"] != "committed":
            await asyncio.sleep(AGAIN_S)


def _rows(stand: Stand) -> list[tuple[str, Any]]:
    """Kind and body of every row of her work, without what is each run's own; in the order of the ledger."""
    stand.close()
    told = galenic("ledger", "export", str(stand.run.state / "ledger.sqlite3"))
    assert told.returncode == 0, told.stderr
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    own = [(row["type"], row["data"]) for row in rows if row["actor"] == "nina" and row["type"].startswith(FAMILIES)]
    assert len(own) > 5
    return [(kind, json.loads(OWN.sub("own", json.dumps(data)))) for kind, data in own]
