"""Courier: tells another station, over its API, of each tote that is sealed for it, until that station has taken it in.

The same manifest may be told as often as one likes: for the receiver it is one tote. What has been told is in the ledger.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

import httpx

from api.kept import kept
from controller.ledger.views.tote_records import Tote
from controller.machines.custody import State
from controller.station import Station
from controller.workflows.packing import manifest, told
from drivers.faults import SiteFault
from sites.partners import Partner

AFTER_S = (1, 5, 30, 120, 300)
"""Silence or a refusal is followed by another try after so long, the last figure again and again."""
TIMEOUT_S = 20
_SEALED = frozenset({State.PACKED, State.IN_TRANSIT})


class Courier:
    """To one partner. `state` holds its token, the site file lies in `folder`; `transport` is for partners that are no sockets."""

    def __init__(
        self, station: Station, part: Partner, state: Path, folder: Path, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.part = part
        self.error = ""
        """Why the last try failed; empty after one that did not."""
        self._station, self._folder, self._transport = station, folder, transport
        self._token = state / "partners" / f"{part.id}.token"

    def untold(self) -> list[Tote]:
        """Totes that are sealed for the partner and not announced there yet."""
        totes = self._station.books.totes.totes.values()
        return [tote for tote in totes if self._mine(tote)]

    def _mine(self, tote: Tote) -> bool:
        return not tote["told"] and tote["destination"] == self.part.id and State(tote["state"]) in _SEALED

    async def run(self) -> None:
        """Tells one tote after the other. Ends by cancellation only."""
        failed = 0
        while True:
            head = self._station.ledger.head[0]
            taken = [await self._tell(tote) for tote in self.untold()]
            failed = 0 if all(taken) else failed + 1
            wait_s = AFTER_S[min(failed, len(AFTER_S)) - 1] if failed else None
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._station.ledger.wait_for(["tote.packed"], lambda _body: True, after=head)

    async def _tell(self, tote: Tote) -> bool:
        try:
            self.error = await self._put(tote)
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            self.error = f"{type(error).__name__}: {error}"
        except SiteFault as fault:
            self.error = f"{fault.code}: {fault.facts}"
        if not self.error and self._mine(tote):
            told(self._station, tote)
        return not self.error

    async def _put(self, tote: Tote) -> str:
        """Why the partner did not take it in; empty if it did. Raises httpx.HTTPError, SSLError, OSError, SiteFault."""
        headers = {"Authorization": f"Bearer {kept(self._token).strip()}"}
        verify: ssl.SSLContext | bool = True
        if self.part.ca is not None:
            verify = ssl.create_default_context(cafile=self._folder / self.part.ca)
        async with httpx.AsyncClient(verify=verify, transport=self._transport, timeout=TIMEOUT_S, trust_env=False) as client:
            answer = await client.put(f"{self.part.url}/v1/totes/{tote['tote']}", json=manifest(tote), headers=headers)
        return "" if answer.is_success else f"{answer.status_code}: {answer.text[:200]}"
