"""What fingers and a typing scanner do at a page of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page


async def scans(page: Page, code: str, box: str = "Scan a package") -> None:
    """A code in the box, and the key that a scanner sends after it."""
    await page.get_by_label(box).fill(code)
    await page.keyboard.press("Enter")


async def surely(page: Page, name: str) -> None:
    """What cannot be taken back: the button, and the answer at the other end of the page, once it is to be had."""
    await page.get_by_role("button", name=name, exact=True).click()
    await page.get_by_role("dialog", name=name).wait_for()
    await page.get_by_role("button", name="Yes, do it").click()


async def keys(page: Page, label: str, number: int | str) -> None:
    """A number where it is asked for, and the main action."""
    await page.get_by_label(label).fill(str(number))
    await page.keyboard.press("Enter")
