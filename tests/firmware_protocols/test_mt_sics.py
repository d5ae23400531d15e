"""MT-SICS beyond its golden lines: exact values, limits, and the lines that come in the middle of something."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.errors import FrameError
from firmware_protocols.mt_sics import device, host
from firmware_protocols.mt_sics.messages import Command, GeneralError, Identity, Trouble, Weight

values = st.decimals(allow_nan=False, allow_infinity=False, min_value=-99999, max_value=999999, places=3)


@given(st.booleans(), values, st.sampled_from(["g", "kg", "mg", "lb", "oz", "ozt", "ct", "PCS", "%"]))
def test_weights_are_exact_with_all_their_decimals(stable: bool, value: Decimal, unit: str) -> None:
    heard = host.decode(device.encode(Weight(stable, value, unit)))
    assert isinstance(heard, Weight)
    assert (heard.stable, str(heard.value), heard.unit) == (stable, f"{value:f}", unit)


def test_a_power_failure_in_the_middle_is_heard_as_a_line_of_its_own() -> None:
    framer = host.AnswerFramer()
    frames = framer.feed(b'S D      99.87 g\r\nI4 A "B021"\r\nS S     100.00 g\r\n')
    assert [type(host.decode(frame)) for frame in frames] == [Weight, Identity, Weight]


def test_a_line_that_a_power_failure_cut_is_refused_with_what_ran_into_it() -> None:
    cut, whole = host.AnswerFramer().feed(b'S S     10I4 A "B021"\r\nI4 A "B021"\r\n')
    with pytest.raises(FrameError):
        host.decode(cut)
    assert host.decode(whole) == Identity("B021")


@pytest.mark.parametrize("garbled", [b"S\x80\r\n", b"\xff\r\n", b"SI \r\n", b"S\x00\r\n"])
def test_a_balance_answers_es_to_what_it_does_not_understand(garbled: bytes) -> None:
    with pytest.raises(FrameError):
        device.decode(garbled)
    assert device.encode(GeneralError(Trouble.SYNTAX)) == b"ES\r\n"


def test_lines_over_the_limit_are_noise() -> None:
    for framer, limit, line in (
        (host.AnswerFramer(), host.LONGEST_LINE, b"ES\r\n"),
        (device.CommandFramer(), device.LONGEST_COMMAND, host.encode(Command.STABLE_WEIGHT)),
    ):
        assert framer.feed(b"x" * (limit - 1) + b"\r\n" + line) == [line]
        assert framer.noise == limit + 1


def test_capitals_only() -> None:
    for command in Command:
        line = host.encode(command)
        if line.lower() != line:
            with pytest.raises(FrameError):
                device.decode(line.lower())
