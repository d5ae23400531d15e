"""The robot's actor against the simulated robot, over the driver and a wire in memory: what it does when something breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from controller.actors.robot import Told
from controller.machines.robot import Event, State
from controller.machines.robot_pick import State as PickState
from drivers.faults import LedgerFault, LinkFault, Refused
from drivers.robot_facts import AskedPack, CancelAnswer, InputAsked, RobotReadiness
from firmware_protocols.wwks2 import messages as w
from simulators.plant.robot.robot import Robot
from tests.acceptance.pharmacy import AMX, PRD, Pharmacy, a_pharmacy
from tests.acceptance.ward import scan_of
from tests.kit.robot import LINK, ROBOT, hold
from tests.kit.virtual_loop import run

TEN = partial(hold, item=AMX, lot="AMX1", expiry="2032-03-31", packs=10)
Tale = Callable[[Pharmacy], Awaitable[None]]


def told(tale: Tale, stock: Callable[[Robot], object] | None = TEN) -> None:
    async def play() -> None:
        async with a_pharmacy(stock) as pharmacy:
            await tale(pharmacy)

    run(play())


def at_row(pharmacy: Pharmacy, kind: str, do: Callable[[], object]) -> None:
    """Does something when the next row of this kind is on the disk, before whoever waited for that acts."""
    ends: list[Callable[[], None]] = []

    def seen(*_: Any) -> None:
        ends.pop()()
        do()

    ends.append(pharmacy.world.ledger.subscribe(seen, frozenset({kind})))


def at_message(pharmacy: Pharmacy, kind: type[w.Lead], do: Callable[[], object], *, swallow: bool = False) -> None:
    """Does something when the robot has been given a message of this kind, which it may never take in."""
    far = pharmacy.far
    real = far.heard

    def hears(client: Any, message: Any) -> None:
        if isinstance(message, kind):
            far.heard = real  # type: ignore[method-assign]
            do()
        if not (swallow and isinstance(message, kind)):
            real(client, message)

    far.heard = hears  # type: ignore[method-assign]


def cut(pharmacy: Pharmacy, seconds: float = 60) -> Callable[[], object]:
    return lambda: pharmacy.world.fault("unplug", link=LINK, seconds=seconds)


def test_a_packed_order_is_done_once_and_every_pack_is_known() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        picking = await pharmacy.pick(AMX, 2, 2)
        assert pharmacy.free(AMX) == 8, "promised at once"
        outcome = await picking.outcome
        assert (outcome.state, outcome.wanted, {one["output"] for one in outcome.packs}) == (PickState.COMPLETED, 2, {2})
        assert await pharmacy.actor.outcome(picking.order) == outcome, "for whoever comes later"
        kinds = [kind for kind, _ in pharmacy.world.rows() if kind.startswith("robot.pick")]
        assert kinds == ["robot.pick_intended", "robot.pick_queued", "robot.pick_ended"]
        with pytest.raises(Refused, match="unknown-robot-pick"):
            pharmacy.actor.outcome("99")
        with pytest.raises(Refused, match="robot-pick-too-large"):
            await pharmacy.pick(AMX, 0)

    told(tale)


def test_what_expires_today_or_nobody_knows_when_does_not_come_out() -> None:
    def stock(robot: Robot) -> None:
        hold(robot, AMX, "OLD", "2031-03-01")
        hold(robot, AMX, "NEVER", "")
        hold(robot, AMX, "B", "2033-01-31")
        hold(robot, AMX, "A", "2032-01-31")

    async def tale(pharmacy: Pharmacy) -> None:
        today = pharmacy.actor.today()
        assert pharmacy.free(AMX) == 2
        lots = pharmacy.world.station.books.robots.free_lots(ROBOT, AMX, today)
        assert [lot["lot"] for lot in lots] == ["A", "B"], "the first to expire first"
        outcome = await (await pharmacy.pick(AMX, 4)).outcome
        assert [one["lot"] for one in outcome.packs] == ["A", "B"]
        assert outcome.state is PickState.INCOMPLETE

    told(tale, stock)


def test_an_order_to_an_output_that_is_not_there_is_rejected_and_nothing_comes() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        outcome = await (await pharmacy.pick(AMX, 1, 7)).outcome
        assert (outcome.state, outcome.packs) == (PickState.REJECTED, ())
        assert pharmacy.free(AMX) == 10
        assert pharmacy.out() == []

    told(tale)


def test_a_link_that_ends_before_the_send_sends_nothing_ever() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        at_row(pharmacy, "robot.pick_intended", cut(pharmacy))
        outcome = await (await pharmacy.pick(AMX, 1)).outcome
        assert outcome.state is PickState.NOT_SENT
        await pharmacy.state("ready")
        await asyncio.sleep(60)
        assert pharmacy.orders() == []
        assert pharmacy.out() == []
        assert pharmacy.free(AMX) == 10

    told(tale)


def test_a_halt_between_intent_and_send_sends_nothing() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        technician = await pharmacy.world.log_in("technician")
        halting: list[asyncio.Future[Any]] = []
        at_row(pharmacy, "robot.pick_intended", lambda: halting.append(pharmacy.actor.order(Told(Event.HALT, by="somebody"))))
        outcome = await (await pharmacy.pick(AMX, 1)).outcome
        assert (outcome.state, outcome.reason) == (PickState.NOT_SENT, "robot-halted")
        await halting[0]
        pharmacy.far.hands.lay("1", pharmacy.steel.new_pack(PRD, scan_of(PRD, "P1")))
        ruled = await pharmacy.world.until("robot.input_ruled")
        assert ruled["packs"][0]["reason"] == "robot-not-ready", "a halted robot lets nothing in either"
        await pharmacy.world.station.resume(technician)
        await pharmacy.state("ready")
        await pharmacy.world.station.halt(technician, "smoke")
        assert pharmacy.actor.state == "halted"
        await pharmacy.world.restart()
        assert pharmacy.actor.state == "halted", "no restart ends a hold"
        await pharmacy.world.station.resume(await pharmacy.world.log_in("technician"))
        await pharmacy.state("ready")
        assert pharmacy.orders() == []

    told(tale)


def test_a_link_that_ends_after_the_send_is_asked_about_and_nothing_is_sent_again() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        at_message(pharmacy, w.OutputRequest, cut(pharmacy))
        picking = await pharmacy.pick(AMX, 1)
        silent = await pharmacy.world.until("robot.pick_silent")
        assert silent["reason"] == "link-lost"
        outcome = await picking.outcome
        assert (outcome.state, len(outcome.packs), len(pharmacy.out())) == (PickState.COMPLETED, 1, 1)
        assert pharmacy.orders() == [picking.order]

    told(tale)


def test_an_order_that_never_arrived_is_in_doubt_and_stays_promised() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        at_message(pharmacy, w.OutputRequest, lambda: None, swallow=True)
        picking = await pharmacy.pick(AMX, 2)
        await pharmacy.world.until("robot.pick_in_doubt", pick=picking.order)
        await asyncio.sleep(30)
        assert pharmacy.free(AMX) == 8
        assert not picking.outcome.done()
        who = await pharmacy.world.log_in("technician")
        await pharmacy.actor.settle(picking.order, who, [], "nothing lay there").durable
        assert (await picking.outcome).packs == ()
        assert pharmacy.free(AMX) == pharmacy.truly_in(AMX) == 10
        assert pharmacy.orders() == []

    told(tale)


def test_a_lost_answer_to_an_order_is_no_reason_to_send_it_again() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        pharmacy.world.fault("robot-slow", robot=ROBOT, times=20)
        pharmacy.world.fault("lose", link=LINK, what="replies", count=1)
        picking = await pharmacy.pick(AMX, 1)
        await pharmacy.world.until("robot.pick_silent", reason="no-reply")
        outcome = await picking.outcome
        assert (outcome.state, len(pharmacy.out())) == (PickState.COMPLETED, 1)
        assert pharmacy.orders() == [picking.order]

    told(tale)


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power cut"])
def test_orders_of_before_a_restart_are_asked_for_and_never_sent_again(power: bool) -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        first = await pharmacy.pick(AMX, 2)
        await pharmacy.world.until("robot.pick_queued", pick=first.order)
        await pharmacy.world.restart(power=power)
        ended = pharmacy.actor.outcome(first.order)
        outcome = await ended
        assert (outcome.state, len(outcome.packs), len(pharmacy.out())) == (PickState.COMPLETED, 2, 2)
        second = await pharmacy.pick(AMX, 1)
        assert int(second.order) > int(first.order)
        assert (await second.outcome).state is PickState.COMPLETED
        assert pharmacy.orders() == [first.order, second.order]
        pharmacy.standing.station = pharmacy.world.station
        await pharmacy.state("ready")

    told(tale)


def test_an_intent_of_before_a_restart_that_the_robot_does_not_know_is_in_doubt() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        at_message(pharmacy, w.OutputRequest, lambda: None, swallow=True)
        picking = await pharmacy.pick(AMX, 1)
        await picking.posting.durable
        await pharmacy.world.restart()
        pharmacy.standing.station = pharmacy.world.station
        await pharmacy.world.until("robot.pick_in_doubt", pick=picking.order)
        assert pharmacy.orders() == []
        await pharmacy.state("ready")

    told(tale)


def test_a_cancellation_over_a_link_that_ends_is_known_or_is_asked_about() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        who = await pharmacy.world.log_in("technician")
        picking = await pharmacy.pick(AMX, 9)
        await pharmacy.world.until("robot.pick_queued")
        at_row(pharmacy, "robot.pick_cancel_intended", cut(pharmacy, 1))
        with pytest.raises(LinkFault):
            await pharmacy.actor.cancel(picking.order, who)
        assert pharmacy.rows("robot.pick_cancel_refused")[0]["reason"] == "link-lost"
        await pharmacy.state("ready")
        at_message(pharmacy, w.TaskCancelRequest, cut(pharmacy, 1))
        assert await pharmacy.actor.cancel(picking.order, who) is CancelAnswer.SILENT
        outcome = await picking.outcome
        assert outcome.state is PickState.ABORTED
        assert len(outcome.packs) == len(pharmacy.out()) < 9
        await pharmacy.state("ready")

    told(tale)


def test_a_cancellation_of_what_the_robot_has_forgotten_leaves_it_in_doubt() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        who = await pharmacy.world.log_in("technician")
        at_message(pharmacy, w.OutputRequest, lambda: None, swallow=True)
        picking = await pharmacy.pick(AMX, 1)
        await pharmacy.world.until("robot.pick_in_doubt", pick=picking.order)
        with pytest.raises(Refused, match="robot-pick-not-now"):
            await pharmacy.actor.cancel(picking.order, who)
        known = await pharmacy.pick(AMX, 2, id_="line-2")
        await pharmacy.world.until("robot.pick_queued", pick=known.order)
        pharmacy.steel.orders.forget()
        assert await pharmacy.actor.cancel(known.order, who) is CancelAnswer.NOT_FOUND
        await pharmacy.world.until("robot.pick_in_doubt", pick=known.order)

    told(tale)


def test_a_pack_asked_for_at_the_robot_s_own_screen_leaves_the_books() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        pharmacy.far.hands.order("3", article=AMX, quantity=2)
        unasked = await pharmacy.world.until("robot.output_unasked")
        assert (unasked["pick"], unasked["ours"], len(unasked["out"])) == ("1", False, 2)
        await asyncio.sleep(5)
        assert pharmacy.stock(AMX) == pharmacy.free(AMX) == pharmacy.truly_in(AMX) == 8
        assert pharmacy.rows("robot.stock_differs") == []

    told(tale)


def test_a_stock_message_that_overtakes_the_output_is_no_difference() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        pharmacy.world.fault("robot-stock-first", robot=ROBOT)
        picking = await pharmacy.pick(AMX, 3)
        await picking.outcome
        await asyncio.sleep(10)
        assert pharmacy.rows("robot.stock_differs") == []
        assert pharmacy.free(AMX) == pharmacy.truly_in(AMX) == 7

    told(tale)


def test_a_pack_that_is_not_where_the_robot_thinks_is_lost_and_said_so() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        steel = pharmacy.steel.steel
        pharmacy.world.fault("robot-loses-pack", robot=ROBOT, pack=next(iter(steel.packs)))
        outcome = await (await pharmacy.pick(AMX, 10)).outcome
        assert (outcome.state, len(outcome.packs)) == (PickState.INCOMPLETE, 9)
        await asyncio.sleep(60)
        assert pharmacy.truly_in(AMX) == pharmacy.free(AMX) == 0
        assert len(pharmacy.out()) == 9

    told(tale)


def test_two_clients_and_another_s_order_are_not_confused_with_ours() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        picking = await pharmacy.pick(AMX, 1)
        pharmacy.far.hands.order("2", article=AMX)
        assert len((await picking.outcome).packs) == 1
        await pharmacy.world.until("robot.output_unasked")
        await asyncio.sleep(5)
        assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == 8

    told(tale)


def test_a_verdict_that_comes_too_late_is_nobody_s() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        at_row(pharmacy, "robot.input_ruled", cut(pharmacy, 1))
        pharmacy.far.hands.lay("1", pharmacy.steel.new_pack(PRD, scan_of(PRD, "P1")))
        await pharmacy.world.until("robot.input_ruled")
        await pharmacy.state("down")
        await pharmacy.state("ready")
        assert pharmacy.record["inputs"] == {}, "an input dies with its epoch"
        gone = InputAsked(
            robot=ROBOT, epoch=pharmacy.actor.epoch, at=0.0, input="777", source=40, article=None,
            packs=(AskedPack(index=0, scan_code=scan_of(PRD, "P1")),),
        )  # fmt: skip
        pharmacy.actor.hear(gone)
        await pharmacy.quiet()
        await asyncio.sleep(60)
        assert pharmacy.world.rows("station.defect") == []
        assert pharmacy.stock(PRD) == pharmacy.truly_in(PRD) == 0

    told(tale)


def test_what_is_stored_without_leave_is_held_back() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        pharmacy.world.fault("robot-manners", robot=ROBOT, decides_alone=True)
        code = scan_of(AMX).removeprefix("]d2")
        pharmacy.steel.book.codes[code[2:16]] = AMX
        pharmacy.far.hands.lay("1", pharmacy.steel.new_pack(AMX, code))
        ended = await pharmacy.world.until("robot.input_ended")
        assert ended["allowed"] is False
        await asyncio.sleep(5)
        assert (pharmacy.truly_in(AMX), pharmacy.stock(AMX), pharmacy.free(AMX)) == (11, 11, 10)
        pharmacy.world.fault("unplug", link=LINK, seconds=1)
        await pharmacy.state("down")
        await pharmacy.state("ready")
        assert pharmacy.free(AMX) == 10, "seeing it again gives no leave"

    told(tale)


def test_a_silent_question_is_asked_again() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        pharmacy.world.fault("unplug", link=LINK, seconds=1)
        await pharmacy.state("down")
        at_message(
            pharmacy, w.StockInfoRequest, lambda: at_message(pharmacy, w.StockInfoRequest, lambda: None, swallow=True), swallow=True
        )
        await pharmacy.state("ready")
        assert len(pharmacy.rows("robot.synced")) == 2

    told(tale)


def test_an_item_in_doubt_is_asked_for_again_after_the_link_has_come_back() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        at_message(pharmacy, w.StockInfoRequest, cut(pharmacy, 1), swallow=True)
        pharmacy.actor.stock.doubtful([AMX])
        await pharmacy.state("down")
        await pharmacy.state("ready")
        assert pharmacy.free(AMX) == 10

    told(tale)


def test_a_defect_of_ours_takes_this_robot_out_and_a_person_brings_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        real = pharmacy.actor.stock.told
        monkeypatch.setattr(type(pharmacy.actor.stock), "told", lambda *_: 1 / 0)
        pharmacy.far.hands.order("3", article=AMX)
        await pharmacy.state("fault")
        assert "ZeroDivisionError" in pharmacy.rows("robot.changed")[-1]["reason"]
        with pytest.raises(Refused, match="robot-not-ready"):
            await pharmacy.pick(AMX, 1)
        await pharmacy.world.until("robot.output_unasked")
        monkeypatch.setattr(type(pharmacy.actor.stock), "told", lambda _, event: real(event))
        technician = await pharmacy.person("technician")
        shown = await technician.done("POST", f"/v1/robots/{ROBOT}/service", {"step": "return_to_service"})
        assert shown["state"] != "fault"
        await pharmacy.state("ready")
        await technician.refused("POST", f"/v1/robots/{ROBOT}/service", {"step": "return_to_service"}, "robot-step-not-now")
        await technician.done("POST", f"/v1/robots/{ROBOT}/service", {"step": "out_of_service"})
        await technician.done("POST", f"/v1/robots/{ROBOT}/service", {"step": "return_to_service"})
        await pharmacy.state("ready")
        assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == 9

    told(tale)


def test_a_full_disk_lets_nothing_in_and_orders_nothing_and_says_so() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        pharmacy.world.disk.capacity = 1 << 20
        pharmacy.far.hands.lay("1", pharmacy.steel.new_pack(PRD, scan_of(PRD, "P1")))
        ruled = await pharmacy.world.until("robot.input_ruled")
        assert (ruled["allowed"], ruled["packs"][0]["reason"]) == (False, "ledger-full")
        with pytest.raises(LedgerFault, match="ledger-full"):
            await pharmacy.pick(AMX, 1)
        pharmacy.world.disk.capacity = 1 << 30
        assert (await (await pharmacy.pick(AMX, 1)).outcome).state is PickState.COMPLETED

    told(tale)


def test_what_cannot_be_recorded_of_an_input_is_not_answered() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        pharmacy.world.station.failure = LedgerFault("ledger-failed")
        pharmacy.far.hands.lay("1", pharmacy.steel.new_pack(PRD, scan_of(PRD, "P1")))
        await pharmacy.until(lambda: pharmacy.actor.state == State.HALTED)
        await asyncio.sleep(60)
        assert pharmacy.rows("robot.input_ruled") == []
        assert pharmacy.truly_in(PRD) == 0
        pharmacy.world.station.failure = None

    told(tale)


def test_when_nothing_can_be_recorded_nothing_is_ordered() -> None:
    async def play() -> None:
        async with a_pharmacy(TEN) as pharmacy:
            world = pharmacy.world
            world.disk.syncs.nth, world.disk.syncs.always = world.disk.syncs.seen + 1, True
            pharmacy.actor.hear(RobotReadiness(robot=ROBOT, epoch=1, at=0.0, ready=False, text="door open"))
            await asyncio.sleep(1)
            pharmacy.far.hands.order("3", article=AMX)
            await pharmacy.until(lambda: pharmacy.actor.state == State.HALTED)
            assert world.station.degraded == "ledger-failed"
            assert pharmacy.orders() == []
            raise Stopped

    with pytest.raises(Stopped):
        run(play())


class Stopped(Exception):
    """The tale ends where nothing can be recorded."""


def test_what_is_not_processed_is_said_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        pharmacy.world.fault("noise", link=LINK, size=8)
        await asyncio.sleep(30)
        await pharmacy.state("ready")

    told(tale)


def test_the_pages_of_a_robot() -> None:
    async def tale(pharmacy: Pharmacy) -> None:
        technician = await pharmacy.person("technician")
        (shown,) = (await technician.get("/v1/robots"))["items"]
        assert (shown["id"], shown["state"], shown["packs"], shown["up"]) == (ROBOT, "ready", 10, True)
        (holding,) = (await technician.get(f"/v1/robots/{ROBOT}/stock"))["items"]
        assert (holding["item"], holding["packs"], holding["free"], holding["uncertain"]) == (AMX, 10, 10, 0)
        first, second = await pharmacy.pick(AMX, 1), await pharmacy.pick(AMX, 1)
        await first.outcome
        await second.outcome
        page = await technician.get(f"/v1/robots/{ROBOT}/picks?limit=1")
        assert [one["id"] for one in page["items"]] == [first.order]
        page = await technician.get(f"/v1/robots/{ROBOT}/picks?after={page['next']}")
        assert [(one["id"], one["state"], len(one["out"])) for one in page["items"]] == [(second.order, "completed", 1)]
        await technician.refused("GET", "/v1/robots/R9", code="unknown-robot")

    told(tale)
