"""Simulated people in virtual time: each habit shows in the truth log, and one seed is one night."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from simulators.people import CAREFUL, HURRIED, Habits, Hint, People
from simulators.plant.plant import Plant
from simulators.plant.pocket import CannotDo, Lot
from simulators.plant.truth import Edge
from sites.data import StockLot
from tests.kit import virtual_loop
from tests.simulators.small import small_site

STOCK = [StockLot(pocket=f"A-0{n}-1", lot="L1", expiry=date(2031, 2, 28), quantity=20) for n in (1, 2)]


async def free(plant: Plant, drawer: str = "A-01", within_s: float = 300) -> None:
    """A board frees a latch; returns when the drawer is held again."""
    place = plant.drawers[drawer]
    place.drive(board="b", channel=1, frame="00")
    await asyncio.sleep(0.55)
    place.rest()
    await plant.truth.until(lambda: place.latched, within_s)


def among(people: Callable[[Plant], People], tell: Callable[[Plant, People], Awaitable[None]]) -> list[Edge]:
    """Plays a story while people come and go; gives what physically happened."""

    async def play() -> list[Edge]:
        plant = Plant(small_site(), STOCK)
        here = people(plant)
        async with asyncio.TaskGroup() as tasks:
            coming = tasks.create_task(here.run())
            await asyncio.sleep(0)
            await tell(plant, here)
            coming.cancel()
        plant.clear()
        return plant.truth.edges

    return virtual_loop.run(play())


def one_visit(habits: Habits, *hints: Hint) -> list[Edge]:
    """One drawer freed once."""

    async def tell(plant: Plant, people: People) -> None:
        for hint in hints:
            people.hint(hint)
        await free(plant)

    return among(lambda plant: People(plant, 1, habits), tell)


def told(edges: list[Edge]) -> list[tuple[str, int | None]]:
    """Which edges, and of how many things."""
    return [(edge.what, edge.quantity) for edge in edges if not edge.what.startswith("pulse")]


def at(edges: list[Edge], what: str) -> float:
    """When something happened first."""
    return next(edge.at for edge in edges if edge.what == what)


def test_somebody_who_knows_nothing_takes_one_and_shuts() -> None:
    assert told(one_visit(CAREFUL)) == [("unlatched", None), ("opened", None), ("taken", 1), ("shut", None), ("latched", None)]


@pytest.mark.parametrize(
    ("hint", "happened"),
    [
        (Hint("take", "A-01-1", 3), [("taken", 3)]),
        (Hint("take", "A-01-1", 2, "L1"), [("taken", 2)]),
        (Hint("put", "A-01-2", 5, "L9", "2031-05-31"), [("put", 5)]),
        (Hint("look", "A-01-1"), []),
        (Hint("take", "A-01-1", 999), []),
    ],
)
def test_a_hint_says_what_a_visit_is_for(hint: Hint, happened: list[tuple[str, int]]) -> None:
    assert told(one_visit(CAREFUL, hint)) == [("unlatched", None), ("opened", None), *happened, ("shut", None), ("latched", None)]


def test_hints_are_kept_in_order_and_for_their_drawer() -> None:
    async def tell(plant: Plant, people: People) -> None:
        people.hint(Hint("take", "A-01-1", 2))
        people.hint(Hint("take", "A-02-1", 7))
        people.hint(Hint("put", "A-01-2", 4, "L9", "2031-05-31"))
        with pytest.raises(CannotDo, match="no pocket X"):
            people.hint(Hint("take", "X"))
        for drawer in ("A-01", "A-01", "A-02", "A-01"):
            await free(plant, drawer)

    edges = among(lambda plant: People(plant, 1), tell)
    done = [(edge.drawer, edge.what, edge.quantity) for edge in edges if edge.what in {"taken", "put"}]
    assert done[:3] == [("A-01", "taken", 2), ("A-01", "put", 4), ("A-02", "taken", 7)]
    assert done[3][::2] == ("A-01", 1), "without a hint they take one of what lies there"


def test_each_slip_shows() -> None:
    calm = one_visit(CAREFUL)
    dawdled = one_visit(Habits(dawdles=1, dawdle_s=(5, 6)))
    assert at(dawdled, "opened") > at(calm, "unlatched") + 5
    late = one_visit(Habits(dawdles=1))
    assert told(late) in ([("unlatched", None), ("latched", None)], told(calm)), "beyond 12 s the hook has fallen back"
    assert told(one_visit(Habits(walks_away=1))) == [("unlatched", None), ("latched", None)]
    assert [what for what in told(one_visit(Habits(miscounts=1))) if what[0] == "taken"] == [("taken", 1), ("taken", 1)]
    back = told(one_visit(Habits(puts_back=1), Hint("take", "A-01-1", 3)))
    assert back[2:4] == [("taken", 3), ("put", 1)]
    forgot = one_visit(Habits(forgets_to_shut=1))
    assert 70 < at(forgot, "shut") - at(forgot, "opened") < 130
    again = told(one_visit(Habits(reopens=1)))
    assert [what for what, _ in again[-5:]] == ["taken", "shut", "opened", "shut", "latched"]


def test_what_steel_does_not_allow_ends_a_visit() -> None:
    async def jammed(plant: Plant, people: People) -> None:
        plant.drawers["A-01"].ails.jammed = True
        await free(plant)

    assert told(among(lambda plant: People(plant), jammed)) == [("unlatched", None), ("latched", None)]

    async def shut_by_another(plant: Plant, people: People) -> None:
        plant.drawers["A-01"].drive(board="b", channel=1, frame="00")
        await plant.truth.until(lambda: not plant.drawers["A-01"].shut, 10)
        plant.drawers["A-01"].rest()
        await plant.shut("A-01")
        await asyncio.sleep(10)

    assert told(among(lambda plant: People(plant), shut_by_another))[1:] == [("opened", None), ("shut", None), ("latched", None)]


def test_a_key_or_force_brings_nobody_and_two_pulses_one_person() -> None:
    async def tell(plant: Plant, people: People) -> None:
        plant.drawers["A-02"].free("key")
        await asyncio.sleep(60)
        plant.drawers["A-01"].drive(board="b", channel=1, frame="00")
        await asyncio.sleep(0.1)
        plant.drawers["A-01"].hold("hand")
        plant.drawers["A-01"].free("pulse")
        await asyncio.sleep(60)

    edges = among(lambda plant: People(plant), tell)
    assert [edge.drawer for edge in edges if edge.what == "opened"] == ["A-01"]


def night(seed: int) -> list[dict[str, object]]:
    """Many visits of hurried people to three drawers at once."""

    async def tell(plant: Plant, people: People) -> None:
        plant.drawers["A-03"].force()
        plant.put("A-03-1", Lot("L3", "2031-03-31", 40))
        plant.drawers["A-03"].push()

        async def use(drawer: str) -> None:
            for _ in range(40):
                await asyncio.sleep(30)
                await free(plant, drawer)

        async with asyncio.TaskGroup() as tasks:
            for drawer in ("A-01", "A-02", "A-03"):
                tasks.create_task(use(drawer))

    often = Habits(dawdles=0.2, walks_away=0.2, miscounts=0.2, puts_back=0.2, forgets_to_shut=0.2, reopens=0.2)
    return [edge.told() for edge in among(lambda plant: People(plant, seed, often), tell)]


def test_one_seed_is_one_night_and_another_is_another() -> None:
    assert night(1) == night(1)
    assert night(1) != night(2)
    assert HURRIED.reopens > 0
