"""The link over a simulated CU16 board in virtual time: one send per act, no late answer believed, epochs, turns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.answers import STEPS_S
from drivers.capabilities import Answer
from drivers.faults import Effect, LinkFault, LinkLost, NoReply
from drivers.link import LinkChange
from drivers.registry import CRIES
from tests.kit import virtual_loop
from tests.kit.cu16 import TIMING, Bench


def over(bench_of: Callable[[], Bench], story: Callable[[Bench], Awaitable[None]]) -> None:
    """Plays a story with the link running, in virtual time, and ends the link after it."""

    async def play() -> None:
        bench = bench_of()
        up = asyncio.Event()
        bench.link.watch(lambda change: up.set() if change.up else None)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(bench.link.run())
            await up.wait()
            await story(bench)
            running.cancel()
        bench.line.clear()
        for drawer in bench.drawers:
            drawer.clear()

    virtual_loop.run(play())


def test_a_release_pulses_once_and_the_look_tells() -> None:
    async def story(bench: Bench) -> None:
        assert (await bench.board.look())[1].latched is True
        answer = await bench.board.release(1, "intent-1", 10)
        looks = await bench.board.look()
        assert answer is Answer.SILENT
        assert (looks[1].latched, looks[1].shut, looks[2].latched) == (False, True, True)
        assert [edge.drawer for edge in bench.truth.pulses()] == ["A-01"]
        assert [f.direction for f in bench.wirelog.frames("lockbus")][-5:] == ["out", "in", "out", "out", "in"]
        said = bench.wirelog.frames("lockbus")[-3].means
        assert said == "unlock lock 1 of board 0 for intent-1"

    over(Bench, story)


def test_a_board_that_answers_an_unlock_is_heard() -> None:
    async def story(bench: Bench) -> None:
        assert await bench.board.release(2, "intent-1", 10) is Answer.ACCEPTED

    over(lambda: Bench(answers_unlock=True), story)


def test_a_lost_answer_is_asked_again_but_a_pulse_is_not() -> None:
    async def story(bench: Bench) -> None:
        lost = [True, True]
        bench.hurt = lambda data, on: None if lost and lost.pop() else on(data)
        assert (await bench.board.look())[1].latched is True
        assert bench.link.figures.timeouts == 2
        assert (bench.board.answers.missing, sum(bench.board.answers.counts)) == (2, 1)
        bench.hurt = lambda data, on: None
        assert await bench.board.release(1, "intent-1", 60) is Answer.SILENT
        assert len(bench.truth.pulses()) == 1
        with pytest.raises(LinkFault) as silent:  # no reply, or by then the whole link is given up
            await bench.board.look()
        assert silent.value.effect is Effect.NONE

    over(lambda: Bench(answers_unlock=True), story)


def test_how_long_answers_took_is_counted_of_the_board_and_of_its_link() -> None:
    async def story(bench: Bench) -> None:
        answers, before = bench.board.answers, sum(bench.link.figures.answers.counts)
        assert (answers.counts, answers.longest_s) == ([0] * (len(STEPS_S) + 1), None)
        loop = asyncio.get_running_loop()
        for late_s in (0.0, 0.03, 0.15, 0.16):
            bench.hurt = lambda data, on, late_s=late_s: (loop.call_later(late_s, on, data), None)[1]  # type: ignore[misc]
            await bench.board.look()
        frames = [frame.at for frame in bench.wirelog.frames("lockbus")][-8:]
        took = [came - sent for sent, came in zip(frames[::2], frames[1::2], strict=True)]
        assert answers.longest_s == pytest.approx(max(took))
        steps = {end: count for end, count in zip((*STEPS_S, None), answers.counts, strict=True) if count}
        assert steps == {0.02: 1, 0.05: 1, 0.2: 2}
        assert answers.missing == 0
        assert sum(bench.link.figures.answers.counts) == before + 4
        assert before > 0, "who was there was asked before"

    over(Bench, story)


@pytest.mark.parametrize("late_s", [0.201, 0.25, 0.3, 0.399, 0.55])
def test_a_late_answer_is_never_the_next_one(late_s: float) -> None:
    """WI-04: the answer of before the opening arrives after its time-out, while the next question would be out."""

    async def story(bench: Bench) -> None:
        await bench.board.look()
        loop, late = asyncio.get_running_loop(), [late_s]
        bench.hurt = lambda data, on: (loop.call_later(late.pop(), on, data), None)[1] if late else on(data)
        asking = asyncio.ensure_future(bench.board.look())
        await asyncio.sleep(0.1)
        bench.drawers[0].force()
        looks = await asking
        assert looks[1].shut is False
        assert bench.link.figures.strays == 1

    over(Bench, story)


@pytest.mark.parametrize("left_s", [-1.0, 0.0, 0.1, 0.25, 0.58])
def test_an_expired_act_is_never_sent(left_s: float) -> None:
    """WI-17 in small: while a question and its drain hold the line (0.6 s), the deadline passes."""

    async def story(bench: Bench) -> None:
        loop = asyncio.get_running_loop()
        bench.hurt = lambda data, on: None
        async with asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(_swallow(bench.board.look()))
            await asyncio.sleep(0.02)  # the question is on the wire
            began = loop.time()
            with pytest.raises(LinkFault) as late:
                await bench.board.release(1, "intent-1", began + left_s)
            assert (late.value.code, late.value.effect) == ("deadline-passed", Effect.NONE)
            assert loop.time() <= began + max(left_s, 0) + 0.001
            looking.cancel()
        assert bench.truth.pulses() == []

    over(Bench, story)


def test_an_act_needs_an_intent() -> None:
    async def story(bench: Bench) -> None:
        with pytest.raises(ValueError, match="intent"):
            await bench.board.release(1, "", 10)

    over(Bench, story)


def test_an_act_waits_for_one_exchange_and_its_drain_never_for_its_retries() -> None:
    async def story(bench: Bench) -> None:
        loop = asyncio.get_running_loop()
        await bench.board.look()
        bench.hurt = lambda data, on: None
        began = loop.time()
        async with asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(_swallow(bench.board.look()))
            await asyncio.sleep(0.01)
            releasing = tasks.create_task(bench.board.release(1, "intent-1", began + 5))
            await releasing
            assert bench.truth.pulses()[0].at - began <= 0.2 + 0.4 + 0.02
            looking.cancel()

    over(Bench, story)


def test_noise_that_came_just_now_and_nobody_has_read_holds_an_act_back_and_a_question_no_longer_than_a_late_answer() -> None:
    async def story(bench: Bench) -> None:
        loop = asyncio.get_running_loop()
        await bench.board.look()
        await asyncio.sleep(1)
        began = loop.time()
        bench.wire.say(b"\xff")
        await bench.board.release(1, "intent-1", began + 5)
        assert bench.truth.pulses()[0].at - began >= TIMING.late_s
        await asyncio.sleep(1)
        began = loop.time()
        async with asyncio.TaskGroup() as tasks:
            babbling = tasks.create_task(_babble(bench))
            await bench.board.look()
            asked = next(frame for frame in bench.wirelog.frames("lockbus") if frame.direction == "out" and frame.at >= began)
            assert asked.at - began <= TIMING.late_s + 0.02
            babbling.cancel()

    over(Bench, story)


async def _babble(bench: Bench) -> None:
    while True:
        bench.wire.say(b"\xff")
        await asyncio.sleep(0.002)


async def _swallow(asking: Awaitable[object]) -> None:
    with pytest.raises((NoReply, asyncio.CancelledError)):
        await asking


def test_unplugging_fails_what_is_pending_and_says_whether_it_was_written() -> None:
    async def story(bench: Bench) -> None:
        changes: list[LinkChange] = []
        bench.link.watch(changes.append)
        bench.hurt = lambda data, on: None
        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(_lost(bench, Effect.UNKNOWN))
            await asyncio.sleep(0.1)
            bench.wire.unplug()
            await asking
        assert not bench.link.up
        await _lost(bench, Effect.NONE)
        bench.wire.plug()
        bench.hurt = lambda data, on: on(data)
        while not bench.link.up:
            await asyncio.sleep(0.1)
        assert (await bench.board.look())[1].epoch == 2
        assert [(c.up, c.epoch) for c in changes] == [(False, 1), (True, 2)]

    over(Bench, story)


async def _lost(bench: Bench, effect: Effect) -> None:
    with pytest.raises(LinkLost) as lost:
        await bench.board.look()
    assert lost.value.effect is effect


def test_bytes_one_at_a_time_and_noise_between_are_the_same_answer() -> None:
    """WI-01 and WI-09 in small: splitting and noise change no result."""

    async def story(bench: Bench) -> None:
        def slowly(data: bytes, on: Callable[[bytes], None]) -> None:
            on(b"\xff\x00\x41")
            for place, byte in enumerate(data):
                asyncio.get_running_loop().call_later(place * 0.005, on, bytes([byte]))

        bench.hurt = slowly
        assert (await bench.board.look())[2].shut is True

    over(Bench, story)


def test_a_cancelled_exchange_leaves_no_answer_behind() -> None:
    async def story(bench: Bench) -> None:
        await bench.board.look()
        for after in (0.0, 0.001, 0.006, 0.009):
            asking = asyncio.ensure_future(bench.board.look())
            await asyncio.sleep(after)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
        bench.drawers[1].force()
        assert (await bench.board.look())[2].shut is False

    over(Bench, story)


def test_a_cry_leaves_at_once_past_whoever_has_the_turn_and_changes_no_exchange() -> None:
    """A question is out and an act waits for its turn; the stop byte passes both, and both go on as if it had not been."""

    async def story(bench: Bench) -> None:
        loop = asyncio.get_running_loop()
        bench.link._cries = frozenset({b"!"})
        bench.hurt = lambda data, on: loop.call_later(0.1, on, data)
        async with asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(bench.board.look())
            await asyncio.sleep(0.02)
            releasing = tasks.create_task(bench.board.release(1, "intent-1", loop.time() + 5))
            await asyncio.sleep(0.02)
            assert bench.link.cry(b"!", "stop") is None  # type: ignore[func-returns-value]
            last = bench.wirelog.frames("lockbus")[-1]
            assert (last.direction, last.data, last.means) == ("out", b"!", "stop")
        assert looking.result()[1].latched is True
        assert releasing.result() is Answer.SILENT
        assert len(bench.truth.pulses()) == 1
        assert bench.link.figures.timeouts == 1, "the release's own"

    over(Bench, story)


def test_a_protocol_that_declares_no_cries_can_say_nothing_out_of_turn() -> None:
    async def story(bench: Bench) -> None:
        for data in (b"!", bytes.fromhex("02 00 31 03 36"), b""):
            with pytest.raises(ValueError, match="out of turn"):
                bench.link.cry(data)
        assert bench.truth.pulses() == []

    over(Bench, story)


def test_only_stops_are_declared_and_only_by_grbl() -> None:
    assert {"grbl": frozenset({b"!", b"\x18"})} == CRIES


def test_a_cry_into_a_wire_that_is_gone_is_told() -> None:
    async def story(bench: Bench) -> None:
        bench.link._cries = frozenset({b"!"})
        assert bench.link._connected is not None
        bench.link._connected._transport.close()
        for _ in range(2):  # the write fails, and after it the session is over
            with pytest.raises(LinkLost) as lost:
                bench.link.cry(b"!")
            assert lost.value.effect is Effect.NONE
        bench.wire.unplug()
        await asyncio.sleep(0.1)
        with pytest.raises(LinkLost) as lost:
            bench.link.cry(b"!")
        assert lost.value.effect is Effect.NONE

    over(Bench, story)


def test_what_comes_right_behind_an_answer_reaches_who_takes_unasked_frames_and_holds_the_line_all_the_same() -> None:
    async def story(bench: Bench) -> None:
        heard: list[bytes] = []
        await bench.board.look()
        assert bench.link._session is not None
        bench.link._session._unasked = heard.append
        behind = bytes.fromhex("02 10 35 FF FF FF FF 03 46")
        bench.hurt = lambda data, on: on(data + behind)
        strays = bench.link.figures.strays
        assert (await bench.board.look())[1].latched is True
        assert heard == [behind]
        assert bench.link.figures.strays == strays + 1

    over(Bench, story)
