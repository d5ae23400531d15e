"""The robot's dialogs one by one, in literal messages of the devices notes 1.4 to 1.16, against the truth of its plant."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from firmware_protocols.wwks2.device import ASKED, DIALOGS
from simulators.boards.wwks2.dialogs import ANSWERS
from tests.simulators.pis import MAKE, Stage, staged
from tests.simulators.test_robot_clauses import answered, ordered, packs, status


def only(lead: ET.Element, path: str) -> dict[str, str]:
    """The attributes of the one element there."""
    (found,) = lead.findall(path)
    return found.attrib


def test_every_message_that_a_robot_hears_has_an_answer() -> None:
    heard = {asked.__name__ for asked, _ in DIALOGS} | {answer.__name__ for _, answer in ASKED} | {"UnprocessedMessage"}
    assert {one.__name__ for one in ANSWERS} | {"HelloRequest"} == heard


def test_garbage_between_messages_ends_the_connection() -> None:
    async def tell(stage: Stage) -> None:
        stage.pis.end.write(b"\xef\xbb\xbf \r\n<?xml version='1.0'?>")
        await stage.pis.ask('<KeepAliveRequest Id="3" Source="{me}" Destination="999"/>')
        stage.pis.end.write(b"garbage")
        await stage.pis.listen(1)
        assert stage.pis.closed

    staged(tell)


def test_nobody_answers_an_unprocessed_message() -> None:
    async def tell(stage: Stage) -> None:
        quoted = (
            '<Message><![CDATA[<WWKS Version="2.0"><KeepAliveRequest Id="1" Source="999" Destination="100"/></WWKS>]]></Message>'
        )
        stage.pis.say(
            f'<UnprocessedMessage Id="5" Source="{{me}}" Destination="999" Reason="NotSupported">{quoted}</UnprocessedMessage>'
        )
        stage.pis.say('<UnprocessedMessage Id="6" Source="{me}" Destination="999"/>')
        assert await stage.pis.listen(10) == []

    staged(tell)


def test_stock_by_every_filter_and_both_ways_of_nothing_found() -> None:
    ask = '<StockInfoRequest Id="{0}" Source="{{me}}" Destination="777" IncludePacks="{1}"{2}>{3}</StockInfoRequest>'

    async def tell(stage: Stage) -> None:
        one, two, other = stage.hold(batch="B1"), stage.hold(batch="B2"), stage.hold("A2")
        two.stock_location, two.external, other.machine_location = "main", "E2", "M1"
        counts = []
        for place, criteria in enumerate(
            [
                "",
                '<Criteria ArticleId="A1"/>',
                '<Criteria ArticleId="A1" BatchNumber="B2"/>',
                '<Criteria ArticleId="" StockLocationId="main"/>',
                '<Criteria MachineLocation="M1"/>',
                '<Criteria ExternalId="E2"/>',
                '<Criteria ArticleId="A1"/><Criteria ArticleId="A2"/>',
                '<Criteria ArticleId="A9"/>',
            ]
        ):
            told = await stage.pis.ask(ask.format(20 + place, "False", "", criteria))
            counts.append({article.get("Id"): article.get("Quantity") for article in told})
            assert packs(told) == []
        both = {"A1": "2", "A2": "1"}
        assert counts == [both, {"A1": "2"}, {"A1": "1"}, {"A1": "1"}, {"A2": "1"}, {"A1": "1"}, both, {}]
        told = await stage.pis.ask(ask.format(40, "True", ' IncludeArticleDetails="True"', '<Criteria ArticleId="A1"/>'))
        assert packs(told) == [str(one.id), str(two.id)]
        assert told[0].attrib == {"Id": "A1", "Name": "Article A1", "DosageForm": "TAB", "PackagingUnit": "20", "Quantity": "2"}
        fault = stage.fault("robot-manners", nothing_found_as_zero=True, writes_packing_unit=True)
        told = await stage.pis.ask(ask.format(41, "False", "", '<Criteria ArticleId="1699057"/>'))
        assert [article.attrib for article in told] == [{"Id": "1699057", "Quantity": "0"}]
        told = await stage.pis.ask(ask.format(42, "False", ' IncludeArticleDetails="True"', '<Criteria ArticleId="A1"/>'))
        assert told[0].get("PackingUnit") == "20"
        stage.faults.lift(fault)
        assert len(await stage.pis.ask(ask.format(43, "False", "", '<Criteria ArticleId="1699057"/>'))) == 0

    staged(tell)


def test_too_many_long_answers_at_once_are_refused_with_the_request_quoted() -> None:
    async def tell(stage: Stage) -> None:
        stage.hold()
        stage.fault("robot-manners", assembling_s=5, most_assembling=2)
        for id in (11, 12, 13):
            stage.pis.say(f'<StockInfoRequest Id="{id}" Source="{{me}}" Destination="777"/>')
        refused = await stage.pis.until("UnprocessedMessage", within_s=1)
        assert (refused.get("Id"), refused.get("Reason"), refused.get("Destination")) == ("13", "TooManyRequests", "100")
        assert '<StockInfoRequest Id="13"' in (refused.findtext("Message") or "")
        await stage.pis.until("StockInfoResponse", id="12")
        await stage.pis.ask('<StockInfoRequest Id="14" Source="{me}" Destination="777"/>', within_s=10)

    staged(tell)


def test_stock_data_are_corrected_and_told_to_all() -> None:
    ask = '<StockUpdateRequest Id="{0}" Source="{{me}}" Destination="777"><Criteria PackId="{1}"/>{2}</StockUpdateRequest>'

    async def tell(stage: Stage) -> None:
        held = stage.hold(serial="S1")
        change = '<Pack ExpiryDate="2028-01-31" BatchNumber="" SubItemQuantity="7"/>'
        told = await stage.pis.ask(ask.format(5, held.id, change))
        assert only(told, "Details") == {"Status": "Accepted"}
        message = await stage.pis.until("StockInfoMessage")
        pack = only(message, "Article/Pack")
        assert (pack["ExpiryDate"], pack["SubItemQuantity"], pack.get("BatchNumber"), pack["SerialNumber"]) == (
            "2028-01-31",
            "7",
            None,
            "S1",
        )
        assert only(await stage.pis.ask(ask.format(6, 99, change)), "Details")["Status"] == "Rejected"
        assert only(await stage.pis.ask(ask.format(7, held.id, "")), "Details")["Status"] == "Rejected"

    staged(tell)


def test_a_robot_that_decides_alone_stores_what_the_master_knows_and_counts_deliveries() -> None:
    master = (
        '<ArticleMasterSetRequest Id="2" Source="{me}" Destination="999"><Article Id="A1" Name="One" PackingUnit="20">'
        '<ProductCode Code="4711"/></Article><Article Id="A2" RequiresFridge="true"><ProductCode Code="4712"/></Article>'
        "</ArticleMasterSetRequest>"
    )
    delivery = (
        '<StockDeliverySetRequest Id="{0}" Source="{{me}}" Destination="999"><StockDelivery DeliveryNumber="D1">'
        '<Article Id="{1}" Quantity="1"/></StockDelivery></StockDeliverySetRequest>'
    )
    info = (
        '<StockDeliveryInfoRequest Id="{0}" Source="{{me}}" Destination="999" IncludeTaskDetails="True"><Task Id="{1}"/>'
        "</StockDeliveryInfoRequest>"
    )

    async def tell(stage: Stage) -> None:
        assert only(await stage.pis.ask(delivery.format(1, "A1")), "SetResult")["Value"] == "Rejected", "no master yet"
        assert only(await stage.pis.ask(master), "SetResult") == {"Value": "Accepted"}
        assert only(await stage.pis.ask(delivery.format(3, "A1")), "SetResult") == {"Value": "Accepted"}
        assert only(await stage.pis.ask(delivery.format(4, "A1")), "SetResult")["Value"] == "Rejected", "it is announced already"
        assert only(await stage.pis.ask(info.format(5, "D9")), "Task") == {"Id": "D9", "Status": "Unknown"}
        assert only(await stage.pis.ask(info.format(6, "D1")), "Task") == {"Id": "D1", "Status": "Queued"}
        stage.fault("robot-manners", decides_alone=True)
        stage.hands.lay("1", stage.robot.new_pack("A1", "4711"), delivery="D1")
        stored = await stage.pis.until("InputMessage")
        assert "InputRequest" not in stage.pis.tags()
        assert (only(stored, "Article")["Name"], only(stored, "Article/Pack")["DeliveryNumber"]) == ("One", "D1")
        told = await stage.pis.ask(info.format(7, "D1"))
        assert only(told, "Task") == {"Id": "D1", "Status": "Completed"}
        assert packs(told) == packs(stored)
        stage.hands.lay("1", stage.robot.new_pack("A2", "4712"), delivery="D2")
        cold = await stage.pis.until("InputMessage", after=len(stage.pis.log))
        assert only(cold, "Article/Pack")["IsInFridge"] == "True"
        asked = '<TaskInfoRequest Id="8" Source="{me}" Destination="777"><Task Type="StockDelivery" Id="D2"/></TaskInfoRequest>'
        assert only(await stage.pis.ask(asked), "Task") == {"Type": "StockDelivery", "Id": "D2", "Status": "InProcess"}
        before = len(stage.pis.log)
        stage.hands.lay("1", stage.robot.new_pack("A1", "4711"), delivery="D1")
        refused = await stage.pis.until("InputMessage", after=before)
        assert only(refused, "Article/Pack/Handling") == {"Input": "Aborted", "Text": "not in this delivery"}, "one was announced"
        stage.hands.lay("1", stage.robot.new_pack("A3", "4713"))
        await stage.pis.until("InputRequest", within_s=10)

    staged(tell)


def test_an_input_is_obeyed_and_mirrored_in_both_ways() -> None:
    """The recorded robot keeps what it read where the answer says nothing; others take that for a reset (1.10)."""

    async def tell(stage: Stage) -> None:
        code = "0103453120000011218Z1\x1d1729033110B7"
        stage.hands.lay("1", stage.robot.new_pack("A1", code), delivery="")
        asked = await stage.pis.until("InputRequest")
        assert asked.attrib == {"Id": "501", "Source": "40", "Destination": "100", "IsNewDelivery": "True"}
        assert only(asked, "Article/Pack") == {
            "Index": "0", "ScanCode": r"0103453120000011218Z1\x1D1729033110B7", "DeliveryNumber": "", "BatchNumber": "B7",
            "ExternalId": "8Z1", "ExpiryDate": "2029-03-31", "ExpiryDateSource": "Barcode", "SubItemQuantity": "0",
        }  # fmt: skip
        stage.pis.say(answered(asked, "Allowed", pack='BatchNumber="" ExternalId=""'))
        stored = only(await stage.pis.until("InputMessage"), "Article/Pack")
        assert (stored["BatchNumber"], stored["ExternalId"], stored["SerialNumber"], stored["ExpiryDate"]) == (
            "B7", "8Z1", "8Z1", "2029-03-31",
        )  # fmt: skip
        changed = await stage.pis.until("StockInfoMessage")
        assert only(changed, "Article") == {"Id": "A1", "Name": "N", "Quantity": "1"}
        stage.fault("robot-manners", resets_omitted=True)
        before = len(stage.pis.log)
        stage.hands.lay("1", stage.robot.new_pack("A1", code))
        stage.pis.say(answered(await stage.pis.until("InputRequest", after=before), "AllowedForFridge"))
        reset = only(await stage.pis.until("InputMessage", after=before), "Article/Pack")
        assert (reset.get("BatchNumber"), reset.get("ExternalId"), reset.get("ExpiryDate")) == (None, None, None)
        assert (reset["IsInFridge"], stage.robot.steel.place(2)[:9]) == ("True", "rack:1-04")

    staged(tell)


@pytest.mark.parametrize("handling", ["Rejected", "RejectedNoStockLocation", "Completed", "nothing"])
def test_a_refused_input_changes_no_stock_and_is_told_as_aborted(handling: str) -> None:
    """AT11.1 from the robot's side. An answer without a verdict is a refusal too."""

    async def tell(stage: Stage) -> None:
        stage.hands.lay("1", stage.robot.new_pack("A1", "4711"))
        asked = await stage.pis.until("InputRequest")
        answer = answered(asked, handling)
        stage.pis.say(answer.replace('<Handling Input="nothing"/>', ""))
        ended = await stage.pis.until("InputMessage")
        assert (only(ended, "Article"), only(ended, "Article/Pack")["Id"]) == ({}, "0")
        assert only(ended, "Article/Pack/Handling")["Input"] == "Aborted"
        stage.pis.say(answered(asked, "Allowed"))
        assert await stage.pis.listen(30) == []
        assert (stage.robot.steel.place(1), len(stage.robot.book.packs)) == ("reject:1", 0)

    staged(tell)


