"""Serial over a real PTY and TCP over a real socket: both ends agree, and a pulled cable ends the session."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Awaitable
from pathlib import Path

import pytest

from drivers.transports import Transport, dial
from simulators.serve import Pty, serve_tcp
from simulators.wire import Wire

REFUSED = 1000
"""Sends in a row, with a turn of the loop after each, that the kernel takes nothing of: then nobody reads any more."""
MOST_HELD = 256 << 20
"""Bytes, more than any kernel holds of a connection."""


class Echo:
    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    def hear(self, data: bytes) -> None:
        self.wire.say(data[::-1])


async def exactly(transport: Transport, length: int) -> bytes:
    got = b""
    async with asyncio.timeout(5):
        while len(got) < length:
            got += await transport.read()
    return got


async def ended(reading: Awaitable[bytes]) -> None:
    """The session's end is a read of nothing or an OSError, at once."""
    async with asyncio.timeout(5):
        with contextlib.suppress(OSError):
            assert await reading == b""


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def test_a_pty_carries_every_byte_and_is_opened_by_one_only(tmp_path: Path) -> None:
    wire = Wire()
    wire.line = Echo(wire)
    before = descriptors()
    pty = Pty(wire, tmp_path / "lockbus")
    transport = await dial(f"serial:{tmp_path}/lockbus?baud=19200")
    try:
        with pytest.raises(OSError, match="lock"):
            await dial(f"serial:{tmp_path}/lockbus")
        for data in (bytes(range(256)), b"\x11\x13\x03\x04\x0d\x0a"):
            transport.write(data)
            assert sorted(await exactly(transport, len(data))) == sorted(data)
    finally:
        transport.close()
        pty.close()
    assert await transport.read() == b""
    with pytest.raises(OSError, match="ended"):
        transport.write(b"x")
    assert descriptors() == before
    assert not (tmp_path / "lockbus").is_symlink()


async def test_closing_the_far_end_of_a_pty_is_an_unplug(tmp_path: Path) -> None:
    near, far = os.openpty()
    (tmp_path / "port").symlink_to(os.ttyname(far))
    transport = await dial(f"serial:{tmp_path}/port")
    os.close(far)
    reading = asyncio.ensure_future(transport.read())
    await asyncio.sleep(0)
    os.close(near)
    await ended(reading)
    transport.close()
    transport.close()


async def test_tcp_carries_bytes_and_a_pulled_cable_ends_it() -> None:
    wire = Wire()
    wire.line = Echo(wire)
    server = await serve_tcp(wire, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport = await dial(f"tcp://127.0.0.1:{port}")
    transport.write(b"abc")
    assert await exactly(transport, 3) == b"cba"
    wire.unplug()
    await ended(transport.read())
    transport.close()
    with pytest.raises(OSError, match="ended"):
        transport.write(b"x")
    server.close()
    await server.wait_closed()


async def test_what_has_come_is_known_before_the_loop_has_turned(tmp_path: Path) -> None:
    near, far = os.openpty()
    (tmp_path / "port").symlink_to(os.ttyname(far))
    line = await dial(f"serial:{tmp_path}/port")
    os.close(far)
    server = socket.create_server(("127.0.0.1", 0))
    network = await dial(f"tcp://127.0.0.1:{server.getsockname()[1]}")
    peer, _ = server.accept()
    say = ((line, lambda: os.write(near, b"x"), lambda: os.close(near)), (network, lambda: peer.sendall(b"x"), peer.close))
    for transport, speak, hang_up in say:
        assert not transport.arrived()
        speak()
        assert transport.arrived()
        assert await exactly(transport, 1) == b"x"
        assert not transport.arrived()
        hang_up()
        assert transport.arrived()
        await ended(transport.read())
        transport.close()
    server.close()


async def test_who_sends_faster_than_we_read_waits_nothing_is_lost_and_a_broken_connection_is_told() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    transport = await dial(f"tcp://127.0.0.1:{server.getsockname()[1]}")
    peer, _ = server.accept()
    peer.setblocking(False)
    sent, refused = 0, 0
    while refused < REFUSED:
        try:
            sent += peer.send(bytes(65_536))
            refused = 0
        except BlockingIOError:
            refused += 1
            await asyncio.sleep(0)
        assert sent < MOST_HELD
    assert await exactly(transport, sent) == bytes(sent)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
    with pytest.raises(ConnectionResetError):
        await transport.read()
    transport.close()
    server.close()


@pytest.mark.parametrize("url", ["serial:/nowhere/at-all", "tcp://127.0.0.1:1"])
async def test_what_is_not_there_is_an_os_error(url: str) -> None:
    with pytest.raises(OSError, match=r"."):
        await dial(url)


async def test_an_unknown_scheme_names_what_is_allowed() -> None:
    with pytest.raises(ValueError, match="serial:/path or tcp://"):
        await dial("gopher://x")
