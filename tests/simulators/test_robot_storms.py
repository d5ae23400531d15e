"""Seeded shifts at a robot: orders, cancellations, inputs, hands, doors, jams and power cuts at random instants of virtual time.

Afterwards the truth, the book and all that was told must fit together, however the shift went.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from simulators.plant.robot.rack import Geometry, Place
from tests.simulators.pis import MAKE, Stage, staged
from tests.simulators.test_robot_clauses import answered, cancelled, ordered, status

ARTICLES = ("A1", "A2", "A3")
HANDLINGS = ("Allowed", "Allowed", "Allowed", "AllowedForFridge", "Rejected", "RejectedNoExpiryDate")


DEEP = replace(MAKE, geometry=Geometry(columns=3, shelves=3, bay_width_mm=80, bay_depth_mm=400, packs_deep=3, cold_columns=1))
"""A rack so small that packs stand before each other."""


class Shift:
    """What one pharmacy system and the people at the robot do, and what was told meanwhile."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage, self.chance = stage, Random(seed)
        self.given: list[str] = []

    async def work(self, minutes: int) -> None:
        """A minute each: something is asked, and something happens."""
        for minute in range(minutes):
            self.ask(1000 + minute)
            if self.chance.random() < 0.15:
                self.disturb()
            await self.stage.pis.listen(self.chance.uniform(0, 20))
            self.answer_inputs()

    def ask(self, id: int) -> None:
        chance, pis = self.chance, self.stage.pis
        match chance.randrange(4):
            case 0 | 1:
                output = chance.choice((1, 2, 3, 4))
                priority = chance.choice(("Low", "Normal", "High"))
                pis.say(ordered(id, chance.randint(0, 4), output, chance.choice(ARTICLES), priority))
                self.given.append(str(id))
            case 2 if self.given:
                pis.say(cancelled(id, int(chance.choice(self.given[-4:]))))
            case _:
                article = chance.choice(ARTICLES)
                self.stage.hands.lay("1", self.stage.robot.new_pack(article, f"code-{article}", expiry="2029-01-31"))
        if chance.random() < 0.3:
            self.stage.hands.take_all("2")

    def answer_inputs(self) -> None:
        for intake in tuple(self.stage.robot.inputs.under_way.values()):
            if intake.state == "asked":
                lead = next(lead for _, lead in reversed(self.stage.pis.log) if lead.get("Id") == intake.id)
                article = intake.read.scan_code.removeprefix("code-")
                self.stage.pis.say(answered(lead, self.chance.choice(HANDLINGS), article))

    def disturb(self) -> None:
        steel, chance = self.stage.robot.steel, self.chance
        match chance.randrange(5):
            case 0:
                steel.open_door()
            case 1:
                steel.jam(chance.choice(("gripper", "1", "2", "4")))
            case 2 if steel.door_open:
                steel.unjam(take=chance.random() < 0.5)
            case 3 if not any(fault["kind"] == "robot-slips" for fault in self.stage.faults.told()):
                self.stage.fault("robot-slips")
            case _:
                self.repair(take=chance.random() < 0.5)

    def repair(self, *, take: bool) -> None:
        steel = self.stage.robot.steel
        if steel.jammed:
            steel.open_door()
            steel.unjam(take=take)
        steel.shut_door()
        if steel.stopped:
            steel.resume()

    async def end(self) -> None:
        """Everything is mended, emptied and waited for."""
        self.repair(take=False)
        for _ in range(40):
            self.stage.hands.take_all("2")
            await self.stage.pis.listen(30)
            self.answer_inputs()


def fits_together(stage: Stage) -> None:
    """Truth against itself, and against the book: a place is one pack's, and every counted thing is there."""
    steel, book = stage.robot.steel, stage.robot.book
    standing = {pack: where for pack, where in steel.where.items() if isinstance(where, Place)}
    assert {place: pack for pack, place in standing.items()} == steel.rack._packs
    assert Counter(str(where) for where in steel.where.values())["gripper"] == (steel.gripper is not None)
    for output, lying in steel.lying.items():
        there = [pack for pack, where in steel.where.items() if where in {f"output:{output}", f"belt:{output}"}]
        assert len(there) == lying
    kept = sorted(steel.rack.kept())
    assert kept == sorted(held.place for held in book.packs.values()), "no place leaks, none is given twice"
    assert set(standing.values()) <= set(kept)


@pytest.mark.parametrize("seed", range(12))
def test_a_shift_ends_with_truth_book_and_messages_in_one_piece(seed: int) -> None:
    async def tell(stage: Stage) -> None:
        for number in range(24 if seed % 2 else 13):
            stage.hold(ARTICLES[number % 3], expiry=f"2029-01-{number + 1:02}", width_mm=40 + 7 * (number % 5))
        numbers = stage.numbers
        shift = Shift(stage, seed)
        await shift.work(80)
        await shift.end()
        fits_together(stage)
        answers = {lead.get("Id"): status(lead) for _, lead in stage.pis.log if lead.tag == "OutputResponse"}
        ends = Counter(lead.get("Id") for _, lead in stage.pis.log if lead.tag == "OutputMessage" and status(lead) != "BoxReleased")
        assert ends == Counter(id for id, said in answers.items() if said == "Queued"), "each that was queued ends once, no other"
        assert not stage.robot.orders.open
        assert not any(held.reserved for held in stage.robot.book.packs.values())
        told = {int(pack.get("Id") or 0) for _, lead in stage.pis.log if lead.tag == "OutputMessage" for pack in lead.iter("Pack")}
        assert told & stage.robot.book.packs.keys() == set(), "what was told as out is not held"
        for id in told & numbers.keys():
            way = [move.reached for move in stage.robot.steel.moves.entries if move.pack == numbers[id]]
            assert any(reached and reached.startswith(("output:", "box:")) for reached in way), "and really came out"

    staged(tell, MAKE if seed % 2 else DEEP)


def test_power_cuts_at_any_instant_leave_one_truth() -> None:
    """The computer forgets its orders; what it holds is right again once it has homed, and new orders are served."""

    async def tell(stage: Stage) -> None:
        for number in range(30):
            stage.hold(ARTICLES[number % 3])
        for cut in range(40):
            stage.pis.say(ordered(2000 + cut, 2, 4 if cut % 3 else 1, ARTICLES[cut % 3]))
            if cut % 4 == 0:
                stage.hands.lay("1", stage.robot.new_pack("A1", "code-A1"))
            await asyncio.sleep(0.37 * cut)
            stage.fault("reboot", board="R1", seconds=1)
            await asyncio.sleep(40)
            fits_together(stage)
            assert not stage.robot.steel.stopped
            assert stage.robot.steel.gripper is None
            stage.pis = await stage.dial()
            await stage.pis.hello()
        stage.hold("A4")
        await stage.pis.ask(ordered(3000, article="A4", output=4))
        assert status(await stage.pis.until("OutputMessage", id="3000")) == "Completed"

    staged(tell)
