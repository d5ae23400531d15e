"""The one thread of the ledger: it waits for the disk, so that the loop need not."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable


class Writer:
    """Commits what was prepared, one commit at a time, and says in the loop that it is on the disk, or why it is not.

    Only the wait for the disk is done in the thread: it needs the interpreter's lock twice a commit, not once a row.
    Without a thread the same is done in the loop's own, so that a simulated night is the same every time.
    """

    def __init__(self, commit: Callable[[], None], done: Callable[[Exception | None], None], *, thread: bool) -> None:
        self._commit = commit
        self._done = done
        self._work: queue.SimpleQueue[asyncio.AbstractEventLoop | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True) if thread else None
        if self._thread:
            self._thread.start()

    def start(self) -> None:
        """Begins a commit; `done` follows in a later turn of the running loop."""
        loop = asyncio.get_running_loop()
        if self._thread:
            self._work.put(loop)
        else:
            loop.call_soon(lambda: self._done(self._try()))

    def stop(self) -> None:
        """Returns when the thread has ended; a commit that was begun is ended first. Again is no harm."""
        if self._thread:
            self._work.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (loop := self._work.get()) is not None:
            error = self._try()
            try:
                loop.call_soon_threadsafe(self._done, error)
            except RuntimeError:
                return  # the loop is closed: nobody is left to be told, and nothing was acknowledged

    def _try(self) -> Exception | None:
        try:
            self._commit()
        except Exception as error:  # noqa: BLE001 - whatever kept it from the disk, it is not there
            return error
        return None
