"""Every clause of the devices notes 1.19, what the simulated robot must be able to do wrong: each with a test of its own.

Nothing here is answered from a script: each case comes out of the plant, of hands, or of a fault of the control API.
"""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable

import pytest

from tests.simulators.pis import Pis, Stage, staged

CLAUSES = {
    "NotReady with one component down": "test_not_ready_with_one_component_down",
    "Rejected output": "test_rejected_output",
    "Incomplete with fewer packs": "test_incomplete_with_fewer_packs",
    "Incomplete with none": "test_incomplete_with_none_within_the_same_second",
    "Incomplete within the same second": "test_incomplete_with_none_within_the_same_second",
    "Aborted after a cancel, with packs already out": "test_aborted_after_a_cancel_with_packs_already_out",
    "cancel answered CancelError because the pack is on the belt": "test_cancel_error_because_the_pack_is_on_the_belt",
    "output to another destination than asked": "test_output_to_another_destination_than_asked",
    "orders finishing out of order": "test_orders_finish_out_of_order",
    "unsolicited stock, output (Id 1) and input messages between a request and its response": (
        "test_unsolicited_messages_between_a_request_and_its_response"
    ),
    "input repeated with the same Id after RejectedNoExpiryDate": "test_input_repeated_with_the_same_id",
    "input aborted after Allowed (measurement)": "test_input_aborted_after_allowed_by_the_measurement",
    "input aborted after Allowed (operator)": "test_input_aborted_after_allowed_by_the_operator",
    "expiry corrected later by StockInfoMessage": "test_expiry_corrected_later",
    "two clients: a message seen by both, a response by one": "test_two_clients",
    "Hello too late": "test_hello_too_late",
    "Hello twice": "test_hello_twice",
    "KeepAlive in the middle of a long answer": "test_keep_alive_in_the_middle_of_a_long_answer",
    "UnprocessedMessage quoting a whole message in CDATA": "test_unprocessed_quotes_a_whole_message",
    "an answer split at every byte position": "test_an_answer_split_at_every_byte_position",
    "connection lost between OutputResponse and OutputMessage": "test_connection_lost_between_response_and_message",
}

Story = Callable[[Stage], Awaitable[None]]

STATUS = '<StatusRequest Id="{id}" Source="{me}" Destination="999" IncludeDetails="true"/>'
STOCK = (
    '<StockInfoRequest Id="{id}" Source="{me}" Destination="777" IncludePacks="True"><Criteria ArticleId="A1"/></StockInfoRequest>'
)


def ordered(id: int, quantity: int = 1, output: int = 1, article: str = "A1", priority: str = "Normal", criteria: str = "") -> str:
    """An OutputRequest as the recorded client writes it."""
    return (
        f'<OutputRequest Id="{id}" Source="{{me}}" Destination="777"><Details Priority="{priority}" OutputDestination="{output}" '
        f'OutputPoint="0"/><Criteria ArticleId="{article}" Quantity="{quantity}" SubItemQuantity="0" PackId="0" '
        f'SingleBatchNumber="False"{criteria}/></OutputRequest>'
    )


def cancelled(id: int, order: int) -> str:
    return f'<TaskCancelRequest Id="{id}" Source="{{me}}" Destination="777"><Task Type="Output" Id="{order}"/></TaskCancelRequest>'


def answered(asked: ET.Element, handling: str, article: str = "A1", pack: str = "") -> str:
    """An InputResponse to this InputRequest."""
    return (
        f'<InputResponse Id="{asked.get("Id")}" Source="{{me}}" Destination="{asked.get("Source")}"><Article Id="{article}" '
        f'Name="N"><Pack Index="0" {pack}><Handling Input="{handling}"/></Pack></Article></InputResponse>'
    )


def status(lead: ET.Element) -> str | None:
    details = lead.find("Details")
    return None if details is None else details.get("Status")


def packs(lead: ET.Element) -> list[str | None]:
    return [pack.get("Id") for pack in lead.iter("Pack")]


