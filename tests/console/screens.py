"""`make screens`: the pictures of docs/console.md, taken of a ward that stands and of people at work there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.console.visitor import THEME
from tests.console.stand import Stand
from tests.console.states import WALKS, State, places
from tests.console.visit import visit
from tests.kit.browser import SCREENS, Faults, NewContext, settled

PICTURES = Path(__file__).parents[2] / "docs" / "img" / "console"
SMALL, WIDE = SCREENS["10.1in"], SCREENS["15.6in"]
SHOWN = ("theo", "petra", "emil", "cleo", "avery", "ada")
"""In this order: a page that several may see is shown once, as the first of them sees it."""
TAKEN = {"patients"}
"""Pages that need no picture any more; the nurse's own are taken on her walks."""
LAST = ("log_in", "choose", "take", "count_back", "in_doubt", "lost", "alarm")
"""What would stand on every other picture comes last."""
ALSO_WIDE = frozenset({"take", "patients"})
"""Shown on a larger screen too."""
CUT = r"ERR_|Failed to load resource"


async def test_the_start_at_night(stand: Stand, new_context: NewContext) -> None:
    context = await new_context()
    await context.add_cookies([{"name": THEME, "value": "night", "url": stand.url}])
    page = await stand.screen(context)
    await _photographed(_one(State("start-night", page)))


async def test_the_twin(stand: Stand, new_context: NewContext) -> None:
    page = await (await new_context(viewport=WIDE._asdict())).new_page()
    await page.goto(f"http://{stand.run.control}/")
    await page.get_by_role("button", name="Drawer D-01, shut").wait_for()
    await page.screenshot(path=PICTURES / "twin.png", animations="disabled", caret="hide")


async def test_a_board_and_what_is_done_when_it_was_replaced(stand: Stand, new_context: NewContext) -> None:
    at = await visit(stand, await new_context())
    await stand.log_in(at.page, "emil")
    for name, path in (("board", "boards/locks-a"), ("board-replaced", "boards/locks-a/replacement")):
        await at.page.goto(f"{stand.url}/console/{path}")
        await at.page.locator("html[data-heard]").wait_for(state="attached")
        await _photographed(_one(State(name, at.page)))


@pytest.mark.parametrize("person", SHOWN)
async def test_everybody_else(person: str, stand: Stand, new_context: NewContext) -> None:
    async for state in places(await visit(stand, await new_context()), person):
        page = state.name.partition("-")[2]
        if page not in TAKEN:
            TAKEN.add(page)
            await _photographed(_one(State(page, state.page)))


@pytest.mark.parametrize("walk", sorted(WALKS, key=LAST.index))
async def test_a_nurse(walk: str, stand: Stand, new_context: NewContext, faults: Faults) -> None:
    if walk in {"log_in", "choose", "in_doubt"}:
        faults.excuse(CUT)
    await _photographed(WALKS[walk](await visit(stand, await new_context())))


async def _one(state: State) -> AsyncIterator[State]:
    yield state


async def _photographed(walk: AsyncIterator[State]) -> None:
    async for state in walk:
        await settled(state.page)
        await state.page.screenshot(path=PICTURES / f"{state.name}.png", animations="disabled", caret="hide")
        if state.name in ALSO_WIDE:
            await state.page.set_viewport_size(WIDE._asdict())
            await settled(state.page)
            await state.page.screenshot(path=PICTURES / f"{state.name}-wide.png", animations="disabled", caret="hide")
            await state.page.set_viewport_size(SMALL._asdict())
