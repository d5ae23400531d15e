"""The style sheet in the browser: at each screen, in both themes, calm and lost, nothing is too small, hidden or pale."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.kit.browser import IN_REAL_TIME, PHONE, SCREENS, Faults, NewContext, no_violations
from tests.kit.measured import in_view, large_enough

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = IN_REAL_TIME

Show = Callable[..., str]
LIST = """<h1>Due now</h1><ul class="rows">
{% for name, dose in [("hydrALAZINE", "1&nbsp;tablet"), ("amoxicillin and clavulanate potassium", "2&nbsp;tablets")] * 4 %}
<li><button class="row{{ ' chosen' if loop.first }}"><span class="medicine"><span class="medicine-name">{{ name }}</span>
<span class="medicine-brand">Augmentin</span><span class="medicine-strength">875&nbsp;mg and 125&nbsp;mg</span>
<span class="medicine-form">tablet</span>
<span class="medicine-route">by mouth</span></span><span class="dose"><small>DOSE</small><b>{{ dose|safe }}</b></span>
<span class="tag tag-caution">last taken 08:10 by J. Chen</span><span class="row-due">Drawer D-01</span></button></li>
{% if loop.first %}<li class="separator">hydrALAZINE lowers blood pressure.</li>{% endif %}
{% endfor %}</ul>
<div class="actions"><button>Something is wrong</button><button class="action">Get 3 medicines</button></div>"""
STATES = """<h1>Service</h1><p>{% for state in ["locked", "here", "open", "count-first", "doubt", "out", "done"] %}
<span class="is" data-is="{{ state }}">{{ state }}</span> {% endfor %}</p>
{% for effect in ["none", "done", "unknown", "caution", "stop"] %}
<section class="message message-{{ effect }}"><p class="message-effect">Nothing opened. Nothing was taken.</p><p>Why.</p>
<p class="message-remedy">Count it.</p><p class="message-code"><a href="#c">in-doubt</a> · 14:02</p></section>{% endfor %}
<nav class="places" aria-label="Places"><a href="#1" aria-current="page">Patients</a><a href="#2">Stock</a></nav>
<div class="cards"><div class="card"><h2>Robot</h2><p class="figure">128 packs</p>
<button class="destructive">Take out</button></div></div>
<table class="table"><thead><tr><th>Link</th><th>State</th></tr></thead><tbody><tr><td>lockbus</td>
<td><span class="tag tag-stop">down</span> <span class="tag tag-doubt">in doubt</span>
<span class="tag tag-note">new</span></td></tr></tbody></table>
<svg class="chart" role="img" aria-label="Packs an hour" viewBox="0 0 300 100">
<rect class="bar" x="0" y="20" width="20" height="80"/></svg>
<form><label for="lot">Lot</label><input id="lot">
<label class="choice"><input type="checkbox" name="cold">Kept cold</label></form>
<p class="pager"><a href="#3">Before</a><span>2 of 3</span><a href="#4">More</a></p>
<div class="actions"><button disabled>Not now</button><button class="action">Go to the first thing</button></div>"""


@pytest.mark.parametrize("screen", SCREENS)
async def test_a_list_and_its_main_action_fit_every_screen_in_both_themes(page: Page, show: Show) -> None:
    for theme in ("day", "night"):
        for alarm in ("", "high"):
            await page.goto(show(LIST, theme=theme, alarm=alarm))
            await large_enough(page)
            assert await in_view(page), (theme, alarm)
        await no_violations(page)


@pytest.mark.parametrize("lost", ["", "lost"])
async def test_every_component_is_legible_in_both_themes_and_when_it_is_lost(page: Page, lost: str, show: Show) -> None:
    for theme in ("day", "night"):
        for alarm in ("medium", "low"):
            await page.goto(show(STATES, theme=theme, lost=lost, alarm=alarm))
            await no_violations(page)
        await large_enough(page)


async def test_what_is_lost_has_no_colour_left(page: Page, show: Show) -> None:
    await page.goto(show(STATES, lost="lost"))
    colours = await page.evaluate(
        "[...new Set([...document.querySelectorAll('main *')].map((one) => getComputedStyle(one).color))].sort()"
    )
    muted, ground = "rgb(68, 82, 94)", "rgb(255, 255, 255)"
    assert set(colours) <= {muted, ground}


async def test_what_is_too_small_is_said(page: Page, show: Show) -> None:
    await page.goto(show('<h1>x</h1><p><button class="quiet tag">a</button></p><small>b</small>'))
    await page.evaluate(
        "document.querySelector('.quiet').style.setProperty('min-height', '20px');"
        "document.querySelector('small').style.setProperty('font-size', '12px')"
    )
    with pytest.raises(AssertionError, match=r"45 is the least[\s\S]*12, and 16 is the least"):
        await large_enough(page)


async def test_a_phone_and_twice_the_text_may_scroll_and_nothing_is_wider_than_the_screen(
    new_context: NewContext, show: Show
) -> None:
    for width, height, twice in ((*PHONE, False), (411, 257, False), (*SCREENS["10.1in"], True)):
        page = await (await new_context(viewport={"width": width, "height": height})).new_page()
        await page.goto(show(LIST))
        if twice:
            await page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, twice)
        await page.locator(".action").scroll_into_view_if_needed()
        assert await in_view(page), (width, twice)


async def test_less_motion_stills_all_but_alarms(new_context: NewContext, faults: Faults, show: Show) -> None:
    page = await (await new_context(reduced_motion="reduce")).new_page()
    await page.goto(show('<h1>x</h1><p class="opening">Opening drawer 3</p>', alarm="high"))
    running = "document.getAnimations().map((one) => one.animationName)"
    assert await page.evaluate(running) == ["flash"]
    page = await (await new_context()).new_page()
    await page.goto(show('<h1>x</h1><p class="opening">Opening drawer 3</p>', alarm="high"))
    assert sorted(await page.evaluate(running)) == ["flash", "opening"]