def test_each_clause_has_its_test() -> None:
    assert len(CLAUSES) == 21
    assert all(callable(globals()[test]) for test in CLAUSES.values())


def test_not_ready_with_one_component_down() -> None:
    async def tell(stage: Stage) -> None:
        ready = await stage.pis.ask(STATUS.format(id=2, me="{me}"))
        assert (ready.get("State"), ready.get("StateText")) == ("Ready", "Automatic")
        fault = stage.fault("robot-component", component="box", text="box lift blocked")
        down = await stage.pis.ask(STATUS.format(id=3, me="{me}"))
        assert (down.get("State"), down.get("StateText")) == ("NotReady", "box lift blocked")
        assert [(one.get("Type"), one.get("State"), one.get("StateText")) for one in down] == [
            ("StorageSystem", "Ready", "Automatic"),
            ("BoxSystem", "NotReady", "box lift blocked"),
        ]
        stage.faults.lift(fault)
        fault = stage.fault("robot-component", component="storage", text="axis")
        stage.hold()
        await stage.pis.ask(ordered(688))
        assert await stage.pis.listen(60) == [], "nothing moves"
        assert (await stage.pis.ask(STATUS.format(id=4, me="{me}"))).get("State") == "NotReady"
        stage.faults.lift(fault)
        assert status(await stage.pis.until("OutputMessage")) == "Completed"
        assert (await stage.pis.ask(STATUS.format(id=5, me="{me}"))).get("State") == "Ready"
        brief = '<StatusRequest Id="6" Source="{me}" Destination="999"/>'
        assert len(await stage.pis.ask(brief)) == 0

    staged(tell)


def test_rejected_output() -> None:
    """For an output that is not there, one that is out of order, an order that is open already, boxes where there are none."""

    async def tell(stage: Stage) -> None:
        stage.hold()
        stage.hold()
        stage.fault("robot-output", output="3")
        refused = [await stage.pis.ask(ordered(700, output=9)), await stage.pis.ask(ordered(701, output=3))]
        assert status(await stage.pis.ask(ordered(702))) == "Queued"
        stage.pis.log.clear()
        refused.append(await stage.pis.ask(ordered(702)))
        boxed = ordered(703).replace("<OutputRequest", '<OutputRequest BoxNumber="77"')
        refused.append(await stage.pis.ask(boxed))
        assert [status(one) for one in refused] == ["Rejected"] * 4
        assert refused[0].find("Criteria").attrib == {"ArticleId": "A1", "Quantity": "1"}  # type: ignore[union-attr]
        heard = await stage.pis.listen(120)
        assert [(one.tag, one.get("Id")) for one in heard] == [("OutputMessage", "702"), ("StockInfoMessage", "1")]
        assert sorted(map(stage.robot.steel.place, (1, 2))) == ["output:1", "rack:1-01-08+65"]

    staged(tell)


def test_incomplete_with_fewer_packs() -> None:
    async def tell(stage: Stage) -> None:
        held = [stage.hold(), stage.hold()]
        await stage.pis.ask(ordered(688, quantity=3))
        ended = await stage.pis.until("OutputMessage", id="688")
        assert status(ended) == "Incomplete"
        assert packs(ended) == [str(one.id) for one in held]
        assert [stage.robot.steel.place(number) for number in (1, 2)] == ["output:1"] * 2

    staged(tell)


def test_incomplete_with_none_within_the_same_second() -> None:
    """Two orders that find nothing end within the second in which they were given, with their article and no pack."""

    async def tell(stage: Stage) -> None:
        await stage.pis.ask(ordered(689, article="A7"))
        await stage.pis.ask(ordered(690, article="A8"))
        ended = [await stage.pis.until("OutputMessage", within_s=1, id=id) for id in ("689", "690")]
        assert [status(one) for one in ended] == ["Incomplete"] * 2
        assert [ET.tostring(one[1]) for one in ended] == [b'<Article Id="A7" />', b'<Article Id="A8" />']
        assert max(at for at, _ in stage.pis.log) < 1

    staged(tell)


