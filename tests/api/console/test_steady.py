"""Lists that hold still under a finger: what is new waits to be asked for, and what stands says what is true now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.kit.browser import IN_REAL_TIME, no_violations
from tests.kit.measured import large_enough

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = IN_REAL_TIME

Show = Callable[..., str]
BODY = """<div id="live_list">{rows}</div><div id="live_other">{other}</div>
<form id="basket" data-post="/nowhere"><button class="action">Get what is ticked</button></form></main>
{{% include "news.html" %}}"""
ROW = """<li class="order" data-row="{0}"><a class="row" href="#{0}"><b>{0}</b> <span>{1}</span></a>
<label class="several"><input type="checkbox" form="basket" name="order[]" value="{0}"><span>with others</span></label></li>"""
WHERE = "[...document.querySelectorAll('[data-row]')].map((row) => [row.dataset.row, row.getBoundingClientRect().top])"
COMES = """async ([id, html]) => {
    const told = new Promise((done) => document.addEventListener('galenic:part', done, { once: true }));
    (await import('./steady.js')).renew(document.getElementById(id), html);
    await told;
}"""
POSTED = "async () => (await import('./steady.js')).mine()"


def rows(*names: str, **said: str) -> str:
    """A list of rows of these names, each with what it says beside its name."""
    return f'<h1>{len(names)} here</h1><ul class="rows">{"".join(ROW.format(name, said.get(name, "")) for name in names)}</ul>'


async def stands(page: Page, show: Show, *names: str, other: str = "", theme: str = "day") -> None:
    """A page with a list of rows of these names in one part, and `other` in the part below."""
    body = BODY.format(rows=rows(*names), other=other)
    await page.goto(show(body, modules=("steady",), patient=False, theme=theme))


async def named(page: Page) -> list[str]:
    """The rows that stand."""
    return [name for name, _ in await page.evaluate(WHERE)]


async def test_what_is_new_waits_and_nothing_moves_until_it_is_asked_for(page: Page, show: Show) -> None:
    await stands(page, show, "morphine", "senna")
    stood = await page.evaluate(WHERE)
    await page.evaluate(COMES, ["live_list", rows("heparin", "morphine", "senna", "zopiclone")])
    assert await page.evaluate(WHERE) == stood
    assert await page.locator("h1").inner_text() == "2 here"
    news = page.get_by_role("status").get_by_role("button")
    assert await news.inner_text() == "2 new: show"
    await page.evaluate(COMES, ["live_list", rows("heparin", "morphine", "senna")])
    assert await news.inner_text() == "1 new: show"
    await news.click()
    assert await named(page) == ["heparin", "morphine", "senna"]
    assert (await news.is_visible(), await page.evaluate("document.activeElement.id")) == (False, "main")


async def test_a_row_that_stands_says_what_is_true_now_and_keeps_its_tick(page: Page, show: Show) -> None:
    await stands(page, show, "morphine", "senna")
    await page.get_by_role("checkbox").first.check()
    await page.evaluate(COMES, ["live_list", rows("heparin", "morphine", "senna", morphine="none here")])
    assert await page.locator("[data-row=morphine] span").first.inner_text() == "none here"
    assert await page.get_by_role("checkbox").first.is_checked()
    await page.locator("#news").click()
    assert await page.locator("[data-row=morphine] input").is_checked()
    assert await page.locator(":checked").count() == 1


async def test_a_row_that_has_gone_keeps_its_place_and_takes_no_touch(page: Page, show: Show) -> None:
    await stands(page, show, "morphine", "senna")
    await page.get_by_role("checkbox").first.check()
    stood = await page.evaluate(WHERE)
    await page.evaluate(COMES, ["live_list", rows("senna")])
    assert await page.evaluate(WHERE) == stood
    assert await page.locator("#news").inner_text() == "Changed: show"
    await page.locator("[data-row=morphine] a").click(force=True, no_wait_after=True)
    assert await page.evaluate("location.hash") == ""
    assert await page.evaluate("[...new FormData(document.getElementById('basket'))]") == []
    await page.evaluate(COMES, ["live_list", rows("morphine", "senna")])
    assert not await page.locator("#news").is_visible()
    assert not await page.locator("[data-gone]").count()


async def test_another_order_of_the_same_rows_waits_too(page: Page, show: Show) -> None:
    await stands(page, show, "morphine", "senna")
    await page.evaluate(COMES, ["live_list", rows("senna", "morphine")])
    assert await named(page) == ["morphine", "senna"]
    await page.locator("#news").click()
    assert await named(page) == ["senna", "morphine"]


async def test_rows_that_stay_are_renewed_at_once(page: Page, show: Show) -> None:
    await stands(page, show, "morphine", "senna")
    await page.evaluate(COMES, ["live_list", rows("morphine", "senna", senna="low").replace("2 here", "two here")])
    assert await page.locator("h1").inner_text() == "two here"
    assert not await page.locator("#news").is_visible()


@pytest.mark.parametrize(("other", "waits"), [("", False), (rows("oxycodone"), True)], ids=["alone", "above another list"])
async def test_the_first_row_waits_only_where_it_would_push_others_down(page: Page, show: Show, other: str, waits: bool) -> None:
    await stands(page, show, other=other)
    stood = await named(page)
    await page.evaluate(COMES, ["live_list", rows("morphine")])
    assert await page.locator("#news").is_visible() is waits
    assert await named(page) == (stood if waits else ["morphine"])


async def test_what_her_own_post_does_is_shown_at_once(page: Page, show: Show) -> None:
    await stands(page, show, "morphine", "senna")
    await page.evaluate(COMES, ["live_list", rows("senna")])
    await page.evaluate(POSTED)
    assert await named(page) == ["senna"]
    await page.evaluate(COMES, ["live_list", rows("senna", "zopiclone")])
    assert await named(page) == ["senna", "zopiclone"]
    await page.wait_for_function("(from) => performance.now() - from > 1000", arg=await page.evaluate("performance.now()"))
    await page.evaluate(COMES, ["live_list", rows("zopiclone")])
    assert await named(page) == ["senna", "zopiclone"]
    await page.evaluate("document.getElementById('basket').dataset.posting = '1'")
    await page.evaluate(COMES, ["live_list", rows("zopiclone", "heparin")])
    assert await named(page) == ["zopiclone", "heparin"]


PRESSED = """async (touch) => {
    const { renew } = await import('./steady.js');
    const renewed = (words) => renew(document.getElementById('live_other'), `<button>${words}</button>`);
    document.addEventListener('click', (event) => (document.title = event.target.textContent));
    document.addEventListener('pointerdown', () => { renewed('one'); renewed('Stop it, 2 s'); }, { once: true });
}"""
"""While the first finger comes down, its part is renewed twice."""


async def test_a_button_that_is_renewed_under_a_finger_takes_its_touch(page: Page, show: Show) -> None:
    await stands(page, show, "morphine", other="<button>Stop it</button>")
    await page.evaluate(PRESSED)
    await page.get_by_role("button", name="Stop it").click(delay=200)
    assert await page.title() == "Stop it"
    await page.get_by_role("button", name="Stop it, 2 s").wait_for()


async def test_what_came_under_a_finger_does_not_come_over_what_came_later(page: Page, show: Show) -> None:
    await stands(page, show, other="<button>Stop it</button><div id='elsewhere'>elsewhere</div>")
    await page.evaluate("document.querySelector('main').append(document.getElementById('elsewhere'))")
    await page.evaluate(PRESSED)
    await page.get_by_role("button", name="Stop it").hover()
    await page.mouse.down()
    await page.evaluate("document.getElementById('elsewhere').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))")
    await page.evaluate(COMES, ["live_other", "<button>Start it</button>"])
    await page.mouse.up()
    await page.wait_for_function("(from) => performance.now() - from > 500", arg=await page.evaluate("performance.now()"))
    assert await page.get_by_role("button", name="Start it").is_visible()


async def test_a_finger_that_rests_on_the_glass_does_not_hold_a_page_back(page: Page, show: Show) -> None:
    await stands(page, show, "morphine", other="<button>Stop it</button>")
    await page.evaluate(PRESSED)
    await page.get_by_role("button", name="Stop it").hover()
    await page.mouse.down()
    assert not await page.get_by_role("button", name="Stop it, 2 s").count()
    await page.get_by_role("button", name="Stop it, 2 s").wait_for()
    await page.mouse.up()


@pytest.mark.parametrize("theme", ["day", "night"])
async def test_it_is_seen_read_and_met_by_a_glove(page: Page, show: Show, theme: str) -> None:
    await stands(page, show, "morphine", "senna", theme=theme)
    await page.evaluate(COMES, ["live_list", rows("heparin", "senna")])
    await large_enough(page)
    await no_violations(page)
    page_, news = await page.locator("#main").bounding_box(), await page.locator("#news").bounding_box()
    assert page_ is not None
    assert news is not None
    assert news["height"] >= 57
    assert page_["y"] <= news["y"]
    assert news["y"] + news["height"] <= page_["y"] + page_["height"]
