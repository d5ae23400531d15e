"""A pharmacist: discrepancies and their stories, the stock at a glance, what happened, and what needs a person."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.console.visitor import SCREEN, SESSION
from tests.console.asking import Caller, calling
from tests.console.fingers import surely
from tests.console.stand import Stand
from tests.kit.browser import Faults, no_violations
from tests.kit.programs import galenic

if TYPE_CHECKING:
    from playwright.async_api import Page

BESIDE = "D-03-1"
"""A pocket of the controlled drawer that is always counted right."""


async def _wrong_count(stand: Stand, pocket: str, off: int) -> str:
    """Cleo counts a controlled pocket right, Theo opens its drawer, Nina's count differs twice: the discrepancy's id."""
    async with calling(stand, "cleo") as cleo, calling(stand, "theo") as theo, calling(stand, "nina") as nina:
        await cleo.counts(f"good-{pocket}", pocket, stand.pocket(pocket))
        await theo.counts(f"beside-{pocket}", BESIDE, stand.pocket(BESIDE))
        wrong = stand.pocket(pocket) + off
        ended = await nina.counts(f"wrong-{pocket}", pocket, wrong, wrong)
        (id_,) = ended["discrepancies"]
        return str(id_)


STEPS = [
    ("discrepancy.opened", "nina"),
    ("discrepancy.claimed", "resolver"),
    ("discrepancy.explained", "resolver"),
    ("witness.used", "witness"),
    ("discrepancy.resolved", "resolver"),
]


def _rows_of(stand: Stand, id_: str) -> list[tuple[str, str]]:
    """What the ledger says was done to a discrepancy, and by whom of the two."""
    told = galenic("ledger", "export", str(stand.run.state / "ledger.sqlite3"))
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    resolved = next(row for row in rows if _is(row, "discrepancy.resolved", id_))["data"]
    signed = [row for row in rows if ".witness.used." in row["type"] and row["data"]["person"] == resolved["witness"]]
    who = {resolved["by"]: "resolver", resolved["witness"]: "witness"}
    own = [row for row in rows if _is(row, "discrepancy", id_)] + signed[-1:]
    kinds = [(row["type"].removeprefix("org.galenic.").rpartition(".")[0], row["actor"]) for row in sorted(own, key=_seq)]
    return [(kind, actor if kind == "discrepancy.opened" else who.get(actor, actor)) for kind, actor in kinds]


def _seq(row: dict[str, Any]) -> int:
    return int(row["sequence"])


def _is(row: dict[str, Any], kind: str, id_: str) -> bool:
    return str(row["type"]).startswith(f"org.galenic.{kind}.") and row["data"]["discrepancy"] == id_


async def _goes_to(page: Page, stand: Stand, path: str) -> None:
    await page.goto(f"{stand.url}/console/{path}")
    await page.locator("main").wait_for()


async def test_a_discrepancy_tells_its_story_and_is_resolved_with_a_witness_at_the_same_terminal(
    stand: Stand, terminal: Page, faults: Faults
) -> None:
    faults.excuse("403")  # a person does not sign for herself
    id_ = await _wrong_count(stand, "D-03-2", -2)
    await stand.log_in(terminal, "petra")
    await _goes_to(terminal, stand, "discrepancies")
    await no_violations(terminal)
    async with calling(stand, "petra") as petra:
        told = await petra.get(f"discrepancies/{id_}")
        open_ = [one for one in await petra.items("discrepancies") if one["state"] == "open"]
        assert await terminal.locator("a.row").count() == len(open_)
        await terminal.get_by_role("link", name="Go to the first").click()
        await terminal.get_by_text("Since the last good count").wait_for()
        await no_violations(terminal)
        assert await terminal.locator(".differs b").inner_text() == f"{-told['delta']} {told['unit']}s missing"
        line = await terminal.locator(".line li").all_inner_texts()
        assert "Last good count, by Cleo Marsh" in line[0]
        assert [("Theo Lind" in one, "Nina Okafor" in one) for one in line[1:]] == [(True, False), (False, True), (False, True)]
        assert len(told["accesses"]) == len(line) - 2
        await terminal.get_by_role("button", name="I take it up").click()
        await terminal.get_by_text("taken up: Petra Vance").wait_for()
        await terminal.get_by_role("link", name="Resolve with a witness").click()
        await no_violations(terminal)
        await terminal.get_by_text("Somebody counted wrong").click()
        await terminal.get_by_label("In your own words").fill("Two lay under the divider")
        await terminal.get_by_role("button", name="Go on to the witness").click()
        await terminal.get_by_text("Somebody counted wrong: Two lay under the divider").wait_for()
        await no_violations(terminal)
        await _witness(terminal, stand, "petra")
        await terminal.get_by_text("witness-same-person").wait_for()
        await terminal.get_by_role("link", name="Somebody else signs").click()
        await terminal.get_by_label("Name or badge number of the witness").wait_for()
        await terminal.locator("html[data-heard]").wait_for(state="attached")
        stand.control("/scans", {"scanner": "badge-1", "data": stand.run.badges["nina"]})
        await terminal.get_by_label("PIN of the witness whose badge was read").wait_for()
        await no_violations(terminal)
        await terminal.get_by_label("PIN of the witness").fill(stand.run.pins["nina"])
        await terminal.keyboard.press("Enter")
        await terminal.wait_for_url(f"**/console/discrepancies/{id_}")
        await terminal.get_by_text("Resolved by Petra Vance, signed by Nina Okafor").wait_for()
        await terminal.get_by_text("no part in it").wait_for()
        await no_violations(terminal)
        told = await petra.get(f"discrepancies/{id_}")
    assert _rows_of(stand, id_) == STEPS
    resolution = {name: told["resolution"][name] for name in ("by", "witness")}
    assert (told["state"], told["reason"], resolution) == ("resolved", "miscounted", {"by": "petra", "witness": "nina"})


async def _witness(page: Page, stand: Stand, who: str) -> None:
    """Somebody signs at the witness's panel, by name."""
    await page.get_by_label("Name or badge number of the witness").fill(who)
    await page.get_by_role("button", name="Go on to the PIN").click()
    pin = page.get_by_label(f"PIN of {who}")
    await pin.wait_for()
    await no_violations(page)
    await pin.fill(stand.run.pins[who])
    await page.keyboard.press("Enter")


