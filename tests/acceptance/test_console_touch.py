"""What fingers, ears and eyes are told while they work: how much a pocket holds, which alarms sound, what an opening waits for.

In virtual time; the modules that act on it are tried in a browser (tests/api/console).
"""

from __future__ import annotations

import asyncio
import re

from api.console.waiting import Waits, waits_of
from sites.models import Site
from tests.acceptance.test_console_technician import cookies, page, posts
from tests.acceptance.ward import Person, Ward, a_ward, scan_of, ward_site
from tests.console.test_blind import Browser

SIZES = {"A-01-1": 9, "A-02-2": 120}


def _site() -> Site:
    """The ward, with pockets of other sizes."""
    site = ward_site().model_dump(mode="json")
    for drawer in site["drawers"]:
        for pocket in drawer["pockets"]:
            pocket["capacity"] = SIZES.get(pocket["id"], pocket["capacity"])
    return Site.model_validate(site)


def _digits(told: str) -> tuple[str, str]:
    """The most digits that the page's keypad takes, and what it says of one more."""
    (most,), (says,) = re.findall(r'data-digits="(\d+)"', told), re.findall(r'data-say-digits="([^"]*)"', told)
    return most, says


async def _pull(nurse: Person, order: str) -> str:
    to = await posts(nurse, "patients/P-1/pulls", seen="1", order=[order])
    assert to is not None
    return to.removeprefix("/console/")


async def test_a_keypad_takes_as_many_digits_as_its_pocket_holds_wherever_one_is_counted_taken_from_or_filled() -> None:
    async with a_ward(site=_site()) as ward:
        technician, nurse = await ward.person("technician"), await ward.person("nurse")
        to = await posts(technician, "counts", seen="1", pocket="A-01-1")
        assert to is not None
        await ward.hand_opens("A-01")
        most, says = _digits(await page(technician, to.removeprefix("/console/")))
        assert most == "1"
        assert says == "That key was not taken: 9 is the most that fits here. Is there more? Tell the pharmacy."
        await posts(technician, f"{to.removeprefix('/console/')}/counted", number="8")
        await ward.hand_shuts("A-01")
        pull = await _pull(nurse, "O-pred")
        await ward.hand_opens("A-02")
        assert _digits(await page(nurse, f"{pull}?other=yes"))[0] == "3"
        await posts(nurse, f"{pull}/taken", quantity="2")
        await ward.hand_shuts("A-02")
        to = await posts(technician, "restock", seen="2", scan=scan_of("morphine-10"), pocket="A-03-1")
        assert to is not None
        await ward.hand_opens("A-03")
        counting = await page(technician, to.removeprefix("/console/"))
        assert _digits(counting)[0] == "2"
        await posts(technician, f"{to.removeprefix('/console/')}/counted", number="12")
        assert _digits(await page(technician, to.removeprefix("/console/")))[0] == "2"


async def test_a_terminal_is_told_which_alarms_sound_the_worst_first_and_a_browser_that_only_looks_is_not() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        assert "data-sounds" not in await page(nurse, "patients")
        to = await posts(nurse, "patients/P-1/pulls", seen="1", order=["O-pred"])
        assert to is not None
        await ward.hand_opens("A-02")
        await ward.world.until("alarm.raised", kind="ajar")
        ward.world.fault("force", drawer="A-01")
        await ward.world.until("alarm.raised", kind="forced")
        ajar, forced = (row["alarm"] for row in ward.rows("alarm.raised") if row["kind"] in {"ajar", "forced"})
        told = await page(nurse, "patients")
        assert f'data-sounds="{forced}=high {ajar}=medium ' in told
        assert '<a class="alarm alarm-high" href="/console/drawers/A-01">' in told
        assert "Silence for 2 minutes" in told
        looks = (await ward.client.get("/console")).text
        assert "Drawer forced open" in looks
        assert "data-sounds" not in looks
        assert "Silence" not in looks


def _waits(ward: Ward, nurse: Person) -> Waits | None:
    sessions = (talk.session for talk in ward.world.station.desk.talks.values())
    return waits_of(ward.world.station, next(session for session in sessions if session.person == nurse.id))


async def test_who_waits_for_the_cabinets_turn_is_told_whose_drawer_opens_first() -> None:
    async with a_ward() as ward:
        nurse, other = await ward.person("nurse", "nurse-1"), await ward.person("nurse", "nurse-2")
        browser = Browser(ward.standing, cookies(nurse)["Cookie"])
        ward.world.fault("stuck-latch", drawer="A-03")
        assert await posts(other, "patients/P-2/pulls", seen="1", order=["O-oxy"])
        async with browser.listens("/console/patients/P-1"):
            mine = asyncio.create_task(_pull(nurse, "O-pred"))
            await ward.quiet()
            assert _waits(ward, nurse) == Waits("A-02", "A-03", "Nurse-2")
            pull = await mine
            assert _waits(ward, nurse) is None
        told = browser.seen[-1][1].decode()
        assert '{"waits": "Nurse-2 opens drawer A-03. Yours opens after it."}' in told
        assert "Drawer A-02 opens. Pull it." in await page(nurse, pull)


async def test_ones_own_other_drawer_and_a_lock_that_rests_are_said_too() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        stuck = ward.world.fault("stuck-latch", drawer="A-02")
        await _pull(nurse, "O-pred")
        mine = asyncio.create_task(_pull(nurse, "O-amox"))
        await ward.quiet()
        assert _waits(ward, nurse) == Waits("A-01", "A-02")
        await mine
        ward.world.faults.lift(stuck)
        await ward.hand_opens("A-01")
        after = asyncio.create_task(posts(nurse, "counts", seen="9", pocket="A-03-1"))
        await ward.quiet()
        assert _waits(ward, nurse) == Waits("A-03")
        await after
