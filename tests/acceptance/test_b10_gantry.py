"""B10 with a gantry: a list of several lines goes into one tote, people restock its shelf, and one who has looked ends a doubt."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from api.app import create_app
from api.standing import Standing
from tests.acceptance.ward import Person, Ward, scan_of
from tests.kit.fetching import AMX, ARM, FULL, PACK, PRD, TABLE, Fetchers, fetchers

LIST, TOTE, GANTRY = "/v1/pick-lists/L-1", "/v1/totes/T-1", f"/v1/gantries/{ARM}"


@asynccontextmanager
async def a_store(stock: Any = FULL, *, homed: bool = True) -> AsyncIterator[tuple[Fetchers, Ward, Person, Person]]:
    """A gantry, a technician and the pharmacy's program, all over REST."""
    async with fetchers(stock, homed=False) as found:
        standing = Standing(station=found.world.station)
        transport = httpx.ASGITransport(app=create_app(standing), raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            ward = Ward(found.world, client, standing)
            technician, rx = await ward.person("technician"), await ward.service()
            if homed:
                await found.state("unhomed")
                begun = await technician.done("POST", f"{GANTRY}/home")
                assert begun["state"] == "homing"
                await found.state("ready")
            yield found, ward, technician, rx
            await ward.quiet()
            ward.folds_again()
            assert found.world.rows("station.defect") == []


def line(n: int, quantity: int, item: str = AMX, **more: Any) -> dict[str, Any]:
    """A line of a list."""
    return {"n": n, "item": item, "quantity": quantity, **more}


async def test_a_list_of_several_lines_goes_into_a_tote_urgent_lines_first() -> None:
    async with a_store() as (found, ward, technician, rx):
        lines = [line(1, 4 * PACK), line(2, 2 * PACK, PRD, urgent=True), line(3, 2 * PACK)]
        begun = await rx.done("PUT", LIST, {"revision": 1, "lines": lines})
        assert {part["drawer"] for one in begun["lines"] for part in one["parts"]} == {ARM}
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": TABLE})
        await ward.quiet()
        shown = await rx.get(LIST)
        assert {one["n"]: one["ordered"] for one in shown["lines"]} == {1: 4 * PACK, 2: 2 * PACK, 3: 2 * PACK}
        assert [one["lacking"] for one in shown["lines"]] == [0, 0, 0]
        await found.until(lambda: len(found.handed()) == 8)
        await found.state("ready")
        await ward.quiet()
        fetched = [found.order(pick["order"])["item"] for pick in found.picks()]
        assert fetched == [PRD] * 2 + [AMX] * 6, "the urgent line has a trip of its own, and the first"
        shown = await rx.get(LIST)
        assert shown["state"] == "done"
        assert {one["n"]: one["picked"] for one in shown["lines"]} == {1: 4 * PACK, 2: 2 * PACK, 3: 2 * PACK}
        contents = {one["item"]: one["quantity"] for one in (await technician.get(TOTE))["contents"]}
        assert contents == {AMX: 6 * PACK, PRD: 2 * PACK}
        filled = ward.rows("tote.filled")
        assert sum(body["quantity"] for body in filled) == 8 * PACK
        assert {body["source"] for body in filled} == {ARM}
        orders = (await technician.get(f"{GANTRY}/orders"))["items"]
        assert {order["state"] for order in orders} == {"completed"}
        assert sum(order["given"] for order in orders) == 8
        assert (await technician.get(GANTRY))["state"] == "ready"


async def test_its_shelf_is_restocked_while_it_is_out_of_service_one_lot_to_a_place() -> None:
    async with a_store() as (found, ward, technician, rx):
        body = {"scan": scan_of(AMX, "A3", "320415"), "pocket": "S-3"}
        await technician.refused("PUT", "/v1/restocks/R-0", body, code="gantry-in-service")
        assert (await technician.done("POST", f"{GANTRY}/service", {"step": "out_of_service"}))["state"] == "out_of_service"
        found.steel.remove("S-3/5")
        await technician.done("PUT", "/v1/restocks/R-1", {"scan": scan_of(AMX, "B9", "330131"), "pocket": "S-3"})
        work = "/v1/restocks/R-1"
        step = {"step": "return_to_service"}
        await technician.refused("POST", f"{GANTRY}/service", step, code="pocket-in-use")
        for _ in range(2):
            await technician.say(work, kind="count", number=4 * PACK)
        await technician.refused("POST", f"{work}/entries", {"kind": "placed", "quantity": PACK}, code="place-of-another-lot")
        await technician.refused("POST", f"{work}/entries", {"kind": "placed", "quantity": PACK // 2}, code="whole-packs-only")
        await technician.done("POST", f"{work}/cancellation")
        await technician.done("PUT", "/v1/restocks/R-2", body)
        await technician.say("/v1/restocks/R-2", kind="count", number=4 * PACK)
        found.steel.lay("S-3", "A3", "2032-04-15", 1)
        await technician.say("/v1/restocks/R-2", kind="placed", quantity=PACK)
        await ward.quiet()
        assert ward.believed("S-3") == 5 * PACK == len(found.steel.shelf["S-3"]) * PACK
        await technician.done("PUT", "/v1/restocks/R-3", {"scan": scan_of(PRD, "B9", "330131"), "pocket": "S-4"})
        await technician.say("/v1/restocks/R-3", kind="count", number=0)
        found.steel.lay("S-4", "B9", "2033-01-31", 2)
        await technician.say("/v1/restocks/R-3", kind="placed", quantity=2 * PACK)
        await ward.quiet()
        shown = await rx.done("PUT", LIST, {"revision": 1, "lines": [line(1, PACK)]})
        assert shown["lines"][0]["lacking"] == PACK, "what a person must put back into service first offers nothing"
        assert (await technician.done("POST", f"{GANTRY}/service", step))["state"] == "unhomed"
        await technician.refused("POST", f"{GANTRY}/service", step, code="gantry-step-not-now")
        await technician.done("POST", f"{GANTRY}/home")
        await found.state("ready")
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": TABLE})
        await found.until(lambda: len(found.handed()) == 1)
        await found.state("ready")


async def test_a_pack_that_fell_is_settled_by_one_who_has_looked_and_the_list_goes_on() -> None:
    async with a_store() as (found, ward, technician, rx):
        await rx.done("PUT", LIST, {"revision": 1, "lines": [line(1, 3 * PACK)]})
        number = found.world.fault("dropped-pack", gantry=ARM, seconds=1.0)
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": TABLE})
        await found.state("in_doubt")
        found.world.faults.lift(number)
        shown = await technician.get(GANTRY)
        assert (shown["in_doubt"], [place["state"] for place in shown["tray"]]) == (1, ["in_doubt"])
        await technician.refused("POST", f"{GANTRY}/home", code="gantry-step-not-now")
        (order,) = (await technician.get(f"{GANTRY}/orders"))["items"]
        shown = await rx.get(LIST)
        assert (shown["lines"][0]["ordered"], shown["lines"][0]["parts"]) == (3 * PACK, []), "nobody counts on its packs twice"
        settle = f"{GANTRY}/orders/{order['id']}/settlement"
        wrong = {"in_tote": ["7"], "note": "?"}
        await technician.refused("POST", settle, wrong, code="unknown-gantry-pack")
        told = await technician.done("POST", settle, {"in_tote": [], "note": "it lay on the floor, and is broken"})
        assert (told["state"], told["by"], told["fetched"][0]["state"]) == ("settled", technician.id, "lost")
        await technician.refused("POST", settle, {"in_tote": [], "note": "again"}, code="gantry-order-not-in-doubt")
        await found.state("unhomed")
        assert ward.unverified("S-1") == "fetch-in-doubt"
        await technician.done("POST", f"{GANTRY}/home")
        await found.until(lambda: len(found.handed()) == 3)
        await found.state("ready")
        shown = await rx.get(LIST)
        assert (shown["state"], shown["lines"][0]["picked"]) == ("done", 3 * PACK)
        assert {pick["pocket"] for pick in found.picks()[1:]} == {"S-3"}, "not from the place that nobody has counted"


async def test_it_stops_whenever_anybody_says_so() -> None:
    async with a_store() as (_, ward, technician, rx):
        stopped = await technician.done("POST", f"{GANTRY}/stop")
        assert (stopped["state"], stopped["reason"]) == ("unhomed", "stopped")
        assert (await rx.done("POST", f"{GANTRY}/stop"))["state"] == "unhomed"
        await technician.refused("POST", "/v1/gantries/none/stop", code="unknown-gantry")
        await technician.refused("POST", f"{GANTRY}/orders/9/settlement", {"in_tote": [], "note": "?"}, code="unknown-gantry-order")
        assert len((await technician.get("/v1/gantries"))["items"]) == 1
        await ward.quiet()