def test_an_input_that_nobody_answers_or_completes_is_given_up() -> None:
    async def tell(stage: Stage) -> None:
        for answer in (None, "RejectedNoExpiryDate"):
            before = len(stage.pis.log)
            stage.hands.lay("1", stage.robot.new_pack("A1", "4711"))
            asked = await stage.pis.until("InputRequest", after=before)
            if answer:
                stage.pis.say(answered(asked, answer))
            ended = await stage.pis.until("InputMessage", after=before)
            assert only(ended, "Article/Pack/Handling")["Input"] == "Aborted"

    staged(tell)


def test_no_place_and_no_fridge_abort_an_input() -> None:
    async def tell(stage: Stage) -> None:
        large = stage.robot.new_pack("A1", "4711", height_mm=400)
        for pack, handling, why in (
            (large, "Allowed", "there is no place for it"),
            (stage.robot.new_pack("A1", "4711"), "AllowedForFridge", "there is no fridge"),
        ):
            before = len(stage.pis.log)
            stage.hands.lay("1", pack)
            stage.pis.say(answered(await stage.pis.until("InputRequest", after=before), handling))
            ended = await stage.pis.until("InputMessage", after=before)
            assert only(ended, "Article/Pack/Handling") == {"Input": "Aborted", "Text": why}

    staged(tell, replace(MAKE, geometry=replace(MAKE.geometry, cold_columns=0)))


