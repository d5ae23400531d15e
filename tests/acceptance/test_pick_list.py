"""The thin pick list: pushed by a pharmacy system, picked by a technician at each line's drawer into a tote."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.acceptance.ward import Person, Ward, a_ward

LIST = "/v1/pick-lists/L-1"
LINES = [
    {"n": 1, "item": "prednisone-5", "quantity": 10},
    {"n": 2, "item": "morphine-10", "quantity": 2},
    {"n": 3, "item": "nothing-1", "quantity": 1},
]


async def pushed(rx: Person, revision: int = 1, lines: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The pharmacy system has pushed the list."""
    return await rx.done("PUT", LIST, {"revision": revision, "lines": lines or LINES})


async def picked(ward: Ward, technician: Person, n: int, pocket: str, take: int, **entry: Any) -> dict[str, Any]:
    """A technician picks a line; what it says in the end."""
    answer = await technician.ask("POST", f"{LIST}/lines/{n}/picks", {"tote": "T-1"})
    assert answer.status_code == 202, answer.text
    pick = answer.headers["location"]
    await ward.hand_opens(pocket[:4])
    if take:
        ward.takes(pocket, take)
    await technician.say(pick, **entry)
    await ward.hand_shuts(pocket[:4])
    return await technician.get(pick)


async def test_each_line_is_picked_at_its_drawer_and_short_and_refused_lines_are_said() -> None:
    async with a_ward() as ward:
        rx, technician = await ward.service(), await ward.person("technician")
        begun = await pushed(rx)
        assert [line["state"] for line in begun["lines"]] == ["new", "new", "refused"]
        assert begun["lines"][2]["refused"] == "unknown-item"
        short = await picked(ward, technician, 1, "A-02-2", 8, kind="taken", quantity=8)
        assert (short["state"], short["result"]["outcome"], short["result"]["remainder"]) == ("committed", "short", 2)
        counted = await picked(ward, technician, 2, "A-03-1", 2, kind="count", number=10)
        assert counted["result"]["outcome"] == "done"
        ended = await rx.get(LIST)
        assert [(line["state"], line["picked"], line["remainder"]) for line in ended["lines"]] == [
            ("short", 8, 2), ("picked", 2, 0), ("refused", 0, 1),
        ]  # fmt: skip
        assert (ended["lines"][0]["totes"], ended["state"]) == (["T-1"], "open")
        moved = ward.rows("stock.picked")
        assert [(row["pocket"], row["quantity"], row["tote"], row["line"]) for row in moved] == [
            ("A-02-2", 8, "T-1", 1), ("A-03-1", 2, "T-1", 2),
        ]  # fmt: skip
        assert ward.believed("A-02-2") == ward.lies_in("A-02-2") == 22
        assert ward.believed("A-03-1") == ward.lies_in("A-03-1") == 10
        assert ward.openings() == ["A-02", "A-03"]


async def test_a_program_pushes_and_opens_nothing() -> None:
    async with a_ward() as ward:
        rx, technician = await ward.service(), await ward.person("technician")
        await pushed(rx)
        await rx.refused("POST", f"{LIST}/lines/1/picks", {"tote": "T-1"}, "not-allowed")
        await technician.refused("PUT", LIST, {"revision": 2, "lines": LINES}, "not-allowed")
        assert ward.openings() == []


async def test_the_same_list_again_is_the_same_and_a_revision_keeps_what_was_picked() -> None:
    async with a_ward() as ward:
        rx, technician = await ward.service(), await ward.person("technician")
        first, again = await pushed(rx), await pushed(rx)
        assert first == again
        assert len(ward.rows("pick_list.put")) == 1
        await picked(ward, technician, 1, "A-02-2", 10, kind="taken", quantity=10)
        other = [{"n": 1, "item": "prednisone-5", "quantity": 12}]
        await rx.refused("PUT", LIST, {"revision": 1, "lines": other}, "pick-list-revision")
        fewer = [{"n": 1, "item": "prednisone-5", "quantity": 9}]
        await rx.refused("PUT", LIST, {"revision": 2, "lines": fewer}, "pick-list-picked")
        await rx.refused("PUT", LIST, {"revision": 2, "lines": [*other, *other]}, "bad-request")
        revised = await pushed(rx, 2, other)
        assert [(line["picked"], line["remainder"]) for line in revised["lines"]] == [(10, 2)]
        await rx.refused("PUT", LIST, {"revision": 1, "lines": LINES}, "pick-list-revision")
        lists = await rx.get("/v1/pick-lists")
        assert [found["revision"] for found in lists["items"]] == [2]


async def test_a_double_tap_is_one_pick_and_a_line_is_one_persons_at_a_time() -> None:
    async with a_ward() as ward:
        rx, one = await ward.service(), await ward.person("technician")
        two = await ward.person("technician", "b-technician")
        await pushed(rx)
        path = f"{LIST}/lines/1/picks"
        answers = await asyncio.gather(*(one.ask("POST", path, {"tote": "T-1"}) for _ in range(20)))
        assert len({answer.headers["location"] for answer in answers}) == 1
        assert ward.openings() == [] or len(ward.openings()) == 1
        await two.refused("POST", path, {"tote": "T-2"}, "pick-line-taken")
        await ward.hand_opens("A-02")
        ward.takes("A-02-2", 10)
        pick = answers[0].headers["location"]
        await one.say(pick, kind="taken", quantity=10)
        await ward.hand_shuts("A-02")
        repeated = await one.ask("POST", path, {"tote": "T-1"})
        assert (repeated.status_code, repeated.headers["location"]) == (200, pick)
        await one.refused("POST", path, {"tote": "T-2"}, "pick-line-done")
        assert len(ward.openings()) == 1


