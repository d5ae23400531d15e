"""People at one cabinet at once: two who want the last dose, and one who taps, or whose program asks, again and again.

Judged by three witnesses who know nothing of each other: the ledger, what really lies in the pocket, and what everybody was
told.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from controller.ledger import bodies
from controller.ledger.port import Entry
from simulators.plant.pocket import Lot
from tests.acceptance.ward import Person, Ward, a_ward, order
from tests.kit.interleaving import run_seeded
from tests.proof import presence, rights, witnesses
from tests.proof.campaign import Score, campaign

ROUNDS = 25
"""So many rounds are played in one ward before the next is built."""
OTHERS = frozenset({"stock-reserved", "no-stock", "dose-being-pulled", "dose-already-pulled", "drawer-in-use", "drawer-offline"})
"""What somebody is told who does not get the last dose."""
__all__ = ["presence", "rights", "witnesses"]


@dataclass(slots=True)
class Place:
    """Where a round is played: the pocket, its item, and orders of two patients for one unit of it."""

    pocket: str
    item: str
    mine: str
    other: str


TABLETS = Place("A-02-2", "prednisone-5", "O-one", "O-two")
VIALS = Place("A-03-1", "morphine-10", "O-mor", "O-mor-2")


async def in_rounds(n: int, seed: int, play: Callable[[Ward, random.Random, int, list[Person]], Awaitable[Score]]) -> Score:
    """Plays n rounds in one ward, each with its own number."""
    score, chance = Score(), random.Random(f"people/{seed}")
    async with a_ward(seed=seed, count_wait_s=86_400) as ward:
        nurses = [await ward.person("nurse", name) for name in ("nina", "omar")]
        rx = await ward.service()
        for id_, item, dose, patient in (
            ("O-one", "prednisone-5", "5", "P-1"), ("O-two", "prednisone-5", "5", "P-2"), ("O-mor-2", "morphine-10", "10", "P-2"),
        ):  # fmt: skip
            await rx.done("PUT", f"/v1/orders/{id_}", order(id_, item, dose, patient))
        for number in range(n):
            score.add(await play(ward, chance, number, nurses))
    return score


def played(n: int, name: str, play: Callable[[Ward, random.Random, int, list[Person]], Awaitable[Score]]) -> Score:
    """Plays n rounds, in as many wards as it takes, each ward under a scheduler and a chance of its own."""
    score = Score()
    for seed in range(-(-n // ROUNDS)):
        score.add(run_seeded(f"{name}/{seed}", in_rounds(min(ROUNDS, n - seed * ROUNDS), seed, play)))
    return score


def lay(ward: Ward, place: Place, units: int) -> int:
    """So many lie in the pocket, and a count says so. The ledger's number before the round begins."""
    ward.world.plant.pockets[place.pocket].lots = (Lot("LOT", "2032-06-30", units),)
    body = {
        "code": "C", "pocket": place.pocket, "drawer": place.pocket[:4], "item": place.item, "unit": "unit",
        "counted": units, "expected": units, "delta": 0, "lots": [{"lot": "LOT", "expiry": "2032-06-30", "quantity": units}],
        "work": {"kind": "opening", "id": "round"}, "by": "setup",
    }  # fmt: skip
    ward.world.ledger.post(Entry("stock.counted", body))
    return ward.world.ledger.head[0]


def since(ward: Ward, seq: int, *kinds: str) -> list[dict[str, Any]]:
    """The bodies of the rows of these kinds above a number."""
    return [dict(bodies.read(row.body)) for row in ward.world.ledger.read(seq, 100_000, kinds)]


@campaign("CC-01", "two nurses at the last dose, under any scheduler: one gets it, the other is told", sample=60, full=10_000)
def two_at_the_last_dose(n: int) -> Score:
    """A quarter of the rounds is one order asked for by both."""
    return played(n, "CC-01", _last_dose)


async def _last_dose(ward: Ward, chance: random.Random, number: int, nurses: list[Person]) -> Score:
    begun, pulses = lay(ward, TABLETS, 1), len(ward.openings())
    orders = [TABLETS.mine, TABLETS.mine if chance.random() < 0.25 else TABLETS.other]
    waits = [chance.choice((0.0, 0.0, chance.random(), 10 * chance.random())) for _ in nurses]
    told = await asyncio.gather(*(_wants(ward, nurse, f"{number}-{at}", orders[at], waits[at]) for at, nurse in enumerate(nurses)))
    score = Score(tried=1)
    taken = since(ward, begun, "stock.taken")
    opened = len(ward.openings()) - pulses
    codes = [code for code in told if code is not None]
    score.doubled = max(0, opened - 1, len(taken) - 1, told.count(None) - 1)
    score.lost = max(0, 1 - len(taken), abs(ward.lies_in(TABLETS.pocket) - ward.believed(TABLETS.pocket)))
    score.guessed = sum(code not in OTHERS for code in codes)
    score.unrecorded = max(0, len(codes) - len(since(ward, begun, "refused")))
    score.survived = int(told.count(None) == 1 and ward.lies_in(TABLETS.pocket) == 0 and score.doubled + score.lost == 0)
    return score