INITIATE = (
    '<InitiateInputRequest Id="{0}" Source="{{me}}" Destination="999"><Details InputSource="{1}" InputPoint="7"/>'
    '<Article><Pack Index="0" ScanCode="4711"/><Pack Index="1" ScanCode="4712"/></Article></InitiateInputRequest>'
)


def test_an_input_that_the_pharmacy_system_begins() -> None:
    async def tell(stage: Stage) -> None:
        refused = await stage.pis.ask(INITIATE.format(5, 9))
        assert only(refused, "Details") == {"InputSource": "9", "InputPoint": "7", "Status": "Rejected"}
        assert {error.get("Type") for error in refused.iter("Error")} == {"InputBroken"}
        stage.hands.lay("2", stage.robot.new_pack("A1", "4711"))
        assert await stage.pis.listen(20) == [], "it lies there until it is wanted"
        accepted = await stage.pis.ask(INITIATE.format(6, 2))
        assert only(accepted, "Details")["Status"] == "Accepted"
        busy = await stage.pis.ask(INITIATE.format(7, 2))
        assert {error.get("Type") for error in busy.iter("Error")} == {"QueueFull"}
        inner = await stage.pis.until("InputRequest")
        assert inner.get("Id") != "6"
        stage.pis.say(answered(inner, "Allowed"))
        await stage.pis.until("InputMessage")
        ended = await stage.pis.until("InitiateInputMessage", id="6")
        assert only(ended, "Details") == {"InputSource": "2", "InputPoint": "7", "Status": "Incomplete"}
        assert [error.get("Type") for error in ended.iter("Error")] == ["NoPackDetected"]
        stage.pis.say(INITIATE.format(8, 2))
        await stage.pis.listen(5)
        for code, handling in (("4711", "Allowed"), ("4712", "RejectedNoBatchNumber")):
            before = len(stage.pis.log)
            stage.hands.lay("2", stage.robot.new_pack("A1", code))
            stage.pis.say(answered(await stage.pis.until("InputRequest", after=before), handling))
            await stage.pis.until("InputMessage", after=before)
        ended = await stage.pis.until("InitiateInputMessage", id="8")
        assert [error.get("Type") for error in ended.iter("Error")] == ["RejectedNoBatchNumber"]
        stage.robot.steel.open_door()
        stopped = await stage.pis.ask(INITIATE.format(9, 2))
        assert {error.get("Type") for error in stopped.iter("Error")} == {"InputBroken"}

    staged(tell)


