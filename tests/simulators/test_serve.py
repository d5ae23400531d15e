"""Wires at real addresses: a PTY behind a symlink, whose place is claimed, and TCP."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from simulators.serve import Pty, claim, serve_tcp
from simulators.wire import Wire
from tests.simulators.test_wire import Heard


async def read_some(descriptor: int) -> bytes:
    """What comes on a descriptor."""
    loop, came = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, came.set)
    try:
        async with asyncio.timeout(5):
            await came.wait()
        return os.read(descriptor, 4096)
    finally:
        loop.remove_reader(descriptor)


async def test_an_unplugged_pty_is_not_there_and_comes_back(tmp_path: Path) -> None:
    wire = Wire()
    wire.line = Heard(wire, echo=True)
    path = tmp_path / "deep" / "port"
    path.parent.mkdir()
    path.symlink_to("/dev/pts/999999")
    pty = Pty(wire, path)
    host = os.open(path, os.O_RDWR | os.O_NOCTTY)
    os.write(host, b"hello")
    assert await read_some(host) == b"hello"
    wire.unplug()
    assert not path.is_symlink()
    with pytest.raises(OSError, match=r"Input/output error"):
        os.write(host, b"x")
    os.close(host)
    wire.plug()
    host = os.open(path, os.O_RDWR | os.O_NOCTTY)
    os.write(host, b"again")
    assert await read_some(host) == b"again"
    os.close(host)
    pty.close()
    pty.close()
    assert not path.is_symlink()


async def test_a_pty_that_nobody_reads_loses_bytes_and_lives(tmp_path: Path) -> None:
    wire = Wire()
    pty = Pty(wire, tmp_path / "port")
    for _ in range(100):
        wire.say(b"x" * 4096)
    pty.close()


async def test_what_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    """A file, and a symlink to a real device as udev lays it."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "by-id").symlink_to("../../ttyUSB0")
    for name in ("file", "by-id"):
        with pytest.raises(FileExistsError):
            Pty(Wire(), tmp_path / name)
    assert (tmp_path / "file").read_text() == "mine"
    assert (tmp_path / "by-id").readlink() == Path("../../ttyUSB0")
    claim(tmp_path / "file").close()


async def test_a_place_is_one_simulator_s_even_while_it_is_unplugged(tmp_path: Path) -> None:
    wire = Wire()
    first = Pty(wire, tmp_path / "port")
    wire.unplug()
    with pytest.raises(OSError, match="Address already in use"):
        Pty(Wire(), tmp_path / "port")
    wire.plug()
    assert (tmp_path / "port").is_symlink()
    first.close()
    Pty(Wire(), tmp_path / "port").close()


async def test_tcp_refuses_while_the_cable_is_out() -> None:
    wire = Wire()
    wire.unplug()
    server = await serve_tcp(wire, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())

    async def write_until_refused() -> None:
        while await reader.read(10) == b"":
            writer.write(b"x")
            await writer.drain()

    async with asyncio.timeout(5):
        with pytest.raises(ConnectionResetError):
            await write_until_refused()
    writer.close()
    server.close()
    await server.wait_closed()
