"""The terminal: how people reach the station over REST, and what is kept of it. A dead process answers nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from api.app import create_app
from api.standing import Standing
from controller.policy.roles import Role
from tests.kit.station import World
from tests.simulated.evidence import Told

ROLES: Mapping[str, str] = {
    "nina": "nurse",
    "omar": "nurse",
    "pia": "nurse",
    "tess": "technician",
    "ravi": "pharmacist",
    "cleo": "charge_nurse",
}
PINS = {person: str(7310 + 7 * n) for n, person in enumerate(ROLES)}


class Gone(Exception):
    """The connection was refused or broke: nobody knows what became of the request."""


class Desk:
    """One terminal. `life` counts the station's starts; what is told is kept in `told`."""

    def __init__(self, world: World, durable: Callable[[str], int | None]) -> None:
        self.world, self.told = world, list[Told]()
        self.life = 0
        self._durable = durable
        self._standing = Standing()
        self._dead: asyncio.Event = asyncio.Event()
        self._dead.set()
        self._tokens: dict[str, str] = {}
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=create_app(self._standing), raise_app_exceptions=False),
            base_url="http://localhost",
        )

    async def open(self) -> None:
        """People and a terminal, on a new ledger."""
        for person, role in ROLES.items():
            await self.world.people.add_person(person, person.title(), [Role(role)], PINS[person], "setup")
        await self.world.terminal()

    def live(self) -> None:
        """The station answers from now on."""
        self.life += 1
        self._standing.station = self.world.station
        self._dead = asyncio.Event()
        self._tokens.clear()

    def die(self) -> None:
        """Nobody hears from it any more."""
        self._standing.station = None
        self._dead.set()

    async def close(self) -> None:
        """The end."""
        await self._client.aclose()

    async def ask(self, person: str, method: str, path: str, body: Any = None, wait_s: int = 0) -> tuple[int, Any]:
        """One request by a person who logs in first if need be; its status and JSON. Raises Gone."""
        if person not in self._tokens:
            await self._log_in(person)
        status, answer = await self._send(person, method, path, body, wait_s)
        if status == 401:
            await self._log_in(person)
            status, answer = await self._send(person, method, path, body, wait_s)
        return status, answer

    async def _log_in(self, person: str) -> None:
        life = self.life
        status, answer = await self._send(person, "POST", "/v1/sessions", {"who": person, "pin": PINS[person]}, 0)
        if status != 201 or life != self.life:
            raise Gone
        self._tokens[person] = answer["token"]

    async def _send(self, person: str, method: str, path: str, body: Any, wait_s: int) -> tuple[int, Any]:
        if self._dead.is_set():
            raise Gone
        loop, life, dead = asyncio.get_running_loop(), self.life, self._dead
        asked_at = loop.time()
        headers = {"Galenic-Terminal": self.world._terminals["desk"]}
        if person in self._tokens:
            headers["Authorization"] = f"Bearer {self._tokens[person]}"
        if wait_s:
            headers["Prefer"] = f"wait={wait_s}"
        content = {} if body is None else {"json": body}
        request = asyncio.create_task(self._client.request(method, path, headers=headers, **content))
        death = asyncio.create_task(dead.wait())
        try:
            await asyncio.wait([request, death], return_when=asyncio.FIRST_COMPLETED)
            if dead.is_set() or not request.done():
                raise Gone
            answer = request.result()
        finally:
            for task in (request, death):
                task.cancel()
            await asyncio.wait([request, death])
            if not request.cancelled():
                request.exception()  # whatever it was, a dead process told nobody
        told = (asked_at, loop.time(), life, person, method, path, body, answer.status_code, answer.text)
        self.told.append(Told(*told, self._durable(method)))
        return answer.status_code, answer.json() if answer.text[:1] == "{" else None