FEED = (
    '<InfeedInputRequest Id="{0}" Source="{{me}}" Destination="40"><Details InfeedNumber="{1}"/><Article>'
    '<Pack ScanCode="4711" Depth="{2}" Width="60" Height="40"/></Article></InfeedInputRequest>'
)


def placed(asked: ET.Element, name: str = "InfeedInputPackPlaceResponse", status: str = "Placed") -> str:
    return f'<{name} Id="{asked.get("Id")}" Source="{{me}}" Destination="40"><Details InfeedNumber="3" Status="{status}"/></{name}>'


def test_a_feeder_hands_a_pack_over() -> None:
    """The feeder's own messages go to it alone; the inner input is the pharmacy system's. Both printed names are read."""

    async def tell(stage: Stage) -> None:
        feeder = await stage.dial(300)
        await feeder.hello("InfeedInput")
        for id, name in ((31, "InfeedInputPackPlaceResponse"), (32, "InfeedInputPackPlacedResponse")):
            before = len(stage.pis.log)
            assert only(await feeder.ask(FEED.format(id, 3, 110)), "Details") == {"InfeedNumber": "3", "Status": "Accepted"}
            busy = await feeder.ask(FEED.format(id + 50, 3, 110))
            assert only(busy, "Details")["Reason"] == "InputProcessInProgress"
            stage.pis.say(answered(await stage.pis.until("InputRequest", after=before), "Allowed"))
            wanted = await feeder.until("InfeedInputPackPlaceRequest", id=str(id))
            stage.hands.lay("3", stage.robot.new_pack("A1", "4711"))
            feeder.say(placed(wanted, name))
            ended = await feeder.until("InfeedInputMessage", id=str(id))
            assert only(ended, "Details") == {"InfeedNumber": "3", "Status": "Completed"}
            assert packs(ended) == packs(await stage.pis.until("InputMessage", after=before))
        assert "InputRequest" not in feeder.tags()
        assert not any("Infeed" in tag for tag in stage.pis.tags())

    staged(tell)


