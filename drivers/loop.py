"""The event loop of a program that keeps the time of a wire: its timers end within microseconds of their moment.

asyncio's own waits with epoll, which counts whole milliseconds (epoll_wait(2)) and so ends each timer up to one late. On a line
whose silences are five, that is every twentieth exchange. select(2) counts microseconds, and can wait for epoll's descriptor.
"""

from __future__ import annotations

import asyncio
import select
import selectors


class _ExactSelector(selectors.EpollSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout > 0:
            select.select([self], [], [], timeout)
            timeout = 0
        return super().select(timeout)


def exact_loop() -> asyncio.AbstractEventLoop:
    """A new loop, for `asyncio.Runner`. Make it when the program begins: select(2) takes no descriptor above 1023."""
    return asyncio.SelectorEventLoop(_ExactSelector())
