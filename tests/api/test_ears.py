"""What is accepted at an ear sends at once: an answer's head and body leave in two writes, and the second waits for nobody."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from api.ears import bound


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "0.0.0.0:0"])
def test_no_body_waits_for_its_head_to_be_acknowledged(tmp_path: Path, listen: str) -> None:
    async def accepted() -> int:
        delays: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def came(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            far: socket.socket = writer.get_extra_info("socket")
            delays.set_result(far.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with bound(listen, tmp_path) as ear:
            async with await asyncio.start_server(came, sock=ear.socket):
                _, writer = await asyncio.open_connection("127.0.0.1", ear.socket.getsockname()[1])
                at_once = await delays
                writer.close()
                await writer.wait_closed()
        return at_once

    assert asyncio.run(accepted())
