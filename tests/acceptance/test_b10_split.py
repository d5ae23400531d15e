"""B10: where each line of each list is picked from, what is promised to whom, and who goes first."""

from __future__ import annotations

from typing import Any

from tests.acceptance.test_pick_list import picked
from tests.acceptance.ward import Person, Ward, a_ward, scan_of


async def pushed(rx: Person, id_: str, *lines: tuple[str, int, bool], revision: int = 1) -> dict[str, Any]:
    """A list of (item, quantity, urgent)."""
    body = [{"n": n, "item": item, "quantity": quantity, "urgent": urgent} for n, (item, quantity, urgent) in enumerate(lines, 1)]
    return await rx.done("PUT", f"/v1/pick-lists/{id_}", {"revision": revision, "lines": body})


async def parts(ward: Ward, rx: Person, id_: str) -> list[list[tuple[str, int]]]:
    """The parts of each line by its number, once all that happened has been planned for."""
    await ward.quiet()
    lines = sorted((await rx.get(f"/v1/pick-lists/{id_}"))["lines"], key=lambda line: line["n"])
    return [[(part["pocket"], part["quantity"]) for part in line["parts"]] for line in lines]


async def test_a_line_is_split_over_pockets_first_expired_first_and_what_nobody_has_is_lacking() -> None:
    async with a_ward() as ward:
        rx = await ward.service()
        told = await pushed(rx, "L-1", ("amoxicillin-500", 30, False))
        assert [(part["pocket"], part["quantity"]) for part in told["lines"][0]["parts"]] == [("A-01-1", 8), ("A-02-1", 20)]
        assert told["lines"][0]["lacking"] == 2


async def test_no_two_lists_count_on_the_same_units_and_an_urgent_line_goes_first() -> None:
    async with a_ward() as ward:
        rx, technician = await ward.service(), await ward.person("technician")
        await pushed(rx, "L-1", ("prednisone-5", 25, False))
        second = await pushed(rx, "L-2", ("prednisone-5", 10, False))
        assert second["lines"][0]["lacking"] == 5
        urgent = await pushed(rx, "L-3", ("prednisone-5", 30, True))
        assert urgent["lines"][0]["lacking"] == 0
        assert await parts(ward, rx, "L-1") == await parts(ward, rx, "L-2") == [[]]
        problem = await technician.refused("POST", "/v1/pick-lists/L-1/lines/1/picks", {"tote": "T-1"}, code="stock-promised")
        assert problem["facts"]["lists"] == ["L-3"]
        await rx.done("POST", "/v1/pick-lists/L-3/cancellation")
        assert await parts(ward, rx, "L-1") == [[("A-02-2", 25)]]
        assert await parts(ward, rx, "L-2") == [[("A-02-2", 5)]]


async def test_a_nurse_at_the_drawer_goes_before_any_list() -> None:
    async with a_ward(stock=[("A-02-2", "PRD1", "2032-06-30", 2)]) as ward:
        rx, nurse = await ward.service(), await ward.person("nurse")
        await pushed(rx, "L-1", ("prednisone-5", 2, False))
        assert await parts(ward, rx, "L-1") == [[("A-02-2", 2)]]
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-pred"})
        await ward.hand_opens("A-02")
        ward.takes("A-02-2", 2)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=2)
        await ward.hand_shuts("A-02")
        assert (await nurse.get("/v1/pulls/p-1"))["state"] == "committed"
        assert await parts(ward, rx, "L-1") == [[]]
        assert (await rx.get("/v1/pick-lists/L-1"))["lines"][0]["lacking"] == 2


async def test_what_a_pick_was_short_of_is_planned_elsewhere_and_a_restock_brings_what_was_lacking() -> None:
    async with a_ward() as ward:
        rx, technician = await ward.service(), await ward.person("technician")
        await rx.done("PUT", "/v1/pick-lists/L-1", {"revision": 1, "lines": [{"n": 1, "item": "amoxicillin-500", "quantity": 8}]})
        assert await parts(ward, rx, "L-1") == [[("A-01-1", 8)]]
        await picked(ward, technician, 1, "A-01-1", 6, kind="taken", quantity=6)
        assert await parts(ward, rx, "L-1") == [[("A-01-1", 2)]]  # the books still say that two are there
        await pushed(rx, "L-2", ("prednisone-5", 40, False))
        assert (await rx.get("/v1/pick-lists/L-2"))["lines"][0]["lacking"] == 10
        await technician.done("PUT", "/v1/restocks/R-1", {"scan": scan_of("prednisone-5", "PRD2", "320630"), "pocket": "A-02-2"})
        await ward.hand_opens("A-02")
        ward.puts("A-02-2", "PRD2", "2032-06-30", 15)
        await technician.say("/v1/restocks/R-1", kind="count", number=30)
        await technician.say("/v1/restocks/R-1", kind="placed", quantity=15)
        await ward.hand_shuts("A-02")
        assert await parts(ward, rx, "L-2") == [[("A-02-2", 40)]]


async def test_a_drawer_that_cannot_be_opened_is_no_source() -> None:
    async with a_ward() as ward:
        rx, technician = await ward.service(), await ward.person("technician")
        await pushed(rx, "L-1", ("prednisone-5", 5, False), ("morphine-10", 2, False))
        await technician.done("POST", "/v1/drawers/A-02/recoveries", {"step": "out_of_service"})
        assert await parts(ward, rx, "L-1") == [[], [("A-03-1", 2)]]


async def test_a_controlled_line_comes_out_of_one_pocket_or_is_lacking_as_a_whole() -> None:
    async with a_ward() as ward:
        rx = await ward.service()
        told = await pushed(rx, "L-1", ("morphine-10", 13, False))
        assert (told["lines"][0]["parts"], told["lines"][0]["lacking"]) == ([], 13)


async def test_a_plan_is_said_once_and_is_the_same_after_a_restart() -> None:
    async with a_ward() as ward:
        rx = await ward.service()
        await pushed(rx, "L-1", ("prednisone-5", 5, False))
        await pushed(rx, "L-1", ("prednisone-5", 5, False))
        assert len(ward.rows("pick_list.planned")) == 1
        await ward.restart()
        await ward.quiet()
        assert len(ward.rows("pick_list.planned")) == 1