def test_what_a_feeder_is_refused_and_how_its_input_fails() -> None:
    async def tell(stage: Stage) -> None:
        feeder = await stage.dial(300)
        await feeder.hello("InfeedInput")

        async def reason(message: str) -> str:
            return only(await feeder.ask(message), "Details")["Reason"]

        async def ended(id: int) -> str:
            return only(await feeder.until("InfeedInputMessage", id=str(id)), "Details")["Reason"]

        assert await reason(FEED.format(31, 3, 0)) == "UnknownPackDimensions"
        assert await reason(FEED.format(32, 1, 110)) == "InputBroken"
        assert await reason(FEED.format(33, 3, 999)) == "NoSpaceInMachine"
        await feeder.ask(FEED.format(34, 3, 110))
        stage.pis.say(answered(await stage.pis.until("InputRequest"), "RejectedNoExpiryDate"))
        assert await ended(34) == "ExpiryDateRequired"

        async def wanted(id: int) -> ET.Element:
            before = len(stage.pis.log)
            await feeder.ask(FEED.format(id, 3, 110))
            stage.pis.say(answered(await stage.pis.until("InputRequest", after=before), "Allowed"))
            return await feeder.until("InfeedInputPackPlaceRequest", id=str(id))

        feeder.say(placed(await wanted(35)))
        assert await ended(35) == "NoPackPlaced", "it says so, and nothing lies there"
        feeder.say(placed(await wanted(36), status="Aborted"))
        assert await ended(36) == "NoPackPlaced"
        await wanted(37)
        assert await ended(37) == "TimeoutWaitingForPack"
        cancel = (
            '<TaskCancelInfeedInputRequest Id="{0}" Source="{{me}}" Destination="40"><Task Id="{1}" InfeedNumber="3"/>'
            "</TaskCancelInfeedInputRequest>"
        )
        await wanted(38)
        assert only(await feeder.ask(cancel.format(90, 38)), "Task")["Status"] == "Cancelled"
        assert await ended(38) == "TaskCancelled"
        assert only(await feeder.ask(cancel.format(91, 38)), "Task")["Status"] == "Unknown"
        asked = await wanted(39)
        stage.hands.lay("3", stage.robot.new_pack("A1", "4711"))
        feeder.say(placed(asked))
        await asyncio.sleep(1)
        assert only(await feeder.ask(cancel.format(92, 39)), "Task")["Status"] == "CancelError"
        stage.robot.steel.open_door()
        assert await reason(FEED.format(40, 3, 110)) == "SystemNotActive"

    staged(tell)


