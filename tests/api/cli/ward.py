"""A running `galenic demo`, and the lines it printed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.kit.programs import GALENIC, WITHIN_S, Program, program


@dataclass
class Demo:
    """What a person sees who has started it."""

    program: Program
    url: str
    folder: Path

    @property
    def lines(self) -> list[str]:
        """The lines to try, without those that only go to the folder."""
        return [line.strip() for line in self.program.answered if line.startswith("  ") and not line.startswith("  cd ")][
            self._people :
        ]

    @property
    def _people(self) -> int:
        """So many indented lines tell of people."""
        start = self.program.answered.index(f"  cd {self.folder}")
        return sum(line.startswith("  ") for line in self.program.answered[:start])

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """One line as it stands, in a shell of its own."""
        return subprocess.run(["bash", "-c", line], cwd=self.folder, capture_output=True, text=True, timeout=WITHIN_S, check=False)

    def header(self, *names: str) -> dict[str, str]:
        """The headers that the printed lines send from these files."""
        parted = (self.folder.joinpath(name).read_text().strip().partition(": ") for name in names)
        return {name: value for name, _, value in parted}

    def get(self, path: str, *names: str) -> dict[str, Any]:
        """What is there, asked with these headers."""
        answer = httpx.get(f"{self.url}{path}", headers=self.header(*names), timeout=WITHIN_S)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def until(self, path: str, so: Callable[[dict[str, Any]], bool], *names: str) -> dict[str, Any]:
        """What is there once it is so."""
        deadline = time.monotonic() + WITHIN_S
        while not so(told := self.get(path, *names)):
            assert time.monotonic() < deadline, told
        return told


@contextmanager
def demo(*options: str, cwd: Path | None = None) -> Iterator[Demo]:
    """The demo at a free port, usable."""
    with program(*GALENIC, "demo", "--listen", "127.0.0.1:0", *options, cwd=cwd) as running:
        yield seen(running)


def seen(running: Program, within_s: float = WITHIN_S) -> Demo:
    """What the program prints when the ward stands."""
    first = running.until("ready after", within_s)
    running.until("kill -9", within_s)
    folder = running.until("Everything lies in").split("Everything lies in ")[1].split()[0]
    return Demo(running, first.split()[0], Path(folder))
