"""The same station over REST, as a person at the same terminal: what a page shows is compared with it, and work is done by it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.console.stand import LATER_S, Stand

AGAIN_S = 0.05


class Caller:
    """One person's session over REST."""

    def __init__(self, stand: Stand, api: httpx.AsyncClient) -> None:
        self.stand, self.api = stand, api

    async def get(self, path: str) -> Any:
        """What `/v1/<path>` answers."""
        answer = await self.api.get(f"/v1/{path}")
        assert answer.is_success, (path, answer.text)
        return answer.json()

    async def items(self, path: str) -> list[dict[str, Any]]:
        """Every item of a list, page after page."""
        asked = f"{path}{'&' if '?' in path else '?'}limit=500"
        told = await self.get(asked)
        found: list[dict[str, Any]] = told["items"]
        while told.get("next"):
            told = await self.get(f"{asked}&after={told['next']}")
            found += told["items"]
        return found

    async def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Asks for something; fails unless it is done."""
        answer = await self.api.request(method, f"/v1/{path}", json=body)
        assert answer.is_success, (path, answer.text)
        return answer.json() if answer.content else None

    async def until(self, path: str, holds: Callable[[Any], bool]) -> Any:
        """What it answers once that holds; fails with what it answered last."""
        ends = asyncio.get_running_loop().time() + LATER_S
        while not holds(told := await self.get(path)):
            assert asyncio.get_running_loop().time() < ends, (path, told)
            await asyncio.sleep(AGAIN_S)
        return told

    async def counts(self, id_: str, pocket: str, *numbers: int) -> dict[str, Any]:
        """Counts a pocket, saying these numbers one after the other, and shuts the drawer. The count as it ended."""
        drawer = pocket.rpartition("-")[0]
        await self.send("PUT", f"counts/{id_}", {"pocket": pocket})
        await self.stand.hand(do="open", drawer=drawer, wait_s=10)
        for n, number in enumerate(numbers):

            def asked(told: Any, again: bool = n > 0) -> bool:
                return told["ask"] is not None and "count" in told["ask"]["entries"] and told["ask"]["again"] is again

            await self.until(f"counts/{id_}", asked)
            await self.send("POST", f"counts/{id_}/entries", {"kind": "count", "number": number})
        await self.stand.hand(do="shut", drawer=drawer)
        told: dict[str, Any] = await self.until(f"counts/{id_}", lambda told: told["state"] == "committed")
        return told


@asynccontextmanager
async def calling(stand: Stand, person: str) -> AsyncIterator[Caller]:
    """A person who has logged in over REST at the enrolled terminal, and out again."""
    terminal = {"Galenic-Terminal": stand.run.credential}
    async with httpx.AsyncClient(base_url=stand.url, headers=terminal, timeout=LATER_S) as api:
        answer = await api.post("/v1/sessions", json={"who": person, "pin": stand.run.pins[person]})
        assert answer.is_success, answer.text
        api.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        yield Caller(stand, api)
        await api.delete("/v1/sessions/current")
