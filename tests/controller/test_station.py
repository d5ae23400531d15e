"""The station with real parts: memory house, real drivers, the shipped ledger, in virtual time."""

from __future__ import annotations

from tests.kit.station import simulated_station
from tests.kit.virtual_loop import run


def test_a_drawer_is_opened_and_shut_again() -> None:
    async def play() -> None:
        async with simulated_station() as world:
            nurse = await world.log_in("nurse")
            await world.settled("A-01")
            intent = await world.use("A-01", nurse)
            kinds = [kind for kind, body in world.rows(drawer="A-01") if kind.startswith("drawer.")]
            assert kinds == [
                "drawer.unknown", "drawer.locked", "drawer.unlock_intended", "drawer.released", "drawer.unlocked",
                "drawer.opened", "drawer.locked", "drawer.intent_closed",
            ]  # fmt: skip
            assert world.rows("drawer.intent_closed")[0][1]["outcome"] == "opened"
            assert world.rows("drawer.unlock_intended")[0][1]["intent"] == intent
            assert [edge.drawer for edge in world.plant.truth.pulses()] == ["A-01"]

    run(play())
