"""What was done at the twin, as a test: it is run as it was pasted, against simulators newly started on the same site."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from simulators.house import House
from simulators.twin.record import KEPT, Act, Record, written
from tests.simulators.twin.stage import WARD, house_of, played

LINES = re.compile(r'<pre id="record-lines"[^>]*>(.*?)</pre>', re.DOTALL)


@asynccontextmanager
async def at_the_twin() -> AsyncIterator[tuple[House, httpx.AsyncClient]]:
    """The ward's house, newly started, and a client of its control API."""
    house = house_of(WARD)
    async with played(house) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield house, client


async def shown(client: httpx.AsyncClient) -> str:
    """The test on the page."""
    (lines,) = LINES.findall((await client.get("/")).text)
    return html.unescape(lines)


async def pasted(text: str, client: httpx.AsyncClient) -> None:
    """Runs it."""
    module: dict[str, Any] = {}
    exec(compile(text, "pasted", "exec"), module)
    await module["test_what_was_played_at_the_twin"](client)


async def test_what_was_clicked_is_a_test_that_passes_where_it_is_pasted_and_fails_where_it_is_not_so() -> None:
    async with at_the_twin() as (_, client):
        assert "nothing has been done yet" in await shown(client)
        assert "Seed 0: " in (await client.get("/")).text
        jam = (await client.post("/faults", json={"kind": "jam", "drawer": "D-05"})).json()["id"]
        await client.post("/faults", json={"kind": "stuck-sensor", "drawer": "D-02", "sensor": "latch", "shows": True})
        await client.post("/faults", json={"kind": "key", "drawer": "D-01"})
        assert (await client.post("/hands", json={"do": "open", "drawer": "D-02"})).status_code == 409
        await client.post("/hands", json={"do": "open", "drawer": "D-01"})
        await client.post("/hands", json={"do": "take", "pocket": "D-01-1", "quantity": 2})
        await client.post("/hands", json={"do": "put", "pocket": "D-01-1", "lot": "Ä'\"1", "expiry": "2031-05-31", "quantity": 1})
        await client.post("/hands", json={"do": "shut", "drawer": "D-01"})
        await client.put("/weather", json={"link": "lockbus", "lose": 0.5})
        await client.delete(f"/faults/{jam}")
        left = (await client.get("/truth/pockets/D-01-1")).json()["quantity"]
        text = await shown(client)
    assert f"fault_{jam} = (await control.post(" in text
    assert f'await control.delete(f"/faults/{{fault_{jam}}}")' in text
    assert '"D-02"' in text
    assert '{"do": "open", "drawer": "D-02"' not in text, "what the steel refused changed nothing"
    assert f'"/truth/pockets/D-01-1")).json()["quantity"] == {left}' in text
    async with at_the_twin() as (house, client):
        await pasted(text, client)
        assert house.wires["lockbus"].to_board.weather.lose == 0.5
        assert house.plant.pockets["D-01-1"].quantity == left
        assert [fault["kind"] for fault in (await client.get("/faults")).json()["faults"]] == ["stuck-sensor"]
    async with at_the_twin() as (_, client):
        await client.post("/faults", json={"kind": "force", "drawer": "D-01"})
        await client.post("/hands", json={"do": "take", "pocket": "D-01-1", "quantity": 1})
        await client.post("/hands", json={"do": "shut", "drawer": "D-01"})
        with pytest.raises(AssertionError):
            await pasted(text, client)


async def test_it_begins_anew_and_knows_nothing_of_what_was_before() -> None:
    async with at_the_twin() as (_, client):
        jam = (await client.post("/faults", json={"kind": "jam", "drawer": "D-05"})).json()["id"]
        assert (await client.delete("/twin/record")).status_code == 204
        assert "nothing has been done yet" in await shown(client)
        await client.delete(f"/faults/{jam}")
        assert "control.delete" not in await shown(client)
        await client.post("/scans", json={"scanner": "scanner-1", "data": "A\u001dB", "aim": None})
        scanned = '(await control.post("/scans", json={"scanner": "scanner-1", "data": "A\\u001dB", "aim": None}))'
        assert scanned in await shown(client)


def test_it_forgets_the_oldest_and_says_so() -> None:
    record, house = Record(), house_of(WARD)
    for number in range(KEPT + 3):
        record.keep(Act("POST", "/boards/locks-a/presses", {"times": number, "of": [1, 2]}, None))
    house.seed = 7
    text = written(record, house)
    assert "with `--seed 7`." in text
    assert "# the first 3 acts were forgotten" in text
    assert text.count("control.post") == KEPT
    assert '"times": 3, "of": [1, 2]}' in text
    assert '"times": 2,' not in text
    record.begin()
    assert "forgotten" not in written(record, house)
    house.clear()
