"""The driver of WWKS 2 robots against literal messages of a scripted robot, in memory: dialogs, events, hostile splitting, cuts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest

from drivers.capabilities import Robot
from drivers.dialogs import DialogLink
from drivers.faults import Effect, Fault, LinkFault, LinkLost, NoReply
from drivers.robot_deliveries import DeliveryLine, MasterArticle, SetAnswer, SetSaid
from drivers.robot_facts import (
    CancelAnswer,
    InputAsked,
    InputEnded,
    InputRuling,
    InputVerdict,
    OrderAnswer,
    OutputEnd,
    OutputEnded,
    OutputProgress,
    PackRuling,
    PickLine,
    PickOrder,
    RobotEvent,
    RobotLink,
    RobotReadiness,
    StockChanged,
    TaskStatus,
    Unprocessed,
)
from drivers.robots import wwks2
from drivers.robots.wwks2 import Wwks2
from drivers.wirelog import WireLog
from sites.robots import RobotOutput, Wwks2Robot
from tests.drivers.lines import now, over
from tests.drivers.robot_peer import COMPONENTS, PACK, Peer, attribute, envelope, name, output, queued
from tests.kit import virtual_loop
from tests.kit.wire import FarEnd, Weather, byte_by_byte, calm

SOON = 1_000_000.0
ONE = PickLine(article="A1", packs=1)
CUTS = 200
MOMENT = datetime(2024, 11, 26, 16, 26, 41, tzinfo=UTC)


class Bench:
    """A driver on a link over a far end on which the scripted robot sits."""

    def __init__(self, inward: Weather = calm, wall: Callable[[], datetime] | None = lambda: MOMENT, **part: Any) -> None:
        self.peer = Peer()
        self.far = FarEnd(lambda data: self.peer.take(self.far.ends[-1], data), inward=inward)
        self.log = WireLog()
        self.link = DialogLink("robot", self.far.dial, wwks2.stream, self.log, lambda _, high: high, wwks2.means)
        site = Wwks2Robot(id="R1", driver="wwks2", link="robot", outputs=(RobotOutput(id="ward", number=2, name="Ward"),), **part)
        self.robot = Wwks2(self.link, site, wall)
        self.events: list[RobotEvent] = []
        self.robot.watch(self.events.append)

    async def order(self, id: str = "688", lines: tuple[PickLine, ...] = (ONE,)) -> OrderAnswer:
        return await self.robot.order(PickOrder(id=id, output=2, lines=lines), "intent-1", SOON)

    def told(self, kind: type[RobotEvent]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def settle(self) -> None:
        await asyncio.sleep(0.2)


def story(tell: Callable[[Bench], Awaitable[None]], **bench: Any) -> None:
    over(lambda: Bench(**bench), tell)


def test_the_driver_is_a_robot() -> None:
    robot: Robot = Bench().robot
    assert (robot.id, robot.link_id, robot.up) == ("R1", "robot", False)


def test_hello_is_the_first_message_and_comes_at_once() -> None:
    async def tell(bench: Bench) -> None:
        at, hello = bench.far.written[0]
        assert at - bench.far.dialled[0] < 5
        assert hello == (
            b'<WWKS Version="2.0" TimeStamp="2024-11-26T16:26:41Z"><HelloRequest Id="1000000001"><Subscriber Id="100" Type="IMS"'
            b' Manufacturer="Galenic" ProductInfo="Galenic" VersionInfo="2" TenantId="T1"><Capability Name="KeepAlive"/>'
            b'<Capability Name="Status"/><Capability Name="Input"/><Capability Name="ArticleMaster"/>'
            b'<Capability Name="StockDelivery"/><Capability Name="StockInfo"/><Capability Name="Output"/>'
            b'<Capability Name="TaskInfo"/><Capability Name="TaskCancel"/></Subscriber></HelloRequest></WWKS>'
        )
        assert bench.robot.robot is not None
        assert bench.robot.robot.version_info == "6.22"
        assert attribute(bench.far.written[1][1], "Destination") == "999"

    story(tell, tenant="T1")


def test_a_server_that_does_not_say_hello_is_no_robot() -> None:
    async def play() -> None:
        bench = Bench()
        del bench.peer.answers["HelloRequest"]
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(bench.link.run())
            await asyncio.sleep(12)
            running.cancel()
        assert not bench.link.ever_up
        assert len(bench.far.dialled) > 1
        assert bench.events == []

    virtual_loop.run(play())


def test_an_order_is_said_once_and_its_answer_and_its_packs_come_back() -> None:
    async def tell(bench: Bench) -> None:
        bench.peer.answers["OutputRequest"] = queued
        assert await bench.order() is OrderAnswer.QUEUED
        sent = next(data for _, data in bench.far.written if name(data) == "OutputRequest")
        assert sent == (
            b'<WWKS Version="2.0" TimeStamp="2024-11-26T16:26:41Z"><OutputRequest Id="688" Source="100" Destination="999">'
            b'<Details Priority="Normal" OutputDestination="2"/><Criteria ArticleId="A1" Quantity="1"/></OutputRequest></WWKS>'
        )
        bench.far.say(output("688", "BoxReleased", f'<Article Id="A1">{PACK}</Article><Box Number="X1"/>'))
        bench.far.say(output("688", "Completed", f'<Article Id="A1">{PACK}</Article>'))
        await bench.settle()
        (progress,), (ended,) = bench.told(OutputProgress), bench.told(OutputEnded)
        assert (progress.order, progress.boxes, ended.order, ended.end) == ("688", ("X1",), "688", OutputEnd.COMPLETED)
        (pack,) = ended.packs
        assert (pack.id, pack.article, pack.batch, pack.serial, pack.external) == (4020241126172643, "A1", "B7", "S7", "8Z1")
        assert (pack.expiry, pack.units, pack.output, pack.scan_code) == (
            date(2029, 3, 31), None, 3, "0103453120000011218Z1\x1d1729033110B7",
        )  # fmt: skip

    story(tell)


def test_every_filter_of_a_line_is_said() -> None:
    async def tell(bench: Bench) -> None:
        bench.peer.answers["OutputRequest"] = queued
        line = PickLine(
            article="A1", units=7, pack=12, batch="B", serial="S", external="E", expires_from=date(2027, 1, 31), one_batch=True,
            stock_location="L", machine="M",
        )  # fmt: skip
        order = PickOrder(id="2", output=2, lines=(line,), point=4, box="X1")
        assert await bench.robot.order(order, "intent-1", SOON) is OrderAnswer.QUEUED
        assert (
            b'BoxNumber="X1"><Details Priority="Normal" OutputDestination="2" OutputPoint="4"/><Criteria ArticleId="A1"'
            b' Quantity="0"'
            b' SubItemQuantity="7" MinimumExpiryDate="2027-01-31" BatchNumber="B" ExternalId="E" SerialNumber="S"'
            b' StockLocationId="L" MachineLocation="M" SingleBatchNumber="True" PackId="12"/>'
        ) in bench.peer.heard[-1]

    story(tell)


def test_the_master_and_a_delivery_are_said_once_each() -> None:
    async def tell(bench: Bench) -> None:
        for dialog, result in (("ArticleMasterSet", "Accepted"), ("StockDeliverySet", "Rejected")):
            inner = f'<SetResult Value="{result}" Text="as you say"/>'
            bench.peer.answers[f"{dialog}Request"] = lambda asked, d=dialog, i=inner: bench.peer.reply(asked, d, "", i)  # type: ignore[misc]
        article = MasterArticle(
            article="A1", name="N", dosage_form="tablet", packaging_unit="box", units_in_full_pack=20, fridge=True, codes=("0399",)
        )
        assert await bench.robot.master([article], "d-1/master", SOON) == SetSaid(answer=SetAnswer.ACCEPTED, text="as you say")
        assert (
            b'<Article Id="A1" Name="N" DosageForm="tablet" PackagingUnit="box" RequiresFridge="True" MaxSubItemQuantity="20">'
            b'<ProductCode Code="0399"/></Article>'
        ) in bench.peer.heard[-1]
        line = DeliveryLine(article="A1", packs=3, batch="B", expiry=date(2027, 1, 31))
        assert await bench.robot.announce("D-1", [line], "d-1", SOON) == SetSaid(answer=SetAnswer.REJECTED, text="as you say")
        assert (
            b'<StockDelivery DeliveryNumber="D-1"><Article Id="A1" BatchNumber="B" ExpiryDate="2027-01-31" Quantity="3"/>'
        ) in bench.peer.heard[-1]
        with pytest.raises(ValueError, match="lines of packs"):
            await bench.robot.announce("D-2", [], "d-2", SOON)
        del bench.peer.answers["StockDeliverySetRequest"]
        assert (await bench.robot.announce("D-3", [line], "d-3", SOON)).answer is SetAnswer.SILENT
        assert bench.peer.names().count("StockDeliverySetRequest") == 2, "never a second time"

    story(tell)


def test_of_another_stock_location_nothing_is_asked_and_nothing_told() -> None:
    def asks(id: str, location: str) -> bytes:
        pack = f'<Pack Index="0" ScanCode="4711" {location}/>'
        return envelope(f'<InputRequest Id="{id}" Source="40" Destination="100"><Article>{pack}</Article></InputRequest>')

    def ended(id: str, location: str) -> bytes:
        pack = f'<Pack Id="77" StockLocationId="{location}"><Handling Input="Completed"/></Pack>'
        return envelope(f'<InputMessage Id="{id}" Source="40" Destination="100"><Article Id="A1">{pack}</Article></InputMessage>')

    async def tell(bench: Bench) -> None:
        bench.peer.answers["OutputRequest"] = queued
        await bench.order()
        assert b' StockLocationId="L"' in bench.peer.heard[-1]
        stock = '<Article Id="A1" Quantity="2"><Pack Id="1" StockLocationId="L"/><Pack Id="2" StockLocationId="M"/></Article>'
        bench.peer.answers["StockInfoRequest"] = lambda asked: bench.peer.reply(asked, "StockInfo", "", stock)
        for articles, criteria in (
            (None, b'<Criteria StockLocationId="L"/>'),
            (["A1"], b'<Criteria ArticleId="A1" StockLocationId="L"/>'),
        ):
            (held,) = await bench.robot.stock(articles, packs=articles is not None)
            assert criteria in bench.peer.heard[-1]
            assert (held.quantity, [pack.id for pack in held.packs]) == (1, [1])
        for id, location in (("1", ""), ("2", 'StockLocationId="L"'), ("3", 'StockLocationId="M"')):
            bench.far.say(asks(id, location))
        for id, location in (("1", "L"), ("3", "M")):
            bench.far.say(ended(id, location))
        bench.far.say(
            output("9", "Completed", '<Article Id="A1"><Pack Id="2" StockLocationId="M" OutputDestination="2"/></Article>')
        )
        await bench.settle()
        asked = bench.told(InputAsked)
        assert [one.input for one in asked] == ["1", "2"], "who asks for another is not answered"
        assert [(one.input, len(one.stored)) for one in bench.told(InputEnded)] == [("1", 1)]
        assert [one.packs for one in bench.told(OutputEnded)] == [()]
        await bench.robot.answer_input(
            InputVerdict(asked=asked[1], intent="input-2", packs=(PackRuling(index=0, ruling=InputRuling.ALLOWED),))
        )
        await bench.settle()
        assert b'StockLocationId="L"' in bench.peer.heard[-1]

    story(tell, stock_location="L")


def test_a_rejected_order_and_one_that_nobody_answers() -> None:
    async def tell(bench: Bench) -> None:
        bench.peer.answers["OutputRequest"] = lambda asked: queued(asked).replace(b"Queued", b"Rejected")
        assert await bench.order("3") is OrderAnswer.REJECTED
        del bench.peer.answers["OutputRequest"]
        began = now()
        assert await bench.order("4") is OrderAnswer.SILENT
        assert 10 <= now() - began < 11
        assert bench.peer.orders() == ["3", "4"]

    story(tell)


def test_the_end_of_an_order_may_come_before_its_answer() -> None:
    async def tell(bench: Bench) -> None:
        bench.peer.answers["OutputRequest"] = lambda asked: output("688", "Incomplete", '<Article Id="A1"/>') + queued(asked)
        assert await bench.order() is OrderAnswer.QUEUED
        (ended,) = bench.told(OutputEnded)
        assert (ended.end, ended.packs) == (OutputEnd.INCOMPLETE, ())

    story(tell)


@pytest.mark.parametrize("id", ["1", "0", "", "007", "1000000000", "A7", "-3", "²"])
def test_ids_that_are_no_orders_are_refused_before_anything_is_sent(id: str) -> None:
    async def tell(bench: Bench) -> None:
        with pytest.raises(ValueError, match="2 to 999999999"):
            await bench.order(id)
        assert bench.peer.orders() == []

    story(tell)


def test_an_id_is_never_used_again_unless_nothing_was_written() -> None:
    async def tell(bench: Bench) -> None:
        bench.peer.answers["OutputRequest"] = queued
        with pytest.raises(LinkFault) as late:
            await bench.robot.order(PickOrder(id="5", output=2, lines=(ONE,)), "intent-1", now())
        assert (late.value.code, late.value.effect) == ("deadline-passed", Effect.NONE)
        assert await bench.order("5") is OrderAnswer.QUEUED
        with pytest.raises(ValueError, match="has been sent before"):
            await bench.order("5")
        with pytest.raises(ValueError, match="intent"):
            await bench.robot.order(PickOrder(id="6", output=2, lines=(ONE,)), "", SOON)
        for line in (PickLine(article="A1"), PickLine(article="A1", packs=-1), PickLine(article="A\ud800", packs=1)):
            with pytest.raises(ValueError):  # noqa: PT011 - whatever of it cannot be said
                await bench.order("7", (line,))
        assert bench.peer.orders() == ["5"]

    story(tell)


def test_a_link_that_is_down_moves_nothing_and_one_that_ends_leaves_doubt() -> None:
    async def tell(bench: Bench) -> None:
        bench.peer.answers["OutputRequest"] = lambda asked: bench.far.unplug() or b""
        with pytest.raises(LinkLost) as lost:
            await bench.order("8")
        assert lost.value.effect is Effect.UNKNOWN
        with pytest.raises(LinkLost) as down:
            await bench.order("9")
        assert down.value.effect is Effect.NONE
        await bench.settle()
        assert [(one.up, one.epoch) for one in bench.told(RobotLink)] == [(True, 1), (False, 1)]
        with pytest.raises(ValueError, match="before"):
            await bench.order("8")

    story(tell)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Unknown", TaskStatus.NOT_FOUND),
        ("Queued", TaskStatus.QUEUED),
        ("InProcess", TaskStatus.IN_PROCESS),
        ("Aborting", TaskStatus.ABORTING),
        ("Aborted", TaskStatus.ABORTED),
        ("Completed", TaskStatus.COMPLETED),
        ("Incomplete", TaskStatus.INCOMPLETE),
    ],
)
def test_how_far_an_order_is(said: str, status: TaskStatus) -> None:
    async def tell(bench: Bench) -> None:
        inner = f'<Task Type="Output" Id="688" Status="{said}"><Article Id="A1">{PACK}</Article><Box Number="X1"/></Task>'
        bench.peer.answers["TaskInfoRequest"] = lambda asked: bench.peer.reply(asked, "TaskInfo", "", inner)
        task = await bench.robot.task("688")
        assert task.status is status
        assert ([pack.id for pack in task.packs], task.boxes) == ([4020241126172643], ("X1",))
        assert b'IncludeTaskDetails="True"><Task Type="Output" Id="688"/>' in bench.peer.heard[-1]
        assert (await bench.robot.task("689")).status is TaskStatus.NOT_FOUND  # the answer is about another order

    story(tell)


@pytest.mark.parametrize(
    ("status", "answer"),
    [("Cancelled", CancelAnswer.CANCELLED), ("CancelError", CancelAnswer.REFUSED), ("Unknown", CancelAnswer.NOT_FOUND)],
)
def test_a_cancellation_is_sent_once(status: str, answer: CancelAnswer) -> None:
    async def tell(bench: Bench) -> None:
        inner = f'<Task Type="Output" Id="688" Status="{status}"/>'
        bench.peer.answers["TaskCancelRequest"] = lambda asked: bench.peer.reply(asked, "TaskCancel", "", inner)
        assert await bench.robot.cancel("688", "intent-1", SOON) is answer
        assert await bench.robot.cancel("689", "intent-1", SOON) is CancelAnswer.SILENT
        del bench.peer.answers["TaskCancelRequest"]
        assert await bench.robot.cancel("688", "intent-1", SOON) is CancelAnswer.SILENT
        assert bench.peer.names().count("TaskCancelRequest") == 3

    story(tell)


def test_a_question_is_asked_once_more_under_another_id() -> None:
    async def tell(bench: Bench) -> None:
        with pytest.raises(NoReply) as silent:
            await bench.robot.task("688")
        assert silent.value.effect is Effect.NONE
        ids = [attribute(message, "Id") for message in bench.peer.heard if name(message) == "TaskInfoRequest"]
        assert len(ids) == len(set(ids)) == 2
        answers = bench.link.figures.answers
        assert (answers.missing, bench.link.figures.timeouts) == (2, 2)
        assert sum(answers.counts) >= 1, "the Hello was answered"
        assert answers.longest_s is not None
        assert answers.longest_s < 1

    story(tell)


def test_stock_is_asked_in_slices_and_an_order_goes_between_them() -> None:
    async def tell(bench: Bench) -> None:
        def stock(asked: bytes) -> bytes:
            wanted = [piece.split(b'"')[0].decode() for piece in asked.split(b'ArticleId="')[1:]]
            assert len(wanted) <= 200
            return bench.peer.reply(asked, "StockInfo", "", "".join(f'<Article Id="{one}" Quantity="2"/>' for one in wanted))

        bench.peer.answers |= {"StockInfoRequest": stock, "OutputRequest": queued}
        async with asyncio.TaskGroup() as tasks:
            sync = tasks.create_task(bench.robot.stock([f"A{n}" for n in range(1000)], packs=False))
            await asyncio.sleep(0.015)
            assert await bench.order() is OrderAnswer.QUEUED
        assert [one.id for one in sync.result()] == [f"A{n}" for n in range(1000)]
        told = bench.peer.names()
        assert told.count("StockInfoRequest") == 5
        assert told.index("OutputRequest") < len(told) - 2

    story(tell)


def test_all_stock_with_packs_and_what_there_is_none_of() -> None:
    async def tell(bench: Bench) -> None:
        def stock(asked: bytes) -> bytes:
            packs = PACK if b'IncludePacks="True"' in asked else ""
            nothing = '<Article Id="1699057" Quantity="0"/>'
            return bench.peer.reply(asked, "StockInfo", "", f'<Article Id="A1" Name="N" Quantity="1">{packs}</Article>{nothing}')

        bench.peer.answers["StockInfoRequest"] = stock
        (article,) = await bench.robot.stock(None, packs=True)
        assert (article.id, article.name, article.quantity, [pack.batch for pack in article.packs]) == ("A1", "N", 1, ["B7"])
        (article,) = await bench.robot.stock(None, packs=False)
        assert article.packs == ()
        assert [b"<Criteria" in message for message in bench.peer.heard if name(message) == "StockInfoRequest"] == [
            False,
            True,
            False,
        ]

    story(tell)


MANY = "".join(f'<Article Id="A{n}" Quantity="1"/>' for n in range(10_000))


def test_an_order_leaves_while_a_long_answer_is_read() -> None:
    async def tell(bench: Bench) -> None:
        bench.peer.answers["StockInfoRequest"] = lambda asked: bench.peer.reply(asked, "StockInfo", "", MANY)
        bench.peer.answers["OutputRequest"] = queued
        asking = asyncio.ensure_future(bench.robot.stock(None, packs=False))
        await asyncio.sleep(bench.far.thinks)
        ordering = asyncio.ensure_future(bench.order())
        for _ in range(10):
            await asyncio.sleep(0)
        assert name(bench.far.written[-1][1]) == "OutputRequest"
        assert not asking.done()
        assert await ordering is OrderAnswer.QUEUED
        assert len(await asking) == 10_000

    story(tell)


def test_what_a_connection_was_still_telling_when_it_ended_is_not_told() -> None:
    async def tell(bench: Bench) -> None:
        bench.far.say(envelope(f'<StockInfoMessage Id="1" Source="777" Destination="100">{MANY}</StockInfoMessage>'))
        await asyncio.sleep(0)
        bench.far.ends[-1].close()
        with pytest.raises(LinkLost):
            await bench.order()
        await asyncio.sleep(30)
        assert bench.robot.up
        assert bench.told(StockChanged) == []

    story(tell)


ASKED = envelope(
    '<InputRequest Id="501" Source="40" Destination="100" IsNewDelivery="True" SetPickingIndicator="True"><Article>'
    '<Pack Index="0" ScanCode="0103453120000011218Z1\\x1d1729033110B7" DeliveryNumber="" BatchNumber="B7" ExternalId="8Z1" '
    'SerialNumber="" ExpiryDate="2029-03-31" ExpiryDateSource="Barcode" SubItemQuantity="0" StockLocationId="L1" '
    'MachineLocation=""/></Article><InputComponent Id="1" Name="front"/></InputRequest>'
)


def verdict(asked: InputAsked, ruling: InputRuling = InputRuling.ALLOWED, **more: Any) -> InputVerdict:
    return InputVerdict(asked=asked, intent="intent-2", packs=(PackRuling(index=0, ruling=ruling),), article="A1", **more)


def test_a_verdict_tells_back_every_attribute_that_was_asked() -> None:
    async def tell(bench: Bench) -> None:
        bench.far.say(ASKED)
        await bench.settle()
        (asked,) = bench.told(InputAsked)
        assert (asked.input, asked.source, asked.new_delivery, asked.picking_indicator, asked.belt) == ("501", 40, True, True, "1")
        assert (asked.packs[0].batch, asked.packs[0].serial, asked.packs[0].units) == ("B7", None, None)
        await bench.robot.answer_input(verdict(asked, name="Amoxicillin"))
        await bench.settle()
        assert bench.peer.heard[-1] == (
            b'<WWKS Version="2.0" TimeStamp="2024-11-26T16:26:41Z"><InputResponse Id="501" Source="100" Destination="40"'
            b' IsNewDelivery="True"><Article Id="A1" Name="Amoxicillin"><Pack Index="0"'
            b' ScanCode="0103453120000011218Z1\\x1D1729033110B7"'
            b' DeliveryNumber="" BatchNumber="B7" ExternalId="8Z1" SerialNumber="" ExpiryDate="2029-03-31"'
            b' ExpiryDateSource="Barcode"'
            b' SubItemQuantity="0" StockLocationId="L1" MachineLocation=""><Handling Input="Allowed"/></Pack>'
            b"</Article></InputResponse></WWKS>"
        )

    story(tell)


def test_an_input_may_be_asked_again_until_it_has_ended() -> None:
    async def tell(bench: Bench) -> None:
        bench.far.say(ASKED)
        await bench.settle()
        await bench.robot.answer_input(verdict(bench.told(InputAsked)[0], InputRuling.NO_EXPIRY))
        bench.far.say(ASKED.replace(b"2029", b"2030"))
        await bench.settle()
        again = bench.told(InputAsked)[1]
        await bench.robot.answer_input(verdict(again))
        await bench.settle()
        assert b'ExpiryDate="2030-03-31"' in bench.peer.heard[-1]
        done = '<Pack Id="7"><Handling Input="Completed"/></Pack><Pack Id="0"><Handling Input="Aborted" Text="too long"/></Pack>'
        bench.far.say(
            envelope(f'<InputMessage Id="501" Source="40" Destination="100"><Article Id="A1">{done}</Article></InputMessage>')
        )
        await bench.settle()
        (ended,) = bench.told(InputEnded)
        assert ([one.id for one in ended.stored], [one.id for one in ended.aborted], ended.text) == ([7], [None], "too long")
        with pytest.raises(ValueError, match="has ended"):
            await bench.robot.answer_input(verdict(again))

    story(tell)


def test_a_verdict_without_a_ruling_or_an_intent_lets_nothing_in() -> None:
    async def tell(bench: Bench) -> None:
        bench.far.say(ASKED)
        await bench.settle()
        (asked,) = bench.told(InputAsked)
        with pytest.raises(ValueError, match="ruling"):
            await bench.robot.answer_input(InputVerdict(asked=asked, intent="intent-2", packs=()))
        with pytest.raises(ValueError, match="intent"):
            await bench.robot.answer_input(replace(verdict(asked), intent=""))
        assert "InputResponse" not in bench.peer.names()

    story(tell)


def test_a_question_dies_with_its_connection() -> None:
    async def tell(bench: Bench) -> None:
        bench.far.say(ASKED)
        await bench.settle()
        bench.far.ends[-1].close()
        await asyncio.sleep(2)
        assert bench.link.epoch == 2
        with pytest.raises(LinkLost) as lost:
            await bench.robot.answer_input(verdict(bench.told(InputAsked)[0]))
        assert lost.value.effect is Effect.NONE

    story(tell)


def test_what_comes_before_the_hello_is_taken_in_is_told_after_it() -> None:
    async def tell(bench: Bench) -> None:
        bench.peer.answers["HelloRequest"] = lambda asked: ASKED + bench.peer.hello(asked) + ASKED
        bench.far.ends[-1].close()
        await asyncio.sleep(2)
        since = [type(event).__name__ for event in bench.events if event.epoch == 2]
        assert since[:3] == ["RobotLink", "InputAsked", "InputAsked"]
        await bench.robot.answer_input(verdict(bench.told(InputAsked)[-1]))

    story(tell)


def test_unsolicited_messages_between_a_question_and_its_answer() -> None:
    async def tell(bench: Bench) -> None:
        stock = envelope(
            '<StockInfoMessage Id="1" Source="777" Destination="100"><Article Id="A1" Quantity="6"/></StockInfoMessage>'
        )
        note = envelope(
            '<UnprocessedMessage Id="9" Source="777" Destination="100" Reason="DataError" Text="?"><Message Id="688"><![CDATA['
            "<WWKS><OutputRequest/></WWKS>]]></Message></UnprocessedMessage>"
        )
        manual, button = (
            output("1", "Completed", f'<Article Id="A9">{PACK}</Article>'),
            (envelope('<OutputDestinationButtonPressedMessage Id="3" Source="777" Destination="100" OutputDestination="2"/>')),
        )
        bench.peer.answers["OutputRequest"] = lambda asked: stock + manual + note + button + ASKED + queued(asked)
        assert await bench.order() is OrderAnswer.QUEUED
        assert [one.articles[0].quantity for one in bench.told(StockChanged)] == [6]
        assert [(one.order, one.packs[0].article) for one in bench.told(OutputEnded)] == [("1", "A9")]
        assert [(one.ours, one.reason, one.about) for one in bench.told(Unprocessed)] == [(True, "DataError", "688")]
        assert len(bench.told(InputAsked)) == 1
        assert "UnprocessedMessage" not in bench.peer.names()

    story(tell)


def test_a_keep_alive_is_answered_before_the_rest_of_a_long_answer_has_come() -> None:
    async def tell(bench: Bench) -> None:
        long = "".join(f'<Article Id="A{n}" Quantity="1"/>' for n in range(200))
        ping = envelope('<KeepAliveRequest Id="77" Source="40" Destination="100"/>')
        bench.far.inward = byte_by_byte(0.001)
        bench.peer.answers["StockInfoRequest"] = lambda asked: ping + bench.peer.reply(asked, "StockInfo", "", long)
        asked_at = now()
        assert len(await bench.robot.stock(["A1"], packs=False)) == 200
        answered = next(at for at, data in bench.far.written if name(data) == "KeepAliveResponse")
        assert answered - asked_at < 0.5 < 5 < now() - asked_at
        pong = next(data for _, data in bench.far.written if name(data) == "KeepAliveResponse")
        assert b'<KeepAliveResponse Id="77" Source="100" Destination="40"/>' in pong

    story(tell)


def test_readiness_is_news_only_when_it_changes() -> None:
    async def tell(bench: Bench) -> None:
        await asyncio.sleep(40)
        (first,) = bench.told(RobotReadiness)
        assert [(one.kind, one.name, one.ready) for one in first.components] == [("storage", "MTXL1", True), ("box", "OC1", True)]
        down = COMPONENTS.replace('"OC1" State="Ready"', '"OC1" State="NotReady"')
        bench.peer.answers["StatusRequest"] = lambda asked: bench.peer.reply(asked, "Status", 'State="NotReady"', down)
        await asyncio.sleep(40)
        assert [(one.ready, one.components[1].ready) for one in bench.told(RobotReadiness)] == [(True, True), (False, False)]

    story(tell)


def test_a_robot_that_tells_no_status_is_asked_whether_it_is_there() -> None:
    async def tell(bench: Bench) -> None:
        bench.peer.answers["HelloRequest"] = lambda asked: bench.peer.hello(asked).replace(b'Name="Status"', b'Name="Other"')
        bench.peer.answers["KeepAliveRequest"] = lambda asked: bench.peer.reply(asked, "KeepAlive")
        bench.far.ends[-1].close()
        await asyncio.sleep(40)
        assert bench.link.epoch == 2
        assert bench.peer.names()[-2:] == ["KeepAliveRequest", "KeepAliveRequest"]

    story(tell)


def test_a_robot_that_falls_silent_is_dialled_again() -> None:
    async def tell(bench: Bench) -> None:
        bench.far.outward = lambda data: []
        await asyncio.sleep(60)
        assert [one.reason for one in bench.told(RobotLink) if not one.up] == ["silent"]

    story(tell)


@pytest.mark.parametrize(
    ("bad", "reason", "about"),
    [
        (envelope('<OutputMessage Id="688" Source="40" Destination="100">'), "SyntaxError", None),
        (envelope('<OutputMessage Id="688" Source="40" Destination="100"/>'), "DataError", "688"),
        (envelope('<DanceRequest Id="5" Source="40" Destination="100"/>'), "NotSupported", "5"),
    ],
)
def test_what_cannot_be_read_is_said_so_and_the_stream_goes_on(bad: bytes, reason: str, about: str | None) -> None:
    async def tell(bench: Bench) -> None:
        bench.far.say(bad + output("688", "Completed"))
        await bench.settle()
        assert [(one.ours, one.reason, one.about) for one in bench.told(Unprocessed)] == [(False, reason, about)]
        assert len(bench.told(OutputEnded)) == 1
        sent = next(data for _, data in bench.far.written if b"<UnprocessedMessage" in data)
        assert f'Reason="{reason}"'.encode() in sent
        assert b"<![CDATA[" + bad + b"]]>" in sent

    story(tell)


def test_nobody_answers_an_unprocessed_message_even_one_that_cannot_be_read() -> None:
    async def tell(bench: Bench) -> None:
        before = len(bench.far.written)
        bench.far.say(envelope('<UnprocessedMessage Id="9" Source="777" Destination="100"/>'))
        bench.far.say(envelope("<UnprocessedMessage <"))
        await bench.settle()
        assert len(bench.far.written) == before
        assert len(bench.told(Unprocessed)) == 2

    story(tell)


def test_garbage_between_messages_is_a_new_epoch() -> None:
    async def tell(bench: Bench) -> None:
        bench.far.say(b"\x00\xff")
        await asyncio.sleep(2)
        assert bench.link.epoch == 2
        assert "framing is lost" in bench.told(RobotLink)[1].reason

    story(tell)


@pytest.mark.parametrize("seed", range(10))
def test_hostile_splitting_of_everything_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)

    free = [0.0]

    def split(data: bytes) -> list[tuple[float, bytes]]:
        """Pieces in order, also behind those of the message before."""
        cuts = sorted(chance.randrange(len(data)) for _ in range(chance.randint(0, 12)))
        begin = max(free[0] - now(), 0.0)
        pieces = [(begin + 0.001 * n, data[a:b]) for n, (a, b) in enumerate(pairwise([0, *cuts, len(data)]))]
        free[0] = now() + pieces[-1][0] + 0.001
        return pieces

    async def tell(bench: Bench) -> None:
        bench.peer.answers["OutputRequest"] = lambda asked: ASKED + queued(asked) + output(attribute(asked, "Id"), "Completed")
        for id in range(2, 22):
            assert await bench.order(str(id)) is OrderAnswer.QUEUED
        await bench.settle()
        assert [one.order for one in bench.told(OutputEnded)] == [str(id) for id in range(2, 22)]
        assert len(bench.told(InputAsked)) == 20

    story(tell, inward=split)


def cut_links(cuts: int, seed: int) -> tuple[list[str], set[str]]:
    """Orders over links that are cut after a random number of bytes in either direction: the ids that the robot heard, and those
    of which the driver said that nothing had been written."""
    chance, unsent = random.Random(seed), set[str]()

    async def tell(bench: Bench) -> None:
        bench.peer.answers["OutputRequest"] = lambda asked: queued(asked) + output(attribute(asked, "Id"), "Completed")
        for number in range(2, 2 + cuts):
            while not bench.robot.up:
                await asyncio.sleep(0.05)
            left = [chance.randrange(700)]

            def cut(data: bytes, left: list[int] = left) -> list[tuple[float, bytes]]:
                take, left[0] = data[: left[0]], left[0] - len(data)
                if left[0] < 0:
                    asyncio.get_running_loop().call_later(chance.choice((0.0, 0.02)), bench.far.ends[-1].close)
                return [(0.0, take)] if take else []

            if chance.random() < 0.5:
                bench.far.outward = cut
            else:
                bench.far.inward = cut
            try:
                await bench.order(str(number))
            except Fault as fault:
                unsent.update({str(number)} if fault.effect is Effect.NONE else ())
            bench.far.outward = bench.far.inward = calm
            bench.far.ends[-1].close()
            await asyncio.sleep(0.3)
        sent.extend(attribute(data, "Id") for _, data in bench.far.written if name(data) == "OutputRequest")

    sent: list[str] = []
    story(tell)
    return sent, unsent


def test_no_order_is_ever_sent_twice_over_many_links_cut_at_any_byte() -> None:
    sent, unsent = cut_links(CUTS, 5)
    assert len(sent) == len(set(sent))
    assert len(set(sent)) + len(unsent) == CUTS
    assert not set(sent) & unsent


def test_the_log_says_what_a_message_means_or_what_is_wrong_with_it() -> None:
    assert wwks2.means(output("688", "Completed")).startswith("OutputMessage(id='688'")
    assert "no element found" in wwks2.means(b"<WWKS><OutputMessage") or "unclosed" in wwks2.means(b"<WWKS><OutputMessage")
