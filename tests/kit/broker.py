"""A real Mosquitto, started by the test on a free port out of a temporary folder, killed and frozen at will."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

WITHIN_S = 20.0


def mosquitto() -> str:
    """Where the program is. Fails where there is none, unless it was said that there need not be one."""
    found = shutil.which("mosquitto", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))
    if found is None and os.environ.get("GALENIC_NO_BROKER") == "1":
        pytest.skip("GALENIC_NO_BROKER=1 and no mosquitto here")
    assert found is not None, "mosquitto is not installed: run tests/kit/mosquitto.sh, or set GALENIC_NO_BROKER=1"
    return found


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as ear:
        port: int = ear.getsockname()[1]
        return port


class Mosquitto:
    """One broker that keeps its messages in `folder`, as a hospital's does: what it is killed before, it may forget."""

    def __init__(self, folder: Path, *lines: str, port: int | None = None) -> None:
        self.port = free_port() if port is None else port
        self._program, self._said = mosquitto(), (folder / "said").open("ab")
        self._conf = folder / "mosquitto.conf"
        user = "user root\n" if os.geteuid() == 0 else ""
        self._conf.write_text(
            f"listener {self.port} 127.0.0.1\n{user}persistence true\npersistence_location {folder}/\n"
            "autosave_on_changes true\nautosave_interval 1\nset_tcp_nodelay true\n"
            + "".join(f"{line}\n" for line in lines or ("allow_anonymous true",))
        )
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Returns when it answers at its port."""
        self._process = subprocess.Popen([self._program, "-c", str(self._conf)], stdout=self._said, stderr=self._said)
        async with asyncio.timeout(WITHIN_S):
            while True:
                assert self._process.poll() is None, Path(self._said.name).read_text()
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.01)  # between two questions to a program that cannot tell us when it is there
                else:
                    writer.close()
                    await writer.wait_closed()
                    return

    def kill(self) -> None:
        """SIGKILL: it writes nothing more."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(WITHIN_S)
            self._process = None

    def freeze(self) -> None:
        """SIGSTOP: its connections stay, and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Leaves no process behind."""
        self.kill()
        self._said.close()


@contextmanager
def a_broker(folder: Path, *lines: str, port: int | None = None) -> Iterator[Mosquitto]:
    """A broker that is not started yet, and is ended with the block."""
    broker = Mosquitto(folder, *lines, port=port)
    try:
        yield broker
    finally:
        broker.close()
