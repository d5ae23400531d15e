"""A13, row 109: what a robot finds when it reads its packs, and what the station finds when it asks it, is a discrepancy (B9).

Judged by where the packs really are and by the ledger; what people see and do goes over REST.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from drivers.faults import Refused
from simulators.plant.robot.pack import Article
from simulators.plant.robot.robot import Robot
from tests.acceptance.pharmacy import AMX, PRD, Pharmacy, a_pharmacy
from tests.acceptance.test_b9_discrepancy import SAID, signed
from tests.acceptance.ward import GTIN
from tests.kit.robot import LINK, RACK, ROBOT, hold

TEN = partial(hold, item=AMX, lot="AMX1", expiry="2032-03-31", packs=10)
HOUR_S = 3600.0
READS = {**RACK, "rereads_hours": 1}
"""A robot that reads its packs every hour."""
ASKED = {"site": {"policy": {"audit_hours": 0}}}
"""A station that audits when somebody asks."""
AUDIT = f"/v1/robots/{ROBOT}/audit"


def labelled(robot: Robot, item: str, lot: str, packs: int = 1, serial: str = "") -> None:
    """Packs that say in their code what they are."""
    tail = f"\x1d21{serial}" if serial else ""
    code = f"01{GTIN[item]}17320331" + f"10{lot}{tail}"
    for _ in range(packs):
        robot.hold(Article(item, item), code, batch=lot, serial=serial, expiry="2032-03-31")


async def behind_the_door(pharmacy: Pharmacy, *acts: Callable[[], object]) -> None:
    """A hand opens the robot, does something inside, shuts it and starts it."""
    steel = pharmacy.steel.steel
    steel.open_door()
    await pharmacy.state("stopped")
    for act in acts:
        act()
    steel.shut_door()
    steel.resume()
    await pharmacy.state("ready")


async def read_again(pharmacy: Pharmacy) -> None:
    """The robot reads all of its packs, and the station has had time to ask twice for what it tells."""
    passes = pharmacy.steel.inventory.passes
    pharmacy.far.hands.reread()
    await pharmacy.until(lambda: pharmacy.steel.inventory.passes > passes)
    await asyncio.sleep(150)
    await pharmacy.quiet()


async def audited(pharmacy: Pharmacy) -> None:
    """Somebody asks for an audit, and it ends; and what differed has had time to be asked for again."""
    before = len(pharmacy.rows("robot.audited"))
    technician = await pharmacy.person("technician")
    await technician.done("POST", AUDIT)
    await pharmacy.until(lambda: len(pharmacy.rows("robot.audited")) > before)
    await asyncio.sleep(90)
    await pharmacy.quiet()


async def listed(pharmacy: Pharmacy, **filters: str) -> list[dict[str, Any]]:
    """The discrepancies of the robot, as a charge nurse sees them who logs in to look."""
    who = await pharmacy.person("charge_nurse")
    query = "&".join(f"{name}={value}" for name, value in {"robot": ROBOT, **filters}.items())
    found: list[dict[str, Any]] = (await who.get(f"/v1/discrepancies?{query}"))["items"]
    return found


async def closed(pharmacy: Pharmacy, id_: str) -> None:
    """The charge nurse resolves it with a witness, and a pharmacist who had no part in it closes it."""
    charge, reviewer = await pharmacy.person("charge_nurse"), await pharmacy.person("pharmacist", "rosa")
    witness = await pharmacy.person("nurse")
    path = f"/v1/discrepancies/{id_}"
    subject = (await charge.refused("POST", f"{path}/resolution", SAID, "witness-needed"))["facts"]["subject"]
    token = await signed(pharmacy, charge, witness.id, subject)
    await charge.done("POST", f"{path}/resolution", {**SAID, "witness": token})
    done = await reviewer.done("POST", f"{path}/review", {"accept": True, "note": "read"})
    assert done["state"] == "closed"


async def test_a_pack_taken_through_the_door_is_one_discrepancy_until_a_person_has_closed_it() -> None:
    policy = {"policy": {"escalate_charge_s": 7200}}
    async with a_pharmacy(TEN, rack=READS, site=policy) as pharmacy:
        await behind_the_door(pharmacy, lambda: pharmacy.far.hands.take(1))
        assert (pharmacy.stock(AMX), pharmacy.truly_in(AMX)) == (10, 9), "nobody knows"
        assert await listed(pharmacy) == []
        await asyncio.sleep(HOUR_S + 200)
        assert pharmacy.stock(AMX) == pharmacy.free(AMX) == pharmacy.truly_in(AMX) == 9
        (found,) = await listed(pharmacy, state="open")
        assert (found["item"], found["unit"], found["delta"], found["finder"]) == (AMX, "tablet", -1, ROBOT)
        assert (found["pocket"], found["drawer"], found["tote"], found["robot"]) == (None, None, None, ROBOT)
        (pack,) = found["packs"]
        assert (pack["was"], pack["now"]) == ({"lot": "AMX1", "expiry": "2032-03-31", "serial": None}, None)
        assert ("stopped", None) in {(access["kind"], access["person"]) for access in found["accesses"]}, "the door"
        pharmacy.world.fault("unplug", link=LINK, seconds=5)
        await pharmacy.state("down")
        await pharmacy.state("ready")
        await audited(pharmacy)
        await asyncio.sleep(2 * HOUR_S)
        assert len(pharmacy.rows("discrepancy.opened")) == len(pharmacy.rows("robot.stock_differs")) == 1
        assert len(pharmacy.rows("discrepancy.escalated")) == 1, "it ages as any other"
        await behind_the_door(pharmacy, lambda: pharmacy.far.hands.take(2))
        await read_again(pharmacy)
        (again,) = await listed(pharmacy)
        assert (again["id"], again["delta"], len(again["packs"])) == (found["id"], -2, 2), "more of it, not another one"
        await closed(pharmacy, found["id"])
        await behind_the_door(pharmacy, lambda: pharmacy.far.hands.take(3))
        await read_again(pharmacy)
        assert [(one["state"], one["delta"]) for one in await listed(pharmacy)] == [("closed", -2), ("open", -1)]
        assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == 7


async def test_a_pack_that_shows_again_is_said_so_and_a_person_still_closes_it() -> None:
    async with a_pharmacy(partial(labelled, item=PRD, lot="P1", serial="S1"), **ASKED) as pharmacy:
        hands = pharmacy.far.hands
        await behind_the_door(pharmacy, lambda: hands.take(1))
        await read_again(pharmacy)
        (found,) = await listed(pharmacy)
        assert (found["delta"], found["packs"][0]["now"]) == (-1, None)
        back = pharmacy.steel.steel.packs[1]
        await behind_the_door(pharmacy, lambda: hands.put_in(back))
        await read_again(pharmacy)
        (again,) = await listed(pharmacy)
        assert (again["id"], again["state"], again["delta"]) == (found["id"], "open", 0)
        assert again["packs"][0]["now"] == again["packs"][0]["was"] == {"lot": "P1", "expiry": "2032-03-31", "serial": "S1"}
        assert pharmacy.stock(PRD) == pharmacy.truly_in(PRD) == 1
        await closed(pharmacy, found["id"])


async def test_a_surplus_pack_and_other_labels_are_discrepancies_too() -> None:
    def stock(robot: Robot) -> None:
        labelled(robot, AMX, "AMX1", 2)
        labelled(robot, PRD, "P1")

    def code(item: str, lot: str) -> str:
        return f"01{GTIN[item]}17320331" + f"10{lot}"

    async with a_pharmacy(stock, **ASKED) as pharmacy:
        hands = pharmacy.far.hands
        new = pharmacy.steel.new_pack(PRD, code(PRD, "P9"), batch="P9", expiry="2032-03-31")
        await behind_the_door(
            pharmacy,
            lambda: hands.relabel(1, code(AMX, "AMX8"), batch="AMX8", expiry="2032-03-31"),
            lambda: hands.put_in(new),
        )
        await read_again(pharmacy)
        amx, prd = sorted(await listed(pharmacy), key=lambda one: str(one["item"]))
        assert (amx["item"], amx["delta"], prd["item"], prd["delta"]) == (AMX, 0, PRD, 1)
        (pack,) = amx["packs"]
        assert (pack["was"]["lot"], pack["now"]["lot"]) == ("AMX1", "AMX8")
        (pack,) = prd["packs"]
        assert (pack["was"], pack["now"]["lot"]) == (None, "P9")
        await closed(pharmacy, amx["id"])
        await closed(pharmacy, prd["id"])
        await behind_the_door(pharmacy, lambda: hands.relabel(2, code(PRD, "P7"), batch="P7", expiry="2032-03-31"))
        await read_again(pharmacy)
        prd, amx = sorted(await listed(pharmacy, state="open"), key=lambda one: int(one["delta"]), reverse=True)
        assert (amx["item"], amx["delta"], prd["item"], prd["delta"]) == (AMX, -1, PRD, 1)
        assert amx["packs"][0]["pack"] == prd["packs"][0]["pack"], "one pack, another item"
        assert (amx["linked"], prd["linked"]) == ([prd["id"]], [amx["id"]])


async def test_what_a_robot_never_told_is_found_by_the_audit_of_an_idle_robot() -> None:
    async with a_pharmacy(TEN, site={"policy": {"audit_hours": 1}}) as pharmacy:
        technician = await pharmacy.person("technician")
        shown = await technician.get(AUDIT)
        assert (shown["now"], shown["last"]) == (None, None)
        pharmacy.world.fault("robot-loses-pack", robot=ROBOT, pack=1)
        lost = pharmacy.world.fault("lose", link=LINK, what="replies", count=1)
        pharmacy.far.hands.reread()
        await pharmacy.until(lambda: len(pharmacy.steel.book.packs) == 9)
        await asyncio.sleep(HOUR_S / 6)
        assert all(fault["id"] != lost for fault in pharmacy.world.faults.told()), "its message was lost"
        assert (pharmacy.stock(AMX), await listed(pharmacy)) == (10, [])
        await asyncio.sleep(5 / 6 * HOUR_S + 200)
        (begun,) = pharmacy.rows("robot.audit_begun")
        (ended,) = pharmacy.rows("robot.audited")
        assert (begun["by"], begun["why"], ended["articles"], ended["differing"]) == ("station", "due", 1, 1)
        assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == 9
        (found,) = await listed(pharmacy)
        assert found["delta"] == -1
        technician = await pharmacy.person("technician")
        shown = await technician.get(AUDIT)
        assert (shown["now"], shown["last"]["differing"]) == (None, 1)
        assert shown["due_at"] > shown["last"]["at"]
        await asyncio.sleep(1.1 * HOUR_S)
        assert len(pharmacy.rows("robot.audited")) == 2
        assert len(await listed(pharmacy)) == 1


async def test_an_audit_goes_in_slices_gives_way_to_an_order_and_says_how_far_it_is() -> None:
    articles = [f"item-{n:04}" for n in range(1000)]

    def fill(robot: Robot) -> None:
        for item in articles:
            hold(robot, item, "L1", "2032-03-31")

    rack = {"columns": 40, "shelves": 50, "place_width_mm": 600}
    async with a_pharmacy(fill, rack=rack, assembling_s=0.005, **ASKED) as pharmacy:
        technician, nurse, service = [await pharmacy.person("technician"), await pharmacy.person("nurse"), await pharmacy.service()]
        await nurse.refused("POST", AUDIT, code="not-allowed")
        await service.refused("POST", AUDIT, code="not-allowed")
        await technician.refused("GET", "/v1/robots/R9/audit", code="unknown-robot")
        pharmacy.world.fault("robot-slow", robot=ROBOT, times=20)
        began = asyncio.get_running_loop().time()
        now = (await technician.done("POST", AUDIT))["now"]
        assert (now["by"], now["why"], now["compared"], now["waits_for"]) == (technician.id, "asked", 0, None)
        await asyncio.sleep(7)
        picking = await pharmacy.pick("item-0999", 1)
        await pharmacy.until(lambda: picking.order in pharmacy.orders(), within_s=1)
        await asyncio.sleep(2)
        first = (await technician.get(AUDIT))["now"]
        assert (first["articles"], first["waits_for"]) == (1000, "orders")
        assert 0 < first["compared"] < 1000
        assert (await technician.done("POST", AUDIT))["now"] == first, "asked for twice is one"
        await asyncio.sleep(5)
        assert (await technician.get(AUDIT))["now"] == first, "it waits for the order"
        await picking.outcome
        await pharmacy.until(lambda: bool(pharmacy.rows("robot.audited")))
        last = (await technician.get(AUDIT))["last"]
        assert (last["articles"], last["packs"], last["differing"], last["left"]) == (1000, 999, 0, 0)
        assert asyncio.get_running_loop().time() - began > 10
        assert len(pharmacy.rows("robot.audit_begun")) == 1
        assert pharmacy.rows("discrepancy.opened") == []


async def test_an_audit_waits_for_an_input_and_goes_on_after_a_break_and_a_restart() -> None:
    async with a_pharmacy(TEN, **ASKED) as pharmacy:
        pharmacy.far.manners.assembling_s = 0.5
        technician = await pharmacy.person("technician")
        labels = f"]d201{GTIN[AMX]}17320331" + "10AMX7"
        pharmacy.far.hands.lay("1", pharmacy.steel.new_pack(AMX, labels))
        await pharmacy.world.until("robot.input_ruled")
        await technician.done("POST", AUDIT)
        assert (await technician.get(AUDIT))["now"]["waits_for"] == "inputs"
        await pharmacy.world.until("robot.audited")
        assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == 11
        await technician.done("POST", AUDIT)
        await asyncio.sleep(5)
        pharmacy.world.fault("unplug", link=LINK, seconds=60)
        await pharmacy.state("down")
        assert (await technician.get(AUDIT))["now"]["waits_for"] == "down"
        await pharmacy.until(lambda: len(pharmacy.rows("robot.audited")) == 2)
        await technician.done("POST", AUDIT)
        await asyncio.sleep(5)
        await pharmacy.restart()
        await pharmacy.until(lambda: len(pharmacy.rows("robot.audited")) == 3)
        assert len(pharmacy.rows("robot.audit_begun")) == 3, "one that has begun is not begun again"
        again = await pharmacy.person("technician")
        await again.done("POST", f"/v1/robots/{ROBOT}/service", {"step": "out_of_service"})
        await again.refused("POST", AUDIT, code="robot-not-ready")
        assert pharmacy.rows("discrepancy.opened") == []


async def test_what_an_order_in_doubt_may_have_given_out_is_a_discrepancy_once_a_person_has_looked() -> None:
    async with a_pharmacy(TEN, **ASKED) as pharmacy:
        technician = await pharmacy.person("technician")
        picking = await pharmacy.pick(AMX, 2)
        await pharmacy.world.until("robot.pick_queued")
        pharmacy.world.fault("unplug", link=LINK, seconds=120)
        await pharmacy.state("down")
        await pharmacy.until(lambda: len(pharmacy.out()) == 2)
        await asyncio.sleep(10)
        pharmacy.world.fault("robot-forgets", robot=ROBOT)
        await pharmacy.world.until("robot.pick_in_doubt", pick=picking.order)
        await pharmacy.state("ready")
        await audited(pharmacy)
        assert len(pharmacy.rows("robot.stock_differs")) == 1
        assert await listed(pharmacy) == [], "it is the order's until somebody has looked"
        technician = await pharmacy.person("technician")
        said = {"packs": [{"lot": "AMX1"}], "note": "one lay at output 1, and no other anywhere"}
        settled = await technician.done("POST", f"/v1/robots/{ROBOT}/picks/{picking.order}/settlement", said)
        assert len(settled["out"]) == 1
        (found,) = await listed(pharmacy)
        assert (found["delta"], found["finder"], found["expected"]) == (-1, technician.id, None)
        assert found["packs"][0]["pack"] not in {one["pack"] for one in settled["out"]}
        await audited(pharmacy)
        assert len(await listed(pharmacy)) == 1


async def test_what_is_left_of_a_doubt_that_the_robot_ends_itself_is_a_discrepancy() -> None:
    async with a_pharmacy(TEN, **ASKED) as pharmacy:
        remembered = pharmacy.steel.orders.ended
        picking = await pharmacy.pick(AMX, 1)
        await pharmacy.world.until("robot.pick_queued")
        pharmacy.world.fault("unplug", link=LINK, seconds=120)
        await pharmacy.state("down")
        await pharmacy.until(lambda: picking.order in remembered)
        order = remembered.pop(picking.order)
        lost = pharmacy.steel.book.drop(next(iter(pharmacy.steel.book.packs)))
        await pharmacy.world.until("robot.pick_in_doubt", pick=picking.order)
        await pharmacy.state("ready")
        await audited(pharmacy)
        assert await listed(pharmacy) == [], "two have gone under an order for one, and nobody has looked"
        remembered[picking.order] = order
        pharmacy.world.fault("unplug", link=LINK, seconds=5)
        assert len((await picking.outcome).packs) == 1
        (found,) = await listed(pharmacy)
        assert (found["delta"], found["finder"], [one["pack"] for one in found["packs"]]) == (-1, ROBOT, [str(lost.id)])
        await pharmacy.state("ready")


async def test_an_audit_that_is_due_waits_for_the_order_that_runs() -> None:
    async with a_pharmacy(TEN, site={"policy": {"audit_hours": 1}}) as pharmacy:
        await asyncio.sleep(HOUR_S - 60)
        pharmacy.world.fault("robot-slow", robot=ROBOT, times=50)
        picking = await pharmacy.pick(AMX, 2)
        await asyncio.sleep(70)
        assert pharmacy.rows("robot.audit_begun") == []
        await picking.outcome
        await pharmacy.world.until("robot.audited")
        assert [row["why"] for row in pharmacy.rows("robot.audit_begun")] == ["due"]


async def test_what_a_jam_has_swallowed_is_reported_once() -> None:
    async with a_pharmacy(TEN, **ASKED) as pharmacy:
        picking = await pharmacy.pick(AMX, 1)
        steel = pharmacy.steel.steel
        await pharmacy.until(lambda: steel.gripper is not None)
        pharmacy.world.fault("robot-jam", robot=ROBOT, at="gripper")
        await pharmacy.state("stopped", within_s=60)
        assert pharmacy.record["stock"][AMX]
        assert await listed(pharmacy) == [], "what is uncertain is not missing"
        await behind_the_door(pharmacy, lambda: steel.unjam(take=True))
        await picking.outcome
        await asyncio.sleep(180)
        assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == 9
        await audited(pharmacy)
        (found,) = await listed(pharmacy)
        assert (found["delta"], len(found["packs"])) == (-1, 1)


async def test_a_missing_pack_that_falls_out_later_is_said_on_its_record() -> None:
    async with a_pharmacy(TEN, **ASKED) as pharmacy:
        book = pharmacy.steel.book
        held = book.drop(next(iter(book.packs)))
        await audited(pharmacy)
        (found,) = await listed(pharmacy)
        assert (found["delta"], found["packs"][0]["pack"]) == (-1, str(held.id))
        book.add(held)
        pharmacy.far.hands.order("3", pack=held.id)
        await pharmacy.world.until("robot.output_unasked")
        (found,) = await listed(pharmacy)
        assert (found["state"], found["delta"], found["packs"][0]["output"]) == ("open", -1, 3)
        assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == 9


async def test_packs_of_what_nobody_knows_are_counted_as_packs() -> None:
    async with a_pharmacy(partial(hold, item="mystery", lot="L", expiry="2032-03-31", packs=3), **ASKED) as pharmacy:
        await behind_the_door(pharmacy, lambda: pharmacy.far.hands.take(1), lambda: pharmacy.far.hands.take(2))
        await read_again(pharmacy)
        (found,) = await listed(pharmacy)
        assert (found["unit"], found["delta"]) == ("pack", -2)


async def test_nobody_is_asked_to_close_what_is_open_twice() -> None:
    """A witness signs the packs of a record as they stand: what is added to it afterwards, nobody has signed."""
    async with a_pharmacy(TEN, **ASKED) as pharmacy:
        await behind_the_door(pharmacy, lambda: pharmacy.far.hands.take(1))
        await read_again(pharmacy)
        (found,) = await listed(pharmacy)
        path = f"/v1/discrepancies/{found['id']}/resolution"
        charge = await pharmacy.person("charge_nurse")
        signed_ = await charge.done("POST", f"{path}/subject", SAID)
        assert list(signed_["signed"]["packs"]) == [found["packs"][0]["pack"]]
        await behind_the_door(pharmacy, lambda: pharmacy.far.hands.take(2))
        await read_again(pharmacy)
        charge, witness = await pharmacy.person("charge_nurse"), await pharmacy.person("nurse")
        token = await signed(pharmacy, charge, witness.id, signed_["subject"])
        refused = await charge.ask("POST", path, {**SAID, "witness": token})
        assert refused.status_code >= 400
        assert (await listed(pharmacy))[0]["state"] == "open"


async def test_a_halted_robot_is_not_audited() -> None:
    async with a_pharmacy(TEN, **ASKED) as pharmacy:
        technician = await pharmacy.world.log_in("technician")
        await pharmacy.world.station.halt(technician, "smoke")
        with pytest.raises(Refused, match="robot-not-ready"):
            pharmacy.actor.audits.ask(technician)
        await pharmacy.world.station.resume(technician)
        await pharmacy.state("ready")
