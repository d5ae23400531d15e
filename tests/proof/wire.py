"""Wire faults at a link: WI-01 to WI-04, WI-06, WI-07 and WI-09 of the catalogue. Whole stations on a bad wire are in
`tests.proof.wire_station`.

A scripted board numbers its answers, so that each can be told from every other: `guessed` counts answers that were taken for
another question's, `lost` those that should have been taken and were not, `doubled` acts that left twice.
"""

from __future__ import annotations

import asyncio
import random
import tracemalloc
from collections.abc import Awaitable, Callable

from drivers.faults import LinkFault, NoReply
from drivers.modbus import Unit
from tests.drivers.lines import LATCH_1_OPEN, STATUS, UNLOCK_1, Counting, Line, now, over
from tests.kit.wire import FarEnd, Weather, byte_by_byte, calm, changed, in_turn, repeated
from tests.proof.campaign import Score, campaign

BURST = 100
"""Questions of one case of WI-02 and WI-04."""
GARBAGE = 100_000
"""Bytes of one case of WI-09."""
MOST_MEMORY = 1 << 20
"""What a link may hold while garbage pours in."""

Story = Callable[[Line, Score], Awaitable[None]]


def played(far: FarEnd, story: Story) -> Score:
    """One case over one far end, in virtual time; it has survived if nothing is held against it."""
    score = Score(tried=1)

    async def play(line: Line) -> None:
        await story(line, score)

    over(lambda: Line(far), play)
    score.survived = int(score.lost + score.guessed + score.doubled + score.unrecorded == 0)
    return score


async def question(line: Line, board: Counting, score: Score, *, must: bool = True) -> bool:
    """Asks once, with the link's own retries. What is taken must be the answer to what was asked last."""
    before = board.count
    try:
        frame = await line.link.ask(STATUS, lambda frame: frame if frame[2] == 0x35 else None)
    except NoReply:
        score.lost += int(must)
        return False
    told = frame[5] | frame[6] << 8
    if not before < told == board.count & 0xFFFF:
        score.guessed += 1
    return True


def _over_cases(name: str, cases: int, one: Callable[[random.Random], Score]) -> Score:
    score = Score()
    for number in range(cases):
        found = one(random.Random(f"{name}/{number}"))
        if not found.holds:
            print(f"    {name}/{number}: {found}")
        score.add(found)
    return score


@campaign("WI-01", "every answer one byte at a time, up to 20 ms apart", sample=20, full=2000)
def one_byte_at_a_time(cases: int) -> Score:
    def one(chance: random.Random) -> Score:
        board, gap_s = Counting(), chance.uniform(0.0, 0.02)

        async def story(line: Line, score: Score) -> None:
            for _ in range(20):
                began = now()
                await question(line, board, score)
                score.lost += int(now() - began > 0.021 + 8 * gap_s)  # latency is the gaps' own

        return played(FarEnd(board, inward=byte_by_byte(gap_s)), story)

    return _over_cases("WI-01", cases, one)


@campaign("WI-02", f"answers merged two to five into one read, {BURST} questions a case", sample=10, full=1000)
def merged(cases: int) -> Score:
    def one(chance: random.Random) -> Score:
        board = Counting()

        async def story(line: Line, score: Score) -> None:
            for _ in range(BURST):
                await question(line, board, score)

        return played(FarEnd(board, inward=changed(lambda data: data * chance.randint(2, 5))), story)

    return _over_cases("WI-02", cases, one)


@campaign("WI-03", "answers cut at any byte, or with junk before, behind and around", sample=20, full=3000)
def truncated_and_extended(cases: int) -> Score:
    def one(chance: random.Random) -> Score:
        board = Counting()
        cut, junk = (
            chance.randrange(9),
            bytes(chance.choice((0x02, 0x00, 0x35, 0x03, 0xFF, chance.randrange(256))) for _ in range(8)),
        )
        whole: list[Weather] = [
            changed(lambda data: junk[:cut] + data),
            changed(lambda data: data + junk[:cut]),
            changed(lambda data: data[cut:] + data),
        ]

        async def story(line: Line, score: Score) -> None:
            await question(line, board, score)  # cut: the link asks again by itself
            await question(line, board, score)
            await question(line, board, score)

        return played(FarEnd(board, inward=in_turn(calm, changed(lambda data: data[:cut]), chance.choice(whole), calm)), story)

    return _over_cases("WI-03", cases, one)


