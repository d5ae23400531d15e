"""The robot on a real TCP port: each connection is a client of its own, and the server can end one."""

from __future__ import annotations

import asyncio

from simulators.serve import serve_tcp
from tests.simulators.pis import HELLO, Stage
from tests.simulators.test_robot_clauses import ordered


def envelope(message: str, me: int) -> bytes:
    return f'<WWKS Version="2.0" TimeStamp="2026-01-05T08:00:00Z">{message.replace("{me}", str(me))}</WWKS>'.encode()


async def test_two_clients_on_tcp() -> None:
    stage = Stage()
    stage.robot.steel.ails.slow = 0.0
    stage.hold()
    server = await serve_tcp(stage.wire, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    async with asyncio.timeout(20):
        ends = [await asyncio.open_connection(*address) for _ in range(2)]
        for number, (reader, writer) in zip((100, 101), ends, strict=True):
            writer.write(envelope(HELLO.format(number, ""), number))
            assert b"<HelloResponse " in await reader.readuntil(b"</WWKS>")
        (reader, writer), (other, other_writer) = ends
        request = envelope(ordered(688), 100)
        for place in range(len(request)):
            writer.write(request[place : place + 1])
            await writer.drain()
        assert b"<OutputResponse " in await reader.readuntil(b"</WWKS>")
        assert b'<OutputMessage Id="688" ' in await reader.readuntil(b"</WWKS>")
        assert b'<OutputMessage Id="688" ' in await other.readuntil(b"</WWKS>")
        other_writer.write(b"garbage")
        await other_writer.drain()
        try:
            while await other.read(4096):
                pass
        except ConnectionResetError:
            pass  # the robot ends it at once, with what it had not read
        assert [client.number for client in stage.station.clients] == [100]
        for _, one in ends:
            one.close()
    server.close()
    await server.wait_closed()
    stage.house.clear()
