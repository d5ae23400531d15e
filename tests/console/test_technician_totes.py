"""Pick lists and totes: lines are picked into a tote, the tote is checked, sealed with two names and sent; another one comes and is
unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.console.asking import calling
from tests.console.fingers import keys, scans, surely
from tests.console.shelves import package
from tests.console.stand import Stand
from tests.kit.browser import no_violations

if TYPE_CHECKING:
    from playwright.async_api import Page

IBUPROFEN, ASPIRIN, MORPHINE = "ibuprofen-400", "aspirin-81", "morphine-10"
LATE_S = 2


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A ward that sends totes to a pharmacy and gets some from there."""

    def change(text: str) -> str:
        late = f"tote_late_s = {LATE_S}\ntote_late_controlled_s = {LATE_S}\n"
        return text.replace("[policy]\n", f"[policy]\n{late}") + '\n[[partners]]\nid = "pharmacy"\n'

    ward = Stand(tmp_path_factory.mktemp("ward"), change)
    try:
        ward.start()
        yield ward
    finally:
        ward.close()


def a_list(stand: Stand, id_: str, *lines: tuple[str, int, bool]) -> None:
    """A pick list of the pharmacy system: item, quantity and whether it is urgent."""
    named = [{"n": n, "item": item, "quantity": q, "urgent": urgent} for n, (item, q, urgent) in enumerate(lines, start=1)]
    stand.rx("PUT", f"pick-lists/{id_}", {"revision": 1, "lines": named})


async def picks(page: Page, stand: Stand, name: str) -> tuple[str, int]:
    """Taps a line, pulls the drawer that opens and takes what the page says. The pocket, and what lay there before."""
    await page.locator("#live_lines button.row", has_text=name).click()
    await page.wait_for_url("**/console/picks/**")
    pocket = (await page.locator("h1").inner_text()).rpartition(" ")[2]
    before = stand.pocket(pocket)
    await stand.hand(do="open", drawer=pocket.rpartition("-")[0], wait_s=20)
    return pocket, before


async def test_lines_are_picked_into_a_tote_the_urgent_one_first_and_what_is_left_is_said(stand: Stand, terminal: Page) -> None:
    a_list(stand, "L-1", (IBUPROFEN, 5, False), (ASPIRIN, 4, True), ("no-such-item", 3, False))
    await stand.log_in(terminal, "theo")
    await terminal.get_by_role("link", name="Pick lists", exact=True).click()
    row = terminal.locator("#live_lists a.row", has_text="L-1")
    assert "urgent" in await row.inner_text()
    assert "2 lines left" in await row.inner_text()
    await no_violations(terminal)
    await row.click()
    await scans(terminal, "T-1", "Scan the tote that you pick into")
    await terminal.wait_for_url("**/console/pick-lists/L-1?tote=T-1")
    await no_violations(terminal)
    first = await terminal.locator("#live_lines button.row").first.inner_text()
    assert "aspirin" in first
    assert "4" in first
    assert "not to be had here" in await terminal.locator("#live_lines").inner_text()
    pocket, before = await picks(terminal, stand, "aspirin")
    await terminal.get_by_role("button", name="Taken", exact=True).wait_for()
    await no_violations(terminal)
    await stand.hand(do="take", pocket=pocket, quantity=4)
    await terminal.get_by_role("button", name="Taken", exact=True).click()
    await terminal.get_by_text("Push drawer").wait_for()
    await stand.hand(do="shut", drawer=pocket.rpartition("-")[0])
    await terminal.get_by_text("Done. Recorded.").wait_for()
    assert stand.pocket(pocket) == before - 4
    await terminal.get_by_role("link", name="Next line").click()
    await terminal.wait_for_url("**/console/pick-lists/L-1?tote=T-1")
    assert "4 picked" in await terminal.locator("#live_lines").inner_text()
    async with calling(stand, "petra") as petra:
        told = await petra.get("pick-lists/L-1")
        assert {line["n"]: line["state"] for line in told["lines"]} == {1: "new", 2: "picked", 3: "refused"}
        assert (await petra.get(f"pockets/{pocket}"))["on_hand"] == before - 4


async def test_a_tote_with_something_controlled_is_sealed_with_two_names_and_its_age_is_shown(stand: Stand, terminal: Page) -> None:
    a_list(stand, "L-2", (MORPHINE, 2, False))
    await stand.log_in(terminal, "theo")
    await terminal.goto(f"{stand.url}/console/pick-lists/L-2?tote=T-2")
    pocket, before = await picks(terminal, stand, "morphine")
    await terminal.get_by_label("What is left").wait_for()
    await stand.hand(do="take", pocket=pocket, quantity=2)
    await keys(terminal, "What is left", before - 2)
    await terminal.get_by_text("Push drawer").wait_for()
    await stand.hand(do="shut", drawer=pocket.rpartition("-")[0])
    await terminal.get_by_text("Done. Recorded.").wait_for()
    await terminal.get_by_role("link", name="Next line").click()
    await terminal.get_by_role("link", name="Seal tote T-2").click()
    await terminal.get_by_label("Number of the seal").wait_for()
    await no_violations(terminal)
    await terminal.get_by_label("Number of the seal").fill("S-2")
    await terminal.get_by_role("button", name="It is sealed").click()
    await terminal.wait_for_url("**/console/totes/T-2/sealing/pharmacy/S-2")
    await no_violations(terminal)
    await terminal.get_by_label("Name or badge number of the witness").fill("petra")
    await terminal.get_by_role("button", name="Go on to the PIN of the witness").click()
    await keys(terminal, "PIN of petra", stand.run.pins["petra"])
    await terminal.wait_for_url("**/console/totes/T-2")
    await surely(terminal, "It leaves now")
    await terminal.get_by_text("On its way for").wait_for()
    await terminal.locator("#live_age .is", has_text="late").wait_for()
    await no_violations(terminal)
    await terminal.goto(f"{stand.url}/console/totes")
    assert "late" in await terminal.locator("#live_totes a.row", has_text="T-2").inner_text()
    await no_violations(terminal)
    async with calling(stand, "petra") as petra:
        told = await petra.get("totes/T-2")
    assert (told["state"], told["destination"], told["seal"]) == ("in_transit", "pharmacy", "S-2")
    assert [(one["did"], one["person"]) for one in told["signers"]] == [
        ("packed", "theo"),
        ("packed-witness", "petra"),
        ("sent", "theo"),
    ]


