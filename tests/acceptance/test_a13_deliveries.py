"""A13, row 101: a delivery is announced, told to the robot once, counted pack by pack; what is missing is said, never guessed."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from api.outward import is_told, may_leave
from controller.policy.roles import Role, rights_of
from firmware_protocols.wwks2.messages import ArticleMasterSetRequest, Message, StockDeliverySetRequest, TaskInfoRequest
from simulators.boards.wwks2.client import Client
from tests.acceptance.pharmacy import AMX, PRD, Pharmacy, a_pharmacy
from tests.acceptance.ward import scan_of
from tests.kit.robot import ROBOT, hold

DELIVERY, NUMBER = "/v1/deliveries/D-1", "20441"
TEN = partial(hold, item=AMX, lot="AMX1", expiry="2032-03-31", packs=10)


def body(*lines: dict[str, Any], number: str = NUMBER) -> dict[str, Any]:
    return {"robot": ROBOT, "number": number, "lines": list(lines)}


def of(item: str, quantity: int, **more: Any) -> dict[str, Any]:
    return {"item": item, "quantity": quantity, **more}


def announcements(pharmacy: Pharmacy) -> list[StockDeliverySetRequest]:
    """Those that have reached the robot."""
    return [message for message in pharmacy.heard if isinstance(message, StockDeliverySetRequest)]


async def lays(pharmacy: Pharmacy, item: str, code: str, number: str = NUMBER) -> None:
    """A hand lays a pack of the delivery on the belt and waits for its end."""
    before = len(pharmacy.rows("robot.input_ended"))
    pharmacy.far.hands.lay("1", pharmacy.steel.new_pack(item, code), number)
    await pharmacy.until(lambda: len(pharmacy.rows("robot.input_ended")) > before)
    await pharmacy.quiet()


async def test_a_delivery_is_told_once_and_counted_until_it_is_complete() -> None:
    async with a_pharmacy() as pharmacy:
        rx, technician, nurse = await pharmacy.service(), await pharmacy.person("technician"), await pharmacy.person("nurse")
        wanted = body(of(AMX, 2), of(PRD, 1, lot="PRD7", expiry="2033-12-31"))
        await nurse.refused("PUT", DELIVERY, wanted, "not-allowed")
        await rx.refused("PUT", DELIVERY, {**wanted, "robot": "R9"}, "unknown-robot")
        await rx.refused("PUT", DELIVERY, body(of("no-such-item", 1)), "unknown-item")
        await rx.refused("PUT", DELIVERY, body(of(AMX, 1, expiry="2033-02-30")), "bad-request")
        put = await rx.done("PUT", DELIVERY, wanted)
        assert (put["state"], put["told"]) == ("open", "new")
        await pharmacy.world.until("delivery.told")
        assert (await rx.done("PUT", DELIVERY, wanted))["told"] == "accepted"
        await rx.refused("PUT", DELIVERY, body(of(AMX, 9)), "delivery-id-taken")
        await technician.refused("PUT", "/v1/deliveries/D-2", body(of(AMX, 1)), "delivery-number-taken")
        (told,) = announcements(pharmacy)
        assert [(line.id, line.quantity, line.batch_number) for line in told.stock_deliveries[0].articles] == [
            (AMX, 2, None),
            (PRD, 1, "PRD7"),
        ]
        assert {line.delivery for line in pharmacy.steel.book.announced} == {NUMBER}
        await lays(pharmacy, AMX, scan_of(AMX, "AMX1"))
        await lays(pharmacy, AMX, scan_of(AMX, expiry="300331"))  # expired: turned back
        await lays(pharmacy, PRD, scan_of(PRD, "PRD8", "331231"))  # another lot than was announced
        await lays(pharmacy, PRD, scan_of(PRD, "PRD7", "331231"), number="another")
        shown = await nurse.get(DELIVERY)
        figures = [(line["expected"], line["stored"], line["refused"], line["missing"]) for line in shown["lines"]]
        assert figures == [(2, 1, 1, 1), (1, 0, 0, 1)]
        assert (shown["state"], shown["other"], shown["refused"]) == ("open", {PRD: 1}, 0)
        await lays(pharmacy, AMX, "]d20100399001999995")
        assert (await rx.get(DELIVERY))["refused"] == 1, "of no line: nobody knows what it was"
        await lays(pharmacy, AMX, scan_of(AMX, "AMX2"))
        await lays(pharmacy, PRD, scan_of(PRD, "PRD7", "331231"))
        shown = await rx.get(DELIVERY)
        assert (shown["state"], shown["closed_by"], [line["missing"] for line in shown["lines"]]) == ("complete", None, [0, 0])
        assert pharmacy.truly_in(AMX) == sum(len(came["stored"]) for came in pharmacy.rows("delivery.came")) - 2
        assert len(pharmacy.rows("delivery.completed")) == 1
        again = await technician.done("PUT", "/v1/deliveries/D-2", body(of(AMX, 1)))
        assert again["state"] == "open", "the number is free"
        assert [one["id"] for one in (await rx.get("/v1/deliveries"))["items"]] == ["D-1", "D-2"]
        await pharmacy.until(lambda: len(announcements(pharmacy)) == 2)
        assert sum(isinstance(message, ArticleMasterSetRequest) for message in pharmacy.heard) == 1


async def test_a_shortfall_is_said_by_a_person_and_heard_outside() -> None:
    async with a_pharmacy() as pharmacy:
        rx, technician = await pharmacy.service(), await pharmacy.person("technician")
        await technician.done("PUT", DELIVERY, body(of(AMX, 3), of(PRD, 1)))
        await pharmacy.world.until("delivery.told")
        await lays(pharmacy, AMX, scan_of(AMX))
        await rx.refused("POST", f"{DELIVERY}/closure", None, "not-allowed")
        await technician.refused("POST", "/v1/deliveries/D-9/closure", None, "unknown-delivery")
        shown = await technician.done("POST", f"{DELIVERY}/closure")
        assert (shown["state"], shown["closed_by"], [line["missing"] for line in shown["lines"]]) == (
            "short",
            technician.id,
            [2, 1],
        )
        (closed,) = pharmacy.rows("delivery.closed")
        assert [(one["n"], one["expected"], one["stored"], one["missing"]) for one in closed["short"]] == [
            (1, 3, 1, 2),
            (2, 1, 0, 1),
        ]
        assert may_leave("delivery.closed", closed) == {"delivery": "D-1", "robot": ROBOT, "by": technician.id}
        assert is_told("delivery.closed", rights_of([Role.SERVICE_ACCOUNT]))
        await technician.done("POST", f"{DELIVERY}/closure")
        assert len(pharmacy.rows("delivery.closed")) == 1
        await lays(pharmacy, AMX, scan_of(AMX))
        assert (await rx.get(DELIVERY))["lines"][0]["stored"] == 1, "it is closed: a late pack is stock, and of no delivery"
        assert pharmacy.stock(AMX) == pharmacy.truly_in(AMX) == 2


def loses(pharmacy: Pharmacy, kind: type[Message], *, request: bool) -> None:
    """The robot misses the next such request, or its answer to it is lost on the way."""
    whole = pharmacy.far.heard

    def hears(client: Client, message: Message) -> None:
        if not isinstance(message, kind):
            return whole(client, message)
        pharmacy.far.heard = whole  # type: ignore[method-assign]
        say, client.say = client.say, lambda _: None  # type: ignore[method-assign]
        if request:
            pharmacy.heard.append(message)
        else:
            whole(client, message)
        client.say = say  # type: ignore[method-assign]
        return None

    pharmacy.far.heard = hears  # type: ignore[method-assign]


async def reconnects(pharmacy: Pharmacy) -> None:
    pharmacy.world.fault("unplug", link="robotbus", seconds=60)
    await pharmacy.state("down")
    await pharmacy.state("ready")


async def test_a_telling_whose_answer_was_lost_is_asked_after_and_not_told_again() -> None:
    async with a_pharmacy() as pharmacy:
        rx = await pharmacy.service()
        loses(pharmacy, StockDeliverySetRequest, request=False)
        await rx.done("PUT", DELIVERY, body(of(AMX, 2)))
        told = await pharmacy.world.until("delivery.told")
        assert (told["answer"], (await rx.get(DELIVERY))["told"]) == ("silent", "silent")
        await reconnects(pharmacy)
        await pharmacy.until(lambda: len(pharmacy.rows("delivery.told")) == 2)
        assert (pharmacy.rows("delivery.told")[1]["source"], (await rx.get(DELIVERY))["told"]) == ("asked", "accepted")
        assert len(announcements(pharmacy)) == len(pharmacy.steel.book.announced) == 1


async def test_what_the_robot_never_heard_is_told_again_after_the_next_hello_and_each_telling_is_recorded() -> None:
    async with a_pharmacy() as pharmacy:
        rx = await pharmacy.service()
        loses(pharmacy, StockDeliverySetRequest, request=True)
        await rx.done("PUT", DELIVERY, body(of(AMX, 2)))
        await pharmacy.world.until("delivery.told", answer="silent")
        pharmacy.standing.station = await pharmacy.world.restart(power=True)
        await pharmacy.world.until("delivery.told", answer="accepted")
        rx = await pharmacy.person("pharmacist")
        assert (await rx.get(DELIVERY))["told"] == "accepted"
        assert [told["attempt"] for told in pharmacy.rows("delivery.tell_intended")] == [1, 2]
        assert (len(announcements(pharmacy)), len(pharmacy.steel.book.announced)) == (2, 1)


async def test_a_cut_while_it_is_told_leaves_it_in_the_dark_and_a_question_that_nobody_answers_changes_nothing() -> None:
    async with a_pharmacy() as pharmacy:
        rx = await pharmacy.service()
        loses(pharmacy, StockDeliverySetRequest, request=False)
        await rx.done("PUT", DELIVERY, body(of(AMX, 2)))
        await pharmacy.until(lambda: bool(pharmacy.steel.book.announced))
        pharmacy.world.fault("unplug", link="robotbus", seconds=60)
        told = await pharmacy.world.until("delivery.told")
        assert (told["answer"], told["text"]) == ("silent", "link-lost")
        whole = pharmacy.far.heard

        def deaf(client: Client, message: Message) -> None:
            if not isinstance(message, TaskInfoRequest):
                whole(client, message)

        pharmacy.far.heard = deaf  # type: ignore[method-assign]
        await pharmacy.state("ready")
        await asyncio.sleep(60)
        assert (await rx.get(DELIVERY))["told"] == "silent"
        pharmacy.far.heard = whole  # type: ignore[method-assign]
        await reconnects(pharmacy)
        await pharmacy.world.until("delivery.told", answer="accepted")
        assert len(pharmacy.steel.book.announced) == 1


async def test_a_delivery_that_could_not_be_told_is_told_when_the_robot_is_there() -> None:
    async with a_pharmacy() as pharmacy:
        rx = await pharmacy.service()
        loses(pharmacy, ArticleMasterSetRequest, request=True)
        await rx.done("PUT", DELIVERY, body(of(AMX, 2)))
        await pharmacy.world.until("delivery.told", answer="not_sent", source="master")
        assert announcements(pharmacy) == [], "a robot without the articles would reject it"
        await reconnects(pharmacy)
        await pharmacy.world.until("delivery.told", answer="accepted")
        pharmacy.world.fault("unplug", link="robotbus", seconds=60)
        await pharmacy.state("down")
        await rx.done("PUT", "/v1/deliveries/D-2", body(of(PRD, 1), number="20442"))
        await pharmacy.world.until("delivery.told", delivery="D-2", answer="accepted")
        assert [one.stock_deliveries[0].delivery_number for one in announcements(pharmacy)] == [NUMBER, "20442"]


async def test_what_a_robot_stored_while_nobody_listened_is_counted_by_its_own_word() -> None:
    async with a_pharmacy(TEN) as pharmacy:
        rx = await pharmacy.service()
        await rx.done("PUT", DELIVERY, body(of(AMX, 2)))
        await pharmacy.world.until("delivery.told")
        pharmacy.steel.inputs.decides_alone = True
        pharmacy.world.fault("unplug", link="robotbus", seconds=120)
        await pharmacy.state("down")
        pharmacy.far.hands.lay("1", pharmacy.steel.new_pack(AMX, scan_of(AMX)[3:]), NUMBER)
        await pharmacy.until(lambda: pharmacy.truly_in(AMX) == 11)
        assert (await rx.get(DELIVERY))["lines"][0]["stored"] == 0
        await pharmacy.state("ready")
        came = await pharmacy.world.until("delivery.came")
        assert (came["input"], len(came["stored"])) == (None, 1)
        await reconnects(pharmacy)
        await asyncio.sleep(5)
        line = (await rx.get(DELIVERY))["lines"][0]
        assert (line["stored"], line["missing"]) == (1, 1), "each pack once"


async def test_a_delivery_that_the_robot_rejects_is_counted_all_the_same() -> None:
    async with a_pharmacy(article_master=False) as pharmacy:
        rx = await pharmacy.service()
        await rx.done("PUT", DELIVERY, body(of(AMX, 1)))
        told = await pharmacy.world.until("delivery.told")
        assert (told["answer"], told["text"]) == ("rejected", f"article {AMX} is not in the master")
        assert not any(isinstance(message, ArticleMasterSetRequest) for message in pharmacy.heard), "it is another system's"
        await lays(pharmacy, AMX, scan_of(AMX))
        assert (await rx.get(DELIVERY))["state"] == "complete"