def test_aborted_after_a_cancel_with_packs_already_out() -> None:
    """The response comes first, then the order's end, which lists what is out, the pack that was under way too."""

    async def tell(stage: Stage) -> None:
        for _ in range(5):
            stage.hold()
        await stage.pis.ask(ordered(688, quantity=5))
        await stage.pis.until("StockInfoMessage")
        answer = await stage.pis.ask(cancelled(3, 688))
        assert [task.attrib for task in answer] == [{"Type": "Output", "Id": "688", "Status": "Cancelled"}]
        again = await stage.pis.ask(
            '<TaskCancelOutputRequest Id="4" Source="{me}" Destination="777"><Task Id="688"/></TaskCancelOutputRequest>'
        )
        assert [task.attrib for task in again] == [{"Id": "688", "Status": "Cancelled"}], "it is Aborting still"
        ended = await stage.pis.until("OutputMessage")
        assert (status(ended), len(packs(ended))) == ("Aborted", 2)
        tags = stage.pis.tags()
        assert tags.index("TaskCancelResponse") < tags.index("OutputMessage")
        out = [number for number in range(1, 6) if stage.robot.steel.place(number) == "output:1"]
        assert len(out) == 2
        assert not any(held.reserved for held in stage.robot.book.packs.values())

    staged(tell)


def test_an_order_cancelled_before_it_began_is_aborted_without_a_pack() -> None:
    async def tell(stage: Stage) -> None:
        stage.hold()
        stage.hold("A2")
        await stage.pis.ask(ordered(688))
        await stage.pis.ask(ordered(689, article="A2"))
        await stage.pis.ask(cancelled(3, 689))
        ended = await stage.pis.until("OutputMessage", id="689")
        assert (status(ended), packs(ended)) == ("Aborted", [])
        unknown = await stage.pis.ask(cancelled(4, 4711))
        assert unknown[0].get("Status") == "Unknown"
        assert status(await stage.pis.until("OutputMessage", id="688")) == "Completed"

    staged(tell)


def test_cancel_error_because_the_pack_is_on_the_belt() -> None:
    async def tell(stage: Stage) -> None:
        stage.hold()
        await stage.pis.ask(ordered(688))
        await stage.robot.steel.moves.until(lambda: stage.robot.steel.place(1) == "belt:1", 60)
        assert (await stage.pis.ask(cancelled(3, 688)))[0].get("Status") == "CancelError"
        assert status(await stage.pis.until("OutputMessage")) == "Completed"
        assert (await stage.pis.ask(cancelled(4, 688)))[0].get("Status") == "CancelError", "it is out"

    staged(tell)


def test_output_to_another_destination_than_asked() -> None:
    async def tell(stage: Stage) -> None:
        stage.hold()
        stage.fault("robot-output", output="1", instead="3")
        assert status(await stage.pis.ask(ordered(688, output=1))) == "Queued"
        ended = await stage.pis.until("OutputMessage")
        assert (status(ended), ended.find("Details").get("OutputDestination")) == ("Completed", "1")  # type: ignore[union-attr]
        assert [pack.get("OutputDestination") for pack in ended.iter("Pack")] == ["3"]
        assert stage.robot.steel.place(1) == "output:3"

    staged(tell)


def test_orders_finish_out_of_order() -> None:
    """An urgent one overtakes, and one of which nothing is there ends at once."""

    async def tell(stage: Stage) -> None:
        for article in ("A1", "A1", "A2"):
            stage.hold(article)
        await stage.pis.ask(ordered(688, quantity=2, priority="Low"))
        await stage.pis.ask(ordered(689, article="A2", priority="High"))
        await stage.pis.ask(ordered(690, article="A9"))
        await stage.pis.until("OutputMessage", id="688")
        ended = [(lead.get("Id"), status(lead)) for _, lead in stage.pis.log if lead.tag == "OutputMessage"]
        assert ended == [("690", "Incomplete"), ("689", "Completed"), ("688", "Completed")]

    staged(tell)


