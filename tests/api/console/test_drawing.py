"""The drawing of a cabinet is its site file: millimetre by millimetre, as a picture, in words, and under the finger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from api.console.drawing import Drawing, State, front_of, top_of
from sites.check import check
from sites.models import Site
from sites.pockets import Place
from tests.api.console.harness import CONSOLE
from tests.kit.browser import IN_REAL_TIME, no_violations
from tests.kit.measured import large_enough

if TYPE_CHECKING:
    from playwright.async_api import Page

Show = Callable[..., str]
SITES = CONSOLE.parents[1] / "sites"
BODY = """{% from "drawing.html" import drawing with context %}<h1>Cabinet</h1>
<form action="sent" method="post">{{ drawing(picture, **how) }}</form>"""
ROOM = (790, 315)
"""What the frame leaves on the smallest panel (822 x 514) for a page with a main action."""
STATES: dict[str, State] = dict(zip(("D-02", "D-03", "D-04", "D-07", "D-10", "D-15", "D-18"), get_args(State)[1:], strict=True))


def ward() -> Site:
    """The ward's site file."""
    site = check(SITES / "ward.toml").site
    assert site is not None
    return site


def front(site: Site, room: tuple[int, int] = ROOM, here: str | None = None) -> Drawing:
    """Its first cabinet, with one drawer in each state."""
    return front_of(site.cabinets[0], site.drawers, STATES, *room, here=here)


