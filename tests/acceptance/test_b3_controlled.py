"""B3: a controlled substance is counted back blind."""

from __future__ import annotations

import re

import pytest

from tests.acceptance.ward import Person, Ward, a_ward

PULL = "/v1/pulls/p-1"


async def opened(ward: Ward, nurse: Person, takes: int = 1) -> None:
    """The nurse has the morphine pocket open and has taken that many; twelve lay there."""
    await nurse.done("PUT", PULL, {"order": "O-mor"})
    await ward.hand_opens("A-03")
    if takes:
        ward.takes("A-03-1", takes)


async def test_at3_1_a_correct_count_makes_no_discrepancy() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await opened(ward, nurse)
        asked = await nurse.get(PULL)
        assert asked["ask"]["entries"] == ["taken", "count"]
        await nurse.say(PULL, kind="count", number=11)
        await ward.hand_shuts("A-03")
        assert (await nurse.get(PULL))["state"] == "committed"
        assert ward.rows("discrepancy.opened") == []
        [count] = ward.rows("stock.counted", work={"kind": "pull", "id": "p-1"})
        assert (count["counted"], count["expected"], count["delta"]) == (11, 11, 0)
        assert ward.believed("A-03-1") == ward.lies_in("A-03-1") == 11


async def test_at3_2_wrong_then_right_makes_none_and_both_are_in_the_record() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await opened(ward, nurse)
        again = await nurse.say(PULL, kind="count", number=10)
        assert again["ask"]["again"] is True
        await nurse.say(PULL, kind="count", number=11)
        await ward.hand_shuts("A-03")
        assert ward.rows("discrepancy.opened") == []
        entered = ward.rows("count.entered")
        assert [(row["number"], row["verdict"], row["attempt"]) for row in entered] == [
            (10, "different", 1),
            (11, "equal", 2),
        ]


async def test_at3_3_wrong_twice_is_a_discrepancy_with_every_access_since_the_last_good_count() -> None:
    async with a_ward() as ward:
        nurse, other = await ward.person("nurse"), await ward.person("nurse", "b-nurse")
        # Somebody else has the same drawer open for its other pocket, and helps himself.
        await other.done("PUT", "/v1/pulls/o-1", {"order": "O-oxy"})
        await ward.hand_opens("A-03")
        ward.takes("A-03-2", 2)
        ward.takes("A-03-1", 1)
        await other.say("/v1/pulls/o-1", kind="count", number=13)
        await ward.hand_shuts("A-03")
        await opened(ward, nurse)
        await nurse.say(PULL, kind="count", number=10)
        after = await nurse.say(PULL, kind="count", number=10)
        assert after["discrepancies"] == []
        await ward.hand_shuts("A-03")
        ended = await nurse.get(PULL)
        assert ended["state"] == "committed", "the dose is not withheld"
        [found] = ward.rows("discrepancy.opened")
        assert ended["discrepancies"] == [found["discrepancy"]]
        assert (found["expected"], found["counted"], found["delta"]) == (11, 10, -1)
        assert found["finder"] == nurse.id
        assert [access["person"] for access in found["accesses"]] == [other.id, nurse.id]
        assert ward.believed("A-03-1") == ward.lies_in("A-03-1") == 10
        [taken] = ward.rows("stock.taken", pocket="A-03-1")
        assert taken["quantity"] == 1


@pytest.mark.parametrize("policy", ["before", "after", "both"])
async def test_at3_4_nothing_told_before_the_count_holds_the_expected_number(policy: str) -> None:
    stock = [("A-03-1", "MOR1", "2032-06-30", 4711)]
    async with a_ward(stock=stock, count_controlled=policy) as ward:
        nurse = await ward.person("nurse")
        await nurse.done("PUT", PULL, {"order": "O-mor"})
        await ward.hand_opens("A-03")
        for path in ("/v1/pockets", "/v1/pockets/A-03-1", "/v1/pockets?due=count", PULL, "/v1/pulls", "/v1/orders"):
            await nurse.get(path)
        await nurse.ask("GET", "/v1/discrepancies")
        await nurse.ask("GET", "/v1/ledger")
        ward.takes("A-03-1", 1)
        for number in (3, 5):
            await nurse.say(PULL, kind="count", number=number)
            await nurse.get(PULL)
        told = "\n".join(nurse.told)
        assert re.search(r"\b47(11|10)\b", told) is None
        for pocket in (await nurse.get("/v1/pockets?item=morphine-10"))["items"]:
            assert (pocket["blind"], pocket["on_hand"]) == (True, None)
            assert [lot["quantity"] for lot in pocket["lots"]] == [None] * len(pocket["lots"])