def test_unsolicited_messages_between_a_request_and_its_response() -> None:
    """While the robot assembles a stock answer, somebody at its screen has a pack put out, and another pack comes in."""

    async def tell(stage: Stage) -> None:
        stage.hold("A2")
        stage.hold()
        stage.fault("robot-manners", assembling_s=60)
        stage.pis.say(STOCK.format(id=11, me="{me}"))
        stage.hands.order("2", article="A2")
        stage.hands.lay("1", stage.robot.new_pack("A3", "4711"))
        stage.pis.say(answered(await stage.pis.until("InputRequest"), "Allowed", "A3"))
        await stage.pis.until("StockInfoResponse", within_s=70)
        tags = stage.pis.tags()
        between = tags[1 : tags.index("StockInfoResponse")]
        assert sorted(between) == ["InputMessage", "InputRequest", "OutputMessage", "StockInfoMessage", "StockInfoMessage"]
        manual = await stage.pis.until("OutputMessage")
        assert (manual.get("Id"), status(manual), len(packs(manual))) == ("1", "Completed", 1)
        assert {lead.get("Id") for _, lead in stage.pis.log if lead.tag == "StockInfoMessage"} == {"1"}

    staged(tell)


def test_input_repeated_with_the_same_id() -> None:
    """Somebody types the expiry at the robot's screen, and it asks again: the Id is not closed until the InputMessage."""

    async def tell(stage: Stage) -> None:
        stage.hands.lay("1", stage.robot.new_pack("A1", "03453120000011"))
        first = await stage.pis.until("InputRequest")
        assert first.find("Article/Pack").get("ExpiryDate") is None  # type: ignore[union-attr]
        stage.pis.say(answered(first, "RejectedNoExpiryDate"))
        assert await stage.pis.listen(10) == []
        before = len(stage.pis.log)
        stage.hands.enter("1", expiry="2030-06-30")
        again = await stage.pis.until("InputRequest", after=before)
        asked = again.find("Article/Pack").attrib  # type: ignore[union-attr]
        assert again.get("Id") == first.get("Id")
        assert (asked["ExpiryDate"], asked["ExpiryDateSource"]) == ("2030-06-30", "ManualEntry")
        stage.pis.say(answered(again, "RejectedNoBatchNumber"))
        await stage.pis.listen(1)
        before = len(stage.pis.log)
        stage.hands.enter("1", batch="B9")
        third = await stage.pis.until("InputRequest", after=before)
        assert (third.get("Id"), third.find("Article/Pack").get("BatchNumber")) == (first.get("Id"), "B9")  # type: ignore[union-attr]
        stage.pis.say(answered(third, "RejectedNoPickingIndicator"))
        await stage.pis.listen(1)
        before = len(stage.pis.log)
        stage.hands.enter("1", insist=True)
        last = await stage.pis.until("InputRequest", after=before)
        assert last.get("SetPickingIndicator") == "True"
        stage.pis.say(answered(last, "Allowed"))
        stored = await stage.pis.until("InputMessage")
        assert stored.get("Id") == first.get("Id")
        assert stored.find("Article/Pack/Handling").get("Input") == "Completed"  # type: ignore[union-attr]
        assert stored.find("Article/Pack").get("ExpiryDate") == "2030-06-30"  # type: ignore[union-attr]

    staged(tell)


def test_input_aborted_after_allowed_by_the_measurement() -> None:
    async def tell(stage: Stage) -> None:
        stage.fault("robot-mismeasures")
        stage.hands.lay("1", stage.robot.new_pack("A1", "4711"))
        stage.pis.say(answered(await stage.pis.until("InputRequest"), "Allowed"))
        ended = await stage.pis.until("InputMessage")
        handling = ended.find("Article/Pack/Handling")
        assert handling is not None
        assert handling.attrib == {"Input": "Aborted", "Text": "the pack was measured wrongly"}
        assert packs(ended) == ["0"]
        assert (stage.robot.steel.place(1), len(stage.robot.book.packs), stage.faults.told()) == ("reject:1", 0, [])

    staged(tell)