async def test_who_had_no_part_in_it_reviews_it(stand: Stand, terminal: Page) -> None:
    id_ = await _wrong_count(stand, "D-03-4", +1)
    async with calling(stand, "cleo") as cleo:
        said = {"reason": "miscounted", "explanation": "One was counted twice"}
        await cleo.send("POST", f"discrepancies/{id_}/claim", {})
        await cleo.send("POST", f"discrepancies/{id_}/explanation", said)
        subject = (await cleo.send("POST", f"discrepancies/{id_}/resolution/subject", said))["subject"]
        sign = {"who": "theo", "pin": stand.run.pins["theo"], "subject": subject}
        token = (await cleo.send("POST", "witnesses", sign))["witness"]
        await cleo.send("POST", f"discrepancies/{id_}/resolution", {**said, "witness": token})
    assert _rows_of(stand, id_) == STEPS, "the console leaves the rows that REST leaves"
    await stand.log_in(terminal, "petra")
    await _goes_to(terminal, stand, "discrepancies?list=review")
    await terminal.locator(f'a[href$="{id_}"]').click()
    await terminal.get_by_label("Note of the review").fill("Cleo showed me")
    await no_violations(terminal)
    await surely(terminal, "Record the review")
    await terminal.get_by_text("Petra Vance reviewed it: it stands.").wait_for()
    async with calling(stand, "petra") as petra:
        told = await petra.get(f"discrepancies/{id_}")
    assert (told["state"], told["review"]["by"]) == ("closed", "petra")
    await _goes_to(terminal, stand, "discrepancies?list=closed")
    assert await terminal.locator("a.row").count() == 1
    await no_violations(terminal)