async def test_a_tote_that_comes_is_received_unpacked_by_scans_and_signed_for_and_what_lacks_is_said(
    stand: Stand, terminal: Page
) -> None:
    lots = [{"lot": "P7", "expiry": "2032-06-30", "quantity": 6}]
    content = {"item": IBUPROFEN, "unit": "tablet", "controlled": False, "quantity": 6, "lots": lots, "lines": [1]}
    signed = {"did": "packed", "station": "pharmacy", "person": "kim"}
    manifest = {"source": "pharmacy", "destination": "ward-4-east", "pick_list": "X-1", "revision": 1, "seal": "S-9"}
    stand.rx("PUT", "totes/T-9", {**manifest, "contents": [content], "signers": [signed]})
    await stand.log_in(terminal, "theo")
    await terminal.goto(f"{stand.url}/console/totes")
    await scans(terminal, "T-9", "Scan a tote")
    await terminal.get_by_label("It is here. The seal on it is").fill("S-9")
    await no_violations(terminal)
    await terminal.get_by_role("button", name="Receive it").click()
    await terminal.get_by_label("Scan a package out of it").wait_for()
    await no_violations(terminal)
    await terminal.goto(f"{stand.url}/console/restock")
    await terminal.locator("#live_totes a.row", has_text="T-9").click()
    await terminal.get_by_label("Scan a package out of it").fill(package(IBUPROFEN, "P7", "320630"))
    await terminal.keyboard.press("Enter")
    await terminal.wait_for_url("**/console/restocks/**")
    pocket = (await terminal.locator("h1").inner_text()).rpartition(" ")[2]
    before, drawer = stand.pocket(pocket), pocket.rpartition("-")[0]
    await stand.hand(do="open", drawer=drawer, wait_s=20)
    await keys(terminal, "Count D-", before)
    await terminal.get_by_text("The tote holds 6 tablets for here.").wait_for()
    await stand.hand(do="put", pocket=pocket, lot="P7", expiry="2032-06-30", quantity=4)
    await keys(terminal, "I put in", 4)
    await terminal.get_by_text("Push drawer").wait_for()
    await stand.hand(do="shut", drawer=drawer)
    await terminal.get_by_text("2 tablets of the list are still to be put in.").wait_for()
    await terminal.get_by_role("link", name="Tote T-9").click()
    await terminal.get_by_text("4 put away").wait_for()
    await no_violations(terminal)
    await terminal.get_by_label("ibuprofen").fill("1")
    await surely(terminal, "Sign for it")
    await terminal.get_by_text("1 of ibuprofen-400 are missing").wait_for()
    await no_violations(terminal)
    async with calling(stand, "petra") as petra:
        told = await petra.get("totes/T-9")
        assert (await petra.get(f"pockets/{pocket}"))["on_hand"] == stand.pocket(pocket) == before + 4
    assert (told["state"], told["receipt"]["loaded"], told["receipt"]["left"]) == ("received", {IBUPROFEN: 4}, {IBUPROFEN: 1})


async def test_what_a_check_finds_in_a_tote_is_what_it_holds_and_a_difference_is_a_discrepancy(
    stand: Stand, terminal: Page
) -> None:
    a_list(stand, "L-3", (IBUPROFEN, 3, False))
    await stand.log_in(terminal, "theo")
    await terminal.goto(f"{stand.url}/console/pick-lists/L-3?tote=T-3")
    pocket, _ = await picks(terminal, stand, "ibuprofen")
    await terminal.get_by_role("button", name="Taken", exact=True).click()
    await terminal.get_by_text("Push drawer").wait_for()
    await stand.hand(do="shut", drawer=pocket.rpartition("-")[0])
    await terminal.get_by_text("Done. Recorded.").wait_for()
    await terminal.goto(f"{stand.url}/console/totes/T-3/check")
    await scans(terminal, package(ASPIRIN, "Z1", "330228"), "Something that is not listed: scan it")
    await terminal.wait_for_url("**/check?**")
    await no_violations(terminal)
    numbers = terminal.locator('input[name="found[]"]')
    assert await numbers.count() == 2
    await numbers.nth(0).fill("2")
    await numbers.nth(1).fill("5")
    await terminal.get_by_role("button", name="This is in it").click()
    await terminal.wait_for_url("**/console/totes/T-3?differs=**")
    async with calling(stand, "petra") as petra:
        told = await petra.get("totes/T-3")
        found = [one for one in await petra.items("discrepancies") if one["tote"] == "T-3"]
    assert {one["item"]: one["quantity"] for one in told["contents"]} == {IBUPROFEN: 2, ASPIRIN: 5}
    assert {one["item"]: one["delta"] for one in found} == {IBUPROFEN: -1, ASPIRIN: 5}
    await terminal.get_by_label("Number of the seal").fill("S-3")
    await terminal.get_by_role("button", name="It is sealed").click()
    await terminal.get_by_role("button", name="It stays: unpack it here").click()
    await terminal.get_by_label("It is here. The seal on it is").wait_for()
