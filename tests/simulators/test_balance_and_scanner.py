"""The balance and the scanner at the far end of a wire: the document's bytes in, the document's bytes out."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from firmware_protocols.errors import MessageError
from firmware_protocols.mt_sics.messages import WeightError
from simulators.boards.board import Board
from tests.kit import virtual_loop
from tests.simulators.far import Far, on

# --- MT-SICS


def test_the_balance_waits_for_rest_and_counts_nothing_moving_as_stable() -> None:
    async def tell(far: Far) -> None:
        pan = far.house.scales["scale"]
        assert await far.say(b"S\r\n") == b"S S       0.00 g\r\n"
        pan.lay(Decimal(100))
        assert await far.say(b"SI\r\n", 0.4) == b"S D       0.00 g\r\n"
        assert (await far.say(b"SI\r\n", 0.1))[:3] == b"S D"
        assert await far.say(b"S\r\n", 2) == b"S S     100.00 g\r\n"
        pan.restless = True
        assert await far.say(b"S\r\n", 2) == b""
        assert await far.say(b"SI\r\n", 0.5) == b"SI I\r\n", "another command is running"
        assert await far.say(b"", 1) == b"S I\r\n"
        assert await far.say(b"S\r\n@\r\n", 5) == b'I4 A "sim-scale"\r\n', "@ cancels what waits"

    on("balance", tell)


def test_zero_tare_and_their_refusals() -> None:
    async def tell(far: Far) -> None:
        pan = far.house.scales["scale"]
        pan.lay(Decimal("12.5"))
        assert await far.say(b"T\r\n", 2) == b"T S      12.50 g\r\n"
        pan.lay(Decimal("20.00"))
        await asyncio.sleep(1)
        assert await far.say(b"SI\r\n") == b"S S       7.50 g\r\n"
        assert await far.say(b"TA\r\n") == b"TA A      12.50 g\r\n"
        assert await far.say(b"TAC\r\n") == b"TAC A\r\n"
        assert await far.say(b"Z\r\n") == b"Z A\r\n"
        assert await far.say(b"SI\r\n") == b"S S       0.00 g\r\n"
        pan.lay(Decimal("10.00"))
        await asyncio.sleep(1)
        assert await far.say(b"TI\r\n") == b"TI -\r\n"
        assert await far.say(b"ZI\r\n") == b"ZI S\r\n"
        pan.lay(Decimal(3000))
        await asyncio.sleep(1)
        assert await far.say(b"Z\r\n") == b"Z +\r\n"
        pan.lay(Decimal(-100))
        await asyncio.sleep(1)
        assert await far.say(b"Z\r\n") == b"Z -\r\n"

    on("balance", tell)


def test_overload_underload_a_broken_cell_and_another_unit_are_answers() -> None:
    async def tell(far: Far) -> None:
        pan = far.house.scales["scale"]
        for grams, said in ((3201, b"S +\r\n"), (-100, b"S -\r\n"), (1000, b"S S    1000.00 g\r\n")):
            pan.lay(Decimal(grams))
            await asyncio.sleep(1)
            assert await far.say(b"S\r\n") == said
        pan.unit = "kg"
        assert await far.say(b"S\r\n") == b"S S    1.00000 kg\r\n"
        pan.error = WeightError(14, "b")
        assert await far.say(b"S\r\n") == b"S S Error 14b\r\n"

    on("balance", tell)


def test_it_tells_of_itself_and_refuses_what_it_does_not_know() -> None:
    async def tell(far: Far) -> None:
        assert await far.say(b"s\r\n") == b"ES\r\n"
        assert (await far.say(b"I1\r\n")).startswith(b'I1 A "01"')
        assert await far.say(b"I4\r\n") == b'I4 A "sim-scale"\r\n'
        listed = (await far.say(b"I0\r\n")).split(b"\r\n")[:-1]
        assert listed[0] == b'I0 B 0 "@"'
        assert listed[-1] == b'I0 A 1 "TAC"'

    on("balance", tell)


def test_sir_repeats_until_it_is_cancelled_and_power_up_says_so() -> None:
    async def tell(far: Far) -> None:
        assert await far.say(b"SIR\r\n", 1.1) == b"S S       0.00 g\r\n" * 6
        assert (await far.say(b"@\r\n", 2)).endswith(b'I4 A "sim-scale"\r\n')
        assert await far.say(b"", 2) == b""
        pan = far.house.scales["scale"]
        pan.lay(Decimal(5))
        await far.say(b"T\r\n", 2)
        pan.reboot()
        assert await far.say(b"SI\r\n", 2) == b'I4 A "sim-scale"\r\n', "deaf while it boots, then its power-up line"
        assert await far.say(b"SI\r\n") == b"S S       5.00 g\r\n", "the tare is lost"

    on("balance", tell)


# --- scanner and what all boards share


def test_a_scanner_says_what_is_held_before_it_and_hears_nothing() -> None:
    async def tell(far: Far) -> None:
        gun = far.house.scanners["gun"]
        gun.scan("0105415062303238\x1d10L1", "]d2")
        assert await far.say(b"\x16T\r") == b"]d20105415062303238\x1d10L1\r"
        gun.deaf = True
        gun.scan("123")
        assert await far.say(b"") == b""
        with pytest.raises(MessageError, match="suffix"):
            gun.scan("12\r3")

    on("scan", tell)


def test_a_board_without_more_to_lose_reboots() -> None:
    async def play() -> None:
        board = Board("bare")
        board.reboot(0.1)
        assert not board.speaks
        await asyncio.sleep(0.2)
        assert board.hears
        board.clear()

    virtual_loop.run(play())
