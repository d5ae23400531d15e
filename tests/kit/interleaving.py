"""A virtual loop whose scheduler has a seed: of the tasks that could go on now, any may be the next.

asyncio promises no order between tasks, but keeps one; a race that its order never shows is found by another one. Callbacks
that are not steps of a task keep their places, as they may rely on them.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import Any, TypeVar

from tests.kit.virtual_loop import VirtualLoop

T = TypeVar("T")


class SeededLoop(VirtualLoop):
    """Runs the same under the same seed, and otherwise under another."""

    def __init__(self, seed: str) -> None:
        super().__init__()
        self.chance = random.Random(seed)

    def _run_once(self) -> None:
        ready: Any = self._ready  # type: ignore[attr-defined]  # the one place where the next step is chosen
        steps = [at for at, handle in enumerate(ready) if isinstance(_owner(handle), asyncio.Task)]
        chosen = [ready[at] for at in steps]
        self.chance.shuffle(chosen)
        for at, handle in zip(steps, chosen, strict=True):
            ready[at] = handle
        super()._run_once()  # type: ignore[misc]


def _owner(handle: asyncio.Handle) -> Any:
    return getattr(getattr(handle, "_callback", None), "__self__", None)


def run_seeded(seed: str, coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end in virtual time, under the seed's scheduler."""
    with asyncio.Runner(loop_factory=lambda: SeededLoop(seed)) as runner:
        return runner.run(coroutine)
