"""A13, row 103: a line says which lots will do, and robot, gantry, shelf and pockets give no other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from firmware_protocols.wwks2.messages import OutputRequest
from simulators.plant.robot.robot import Robot
from tests.acceptance.pharmacy import AMX, Pharmacy, a_pharmacy
from tests.acceptance.test_b10_gantry import a_store as a_gantry
from tests.acceptance.test_b10_sources import LIST, LOADING, PLACE, SHELF, TOTE, line
from tests.acceptance.ward import Person, scan_of
from tests.kit.fetching import ARM, PACK, TABLE
from tests.kit.robot import ROBOT, hold

OLD, NEW, NEWEST = ("OLD", "2032-01-31"), ("NEW", "2033-01-31"), ("NEWEST", "2034-01-31")
MIXED = (OLD, NEW, NEWEST)


def stock(*packs: int) -> Any:
    """So many packs of each lot in the robot."""

    def stand(robot: Robot) -> None:
        for (lot, expiry), count in zip(MIXED, packs, strict=False):
            hold(robot, AMX, lot, expiry, count)

    return stand


@asynccontextmanager
async def a_store(held: Any, on_shelf: dict[tuple[str, str], int]) -> AsyncIterator[tuple[Pharmacy, Person, Person]]:
    """A robot and an open shelf with lots of one item."""
    async with a_pharmacy(held, site={"shelves": [SHELF], "loading": LOADING}) as pharmacy:
        technician, rx = await pharmacy.person("technician"), await pharmacy.service()
        for n, ((lot, expiry), quantity) in enumerate(on_shelf.items()):
            restock = f"/v1/restocks/R-{n}"
            code = scan_of(AMX, lot, expiry[2:].replace("-", ""))
            await technician.done("PUT", restock, {"scan": code, "pocket": "S-1"})
            await technician.say(restock, kind="count", number=pharmacy.lies_in("S-1"))
            pharmacy.puts("S-1", lot, expiry, quantity)
            await technician.say(restock, kind="placed", quantity=quantity)
        yield pharmacy, technician, rx


async def put(rx: Person, *lines: dict[str, Any], revision: int = 1) -> list[dict[str, Any]]:
    """The list's lines as they stand then."""
    shown = await rx.done("PUT", LIST, {"revision": revision, "lines": list(lines)})
    lines_: list[dict[str, Any]] = shown["lines"]
    return lines_


def parts(shown: dict[str, Any]) -> dict[str, int]:
    return {part["drawer"]: part["quantity"] for part in shown["parts"]}


def lots_out(pharmacy: Pharmacy) -> list[str]:
    """The real packs that have come out, by lot."""
    return sorted(pharmacy.steel.steel.packs[number].batch for number in pharmacy.out())


async def test_a_line_gets_nothing_that_expires_too_early_from_robot_and_shelf() -> None:
    async with a_store(stock(5, 3, 2), {OLD: 10, NEW: 4}) as (pharmacy, technician, rx):
        wish = {"expires_from": "2032-06-01"}
        (shown,) = await put(rx, line(8, criteria=wish))
        assert (parts(shown), shown["lacking"], shown["criteria"]) == (
            {ROBOT: 5, "S": 3},
            0,
            {**wish, "lot": None, "one_lot": False},
        )
        (shown,) = await put(rx, line(12, criteria=wish), revision=2)
        assert (parts(shown), shown["lacking"]) == ({ROBOT: 5, "S": 4}, 3), "what is too old is not counted on"
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
        await pharmacy.world.until("robot.pick_ended")
        await pharmacy.quiet()
        assert lots_out(pharmacy) == ["NEW"] * 3 + ["NEWEST"] * 2
        (criteria,) = next(message for message in pharmacy.heard if isinstance(message, OutputRequest)).criteria
        assert (str(criteria.minimum_expiry_date), criteria.batch_number) == ("2032-06-01", None)
        pick = (await technician.ask("POST", f"{LIST}/lines/1/picks", {"tote": "T-1"})).headers["location"]
        await technician.refused("POST", f"{pick}/entries", {"kind": "taken", "quantity": 4}, "scan-first")
        await technician.refused(
            "POST", f"{pick}/entries", {"kind": "scan", "data": scan_of(AMX, "OLD", "320131")}, "scan-does-not-fit"
        )
        await technician.say(pick, kind="put-back", data=scan_of(AMX, "OLD", "320131"))
        await technician.say(pick, kind="scan", data=scan_of(AMX, "NEW", "330131"))
        pharmacy.takes("S-1", 4)
        await technician.say(pick, kind="taken", quantity=4)
        (picked,) = pharmacy.rows("stock.picked")
        assert picked["lots"] == [{"lot": "NEW", "expiry": "2033-01-31", "quantity": 4}]
        (content,) = (await technician.get(TOTE))["contents"]
        assert {lot["lot"]: lot["quantity"] for lot in content["lots"]} == {"NEW": 7, "NEWEST": 2}
        shown = (await rx.get(LIST))["lines"][0]
        assert (shown["picked"], shown["lacking"], parts(shown)) == (9, 3, {})
        await technician.refused("POST", f"{LIST}/lines/1/picks", {"tote": "T-1", "id": "again"}, "no-stock-that-fits")


