"""A technician restocks: the scan opens the pocket, what lies there is counted blind, more is put to it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.console.asking import calling
from tests.console.fingers import keys, scans
from tests.console.shelves import FAR, lay, package
from tests.console.stand import Stand
from tests.kit.browser import Faults, no_violations

if TYPE_CHECKING:
    from playwright.async_api import Page

LOW, LOW_DRAWER = "D-15-3", "D-15"
"""Metoprolol; its other pocket is full."""
REFUSED = r"Failed to load resource.*(409|422)"
"""A browser says so of every refusal."""


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A ward in which one pocket is low and one is out."""
    ward = Stand(tmp_path_factory.mktemp("ward"))
    lay(ward, {LOW: [("M1", FAR, 2)], "D-02-3": []})
    try:
        ward.start()
        yield ward
    finally:
        ward.close()


async def test_today_is_what_is_low_and_out_and_no_more_than_rest_says(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "theo")
    await terminal.wait_for_url("**/console/restock")
    await no_violations(terminal)
    async with calling(stand, "petra") as petra:
        low = [one["id"] for one in await petra.items("pockets") if one["state"] != "ok" and one["item"]]
    assert await terminal.locator("#live_low .row-name").all_inner_texts() == sorted(low) == ["D-02-3", LOW]
    assert await terminal.locator("#live_low .is").all_inner_texts() == ["out", "low"]
    assert await terminal.evaluate("document.activeElement.id") == "scan"


async def test_a_scan_opens_its_pocket_and_what_is_put_in_is_in_the_books(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "theo")
    before = stand.pocket(LOW)
    await scans(terminal, package("metoprolol-tartrate-25", "N1", "310228"))
    await terminal.wait_for_url("**/console/restocks/**")
    assert "28-Feb-2031" in await terminal.locator(".read-back").inner_text()
    assert "N1" in await terminal.locator(".read-back").inner_text()
    await stand.hand(do="open", drawer=LOW_DRAWER, wait_s=20)
    await terminal.get_by_label(f"Count {LOW}").wait_for()
    await no_violations(terminal)
    await keys(terminal, "Count D-", before)
    await terminal.get_by_text("put it in front").wait_for()
    await no_violations(terminal)
    await stand.hand(do="put", pocket=LOW, lot="N1", expiry="2031-02-28", quantity=10)
    await keys(terminal, "I put in", 9)
    await terminal.get_by_text("9 tablets put in.").wait_for()
    await terminal.get_by_text("That number is wrong").click()
    await keys(terminal, "I put in", 10)
    await terminal.get_by_text("10 tablets put in.").wait_for()
    await stand.hand(do="shut", drawer=LOW_DRAWER)
    await terminal.get_by_text("Done. 10 tablets put in.").wait_for()
    await no_violations(terminal)
    async with calling(stand, "petra") as petra:
        told = await petra.get(f"pockets/{LOW}")
        assert told["on_hand"] == stand.pocket(LOW) == before + 10
        assert next((lot["lot"], lot["expiry"], lot["quantity"]) for lot in told["lots"]) == ("N1", "2031-02-28", 10)
    await terminal.get_by_role("link", name="Next pocket").click()
    await terminal.wait_for_url("**/console/restock")
    assert LOW not in await terminal.locator("#live_low").inner_text()


async def test_a_wrong_package_at_the_open_drawer_goes_back_before_anything_is_taken_in(
    stand: Stand, terminal: Page, faults: Faults
) -> None:
    faults.excuse(REFUSED)
    await stand.log_in(terminal, "theo")
    before = stand.pocket("D-01-3")
    await terminal.goto(f"{stand.url}/console/restock?pocket=D-01-3")
    await scans(terminal, package("ibuprofen-400", "N2", "330228"))
    await stand.hand(do="open", drawer="D-01", wait_s=20)
    await terminal.get_by_label("Count D-01-3").wait_for()
    await terminal.get_by_label("Check another package").fill(package("aspirin-81", "N3", "330228"))
    await terminal.keyboard.press("Enter")
    await terminal.get_by_text("Put it back where it was").wait_for()
    await no_violations(terminal)
    await terminal.get_by_label("Scan it again").fill(package("aspirin-81", "N3", "330228"))
    await terminal.keyboard.press("Enter")
    await terminal.get_by_label("Count D-01-3").wait_for()
    await terminal.get_by_role("button", name="I do not put it in").click()
    await terminal.get_by_text("Push drawer D-01 shut").wait_for()
    await stand.hand(do="shut", drawer="D-01")
    await terminal.get_by_text("Ended. Nothing was put in.").wait_for()
    assert stand.pocket("D-01-3") == before


