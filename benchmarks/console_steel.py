"""`python -m benchmarks.console_steel SITE HOST:PORT`: the simulators, and each answer of a lock board that differs from its last.

    {"link": "l3", "at": 8123.456789, "before": 8123.256, "frame": "02000035…"}

Seconds of CLOCK_MONOTONIC, which is one clock for all programs of a machine; `before` is when that board answered last. `at` is
taken before the frame's bytes are given to the connection, all nine at once.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from simulators.__main__ import controlled
from simulators.house import House
from simulators.ports import standing
from simulators.wire import Towards
from sites.check import check


async def main(site: Path, control: str) -> None:
    """Until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    report = check(site)
    assert report.site is not None
    house = House(report.site, report.data.lots, report.packs, report.data.items)
    host, _, port = control.rpartition(":")
    async with standing(house), controlled(house, None, host, int(port)):
        for id, link in report.site.links.items():
            if link.protocol == "kerong-cu16":
                house.wires[id].overhear = _tap(id, house.wires[id].overhear)
        say("standing")
        await stop.wait()
        house.clear()


def _tap(link: str, further: Callable[[Towards, bytes], None]) -> Callable[[Towards, bytes], None]:
    last: dict[int, tuple[bytes, float]] = {}

    def hear(towards: Towards, data: bytes) -> None:
        at = time.monotonic()
        if towards == "host":
            before = last.get(data[1], (b"", at))
            last[data[1]] = (data, at)
            if before[0] != data:
                say(json.dumps({"link": link, "at": at, "before": before[1], "frame": data.hex()}))
        further(towards, data)

    return hear


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