async def test_a_blind_pocket_says_ok_low_or_out_and_every_other_figure_is_the_one_of_rest(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "petra")
    async with calling(stand, "petra") as petra:
        pockets = {pocket["id"]: pocket for pocket in await petra.items("pockets")}
        shown: dict[str, list[str]] = {}
        for by in ("drawer", "item"):
            await _goes_to(terminal, stand, f"stock?by={by}")
            while True:
                for row in await terminal.locator("li[data-row]").all():
                    number = row.locator(".on-hand")
                    figure = await number.inner_text() if await number.count() else ""
                    state = await row.locator(".is").first.inner_text()
                    shown[str(await row.get_attribute("data-row"))] = [state, figure.partition(" ")[0]]
                if not await terminal.get_by_role("link", name="More").count():
                    break
                await terminal.get_by_role("link", name="More").click()
                await terminal.locator("main").wait_for()
            wanted = {
                id_: [one["state"], "" if one["blind"] else str(one["on_hand"])] for id_, one in pockets.items() if one["item"]
            }
            assert shown == wanted
            shown.clear()
        assert any(one["blind"] for one in pockets.values())
        assert all(one["on_hand"] is None for one in pockets.values() if one["blind"])
        await _goes_to(terminal, stand, "stock")
        await no_violations(terminal)
        await terminal.get_by_label("Medicine, drawer or pocket").fill("morphine")
        await terminal.get_by_role("button", name="Find").click()
        await terminal.wait_for_url("**find=morphine")
        found = await terminal.locator("li[data-row]").evaluate_all("rows => rows.map((row) => row.dataset.row)")
        assert found == sorted(id_ for id_, one in pockets.items() if "morphine" in (one["item"] or ""))
        figures: dict[str, Callable[[Any], bool]] = {
            "Out": lambda one: one["state"] == "out",
            "Count due": lambda one: one["count_due"],
            "Not known": lambda one: one["unverified"] is not None,
        }
        for name, holds in figures.items():
            link = terminal.locator(".choices a", has_text=name)
            assert await link.locator("b").inner_text() == str(sum(bool(holds(one)) for one in pockets.values() if one["item"])), (
                name
            )
        await _goes_to(terminal, stand, "stock?show=unverified&find=nothing-of-this-name")
        await terminal.get_by_text("No pocket fits.").wait_for()
        await no_violations(terminal)


PAGES = ("stock?find=midazolam", "stock?show=low", "stock?by=item", "station", "activity", "discrepancies", "alarms")
OWN = re.compile(r'[0-9a-f]{32}|\b\d\d:\d\d\b|data-se(?:q|en)="\d+"|before=\d+|\d+\xa0(?:s|min)\b')
"""Ids, times and ages, which are each visit's own."""


@pytest.mark.timeout(180)
async def test_the_same_visit_with_two_expected_counts_gives_identical_bytes(tmp_path: Path) -> None:
    visits = await asyncio.gather(*(_visit(tmp_path / str(quantity), quantity) for quantity in (15, 11)))
    assert visits[0] == visits[1]
    assert "midazolam" in visits[0]["stock?find=midazolam"]


