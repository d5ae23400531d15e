"""The pharmacy's technician: brings a tote, minds the machines, fetches what people fetch, seals and sends. She knows what the
station tells and what she sees when she looks."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from simulators.plant.totes import Packed
from tests.journey.books import Everything
from tests.journey.hand import Hand, Refused
from tests.journey.rounds import count_all
from tests.journey.stations import WARD

LIST, TOTE, SEAL = "/pick-lists/L-1", "T-1", "S-1"
STEP_S = 1.0
STUCK_S = 40.0
"""What is to leave a place and is seen there for so long does not leave."""


@dataclass(slots=True)
class Technician:
    """At the pharmacy. `step` is called whenever a piece of work is done."""

    all: Everything
    hand: Hand
    recoverer: Hand
    """A biomedical engineer, or whoever may restart machines."""
    step: Callable[[str], Awaitable[None]]
    packed: bool = False
    last: str = "load-robot"
    """Where the tote was seen last."""
    seen: dict[str, float] = field(default_factory=dict)

    @property
    def house(self) -> Any:
        """The steel."""
        return self.all.pharmacy.world.house

    async def works(self) -> None:
        """Until the tote has left with all that can be had."""
        while not await self._one_thing():
            await asyncio.sleep(STEP_S)

    async def _one_thing(self) -> bool:
        """One thing that is to be done now; whether nothing is left."""
        try:
            return await self._mind() or await self._fill() or await self._send()
        except Refused as refused:
            if refused.code not in PASSING:
                raise
            return False

    # --- machines

    async def _mind(self) -> bool:
        for gantry in (await self.recoverer.get("/gantries"))["items"]:
            await self._gantry(gantry)
        for robot in (await self.hand.get("/robots"))["items"]:
            if robot["in_doubt"]:
                await self._robot(robot["id"])
        await self._line()
        return False

    async def _gantry(self, gantry: dict[str, Any]) -> None:
        path = f"/gantries/{gantry['id']}"
        if gantry["state"] == "in_doubt" or (gantry["tray"] and gantry["state"] in {"unhomed", "fault"}):
            for order in (await self.hand.get(f"{path}/orders"))["items"]:
                if order["state"] == "in_doubt" or any(one["state"] == "in_tray" for one in order["fetched"]):
                    await self._settle_gantry(gantry["id"], order)
                    await self.step("a gantry's order is settled")
            return
        if gantry["state"] == "fault":
            await self.recoverer.done("POST", f"{path}/service", {"step": "return_to_service"})
        elif gantry["state"] == "unhomed" or (gantry["state"] == "down" and self.house.wires["arm"].plugged):
            await self.recoverer.ask("POST", f"{path}/home")
            await asyncio.sleep(20)

    async def _settle_gantry(self, id_: str, order: dict[str, Any]) -> None:
        """She empties the tray of this order's item into the tote, looks what lies there, and says so."""
        steel = self.house.plant.gantries[id_]
        lying = [pack for place in (*steel.tray, steel.held) for pack in place]
        lying += steel.floor
        tote = order["purpose"]["tote"]
        if tote in self.house.totes.totes:
            for pack in [one for one in lying if one.item == order["item"]]:
                self.house.totes.lay_pack(tote, f"{id_}/{pack.id}")
        there = self._beyond_the_books(tote, order["item"])
        out = [one for one in order["fetched"] if one["state"] in {"in_tray", "in_doubt"}]
        said = [one["pack"] for one in out][: len(there)]
        await self.hand.done(
            "POST", f"/gantries/{id_}/orders/{order['id']}/settlement", {"in_tote": said, "note": "looked, and emptied the tray"}
        )

    async def _robot(self, id_: str) -> None:
        for order in (await self.hand.get(f"/robots/{id_}/picks"))["items"]:
            if order["state"] == "in_doubt":
                there = self._beyond_the_books(order["purpose"]["tote"], order["item"])[: order["packs"]]
                said = [{"lot": one.lot, "expiry": one.expiry} for one in there]
                await self.hand.done("POST", f"/robots/{id_}/picks/{order['id']}/settlement", {"packs": said, "note": "looked"})
                await self.step("a robot's order is settled")

    def _beyond_the_books(self, tote: str, item: str) -> list[Packed]:
        """Full packs of an item that lie in the tote and that its contents do not tell of."""
        if tote not in self.house.totes.totes:
            return []
        lying = [one for one in self.house.totes.totes[tote] if one.item == item and one.units is None]
        told = Counter[tuple[str, str]]()
        known = self.all.pharmacy.world.books.totes.totes.get(tote)
        for lot in known["contents"][item]["lots"] if known is not None and item in known["contents"] else ():
            told[lot["lot"], str(lot["expiry"])] += lot["quantity"] // self.all.pack(item)
        beyond = []
        for one in lying:
            if told[one.lot, one.expiry] > 0:
                told[one.lot, one.expiry] -= 1
            else:
                beyond.append(one)
        return beyond

    async def _line(self) -> None:
        """What belts wait for: looked at, taken off, put down again, cleared, started."""
        line = await self.recoverer.get("/line")
        for id_ in self.house.totes.known():
            if id_ != TOTE and self.house.totes.where(id_) in {"belt:P", "belt:H", "belt:G"}:
                self.house.totes.lift(id_)  # nobody's: off the belts, where she sees it
        for tote in line["totes"]:
            in_hand_lane = TOTE in self.house.totes.known() and self.house.totes.where(TOTE) == "belt:H"
            troubled = tote["trouble"] and tote["state"] in {"lost", "held", "rejected"}
            if tote["id"] == TOTE and (troubled or (in_hand_lane and tote["state"] == "bound")):
                await self._brings_back()
                return
        gates = {gate["id"]: gate["zone"] for gate in line["gates"] if gate["in_doubt"]}
        jams = [zone for belt in line["belts"] if belt["state"] == "jam" for zone in belt["zones"]]
        leaving = [place["zone"] for place in line["places"] if place["leaving"] is not None]
        stuck = [zone for zone in leaving if self._since(zone) > STUCK_S]
        for zone in dict.fromkeys((*gates.values(), *jams, *stuck)):
            await self.recoverer.ask("POST", f"/line/zones/{zone}/clearance")
        for lane in line["lanes"]:
            if lane["totes"]:
                await self.recoverer.ask("POST", f"/line/zones/{lane['zone']}/emptying")
        if any(module["stopped"] for module in line["modules"]) and all(module["up"] for module in line["modules"]):
            await self.recoverer.ask("POST", "/line/start")

    def _since(self, zone: str) -> float:
        """How long she has seen something there that was to leave."""
        now = asyncio.get_running_loop().time()
        self.seen.setdefault(zone, now)
        since = now - self.seen[zone]
        if since > STUCK_S:
            del self.seen[zone]
        return since

    async def _brings_back(self) -> None:
        """She takes the tote off, wherever it is, and puts it down under the robot again."""
        totes = self.house.totes
        if totes.where(TOTE) != "hand":
            totes.lift(TOTE)
        if totes.at("load-robot") is not None:
            return
        totes.place(TOTE, "load-robot")
        await self.recoverer.done("POST", f"/line/totes/{TOTE}/readmission", {"at": "load-robot"})
        await self.hand.done("PUT", f"/totes/{TOTE}/place", {"list": "L-1", "at": "load-robot"})

    async def evening(self) -> None:
        """Machines are minded until none waits for a person; then what is unsure is counted, at the gantry with its power off."""
        for _ in range(60):
            await self._mind()
            await asyncio.sleep(2)
            if not any(robot["in_doubt"] for robot in (await self.hand.get("/robots"))["items"]):
                break
        node = self.all.pharmacy
        for gantry in node.world.house.plant.gantries:
            path = f"/gantries/{gantry}"
            pockets = node.world.station.books.stock.pockets.values()
            if any(one["unverified"] is not None and one["drawer"] == gantry for one in pockets):
                await self.recoverer.done("POST", f"{path}/service", {"step": "out_of_service"})
                await count_all(node, self.hand, "G", gantry)
                await self.recoverer.done("POST", f"{path}/service", {"step": "return_to_service"})
        await count_all(node, self.hand, "P")

    # --- the list

    async def _fill(self) -> bool:
        if self.packed:
            return False
        totes = {one["id"]: one for one in (await self.hand.get("/totes"))["items"]}
        if TOTE not in totes:
            if TOTE not in self.house.totes.known():
                self.house.totes.place(TOTE, "load-robot")
            await self.hand.done("PUT", f"/totes/{TOTE}/place", {"list": "L-1", "at": "load-robot"})
            await self.step("the empty tote stands under the robot")
            return False
        tote, shown = totes[TOTE], await self.hand.get(LIST)
        if tote["state"] != "filling":
            self.packed = True
            return False
        if tote["at"] is not None and tote["at"] != self.last:
            self.last = tote["at"]
            await self.step(f"the tote stands at {tote['at']}")
        if tote["at"] != "packing" or any(line["ordered"] for line in shown["lines"]):
            return False
        for line in shown["lines"]:
            for part in line["parts"]:
                if part["pocket"] is not None and part["drawer"] != "arm":
                    await self._fetch(line, part)
                    await self.step(f"line {line['n']} is fetched")
                    return False
        self.packed = True
        return False

    async def _fetch(self, line: dict[str, Any], part: dict[str, Any]) -> None:
        begun = await self.hand.done("POST", f"{LIST}/lines/{line['n']}/picks", {"tote": TOTE, "pocket": part["pocket"]})
        pick, leg = begun["location"].removeprefix("/v1"), begun["legs"][0]
        plant, pocket = self.house.plant, leg["pocket"]
        drawer = leg["drawer"] in plant.drawers
        if drawer:
            await plant.open(leg["drawer"], wait_s=10)
            await self.hand.until(pick, lambda told: told["ask"] is None or told["ask"]["entries"])
        else:
            first = plant.pocket(pocket).lots[0]
            gtin = next(one.gtins[0] for one in self.all.pharmacy.report.data.items if one.id == line["item"])
            code = f"]d201{gtin}17{first.expiry[2:4]}{first.expiry[5:7]}{first.expiry[8:10]}10{first.lot}"
            await self.hand.done("POST", f"{pick}/entries", {"kind": "scan", "data": code})
        for lot in plant.take(pocket, leg["quantity"]):
            self.house.totes.lay(TOTE, line["item"], lot.lot, lot.expiry, lot.quantity)
        told = await self.hand.done("POST", f"{pick}/entries", {"kind": "taken", "quantity": leg["quantity"]})
        if drawer:
            if told["ask"] and "count" in told["ask"]["entries"]:
                await self.hand.done("POST", f"{pick}/entries", {"kind": "count", "number": plant.pocket(pocket).quantity})
            await plant.shut(leg["drawer"])
        await self.hand.until(pick, lambda told: told["state"] not in {"accessing", "counting"})

    async def _send(self) -> bool:
        if not self.packed:
            return False
        tote = await self.hand.get(f"/totes/{TOTE}")
        if tote["state"] == "filling":
            await self._check()
            body: dict[str, Any] = {"list": "L-1", "to": WARD, "seal": SEAL}
            subject = (await self.hand.done("POST", f"/totes/{TOTE}/packing/subject", body))["subject"]
            body["witness"] = await self.hand.witness("second", subject)
            await self.hand.done("POST", f"/totes/{TOTE}/packing", body)
            await self.step("the tote is sealed")
            return False
        if tote["state"] == "packed":
            await self.hand.done("POST", f"/totes/{TOTE}/dispatch")
            self.all.on_the_way[TOTE] = self.house.totes.carry_off(TOTE)
            await self.step("the tote has left")
            return False
        return True

    async def _check(self) -> None:
        """She scans all that is in the tote, and takes out what the list does not want."""
        wanted = {line["item"] for line in (await self.hand.get(LIST))["lines"]}
        found: dict[str, dict[tuple[str, str], int]] = {}
        for one in list(self.house.totes.totes[TOTE]):
            if one.item not in wanted:
                self.house.totes.take(TOTE, one.id)
                continue
            lots = found.setdefault(str(one.item), {})
            units = self.all.pack(one.item) if one.units is None else one.units
            lots[one.lot, one.expiry] = lots.get((one.lot, one.expiry), 0) + units
        told = [
            {"item": item, "lots": [{"lot": lot, "expiry": expiry, "quantity": units} for (lot, expiry), units in lots.items()]}
            for item, lots in found.items()
        ]
        await self.hand.done("POST", f"/totes/{TOTE}/check", {"found": told})
        await self.step("the tote is checked")


PASSING = frozenset({
    "tote-being-filled", "pick-line-ordered", "pick-line-taken", "pick-line-done", "no-stock", "tote-not-now", "stock-reserved",
    "stock-promised", "unknown-tote", "presence-required",
})  # fmt: skip
"""Refusals that come of something that has just changed: she looks again."""
