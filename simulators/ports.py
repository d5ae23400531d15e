"""Every wire of a house, standing where its site file says: a PTY behind a symlink, or a TCP port."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from simulators.house import House
from simulators.serve import Pty, serve_tcp
from sites import wires


class CannotListen(Exception):
    """An address cannot be listened at; its text names the key or flag, the address and the reason."""


@contextmanager
def listening(name: str, address: str) -> Iterator[None]:
    """Names what an address is for when it is refused. Raises CannotListen."""
    try:
        yield
    except OSError as wrong:
        number = wrong.errno or 0
        why = os.strerror(number) if number > 0 else wrong.strerror or str(wrong)  # a name's own errors count below 0
        raise CannotListen(f"{name}: cannot listen at {address}: {why}") from wrong


@asynccontextmanager
async def standing(house: House) -> AsyncIterator[dict[str, dict[str, Any]]]:
    """Serves all links until it is left, and says of each its protocol, the url it listens at and its boards' addresses.

    Raises CannotListen, and then nothing is left standing.
    """
    async with AsyncExitStack() as stack:
        links = {}
        for id, link in house.site.links.items():
            with listening(f"links.{id}.url", link.url):
                await _serve(house, id, link.url, stack)
            links[id] = {"protocol": link.protocol, "url": link.url, "boards": _addresses(house, id)}
        yield links


async def _serve(house: House, link: str, url: str, stack: AsyncExitStack) -> None:
    wire = house.wires[link]
    match wires.wire(url):
        case wires.SerialLine(path=path, baud=baud):
            wire.pace(baud)  # a PTY has no speed of its own
            stack.callback(Pty(wire, Path(path)).close)
        case wires.TcpEnd(host=host, port=port):
            server = await serve_tcp(wire, host, port)
            stack.push_async_callback(server.wait_closed)
            stack.callback(server.close)
            stack.callback(wire.unplug)


def _addresses(house: House, link: str) -> list[int]:
    modules = [part.unit for part in house.site.conveyors if part.link == link]
    return modules + [
        part.address if part.driver == "kerong-cu16" else part.unit for part in house.site.boards if part.link == link
    ]
