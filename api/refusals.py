"""Every refusal is an entry (I-43): what was asked, by whom, where from, and why not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from controller.ledger.port import Entry
from controller.policy.session import Session
from drivers.faults import LedgerFault

if TYPE_CHECKING:
    from starlette.types import Scope

    from api.standing import Standing

RECORDED_ELSEWHERE = frozenset({"log-in-failed"})
"""People records these with more than the API knows."""
BURST, A_SECOND = 60, 1
"""Of nobody in particular so many are recorded at once and so many a second after; the next entry says how many were not.
Who can reach the port without a log-in must not be able to fill the disk."""


class Refusals:
    """Writes them down."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._room, self._since, self._unrecorded = float(BURST), 0.0, 0

    def note(self, scope: Scope) -> None:
        """Records the refusal that `problems.answer` has left in this request, if it has left one."""
        refusal = scope.pop("galenic.refusal", None)
        station = self._standing.station
        if refusal is None or station is None or refusal[0] in RECORDED_ELSEWHERE:
            return
        session = scope.get("galenic.session")
        if not isinstance(session, Session) and not self._has_room():
            self._unrecorded += 1
            return
        try:
            station.ledger.post(self._entry(scope, session, *refusal))
        except LedgerFault as fault:
            station.failure = station.failure or fault

    def _entry(self, scope: Scope, session: Session | None, code: str, facts: Mapping[str, Any]) -> Entry:
        body: dict[str, Any] = {
            "code": code,
            "what": f"{scope['method']} {scope['path'][:200]}",
            "person": session.person if session else None,
            "session": session.id if session else None,
            "terminal": session.terminal if session else None,
            "facts": {name: _written(value) for name, value in facts.items()},
        }
        if self._unrecorded:
            body["unrecorded"], self._unrecorded = self._unrecorded, 0
        return Entry("refused", body, session.person if session else "station")

    def _has_room(self) -> bool:
        now = asyncio.get_running_loop().time()
        self._room = min(float(BURST), self._room + (now - self._since) * A_SECOND)
        self._since = now
        if self._room < 1:
            return False
        self._room -= 1
        return True


def _written(value: Any) -> Any:
    """A fact as the ledger can hold it: no floats, nothing nested, nothing long."""
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [str(part)[:200] for part in list(value)[:50]]
    return str(value)[:500]