async def test_a_lot_that_is_named_comes_and_no_other() -> None:
    async with a_store(stock(5, 3), {OLD: 6}) as (pharmacy, technician, rx):
        first, second = await put(rx, line(4, criteria={"lot": "NEW"}), line(7, n=2))
        assert (parts(first), first["lot"], first["lacking"]) == ({ROBOT: 3}, "NEW", 1)
        assert (parts(second), second["lot"], second["criteria"]) == ({ROBOT: 5, "S": 2}, None, None)
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
        await pharmacy.until(lambda: len(pharmacy.rows("tote.filled")) == 2)
        given = {row["line"]: row["lots"] for row in pharmacy.rows("tote.filled")}
        assert {n: {lot["lot"]: lot["quantity"] for lot in lots} for n, lots in given.items()} == {1: {"NEW": 3}, 2: {"OLD": 5}}
        assert lots_out(pharmacy) == ["NEW"] * 3 + ["OLD"] * 5
        asked = [(row["lot"], row["one_lot"], row["packs"]) for row in pharmacy.rows("robot.pick_intended")]
        assert asked == [("NEW", False, 3), (None, False, 5)]


async def test_all_of_one_lot_whichever_has_enough_and_whoever_gives_the_rest() -> None:
    async with a_store(stock(5, 3), {NEW: 6}) as (pharmacy, technician, rx):
        (shown,) = await put(rx, line(7, criteria={"one_lot": True}))
        assert (parts(shown), shown["lot"], shown["lacking"]) == ({ROBOT: 3, "S": 4}, "NEW", 0), "five of OLD are not enough"
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": PLACE})
        await pharmacy.world.until("tote.filled")
        await pharmacy.quiet()
        assert lots_out(pharmacy) == ["NEW"] * 3
        (shown,) = await put(rx, line(20, criteria={"one_lot": True}), revision=2)
        assert (parts(shown), shown["lot"], shown["lacking"]) == ({"S": 6}, "NEW", 11), "what is picked has settled the lot"
        pick = (await technician.ask("POST", f"{LIST}/lines/1/picks", {"tote": "T-1"})).headers["location"]
        await technician.refused(
            "POST", f"{pick}/entries", {"kind": "scan", "data": scan_of(AMX, "OLD", "330131")}, "scan-does-not-fit"
        )
        await technician.say(pick, kind="scan", data=scan_of(AMX, "NEW", "330131"))
        pharmacy.takes("S-1", 6)
        await technician.say(pick, kind="taken", quantity=6)
        (content,) = (await technician.get(TOTE))["contents"]
        assert [(lot["lot"], lot["quantity"]) for lot in content["lots"]] == [("NEW", 9)]


async def test_what_is_promised_to_one_line_by_its_lot_is_not_lacking_for_another() -> None:
    async with a_store(stock(5, 5), {}) as (_, _, rx):
        new, old, rest = await put(
            rx, line(5, criteria={"lot": "NEW"}), line(3, n=2, criteria={"lot": "OLD"}), line(4, n=3, criteria={"one_lot": True})
        )
        assert [parts(one) for one in (new, old, rest)] == [{ROBOT: 5}, {ROBOT: 3}, {ROBOT: 2}]
        assert [(one["lacking"], one["lot"]) for one in (new, old, rest)] == [(0, "NEW"), (0, "OLD"), (2, "OLD")]
        await rx.refused("PUT", LIST, {"revision": 2, "lines": [line(1, criteria={"expires_from": "2032-02-30"})]}, "bad-request")


async def test_a_gantry_fetches_only_what_fits() -> None:
    async with a_gantry() as (found, ward, technician, rx):
        station = found.world.station
        places = [pocket for pocket in station.books.stock.holding(AMX) if pocket["drawer"] == ARM]
        lots = {lot["lot"]: lot["quantity"] // PACK for pocket in places for lot in pocket["lots"]}
        lot = max(lots, key=lambda one: one)
        (shown,) = await put(rx, {"n": 1, "item": AMX, "quantity": 100 * PACK, "criteria": {"lot": lot}})
        mine = sum(one["quantity"] for pocket in places for one in pocket["lots"] if one["lot"] == lot)
        assert sum(parts(shown).values()) == mine - mine % PACK
        await put(rx, {"n": 1, "item": AMX, "quantity": PACK, "criteria": {"lot": lot}}, revision=2)
        await technician.done("PUT", f"{TOTE}/place", {"list": "L-1", "at": TABLE})
        await found.until(lambda: len(found.handed()) == 1)
        await found.state("ready")
        await ward.quiet()
        (filled,) = [body for _, body in found.world.rows("tote.filled")]
        assert [one["lot"] for one in filled["lots"]] == [lot]
        assert len(lots) > 1, lots