def test_an_order_gets_what_its_criteria_ask_for() -> None:
    line = (
        '<OutputRequest Id="{0}" Source="{{me}}" Destination="777"><Details OutputDestination="1"/><Criteria {1}/></OutputRequest>'
    )

    async def tell(stage: Stage) -> None:
        late = stage.hold(batch="B2", expiry="2030-01-31", units=20)
        soon = stage.hold(batch="B1", expiry="2027-01-31", units=20)
        other = stage.hold(batch="B2", expiry="2031-01-31", units=20)
        never = stage.hold(batch="B3", expiry="", units=20)
        stage.robot.book.articles["A1"].virtual_id = "V1"
        for id, criteria, wanted in (
            (1001, 'ArticleId="A1" Quantity="1"', [soon]),
            (1002, 'ArticleId="A1" Quantity="1" MinimumExpiryDate="2030-06-30"', [other]),
            (1003, 'ArticleId="A1" Quantity="1" BatchNumber="B3"', [never]),
            (1004, f'ArticleId="A1" Quantity="1" PackId="{other.id}"', [other]),
            (1005, f'ArticleId="A2" Quantity="1" PackId="{other.id}"', []),
            (1006, 'ArticleId="A1" Quantity="2" SingleBatchNumber="true"', [late, other]),
            (1007, 'ArticleId="A1" Quantity="9" SingleBatchNumber="true"', [late, other]),
            (1008, 'ArticleId="A1" Quantity="0" SubItemQuantity="25"', [soon, late]),
            (1009, 'ArticleId="A1" Quantity="0" SubItemQuantity="99"', [soon, late, other, never]),
            (1010, 'ArticleId="V1" Quantity="1"', [soon]),
            (1011, 'ArticleId="A1" Quantity="4"', [soon, late, other, never]),
        ):
            order = await stage.pis.ask(line.format(id, criteria))
            assert status(order) == "Queued"
            kept = {held.id for held in stage.robot.book.packs.values() if held.reserved == str(id)}
            assert kept == {held.id for held in wanted}, criteria
            stage.robot.picker.cancel(str(id))
            await stage.pis.listen(20)
            for held in (late, soon, other, never):
                assert held.id in stage.robot.book.packs, "cancelled before its first trip had gripped"
                held.reserved = ""

    staged(tell)


