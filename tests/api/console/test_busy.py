"""What takes its time says so in words, and what it waits for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.kit.browser import no_violations

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = pytest.mark.asyncio(loop_factories=["real"])

Show = Callable[..., str]
BODY = """<h1>Ward</h1><form id="plain"></form>
<form id="pin" data-long="Your PIN is being checked."></form>{% include "busy.html" %}"""
POSTING = "(id) => document.getElementById(id).dispatchEvent(new CustomEvent('galenic:posting', { bubbles: true }))"
POSTED = "document.dispatchEvent(new CustomEvent('galenic:posted'))"
BEAT = "(waits) => document.dispatchEvent(new CustomEvent('galenic:beat', { detail: waits ? { waits } : {} }))"


async def test_it_says_so_after_a_moment_what_it_waits_for_and_nothing_once_it_is_over(page: Page, show: Show) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(show(BODY, modules=("busy",), patient=False))
    said = page.locator("#busy span")
    await page.evaluate(POSTING, "pin")
    assert await said.inner_text() == ""
    await page.get_by_text("Your PIN is being checked.").wait_for()
    assert await page.get_attribute("#busy", "role") == "status"
    assert await page.evaluate("getComputedStyle(document.querySelector('.busy-bar'), '::after').animationName") == "none"
    await no_violations(page)
    await page.evaluate(BEAT, None)
    assert await said.inner_text() != ""
    await page.evaluate(BEAT, "Drawer A-02 opens first.")
    assert await said.inner_text() == "Drawer A-02 opens first."
    await page.evaluate(POSTED)
    assert (await said.inner_text(), await page.is_visible(".busy-bar")) == ("", False)
    await page.evaluate(POSTING, "plain")
    await page.get_by_text("The station is working. Wait a moment.").wait_for()
    await page.evaluate(POSTED)
    await page.evaluate(BEAT, "Drawer A-02 opens first.")  # the next of a pass: nobody has posted anything
    assert await page.is_visible(".busy-bar")
    await page.evaluate(BEAT, None)
    assert not await page.is_visible(".busy-bar")