async def test_a_pick_that_came_to_nothing_can_be_asked_again_and_what_cannot_be_picked_is_said() -> None:
    async with a_ward() as ward:
        rx, technician = await ward.service(), await ward.person("technician")
        await pushed(rx)
        path = f"{LIST}/lines/1/picks"
        first = (await technician.ask("POST", path, {"tote": "T-1"})).headers["location"]
        await ward.world.until("pick.failed")
        await ward.world.settled("A-02")
        second = (await technician.ask("POST", path, {"tote": "T-1"})).headers["location"]
        assert second != first
        await technician.done("POST", f"{second}/cancellation")
        await ward.hand_opens("A-02")
        await ward.hand_shuts("A-02")
        assert (await technician.get(second))["state"] == "cancelled"
        third = (await technician.ask("POST", path, {"tote": "T-1", "id": "mine"})).headers["location"]
        assert third.endswith("/picks/mine")
        await technician.done("POST", f"{third}/cancellation")
        await ward.world.until("pick.cancelled", pick="mine")
        await technician.refused("GET", f"{LIST}/lines/2/picks/mine", code="unknown-pick")
        await technician.refused("POST", f"{LIST}/lines/3/picks", {"tote": "T-1"}, "pick-line-refused")
        await technician.refused("POST", f"{LIST}/lines/9/picks", {"tote": "T-1"}, "unknown-pick-line")
        await technician.refused("POST", "/v1/pick-lists/L-9/lines/1/picks", {"tote": "T-1"}, "unknown-pick-list")
        await technician.refused("POST", path, {"tote": "T-1", "quantity": 11}, "more-than-the-line")
        await technician.refused("GET", "/v1/pick-lists/L-9", code="unknown-pick-list")


async def test_two_who_pick_the_same_pocket_at_once_are_given_different_ones() -> None:
    async with a_ward() as ward:
        rx, one = await ward.service(), await ward.person("technician")
        two, nurse = await ward.person("technician", "b-technician"), await ward.person("nurse")
        await pushed(rx, lines=[{"n": n, "item": "amoxicillin-500", "quantity": 8} for n in (1, 2)])
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-mor"})  # has the cabinet's turn
        asked = [
            asyncio.create_task(who.ask("POST", f"{LIST}/lines/{n}/picks", {"tote": f"T-{n}", "id": f"k-{n}"}))
            for n, who in ((1, one), (2, two))
        ]
        await ward.hand_opens("A-03")
        ward.takes("A-03-1", 1)
        await nurse.say("/v1/pulls/p-1", kind="count", number=11)
        await ward.hand_shuts("A-03")
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 8)
        await one.say(f"{LIST}/lines/1/picks/k-1", kind="taken", quantity=8)
        await ward.hand_shuts("A-01")
        answers = await asyncio.gather(*asked)
        assert [answer.json()["legs"][0]["pocket"] for answer in answers] == ["A-01-1", "A-02-1"]
        assert ward.openings() == ["A-03", "A-01", "A-02"]


async def test_a_drawer_that_nobody_pulls_fails_the_pick_and_names_where_else_it_is() -> None:
    async with a_ward() as ward:
        rx, technician = await ward.service(), await ward.person("technician")
        await pushed(rx, lines=[{"n": 1, "item": "amoxicillin-500", "quantity": 2}])
        answer = await technician.ask("POST", f"{LIST}/lines/1/picks", {"tote": "T-1", "pocket": "A-01-1"})
        pick = answer.headers["location"]
        async with asyncio.timeout(120):
            while (ended := await technician.get(pick))["state"] == "accessing":
                await asyncio.sleep(1)
        facts = {"drawer": "A-01", "elsewhere": ["A-02-1"]}
        assert (ended["state"], ended["problem"]) == ("failed", {"code": "not-opened", "facts": facts})


async def test_the_rest_of_a_short_list_is_closed_and_what_was_picked_goes_its_way() -> None:
    async with a_ward() as ward:
        rx, technician = await ward.service(), await ward.person("technician")
        await rx.refused("POST", f"{LIST}/closure", None, "unknown-pick-list")
        await pushed(rx)
        await technician.refused("POST", f"{LIST}/closure", None, "not-allowed")
        await picked(ward, technician, 1, "A-02-2", 8, kind="taken", quantity=8)
        answer = await technician.ask("POST", f"{LIST}/lines/2/picks", {"tote": "T-1"})
        await rx.refused("POST", f"{LIST}/closure", None, "pick-line-taken")
        await ward.hand_opens("A-03")
        ward.takes("A-03-1", 2)
        await technician.say(answer.headers["location"], kind="count", number=10)
        await ward.hand_shuts("A-03")
        closed = await rx.done("POST", f"{LIST}/closure")
        assert await rx.done("POST", f"{LIST}/closure") == closed
        assert (closed["state"], closed["lines"][0]["remainder"], closed["lines"][0]["parts"]) == ("closed", 2, [])
        assert len(ward.rows("pick_list.closed")) == 1
        await technician.refused("POST", f"{LIST}/lines/1/picks", {"tote": "T-9"}, "pick-list-closed")
        await technician.refused("PUT", "/v1/totes/T-1/place", {"list": "L-1", "at": "X"}, "unknown-place")
        again = await rx.done("PUT", LIST, {"revision": 2, "lines": LINES})
        assert again["state"] == "open"
        await rx.done("POST", f"{LIST}/cancellation")
        await rx.refused("POST", f"{LIST}/closure", None, "pick-list-cancelled")
