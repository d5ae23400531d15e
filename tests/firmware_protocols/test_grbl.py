"""GRBL beyond its golden bytes: exact positions, the number of each refusal, and real-time bytes anywhere in a line."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.errors import FrameError, MessageError
from firmware_protocols.grbl import device, host
from firmware_protocols.grbl.messages import ALARMS, ERRORS, Block, Note, Other, Report, State, Word
from firmware_protocols.vectors import load

thousandths = st.decimals(allow_nan=False, allow_infinity=False, min_value=-99999, max_value=99999, places=3)


@given(thousandths, thousandths, thousandths)
def test_positions_are_exact_both_ways(x: Decimal, y: Decimal, z: Decimal) -> None:
    report = Report(State.IDLE, machine=(x, y, z))
    assert host.decode(device.encode(report)) == report
    block = Block((Word("G", Decimal(0)), Word("X", x), Word("Y", y), Word("Z", z)))
    assert device.decode(host.encode(block)) == block


def test_a_sum_that_a_float_cannot_hold_is_said_as_it_is() -> None:
    tenth = Decimal("0.1")
    assert host.encode(Block((Word("X", tenth + tenth + tenth),))) == b"X0.300\n"
    with pytest.raises(MessageError):
        host.encode(Block((Word("X", Decimal(0.1 + 0.2)),)))


@pytest.mark.parametrize(
    ("line", "number"),
    [(b"1G0\n", 1), (b"X1.2.3\n", 2), (b"X-\n", 2), (b"X\n", 2), (b"X1_0\n", 2), (b"$Q\n", 3), (b"G17\n", 20), (b"T1\n", 20)],
)
def test_a_refused_line_knows_the_number_of_its_answer(line: bytes, number: int) -> None:
    with pytest.raises(device.LineError) as refused:
        device.decode(line)
    assert refused.value.number == number


def test_every_number_of_the_notes_has_a_vector() -> None:
    said = [(one.message, one.fields["number"]) for one in load("grbl/vectors").vectors if "number" in one.fields]
    assert {("Refusal", number) for number in ERRORS} | {("Alarm", number) for number in ALARMS} <= set(said)


@given(st.binary(max_size=60), st.integers(0, 60))
def test_a_stop_byte_is_heard_wherever_it_stands(data: bytes, at: int) -> None:
    """And it changes nothing of the lines around it."""
    at = min(at, len(data))
    plain, split = device.CommandFramer(), device.CommandFramer()
    before = plain.feed(data[:at])
    after = plain.feed(data[at:])
    assert split.feed(data[:at] + b"!" + data[at:]) == [*before, b"!", *after]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40))
def test_a_printable_line_is_an_answer_or_tolerated_or_refused_and_never_two(text: str) -> None:
    line = text.encode() + b"\r\n"
    try:
        answer = host.decode(line)
    except FrameError:
        return
    if isinstance(answer, Other | Note):
        assert device.encode(answer) == line


def test_what_no_line_can_hold_is_not_said() -> None:
    for text in ("Grüße", "two\nlines"):
        with pytest.raises(MessageError):
            device.encode(Note("MSG", text))
