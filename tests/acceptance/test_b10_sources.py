"""B10: a list whose lines come from a robot and from people, at one station; what the robot lacks is fetched elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from tests.acceptance.pharmacy import AMX, PRD, Pharmacy, a_pharmacy
from tests.acceptance.ward import Person, scan_of
from tests.kit.robot import ROBOT, hold

LIST, TOTE, PLACE = "/v1/pick-lists/L-1", "/v1/totes/T-1", "load-1"
SHELF = {
    "id": "S",
    "name": "Open shelf",
    "pockets": [{"id": "S-1", "item": AMX, "capacity": 500, "par": 100}, {"id": "S-2", "item": PRD, "capacity": 500, "par": 100}],
}
LOADING = [{"id": PLACE, "name": "Under output 1", "robot": ROBOT, "output": 1}]
TEN = partial(hold, item=AMX, lot="AMX1", expiry="2032-03-31", packs=10)


@asynccontextmanager
async def a_store(stock: Any = TEN, on_shelf: int = 20, **about: Any) -> AsyncIterator[tuple[Pharmacy, Person, Person]]:
    """A robot, a shelf beside it with `on_shelf` units of its item, a technician and the pharmacy's program."""
    site = {"shelves": [SHELF], "loading": LOADING}
    async with a_pharmacy(stock, site=site, **about) as pharmacy:
        technician, rx = await pharmacy.person("technician"), await pharmacy.service()
        if on_shelf:
            body = {"scan": scan_of(AMX), "pocket": "S-1"}
            await technician.done("PUT", "/v1/restocks/R-1", body)
            await technician.say("/v1/restocks/R-1", kind="count", number=0)
            pharmacy.puts("S-1", "AMX1", "2032-03-31", on_shelf)
            await technician.say("/v1/restocks/R-1", kind="placed", quantity=on_shelf)
        yield pharmacy, technician, rx


def line(quantity: int, n: int = 1, item: str = AMX, **more: Any) -> dict[str, Any]:
    """A line of a list."""
    return {"n": n, "item": item, "quantity": quantity, **more}


async def test_at10_2_a_robot_returns_eight_of_ten_and_two_are_picked_elsewhere() -> None:
    async with a_store() as (pharmacy, technician, rx):
        begun = await rx.done("PUT", LIST, {"revision": 1, "lines": [line(10)]})
        assert begun["lines"][0]["parts"] == [{"pocket": None, "drawer": ROBOT, "quantity": 10}]
        for number in list(pharmacy.steel.steel.packs)[:2]:
            pharmacy.world.fault("robot-loses-pack", robot=ROBOT, pack=number)
        placed = await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
        assert (placed["state"], placed["at"], placed["contents"]) == ("filling", PLACE, [])
        await pharmacy.world.until("robot.pick_ended")
        await pharmacy.quiet()
        shown = (await rx.get(LIST))["lines"][0]
        assert (shown["picked"], shown["ordered"], shown["lacking"], shown["state"]) == (8, 0, 0, "short")
        assert shown["parts"] == [{"pocket": "S-1", "drawer": "S", "quantity": 2}], "both are pending: 8 in the tote, 2 to fetch"
        (order,) = pharmacy.orders()
        assert len(pharmacy.out()) == 8
        (filled,) = pharmacy.rows("tote.filled")
        assert (filled["order"], filled["quantity"], filled["packs"], filled["tote"]) == (order, 8, 8, "T-1")
        answer = await technician.ask("POST", f"{LIST}/lines/1/picks", {"tote": "T-1"})
        pick = answer.headers["location"]
        await technician.say(pick, kind="scan", data=scan_of(AMX))
        pharmacy.takes("S-1", 2)
        await technician.say(pick, kind="taken", quantity=2)
        shown = await rx.get(LIST)
        assert (shown["state"], shown["lines"][0]["state"], shown["lines"][0]["totes"]) == ("done", "picked", ["T-1"])
        (content,) = (await technician.get(TOTE))["contents"]
        assert content["quantity"] == 10
        assert pharmacy.orders() == [order], "no pack was ordered twice"
