"""A process that answers lines of JSON with lines of JSON, seen from the event loop, which never waits for it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Self, cast

LONGEST = 1 << 20
"""Bytes of an answer; fifty picks need some two hundred."""


class Worker(asyncio.SubprocessProtocol):
    """One process: lines out, lines in. `gone` is done when nothing of it is left."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.since = loop.time()
        self.ready: asyncio.Future[None] = loop.create_future()
        self.gone: asyncio.Future[None] = loop.create_future()
        self.missing = self.ended = self._exited = False
        self.process: int | None = None
        self._transport: asyncio.SubprocessTransport | None = None
        self._answer: asyncio.Future[object] = loop.create_future()
        self._read = bytearray()

    @classmethod
    async def started(cls, command: Sequence[str]) -> Self:
        """Starts it; it says later that it is ready. Raises OSError if there is no such program."""
        _, worker = await asyncio.get_running_loop().subprocess_exec(cls, *command, stderr=asyncio.subprocess.DEVNULL)
        return worker

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self.process = self._transport.get_pid()

    async def ask(self, question: Mapping[str, object]) -> object:
        """Its next line, as JSON. Raises ConnectionError when it ends, ValueError for what is no line of JSON."""
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport is None or self.ended:
            raise ConnectionResetError("the worker has ended")
        pipe = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))
        pipe.write(json.dumps(question).encode() + b"\n")
        return await self._answer

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._read += data
        if len(self._read) > LONGEST:
            self._fail(ValueError("too long an answer"))
            self.kill()
        while (end := self._read.find(b"\n")) >= 0:
            line = bytes(self._read[:end])
            del self._read[: end + 1]
            self._line(line)

    def _line(self, line: bytes) -> None:
        try:
            said = json.loads(line)
        except (ValueError, RecursionError) as error:
            self._fail(ValueError(f"no line of JSON: {error}"))
            return
        if not self.ready.done():
            self.missing = isinstance(said, dict) and "missing" in said
            self.ready.set_result(None)
        elif not self._answer.done():
            self._answer.set_result(said)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._end()

    def process_exited(self) -> None:
        self._exited = True
        self._end()

    def _end(self) -> None:
        self.ended = True
        self._fail(ConnectionResetError("the worker has ended"))

    def _fail(self, error: Exception) -> None:
        for waited in (self.ready, self._answer):
            if not waited.done():
                waited.set_exception(error)
                waited.exception()  # whether or not anybody waits

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        if self._transport is not None:
            self._transport.close()
        if not self.gone.done():  # whoever waited for it was cancelled, and that wait with it
            self.gone.set_result(None)

    def kill(self) -> None:
        """At once, whatever it is at; what is left of it goes by itself (`gone`)."""
        self.ended = True
        if self._transport is None or self.gone.done():
            return
        questions = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))
        if not questions.is_closing():
            questions.abort()  # those that it has not read are not waited for
        cast("asyncio.ReadTransport", self._transport.get_pipe_transport(1)).close()
        if self.process is not None and not self._exited:
            # The transport's own kill() may reap the process behind the back of whoever watches for its end.
            with suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)
