"""What a finger and an eye meet on a page, measured in the browser in CSS px: a quarter of a millimetre each (ecosystem C1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

MEASURE = """() => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const words = (element) => element.textContent.trim().slice(0, 30);
  const name = (element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""} "${words(element)}"`;
  const wrong = [];
  const tapped = "a, button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab]";
  for (const element of document.querySelectorAll(tapped)) {
    if (!seen(element)) continue;
    // What a label goes around is tapped by its label.
    const target = element.matches("[type=checkbox], [type=radio]") ? element.closest("label") ?? element : element;
    const { width, height } = target.getBoundingClientRect();
    const least = element.matches(".action, .keypad-keys button") ? 76 : element.matches(".row") ? 57 : 45;
    // An inline link in a sentence is as wide as its words.
    if (height < least - 0.5 || (width < Math.min(least, 57) - 0.5 && !element.matches("p a"))) {
      wrong.push(`${name(element)} is ${Math.round(width)} x ${Math.round(height)}, and ${least} is the least`);
    }
  }
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !seen(element) || element.closest("svg, script, .unseen")) continue;
    const size = parseFloat(getComputedStyle(element).fontSize);
    const least = element.matches("main p:not(.small, .message-code), main li, main dd") ? 21 : 16;
    if (size < least) wrong.push(`${name(element)} is written at ${size}, and ${least} is the least`);
  }
  for (const text of document.querySelectorAll("svg text")) {
    const drawn = parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a;
    if (!text.matches(".sign-word") && drawn < 15.4) wrong.push(`"${text.textContent}" is drawn at ${drawn}, and 16 is the least`);
  }
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`the page is ${document.documentElement.scrollWidth} wide`);
  return wrong;
}"""
SEEN = """(selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility()).every((element) => {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const under = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && element.contains(under);
})"""

OVER = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [
  `the page is ${document.documentElement.scrollWidth} wide, its screen ${innerWidth}`,
  ...[...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5).slice(0, 6)
    .map((one) => `${one.tagName.toLowerCase()}.${one.getAttribute("class") ?? ""} "${one.textContent.trim().slice(0, 30)}"`),
]"""


async def large_enough(page: Page) -> None:
    """Raises AssertionError for each thing on this page that is too small for a glove, or to be read at arm's length.

    The main action and keys are at least 76, rows 57, anything tapped 45, sentences 21, anything written 16; and no page is wider
    than its screen.
    """
    wrong = await page.evaluate(MEASURE)
    assert wrong == [], "\n".join(wrong)


async def as_wide_as_its_screen(page: Page) -> None:
    """Raises AssertionError with what reaches over the edge, where the page has to be moved sideways to be read."""
    over = await page.evaluate(OVER)
    assert over == [], "\n".join(over)


async def in_view(page: Page, selector: str = ".action") -> bool:
    """Whether each such thing that is shown stands in the window, whole and uncovered, without scrolling."""
    return bool(await page.evaluate(SEEN, selector))