async def test_at3_5_cancelled_after_the_pocket_was_opened_it_is_counted_and_an_n_event() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await opened(ward, nurse, takes=0)
        cancelling = await nurse.done("POST", f"{PULL}/cancellation")
        assert cancelling["ask"]["entries"] == ["count"]
        await ward.hand_shuts("A-03")
        assert (await nurse.get(PULL))["state"] == "counting", "shut, and the count is still owed"
        await nurse.refused("POST", f"{PULL}/cancellation", code="too-late-to-cancel")
        await nurse.say(PULL, kind="count", number=12)
        await ward.quiet()
        assert (await nurse.get(PULL))["state"] == "cancelled"
        [nothing] = ward.rows("stock.cancelled")
        assert (nothing["code"], nothing["pocket"]) == ("N", "A-03-1")
        [count] = ward.rows("stock.counted", work={"kind": "pull", "id": "p-1"})
        assert count["delta"] == 0


async def test_the_number_removed_keyed_as_the_count_is_told_only_to_count_again_and_kept_as_a_hint() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await opened(ward, nurse)
        again = await nurse.say(PULL, kind="count", number=1)
        assert again["ask"] == {
            "do": "answer", "pocket": "A-03-1", "drawer": "A-03", "entries": ["count"], "again": True,
        }  # fmt: skip
        await nurse.say(PULL, kind="count", number=1)
        await ward.hand_shuts("A-03")
        [found] = ward.rows("discrepancy.opened")
        assert found["suggestions"] == [{"code": "amount-removed"}]


async def test_a_controlled_pocket_left_uncounted_is_in_doubt() -> None:
    async with a_ward(count_wait_s=60) as ward:
        nurse = await ward.person("nurse")
        await opened(ward, nurse)
        await ward.hand_shuts("A-03")
        await ward.world.until("pull.in_doubt", pull="p-1")
        assert ward.unverified("A-03-1") is not None


async def test_counts_before_and_after_where_policy_wants_both() -> None:
    async with a_ward(count_controlled="both") as ward:
        nurse = await ward.person("nurse")
        await opened(ward, nurse, takes=0)
        assert (await nurse.get(PULL))["ask"]["entries"] == ["count"]
        counted = await nurse.say(PULL, kind="count", number=12)
        assert counted["ask"]["entries"] == ["taken", "count"]
        ward.takes("A-03-1", 1)
        declared = await nurse.say(PULL, kind="taken", quantity=1)
        assert declared["ask"]["entries"] == ["count"]
        await nurse.say(PULL, kind="count", number=11)
        await ward.hand_shuts("A-03")
        assert [row["phase"] for row in ward.rows("count.entered")] == ["before", "after"]
        assert ward.believed("A-03-1") == 11


async def test_one_controlled_pocket_of_a_cabinet_is_open_at_a_time() -> None:
    async with a_ward() as ward:
        nurse, other = await ward.person("nurse"), await ward.person("nurse", "b-nurse")
        await opened(ward, nurse)
        await ward.hand_shuts("A-03")  # shut, and its count still owed
        problem = await other.refused("PUT", "/v1/pulls/o-1", {"order": "O-oxy"}, "controlled-pocket-open")
        assert problem["facts"]["by"] == nurse.id
        await nurse.say(PULL, kind="count", number=11)
        await ward.quiet()
        await other.done("PUT", "/v1/pulls/o-1", {"order": "O-oxy"})


async def test_a_controlled_item_is_never_given_in_part_for_that_would_tell_the_count() -> None:
    async with a_ward(stock=[("A-03-2", "OXY1", "2032-06-30", 1)]) as ward:
        nurse = await ward.person("nurse")
        await nurse.refused("PUT", PULL, {"order": "O-oxy"}, "no-stock")
        assert ward.openings() == []