def test_boxes_are_filled_released_and_forwarded() -> None:
    """Two packs fill a box: three packs are two boxes, told once in between and once at the end. An empty order moves a box."""

    async def tell(stage: Stage) -> None:
        for _ in range(6):
            stage.hold()
        boxed = ordered(800, quantity=3, output=4).replace("<OutputRequest", '<OutputRequest BoxNumber="77"')
        assert (await stage.pis.ask(boxed)).get("BoxNumber") == "77"
        await stage.pis.until("OutputMessage", after=len(stage.pis.log))
        released = await stage.pis.until("OutputMessage", id="800")
        assert (status(released), only(released, "Box"), len(packs(released))) == ("BoxReleased", {"Number": "77"}, 2)
        assert {pack.get("BoxNumber") for pack in released.iter("Pack")} == {"77"}
        ended = await stage.pis.until("OutputMessage", after=stage.pis.tags().index("OutputMessage") + 1)
        boxes = [box.get("Number") for box in ended.findall("Box")]
        assert (status(ended), len(packs(ended)), boxes[0], len(boxes)) == ("Completed", 3, "77", 2)
        assert [stage.robot.steel.place(number) for number in (1, 2, 3)] == ["box:77", "box:77", f"box:{boxes[1]}"]
        info = (
            '<OutputInfoRequest Id="2" Source="100" Destination="0" IncludeTaskDetails="true"><Task Id="800"/></OutputInfoRequest>'
        )
        told = await stage.pis.ask(info)
        assert [box.get("Number") for box in told.iter("Box")] == boxes
        stage.fault("robot-manners", final_repeats_packs=False)
        before = len(stage.pis.log)
        await stage.pis.ask(ordered(801, quantity=3, output=4))
        empty = (
            '<OutputRequest Id="802" Source="100" Destination="0" BoxNumber="99"><Details OutputDestination="4"/></OutputRequest>'
        )
        assert status(await stage.pis.ask(empty)) == "Queued"
        forwarded = await stage.pis.until("OutputMessage", id="802")
        assert (status(forwarded), only(forwarded, "Box")) == ("Completed", {"Number": "99"})
        ends = [lead for _, lead in stage.pis.log[before:] if lead.tag == "OutputMessage" and lead.get("Id") == "801"]
        assert [len(packs(lead)) for lead in ends] == [2, 1]
        stage.fault("robot-component", component="box")
        assert status(await stage.pis.ask(ordered(803, output=4))) == "Rejected"

    staged(tell)


def test_labels_are_put_on_or_fail() -> None:
    label = '><Label TemplateId="T1"><Content><![CDATA[^XA^FDx^FS^XZ]]></Content></Label></Criteria></OutputRequest>'

    async def tell(stage: Stage) -> None:
        for _ in range(3):
            stage.hold()
        labelled = ordered(700).replace("/></OutputRequest>", label)
        asked = await stage.pis.ask(labelled)
        assert asked.find("Criteria/Label/Content").text == "^XA^FDx^FS^XZ"  # type: ignore[union-attr]
        await stage.pis.ask(ordered(701))
        await stage.pis.until("OutputMessage", id="701")
        stage.fault("robot-labels")
        await stage.pis.ask(labelled.replace("700", "702"))
        await stage.pis.until("OutputMessage", id="702")
        told = [pack.get("LabelStatus") for _, lead in stage.pis.log for pack in lead.iter("Pack") if lead.tag == "OutputMessage"]
        assert told == ["Labelled", "NotLabelled", "LabelError"]

    staged(tell)


def test_a_manual_output_is_not_the_order_with_the_id_1() -> None:
    async def tell(stage: Stage) -> None:
        stage.hold()
        stage.hold("A2")
        await stage.pis.ask(ordered(1))
        stage.hands.order("2", article="A2")
        await stage.pis.until("OutputMessage", after=len(stage.pis.log))
        await stage.pis.listen(30)
        ends = [(lead.get("Id"), only(lead, "Article")["Id"]) for _, lead in stage.pis.log if lead.tag == "OutputMessage"]
        assert ends == [("1", "A1"), ("1", "A2")]
        told = await stage.pis.ask(
            '<TaskInfoRequest Id="2" Source="{me}" Destination="777"><Task Type="Output" Id="1"/></TaskInfoRequest>'
        )
        assert only(told, "Task")["Status"] == "Completed"

    staged(tell)


