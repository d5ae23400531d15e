"""What `--hands auto` does, in virtual time: the shipped pharmacy and the ward, both real, and a network in memory between them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

import sites
from api.app import create_app
from api.cli import demo_hands
from api.cli.demo_hands import Crew, GaveUp
from api.cli.demo_journey import LINES, SECOND, TOTE, WHO, journey
from api.cli.demo_people import TERMINAL
from api.cli.demo_stations import DESK, RX, SCREEN, lay_out
from api.cli.demo_ward import Run, keep
from api.standing import Standing
from api.telling import Telling
from controller.machines.robot import State
from controller.policy.roles import RIGHTS, Role
from simulators.control import control
from simulators.robot_site import stand_in
from tests.kit.station import World

PHARMACY = Path(sites.__file__).parent / "robot.toml"


class End:
    """One station: its world, its API, and its people."""

    def __init__(self, run: Run, seed: int) -> None:
        assert run.report.site is not None
        self.run = run
        self.world = World(run.report.site, run.report.data.lots, seed, None, run.report.data)
        for id_, station in self.world.house.robots.items():
            stand_in(station.robot, [row for row in run.report.packs if row.robot == id_], {i.id: i for i in run.report.data.items})
        self.standing = Standing()
        self.api = httpx.ASGITransport(app=create_app(self.standing))

    async def start(self, terminal: str, *services: str) -> None:
        """It runs, and everybody who works there is known."""
        self.standing.station = await self.world.start()
        for role, who in (("technician", WHO), ("pharmacist", SECOND)):
            await self.world.token(role, who, terminal)
            self.run.pins[who] = self.world.pin(who)
        keep(self.run.folder / terminal, f"Galenic-Terminal: {await self.world.terminal(terminal)}\n")
        for service in services:
            token = await self.world.people.add_service(service, service, RIGHTS[Role.SERVICE_ACCOUNT], "setup")
            keep(self.run.folder / service, f"Authorization: Bearer {token}\n")

    def crew(self, terminal: str) -> Crew:
        """Its people."""
        return Crew(self.run, terminal, self.api, httpx.ASGITransport(app=control(self.world.house)))


@asynccontextmanager
async def both(folder: Path) -> AsyncIterator[tuple[End, End, Crew, Crew]]:
    """Both stations at work, and what runs between them."""
    runs = lay_out(folder, PHARMACY, "127.0.0.1:1")
    pharmacy, ward = (End(run, seed) for seed, run in enumerate(runs))
    try:
        await pharmacy.start(DESK, RX, SCREEN)
        await ward.start(TERMINAL, "pharmacy", SCREEN)
        token = (ward.run.folder / "pharmacy").read_text().partition("Bearer ")[2]
        (pharmacy.run.state / "partners").mkdir(parents=True)
        keep(pharmacy.run.state / "partners" / "ward-4-east.token", token)
        telling = [
            Telling(end.world.station, end.run.state, end.run.folder, dict, other.api)
            for end, other in ((pharmacy, ward), (ward, pharmacy))
        ]
        async with telling[0].running(), telling[1].running(), pharmacy.crew(DESK) as here, ward.crew(TERMINAL) as there:
            await pharmacy.world.until("robot.changed", state=str(State.READY))
            for zone in ("L", "G"):  # a tote that is put there before its zone is held rides away
                await pharmacy.world.until("line.act_ended", act="hold", at=zone)
            yield pharmacy, ward, here, there
        await pharmacy.world.stop()
        await ward.world.stop()
    finally:
        pharmacy.world.close()
        ward.world.close()


async def test_a_list_reaches_the_ward_by_itself_and_what_lies_there_is_what_was_pushed(tmp_path: Path) -> None:
    async with both(tmp_path) as (pharmacy, ward, here, there):
        before = {line["item"]: _lies(ward, line["item"]) for line in LINES}
        said: list[str] = []
        await journey(here, there, said.append)
        assert said[-1] == "the ward's receipt is in the pharmacy's ledger: list morning is confirmed"
        assert {line["item"]: _lies(ward, line["item"]) - before[line["item"]] for line in LINES} == {
            line["item"]: line["quantity"] for line in LINES
        }
        assert ward.world.house.totes.contents(TOTE) == []
        for end in (pharmacy, ward):
            assert end.world.rows("discrepancy.opened") == []
        assert pharmacy.world.books.totes.totes[TOTE]["state"] == "confirmed"


def _lies(end: End, item: str) -> int:
    """Units of an item that really lie in the pockets of a station."""
    site = end.run.report.site
    assert site is not None
    pockets = [pocket.id for holder in site.holders for pocket in holder.pockets if pocket.item == item]
    return sum(end.world.house.plant.pockets[pocket].quantity for pocket in pockets)


async def test_what_is_refused_or_does_not_come_is_given_up_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_hands, "PATIENCE_S", 5.0)
    async with both(tmp_path) as (_, _, here, there):
        with pytest.raises(GaveUp, match="robot: GET /v1/pick-lists/none: 404"):
            await here.ask(RX, "GET", "pick-lists/none")
        with pytest.raises(GaveUp, match="ward: no tote after 5 s"):
            await there.until(SCREEN, "totes", "no tote", lambda told: bool(told["items"]))
        gone = Crew(here.run, DESK)
        async with gone:
            with pytest.raises(GaveUp, match="robot: GET /truth: ConnectError"):
                await gone.sees("/truth")
