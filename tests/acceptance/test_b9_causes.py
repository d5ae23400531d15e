"""B9: what the station suggests as the cause of a difference, by rule; a person decides, and nobody is accused."""

from __future__ import annotations

from typing import Any

from tests.acceptance.test_b9_discrepancy import wrong_twice
from tests.acceptance.ward import Person, Ward, a_ward, order, scan_of


async def counted(ward: Ward, technician: Person, pocket: str, number: int) -> list[dict[str, Any]]:
    """A technician counts so many, twice; the suggestions."""
    path = f"/v1/counts/c-{len(ward.rows('count.requested'))}"
    await technician.done("PUT", path, {"pocket": pocket})
    await ward.hand_opens(pocket[:4])
    await technician.say(path, kind="count", number=number)
    await technician.say(path, kind="count", number=number)
    await ward.hand_shuts(pocket[:4])
    made: list[dict[str, Any]] = ward.rows("discrepancy.opened")[-1]["suggestions"]
    return made


async def test_a_pull_that_was_cancelled_and_taken_all_the_same() -> None:
    async with a_ward() as ward:
        nurse, technician = await ward.person("nurse"), await ward.person("technician")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-pred"})
        await ward.hand_opens("A-02")
        ward.takes("A-02-2", 2)
        await nurse.done("POST", "/v1/pulls/p-1/cancellation")
        await ward.hand_shuts("A-02")
        made = await counted(ward, technician, "A-02-2", 28)
        assert made == [{"code": "pull-cancelled", "work": {"kind": "pull", "id": "p-1"}}]


async def test_a_pull_of_the_other_item_of_the_drawer_taken_from_here() -> None:
    async with a_ward() as ward:
        nurse, technician = await ward.person("nurse"), await ward.person("technician")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-pred"})
        await ward.hand_opens("A-02")
        ward.takes("A-02-1", 2)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=2)
        await ward.hand_shuts("A-02")
        made = await counted(ward, technician, "A-02-1", 18)
        assert made == [{"code": "wrong-item-taken", "work": {"kind": "pull", "id": "p-1"}, "item": "prednisone-5"}]


async def test_packs_keyed_for_units_and_units_for_packs() -> None:
    for keyed, put in ((2, 20), (20, 2)):
        async with a_ward() as ward:
            technician = await ward.person("technician")
            await technician.done("PUT", "/v1/restocks/r-1", {"scan": scan_of("prednisone-5", lot="N", expiry="330630")})
            await ward.hand_opens("A-02")
            await technician.say("/v1/restocks/r-1", kind="count", number=30)
            ward.puts("A-02-2", "N", "2033-06-30", put)
            await technician.say("/v1/restocks/r-1", kind="placed", quantity=keyed)
            await ward.hand_shuts("A-02")
            assert await counted(ward, technician, "A-02-2", 30 + put) == [{"code": "wrong-pack-size", "quantity": keyed}]


async def test_opposite_differences_at_one_pocket_are_a_pair_too() -> None:
    async with a_ward() as ward:
        nurse, charge, rx = await ward.person("nurse"), await ward.person("charge_nurse"), await ward.service()
        await rx.done("PUT", "/v1/orders/O-m2", order("O-m2", "morphine-10", "10"))
        first = await wrong_twice(ward, nurse)
        await nurse.done("PUT", "/v1/pulls/p-2", {"order": "O-m2"})
        await ward.hand_opens("A-03")
        ward.takes("A-03-1", 1)
        for _ in range(2):
            await nurse.say("/v1/pulls/p-2", kind="count", number=10)
        await ward.hand_shuts("A-03")
        [second] = (await nurse.get("/v1/pulls/p-2"))["discrepancies"]
        for one, other in ((first, second), (second, first)):
            found = await charge.get(f"/v1/discrepancies/{one}")
            assert {"code": "opposite-here", "discrepancy": other, "pocket": "A-03-1"} in found["suggestions"]
