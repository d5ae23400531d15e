"""People at work in a demo of two stations: each act is a request to a daemon, as a terminal makes it, and a hand at the steel.

They know what people know: what the daemons answer, and what they see when they look. `Crew` is the people of one station.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from api.cli.demo_ward import Run
from sites.models import Site

PATIENCE_S = 120.0
"""Whoever waits longer says so and gives up."""
LOOK_S = 0.2
"""How often somebody looks up from other work."""


class GaveUp(Exception):
    """Something was not as it should be, in words."""


class Crew:
    """The people of one station: `terminal` is where they stand. Raises GaveUp for what is refused or does not come."""

    def __init__(
        self, run: Run, terminal: str, api: httpx.AsyncBaseTransport | None = None, steel: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`api` and `steel` are for a daemon and simulators that are no sockets."""
        self.run = run
        self._terminal = header(run, terminal)
        self.api = httpx.AsyncClient(base_url=f"http://{run.listen}", timeout=30, trust_env=False, transport=api)
        self.steel = httpx.AsyncClient(base_url=f"http://{run.control}", timeout=PATIENCE_S + 30, trust_env=False, transport=steel)
        self._tokens: dict[str, dict[str, str]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.api.aclose()
        await self.steel.aclose()

    async def log_in(self, who: str) -> None:
        """Somebody logs in at the terminal."""
        body = {"who": who, "pin": self.run.pins[who]}
        told = await self._told(self.api, "POST", "/v1/sessions", body, self._terminal)
        self._tokens[who] = {"Authorization": f"Bearer {told['token']}", **self._terminal}

    async def ask(self, who: str, method: str, path: str, body: Mapping[str, Any] | None = None, wait_s: int = 0) -> dict[str, Any]:
        """A request by a person, or by a program whose token lies beside the site file; with `location` where it has one. Work
        that lives is answered when it has changed, or after `wait_s`."""
        headers = (self._tokens.get(who) or header(self.run, who)) | ({"Prefer": f"wait={wait_s}"} if wait_s else {})
        return await self._told(self.api, method, f"/v1/{path}", body, headers)

    async def hand(self, path: str, **act: Any) -> dict[str, Any]:
        """A hand does something at the steel."""
        return await self._told(self.steel, "POST", path, act, {})

    async def sees(self, path: str) -> dict[str, Any]:
        """What eyes see there."""
        return await self._told(self.steel, "GET", path, None, {})

    async def until(self, who: str, path: str, what: str, so: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Looks again and again until it is so."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    told = await self.ask(who, "GET", path, wait_s=1)
                    if so(told):
                        return told
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise GaveUp(f"{self.run.name}: {what} after {PATIENCE_S:.0f} s") from None

    async def witness(self, who: str, second: str, subject: str) -> str:
        """A second person signs at the same terminal."""
        body = {"who": second, "pin": self.run.pins[second], "subject": subject}
        signed: str = (await self.ask(who, "POST", "witnesses", body))["witness"]
        return signed

    async def _told(
        self, client: httpx.AsyncClient, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        try:
            answer = await client.request(method, path, json=body, headers=headers)
        except httpx.TransportError as error:
            raise GaveUp(f"{self.run.name}: {method} {path}: {type(error).__name__}") from error
        if not answer.is_success:
            raise GaveUp(f"{self.run.name}: {method} {path}: {answer.status_code} {answer.text}")
        told: dict[str, Any] = answer.json() if answer.content else {}
        return told | ({"location": answer.headers["location"]} if "location" in answer.headers else {})


def header(run: Run, name: str) -> dict[str, str]:
    """The header that lies in a file beside the site file."""
    key, _, value = (run.folder / name).read_text(encoding="utf-8").strip().partition(": ")
    return {key: value}


def symbol(gtin: str, lot: str, expiry: str) -> str:
    """What a scanner gives for a package: a GS1 DataMatrix with GTIN, expiry and lot."""
    return f"]d201{gtin}17{expiry[2:4]}{expiry[5:7]}{expiry[8:10]}10{lot}"


async def picks(crew: Crew, who: str, list_: str, n: int, tote: str) -> None:
    """Somebody fetches what is left of a line: a package of it is scanned where no drawer opens, and lies in the tote after."""
    begun = await crew.ask(who, "POST", f"pick-lists/{list_}/lines/{n}/picks", {"tote": tote})
    pick, leg = begun["location"].removeprefix("/v1/"), begun["legs"][0]
    pocket, item = leg["pocket"], begun["item"]
    drawer = any(part.id == leg["drawer"] for part in _site(crew).drawers)
    if drawer:
        await crew.hand("/hands", do="open", drawer=leg["drawer"], wait_s=10)
        await crew.until(who, pick, "its drawer is not seen open", lambda told: told["ask"] and told["ask"]["entries"])
    lies = await crew.sees(f"/truth/pockets/{pocket}")
    if not drawer:
        first = min(lies["lots"], key=lambda lot: lot["expiry"])
        gtin = next(one.gtins[0] for one in crew.run.report.data.items if one.id == item)
        await crew.ask(who, "POST", f"{pick}/entries", {"kind": "scan", "data": symbol(gtin, first["lot"], first["expiry"])})
    took = await crew.hand("/hands", do="take", pocket=pocket, quantity=leg["quantity"])
    for lot in took["took"]:
        await crew.hand("/totes/hands", do="lay", tote=tote, item=item, **lot)
    told = await crew.ask(who, "POST", f"{pick}/entries", {"kind": "taken", "quantity": leg["quantity"]})
    if drawer and told["ask"] and "count" in told["ask"]["entries"]:
        await crew.ask(who, "POST", f"{pick}/entries", {"kind": "count", "number": took["left"]})
    if drawer:
        await crew.hand("/hands", do="shut", drawer=leg["drawer"])
    await crew.until(who, pick, f"line {n} is not picked", lambda told: told["state"] == "committed")


async def checks(crew: Crew, who: str, tote: str, pack_of: Mapping[str, int]) -> list[dict[str, Any]]:
    """Somebody scans all that is in a tote, and says so; what differs is told. `pack_of` is what stands on the packs."""
    lots: dict[str, dict[tuple[str, str], int]] = {}
    for pack in (await crew.sees(f"/totes/{tote}"))["packs"]:
        found = lots.setdefault(pack["item"], {})
        key = pack["lot"], pack["expiry"]
        found[key] = found.get(key, 0) + (pack_of[pack["item"]] if pack["units"] is None else pack["units"])
    told = [
        {"item": item, "lots": [{"lot": lot, "expiry": expiry, "quantity": units} for (lot, expiry), units in found.items()]}
        for item, found in lots.items()
    ]
    differences: list[dict[str, Any]] = (await crew.ask(who, "POST", f"totes/{tote}/check", {"found": told}))["differences"]
    return differences


async def seals(crew: Crew, who: str, second: str, list_: str, tote: str, to: str, seal: str) -> None:
    """Two people seal a tote, and it leaves."""
    body = {"list": list_, "to": to, "seal": seal}
    subject = (await crew.ask(who, "POST", f"totes/{tote}/packing/subject", body))["subject"]
    body["witness"] = await crew.witness(who, second, subject)
    await crew.ask(who, "POST", f"totes/{tote}/packing", body)
    await crew.ask(who, "POST", f"totes/{tote}/dispatch", {})


async def carries(pharmacy: Crew, ward: Crew, tote: str) -> None:
    """A courier carries the tote over; the ward has been told of it meanwhile."""
    packs = (await pharmacy.hand("/totes/hands", do="carry-off", tote=tote))["packs"]
    await ward.hand("/totes/hands", do="bring", tote=tote, packs=packs)
    await ward.until("screen", "totes", "the tote is not announced", lambda told: any(one["id"] == tote for one in told["items"]))


async def unpacks(crew: Crew, who: str, tote: str, seal: str, pack_of: Mapping[str, int]) -> dict[str, int]:
    """Everything in the tote goes into pockets of its item, lot by lot, and what lay there is counted before. What has no room
    stays in it and is told, by item. `pack_of` is what stands on the packs: how many are in a full one."""
    await crew.ask(who, "POST", f"totes/{tote}/arrival", {"seal": seal})
    lots: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for pack in (await crew.sees(f"/totes/{tote}"))["packs"]:
        lots.setdefault((pack["item"], pack["lot"], pack["expiry"]), []).append(pack)
    left: dict[str, int] = {}
    for number, ((item, lot, expiry), packs) in enumerate(lots.items(), 1):
        units = sum(pack_of[item] if pack["units"] is None else pack["units"] for pack in packs)
        placed = await _restocks(crew, who, tote, f"{tote}-{number}", {"item": item, "lot": lot, "expiry": expiry}, units)
        if placed < units:
            left[item] = left.get(item, 0) + units - placed
        else:
            for pack in packs:
                await crew.hand("/totes/hands", do="take", tote=tote, pack=pack["id"])
    return left


async def signs(crew: Crew, who: str, second: str, tote: str, left: Mapping[str, int]) -> None:
    """Two people sign for what came."""
    body: dict[str, Any] = {"left": dict(left)}
    subject = (await crew.ask(who, "POST", f"totes/{tote}/receipt/subject", body))["subject"]
    body["witness"] = await crew.witness(who, second, subject)
    await crew.ask(who, "POST", f"totes/{tote}/receipt", body)


async def _restocks(crew: Crew, who: str, tote: str, id_: str, pack: Mapping[str, Any], units: int) -> int:
    gtin = next(one.gtins[0] for one in crew.run.report.data.items if one.id == pack["item"])
    scan = symbol(gtin, pack["lot"], pack["expiry"])
    begun = await crew.ask(who, "PUT", f"restocks/{id_}", {"scan": scan, "tote": tote})
    restock, leg = f"restocks/{id_}", begun["legs"][0]
    await crew.hand("/hands", do="open", drawer=leg["drawer"], wait_s=10)
    await crew.until(who, restock, "its drawer is not seen open", lambda told: told["ask"] and told["ask"]["entries"])
    lies = (await crew.sees(f"/truth/pockets/{leg['pocket']}"))["quantity"]
    room = {pocket.id: pocket.capacity for holder in _site(crew).holders for pocket in holder.pockets}
    placed: int = min(units, room[leg["pocket"]] - lies)
    await crew.ask(who, "POST", f"{restock}/entries", {"kind": "count", "number": lies})
    if placed:
        lot = {"lot": pack["lot"], "expiry": pack["expiry"]}
        await crew.hand("/hands", do="put", pocket=leg["pocket"], quantity=placed, **lot)
    await crew.ask(who, "POST", f"{restock}/entries", {"kind": "placed", "quantity": placed})
    await crew.hand("/hands", do="shut", drawer=leg["drawer"])
    await crew.until(who, restock, "the restock has no end", lambda told: told["state"] == "committed")
    return placed


def _site(crew: Crew) -> Site:
    site = crew.run.report.site
    assert site is not None  # noqa: S101 - for the types; it was checked when it was laid out
    return site
