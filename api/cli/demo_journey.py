"""`--hands auto`: one pick list all the way by simulated people, from the pharmacy system's push to the pockets of the ward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from api.cli.demo_hands import Crew, GaveUp, carries, picks, seals, signs, unpacks
from sites.loading import LoadingPlace
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
        await pharmacy.until("screen", f"gantries/{gantry.id}", "it is not homed", lambda told: told["state"] == "ready")
    await fills(pharmacy, site, say)
    for line in (await pharmacy.ask("rx", "GET", f"pick-lists/{LIST}"))["lines"]:
        if line["remainder"]:
            say(f"{WHO} fetches {line['remainder']} of {line['item']}")
            await picks(pharmacy, WHO, LIST, line["n"], TOTE)
    to = site.partners[0].id
    say(f"{WHO} and {SECOND} seal tote {TOTE} for {to}, and it leaves")
    await seals(pharmacy, WHO, SECOND, LIST, TOTE, to, SEAL)
    say("a courier carries it over")
    await carries(pharmacy, ward, TOTE)
    say(f"{WHO} unpacks it on the ward, pocket by pocket")
    pack_of = {item.id: item.pack for item in pharmacy.run.report.data.items}
    left = await unpacks(ward, WHO, TOTE, SEAL, pack_of)
    say(f"{WHO} and {SECOND} sign for it")
    await signs(ward, WHO, SECOND, TOTE, left)
    await pharmacy.until("rx", f"totes/{TOTE}", "its receipt has not come", lambda told: told["receipt"] is not None)
    state = (await pharmacy.ask("rx", "GET", f"pick-lists/{LIST}"))["state"]
    say(f"the ward's receipt is in the pharmacy's ledger: list {LIST} is {state}")


async def fills(crew: Crew, site: Site, say: Say) -> None:
    """The tote stands at one loading place after the other, as long as the plan has something from its machine; then it is at the
    packing place. Over belts it goes by itself once it is let go, else it is carried."""
    at = ""
    for place in site.loading:
        if _from(await _list(crew), place):
            await _to(crew, at, place.id, say)
            at = place.id
            machine = place.robot or place.gantry
            say(f"{machine} fills {TOTE} at {place.id}")
            await crew.until("rx", f"pick-lists/{LIST}", f"{machine} is not done", partial(_done, place))
    if site.packing:
        await _to(crew, at, site.packing[0].id, say)


async def _to(crew: Crew, at: str, to: str, say: Say) -> None:
    """The tote comes to a place: put there empty, or let go at another and seen to arrive."""
    if not at:
        say(f"{WHO} puts the empty tote {TOTE} at {to}")
        await crew.hand("/totes/hands", do="place", tote=TOTE, at=to)
    else:
        say(f"{TOTE} goes from {at} to {to}")
        with suppress(GaveUp):  # the station has let it go already
            await crew.ask(WHO, "POST", f"line/totes/{TOTE}/departure", {"list": LIST, "at": at, "to": to})
        after = 0
        while (await crew.sees("/totes"))["places"][to] != TOTE:
            moved = (await crew.sees(f"/passages?after={after}&wait_s=60"))["passages"]
            if not moved:
                raise GaveUp(f"{TOTE} does not come to {to}")
            after = moved[-1]["number"]
    await crew.ask(WHO, "PUT", f"totes/{TOTE}/place", {"list": LIST, "at": to})


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