def test_task_states_from_queued_to_forgotten() -> None:
    info = '<TaskInfoRequest Id="{0}" Source="{{me}}" Destination="777"><Task Type="Output" Id="{1}"/></TaskInfoRequest>'

    async def tell(stage: Stage) -> None:
        stage.hold()
        stage.hold("A2")
        await stage.pis.ask(ordered(688))
        await stage.pis.ask(ordered(689, article="A2"))
        await stage.pis.listen(1)

        async def state(id: int, order: int) -> str:
            return only(await stage.pis.ask(info.format(id, order)), "Task")["Status"]

        assert [await state(2, 688), await state(3, 689), await state(4, 700)] == ["InProcess", "Queued", "Unknown"]
        await stage.pis.until("OutputMessage", id="689")
        assert await state(5, 688) == "Completed"
        stage.fault("robot-forgets")
        assert await state(6, 688) == "Unknown", "and its pack has come out"
        assert stage.robot.steel.place(1) == "output:1"

    staged(tell)


def test_locations_channels_configuration_lamps_and_buttons() -> None:
    async def tell(stage: Stage) -> None:
        stage.hold()
        told = await stage.pis.ask('<StockLocationInfoRequest Id="2" Source="{me}" Destination="999"/>')
        assert only(told, "StockLocation") == {"Id": "main", "Description": "Main stock"}
        channels = (
            '<ChannelConfigurationInfoRequest Id="{0}" Source="{{me}}" Destination="999"><Criteria {1}/>'
            "</ChannelConfigurationInfoRequest>"
        )
        mine = await stage.pis.ask(channels.format(3, 'ArticleId="A1"'))
        assert [channel.get("Id") for channel in mine] == ["1-01"]
        assert mine[0].get("MaxPackHeight") == "110"
        assert len(await stage.pis.ask(channels.format(4, 'ArticleId=""'))) == 8
        assert len(await stage.pis.ask(channels.format(5, 'ChannelId="2-03"'))) == 1
        told = await stage.pis.ask('<ConfigurationGetRequest Id="6" Source="{me}" Destination="999"/>')
        assert '<Output Id="4" Capacity="40" Boxes="True"/>' in (told.find("Configuration").text or "")  # type: ignore[union-attr]
        lamp = (
            '<OutputDestinationStateIndicationSetRequest Id="{0}" Source="{{me}}" Destination="999" OutputDestination="{1}" '
            'State="Blinking"/>'
        )
        assert (await stage.pis.ask(lamp.format(7, 2))).get("Result") == "Ok"
        assert (await stage.pis.ask(lamp.format(8, 9))).get("Result") == "Error"
        assert stage.robot.steel.lamps["2"] == "Blinking"
        for _ in range(3):
            stage.hands.press("2")
        await asyncio.sleep(0.4)
        stage.hands.press("2")
        pressed = [lead.get("OutputDestination") for lead in await stage.pis.listen(1)]
        assert pressed == ["2", "2"], "repeats within 300 ms are told once"

    staged(tell)


def test_a_silent_or_rebooted_robot() -> None:
    """Power lost: connections end, orders are forgotten without a word, packs stay where they are, the gripper's goes back."""

    async def tell(stage: Stage) -> None:
        for _ in range(3):
            stage.hold()
        silent = stage.fault("silence", board="R1")
        stage.pis.say(ordered(690))
        assert await stage.pis.listen(60) == []
        assert all(stage.robot.steel.place(number).startswith("rack:") for number in (1, 2, 3)), "it did not hear"
        stage.faults.lift(silent)
        await stage.pis.ask(ordered(688, quantity=2))
        steel = stage.robot.steel
        await steel.moves.until(lambda: steel.place(2) == "gripper", 60)
        stage.fault("reboot", board="R1", seconds=5)
        await stage.pis.listen(1)
        assert stage.pis.closed
        down = await stage.dial()
        await down.listen(1)
        assert down.closed, "nobody is there"
        await asyncio.sleep(60)
        again = await stage.dial()
        await again.hello()
        told = await again.ask(
            '<TaskInfoRequest Id="2" Source="{me}" Destination="777"><Task Type="Output" Id="688"/></TaskInfoRequest>'
        )
        assert only(told, "Task")["Status"] == "Unknown"
        assert (steel.place(1), steel.place(2)[:5]) == ("output:1", "rack:")
        assert stage.robot.book.count("A1") == 2

    staged(tell)