@campaign("WI-04", f"answers after their time-out, {BURST} questions a case", sample=10, full=500)
def late_answers(cases: int) -> Score:
    def one(chance: random.Random) -> Score:
        board = Counting()

        def weather(data: bytes) -> list[tuple[float, bytes]]:
            return [(chance.uniform(0.0, 0.55) if chance.random() < 0.3 else 0.0, data)]

        async def story(line: Line, score: Score) -> None:
            answered = 0
            for _ in range(BURST):
                answered += await question(line, board, score, must=False)
            score.lost += int(answered < BURST * 0.75)
            score.guessed += int(line.link.figures.timeouts == 0)  # then nothing was tried

        return played(FarEnd(board, inward=weather), story)

    return _over_cases("WI-04", cases, one)


@campaign("WI-06", "every answer two to five times, up to 20 ms apart", sample=10, full=1000)
def duplicates(cases: int) -> Score:
    def one(chance: random.Random) -> Score:
        board, times = Counting(), chance.randint(2, 5)

        def device(data: bytes) -> bytes:
            return LATCH_1_OPEN if data == UNLOCK_1 else board(data)

        async def story(line: Line, score: Score) -> None:
            for _ in range(20):
                await asyncio.sleep(0.15)
                await question(line, board, score)
            await line.board.release(1, "intent-1", now() + 2)
            await asyncio.sleep(2)
            score.doubled += len(line.far.sent(UNLOCK_1)) - 1

        return played(FarEnd(device, inward=repeated(times, chance.uniform(0.0, 0.02))), story)

    return _over_cases("WI-06", cases, one)


@campaign("WI-07", "a parked Modbus answer against every transaction after it", sample=70_000, full=700_000)
def identifiers_come_round(cases: int) -> Score:
    """Identifiers are 16 bits wide: a sample goes once round, a full run ten times."""
    send, match = Unit("modbus-tcp", 1).read_inputs(0, 8)

    def reply(asked: bytes) -> bytes:
        return asked[:4] + bytes.fromhex("00 04 01 02 01 FF")

    parked, score = reply(send()), Score()
    for _ in range(cases):
        asked = send()
        wrong, right = match(parked), match(reply(asked))
        one = Score(tried=1, guessed=int(wrong is not None), lost=int(right is None))
        one.survived = int(one.guessed + one.lost == 0)
        score.add(one)
    return score


@campaign("WI-09", f"{GARBAGE:,} bytes of garbage a case", sample=4, full=1000)
def garbage(cases: int) -> Score:
    """Random, zeros, ones, or beginnings of a frame: memory stays bounded, nothing is opened while it lasts, and two
    seconds after it the line is in use again."""

    def one(chance: random.Random) -> Score:
        kind = chance.choice(("random", "zeros", "ones", "beginnings"))
        size = chance.choice((1, 7, 64, 1000, 4096))
        burst = {
            "random": chance.randbytes(size),
            "zeros": bytes(size),
            "ones": b"\xff" * size,
            "beginnings": (bytes.fromhex("02 00 35 FF FF") * size)[:size],
        }[kind]
        board = Counting()

        async def story(line: Line, score: Score) -> None:
            tracemalloc.start()
            acting = asyncio.create_task(_tries(line, now() + 1.5))
            for _ in range(0, GARBAGE, 20 * max(size, 50)):
                for _ in range(20 if size >= 50 else 20 * 50 // size):
                    if line.link.up:
                        line.far.say(burst)
                await asyncio.sleep(0.02)
            score.lost += int(tracemalloc.get_traced_memory()[1] > MOST_MEMORY)
            tracemalloc.stop()
            await acting
            score.doubled += max(len(line.far.sent(UNLOCK_1)) - 1, 0)
            await line.until_up()
            began = now()
            await question(line, board, score)
            score.lost += int(now() - began > 2)

        return played(FarEnd(board), story)

    return _over_cases("WI-09", cases, one)


async def _tries(line: Line, deadline: float) -> None:
    try:
        await line.board.release(1, "intent-1", deadline)
    except LinkFault:
        return