async def _visit(folder: Path, quantity: int) -> dict[str, str]:
    """Every page that Petra may look at while Nina counts a blind pocket of so many and has not said her number, and before."""
    folder.mkdir()
    stand = await asyncio.to_thread(Stand, folder)
    stock = folder / "ward" / "stock.toml"
    ours = re.compile(r'(pocket = "D-03-5"\nlot = .*\nexpiry = .*\nquantity = )\d+')
    text, changed = ours.subn(rf"\g<1>{quantity}", stock.read_text())
    assert changed == 1
    stock.write_text(text)
    try:
        await asyncio.to_thread(stand.start)
        assert stand.pocket("D-03-5") == quantity
        async with calling(stand, "petra") as petra, calling(stand, "nina") as nina:
            before = {path: await _masked(petra, path) for path in PAGES}
            await nina.send("PUT", "counts/own", {"pocket": "D-03-5"})
            await stand.hand(do="open", drawer="D-03", wait_s=20)
            await nina.until("counts/own", lambda told: told["ask"] is not None and "count" in told["ask"]["entries"])
            return before | {f"{path} meanwhile": await _masked(petra, path) for path in PAGES}
    finally:
        await asyncio.to_thread(stand.close)


async def _masked(who: Caller, path: str) -> str:
    """A page as this person's browser is sent it."""
    token = who.api.headers["Authorization"].removeprefix("Bearer ")
    answer = await who.api.get(f"/console/{path}", headers={"Cookie": f"{SESSION}={token}; {SCREEN}={who.stand.run.credential}"})
    assert answer.status_code == 200, answer.text
    lines = OWN.sub("own", answer.text).splitlines()
    return "\n".join(line for line in lines if "Wire connected" not in line)  # wires come up in no order


async def test_recent_activity_is_what_events_tell_this_person_and_goes_on_by_itself(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "petra")
    await _goes_to(terminal, stand, "activity")
    await no_violations(terminal)
    assert not await terminal.get_by_text("Logged in").count(), "who may not see people is told of none"
    async with calling(stand, "theo") as theo:
        await theo.counts("watched", "D-03-1", stand.pocket("D-03-1"))
    row = terminal.locator("tr[data-seq]").filter(has_text="Counted").first
    await row.filter(has_text="Theo Lind").wait_for()
    assert "D-03-1" in await row.inner_text()
    assert await terminal.locator("tr[data-seq]").count() == 12
    first = await terminal.locator("tr[data-seq]").first.get_attribute("data-seq")
    await terminal.get_by_role("link", name="Before that").click()
    await terminal.get_by_role("link", name="The newest").wait_for()
    seqs = await terminal.locator("tr[data-seq]").evaluate_all("rows => rows.map((row) => Number(row.dataset.seq))")
    assert seqs == sorted(seqs, reverse=True)
    assert seqs[0] < int(str(first))
    await no_violations(terminal)


async def test_the_station_says_what_needs_a_person_and_leads_to_the_first_thing(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "petra")
    assert terminal.url.endswith("/console/station"), "a pharmacist begins here"
    await no_violations(terminal)
    async with calling(stand, "petra") as petra:
        pockets = await petra.items("pockets")
        shown: dict[str, Callable[[Any], bool]] = {
            "out": lambda one: one["state"] == "out",
            "low": lambda one: one["state"] == "low",
            "below par": lambda one: one["on_hand"] is not None and one["on_hand"] < one["par"],
            "not known": lambda one: one["unverified"] is not None,
            "count due": lambda one: one["count_due"],
        }
        for name, holds in shown.items():
            figure = terminal.locator(".glance a").filter(has_text=re.compile(f" {name}$")).locator(".figure")
            assert await figure.inner_text() == str(sum(bool(holds(one)) for one in pockets if one["item"])), name
    stand.control("/faults", {"kind": "force", "drawer": "D-20"})
    await terminal.locator(".alarms").get_by_text("Drawer forced open").wait_for()
    await terminal.get_by_role("button", name=re.compile("new: show")).click()
    await terminal.locator(".needs").get_by_text("Drawer forced open").wait_for()
    await no_violations(terminal)
    await terminal.get_by_role("link", name="Go to the first thing").click()
    await terminal.wait_for_url("**/console/alarms")
    card = terminal.locator("li.card").first
    await card.get_by_text("Drawer forced open: D-20").wait_for()
    await no_violations(terminal)