def test_input_aborted_after_allowed_by_the_operator() -> None:
    async def tell(stage: Stage) -> None:
        stage.hands.lay("1", stage.robot.new_pack("A1", "4711"))
        stage.pis.say(answered(await stage.pis.until("InputRequest"), "Allowed"))
        await stage.pis.listen(0.5)
        assert stage.hands.take(1) == "input:1"
        ended = await stage.pis.until("InputMessage")
        assert ended.find("Article/Pack/Handling").attrib == {  # type: ignore[union-attr]
            "Input": "Aborted",
            "Text": "the pack is no longer there",
        }
        assert "StockInfoMessage" not in stage.pis.tags()
        assert stage.robot.steel.place(1) == "hand"

    staged(tell)


def test_expiry_corrected_later() -> None:
    """The bar code said nothing, the pharmacy system guessed; the camera reads what is printed."""

    async def tell(stage: Stage) -> None:
        stage.hands.lay("1", stage.robot.new_pack("A1", "4711", expiry="2028-02-29"))
        stage.pis.say(answered(await stage.pis.until("InputRequest"), "Allowed", pack='ExpiryDate="2031-01-31"'))
        stored = await stage.pis.until("InputMessage")
        assert stored.find("Article/Pack").get("ExpiryDate") == "2031-01-31"  # type: ignore[union-attr]
        before = len(stage.pis.log)
        later = [lead for lead in await stage.pis.listen(30) if lead.find("Article/Pack") is not None]
        assert [lead.tag for lead in later] == ["StockInfoMessage"], before
        corrected = later[0].find("Article/Pack").attrib  # type: ignore[union-attr]
        assert (corrected["ExpiryDate"], corrected["ExpiryDateSource"]) == ("2028-02-29", "OCR")
        assert corrected["Id"] == stored.find("Article/Pack").get("Id")  # type: ignore[union-attr]

    staged(tell)


def test_two_clients() -> None:
    async def tell(stage: Stage) -> None:
        stage.hold()
        other = await stage.dial(101)
        await other.hello()
        await stage.pis.ask(ordered(688))
        mine, theirs = await stage.pis.until("OutputMessage"), await other.until("OutputMessage")
        assert (mine.get("Destination"), theirs.get("Destination")) == ("100", "101")
        assert packs(mine) == packs(theirs)
        assert "OutputResponse" in stage.pis.tags()
        assert "OutputResponse" not in other.tags()
        other.end.close()
        stage.hold()
        await stage.pis.ask(ordered(689))
        await stage.pis.until("OutputMessage", id="689")
        assert len(stage.station.clients) == 1

    staged(tell)


def test_hello_too_late() -> None:
    async def tell(stage: Stage) -> None:
        late = await stage.dial(101)
        late.say(STATUS.format(id=2, me="{me}"))
        assert await late.listen(4.9) == []
        assert not late.closed
        await late.listen(0.2)
        assert late.closed
        assert not stage.pis.closed

    staged(tell)


def test_hello_twice() -> None:
    """By the client: answered again, and the last one counts. By the robot: its answer comes twice, or late."""

    async def tell(stage: Stage) -> None:
        stage.pis.number = 1001
        await stage.pis.hello()
        await stage.pis.listen(1)
        assert stage.pis.tags() == ["HelloResponse"] * 2
        assert stage.station.clients[0].number == 1001
        other = await stage.dial(101)
        stage.fault("duplicate", link="robot")
        await other.hello()
        await other.listen(1)
        assert other.tags() == ["HelloResponse"] * 2
        third = await stage.dial(102)
        stage.fault("late", link="robot", seconds=7)
        with pytest.raises(TimeoutError):
            await third.hello()
        assert (await third.until("HelloResponse", within_s=3))[0].get("Id") == "999"

    staged(tell)


