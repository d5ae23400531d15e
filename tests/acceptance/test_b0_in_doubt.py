"""B0: what a piece of work becomes when the wire, the lock or our own code fails under it. Nothing is guessed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from controller.actors.drawer import Drawer
from controller.formulary import lots as lotting
from tests.acceptance.ward import a_ward, order


async def test_a_drawer_open_when_the_link_comes_back_is_still_that_pulls() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        wire = ward.world.house.wires["lockbus"]
        wire.unplug()
        await ward.world.until("drawer.offline", drawer="A-01")
        ward.takes("A-01-1", 1)
        said = await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
        assert said["state"] == "accessing"
        wire.plug()
        await ward.world.settled("A-01", "open")
        await ward.hand_shuts("A-01")
        assert (await nurse.get("/v1/pulls/p-1"))["state"] == "committed"
        assert ward.believed("A-01-1") == ward.lies_in("A-01-1") == 7
        assert ward.openings() == ["A-01"]


async def test_an_unlock_of_which_nobody_knows_what_it_did_leaves_the_pull_in_doubt() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        ward.world.plant.drawers["A-01"].ails.late_s = 1.0  # the hook comes free while the cable is out
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.world.until("drawer.released", drawer="A-01")
        ward.world.house.wires["lockbus"].unplug()
        await ward.world.until("drawer.offline", drawer="A-01")
        await asyncio.sleep(30)
        ward.world.house.wires["lockbus"].plug()
        await ward.world.until("pull.in_doubt", pull="p-1")
        found = await nurse.get("/v1/pulls/p-1")
        assert (found["state"], found["problem"]["code"]) == ("in_doubt", "unlock-in-doubt")
        assert ward.unverified("A-01-1") is not None
        assert ward.openings() == ["A-01"]
        assert ward.rows("stock.taken") == []


async def test_a_latch_that_does_not_catch_again_leaves_the_pull_in_doubt() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 1)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
        ward.world.plant.drawers["A-01"].ails.latch = False
        assert ward.world.plant.drawers["A-01"].push()
        await ward.world.until("pull.in_doubt", pull="p-1")
        found = await nurse.get("/v1/pulls/p-1")
        assert (found["problem"]["code"], found["legs"][0]["declared"]) == ("drawer-fault", 1)
        await nurse.refused("PUT", "/v1/pulls/p-2", {"order": "O-amox", "pocket": "A-01-1"}, "stock-shut-off")
        elsewhere = await nurse.done("PUT", "/v1/pulls/p-3", {"order": "O-amox"})
        assert elsewhere["legs"][0]["pocket"] == "A-02-1", "stock behind a faulty drawer is not available"


async def test_a_later_pocket_that_cannot_be_opened_leaves_the_pull_short() -> None:
    stock = [("A-01-1", "AMX1", "2032-03-31", 2), ("A-02-1", "AMX2", "2033-03-31", 5)]
    async with a_ward(stock=stock) as ward:
        nurse, rx = await ward.person("nurse"), await ward.service()
        await rx.done("PUT", "/v1/orders/O-big", order("O-big", "amoxicillin-500", "1500"))
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-big"})
        await ward.hand_opens("A-01")
        ward.takes("A-01-1", 2)
        ward.world.plant.drawers["A-02"].force()
        await ward.world.until("drawer.forced", drawer="A-02")
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=2)
        await ward.hand_shuts("A-01")
        ended = await nurse.get("/v1/pulls/p-1")
        assert (ended["state"], ended["result"]["outcome"], ended["result"]["remainder"]) == ("committed", "short", 1)
        assert [leg["state"] for leg in ended["legs"]] == ["done", "skipped"]
        assert ended["problem"]["code"] == "drawer-held"


async def test_a_later_pocket_that_nobody_opens_or_wants_leaves_the_pull_short() -> None:
    stock = [("A-01-1", "AMX1", "2032-03-31", 2), ("A-02-1", "AMX2", "2033-03-31", 5)]
    for cancels in (False, True):
        async with a_ward(stock=stock) as ward:
            nurse, rx = await ward.person("nurse"), await ward.service()
            await rx.done("PUT", "/v1/orders/O-big", order("O-big", "amoxicillin-500", "1500"))
            await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-big"})
            await ward.hand_opens("A-01")
            ward.takes("A-01-1", 2)
            await nurse.say("/v1/pulls/p-1", kind="taken", quantity=2)
            await ward.hand_shuts("A-01")
            if cancels:
                await nurse.done("POST", "/v1/pulls/p-1/cancellation")
            await ward.world.until("pull.committed", pull="p-1")
            ended = await nurse.get("/v1/pulls/p-1")
            assert (ended["result"]["outcome"], ended["result"]["taken"]) == ("short", 2)
            assert ended["problem"]["code"] == "not-opened"
            assert ward.openings() == ["A-01", "A-02"]


async def test_a_defect_of_our_own_ends_that_pull_in_doubt_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_ward() as ward:
        nurse, other = await ward.person("nurse"), await ward.person("nurse", "b-nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        with monkeypatch.context() as planted:
            planted.setattr(lotting, "draw", _broken)
            await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
            await ward.hand_shuts("A-01")
            await ward.world.until("pull.in_doubt", pull="p-1")
        assert [row["work"] for row in ward.rows("station.defect")] == ["pull/p-1"]
        assert ward.unverified("A-01-1") == "defect"
        await other.done("PUT", "/v1/pulls/p-2", {"order": "O-mor"})


async def test_a_defect_before_anything_was_recorded_is_told_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        with monkeypatch.context() as planted:
            planted.setattr(lotting, "in_date", _broken)
            await nurse.refused("PUT", "/v1/pulls/p-1", {"order": "O-amox"}, "work-not-begun")
        assert ward.rows("pull.requested") == []
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})


def _broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError("planted")


async def test_who_is_gone_before_the_decision_has_asked_for_nothing_and_the_next_who_asks_the_same_is_heard() -> None:
    async with a_ward() as ward:
        nurse, other = await ward.person("nurse"), await ward.person("nurse", "b-nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        talks, asked = ward.world.station.desk.talks, {"order": "O-mor"}
        first = asyncio.create_task(other.ask("PUT", "/v1/pulls/p-2", asked))
        while "pull/p-2" not in talks:
            await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        assert "pull/p-2" not in talks
        second, third, fourth = (asyncio.create_task(other.ask("PUT", "/v1/pulls/p-2", asked)) for _ in range(3))
        await asyncio.sleep(0.1)
        second.cancel()
        await ward.hand_opens("A-01")
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
        assert ward.rows("pull.requested", pull="p-2") == []
        await ward.hand_shuts("A-01")
        assert [(await each).status_code for each in (third, fourth)] == [202, 202]
        assert ward.openings() == ["A-01", "A-03"]


async def test_who_is_gone_after_the_decision_has_asked_and_the_work_goes_on() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        asked = asyncio.create_task(nurse.ask("PUT", "/v1/pulls/p-1", {"order": "O-amox"}))
        while "pull/p-1" not in ward.world.books.work.works:
            await asyncio.sleep(0)
        asked.cancel()
        await ward.hand_opens("A-01")
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
        await ward.hand_shuts("A-01")
        assert (await nurse.get("/v1/pulls/p-1"))["state"] == "committed"


async def test_who_is_gone_in_the_very_moment_of_the_decision_leaves_that_pocket_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Drawer.unlock

    async def granted_to_nobody(self: Drawer, *about: Any) -> None:
        await real(self, *about)
        raise asyncio.CancelledError

    monkeypatch.setattr(Drawer, "unlock", granted_to_nobody)
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        with pytest.raises(asyncio.CancelledError):
            await nurse.ask("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await ward.world.until("pull.in_doubt", pull="p-1")
        assert ward.unverified("A-01-1") == "left-unanswered"
        assert ward.world.station.desk.talks == {}
        await ward.world.settled("A-01")


async def test_what_waits_in_the_talk_when_the_work_ends_is_told_so() -> None:
    async with a_ward(count_wait_s=30) as ward:
        nurse = await ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await nurse.refused("POST", "/v1/pulls/p-1/entries", {"kind": "taken", "quantity": 1}, "not-open-yet")
        await nurse.refused("POST", "/v1/pulls/none/entries", {"kind": "taken", "quantity": 1}, "unknown-pull")
        await ward.hand_opens("A-01")
        one = asyncio.create_task(nurse.ask("POST", "/v1/pulls/p-1/entries", {"kind": "taken", "quantity": 1}))
        two = asyncio.create_task(nurse.ask("POST", "/v1/pulls/p-1/cancellation"))
        answers = await asyncio.gather(one, two)
        assert [answer.status_code for answer in answers] == [202, 409]
        await ward.hand_shuts("A-01")
        assert (await nurse.get("/v1/pulls/p-1"))["state"] == "committed"