async def test_what_a_code_does_not_say_is_asked_and_a_package_of_another_item_opens_nothing(
    stand: Stand, terminal: Page, faults: Faults
) -> None:
    faults.excuse(REFUSED)
    await stand.log_in(terminal, "theo")
    await terminal.goto(f"{stand.url}/console/restock?pocket=D-01-3")
    await scans(terminal, package("aspirin-81"))
    await terminal.get_by_text("Nothing moved.").wait_for()
    await terminal.get_by_role("button", name="Understood").click()
    await terminal.goto(f"{stand.url}/console/restock?pocket=D-01-3")
    before = stand.pocket("D-01-3")
    await scans(terminal, package("ibuprofen-400"))
    await stand.hand(do="open", drawer="D-01", wait_s=20)
    await terminal.get_by_label("Count D-01-3").wait_for()
    await keys(terminal, "Count D-", before)
    await terminal.get_by_label("Lot, as the package says").fill("T7")
    await terminal.get_by_label("Year").select_option("2033")
    await terminal.get_by_label("Month").select_option("05")
    await no_violations(terminal)
    await stand.hand(do="put", pocket="D-01-3", lot="T7", expiry="2033-05-31", quantity=2)
    await keys(terminal, "I put in", 2)
    await terminal.get_by_text("Push drawer").wait_for()
    await stand.hand(do="shut", drawer="D-01")
    await terminal.get_by_text("Done. 2 tablets put in.").wait_for()
    async with calling(stand, "petra") as petra:
        lots = (await petra.get("pockets/D-01-3"))["lots"]
    assert ("T7", "2033-05", 2) in [(lot["lot"], lot["expiry"], lot["quantity"]) for lot in lots]


async def test_a_short_dated_package_needs_a_reason_first(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "theo")
    soon = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=10)
    await terminal.goto(f"{stand.url}/console/restock?pocket=D-15-1")
    await scans(terminal, package("aspirin-81", "S1", f"{soon:%y%m%d}"))
    await terminal.wait_for_url("**/console/restock/package?**")
    await no_violations(terminal)
    await terminal.get_by_label("Reason").fill("used up within the week")
    await terminal.get_by_role("button", name="Open the pocket").click()
    await terminal.wait_for_url("**/console/restocks/**")
    await terminal.get_by_text("Drawer D-15 opens.").wait_for()
    await terminal.get_by_role("button", name="I do not put it in").click()
    await stand.hand(do="open", drawer="D-15", wait_s=20)
    await terminal.get_by_text("Push drawer D-15 shut").wait_for()
    await stand.hand(do="shut", drawer="D-15")
    await terminal.get_by_text("Ended. Nothing was put in.").wait_for()


async def test_the_terminals_own_scanner_opens_a_pocket_too(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "theo")
    await terminal.wait_for_url("**/console/restock")
    await terminal.locator("html[data-heard]").wait_for()
    stand.control("/scans", {"scanner": "scanner-1", "data": package("ibuprofen-400", "N5", "330228"), "aim": "]d2"})
    await terminal.wait_for_url("**/console/restocks/**")
    assert "N5" in await terminal.locator(".read-back").inner_text()
    pocket = (await terminal.locator("h1").inner_text()).rpartition(" ")[2]
    await stand.hand(do="open", drawer=pocket[:4], wait_s=20)
    await terminal.get_by_label(f"Count {pocket}").wait_for()
    await terminal.get_by_role("button", name="I do not put it in").click()
    await terminal.get_by_text("Push drawer").wait_for()
    await stand.hand(do="shut", drawer=pocket[:4])
    await terminal.get_by_text("Ended. Nothing was put in.").wait_for()
