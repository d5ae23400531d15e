"""The gantry's actor against the simulated gantry, over the driver and a wire in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from controller.machines.gantry_order import State as OrderState
from drivers.faults import Refused
from tests.kit.fetching import AMX, FULL, PACK, PRD, Fetchers, fetchers
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
