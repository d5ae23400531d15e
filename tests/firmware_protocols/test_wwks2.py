"""WWKS 2 beyond its golden messages: hostile splitting, bounds, linear time, exact texts, and mutated streams."""

from __future__ import annotations

import dataclasses
import random
import time
import tracemalloc
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.errors import MessageError
from firmware_protocols.wwks2 import device, host, messages, parts, words
from firmware_protocols.wwks2.messages import Unreadable
from firmware_protocols.wwks2.stream import MessageStream
from tests.firmware_protocols import golden
from tests.firmware_protocols.mutated import HALVES, hurt, play

FRAMES = [vector.frame for vector in golden.paper("wwks2").vectors]
TRIES = 20_000


def test_every_frame_comes_whole_whatever_byte_it_is_split_at() -> None:
    stream = MessageStream()
    for frame in FRAMES:
        for at in range(len(frame) + 1):
            assert stream.feed(frame[:at]) + stream.feed(frame[at:]) == [frame]
    assert stream.noise == 0


def test_all_frames_byte_by_byte_and_in_one_read() -> None:
    whole = b"".join(FRAMES)
    assert MessageStream().feed(whole) == FRAMES
    stream = MessageStream()
    assert [frame for byte in whole for frame in stream.feed(bytes((byte,)))] == FRAMES


def test_the_name_of_a_message_stands_in_its_first_125_bytes() -> None:
    """The vendor's own library looks no further."""
    for frame in FRAMES:
        if frame.startswith(b'<WWKS Version="2.0" TimeStamp'):
            assert b" " in frame[:125].split(b"><", 1)[1]


@pytest.mark.parametrize(
    "opening", [b"<WWKS>" + b"x" * 94, b"<!--" + b"x" * 97, b"<WWKS " + b"x" * 95, b"<WWKS><![CDATA[" + b"x" * 86]
)
def test_a_message_over_the_bound_loses_the_framing(opening: bytes) -> None:
    stream = MessageStream(100)
    assert stream.feed(opening[:100]) == []
    assert stream.lost is None
    stream.feed(b"x")
    assert stream.lost is not None
    assert stream.feed(b"<WWKS/>") == []
    assert stream.noise == 108


def test_a_message_just_within_the_bound_is_one_and_its_neighbour_in_the_same_read_is_not() -> None:
    stream, frame = MessageStream(100), b"<WWKS>" + b"x" * 87 + b"</WWKS>"
    assert stream.feed(frame + frame[:-7] + b"x</WWKS>" + frame) == [frame]
    assert str(stream.lost) == "more than 100 bytes without an end"


