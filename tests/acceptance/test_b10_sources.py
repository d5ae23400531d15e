"""B10: a list whose lines come from a robot and from people, at one station; what the robot lacks is fetched elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from simulators.plant.robot.robot import Robot
from tests.acceptance.pharmacy import AMX, PRD, Pharmacy, a_pharmacy
from tests.acceptance.ward import Person, item, scan_of
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


async def in_tens(rx: Person) -> None:
    """From now on a pack of the item holds ten."""
    await rx.done("PUT", f"/v1/items/{AMX}", {**item(AMX, "500"), "pack": 10})


async def test_a_robot_gives_whole_packs_and_people_the_rest() -> None:
    async with a_store() as (pharmacy, technician, rx):
        await in_tens(rx)
        shown = await rx.done("PUT", LIST, {"revision": 1, "lines": [line(37)]})
        assert shown["lines"][0]["parts"] == [
            {"pocket": None, "drawer": ROBOT, "quantity": 30},
            {"pocket": "S-1", "drawer": "S", "quantity": 7},
        ]
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
        await pharmacy.world.until("tote.filled")
        (content,) = (await technician.get(TOTE))["contents"]
        assert (content["quantity"], content["lots"]) == (30, [{"lot": "AMX1", "expiry": "2032-03-31", "quantity": 30}])
        assert len(pharmacy.out()) == 3


async def test_what_expires_much_earlier_goes_first_whatever_fetching_costs() -> None:
    def fresh(robot: Robot) -> None:
        hold(robot, AMX, lot="NEW", expiry="2034-03-31", packs=10)

    async with a_store(fresh) as (_, _, rx):
        shown = await rx.done("PUT", LIST, {"revision": 1, "lines": [line(25)]})
        assert shown["lines"][0]["parts"] == [
            {"pocket": None, "drawer": ROBOT, "quantity": 5},
            {"pocket": "S-1", "drawer": "S", "quantity": 20},
        ]


async def test_urgent_lines_are_ordered_first_and_urgently() -> None:
    async with a_store() as (pharmacy, technician, rx):
        lines = [line(2), line(3, n=2, urgent=True)]
        await rx.done("PUT", LIST, {"revision": 1, "lines": lines})
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
        await pharmacy.until(lambda: len(pharmacy.rows("tote.filled")) == 2)
        asked = pharmacy.rows("robot.pick_intended")
        assert [(one["purpose"]["line"], one["priority"]) for one in asked] == [(2, "high"), (1, "normal")]


async def test_while_a_machine_fetches_nothing_else_is_done_with_its_line_or_its_tote() -> None:
    async with a_store() as (pharmacy, technician, rx):
        await rx.done("PUT", LIST, {"revision": 1, "lines": [line(5)]})
        await technician.refused("PUT", f"{TOTE}/place", {"list": "L-1", "at": "nowhere"}, "unknown-place")
        await technician.refused("PUT", f"{TOTE}/place", {"list": "L-9", "at": PLACE}, "unknown-pick-list")
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
        assert len(pharmacy.rows("tote.placed")) == 1
        await pharmacy.world.until("robot.pick_intended")
        shown = (await rx.get(LIST))["lines"][0]
        assert (shown["state"], shown["ordered"], shown["parts"]) == ("picking", 5, [])
        await technician.refused("PUT", "/v1/totes/T-2/place", {"list": "L-1", "at": PLACE}, "tote-being-filled")
        seal = {"list": "L-1", "to": "ward-a", "seal": "S-1"}
        await technician.refused("POST", f"{TOTE}/packing", seal, "tote-being-filled")
        await rx.refused("PUT", LIST, {"revision": 2, "lines": [line(3)]}, "pick-line-taken")
        await rx.refused("POST", f"{LIST}/cancellation", None, "pick-line-taken")
        await technician.refused("POST", f"{LIST}/lines/1/picks", {"tote": "T-1"}, "pick-line-ordered")
        await rx.done("PUT", LIST, {"revision": 2, "lines": [line(6)]})
        await pharmacy.until(lambda: len(pharmacy.rows("tote.filled")) == 2)
        assert sum(row["quantity"] for row in pharmacy.rows("tote.filled")) == len(pharmacy.out()) == 6
        await rx.done("POST", f"{LIST}/cancellation")
        await technician.refused("PUT", "/v1/totes/T-2/place", {"list": "L-1", "at": PLACE}, "pick-list-cancelled")
        assert (await technician.get(TOTE))["state"] == "returning"


async def test_an_order_outlives_the_daemon_and_fills_its_tote_once() -> None:
    async with a_store() as (pharmacy, technician, rx):
        await rx.done("PUT", LIST, {"revision": 1, "lines": [line(5)]})
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
        await pharmacy.world.until("robot.pick_queued")
        pharmacy.standing.station = await pharmacy.world.restart(power=True)
        await pharmacy.world.until("tote.filled")
        await pharmacy.state("ready")
        (filled,) = pharmacy.rows("tote.filled")
        assert filled["quantity"] == len(pharmacy.out()) == 5
        assert len(pharmacy.orders()) == 1
        assert pharmacy.believed("S-1") == 20, "nothing was fetched a second time"


async def test_an_order_in_doubt_is_not_made_good_until_a_person_has_looked() -> None:
    async with a_store() as (pharmacy, technician, rx):
        await rx.done("PUT", LIST, {"revision": 1, "lines": [line(2)]})
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
        await pharmacy.world.until("robot.pick_queued")
        pharmacy.world.fault("unplug", link="robotbus", seconds=120)
        await pharmacy.state("down")
        await pharmacy.until(lambda: len(pharmacy.out()) == 2)
        pharmacy.world.fault("robot-forgets", robot=ROBOT)
        doubt = await pharmacy.world.until("robot.pick_in_doubt")
        await pharmacy.state("ready")
        shown = (await rx.get(LIST))["lines"][0]
        assert (shown["ordered"], shown["parts"], shown["picked"]) == (2, [], 0), "no re-route"
        said = {"packs": [{"lot": "AMX1"}], "note": "one lay in the tote, the other beside it"}
        await technician.done("POST", f"/v1/robots/{ROBOT}/picks/{doubt['pick']}/settlement", said)
        await pharmacy.until(lambda: len(pharmacy.orders()) == 2)
        await pharmacy.until(lambda: len(pharmacy.rows("tote.filled")) == 2)
        assert [row["quantity"] for row in pharmacy.rows("tote.filled")] == [1, 1]
        assert (await rx.get(LIST))["state"] == "done"


async def filled(pharmacy: Pharmacy, technician: Person, rx: Person, quantity: int = 5) -> None:
    """The robot has filled the tote, and is quiet."""
    await rx.done("PUT", LIST, {"revision": 1, "lines": [line(quantity)]})
    await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
    await pharmacy.world.until("tote.filled")


def found(quantity: int, of: str = AMX) -> dict[str, Any]:
    """What somebody has found of an item."""
    return {"item": of, "lots": [{"lot": "AMX1", "expiry": "2032-03-31", "quantity": quantity}]}


async def test_what_a_machine_gave_is_looked_at_before_it_is_sealed() -> None:
    async with a_store() as (pharmacy, technician, rx):
        await filled(pharmacy, technician, rx)
        seal = {"list": "L-1", "to": "ward-a", "seal": "S-1"}
        await technician.refused("POST", f"{TOTE}/packing", seal, "tote-not-checked")
        await rx.refused("POST", f"{TOTE}/check", {"found": [found(5)]}, "not-allowed")
        await technician.refused("POST", f"{TOTE}/check", {"found": [found(5), found(1)]}, "item-told-twice")
        await technician.refused("POST", f"{TOTE}/check", {"found": [found(5, "nothing-1")]}, "unknown-item")
        await technician.refused("POST", "/v1/totes/T-9/check", {"found": []}, "unknown-tote")
        checked = await technician.done("POST", f"{TOTE}/check", {"found": [found(5)]})
        assert checked["differences"] == []
        assert pharmacy.rows("discrepancy.opened") == []
        assert (await technician.done("POST", f"{TOTE}/packing", seal))["state"] == "packed"
        await technician.refused("POST", f"{TOTE}/check", {"found": [found(5)]}, "tote-not-now")


async def test_what_is_not_in_the_tote_is_a_discrepancy_and_is_planned_anew() -> None:
    async with a_store() as (pharmacy, technician, rx):
        await filled(pharmacy, technician, rx)
        checked = await technician.done("POST", f"{TOTE}/check", {"found": [found(3), found(1, PRD)]})
        assert checked["differences"] == [
            {"item": AMX, "expected": 5, "found": 3},
            {"item": PRD, "expected": 0, "found": 1},
        ]
        opened = pharmacy.rows("discrepancy.opened")
        assert [(one["item"], one["delta"], one["tote"], one["finder"]) for one in opened] == [
            (AMX, -2, "T-1", technician.id),
            (PRD, 1, "T-1", technician.id),
        ]
        await pharmacy.until(lambda: len(pharmacy.orders()) == 2)
        await pharmacy.until(lambda: len(pharmacy.rows("tote.filled")) == 2)
        shown = (await rx.get(LIST))["lines"][0]
        assert (shown["picked"], shown["state"]) == (5, "picked")
        assert {one["item"]: one["quantity"] for one in (await technician.get(TOTE))["contents"]} == {AMX: 5, PRD: 1}


async def test_health_names_the_machine_that_waits_for_a_person() -> None:
    async with a_store() as (pharmacy, _, rx):
        told = await rx.get("/v1/health")
        assert (told["machines"], "machine-waits" in {one["code"] for one in told["reasons"]}) == ({ROBOT: "ready"}, False)
        number = pharmacy.world.fault("robot-jam", robot=ROBOT)
        await pharmacy.state("stopped")
        told = await rx.get("/v1/health")
        (waits,) = [one for one in told["reasons"] if one["code"] == "machine-waits"]
        assert (told["machines"], waits["facts"]) == ({ROBOT: "stopped"}, {"id": ROBOT, "state": "stopped"})
        pharmacy.world.faults.lift(number)
        await pharmacy.state("ready")