def test_keep_alive_in_the_middle_of_a_long_answer() -> None:
    """Of the robot, which wants a sign of life meanwhile, and of the client, whose is answered first."""

    async def tell(stage: Stage) -> None:
        for _ in range(3):
            stage.hold()
        stage.fault("robot-manners", assembling_s=1, keep_alive_s=2)
        stage.pis.say(STOCK.format(id=11, me="{me}"))
        await stage.pis.ask('<KeepAliveRequest Id="12" Source="{me}" Destination="999"/>', within_s=1)
        asked = await stage.pis.until("KeepAliveRequest")
        stage.pis.say(f'<KeepAliveResponse Id="{asked.get("Id")}" Source="{{me}}" Destination="999"/>')
        await stage.pis.until("StockInfoResponse", within_s=5)
        assert stage.pis.tags()[1:4] == ["KeepAliveResponse", "KeepAliveRequest", "StockInfoResponse"]

    staged(tell)


def test_unprocessed_quotes_a_whole_message() -> None:
    """The marker that ends messages stands inside the quotation, and `]]>` of the original is taken apart."""

    async def tell(stage: Stage) -> None:
        odd = '<FutureRequest Id="9" Source="100" Destination="999"><![CDATA[</WWKS> ]]></FutureRequest>'
        stage.pis.end.write(f'<WWKS Version="2.0">{odd}</WWKS>'.encode())
        stage.pis.end.write(b'<WWKS Version="2.0"><StatusRequest Id="10" Source="100"</WWKS>')
        await asyncio.sleep(1)
        raw = await stage.pis.end.read()
        assert raw.count(b"<UnprocessedMessage ") == 2
        first, second = (
            b"<UnprocessedMessage " + one.split(b"</UnprocessedMessage>")[0] for one in raw.split(b"<UnprocessedMessage ")[1:]
        )
        read = ET.fromstring(first + b"</UnprocessedMessage>")
        quoted = read.find("Message")
        assert quoted is not None
        assert (read.get("Reason"), quoted.get("Id"), quoted.text) == ("NotSupported", "9", f'<WWKS Version="2.0">{odd}</WWKS>')
        assert b"<![CDATA[<WWKS" in first
        assert b"]]]]><![CDATA[>" in first
        assert b'Reason="SyntaxError"' in second

    staged(tell)


def test_an_answer_split_at_every_byte_position() -> None:
    """Byte by byte over the wire; and what a client sends is understood however it is split."""

    async def tell(stage: Stage) -> None:
        stage.hold("Ä1")
        stage.fault("weather", link="robot", storm="splitting")
        request = STOCK.replace("A1", "Ä1").format(id=11, me="{me}")
        whole = await stage.pis.ask(request, within_s=60)
        article = whole.find("Article")
        assert article is not None
        assert (article.get("Id"), article.get("Quantity")) == ("Ä1", "1")
        stage.faults.lift(1)
        data = f'<WWKS Version="2.0">{request.replace("{me}", "100")}</WWKS>'.encode()
        for place in range(1, len(data)):
            stage.pis.end.write(data[:place])
            await asyncio.sleep(0.01)
            assert await stage.pis.listen(0.01) == []
            stage.pis.end.write(data[place:])
            assert [lead.tag for lead in await stage.pis.listen(0.01)] == ["StockInfoResponse"]

    staged(tell)


def test_connection_lost_between_response_and_message() -> None:
    """There is no replay; the packs come out all the same, and the robot says so when it is asked."""

    async def tell(stage: Stage) -> None:
        stage.hold()
        assert status(await stage.pis.ask(ordered(688))) == "Queued"
        stage.fault("unplug", link="robot", seconds=30)
        await stage.pis.listen(1)
        assert stage.pis.closed
        await asyncio.sleep(40)
        assert stage.robot.steel.place(1) == "output:1"
        again: Pis = await stage.dial()
        await again.hello()
        assert await again.listen(10) == []
        told = await again.ask(
            '<TaskInfoRequest Id="2" Source="{me}" Destination="777" IncludeTaskDetails="True"><Task Type="Output" Id="688"/>'
            "</TaskInfoRequest>"
        )
        assert told[0].attrib == {"Type": "Output", "Id": "688", "Status": "Completed"}
        assert len(packs(told)) == 1

    staged(tell)
