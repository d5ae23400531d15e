"""Scanner lines beyond their golden frames: silence, the 4 kB limit, and what a cut code must never become."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.errors import FrameError
from firmware_protocols.scanner_lines import device, host
from firmware_protocols.scanner_lines.host import ScanFramer
from firmware_protocols.scanner_lines.messages import LONGEST, Form, Scan

BY_SILENCE = Form(suffix=b"")
GS1_SIGNS = st.text("ABCdef0123456789-/+\x1d", min_size=1, max_size=60).map(lambda text: text.strip("\x1d")).filter(bool)
FORMS = st.sampled_from([Form(), Form(suffix=b"\r\n"), Form(b"\x02", b"\x03"), Form(group_separator="|"), BY_SILENCE])


@given(FORMS, GS1_SIGNS, st.sampled_from([None, "]d2", "]C1"]), st.booleans())
def test_in_any_form_the_same_code_is_heard(form: Form, data: str, aim: str | None, leading_fnc1: bool) -> None:
    framer = ScanFramer(form)
    frames = framer.feed(device.encode(Scan(aim, data), form, leading_fnc1=leading_fnc1)) + framer.idle()
    assert [host.decode(frame, form) for frame in frames] == [Scan(aim, data)]
    assert framer.noise == 0


def test_without_a_suffix_silence_ends_a_code() -> None:
    framer = ScanFramer(BY_SILENCE)
    assert framer.feed(b"59012341") == framer.feed(b"23457") == []
    (frame,) = framer.idle()
    assert host.decode(frame, BY_SILENCE) == Scan(None, "5901234123457")
    assert framer.idle() == []


def test_with_a_suffix_silence_ends_a_code_that_is_then_refused() -> None:
    """A lot cut short looks like a lot: what lacks its suffix is never taken for a code, nor glued to the next one."""
    framer = ScanFramer(Form())
    assert framer.feed(b"]d2010541506230323810B325") == []
    (cut,) = framer.idle()
    with pytest.raises(FrameError, match="not a whole code"):
        host.decode(cut, Form())
    assert framer.feed(b"5901234123457\r") == [b"5901234123457\r"]


def test_a_code_given_up_is_noise() -> None:
    framer = ScanFramer(Form())
    framer.feed(b"59012")
    framer.reset()
    assert framer.noise == 5
    assert framer.idle() == []


def test_four_kilobytes_are_the_limit() -> None:
    framer = ScanFramer(Form())
    longest = b"1" * (LONGEST - 1) + b"\r"
    assert framer.feed(longest) == [longest]
    assert host.decode(longest, Form()).data == "1" * (LONGEST - 1)
    assert framer.feed(b"1" + longest) == []
    assert framer.noise == LONGEST + 1
    with pytest.raises(FrameError, match="4096"):
        host.decode(b"1" + longest, Form())


def test_an_endless_stream_keeps_nothing() -> None:
    framer = ScanFramer(BY_SILENCE)
    for _ in range(100):
        assert framer.feed(b"x" * 1000) == []
    assert framer.idle() == []
    assert framer.noise == 100_000


def test_case_tells_ean_from_databar() -> None:
    assert host.decode(b"]E05901234123457\r", Form()).aim == "]E0"
    assert host.decode(b"]e05901234123457\r", Form()).aim == "]e0"
