"""An event loop whose clock jumps to the next timer when nothing is ready: a night passes in a second, and repeats.

`run(play())` plays one story from a plain test. Where a whole directory of async tests should have virtual time, one line of
its `conftest.py` does it:

    from tests.kit.virtual_loop import virtual_time as pytest_asyncio_loop_factories

and a test (or a module, as `pytestmark`) in it that speaks with real descriptors or processes asks for the real loop:

    @pytest.mark.asyncio(loop_factories=["real"])

Libraries obey without knowing. What must not happen in virtual time is waiting for another thread or process: time would jump
past the answer. `run_in_executor` therefore runs the function at once. With no timer left and nothing ready, no task can ever
run again: that is a Deadlock, at once, and it says where each of them waits.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

import pytest

T = TypeVar("T")


class Deadlock(Exception):
    """No task can ever run again."""


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.idle: Callable[[], bool] = lambda: True

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise Deadlock("no timer is left; waiting:\n" + "\n".join(sorted(map(_place, asyncio.all_tasks()))))
        if not ready and timeout is not None and self.idle():
            # A hair beyond, always: a timer that rounding wakes early, or never, would keep the clock where it is.
            self.now = math.nextafter(self.now + timeout, math.inf)
        return ready


def _place(task: asyncio.Task[Any]) -> str:
    """The task's name and the innermost line it waits at."""
    frames = task.get_stack()
    where = f"{frames[-1].f_code.co_filename}:{frames[-1].f_lineno}" if frames else "its first step"
    return f"  {task.get_name()} at {where}"


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` counts virtual seconds from 0."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        self._clock_resolution = 0.0
        self._jumping.idle = lambda: not self._ready

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jumping.now

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """Runs the function now: virtual time knows no threads."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever awaits
            future.set_exception(error)
        return future


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)


def virtual_time(config: pytest.Config, item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The hook `pytest_asyncio_loop_factories`: virtual, unless the test names its loop."""
    marker = item.get_closest_marker("asyncio")
    if marker is not None and "loop_factories" in marker.kwargs:
        return {"virtual": VirtualLoop, "real": asyncio.new_event_loop}
    return {"virtual": VirtualLoop}
