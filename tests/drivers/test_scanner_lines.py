"""The scanner's driver on a scripted far end: whole codes only, whatever the wire and the cable do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from drivers.link import Link, Timing
from drivers.scanners import scanner_lines
from drivers.scanners.scanner_lines import SILENCE_S, Chunks, LineScanner
from drivers.wirelog import WireLog
from firmware_protocols.scanner_lines.messages import Scan
from sites.models import Scanner
from tests.drivers.lines import over, until
from tests.kit.wire import FarEnd

GS1 = "]d20109506000134352173105311021A\x1d2112345"
SCANNED = Scan("]d2", "0109506000134352173105311021A\x1d2112345")


class Bench:
    """A scanner on a link over its far end, and all that its watchers saw."""

    def __init__(self, **settings: Any) -> None:
        self.far = FarEnd()
        self.log = WireLog()
        timing = Timing(0.005, 0.2, 0.4)
        self.link = Link("scan", self.far.dial, Chunks, timing, self.log, lambda _, high: high, scanner_lines.means)
        self.scanner = LineScanner(self.link, Scanner(id="scan-1", driver="scanner-lines", link="scan", **settings))
        self.seen: list[Scan] = []
        self.scanner.watch(self.seen.append)


def story(tell: Callable[[Bench], Awaitable[None]], **settings: Any) -> None:
    over(lambda: Bench(**settings), tell)


@pytest.mark.parametrize(("suffix", "ending"), [("cr", b"\r"), ("crlf", b"\r\n"), ("lf", b"\n"), ("tab", b"\t"), ("etx", b"\x03")])
def test_a_code_is_told_with_its_last_byte(suffix: str, ending: bytes) -> None:
    async def tell(bench: Bench) -> None:
        for byte in GS1.encode() + ending:
            assert bench.seen == []
            bench.far.say(bytes([byte]))
            await asyncio.sleep(0.001)
        assert bench.seen == [SCANNED]

    story(tell, suffix=suffix)


def test_two_codes_in_one_read_are_two() -> None:
    async def tell(bench: Bench) -> None:
        second: list[Scan] = []
        bench.scanner.watch(second.append)
        bench.far.say(b"A-01\rB-02\r")
        await asyncio.sleep(0.001)
        assert bench.seen == second == [Scan(None, "A-01"), Scan(None, "B-02")]

    story(tell)


def test_prefix_and_separator_are_taken_as_the_scanner_was_set() -> None:
    async def tell(bench: Bench) -> None:
        bench.far.say(b"\x02" + GS1.replace("\x1d", "{GS}").encode() + b"\r")
        await asyncio.sleep(0.001)
        assert bench.seen == [SCANNED]

    story(tell, prefix="\x02", group_separator="{GS}")


def test_a_code_whose_end_never_comes_is_counted_and_not_told() -> None:
    """Half a code may be another drug's whole one."""

    async def tell(bench: Bench) -> None:
        bench.far.say(b"0109506000")
        await asyncio.sleep(SILENCE_S * 2)
        assert (bench.seen, bench.scanner.unreadable) == ([], 1)
        bench.far.say(b"A-01\r")
        await asyncio.sleep(0.001)
        assert (bench.seen, bench.scanner.unreadable) == ([Scan(None, "A-01")], 1)

    story(tell)


def test_a_pause_shorter_than_the_silence_does_not_cut_a_code() -> None:
    async def tell(bench: Bench) -> None:
        bench.far.say(b"A-")
        await asyncio.sleep(SILENCE_S * 0.9)
        bench.far.say(b"01\r")
        await asyncio.sleep(SILENCE_S * 2)
        assert (bench.seen, bench.scanner.unreadable) == ([Scan(None, "A-01")], 0)

    story(tell)


def test_bytes_that_are_no_code_are_counted() -> None:
    async def tell(bench: Bench) -> None:
        bench.far.say(b"\xff\xfe\r")
        await asyncio.sleep(0.001)
        assert (bench.seen, bench.scanner.unreadable) == ([], 1)

    story(tell)


def test_half_a_code_of_an_earlier_connection_is_none() -> None:
    async def tell(bench: Bench) -> None:
        bench.far.say(b"01095")
        await asyncio.sleep(0.01)
        bench.far.unplug()
        await asyncio.sleep(1)
        bench.far.plug_in()
        await until(bench.link, True)
        await asyncio.sleep(1)
        bench.far.say(b"06000134352\r")
        await asyncio.sleep(SILENCE_S * 2)
        assert (bench.seen, bench.scanner.unreadable) == ([Scan(None, "06000134352")], 0)

    story(tell)


def test_the_scanner_is_never_written_to() -> None:
    async def tell(bench: Bench) -> None:
        await asyncio.sleep(30)
        assert bench.far.written == []
        assert bench.scanner.link_id == "scan"

    story(tell)


def test_the_log_shows_the_code() -> None:
    assert scanner_lines.means(b"A-01\r\xff") == "A-01\r\\xff"
