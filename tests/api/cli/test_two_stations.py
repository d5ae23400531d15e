"""Two stations as two daemons over sockets: the manifest goes over and the receipt comes back, with nobody carrying either."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import sites
from api.cli.demo_hands import Crew, carries, picks, seals, signs, unpacks
from api.cli.demo_pair import all_known
from api.cli.demo_people import TERMINAL
from api.cli.demo_stations import DESK, lay_out, staff
from api.cli.demo_ward import free
from tests.kit.programs import GALENIC, Program

pytestmark = [pytest.mark.processes, pytest.mark.timeout(60)]

PHARMACY = Path(sites.__file__).parent / "robot.toml"
LINES = [{"n": 1, "item": "ceftriaxone-1g", "quantity": 5}, {"n": 2, "item": "morphine-10", "quantity": 4}]


@asynccontextmanager
async def standing(folder: Path) -> AsyncIterator[tuple[Crew, Crew]]:
    """Simulators and daemons of both, and people who have logged in."""
    runs = lay_out(folder, PHARMACY, free(0))
    assert [finding for run in runs for finding in run.report.findings] == []
    steel = ("-m", "simulators", "--json")
    programs = [Program(sys.executable, *steel, str(run.site), "--control", run.control) for run in runs]
    try:
        await staff(runs, "pharmacy")
        for program in programs:
            program.until("control")
        daemon = (*GALENIC, "run")
        programs += [Program(*daemon, str(run.site), "--listen", run.listen, "--state", str(run.state)) for run in runs]
        for program in programs[len(runs) :]:
            program.until("listening at")
        for run in runs:
            await all_known(run)
        async with Crew(runs[0], DESK) as pharmacy, Crew(runs[1], TERMINAL) as ward:
            for crew in (pharmacy, ward):
                for who in ("theo", "petra"):
                    await crew.log_in(who)
            yield pharmacy, ward
    finally:
        for program in reversed(programs):
            program.process.terminate()
        for program in programs:
            program.close()


def test_a_tote_goes_over_and_its_receipt_comes_back(tmp_path: Path) -> None:
    asyncio.run(_goes_over(tmp_path))  # in real time: these are other processes


async def _goes_over(folder: Path) -> None:
    async with standing(folder) as (pharmacy, ward):
        await pharmacy.ask("rx", "PUT", "pick-lists/morning", {"revision": 1, "lines": LINES})
        await pharmacy.hand("/totes/hands", do="place", tote="T-1", at="packing")
        await pharmacy.ask("theo", "PUT", "totes/T-1/place", {"list": "morning", "at": "packing"})
        for line in LINES:
            await picks(pharmacy, "theo", "morning", int(str(line["n"])), "T-1")
        await seals(pharmacy, "theo", "petra", "morning", "T-1", "ward-4-east", "S-1")
        await carries(pharmacy, ward, "T-1")
        assert await unpacks(ward, "theo", "T-1", "S-1", {}) == {}
        await signs(ward, "theo", "petra", "T-1", {})
        told = await pharmacy.until("rx", "totes/T-1", "no receipt", lambda tote: tote["receipt"] is not None)
        assert (told["state"], told["receipt"]["loaded"]) == ("confirmed", {"ceftriaxone-1g": 5, "morphine-10": 4})
        signers = [(one["did"], one["station"], one["person"]) for one in told["receipt"]["signers"]]
        assert ("received-witness", "ward-4-east", "petra") in signers
        assert (await ward.sees("/totes/T-1"))["packs"] == []
        for crew, way in ((pharmacy, "courier"), (ward, "webhook")):
            (one,) = (await crew.ask("screen", "GET", "health"))["outward"]
            assert (one["kind"], one["connected"], one["lag"], one["error"]) == (way, True, 0, ""), json.dumps(one)
