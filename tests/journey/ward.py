"""The ward's technician: takes a tote in, puts what is in it into pockets, and signs with a second pair of eyes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from simulators.plant.pocket import Lot
from simulators.plant.totes import Packed
from tests.journey.books import Everything
from tests.journey.hand import Hand, Refused
from tests.journey.pharmacy import SEAL, TOTE


@dataclass(slots=True)
class Receiver:
    """On the ward. `step` is called whenever a piece of work is done."""

    all: Everything
    hand: Hand
    step: Callable[[str], Awaitable[None]]
    left: dict[str, int] = field(default_factory=dict)
    tries: int = 0

    @property
    def room(self) -> dict[str, int]:
        """What fits into each pocket."""
        return {pocket.id: pocket.capacity for holder in self.house.site.holders for pocket in holder.pockets}

    @property
    def house(self) -> Any:
        """The ward's steel."""
        return self.all.ward.world.house

    async def works(self) -> None:
        """From the courier to the signature."""
        self.house.totes.bring(TOTE, self.all.on_the_way.pop(TOTE))
        await self.hand.until("/totes", lambda told: any(one["id"] == TOTE for one in told["items"]))
        await self.hand.done("POST", f"/totes/{TOTE}/arrival", {"seal": SEAL})
        await self.step("the tote stands on the ward")
        for item in list(dict.fromkeys(str(one.item) for one in self.house.totes.totes[TOTE])):
            for lot in list(dict.fromkeys((one.lot, one.expiry) for one in self._packs(item))):
                await self._puts_away(item, *lot)
                await self.step(f"{item} is put away")
        await self._signs()
        await self.step("the ward has signed")

    def _packs(self, item: str) -> list[Packed]:
        return [one for one in self.house.totes.totes[TOTE] if one.item == item]

    async def _puts_away(self, item: str, lot: str, expiry: str) -> None:
        packs = [one for one in self._packs(item) if (one.lot, one.expiry) == (lot, expiry)]
        units = sum(self.all.pack(item) if one.units is None else one.units for one in packs)
        gtin = next(one.gtins[0] for one in self.all.pharmacy.report.data.items if one.id == item)
        scan = f"]d201{gtin}17{expiry[2:4]}{expiry[5:7]}{expiry[8:10]}10{lot}"
        self.tries += 1
        path = f"/restocks/R-{self.tries}"
        try:
            begun = await self.hand.done("PUT", path, {"scan": scan, "tote": TOTE})
        except Refused as refused:
            if refused.code not in {"not-in-tote", "tote-item-done", "not-stocked", "item-not-known"}:
                raise
            self.left[item] = self.left.get(item, 0)  # what nobody has announced stays in it
            return
        leg, plant = begun["legs"][0], self.house.plant
        await plant.open(leg["drawer"], wait_s=10)
        await self.hand.until(path, lambda told: told["ask"] is None or told["ask"]["entries"])
        await self._says(path, kind="count", number=plant.pocket(leg["pocket"]).quantity)
        told = await self.hand.get(path)
        if told["state"] in {"accessing", "counting"}:
            room = self.room[leg["pocket"]] - plant.pocket(leg["pocket"]).quantity
            placed = min(units, room)
            for one in packs:
                self.house.totes.take(TOTE, one.id)
            if placed < units:  # what does not fit goes back
                self.house.totes.lay(TOTE, item, lot, expiry, units - placed)
                self.left[item] = self.left.get(item, 0) + units - placed
            plant.put(leg["pocket"], Lot(lot, expiry, placed))
            await self._says(path, kind="placed", quantity=placed)
        await plant.shut(leg["drawer"])
        await self.hand.until(path, lambda told: told["state"] not in {"accessing", "counting"})

    async def _says(self, path: str, **entry: Any) -> None:
        try:
            told = await self.hand.done("POST", f"{path}/entries", entry)
        except Refused as refused:
            if refused.code not in {"work-ended", "entry-not-expected"}:
                raise
            return
        if told["ask"] and told["ask"]["again"] and entry["kind"] == "count":
            await self._says(path, **entry)

    async def _signs(self) -> None:
        body: dict[str, Any] = {"left": {item: units for item, units in self.left.items() if units}}
        subject = (await self.hand.done("POST", f"/totes/{TOTE}/receipt/subject", body))["subject"]
        body["witness"] = await self.hand.witness("other", subject)
        await self.hand.done("POST", f"/totes/{TOTE}/receipt", body)
        await asyncio.sleep(0)
