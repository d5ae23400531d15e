"""A nurse at the cabinet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.console.stand import Stand

if TYPE_CHECKING:
    from playwright.async_api import Page


async def test_she_pulls_one_drug_and_it_is_recorded_and_gone_from_the_pocket(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "nina")
    before = stand.pocket("D-15-1"), stand.pocket("D-15-2")
    await terminal.get_by_role("link", name="Abernathy, Rose").click()
    await terminal.get_by_role("button", name="metoprolol").click()
    await terminal.wait_for_url("**/console/pulls/**")
    await stand.hand(do="open", drawer="D-15", wait_s=10)
    taken = terminal.get_by_role("button", name="Taken")
    await taken.wait_for()
    assert before
    await taken.click()
    await terminal.get_by_text("Push drawer D-15 shut").wait_for()
    await stand.hand(do="shut", drawer="D-15")
    await terminal.get_by_text("Done. Recorded.").wait_for()
