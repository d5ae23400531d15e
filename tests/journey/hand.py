"""Somebody at a terminal, or a program: asks again when a daemon was away, and logs in again when a session has ended."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.journey.stations import Node

PATIENCE_S = 1800.0


class Refused(Exception):
    """A request was refused, with this code."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


class Hand:
    """`role` None: a program with a token."""

    def __init__(self, node: Node, id_: str, role: str | None, token: str = "") -> None:
        self.node, self.id, self._role = node, id_, role
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """One request, until a daemon has answered it."""
        end = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            assert asyncio.get_running_loop().time() < end, f"{method} {path} was not answered"
            try:
                if self._role is not None and not self._headers:
                    await self._log_in()
                more = {} if body is None else {"json": body}
                answer = await self.node.client.request(method, f"/v1{path}", headers=self._headers, **more)
            except (httpx.TransportError, Dead):
                await asyncio.sleep(1)
                continue
            if answer.status_code == 401 and self._role is not None:
                self._headers = {}
            elif answer.status_code != 503:
                return answer
            await asyncio.sleep(0.5)

    async def _log_in(self) -> None:
        station = self.node.standing.station
        if station is None or not station.ready:
            raise Dead
        token, _ = await self.node.world.token(str(self._role), self.id, self.node.desk)
        terminal = await self.node.world.terminal(self.node.desk)
        self._headers = {"Authorization": f"Bearer {token}", "Galenic-Terminal": terminal}

    async def done(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The same, which must be taken. Raises Refused."""
        answer = await self.ask(method, path, body)
        told: dict[str, Any] = answer.json()
        if not answer.is_success:
            raise Refused(told["code"], f"{method} {path}: {answer.text}")
        return told | ({"location": answer.headers["location"]} if "location" in answer.headers else {})

    async def get(self, path: str) -> dict[str, Any]:
        """What is there. Raises Refused."""
        return await self.done("GET", path)

    async def until(self, path: str, so: Any, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """Looks until it is so."""
        end = asyncio.get_running_loop().time() + within_s
        while not so(told := await self.get(path)):
            assert asyncio.get_running_loop().time() < end, f"{path}: {told}"
            await asyncio.sleep(0.5)
        return told

    async def witness(self, second: str, subject: str) -> str:
        """A second person signs at the same terminal."""
        station = self.node.standing.station
        while station is None or not station.ready:
            await asyncio.sleep(1)
            station = self.node.standing.station
        await self.node.world.token("technician", second, self.node.desk)  # so that there is such a person
        body = {"who": second, "pin": self.node.world.pin(second), "subject": subject}
        return str((await self.done("POST", "/witnesses", body))["witness"])


class Dead(Exception):
    """The daemon does not run."""
