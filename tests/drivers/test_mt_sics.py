"""The scale's driver on a scripted far end, judged by the literal lines of the MT-SICS reference (levels 0 and 1)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from drivers.capabilities import Pieces
from drivers.counters import mt_sics
from drivers.counters.mt_sics import STABLE_S, MtSicsScale
from drivers.faults import DeviceFault, Effect, LinkLost, NoReply
from drivers.link import Link, Timing
from drivers.wirelog import WireLog
from firmware_protocols.mt_sics.host import AnswerFramer
from sites.models import Scale
from tests.drivers.lines import now, over
from tests.kit.wire import FarEnd, Weather, calm, late

RESET, SERIAL, STABLE = b"@\r\n", b"I4\r\n", b"S\r\n"
IDENTITY = b'I4 A "0123456789"\r\n'
TABLET = (Decimal("0.500"), Decimal("0.010"))


class Bench:
    """A scale that answers `S` with the line given, on a link over its far end."""

    def __init__(self, weight: bytes, inward: Weather = calm) -> None:
        self.weight = weight
        self.far = FarEnd(self._answer, inward=inward)
        self.log = WireLog()
        self.link = Link(
            "scale", self.far.dial, AnswerFramer, Timing(0.005, 0.2, 0.4), self.log, lambda _, high: high, mt_sics.means
        )
        self.scale = MtSicsScale(self.link, Scale(id="scale-1", driver="mt-sics", link="scale", readability_g="0.01"))

    def _answer(self, data: bytes) -> bytes:
        return {RESET: IDENTITY, SERIAL: IDENTITY, STABLE: self.weight}[data]

    async def count(self) -> Pieces:
        return await self.scale.count(*TABLET)


def story(weight: bytes, tell: Callable[[Bench], Awaitable[None]], inward: Weather = calm) -> None:
    over(lambda: Bench(weight, inward), tell)


@pytest.mark.parametrize(
    ("line", "count", "grams", "why_not"),
    [
        (b"S S      15.00 g\r\n", 30, "15.00", None),
        (b"S S       0.00 g\r\n", 0, "0.00", None),
        (b"S S      0.015 kg\r\n", 30, "15.000", None),
        (b"S S      15000 mg\r\n", 30, "15.000", None),
        (b"S S      15.12 g\r\n", 30, "15.12", None),
        (b"S S      15.20 g\r\n", None, "15.20", "between-pieces"),
        (b"S S      -0.50 g\r\n", None, "-0.50", "below-zero"),
        (b"S +\r\n", None, "0", "overload"),
        (b"S -\r\n", None, "0", "underload"),
        (b"S I\r\n", None, "0", "not-stable"),
        (IDENTITY, None, "0", "restarted"),
    ],
)
def test_what_a_line_means_in_pieces(line: bytes, count: int | None, grams: str, why_not: str | None) -> None:
    async def tell(bench: Bench) -> None:
        found = await bench.count()
        assert (found.count, found.weight, found.unit, found.why_not) == (count, Decimal(grams), "g", why_not)

    story(line, tell)


def test_a_weight_in_another_unit_is_no_count_and_keeps_its_unit() -> None:
    async def tell(bench: Bench) -> None:
        found = await bench.count()
        assert (found.count, found.weight, found.unit, found.why_not) == (None, Decimal("0.53"), "oz", "other-unit")

    story(b"S S       0.53 oz\r\n", tell)


def test_the_uncertainty_is_one_step_and_every_piece_off_by_its_spread() -> None:
    async def tell(bench: Bench) -> None:
        assert (await bench.count()).uncertainty == (Decimal("0.01") + 30 * Decimal("0.010")) / Decimal("0.500")

    story(b"S S      15.00 g\r\n", tell)


@pytest.mark.parametrize(
    ("line", "said"), [(b"S S Error 10b\r\n", "Error 10b"), (b"ES\r\n", "ES"), (b"ET\r\n", "ET"), (b"EL\r\n", "EL")]
)
def test_a_fault_of_the_scale_is_said_and_moved_nothing(line: bytes, said: str) -> None:
    async def tell(bench: Bench) -> None:
        with pytest.raises(DeviceFault) as caught:
            await bench.count()
        assert (caught.value.code, caught.value.effect, caught.value.facts["said"]) == ("scale-fault", Effect.NONE, said)

    story(line, tell)


def test_a_weight_that_moves_is_no_answer_and_the_scale_is_stopped() -> None:
    """`S D` comes for whoever asked for a moving weight; without `S S` the wait ends, and `@` ends the scale's own."""

    async def tell(bench: Bench) -> None:
        bench.far.written.clear()
        began = now()
        assert (await bench.count()).why_not == "not-stable"
        assert now() - began >= STABLE_S
        assert [data for _, data in bench.far.written if data != SERIAL] == [RESET, STABLE, RESET]

    story(b"S D      15.00 g\r\n", tell)


def test_an_older_answer_is_never_taken_for_this_one() -> None:
    """The weight of a count that was given up comes late; the next count resets first and gets its own."""

    async def tell(bench: Bench) -> None:
        bench.far.inward = late(STABLE_S + 0.3)
        with pytest.raises(NoReply):
            await bench.count()
        bench.far.inward = calm
        bench.weight = b"S S       5.00 g\r\n"
        assert (await bench.count()).count == 10

    story(b"S S      15.00 g\r\n", tell)


def test_a_cable_pulled_while_the_pan_settles_is_a_lost_link() -> None:
    async def tell(bench: Bench) -> None:
        bench.far.answers = lambda data: (bench.far.unplug() or b"") if data == STABLE else IDENTITY
        with pytest.raises(LinkLost) as caught:
            await bench.count()
        assert caught.value.facts["link"] == "scale"

    story(b"", tell)


@pytest.mark.parametrize(("weight", "spread"), [("0", "0.1"), ("-1", "0.1"), ("0.5", "-0.1")])
def test_a_piece_without_weight_is_refused_before_anything_is_sent(weight: str, spread: str) -> None:
    async def tell(bench: Bench) -> None:
        bench.far.written.clear()
        with pytest.raises(ValueError, match="a piece weighs more than nothing"):
            await bench.scale.count(Decimal(weight), Decimal(spread))
        assert bench.far.written == []

    story(b"S S      15.00 g\r\n", tell)


def test_an_idle_scale_is_asked_for_its_number_and_never_reset() -> None:
    """`@` would end what a person does at the scale's own keys."""

    async def tell(bench: Bench) -> None:
        bench.far.written.clear()
        await asyncio.sleep(10)
        assert {data for _, data in bench.far.written} == {SERIAL}

    story(b"S S      15.00 g\r\n", tell)


def test_the_log_says_what_a_line_means_or_what_is_wrong_with_it() -> None:
    assert mt_sics.means(IDENTITY) == "Identity(serial='0123456789')"
    assert "no answer of a balance" in mt_sics.means(b"S S  fifteen g\r\n")
    assert "not ASCII" in mt_sics.means(b"S S \xff\r\n")


def test_noise_between_the_lines_is_no_weight() -> None:
    async def tell(bench: Bench) -> None:
        bench.weight = b"\x00\xff??\r\nS S      15.00 g\r\n"
        assert (await bench.count()).count == 30

    story(b"", tell)
