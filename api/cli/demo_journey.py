"""`--hands auto`: one pick list all the way by simulated people, from the pharmacy system's push to the pockets of the ward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from api.cli.demo_hands import Crew, carries, checks, picks, seals, signs, unpacks
from sites.loading import LoadingPlace, PackingPlace
from sites.models import Site

LIST, TOTE, SEAL = "morning", "T-1", "S-4711"
LINES: list[dict[str, Any]] = [
    {"n": 1, "item": "atorvastatin-40", "quantity": 10},
    {"n": 2, "item": "warfarin-5", "quantity": 10},
    {"n": 3, "item": "senna-8", "quantity": 10},
    {"n": 4, "item": "ondansetron-4", "quantity": 5},
    {"n": 5, "item": "ceftriaxone-1g", "quantity": 5},
    {"n": 6, "item": "morphine-10", "quantity": 5},
]
"""What the ward lacks: two lines for the robot, two for the gantry, one from the shelf and one from the cabinet."""
WHO, SECOND = "theo", "petra"

Say = Callable[[str], None]


async def journey(pharmacy: Crew, ward: Crew, say: Say, lines: list[dict[str, Any]] = LINES) -> None:
    """The whole way; each step is said before it is done. Raises GaveUp."""
    site = _site(pharmacy)
    for crew in (pharmacy, ward):
        for who in (WHO, SECOND):
            await crew.log_in(who)
    say(f"the pharmacy system pushes list {LIST}")
    await pharmacy.ask("rx", "PUT", f"pick-lists/{LIST}", {"revision": 1, "lines": lines})
    for gantry in site.gantries:
        say(f"{WHO} stands by while gantry {gantry.id} homes")
        await pharmacy.ask(WHO, "POST", f"gantries/{gantry.id}/home")
    await fills(pharmacy, site, say)
    for line in (await pharmacy.ask("rx", "GET", f"pick-lists/{LIST}"))["lines"]:
        if line["remainder"]:
            say(f"{WHO} fetches {line['remainder']} of {line['item']}")
            await picks(pharmacy, WHO, LIST, line["n"], TOTE)
    pack_of = {item.id: item.pack for item in pharmacy.run.report.data.items}
    say(f"{WHO} scans what is in {TOTE}: what the machines gave is looked at before it is sealed")
    for differs in await checks(pharmacy, WHO, TOTE, pack_of):
        say(f"of {differs['item']} there should be {differs['expected']} and are {differs['found']}: a discrepancy")
    to = site.partners[0].id
    say(f"{WHO} and {SECOND} seal tote {TOTE} for {to}, and it leaves")
    await seals(pharmacy, WHO, SECOND, LIST, TOTE, to, SEAL)
    say("a courier carries it over")
    await carries(pharmacy, ward, TOTE)
    say(f"{WHO} unpacks it on the ward, pocket by pocket")
    left = await unpacks(ward, WHO, TOTE, SEAL, pack_of)
    say(f"{WHO} and {SECOND} sign for it")
    await signs(ward, WHO, SECOND, TOTE, left)
    await pharmacy.until("rx", f"totes/{TOTE}", "its receipt has not come", lambda told: told["receipt"] is not None)
    state = (await pharmacy.ask("rx", "GET", f"pick-lists/{LIST}"))["state"]
    say(f"the ward's receipt is in the pharmacy's ledger: list {LIST} is {state}")


async def fills(crew: Crew, site: Site, say: Say) -> None:
    """The tote stands at one loading place after the other, as long as the plan has something from its machine; then it is at the
    packing place. Over belts it goes by itself once a place has nothing more for it, else it is carried."""
    at: LoadingPlace | None = None
    for place in site.loading:
        if _from(await _list(crew), place):
            await _to(crew, at, place, say)
            machine = place.robot or place.gantry
            say(f"{machine} fills {TOTE} at {place.id}")
            await crew.until("rx", f"pick-lists/{LIST}", f"{machine} is not done", partial(_done, place))
            at = place
    if site.packing:
        await _to(crew, at, site.packing[0], say)


async def _to(crew: Crew, at: LoadingPlace | None, to: LoadingPlace | PackingPlace, say: Say) -> None:
    """The tote comes to a place: put there by a hand, or seen to arrive on a belt."""
    if at is not None and at.zone is not None and to.zone is not None:
        say(f"{TOTE} rides from {at.id} to {to.id}")
        await crew.until("rx", f"totes/{TOTE}", f"it does not come to {to.id}", lambda told: told["at"] == to.id)
        return
    say(f"{WHO} puts tote {TOTE} at {to.id}")
    if at is not None:
        await crew.hand("/totes/hands", do="lift", tote=TOTE)
    await crew.hand("/totes/hands", do="place", tote=TOTE, at=to.id)
    await crew.ask(WHO, "PUT", f"totes/{TOTE}/place", {"list": LIST, "at": to.id})


async def _list(crew: Crew) -> dict[str, Any]:
    return await crew.ask("rx", "GET", f"pick-lists/{LIST}")


def _done(place: LoadingPlace, told: Mapping[str, Any]) -> bool:
    return not _from(told, place)


def _from(told: Mapping[str, Any], place: LoadingPlace) -> bool:
    """Whether the machine of a place still has something for the list, or is fetching it."""
    machine = place.robot or place.gantry
    parts = any(part["drawer"] == machine for line in told["lines"] for part in line["parts"])
    return parts or any(line["ordered"] for line in told["lines"])


def _site(crew: Crew) -> Site:
    site = crew.run.report.site
    assert site is not None  # noqa: S101 - for the types; it was checked when it was laid out
    return site
