"""A lock board was replaced: nothing is believed of its drawers but their test openings, and a named person says so."""

from __future__ import annotations

import asyncio
import re

from tests.acceptance.test_console_technician import cookies, page, posts
from tests.acceptance.ward import Person, Ward, a_ward

DRAWERS = ["A-01", "A-02", "A-03", "A-04"]
REPLACED = "/v1/boards/board/replacement"


async def _tested(ward: Ward, bea: Person, drawer: str) -> None:
    """A test opening: the engineer pulls it, and shuts it again."""
    await bea.done("POST", f"/v1/drawers/{drawer}/recoveries", {"step": "return_to_service"})
    await ward.hand_opens(drawer)
    await ward.hand_shuts(drawer)


async def test_its_drawers_are_out_of_service_until_each_was_tested_and_counted_after_that() -> None:
    async with a_ward() as ward:
        bea, nurse = await ward.person("biomedical_engineer"), await ward.person("nurse")
        ward.world.fault("unplug", link="lockbus", seconds=20.0)
        await ward.world.until("link.lost", link="lockbus")
        await ward.world.until("link.up", ward.world.ledger.head[0] - 1, link="lockbus")
        await ward.ready()
        told = await bea.done("POST", REPLACED)
        assert (told["board"]["id"], told["board"]["up"]) == ("board", True)
        assert {drawer["id"]: drawer["state"] for drawer in told["drawers"]} == dict.fromkeys(DRAWERS, "out_of_service")
        (row,) = ward.world.ledger.read(0, 10_000, ["board.replaced"])
        assert row.actor == bea.id
        (body,) = ward.rows("board.replaced", board="board", link="lockbus", link_epoch=told["board"]["epoch"], terminal="desk")
        assert body["drawers"] == {drawer: {"latched": True, "shut": True} for drawer in DRAWERS}
        await nurse.refused("PUT", "/v1/pulls/p-1", {"order": "O-amox", "pocket": "A-01-1"}, "stock-shut-off")
        assert ward.openings() == [], "nothing moves by what is said"
        await _tested(ward, bea, "A-01")
        assert (await bea.get("/v1/drawers/A-01"))["state"] == "locked"
        assert ward.unverified("A-01-1") == "recovery"
        assert (await bea.get("/v1/drawers/A-02"))["state"] == "out_of_service"


async def test_a_lock_on_its_neighbours_place_is_found_by_its_test_and_by_nothing_else() -> None:
    async with a_ward() as ward:
        bea = await ward.person("biomedical_engineer")
        ward.world.fault("wrong-drawer", drawer="A-01", opens="A-02")
        shown = await page(bea, "boards/board/replacement")
        assert shown.count(": seen locked") == len(DRAWERS), "shut, the drawers look right"
        await bea.done("POST", REPLACED)
        await bea.done("POST", "/v1/drawers/A-01/recoveries", {"step": "return_to_service"})
        await ward.world.until("drawer.fault", drawer="A-01")
        states = {drawer["id"]: drawer["state"] for drawer in (await bea.get("/v1/drawers"))["items"]}
        assert states == {"A-01": "fault", "A-02": "out_of_service", "A-03": "out_of_service", "A-04": "out_of_service"}


async def test_what_cannot_be_so_is_refused_and_nothing_is_recorded() -> None:
    async with a_ward() as ward:
        bea, tech, nurse = [await ward.person(role) for role in ("biomedical_engineer", "technician", "nurse")]
        await tech.refused("POST", REPLACED, code="not-allowed")
        await bea.refused("POST", "/v1/boards/nobody/replacement", code="unknown-board")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox", "pocket": "A-01-1"})
        await bea.refused("POST", REPLACED, code="drawer-in-use")
        await ward.hand_opens("A-01")
        await bea.refused("POST", REPLACED, code="drawer-in-use")
        await ward.hand_shuts("A-01")
        ward.world.fault("unplug", link="lockbus", seconds=20.0)
        await ward.world.until("link.lost", link="lockbus")
        refused = await bea.refused("POST", REPLACED, code="board-does-not-answer")
        assert refused["facts"] == {"board": "board", "link": "lockbus"}
        assert ward.rows("board.replaced") == []
        assert ward.rows("drawer.out_of_service") == []


async def test_a_drawer_that_is_pulled_while_the_board_is_looked_at_is_not_taken_from_under_a_hand() -> None:
    async with a_ward() as ward:
        bea, nurse = await ward.person("biomedical_engineer"), await ward.person("nurse")
        asked = asyncio.create_task(bea.refused("POST", REPLACED, code="drawer-in-use"))
        await asyncio.sleep(0.05)
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox", "pocket": "A-01-1"})
        await asked
        assert ward.rows("board.replaced") == []
        await ward.hand_opens("A-01")
        await ward.hand_shuts("A-01")


async def test_the_page_leads_through_it_and_writes_the_same_row_as_rest() -> None:
    async with a_ward() as ward:
        bea, tech = await ward.person("biomedical_engineer"), await ward.person("technician")
        assert 'href="/console/boards/board/replacement"' in await page(bea, "boards/board")
        refused = await ward.client.get("/console/boards/board/replacement", headers=cookies(tech))
        assert refused.status_code == 403
        shown = await page(bea, "boards/board/replacement")
        set_to = ("address = 0", "answers_unlock = false", "pulse_ms = 550")
        for said in (*set_to, "4 drawers hang on it", "It has 16 locks", "Without a break for"):
            assert said in shown
        assert await posts(bea, "boards/board/replacement") is None
        (by_page,) = ward.rows("board.replaced")
        shown = await page(bea, "boards/board/replacement")
        assert "4 drawers are out of service until each is tested." in shown
        assert re.search(r'class="action" href="/console/drawers/A-01"', shown)
        assert shown.count(": waits for its test") == len(DRAWERS)
        for drawer in DRAWERS:
            await _tested(ward, bea, drawer)
        assert "This board was replaced" in (shown := await page(bea, "boards/board/replacement"))
        await bea.done("POST", REPLACED)
        by_rest = ward.rows("board.replaced")[-1]
        assert by_rest == by_page
        ward.world.fault("unplug", link="lockbus", seconds=20.0)
        await ward.world.until("link.lost", link="lockbus")
        shown = await page(bea, "boards/board/replacement")
        assert "does not answer" in shown
        assert "Without a break" not in shown