async def _wants(ward: Ward, nurse: Person, id_: str, order_: str, wait_s: float) -> str | None:
    """Asks for it and takes it if she gets it; else why she does not."""
    await asyncio.sleep(wait_s)
    path = f"/v1/pulls/{id_}"
    answer = await nurse.ask("PUT", path, {"order": order_})
    if answer.status_code >= 400:
        return str(answer.json()["code"])
    await ward.hand_opens("A-02")
    ward.takes(TABLETS.pocket, 1)
    await nurse.say(path, kind="taken", quantity=1)
    await ward.hand_shuts("A-02")
    return None


@campaign("CC-03", "every request of a pull sent 1 to 20 times, at any moment: one dispense", sample=15, full=2000)
def tapped_again_and_again(n: int) -> Score:
    """Every other round is a controlled one whose first count is wrong: the tap again is not the second count."""
    return played(n, "CC-03", _tapped)


async def _tapped(ward: Ward, chance: random.Random, number: int, nurses: list[Person]) -> Score:
    place = VIALS if number % 2 else TABLETS
    begun, pulses, path = lay(ward, place, 5), len(ward.openings()), f"/v1/pulls/{number}"
    drawer, nurse = place.pocket[:4], nurses[number % 2]
    finger = Finger(nurse, chance)
    await finger.taps("PUT", path, {"order": place.mine if number % 4 < 2 else place.other})
    await ward.hand_opens(drawer)
    ward.takes(place.pocket, 1)
    if place is VIALS:
        await finger.taps("POST", f"{path}/entries", {"kind": "count", "number": 3}, key="wrong")
        await finger.taps("POST", f"{path}/entries", {"kind": "count", "number": 4}, key="right")
    else:
        await finger.taps("POST", f"{path}/entries", {"kind": "taken", "quantity": 1}, key="taken")
    await ward.hand_shuts(drawer)
    ended = await nurse.get(path)
    await finger.rests()
    score = Score(tried=1)
    taken, asked = since(ward, begun, "stock.taken"), since(ward, begun, "pull.requested")
    score.doubled = sum(max(0, count - 1) for count in (len(taken), len(asked), len(ward.openings()) - pulses))
    score.doubled += max(0, len(since(ward, begun, "count.entered")) - 2) + len(since(ward, begun, "discrepancy.opened"))
    score.lost = int(not taken or taken[0]["quantity"] != 1) + abs(ward.lies_in(place.pocket) - ward.believed(place.pocket))
    score.guessed = sum(code not in {None, "work-ended"} for code in finger.told)
    score.survived = int(ended["state"] == "committed" and ward.lies_in(place.pocket) == 4 and score.doubled + score.lost == 0)
    return score


class Finger:
    """Sends one request many times: the first at once, the others whenever they come; some hang up before the answer."""

    def __init__(self, nurse: Person, chance: random.Random) -> None:
        self._nurse, self._chance = nurse, chance
        self._tails: list[asyncio.Task[None]] = []
        self.told: list[str | None] = []

    async def taps(self, method: str, path: str, body: dict[str, Any], key: str | None = None) -> None:
        """Returns when the first has been answered."""
        headers = {"Idempotency-Key": key} if key else {}
        again = [self._chance.choice((0.0, 0.0, self._chance.random() * 20)) for _ in range(self._chance.randrange(20))]
        first = asyncio.create_task(self._tap(0.0, None, method, path, body, headers))
        for wait_s in again:
            patience_s = self._chance.choice((None, self._chance.random() / 50))
            self._tails.append(asyncio.create_task(self._tap(wait_s, patience_s, method, path, body, headers)))
        await first

    async def rests(self) -> None:
        """Waits for the last of them."""
        await asyncio.gather(*self._tails)

    async def _tap(self, wait_s: float, patience_s: float | None, *request: Any) -> None:
        await asyncio.sleep(wait_s)
        method, path, body, headers = request
        try:
            async with asyncio.timeout(patience_s):
                answer = await self._nurse.ask(method, path, body, **headers)
        except TimeoutError:
            return
        self.told.append(answer.json()["code"] if answer.status_code >= 400 else None)
