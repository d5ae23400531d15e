"""B11, robot: AT11.1 to AT11.6 with a simulated robot that speaks WWKS 2, judged by the ledger and by where the packs are."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from controller.machines.robot_pick import State
from drivers.faults import Refused
from drivers.robot_facts import CancelAnswer
from simulators.plant.robot.robot import Robot
from tests.acceptance.pharmacy import AMX, PRD, a_pharmacy
from tests.acceptance.ward import scan_of
from tests.kit.robot import ROBOT, hold

LARGE = {"columns": 40, "shelves": 50, "place_width_mm": 600}
TEN = partial(hold, item=AMX, lot="AMX1", expiry="2032-03-31", packs=10)


async def test_at11_2_three_are_asked_for_and_two_are_there() -> None:
    async with a_pharmacy(partial(hold, item=AMX, lot="AMX1", expiry="2032-03-31", packs=2)) as pharmacy:
        assert (pharmacy.stock(AMX), pharmacy.free(AMX)) == (2, 2)
        picking = await pharmacy.pick(AMX, 3)
        outcome = await picking.outcome
        assert (outcome.state, len(outcome.packs)) == (State.INCOMPLETE, 2)
        assert {(one["lot"], one["expiry"], one["output"]) for one in outcome.packs} == {("AMX1", "2032-03-31", 1)}
        assert (pharmacy.stock(AMX), pharmacy.free(AMX), pharmacy.truly_in(AMX)) == (0, 0, 0)
        assert len(pharmacy.out()) == 2
        assert pharmacy.orders() == [picking.order]


async def test_at11_1_a_refused_input_never_changes_stock() -> None:
    async with a_pharmacy(TEN) as pharmacy:
        lots = pharmacy.record["stock"]
        before = {item: dict(packs) for item, packs in lots.items()}
        refused = {
            "]d20100399001999995": "unknown-item",
            "no code at all": "code-unreadable",
            scan_of(AMX, expiry="300331"): "expired",
            "]d201003990010000111017A": "no-expiry",
            "]d2010039900100001117320331": "no-batch",
        }
        for n, (code, reason) in enumerate(refused.items(), 1):
            pack = pharmacy.steel.new_pack(AMX, code)
            pharmacy.far.hands.lay("1", pack)
            await pharmacy.until(lambda n=n: len(pharmacy.rows("robot.input_ended")) == n)  # type: ignore[misc]
            ruled = pharmacy.rows("robot.input_ruled")[-1]
            assert (ruled["allowed"], ruled["packs"][0]["reason"]) == (False, reason)
            assert pharmacy.steel.steel.place(pack.number).startswith("reject:")
        assert all(ended["stored"] == {} for ended in pharmacy.rows("robot.input_ended"))
        assert pharmacy.record["stock"] == before
        assert len(pharmacy.rows("robot.stock_seen", "robot.stock_differs")) == 1, "the opening"


async def test_a_pack_that_is_let_in_is_stock_once_the_robot_has_it() -> None:
    async with a_pharmacy(TEN) as pharmacy:
        pack = pharmacy.steel.new_pack(PRD, scan_of(PRD, "PRD7", "331231", "S1"))
        pharmacy.far.hands.lay("1", pack, "D-1")
        ruled = await pharmacy.world.until("robot.input_ruled")
        assert ruled["allowed"]
        assert ruled["item"] == PRD
        assert pharmacy.stock(PRD) == 0, "allowed is not stored"
        await pharmacy.world.until("robot.input_ended")
        assert pharmacy.truly_in(PRD) == pharmacy.stock(PRD) == pharmacy.free(PRD) == 1
        ((lot, expiry, serial, units, standing),) = pharmacy.record["stock"][PRD].values()
        assert (lot, expiry, units, standing) == ("PRD7", "2033-12-31", None, "")
        again = pharmacy.steel.new_pack(PRD, scan_of(PRD, "PRD7", "331231", "S1"))
        pharmacy.far.hands.lay("1", again, "D-1")
        await pharmacy.until(lambda: len(pharmacy.rows("robot.input_ended")) == 2)
        assert pharmacy.rows("robot.input_ruled")[-1]["packs"][0]["reason"] == "serial-is-in-the-robot", serial


async def test_what_was_missing_is_added_at_the_screen_and_asked_again() -> None:
    async with a_pharmacy() as pharmacy:
        pharmacy.far.hands.lay("1", pharmacy.steel.new_pack(AMX, "]d201003990010000111017A"))
        ruled = await pharmacy.world.until("robot.input_ruled")
        assert ruled["packs"][0]["reason"] == "no-expiry"
        await pharmacy.until(lambda: pharmacy.steel.inputs.at("1").state == "missing")  # type: ignore[union-attr]
        pharmacy.far.hands.enter("1", expiry="2032-05-31")
        ended = await pharmacy.world.until("robot.input_ended")
        assert ended["allowed"]
        assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == 1
        rulings = [ruled["packs"][0]["ruling"] for ruled in pharmacy.rows("robot.input_ruled")]
        assert rulings == ["no-expiry", "allowed"]


async def test_at11_3_a_link_cut_after_queued_and_the_robot_is_asked() -> None:
    async with a_pharmacy(TEN) as pharmacy:
        picking = await pharmacy.pick(AMX, 3)
        await pharmacy.world.until("robot.pick_queued")
        pharmacy.world.fault("unplug", link="robotbus", seconds=120)
        await pharmacy.state("down")
        with pytest.raises(Refused, match="robot-not-ready"):
            await pharmacy.pick(AMX, 1, id_="line-2")
        assert not picking.outcome.done()
        outcome = await picking.outcome
        assert len(pharmacy.out()) == 3, "they came out while nobody was listening"
        assert (outcome.state, len(outcome.packs)) == (State.COMPLETED, 3)
        assert pharmacy.rows("robot.pick_ended")[0]["source"] == "task-info"
        await pharmacy.state("ready")
        assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == pharmacy.free(AMX) == 7
        assert pharmacy.orders() == [picking.order]
        assert pharmacy.rows("robot.stock_differs") == []


async def test_at11_3_a_robot_that_has_forgotten_proves_nothing_and_a_person_looks() -> None:
    async with a_pharmacy(TEN) as pharmacy:
        picking = await pharmacy.pick(AMX, 2)
        await pharmacy.world.until("robot.pick_queued")
        pharmacy.world.fault("unplug", link="robotbus", seconds=120)
        await pharmacy.state("down")
        await pharmacy.until(lambda: len(pharmacy.out()) == 2)
        await asyncio.sleep(10)
        pharmacy.world.fault("robot-forgets", robot=ROBOT)
        await pharmacy.world.until("robot.pick_in_doubt", pick=picking.order)
        await pharmacy.state("ready")
        await asyncio.sleep(5)
        (differs,) = pharmacy.rows("robot.stock_differs")
        assert (len(differs["missing"]), differs["picks"]) == (2, [picking.order])
        assert not picking.outcome.done(), "no re-route until a person looks"
        technician = await pharmacy.person("technician")
        path = f"/v1/robots/{ROBOT}/picks/{picking.order}"
        (shown,) = (await technician.get(f"/v1/robots/{ROBOT}/picks"))["items"]
        assert (shown["state"], len(shown["suspects"])) == ("in_doubt", 2)
        robot = await technician.get(f"/v1/robots/{ROBOT}")
        assert (robot["in_doubt"], robot["differences"][0]["picks"]) == (1, [picking.order])
        said = {"packs": [{"lot": "AMX1"}, {"lot": "AMX1"}], "note": "two lay at output 1"}
        nurse, service = await pharmacy.person("nurse"), await pharmacy.service()
        await nurse.refused("POST", f"{path}/settlement", said, "not-allowed")
        await service.refused("POST", f"{path}/settlement", said, "not-allowed")
        settled = await technician.done("POST", f"{path}/settlement", said)
        assert (settled["state"], settled["by"], len(settled["out"])) == ("settled", technician.id, 2)
        assert {one["pack"] for one in settled["out"]} == set(differs["missing"])
        outcome = await picking.outcome
        assert (outcome.state, len(outcome.packs)) == (State.SETTLED, 2)
        await technician.refused("POST", f"{path}/settlement", said, "robot-pick-not-in-doubt")
        another = await pharmacy.pick(AMX, 1, id_="line-2")
        assert another.order != picking.order
        assert (await another.outcome).state is State.COMPLETED
        assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == 7
        assert pharmacy.orders() == [picking.order, another.order]


async def test_at11_4_what_a_jam_has_touched_is_not_given_out_until_it_is_seen_again() -> None:
    async with a_pharmacy(TEN) as pharmacy:
        picking = await pharmacy.pick(AMX, 3)
        steel = pharmacy.steel.steel
        await pharmacy.until(lambda: steel.gripper is not None)
        jam = pharmacy.world.fault("robot-jam", robot=ROBOT, at="gripper")
        await pharmacy.state("stopped", within_s=60)
        assert pharmacy.free(AMX) == 0, "which packs it has touched, nobody knows"
        with pytest.raises(Refused, match="robot-not-ready"):
            await pharmacy.pick(AMX, 1, id_="line-2")
        pharmacy.world.faults.lift(jam)
        outcome = await picking.outcome
        await pharmacy.state("ready")
        await asyncio.sleep(60)
        assert len(pharmacy.out()) == len(outcome.packs)
        assert outcome.state in {State.COMPLETED, State.INCOMPLETE}
        assert pharmacy.stock(AMX) == pharmacy.free(AMX) == pharmacy.truly_in(AMX) == 10 - len(outcome.packs)
        assert pharmacy.orders() == [picking.order]


async def test_at11_5_a_cancellation_after_the_start_tells_what_really_came_out() -> None:
    async with a_pharmacy(TEN) as pharmacy:
        picking = await pharmacy.pick(AMX, 6)
        who = await pharmacy.world.log_in("technician")
        await pharmacy.until(lambda: len(pharmacy.out()) == 1)
        assert await pharmacy.actor.cancel(picking.order, who) is CancelAnswer.CANCELLED
        outcome = await picking.outcome
        assert outcome.state is State.ABORTED
        assert 1 <= len(outcome.packs) == len(pharmacy.out()) < 6
        assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == 10 - len(outcome.packs)
        unsent = await pharmacy.pick(AMX, 1, id_="line-2")
        assert await pharmacy.actor.cancel(unsent.order, who) is CancelAnswer.CANCELLED, "never before the order itself"
        assert (await unsent.outcome).state is State.ABORTED
        late = await pharmacy.pick(AMX, 1, id_="line-3")
        await pharmacy.until(lambda: pharmacy.steel.steel.gripper is not None)
        assert await pharmacy.actor.cancel(late.order, who) is CancelAnswer.REFUSED
        assert (await late.outcome).state is State.COMPLETED
        assert [body["reason"] for body in pharmacy.rows("robot.pick_cancel_refused")] == ["on-its-way"]
        with pytest.raises(Refused, match="robot-pick-not-now"):
            await pharmacy.actor.cancel(late.order, who)


async def test_at11_6_ten_thousand_articles_are_compared_and_no_pick_waits() -> None:
    articles = [f"item-{n:05}" for n in range(10_000)]

    def fill(robot: Robot) -> None:
        for item in articles:
            hold(robot, item, "L1", "2032-03-31")

    async with a_pharmacy(fill, until="syncing", rack=LARGE, assembling_s=0.0008) as pharmacy:
        loop = asyncio.get_running_loop()
        took, pickings = [], []
        for n in (17, 4711, 9999):
            began = loop.time()
            picking = await pharmacy.pick(articles[n], 1, id_=f"line-{n}")
            await pharmacy.until(lambda order=picking.order: order in pharmacy.orders(), within_s=5)  # type: ignore[misc]
            took.append(loop.time() - began)
            assert pharmacy.actor.state == "syncing"
            pickings.append(picking)
        assert max(took) < 1.0
        assert [(await picking.outcome).state for picking in pickings] == [State.COMPLETED] * 3
        await pharmacy.state("ready")
        (synced,) = pharmacy.rows("robot.synced")
        assert synced["articles"] >= 9_997
        assert sum(map(len, pharmacy.record["stock"].values())) == 9_997
        seen = len(pharmacy.rows("robot.stock_seen"))
        assert seen <= 210, "a slice is one row"
        pharmacy.world.fault("unplug", link="robotbus", seconds=5)
        await pharmacy.state("down")
        await pharmacy.state("ready")
        assert len(pharmacy.rows("robot.synced")) == 2
        assert len(pharmacy.rows("robot.stock_seen", "robot.stock_differs")) == seen, "nothing has changed: nothing is written"
