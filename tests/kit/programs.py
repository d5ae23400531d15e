"""Real processes in tests: started, watched line by line, ended. Every wait is for an event and has a deadline."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

GALENIC = (sys.executable, "-m", "api.cli.main")
WITHIN_S = 60.0


class Program:
    """One process; `said` is every line of both its outputs so far, in the order of their arrival."""

    def __init__(self, *argv: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.said: list[str] = []
        self.answered: list[str] = []
        """Lines of standard output alone."""
        self._news = threading.Condition()
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, True), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, False), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[str], is_answer: bool) -> None:
        for line in stream:
            with self._news:
                self.said.append(line.rstrip("\n"))
                if is_answer:
                    self.answered.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def until(self, wanted: str, within_s: float = WITHIN_S, after: int = 0) -> str:
        """The first line that holds `wanted`, from line number `after` on. Fails with all that was said."""

        def found() -> str | None:
            return next((line for line in self.said[after:] if wanted in line), None)

        def over() -> bool:
            return found() is not None or not any(reader.is_alive() for reader in self._readers)

        with self._news:
            self._news.wait_for(over, within_s)
            line = found()
        assert line is not None, f"{wanted!r} was not said within {within_s} s:\n" + "\n".join(self.said)
        return line

    def ends(self, within_s: float = WITHIN_S) -> int:
        """Its exit code, once it has ended and all it said is read."""
        code = self.process.wait(within_s)
        for reader in self._readers:
            reader.join(within_s)
        return code

    def close(self) -> None:
        """Ends it, gently first."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(15)
        for reader in self._readers:
            reader.join(5)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


@contextmanager
def program(*argv: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Iterator[Program]:
    """A process that is ended with the block."""
    running = Program(*argv, cwd=cwd, env=env)
    try:
        yield running
    finally:
        running.close()


def galenic(
    *arguments: str, cwd: Path | None = None, given: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """One command, run to its end."""
    return subprocess.run(
        (*GALENIC, *arguments), cwd=cwd, env=env, input=given, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )


def answers(url: str, within_s: float = WITHIN_S) -> httpx.Response:
    """The first answer that is no failure to connect and no 503."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            answer = httpx.get(url, timeout=within_s)
        except httpx.TransportError:
            assert time.monotonic() < deadline, f"{url} does not answer"
        else:
            if answer.status_code != 503:
                return answer
            assert time.monotonic() < deadline, answer.text
        time.sleep(0.02)  # between two questions to a program that cannot tell us when it is there
