"""The weather of a link over the control API: set, asked, and refused where a storm was planted as a fault."""

from __future__ import annotations

import httpx

from simulators.house import House
from simulators.weather import CALM
from tests.simulators.small import small_site
from tests.simulators.twin.stage import played


async def test_a_link_has_the_weather_that_was_set_and_calm_again() -> None:
    house = House(small_site())
    async with played(house) as url, httpx.AsyncClient(base_url=url) as client:
        wire = house.wires["lockbus"]
        set_ = await client.put("/weather", json={"link": "lockbus", "lose": 0.25, "echo": 1.0, "delay_s": 2.0})
        assert (set_.status_code, set_.json()["lose"], set_.json()["noise"]) == (200, 0.25, 0.0)
        assert (wire.to_board.weather.lose, wire.to_board.weather.echo) == (0.25, 1.0)
        assert (wire.to_host.weather.lose, wire.to_host.weather.echo, wire.to_host.weather.delay_s) == (0.25, 0.0, 2.0)
        told = (await client.get("/weather")).json()
        assert told["lockbus"] == set_.json()
        others = [winds for link, winds in told.items() if link != "lockbus"]
        assert {name for winds in others for name, chance in winds.items() if chance} == {"delay_s"}
        page = (await client.get("/")).text
        assert "lose 25.0 %" in page
        assert "echo 100.0 %" in page
        await client.put("/weather", json={"link": "lockbus"})
        assert wire.to_board.weather is wire.to_host.weather is CALM
        assert "lose 25.0 %" not in (await client.get("/")).text


async def test_what_is_not_there_cannot_be_or_is_a_planted_storms_is_refused() -> None:
    house = House(small_site())
    async with played(house) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.put("/weather", json={"link": "nowhere"})).status_code == 404
        assert (await client.put("/weather", json={"link": "lockbus", "lose": 2})).status_code == 422
        storm = (await client.post("/faults", json={"kind": "weather", "link": "lockbus", "storm": "noisy"})).json()["id"]
        refused = await client.put("/weather", json={"link": "lockbus"})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "link")
        assert house.wires["lockbus"].to_board.weather.noise > 0
        await client.delete(f"/faults/{storm}")
        assert (await client.put("/weather", json={"link": "lockbus"})).status_code == 200
