"""Law 9 over REST: whoever counts learns nothing, from anything she can read, that depends on what she should find.

The same visit is played twice with different figures in the books; every byte that was told must be the same.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sites.models import Site
from tests.acceptance.ward import Person, Ward, a_ward, order, scan_of, ward_site
from tests.api.asking import Listener, listening

PAGES = (
    "/v1/pockets", "/v1/pockets/{pocket}", "/v1/pockets?due=count", "/v1/pockets?class=CII", "/v1/orders", "/v1/pulls",
    "/v1/counts", "/v1/restocks", "/v1/pick-lists", "/v1/discrepancies", "/v1/drawers", "/v1/items", "/v1/ledger", "/v1/station",
)  # fmt: skip


async def looks_around(who: Person, pocket: str) -> None:
    """Everything there is to read, refused or not."""
    for page in PAGES:
        await who.ask("GET", page.format(pocket=pocket))


def masked(told: list[str]) -> list[str]:
    """Without what no two runs share: times, and ids that the station makes."""
    return [re.sub(r"\d{4}-\d\d-\d\dT[0-9:.+]+|\b[0-9a-f]{32,64}\b", "…", text) for text in told]


async def up_to_the_count(listener: Listener) -> AsyncIterator[str]:
    """Every event of the station up to the first number that was keyed."""
    while (event := await listener.next()) is not None:
        yield masked([json.dumps(event)])[0]
        if event.get("event") == "count.entered":
            return


async def pull(ward: Ward, who: Person) -> None:
    """Morphine, one vial taken, counted wrong twice as 3."""
    await who.done("PUT", "/v1/pulls/w-1", {"order": "O-mor"})
    await ward.hand_opens("A-03")
    await looks_around(who, "A-03-1")
    ward.takes("A-03-1", 1)
    await who.say("/v1/pulls/w-1", kind="count", number=3)
    await looks_around(who, "A-03-1")


async def count(ward: Ward, who: Person) -> None:
    """Tablets, counted wrong: blind from the asking on."""
    await who.done("PUT", "/v1/counts/w-1", {"pocket": "A-02-2"})
    await looks_around(who, "A-02-2")
    await ward.hand_opens("A-02")
    await who.say("/v1/counts/w-1", kind="count", number=3)
    await looks_around(who, "A-02-2")


async def restock(ward: Ward, who: Person) -> None:
    """Morphine again, by a technician, who cancels after the first number."""
    await who.done("PUT", "/v1/restocks/w-1", {"scan": scan_of("morphine-10", lot="M2"), "quantity": 5})
    await ward.hand_opens("A-03")
    await looks_around(who, "A-03-1")
    await who.say("/v1/restocks/w-1", kind="count", number=3)
    await who.done("POST", "/v1/restocks/w-1/cancellation")
    await looks_around(who, "A-03-1")


async def pick(ward: Ward, who: Person) -> None:
    """Two vials for a list."""
    rx = await ward.service()
    await rx.done("PUT", "/v1/pick-lists/L-1", {"revision": 1, "lines": [{"n": 1, "item": "morphine-10", "quantity": 2}]})
    answer = await who.ask("POST", "/v1/pick-lists/L-1/lines/1/picks", {"tote": "T-1", "id": "w-1"})
    assert answer.status_code == 202
    await ward.hand_opens("A-03")
    ward.takes("A-03-1", 2)
    await who.say("/v1/pick-lists/L-1/lines/1/picks/w-1", kind="count", number=3)
    await looks_around(who, "A-03-1")


@pytest.mark.parametrize(
    ("role", "visit", "pocket"),
    [("nurse", pull, "A-03-1"), ("technician", count, "A-02-2"), ("technician", restock, "A-03-1"), ("pharmacist", pick, "A-03-1")],
)
async def test_the_same_visit_with_other_figures_in_the_books_reads_the_same(
    role: str, visit: Any, pocket: str, caplog: pytest.LogCaptureFixture
) -> None:
    played = []
    for units in (4711, 5822):
        caplog.clear()
        with caplog.at_level(logging.DEBUG):
            async with a_ward(stock=[(pocket, "M1", "2032-06-30", units)]) as ward:
                who = await ward.person(role)
                async with listening(who, "after=0") as listener:
                    await visit(ward, who)
                    events = [event async for event in up_to_the_count(listener)]
                told = masked(who.told)
        logged = [record.getMessage() for record in caplog.records if record.name.partition(".")[0] in {"api", "controller"}]
        played.append((told, events, logged))
    (told, events, logged), other = played
    assert (told, logged) == (other[0], other[2])
    assert len(told) > len(PAGES)
    assert events == other[1]


async def test_a_class_with_a_rule_of_its_own_is_counted_by_it_and_shown_by_none() -> None:
    async with a_ward(count_by_class={"CII": "before", "none": "after"}) as ward:
        nurse = await ward.person("nurse")
        assert (await nurse.get("/v1/pockets/A-02-2"))["on_hand"] is None
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-pred"})
        await ward.hand_opens("A-02")
        assert (await nurse.get("/v1/pulls/p-1"))["ask"]["entries"] == ["taken", "count"]
        ward.takes("A-02-2", 2)
        await nurse.say("/v1/pulls/p-1", kind="count", number=28)
        await ward.hand_shuts("A-02")
        await nurse.done("PUT", "/v1/pulls/p-2", {"order": "O-mor"})
        await ward.hand_opens("A-03")
        assert (await nurse.get("/v1/pulls/p-2"))["ask"]["entries"] == ["count"]


async def test_a_controlled_item_in_two_pockets_never_says_how_many_the_first_gives() -> None:
    site = ward_site().model_dump(mode="json")
    site["drawers"][2]["pockets"][1]["item"] = "morphine-10"
    stock = [("A-03-1", "M1", "2032-06-30", 2), ("A-03-2", "M2", "2033-06-30", 3)]
    async with a_ward(stock=stock, site=Site.model_validate(site)) as ward:
        nurse, rx = await ward.person("nurse"), await ward.service()
        await rx.done("PUT", "/v1/orders/O-three", order("O-three", "morphine-10", "30"))
        await rx.done("PUT", "/v1/orders/O-four", order("O-four", "morphine-10", "40"))
        await nurse.refused("PUT", "/v1/pulls/p-4", {"order": "O-four"}, "stock-in-parts")
        begun = await nurse.done("PUT", "/v1/pulls/p-3", {"order": "O-three"})
        assert [(leg["pocket"], leg["quantity"]) for leg in begun["legs"]] == [("A-03-2", 3)]


async def test_a_double_tap_on_a_wrong_number_is_one_attempt() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-mor"})
        entries, wrong, right = "/v1/pulls/p-1/entries", {"kind": "count", "number": 9}, {"kind": "count", "number": 11}
        early = await nurse.ask("POST", entries, right, **{"Idempotency-Key": "two"})
        assert early.json()["code"] == "not-open-yet"
        await ward.hand_opens("A-03")
        ward.takes("A-03-1", 1)
        for _ in range(3):
            answer = await nurse.ask("POST", entries, wrong, **{"Idempotency-Key": "one"})
            assert (answer.status_code, answer.json()["ask"]["again"]) == (202, True)
        reused = await nurse.ask("POST", entries, right, **{"Idempotency-Key": "one"})
        assert (reused.status_code, reused.json()["code"]) == (422, "idempotency-key-reused")
        assert (await nurse.ask("POST", entries, right, **{"Idempotency-Key": "two"})).status_code == 202
        await ward.hand_shuts("A-03")
        assert [row["number"] for row in ward.rows("count.entered")] == [9, 11]
        assert ward.rows("discrepancy.opened") == []
