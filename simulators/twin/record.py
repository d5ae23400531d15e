"""What was done over the control API, kept and written as a test: whatever a page, a scenario or a program did, in its order.

Only what was done is kept: what steel refused or could not be read changed nothing.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulators.house import House

KEPT = 400
"""Acts; beyond them the oldest are forgotten, and the test says so."""
PATIENCE_S = 10.0
"""A hand that found a drawer unlocked waits so long for that when the test is run: there the station may come later."""
FAULT = re.compile(r"/faults/(\d+)")


@dataclass(frozen=True, slots=True)
class Act:
    """One of them. `made` is the number of the fault that it made."""

    method: str
    path: str
    body: Any
    made: int | None


class Record:
    """The acts since it was begun."""

    def __init__(self) -> None:
        self.acts: deque[Act] = deque(maxlen=KEPT)
        self.forgotten = 0

    def begin(self) -> None:
        """Anew, from here on."""
        self.acts.clear()
        self.forgotten = 0

    def keep(self, act: Act) -> None:
        """One act more."""
        self.forgotten += len(self.acts) == KEPT
        self.acts.append(act)


def written(record: Record, house: House) -> str:
    """The acts as a test of pytest over `control`, an httpx client of the control API; it ends with what is true now.

    The seed is said: what chance does, of weather, readers and people, is drawn from it.
    """
    lines = [
        "import httpx",
        "",
        "",
        "async def test_what_was_played_at_the_twin(control: httpx.AsyncClient) -> None:",
        f'    """Recorded at the twin of {house.site.station.id}; `control` reaches simulators newly started on the same site,',
        f'    with `--seed {house.seed}`."""',
    ]
    if record.forgotten:
        lines.append(f"    # the first {record.forgotten} acts were forgotten")
    body = [*_acts(record.acts), *_truths(record.acts, house)]
    return "".join(f"{line}\n" for line in [*lines, *(f"    {line}" for line in body or ["pass  # nothing has been done yet"])])


def _acts(acts: Sequence[Act] | deque[Act]) -> Iterator[str]:
    made: set[int] = set()
    for act in acts:
        if act.made is not None:
            made.add(act.made)
            yield f'fault_{act.made} = ({_asked(act)}).raise_for_status().json()["id"]'
        elif act.method == "DELETE" and (lifted := FAULT.fullmatch(act.path)):
            if int(lifted[1]) in made:  # of one that was made before, a new run knows nothing
                yield f'(await control.delete(f"/faults/{{fault_{lifted[1]}}}")).raise_for_status()'
        else:
            yield f"({_asked(act)}).raise_for_status()"


def _asked(act: Act) -> str:
    body = act.body
    if act.path == "/hands" and body["do"] == "open":
        body = {**body, "wait_s": max(body.get("wait_s", 0.0), PATIENCE_S)}
    sent = "" if body is None else f", json={_literal(body)}"
    return f"await control.{act.method.lower()}({_literal(act.path)}{sent})"


def _truths(acts: Sequence[Act] | deque[Act], house: House) -> Iterator[str]:
    """What lies in the pockets that hands were in, and how the drawers stand that they moved."""
    told = [act.body for act in acts if act.path == "/hands"]
    for id in sorted({body["pocket"] for body in told if "pocket" in body}):
        yield f'assert (await control.get("/truth/pockets/{id}")).json()["quantity"] == {house.plant.pockets[id].quantity}'
    for id in sorted({body["drawer"] for body in told if "drawer" in body}):
        yield f'assert (await control.get("/truth/drawers/{id}")).json()["shut"] is {house.plant.drawers[id].shut}'


def _literal(value: Any) -> str:
    """A JSON value as Python writes it, with the quotes of our tests."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{_literal(key)}: {_literal(one)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_literal, value)) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return repr(value)


class Records:
    """Keeps what was done over the control API. Asking changes nothing, nor does beginning a record anew."""

    def __init__(self, app: ASGIApp, record: Record, stir: Callable[[], None]) -> None:
        self._app, self._record, self._stir = app, record, stir

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The request goes on; once it is answered and was done, it is kept, and every page looks again."""
        if scope["type"] != "http" or scope["method"] == "GET" or scope["path"].startswith("/twin/"):
            await self._app(scope, receive, send)
            return
        asked, answered, status = bytearray(), bytearray(), 0

        async def heard() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def said(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            answered.extend(message.get("body", b""))
            await send(message)

        await self._app(scope, heard, said)
        if status < 300:
            made = json.loads(answered)["id"] if scope["path"] == "/faults" else None
            self._record.keep(Act(scope["method"], scope["path"], json.loads(asked) if asked else None, made))
            self._stir()
