"""MQTT-KILL: a real Mosquitto killed with SIGKILL again and again while facts go out, also while the subscriber is away."""

from __future__ import annotations

import asyncio
import random
import tempfile
from contextlib import suppress
from pathlib import Path

from api import mqtt
from tests.kit.broker import a_broker
from tests.kit.outward import TOPICS, Outside, broker, outside
from tests.kit.subscriber import Subscriber
from tests.proof.campaign import Score, campaign

FACTS = {True: 10_000, False: 1_000}
"""In full, and in a sample."""
IN_FULL = 10
AT_ONCE = 25
STAGE_S = 10.0
"""Before each kill so long is waited for the subscriber to have come some way; it is killed all the same."""
END_S = 90.0
"""After the last kill so long is waited for the last fact."""
FIRST_S = 0.2
"""The publisher comes back sooner than it would in a hospital, so that more of its lives fit into the run."""


@campaign(
    "MQTT-KILL", "the broker killed with SIGKILL while facts go out, some kills with the subscriber away", sample=3, full=IN_FULL
)
def killed(cases: int) -> Score:
    usual, mqtt.FIRST_S = mqtt.FIRST_S, FIRST_S
    try:
        with tempfile.TemporaryDirectory(prefix="galenic-mqtt-") as folder:
            return asyncio.run(_run(Path(folder), cases, FACTS[cases >= IN_FULL]))
    finally:
        mqtt.FIRST_S = usual


async def _run(folder: Path, kills: int, facts: int) -> Score:
    chance = random.Random(f"MQTT-KILL/{kills}")
    with a_broker(folder) as house:
        await house.start()
        async with outside(folder, **broker(house.port, events=["link.*"], resend_s=2)) as out:
            subscriber = Subscriber(house.port, f"{TOPICS}/events/#", out.confirm)
            posting = asyncio.create_task(_facts(out, facts))
            try:
                for n in range(kills):
                    subscriber.come()
                    wanted = (n + 1) * facts // (kills + 1) // 2
                    with suppress(TimeoutError):
                        await subscriber.until(lambda wanted=wanted: len(subscriber.kept) >= wanted, STAGE_S)  # type: ignore[misc]
                    if n % 2:
                        await subscriber.go()
                    await asyncio.sleep(chance.uniform(0, 0.3))
                    house.kill()
                    await asyncio.sleep(chance.uniform(0, 0.3))
                    await house.start()
                    if n % 2:
                        await asyncio.sleep(chance.uniform(0, 1.0))
                    else:
                        await subscriber.go()
                await posting
                subscriber.come()
                await out.ward.world.durable()
                wanted_rows = out.told("link.lost", "link.up")
                with suppress(TimeoutError):  # what is missing then is counted as lost
                    await subscriber.until(lambda: subscriber.reached == wanted_rows[-1], END_S)
            finally:
                posting.cancel()
                await subscriber.go()
            return _judged(out, subscriber, kills)


async def _facts(out: Outside, facts: int) -> None:
    for first in range(0, facts, AT_ONCE):
        out.facts(range(first, min(first + AT_ONCE, facts)))
        await asyncio.sleep(0.02)


def _judged(out: Outside, subscriber: Subscriber, kills: int) -> Score:
    wanted = [f"small/{seq}" for seq in out.told("link.lost", "link.up")]
    kept = [event["id"] for event in subscriber.kept]
    score = Score(tried=kills)
    score.lost = len(set(wanted) - set(kept))
    score.doubled = len(kept) - len(set(kept))
    score.guessed = len(set(kept) - set(wanted))
    score.unrecorded = sum(1 for a, b in zip(kept, wanted, strict=False) if a != b) if not score.lost else 0
    worked = subscriber.connections > kills // 2 and subscriber.arrived > len(wanted)
    score.survived = kills if worked and kept == wanted else 0
    return score
