"""The page over HTTP: what stands in it, its strict policy, and that its drawing is the site file's."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from simulators.house import House
from simulators.twin import codes, fault_forms
from simulators.twin.fault_forms import Field
from sites.models import Site
from tests.simulators.small import small, small_site
from tests.simulators.twin.stage import PHARMACY, WARD, house_of, played, ward_with

INLINE = re.compile(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
FRONT = re.compile(
    r'translate\((\d+) (\d+)\)" aria-hidden="true">\s*<rect class="front" data-drawer="([^"]+)" width="(\d+)" height="(\d+)"'
)


async def page_of(house: House, path: str = "/") -> httpx.Response:
    async with played(house) as url, httpx.AsyncClient(base_url=url) as client:
        return await client.get(path)


@pytest.mark.parametrize("site", [WARD, PHARMACY], ids=lambda path: path.stem)
async def test_the_page_is_strict_and_says_that_it_is_a_simulation(site: Path) -> None:
    answer = await page_of(house_of(site))
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "SIMULATION: no drugs" in answer.text
    assert INLINE.search(answer.text) is None
    own = "http://www.w3.org/2000/svg"
    assert [url for url in re.findall(r"https?://[^\"'\s<]+", answer.text) if url != own] == []
    ids = re.findall(r'\sid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))


async def test_what_the_page_asks_for_is_there_and_nothing_else() -> None:
    async with played(House(small_site())) as url, httpx.AsyncClient(base_url=url) as client:
        page = (await client.get("/")).text
        for asked in re.findall(r'(?:href|src)="([^"]+)"', page):
            answer = await client.get(asked)
            assert answer.status_code == 200, asked
            assert INLINE.search(answer.text) is None
        assert (await client.get("/twin/twin.js")).headers["content-type"].startswith("text/javascript")
        unknown = await client.get("/twin/pages.py")
        assert unknown.status_code == 404
        assert unknown.json()["errors"][0]["field"] == "path"


async def test_the_drawing_is_that_of_the_site_file_and_changes_with_it() -> None:
    house = house_of(WARD)
    drawn = {id: tuple(map(int, (x, y, w, h))) for x, y, id, w, h in FRONT.findall((await page_of(house)).text)}
    told = {part.id: part.place for part in house.site.drawers if part.place is not None}
    assert drawn == {id: (place.x_mm, place.y_mm, place.width_mm, place.height_mm) for id, place in told.items()}
    assert len(drawn) == 24
    other = ward_with(place={"x_mm": 20, "y_mm": 60, "width_mm": 200, "height_mm": 100})
    (first,) = (found for found in FRONT.findall((await page_of(other)).text) if found[2] == "D-01")
    assert first == ("20", "60", "D-01", "200", "100")


async def test_a_site_without_places_has_a_list_and_one_without_anything_a_page() -> None:
    page = (await page_of(House(small_site()))).text
    assert "<svg" not in page
    assert re.search(r'<li><button id="drawer-A-01"[^>]*aria-label="Drawer A-01, shut"', page)
    bare = {"station": {"id": "bare", "name": "Bare", "simulated": True}, "links": {}}
    empty = await page_of(House(Site.model_validate(bare)))
    assert empty.status_code == 200
    assert "Your hands" in empty.text
    assert "wire-link" not in empty.text


async def test_totes_without_belts_are_shown_too() -> None:
    tables = small() | {
        "links": {"robot": {"url": "tcp://127.0.0.1:1", "protocol": "wwks2"}},
        "robots": [
            {
                "id": "R",
                "driver": "wwks2",
                "link": "robot",
                "outputs": [{"id": "o", "number": 1, "name": "Counter"}],
                "belts": [{"id": "b"}],
            }
        ],
        "loading": [{"id": "table", "name": "Table", "robot": "R", "output": 1}],
    }
    for gone in ("boards", "drawers", "cabinets", "scales", "scanners"):
        tables.pop(gone)
    page = (await page_of(House(Site.model_validate(tables)))).text
    assert 'id="totes"' in page
    assert 'id="belts"' not in page


def value(field: Field) -> object:
    """What the page's module would send for this field as it stands."""
    text = field.default or (field.choices[0][0] if field.choices else "")
    if not text:
        return None
    if field.kind == "boolean":
        return text == "true"
    return text if field.kind == "string" else float(text) if field.kind == "number" else int(text)


@pytest.mark.parametrize("site", [WARD, PHARMACY], ids=lambda path: path.stem)
async def test_every_fault_has_a_switch_that_works_as_it_stands(site: Path) -> None:
    house = house_of(site)
    async with played(house) as url, httpx.AsyncClient(base_url=url, timeout=20) as client:
        page = (await client.get("/")).text
        told = [form for kinds in fault_forms.forms(house).values() for form in kinds]
        for form in told:
            assert f'id="fault-{form.kind}"' in page
            assert form.says
            assert "-0" not in form.says
            body = {field.name: given for field in form.fields if (given := value(field)) is not None}
            if form.kind == "robot-swaps":
                body |= {"pack": 3, "other": 4}  # the first is on the floor by now
            answer = await client.post("/faults", json={"kind": form.kind, **body})
            assert answer.status_code == 201, (form, answer.text)
            await client.delete(f"/faults/{answer.json()['id']}")
    house.clear()


async def test_no_kind_of_fault_is_without_a_switch() -> None:
    everywhere = {form.kind for site in (WARD, PHARMACY) for kinds in fault_forms.forms(house_of(site)).values() for form in kinds}
    assert len(everywhere) == len(fault_forms.KINDS)


async def test_ready_codes_are_what_packages_from_here_bear() -> None:
    house = house_of(WARD)
    found = codes.ready(house)
    assert len(found) > 60
    fentanyl = next(code for code in found if "fentanyl" in code.what)
    assert re.fullmatch(r"01\d{14}17\d{6}10[!-~]+", fentanyl.data)
    assert "micrograms" in fentanyl.what
    async with played(house) as url, httpx.AsyncClient(base_url=url) as client:
        end = await house.dial("scan")
        for code in found:
            answer = await client.post("/scans", json={"scanner": "scanner-1", "data": code.data, "aim": code.aim})
            assert answer.status_code == 202, code
            assert (await end.read()).decode() == f"{code.aim}{code.data}\r"
        end.close()
    assert any(code.what.startswith("senna") or "senno" in code.what for code in codes.ready(house_of(PHARMACY)))
    house.clear()
