"""Physics of latch, slide, switches and pockets, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from simulators.plant.drawer import Drawer, Make
from simulators.plant.plant import Plant
from simulators.plant.pocket import CannotDo, Lot, Pocket
from simulators.plant.truth import TruthLog
from sites.data import StockLot
from sites.models import Site
from tests.kit import virtual_loop
from tests.simulators.small import small_site


def story(tell: Callable[[Drawer, TruthLog], Awaitable[None]], make: Make | None = None) -> list[tuple[str, str, float]]:
    """Plays a story with one drawer; gives what happened, by what, and when."""

    async def play() -> list[tuple[str, str, float]]:
        truth = TruthLog()
        drawer = Drawer("A-01", truth, make)
        await tell(drawer, truth)
        drawer.clear()
        return [(edge.what, edge.cause, round(edge.at, 3)) for edge in truth.edges]

    return virtual_loop.run(play())


async def pulse(drawer: Drawer, seconds: float = 0.55) -> None:
    drawer.drive(board="b", channel=1, frame="00")
    await asyncio.sleep(seconds)
    drawer.rest()


def test_a_pulled_drawer_opens_and_latches_when_pushed_home() -> None:
    async def tell(drawer: Drawer, truth: TruthLog) -> None:
        await pulse(drawer)
        assert drawer.switches() == (False, True)
        assert drawer.pull()
        assert drawer.pull(), "a second hand changes nothing"
        await asyncio.sleep(5)
        assert drawer.switches() == (False, False)
        assert drawer.push()
        await asyncio.sleep(1)
        assert drawer.switches() == (True, True)
        assert not drawer.push()

    assert story(tell) == [
        ("pulse", "pulse", 0.0),
        ("unlatched", "pulse", 0.04),
        ("pulse_end", "pulse", 0.55),
        ("opened", "pulse", 0.65),
        ("shut", "hand", 5.65),
        ("latched", "hand", 5.8),
    ]


def test_a_hook_falls_back_when_nobody_pulls() -> None:
    async def tell(drawer: Drawer, truth: TruthLog) -> None:
        await pulse(drawer)
        await asyncio.sleep(20)
        assert not drawer.pull()

    assert story(tell)[-1] == ("latched", "relatch", 12.55)


def test_a_hook_that_stays_free_is_held_by_a_push_alone() -> None:
    async def tell(drawer: Drawer, truth: TruthLog) -> None:
        await pulse(drawer)
        await asyncio.sleep(100)
        assert drawer.pull()

    assert story(tell, Make(relatch_s=None))[-1][0] == "pulse_end"


def test_a_pulse_too_short_frees_nothing_and_resting_twice_is_once() -> None:
    async def tell(drawer: Drawer, truth: TruthLog) -> None:
        await pulse(drawer, 0.03)
        drawer.rest()
        await asyncio.sleep(1)
        assert drawer.latched

    assert [what for what, _, _ in story(tell)] == ["pulse", "pulse_end"]


def test_a_driven_coil_holds_no_drawer() -> None:
    """A relay left closed: the drawer can be shut and is not held until the current ends."""

    async def tell(drawer: Drawer, truth: TruthLog) -> None:
        drawer.drive(board="b", channel=1, frame="00")
        await asyncio.sleep(1)
        drawer.pull()
        await asyncio.sleep(1)
        drawer.push()
        await asyncio.sleep(5)
        assert not drawer.latched
        drawer.rest()

        await asyncio.sleep(1)
        assert drawer.latched

    assert story(tell)[-1] == ("latched", "hand", 7.15)


def test_forced_and_opened_with_a_key() -> None:
    async def tell(drawer: Drawer, truth: TruthLog) -> None:
        drawer.force()
        drawer.force()
        drawer.push()
        await asyncio.sleep(1)
        drawer.free("key")
        assert drawer.pull()
        await asyncio.sleep(1)

    told = story(tell)
    assert [(what, cause) for what, cause, _ in told] == [
        ("unlatched", "force"),
        ("opened", "force"),
        ("shut", "hand"),
        ("latched", "hand"),
        ("unlatched", "key"),
        ("opened", "key"),
    ]


def test_each_ail_is_seen_or_felt() -> None:
    async def tell(drawer: Drawer, truth: TruthLog) -> None:
        drawer.ails.latch = True
        await pulse(drawer)
        assert drawer.latched
        drawer.ails.latch = None
        drawer.ails.latch_switch, drawer.ails.drawer_switch = False, False
        assert drawer.switches() == (False, False)
        drawer.ails.latch_switch = drawer.ails.drawer_switch = None
        drawer.ails.jammed = True
        await pulse(drawer)
        assert not drawer.pull()
        drawer.ails.jammed = None
        drawer.ails.slow_s = 3.0
        drawer.pull()
        await asyncio.sleep(3)
        assert drawer.shut
        await asyncio.sleep(0.2)
        assert not drawer.shut
        drawer.ails.jammed, drawer.ails.slow_s = True, None
        assert not drawer.push()
        drawer.ails.jammed = None
        drawer.ails.latch = False
        drawer.push()
        await asyncio.sleep(5)
        assert drawer.shut
        assert not drawer.latched
        drawer.ails.latch = None
        drawer.settle()
        await asyncio.sleep(0.2)
        assert drawer.latched

    story(tell)


def test_a_hook_that_sticks_opens_late() -> None:
    async def tell(drawer: Drawer, truth: TruthLog) -> None:
        drawer.ails.late_s = 30.0
        await pulse(drawer)
        await asyncio.sleep(60)

    assert story(tell) == [
        ("pulse", "pulse", 0.0),
        ("pulse_end", "pulse", 0.55),
        ("unlatched", "pulse", 30.0),
        ("latched", "relatch", 42.0),
    ]


def test_chatter_is_both_levels_for_a_while() -> None:
    async def tell(drawer: Drawer, truth: TruthLog) -> None:
        drawer.ails.chatter_hz, drawer.ails.chatter_s = 50.0, 0.2
        drawer.force()
        seen = set()
        for _ in range(19):
            await asyncio.sleep(0.0105)
            seen.add(drawer.switches()[1])
        assert seen == {True, False}
        await asyncio.sleep(0.01)
        assert drawer.switches() == (False, False)

    story(tell)


def test_the_first_to_expire_is_taken_first() -> None:
    pocket = Pocket("A-01-1", "A-01", (Lot("B", "2031-02-28", 3), Lot("A", "2030-12-31", 2)))
    assert pocket.take(4) == [Lot("A", "2030-12-31", 2), Lot("B", "2031-02-28", 2)]
    assert pocket.lots == (Lot("B", "2031-02-28", 1),)
    pocket.put(Lot("B", "2031-02-28", 2))
    pocket.put(Lot("C", "2031-02-28", 1))
    assert pocket.quantity == 4
    assert pocket.take(1, "C") == [Lot("C", "2031-02-28", 1)]


@pytest.mark.parametrize(
    ("field", "what", "take"),
    [("quantity", "take 1 or more", (0, None)), ("lot", "it holds B", (1, "Z")), ("quantity", "holds 3, not 4", (4, "B"))],
)
def test_a_hand_cannot_take_what_is_not_there(field: str, what: str, take: tuple[int, str | None]) -> None:
    pocket = Pocket("A-01-1", "A-01", (Lot("B", "2031-02-28", 3),))
    with pytest.raises(CannotDo, match=what) as wrong:
        pocket.take(*take)
    assert wrong.value.field == field
    assert pocket.quantity == 3
    with pytest.raises(CannotDo, match="put 1 or more"):
        pocket.put(Lot("B", "2031-02-28", 0))


def test_waiting_wakes_at_edges_only_and_gives_up() -> None:
    async def tell(drawer: Drawer, truth: TruthLog) -> None:
        loop = asyncio.get_running_loop()
        assert await truth.until(lambda: True, 0)
        assert not await truth.until(lambda: drawer.can_be_pulled, 2)
        loop.call_later(3, lambda: drawer.free("key"))
        assert await truth.until(lambda: drawer.can_be_pulled, 10)
        assert loop.time() == pytest.approx(5)

    story(tell)


def plant(site: Site) -> Plant:
    return Plant(site, [StockLot(pocket="A-01-1", lot="L1", expiry=date(2031, 2, 28), quantity=5)])


def test_hands_wait_until_the_latch_lets_go() -> None:
    async def play() -> None:
        here = plant(small_site())
        loop = asyncio.get_running_loop()
        loop.call_later(4, lambda: here.drawers["A-01"].free("pulse"))
        await here.open("A-01", wait_s=10)
        assert loop.time() == pytest.approx(4.1)
        assert here.take("A-01-1", 2) == [Lot("L1", "2031-02-28", 2)]
        with pytest.raises(CannotDo, match="open already"):
            await here.open("A-01")
        assert await here.shut("A-01") is True
        with pytest.raises(CannotDo, match="shut already"):
            await here.shut("A-01")
        with pytest.raises(CannotDo, match="its latch holds it"):
            await here.open("A-01", wait_s=3)
        with pytest.raises(CannotDo, match="A-01 is shut, so nobody reaches"):
            here.put("A-01-1", Lot("L1", "2031-02-28", 2))
        here.clear()

    virtual_loop.run(play())


def test_a_jammed_slide_and_a_hook_that_does_not_catch_are_felt() -> None:
    async def play() -> None:
        here = plant(small_site())
        drawer = here.drawers["A-01"]
        drawer.ails.jammed = True
        drawer.free("pulse")
        with pytest.raises(CannotDo, match="its slide is jammed"):
            await here.open("A-01", wait_s=1)
        drawer.ails.jammed = None
        await here.open("A-01")
        drawer.ails.jammed = True
        with pytest.raises(CannotDo, match="cannot be shut: its slide"):
            await here.shut("A-01")
        drawer.ails.jammed, drawer.ails.latch = None, False
        assert await here.shut("A-01") is False
        with pytest.raises(CannotDo, match="no drawer X; this site has A-01, A-02"):
            here.drawer("X")
        with pytest.raises(CannotDo, match="no pocket X"):
            here.take("X", 1)
        here.clear()

    virtual_loop.run(play())
