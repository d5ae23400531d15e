"""CU16 boards at the far end of a wire: the document's bytes in, the document's bytes out."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from tests.simulators.far import Far, on

# --- CU16. Frames of V1.6 where they are printed; hook bits differ, as our hooks are all engaged.


def test_status_has_the_hook_bits_and_the_switch_bits() -> None:
    async def tell(far: Far) -> None:
        assert await far.hex("02 00 30 03 35") == "02 00 35 03 00 03 00 03 40"
        far.house.plant.drawers["A-02"].force()
        assert await far.hex("02 00 30 03 35") == "02 00 35 01 00 01 00 03 3C", "the printed example: lock 1 alone"
        assert await far.hex("02 10 30 03 45") == "02 10 35 00 80 00 80 03 4A", "lock 16"

    on("lockbus", tell)


def test_an_unlock_is_silent_unless_the_board_was_made_to_answer() -> None:
    async def tell(far: Far) -> None:
        assert await far.hex("02 01 31 03 37") == ""
        assert await far.hex("02 1F 31 03 55") == "02 10 35 00 80 00 80 03 4A", "the state before the hook has moved"
        pulses = [(edge.drawer, edge.board, edge.channel, edge.frame) for edge in far.house.plant.truth.pulses()]
        assert pulses == [("A-02", "cu16-0", 2, "02 01 31 03 37"), ("A-03", "cu16-1", 16, "02 1f 31 03 55")]

    on("lockbus", tell)


def test_a_lock_that_nothing_is_wired_to_still_pulses() -> None:
    async def tell(far: Far) -> None:
        assert await far.hex("02 02 31 03 38") == ""
        assert [(edge.drawer, edge.channel) for edge in far.house.plant.truth.pulses()] == [("", 3)]
        assert far.house.plant.truth.pulses("A-01") == []

    on("lockbus", tell)


@pytest.mark.parametrize(
    "wrong", ["02 01 31 03 38", "02 21 31 03 57", "02 01 31 04 38", "02 A1 31 03 D7", "FF 00 41", "02 01 31", "02 00 39 FB 03 39"]
)
def test_silence_on_a_wrong_sum_another_board_noise_and_what_the_board_ignores(wrong: str) -> None:
    async def tell(far: Far) -> None:
        assert await far.hex(wrong) == ""
        assert far.house.plant.truth.pulses() == []
        assert await far.hex("02 10 30 03 45") == "02 10 35 00 80 00 80 03 4A", "and the next frame is heard"

    on("lockbus", tell)


def test_all_boards_answer_in_turn() -> None:
    async def tell(far: Far) -> None:
        assert await far.hex("02 F0 32 03 27") == "02 00 36 03 00 03 00 03 41 02 10 36 00 80 00 80 03 4B"
        assert await far.hex("02 F0 37 00 64 03 90") == "02 00 38 03 00 00 64 03 A4 02 10 38 00 80 00 64 03 31"
        await asyncio.sleep(0.5)
        assert await far.hex("02 F0 40 00 03 35") == "02 00 40 03 00 00 00 03 48 02 10 40 00 80 00 00 03 D5"
        await asyncio.sleep(0.5)
        assert await far.hex("02 F0 39 02 03 30") == "02 00 39 03 00 00 02 03 43 02 10 39 00 80 00 02 03 D0"

    on("lockbus", tell)


def test_settings_are_answered_kept_and_written_in_silence() -> None:
    async def tell(far: Far) -> None:
        assert await far.hex("02 00 37 03 3C") == "02 00 38 03 00 00 37 03 77", "37 hex = 550 ms as delivered"
        assert await far.hex("02 00 37 00 64 03 A0", 0.1) == "02 00 38 03 00 00 64 03 A4"
        assert await far.hex("02 00 30 03 35", 0.1) == "", "it writes its memory for 500 ms"
        await asyncio.sleep(0.5)
        assert await far.hex("02 00 39 01 03 3F") == "02 00 39 03 00 00 01 03 42"
        await asyncio.sleep(0.5)
        assert await far.hex("02 00 40 02 03 47") == "02 00 40 03 00 00 02 03 4A"
        board = far.cu16("cu16-0")
        assert (board.pulse_ms, board.delay_s, board.baud) == (1000, 1, 57600)
        board.reboot()
        await asyncio.sleep(1)
        began = asyncio.get_running_loop().time()
        await far.say("02 00 31 03 36", 5)
        at = [(edge.what, round(edge.at - began, 3)) for edge in far.house.plant.truth.edges]
        assert at == [("pulse", 1.0), ("unlatched", 1.04), ("pulse_end", 2.0)]

    on("lockbus", tell)


def test_a_setting_that_begins_like_the_question_is_told_by_the_silence() -> None:
    """37 with a pulse of 0340 hex: its first five bytes are the question with a right sum."""

    async def tell(far: Far) -> None:
        assert await far.hex("02 00 37 03 3C 03 7B") == "02 00 38 03 00 03 3C 03 7F"
        assert far.cu16("cu16-0").pulse_ms == 0x033C * 10

    on("lockbus", tell)


def test_open_all_fires_one_lock_after_the_other() -> None:
    async def tell(far: Far) -> None:
        assert await far.hex("02 00 33 03 38", 12) == "02 00 35 03 00 03 00 03 40"
        pulses = far.house.plant.truth.pulses()
        assert [edge.channel for edge in pulses] == list(range(1, 17))
        assert {round(later.at - earlier.at, 3) for earlier, later in itertools.pairwise(pulses)} == {0.55}

    on("lockbus", tell)


def test_ten_presses_of_test_are_the_factory_settings_nine_are_not() -> None:
    async def tell(far: Far) -> None:
        board = far.cu16("cu16-0")
        board.pulse_ms, board.delay_s, board.baud = 100, 5, 9600
        for _ in range(9):
            board.press_test()
        await asyncio.sleep(11)
        board.press_test()
        assert (board.pulse_ms, board.delay_s, board.baud) == (100, 5, 9600)
        for _ in range(9):
            board.press_test()
        assert (board.pulse_ms, board.delay_s, board.baud) == (550, 0, 19200)

    on("lockbus", tell)


def test_a_reboot_in_mid_pulse_ends_the_pulse_and_forgets_what_waited() -> None:
    """DV-13."""

    async def tell(far: Far) -> None:
        board = far.cu16("cu16-0")
        await far.say("02 00 31 03 36", 0.1)
        board.delay_s = 2
        await far.say("02 01 31 03 37", 0.1)
        board.reboot(1.0)
        assert await far.hex("02 00 30 03 35", 0.5) == ""
        await asyncio.sleep(5)
        edges = [(edge.drawer, edge.what, round(edge.at, 2)) for edge in far.house.plant.truth.edges]
        assert edges == [("A-01", "pulse", 0.0), ("A-01", "unlatched", 0.04), ("A-01", "pulse_end", 0.2)]
        assert await far.hex("02 00 30 03 35") == "02 00 35 02 00 03 00 03 3F"

    on("lockbus", tell)


def test_deaf_neither_acts_nor_answers_and_mute_acts() -> None:
    async def tell(far: Far) -> None:
        board = far.cu16("cu16-1")
        board.deaf = True
        assert await far.hex("02 1F 31 03 55") == ""
        assert far.house.plant.truth.pulses() == []
        board.deaf, board.mute = False, True
        assert await far.hex("02 1F 31 03 55") == ""
        assert len(far.house.plant.truth.pulses()) == 1

    on("lockbus", tell)
