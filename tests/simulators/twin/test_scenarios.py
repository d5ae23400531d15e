"""Scenarios: each step is something that the control API takes, at each place that the page offers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.house import House
from simulators.twin.scenarios import Scenario, places, playable, scenarios
from tests.simulators.small import small_site
from tests.simulators.twin.stage import PHARMACY, WARD, house_of, played

PLACE = re.compile(r"\{(\w+)\}")


def filled(step: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """A step as the page's module sends it."""
    sent: dict[str, Any] = json.loads(PLACE.sub(lambda found: about[found[1]], json.dumps(step)))
    return sent


async def play(client: httpx.AsyncClient, scenario: Scenario, about: Mapping[str, str]) -> None:
    """Each step at once; where a hand waits for the station, the key is turned."""
    fault = None
    for step in (filled(one, about) for one in scenario.steps):
        assert step["says"]
        if step.get("lift"):
            answer = await client.delete(f"/faults/{fault}")
        else:
            if step["body"].get("do") == "open":
                await client.post("/faults", json={"kind": "key", "drawer": about["drawer"]})
            answer = await client.post(step["post"], json=step["body"])
            fault = answer.json().get("id", fault)
        assert answer.status_code < 300, (scenario.id, step, answer.text)


@pytest.mark.parametrize("site", [WARD, PHARMACY], ids=lambda path: path.stem)
async def test_every_step_is_taken(site: Path) -> None:
    house = house_of(site)
    async with played(house) as url, httpx.AsyncClient(base_url=url, timeout=20) as client:
        page = (await client.get("/")).text
        for scenario in playable(house):
            assert f'<option value="{scenario.id}" data-at="{scenario.at}"' in page
            await play(client, scenario, places(house)[scenario.at][0])
    at = {scenario.at for scenario in playable(house)}
    assert at == ({"drawer"} if site is WARD else {"drawer", "robot", "zone"})


async def test_they_name_nothing_but_what_a_place_knows() -> None:
    house = house_of(PHARMACY)
    known = {at: set(found[0]) for at, found in places(house).items()}
    assert len({scenario.id for scenario in scenarios()}) == len(scenarios())
    for scenario in scenarios():
        assert set(PLACE.findall(json.dumps(scenario.steps))) <= known[scenario.at], scenario.id
    house.clear()


async def test_a_house_without_drawers_machines_and_belts_has_none() -> None:
    site = small_site()
    house = House(site.model_copy(update={"drawers": (), "boards": ()}))
    async with played(house) as url, httpx.AsyncClient(base_url=url) as client:
        assert "Play scenario" not in (await client.get("/")).text