def test_a_drawing_has_the_sites_millimetres_and_says_where_each_drawer_is() -> None:
    drawn = front(ward())
    assert [(box.id, box.column, box.row) for box in drawn.boxes] == [
        (f"D-{number:02}", (number - 1) // 6 + 1, (number - 1) % 6 + 1) for number in range(1, 25)
    ]
    for box, drawer in zip(drawn.boxes, ward().drawers, strict=True):
        assert drawer.place == Place(x_mm=box.x_mm, y_mm=box.y_mm, width_mm=box.width_mm, height_mm=box.height_mm)
    assert (drawn.width_mm, drawn.height_mm) == (1200, 1500)
    assert drawn.px_per_mm == pytest.approx(drawn.height_px / drawn.height_mm, rel=0.01)


def test_here_is_shown_unless_the_drawer_is_open_out_or_an_alarm() -> None:
    for drawer in ("D-01", *STATES):
        shown = next(box.state for box in front(ward(), here=drawer).boxes if box.id == drawer)
        assert shown == (STATES[drawer] if STATES.get(drawer) in {"open", "out", "alarm-high", "alarm-medium"} else "here")


def test_another_cabinets_drawers_are_not_in_it_and_what_has_no_place_is_in_the_list_alone() -> None:
    site = ward()
    first, second, *rest = site.drawers
    moved = (first.model_copy(update={"cabinet": "C-2"}), second.model_copy(update={"place": None}), *rest)
    drawn = front_of(site.cabinets[0], moved, {}, *ROOM)
    assert {box.id for box in drawn.boxes} == {drawer.id for drawer in rest}
    assert (drawn.unplaced, drawn.tappable) == (("D-02",), False)


def test_a_drawer_too_low_for_a_finger_makes_the_picture_smaller_and_a_list_stand_beside_it() -> None:
    assert front(ward(), (790, 314)).tappable
    low = front(ward(), (400, 300))
    assert not low.tappable
    assert low.width_px <= 200


def test_a_drawer_from_above_is_as_wide_as_its_front_and_one_pocket_is_lit() -> None:
    drawer = ward().drawers[0]
    top = top_of(drawer, 300, 240, lit="D-01-3")
    assert top is not None
    assert (top.width_mm, top.height_mm) == (275, 400)
    assert [(box.label, box.lit, box.item) for box in top.boxes][2] == ("3", True, "ibuprofen-400")
    assert [box.id for box in top.boxes if box.lit] == ["D-01-3"]
    bare = drawer.model_copy(update={"pockets": tuple(one.model_copy(update={"place": None}) for one in drawer.pockets)})
    assert top_of(bare, 300, 240) is None


RECTANGLES = """() => {
  const steel = document.querySelector(".steel").getBoundingClientRect();
  const line = parseFloat(getComputedStyle(document.querySelector(".steel")).strokeWidth);
  return Object.fromEntries([...document.querySelectorAll("[data-box]")].map((box) => {
    const matrix = box.getScreenCTM();
    const at = (x, y) => new DOMPoint(x, y).matrixTransform(matrix);
    const [from, to] = [at(box.x.baseVal.value, box.y.baseVal.value),
      at(box.x.baseVal.value + box.width.baseVal.value, box.y.baseVal.value + box.height.baseVal.value)];
    return [box.dataset.box, [from.x - steel.x, from.y - steel.y, to.x - from.x, to.y - from.y]];
  }));
}"""


@IN_REAL_TIME
async def test_the_rectangles_on_the_screen_are_the_site_files_within_1_per_cent_and_change_with_it(
    page: Page, show: Show, tmp_path: Path
) -> None:
    text = (SITES / "ward.toml").read_text()
    smaller = text.replace(
        "place = { x_mm = 20, y_mm = 60, width_mm = 275, height_mm = 215 }",
        "place = { x_mm = 60, y_mm = 80, width_mm = 200, height_mm = 190 }",
    ).replace("y_mm = 0, width_mm = 55, height_mm = 400 } },\n", "y_mm = 0, width_mm = 55, height_mm = 300 } },\n", 1)
    (tmp_path / "ward.toml").write_text(smaller)
    (tmp_path / "ward").symlink_to(SITES / "ward")
    changed = check(tmp_path / "ward.toml").site
    assert changed is not None
    drawn: list[dict[str, list[float]]] = []
    for site in (ward(), changed):
        for picture in (front(site), top_of(site.drawers[0], 400, 380)):
            assert picture is not None
            await page.goto(show(BODY, picture=picture, how={}))
            shown = await page.evaluate(RECTANGLES)
            assert shown.keys() == {box.id for box in picture.boxes}
            for box in picture.boxes:
                wanted = [mm * picture.px_per_mm for mm in (box.x_mm, box.y_mm, box.width_mm, box.height_mm)]
                assert shown[box.id] == pytest.approx(wanted, rel=0.01, abs=1.5), box.id
            drawn.append(shown)
    was, is_now = drawn[0]["D-01"], drawn[2]["D-01"]
    assert is_now[2] / was[2] == pytest.approx(200 / 275, rel=0.01)
    assert is_now[3] / was[3] == pytest.approx(190 / 215, rel=0.01)
    assert drawn[0]["D-02"] == drawn[2]["D-02"]
    assert drawn[3]["D-01-1"][3] / drawn[1]["D-01-1"][3] == pytest.approx(300 / 400, rel=0.01)


@IN_REAL_TIME
async def test_each_state_has_its_colour_its_sign_and_its_word_in_both_themes(page: Page, show: Show) -> None:
    for theme in ("day", "night"):
        await page.goto(show(BODY, theme=theme, picture=front(ward(), here="D-20"), how={"to": "drawers/"}))
        await no_violations(page)
        fills = await page.evaluate(
            "[...document.querySelectorAll('.box')].map((box) =>"
            " [box.getAttribute('class'), getComputedStyle(box.firstElementChild).fill, box.children.length])"
        )
        kinds = {(name.split()[1], fill) for name, fill, _ in fills}
        assert len({name for name, _ in kinds}) == len(kinds) == len(get_args(State))
        assert len({fill for name, fill in kinds if name != "is-locked"}) == len(kinds) - 1
        assert all(parts > 2 for name, _, parts in fills if "is-locked" not in name)
    title = await page.inner_html("svg title")
    assert "D-20: column 4 from the left, place 2 from the top, go here" in title
    assert "in doubt" in title
    assert await page.get_attribute("svg", "role") == "img"


@IN_REAL_TIME
async def test_a_drawer_is_pressed_on_the_picture_where_it_is_high_enough_and_in_a_list_where_not(page: Page, show: Show) -> None:
    await page.goto(show(BODY, picture=front(ward()), how={"name": "drawer"}))
    await large_enough(page)
    hand = page.get_by_role("button", name="D-14: column 3 from the left, place 2 from the top, locked")
    shown = (await page.evaluate(RECTANGLES))["D-14"]
    box = await hand.bounding_box()
    assert box is not None
    assert [box["width"], box["height"]] == pytest.approx(shown[2:], abs=1)
    await hand.tap()
    await page.wait_for_selector("#sent")
    assert await page.inner_text("#sent") == "drawer=D-14"
    await page.goto(show(BODY, picture=front(ward(), (400, 300)), how={"to": "#"}))
    assert await page.locator("svg .hand").count() == 0
    await page.get_by_role("link", name="D-07 in doubt").tap()
    assert page.url.endswith("#D-07")
    await no_violations(page)
    await large_enough(page)
    top = top_of(ward().drawers[0], 300, 240, lit="D-01-3")
    await page.goto(show(BODY, picture=top, how={}))
    assert "3: 3 from the left, 1 from the back, reach in here" in await page.inner_html("svg title")
    assert await page.locator(".is-lit").count() == 1
    await no_violations(page)