@pytest.mark.parametrize(
    "endless", [b"<WWKS><![CDATA[", b"<WWKS><!--", b"<WWKS><?", b"<WWKS></WWKS", b"<WWKS a='", b"<WWKS>", b"<WWKS ", b"<!--", b""]
)
@pytest.mark.parametrize("filling", [b" ", b"]", b"-", b"<", b"<!", b"</WWKS", b"\xe2\x82"])
def test_time_is_linear_in_the_bytes_fed_one_by_one(endless: bytes, filling: bytes) -> None:
    """Quadratic, these 60,000 bytes would take minutes."""
    stream, began = MessageStream(), time.process_time()
    for byte in endless + filling * (60_000 // len(filling)):
        stream.feed(bytes((byte,)))
    assert time.process_time() - began < 3


@pytest.mark.parametrize("half", HALVES)
def test_more_tags_than_any_message_has_are_refused_before_anything_is_built(half: str) -> None:
    frame = b"<WWKS>" + b"<a/>" * HALVES[half].MOST_MARKS + b"</WWKS>"
    with pytest.raises(Unreadable) as refused:
        HALVES[half].decode(frame)
    assert refused.value.reason is words.Reason.DATA_ERROR


@pytest.mark.parametrize("half", HALVES)
def test_a_deep_message_is_read_to_its_end(half: str) -> None:
    with pytest.raises(Unreadable):
        HALVES[half].decode(b"<WWKS>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</WWKS>")


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\ufffe\uffff")))
def test_texts_are_exact_both_ways(text: str) -> None:
    asked = messages.StockUpdateRequest(id="2", source=100, destination=777, pack=parts.Pack(batch_number=text))
    assert device.decode(host.encode(asked)) == asked
    told = messages.StockInfoMessage(id="1", source=777, destination=100, articles=(parts.Article(name=text),))
    assert host.decode(device.encode(told)) == told


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")))
def test_what_is_quoted_is_quoted_as_it_stands(text: str) -> None:
    told = messages.UnprocessedMessage(id="2", source=100, destination=777, message=parts.Quotation(text=text))
    assert device.decode(host.encode(told)) == told
    assert host.decode(device.encode(told)) == told
    assert MessageStream().feed(host.encode(told)) == [host.encode(told)]


@pytest.mark.parametrize("half", HALVES)
def test_a_lone_surrogate_cannot_be_said(half: str) -> None:
    with pytest.raises(MessageError):
        HALVES[half].encode(messages.KeepAliveRequest(id="\ud800", source=100, destination=777))


def leaves(value: Any) -> set[Any]:
    """Every word and number that a vector's fields hold, however deep."""
    if isinstance(value, dict):
        return {leaf for one in value.values() for leaf in leaves(one)}
    return {leaf for one in value for leaf in leaves(one)} if isinstance(value, list) else {value}


def names(value: Any) -> set[str]:
    """Every field that a vector says, however deep."""
    if isinstance(value, dict):
        return set(value) | {name for one in value.values() for name in names(one)}
    return {name for one in value for name in names(one)} if isinstance(value, list) else set()


def stock_of(articles: int, last: str = "1") -> bytes:
    """A robot's whole stock, in one message."""
    some = "".join(f'<Article Id="A{n}" Quantity="{n}"/>' for n in range(articles - 1))
    lead = '<StockInfoResponse Id="5" Source="777" Destination="100">'
    return f'<WWKS Version="2.0">{lead}{some}<Article Id="Z" Quantity="{last}"/></StockInfoResponse></WWKS>'.encode()


def test_a_long_message_is_read_in_steps_and_a_short_one_at_once() -> None:
    def steps(frame: bytes) -> int:
        return sum(1 for _ in host.decoding(frame))

    assert [steps(stock_of(n)) for n in (1, host.STEP_CHILDREN, host.STEP_CHILDREN + 1)] == [0, 0, 1]
    assert steps(stock_of(1) + b" " * (host.STEP_BYTES - len(stock_of(1)))) == 0
    assert steps(stock_of(1) + b" " * host.STEP_BYTES) == 1
    assert steps(stock_of(10_000)) > 100
    told = host.decode(stock_of(10_000))
    assert isinstance(told, messages.StockInfoResponse)
    assert [(one.id, one.quantity) for one in told.articles] == [*((f"A{n}", n) for n in range(9_999)), ("Z", 1)]


def test_what_is_wrong_at_the_end_of_a_long_message_is_said_with_its_head() -> None:
    with pytest.raises(Unreadable) as wrong:
        host.decode(stock_of(1_000, last="many"))
    assert (wrong.value.name, wrong.value.id, wrong.value.source) == ("StockInfoResponse", "5", 777)


def test_every_word_and_every_field_stands_in_a_vector() -> None:
    vectors = golden.paper("wwks2").vectors
    said = {leaf for vector in vectors for leaf in leaves(vector.fields)}
    for kind in vars(words).values():
        if isinstance(kind, type) and issubclass(kind, words.Word):
            assert {member.value for member in kind if issubclass(kind, StrEnum)} <= said
    told = {name for vector in vectors for name in names(vector.fields)}
    for shape in (*vars(parts).values(), *vars(messages).values()):
        if dataclasses.is_dataclass(shape):
            assert {one.name for one in dataclasses.fields(shape)} <= told


@pytest.mark.timeout(200)
@pytest.mark.parametrize("half", HALVES)
def test_mutated_streams_are_messages_or_declared_errors(half: str) -> None:
    chance = random.Random(11)
    assert sum(play(half, hurt(chance, half), chance) for _ in range(TRIES // 2)) > TRIES // 20


@pytest.mark.parametrize("half", HALVES)
def test_mutated_streams_leave_no_memory_behind(half: str) -> None:
    """What the tables are made of once is made before."""
    chance = random.Random(12)
    for _ in range(50):
        play(half, hurt(chance, half), chance)
    tracemalloc.start()
    for _ in range(150):
        play(half, hurt(chance, half), chance)
    left, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (left < 1 << 20, most < 4 << 20) == (True, True)
