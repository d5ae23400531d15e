"""The gantry's actor against the simulated gantry, over the driver and a wire in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from controller.actors.gantry import GantryActor
from controller.actors.gantry_told import Told
from controller.ledger.port import Entry
from controller.machines.gantry import Event
from controller.machines.gantry_order import State as OrderState
from drivers.faults import LedgerFault, LinkFault, Refused
from tests.kit.fetching import AMX, ARM, FULL, LINK, PACK, PRD, TABLE, Fetchers, fetchers
from tests.kit.virtual_loop import run

Tale = Callable[[Fetchers], Awaitable[None]]


def told(tale: Tale, stock: Sequence[tuple[str, str, str, int]] = FULL, **about: Any) -> None:
    async def play() -> None:
        async with fetchers(stock, **about) as found:
            await tale(found)
            assert found.world.rows("station.defect") == []

    run(play())


def test_packs_of_two_items_go_into_one_tote() -> None:
    async def tale(gantry: Fetchers) -> None:
        first, second = gantry.fetch(AMX, 3), gantry.fetch(PRD, 2)
        assert gantry.actor.free(AMX) == 7, "promised at once"
        outcome = await first.outcome
        assert (outcome.state, outcome.wanted) == (OrderState.COMPLETED, 3)
        assert [(pack["item"], pack["lot"], pack["units"]) for pack in outcome.packs] == [(AMX, "A1", None)] * 3
        assert (await second.outcome).state is OrderState.COMPLETED
        assert len(gantry.handed()) == 5
        assert len(gantry.steel.shelf["S-1"]) * PACK == gantry.world.books.stock.pockets["S-1"]["balance"] == 20
        assert await gantry.actor.outcome(first.order) == outcome, "for whoever comes later"
        with pytest.raises(Refused, match="unknown-gantry-order"):
            gantry.actor.outcome("99")
        await gantry.state("ready")
        assert gantry.actor.free(AMX) == 7

    told(tale)


def books_are_true(gantry: Fetchers) -> None:
    """Every place that is believed holds what it should, and no pack was handed over twice."""
    for place, lying in gantry.steel.shelf.items():
        pocket = gantry.world.books.stock.pockets[place]
        assert pocket["unverified"] is not None or pocket["balance"] == PACK * len(lying), place
    assert len(gantry.handed()) == len(set(gantry.handed()))


def at_row(gantry: Fetchers, kind: str, do: Callable[[], object]) -> None:
    """Does something when the next row of this kind is on the disk, before whoever waited for that acts."""
    ends: list[Callable[[], None]] = []

    def seen(*_: Any) -> None:
        ends.pop()()
        do()

    ends.append(gantry.world.ledger.subscribe(seen, frozenset({kind})))


def test_what_was_not_picked_is_fetched_elsewhere_and_its_place_is_counted() -> None:
    async def tale(gantry: Fetchers) -> None:
        gantry.world.fault("missed-grip", gantry=ARM, count=1)
        outcome = await gantry.fetch(AMX, 2).outcome
        assert (outcome.state, [pack["lot"] for pack in outcome.packs]) == (OrderState.COMPLETED, ["A3", "A3"])
        assert gantry.world.books.stock.pockets["S-1"]["unverified"] == "not-picked"
        assert [pick["pocket"] for pick in gantry.picks()] == ["S-1", "S-3", "S-3"]
        assert gantry.actor.free(AMX) == 3
        books_are_true(gantry)

    told(tale)


def test_an_order_that_nothing_is_left_for_ends_short() -> None:
    async def tale(gantry: Fetchers) -> None:
        gantry.world.fault("missed-grip", gantry=ARM, count=9)
        outcome = await gantry.fetch(AMX, 2).outcome
        assert (outcome.state, outcome.packs, outcome.reason) == (OrderState.INCOMPLETE, (), "no-pack")
        with pytest.raises(Refused, match="gantry-lacks-packs"):
            gantry.fetch(AMX, 1)
        with pytest.raises(Refused, match="gantry-order-too-large"):
            gantry.fetch(AMX, 0)
        assert gantry.actor.state == "ready"
        books_are_true(gantry)

    told(tale)


def test_a_sensor_that_never_says_yes_leaves_places_to_be_counted_and_no_pack_in_a_tote() -> None:
    async def tale(gantry: Fetchers) -> None:
        gantry.world.fault("vacuum-sensor", gantry=ARM, shows=False)
        outcome = await gantry.fetch(AMX, 1).outcome
        assert (outcome.state, outcome.packs) == (OrderState.INCOMPLETE, ())
        assert len(gantry.steel.floor) == 2, "it had them, and nobody knew"
        assert {gantry.world.books.stock.pockets[place]["unverified"] for place in ("S-1", "S-3")} == {"not-picked"}
        books_are_true(gantry)

    told(tale)


def test_a_sensor_that_always_says_yes_ends_the_work_before_anything_moves() -> None:
    async def tale(gantry: Fetchers) -> None:
        gantry.world.fault("vacuum-sensor", gantry=ARM, shows=True)
        outcome = await gantry.fetch(AMX, 1).outcome
        assert (outcome.state, outcome.reason) == (OrderState.INCOMPLETE, "gantry-unhomed")
        assert gantry.world.books.gantries.gantries[ARM]["reason"] == "gripper-not-empty"
        assert [body["reason"] for _, body in gantry.world.rows("gantry.not_fetched")] == ["gripper-not-empty"]
        assert gantry.world.books.stock.pockets["S-1"]["unverified"] is None
        books_are_true(gantry)

    told(tale)


def test_an_alarm_leaves_the_pack_in_doubt_until_a_person_has_looked() -> None:
    async def tale(gantry: Fetchers) -> None:
        order = gantry.fetch(AMX, 2)
        await gantry.world.until("gantry.fetched")
        await asyncio.sleep(2)
        number = gantry.world.fault("limit-switch", gantry=ARM, axis="X", shows=True)
        await gantry.state("in_doubt")
        gantry.world.faults.lift(number)
        lines = len(gantry.board.lines)
        await asyncio.sleep(300)
        assert len(gantry.board.lines) == lines, "nothing goes on by itself"
        assert not order.outcome.done()
        assert gantry.actor.outcome(order.order) is order.outcome
        in_tray = [fetch["fetch"] for fetch in gantry.order(order.order)["fetches"].values() if fetch["state"] == "in_tray"]
        gantry.actor.settle(order.order, gantry.who, in_tray, "laid into the tote by hand")
        outcome = await order.outcome
        assert (outcome.state, len(outcome.packs)) == (OrderState.SETTLED, 1)
        await gantry.home()
        books_are_true(gantry)

    told(tale)


def test_an_alarm_at_rest_is_found_out_and_what_waits_is_given_up() -> None:
    async def tale(gantry: Fetchers) -> None:
        waiting = gantry.fetch(AMX, 1, "T-elsewhere")
        await asyncio.sleep(20)
        assert gantry.picks() == [], "its tote does not stand here"
        number = gantry.world.fault("limit-switch", gantry=ARM, axis="X", shows=True)
        await gantry.state("unhomed", "down", within_s=30)
        assert (await waiting.outcome).state is OrderState.INCOMPLETE
        await gantry.actor.home(gantry.who)
        await gantry.world.until("gantry.changed", event="not_homed")
        gantry.world.faults.lift(number)
        await gantry.home()

    told(tale)


def test_an_open_door_ends_the_work() -> None:
    async def tale(gantry: Fetchers) -> None:
        order = gantry.fetch(AMX, 1)
        await gantry.world.until("gantry.fetch_intended")
        await asyncio.sleep(1)
        number = gantry.world.fault("open-door", gantry=ARM)
        await gantry.state("in_doubt")
        gantry.world.faults.lift(number)
        await asyncio.sleep(60)
        assert not gantry.steel.moves
        gantry.actor.settle(order.order, gantry.who, [], "still on the shelf")
        await gantry.home()
        books_are_true(gantry)

    told(tale)


def test_a_stop_in_the_middle_of_a_trip_is_a_doubt_and_never_goes_on() -> None:
    async def tale(gantry: Fetchers) -> None:
        order = gantry.fetch(AMX, 3)
        await gantry.world.until("gantry.fetched")
        await asyncio.sleep(1.5)
        await gantry.actor.stop(gantry.who)
        await gantry.state("in_doubt")
        await asyncio.sleep(60)
        assert not gantry.steel.moves
        assert len(gantry.picks()) == 2
        gantry.actor.settle(order.order, gantry.who, ["1"], "one lies in the tote")
        assert len((await order.outcome).packs) == 1
        books_are_true(gantry)

    told(tale)


def test_a_halt_of_the_station_stops_it_and_a_doubt_outlives_the_halt() -> None:
    async def tale(gantry: Fetchers) -> None:
        order, waiting = gantry.fetch(AMX, 1), gantry.fetch(PRD, 1)
        await gantry.world.until("gantry.fetch_intended")
        await asyncio.sleep(1.5)
        await gantry.world.station.halt(gantry.who, "smoke")
        assert gantry.actor.state == "halted"
        await asyncio.sleep(5)
        assert not gantry.steel.moves
        assert (await waiting.outcome).state is OrderState.INCOMPLETE
        with pytest.raises(Refused, match="gantry-not-ready"):
            gantry.fetch(AMX, 1)
        await gantry.world.station.resume(gantry.who)
        assert gantry.actor.state == "in_doubt"
        gantry.actor.settle(order.order, gantry.who, [], "looked")
        await gantry.home()
        await gantry.service(Event.TAKE_OUT)
        await gantry.world.station.halt(gantry.who, "again")
        assert gantry.actor.state == "out_of_service"

    told(tale)


def test_a_wire_that_is_cut_in_the_middle_of_a_pick_leaves_a_doubt() -> None:
    async def tale(gantry: Fetchers) -> None:
        order = gantry.fetch(AMX, 1)
        await gantry.world.until("gantry.fetch_intended")
        await asyncio.sleep(1.5)
        gantry.world.fault("unplug", link=LINK, seconds=20)
        await gantry.state("in_doubt")
        await asyncio.sleep(60)
        assert gantry.actor.state == "in_doubt", "no link ends a hold"
        with pytest.raises(Refused, match="gantry-step-not-now"):
            await gantry.actor.home(gantry.who)
        gantry.actor.settle(order.order, gantry.who, [], "looked")
        await gantry.home()
        books_are_true(gantry)

    told(tale)


def test_a_wire_that_is_cut_before_the_first_byte_has_moved_nothing() -> None:
    async def tale(gantry: Fetchers) -> None:
        at_row(gantry, "gantry.fetch_intended", lambda: gantry.world.fault("unplug", link=LINK, seconds=20))
        outcome = await gantry.fetch(AMX, 1).outcome
        assert outcome.state is OrderState.INCOMPLETE
        await gantry.state("unhomed")
        gantry.world.fault("unplug", link=LINK, seconds=20)
        with pytest.raises(LinkFault):
            await gantry.actor.stop(gantry.who)
        await gantry.world.ledger.settled()
        assert [body["halt"] for _, body in gantry.world.rows("gantry.changed") if "halt" in body] == ["unknown"]
        assert gantry.world.books.stock.pockets["S-1"]["unverified"] is None
        books_are_true(gantry)

    told(tale)


def test_a_hand_over_that_nobody_saw_end_is_settled_order_by_order() -> None:
    async def tale(gantry: Fetchers) -> None:
        first, second = gantry.fetch(AMX, 2), gantry.fetch(PRD, 1)
        await gantry.world.until("gantry.hand_over_intended")
        await asyncio.sleep(1.0)
        gantry.world.fault("unplug", link=LINK, seconds=5)
        await gantry.state("in_doubt")
        await asyncio.sleep(20)
        assert len(gantry.actor.view.doubtful(ARM)) == 2
        gantry.actor.settle(first.order, gantry.who, ["1", "2"], "both lie there")
        assert gantry.actor.state == "in_doubt"
        gantry.actor.settle(second.order, gantry.who, [], "not there")
        assert gantry.actor.state == "unhomed"
        assert (await first.outcome).packs == tuple({"item": AMX, "lot": "A1", "expiry": "2032-03-31", "units": None} for _ in "12")
        assert (await second.outcome).packs == ()
        books_are_true(gantry)

    told(tale)


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power cut"])
def test_a_tray_is_not_taken_for_empty_after_a_restart(power: bool) -> None:
    async def tale(gantry: Fetchers) -> None:
        order, later = gantry.fetch(AMX, 2), gantry.fetch(PRD, 1, "T-later")
        at_row(gantry, "gantry.hand_over_intended", lambda: None)
        fetched = gantry.world.until("gantry.fetched", fetch="2")
        await fetched
        await gantry.world.restart(power=power)
        await gantry.log_in()
        assert gantry.actor.state == "down" or gantry.actor.view.doubtful(ARM)
        assert gantry.order(later.order)["state"] == "incomplete", "nothing of it was begun: it is planned anew"
        ended = gantry.actor.outcome(order.order)
        if gantry.actor.view.doubtful(ARM):
            await gantry.state("in_doubt")
            return
        await gantry.home()
        assert (await ended).state is OrderState.COMPLETED
        assert len(gantry.handed()) == 2
        assert len(gantry.picks()) == 2
        books_are_true(gantry)

    told(tale)


def test_a_tray_whose_tote_has_gone_waits_and_is_emptied_by_hand_while_it_is_out_of_service() -> None:
    async def tale(gantry: Fetchers) -> None:
        order = gantry.fetch(AMX, 2)
        about = {"tote": "T-2", "pick_list": "L-1", "at": TABLE, "by": "somebody", "session": "s", "terminal": None}
        at_row(gantry, "gantry.fetch_intended", lambda: gantry.world.ledger.post(Entry("tote.placed", about)))
        await gantry.world.until("gantry.fetched")
        await gantry.state("ready")
        await asyncio.sleep(30)
        assert (gantry.actor.state, gantry.handed(), len(gantry.picks())) == ("ready", [], 1)
        with pytest.raises(Refused, match="gantry-order-not-in-doubt"):
            gantry.actor.settle(order.order, gantry.who, [], "not while it is in service")
        await gantry.service(Event.TAKE_OUT)
        gantry.actor.settle(order.order, gantry.who, [], "put into the return bin")
        assert (await order.outcome).packs == ()
        assert list(gantry.actor.view.in_tray(ARM)) == []

    told(tale)


def test_more_than_a_tray_goes_in_several_trips_each_to_its_own_tote() -> None:
    async def tale(gantry: Fetchers) -> None:
        outcome = await gantry.fetch(AMX, 6).outcome
        assert (outcome.state, len(outcome.packs)) == (OrderState.COMPLETED, 6)
        trips = [body["packs"] for _, body in gantry.world.rows("gantry.handed_over")]
        assert [len(packs) for packs in trips] == [4, 2]
        await gantry.state("ready")
        books_are_true(gantry)

    told(tale)


def test_a_full_disk_begins_no_trip() -> None:
    async def tale(gantry: Fetchers) -> None:
        gantry.fetch(AMX, 1)
        gantry.world.disk.capacity = 1 << 20
        await asyncio.sleep(30)
        assert gantry.picks() == []
        gantry.world.disk.capacity = 1 << 30
        await gantry.until(lambda: len(gantry.handed()) == 1)
        await gantry.state("ready")

    told(tale)


def test_a_halt_between_intent_and_first_byte_has_moved_nothing() -> None:
    async def tale(gantry: Fetchers) -> None:
        halted: list[object] = []
        at_row(gantry, "gantry.fetch_intended", lambda: halted.append(gantry.actor.order(Told(Event.HALT, by="somebody"))))
        outcome = await gantry.fetch(AMX, 1).outcome
        assert (outcome.state, outcome.reason) == (OrderState.INCOMPLETE, "gantry-halted")
        assert [body["reason"] for _, body in gantry.world.rows("gantry.not_fetched")] == ["broken-off"]
        assert gantry.world.books.stock.pockets["S-1"]["unverified"] is None
        assert halted
        books_are_true(gantry)

    told(tale)


@pytest.mark.parametrize(("kind", "doubt"), [("gantry.hand_over_intended", False), ("gantry.changed", True)])
def test_a_halt_of_a_hand_over_is_a_doubt_once_it_has_begun(kind: str, doubt: bool) -> None:
    async def tale(gantry: Fetchers) -> None:
        order = gantry.fetch(AMX, 1)
        halt: list[object] = []

        def stop() -> None:
            halt.append(gantry.actor.order(Told(Event.HALT, by="somebody")))

        if doubt:
            await gantry.state("handing_over")
            await asyncio.sleep(1.0)
            stop()
        else:
            at_row(gantry, kind, stop)
        await gantry.state("halted")
        await asyncio.sleep(1.0)
        assert bool(gantry.actor.view.doubtful(ARM)) is doubt
        await gantry.actor.order(Told(Event.RESUME, by="somebody"))
        if doubt:
            assert gantry.actor.state == "in_doubt"
            gantry.actor.settle(order.order, gantry.who, [], "looked")
        else:
            await gantry.home()
            assert (await order.outcome).state is OrderState.COMPLETED

    told(tale)


def test_a_hand_over_that_is_refused_before_it_moves_leaves_the_tray_as_it_is() -> None:
    async def tale(gantry: Fetchers) -> None:
        order = gantry.fetch(AMX, 1)
        at_row(gantry, "gantry.hand_over_intended", lambda: gantry.world.fault("vacuum-sensor", gantry=ARM, shows=True))
        await gantry.state("unhomed")
        assert [body["reason"] for _, body in gantry.world.rows("gantry.not_handed_over")] == ["gripper-not-empty"]
        await gantry.actor.home(gantry.who)
        refused = await gantry.world.until("gantry.changed", event="not_homed")
        assert refused["reason"] == "gripper-not-empty"
        gantry.steel.ails.vacuum_sensor = None
        await gantry.home()
        assert (await order.outcome).state is OrderState.COMPLETED
        assert len(gantry.handed()) == 1

    told(tale)


@pytest.mark.parametrize("act", ["pick", "hand_over"])
def test_a_defect_of_ours_is_this_gantry_s_alone_and_its_pack_is_in_doubt(act: str) -> None:
    async def tale(gantry: Fetchers) -> None:
        def broken(*_: Any) -> None:
            raise RuntimeError("planted")

        setattr(gantry.actor.device, act, broken)
        order = gantry.fetch(AMX, 1)
        await gantry.state("fault")
        assert gantry.world.books.gantries.gantries[ARM]["reason"] == "RuntimeError: planted"
        assert [one["order"] for one in gantry.actor.view.doubtful(ARM)] == [order.order]
        await gantry.actor.settle(order.order, gantry.who, [], "looked").durable
        assert gantry.actor.state == "fault", "no settlement ends it"
        await gantry.world.restart()
        assert gantry.actor.state == "fault", "nor does a restart"
        await gantry.log_in()
        await gantry.service(Event.RETURN)
        await gantry.home()

    told(tale)


@pytest.mark.parametrize("packs", [1, 2], ids=["hand-over", "fetch"])
def test_what_cannot_be_recorded_does_not_move(packs: int) -> None:
    async def tale(gantry: Fetchers) -> None:
        gantry.fetch(AMX, packs)
        await gantry.world.until("gantry.fetched")
        syncs = gantry.world.disk.syncs
        syncs.nth, syncs.always = syncs.seen + 1, True
        await gantry.until(lambda: gantry.world.station.failure is not None)
        picked = len(gantry.steel.shelf["S-1"])
        await asyncio.sleep(60)
        assert (gantry.actor.state, len(gantry.steel.shelf["S-1"]), gantry.handed()) == ("halted", picked, [])
        with pytest.raises(LedgerFault):
            await gantry.actor.order(Told(Event.TAKE_OUT, by="somebody"))
        with pytest.raises(LedgerFault):
            await gantry.actor.home(gantry.who)

    told(tale)


def test_a_pocket_that_was_counted_before_the_doubt_was_settled_is_not_booked_twice() -> None:
    async def tale(gantry: Fetchers) -> None:
        order = gantry.fetch(AMX, 1)
        await gantry.world.until("gantry.fetch_intended")
        await asyncio.sleep(1.5)
        await gantry.actor.stop(gantry.who)
        await gantry.state("in_doubt")
        gantry.actor.settle(order.order, gantry.who, ["1"], "it hung at the gripper, and lies in the tote")
        assert (await order.outcome).packs[0]["lot"] == "A1"
        assert gantry.world.books.stock.pockets["S-1"]["balance"] == 4 * PACK, "booked out by the settlement"
        again = gantry.actor.outcome(order.order)
        assert again.done()

    told(tale)


def test_a_stop_while_the_tray_tips_is_a_doubt() -> None:
    async def tale(gantry: Fetchers) -> None:
        order = gantry.fetch(AMX, 1)
        await gantry.state("handing_over")
        await asyncio.sleep(1.0)
        await gantry.actor.stop(gantry.who)
        await gantry.state("in_doubt")
        assert gantry.order(order.order)["reason"] == "gantry-stopped"
        assert gantry.actor.view.gantries[ARM]["act"] is None

    told(tale)


def test_a_board_that_has_restarted_at_rest_must_be_homed() -> None:
    async def tale(gantry: Fetchers) -> None:
        gantry.world.fault("reboot", board=ARM, seconds=0.01)
        await gantry.state("unhomed", "down", within_s=30)
        await gantry.home()
        assert (await gantry.fetch(AMX, 1).outcome).state is OrderState.COMPLETED

    told(tale)


def test_a_defect_that_cannot_even_be_told_is_the_station_s_to_record(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        async with fetchers() as gantry:

            def broken(*_: Any) -> Entry:
                raise RuntimeError("planted")

            monkeypatch.setattr(GantryActor, "_entry", broken)
            gantry.actor.tell(Told(Event.HALT))
            await gantry.world.ledger.settled()
            (defect,) = [body for _, body in gantry.world.rows("station.defect")]
            assert defect["work"] == f"gantry {ARM}"
            monkeypatch.undo()

    run(play())


@pytest.mark.parametrize("ms", [None, 0, 5, 10, 15, 20, 30, 50, 100, 300, 1_000])
def test_a_stop_at_any_instant_after_a_homing_was_ordered_ends_it(ms: int | None) -> None:
    async def tale(gantry: Fetchers) -> None:
        gantry.actor.home(gantry.who)
        if ms is not None:  # else before its duty has begun
            await asyncio.sleep(ms / 1000)
        await gantry.actor.stop(gantry.who)
        await gantry.world.until("gantry.changed", event="not_homed", reason="gantry-stopped")
        assert gantry.actor.state == "unhomed"
        await gantry.until(lambda: not gantry.steel.moves, within_s=0.2)  # it slips on after a reset in full motion
        stood = gantry.steel.position
        await asyncio.sleep(60)
        assert (gantry.actor.state, gantry.steel.position) == ("unhomed", stood), "nothing goes on from there"
        await gantry.home()

    told(tale)
