"""Every wire of a house, standing where its site file says: a PTY behind a symlink, or a TCP port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from simulators.house import House
from simulators.serve import Pty, serve_tcp


class CannotListen(Exception):
    """An address cannot be listened at; its text names the key or flag, the address and the reason."""


@contextmanager
def listening(name: str, address: str) -> Iterator[None]:
    """Names what an address is for when it is refused. Raises CannotListen."""
    try:
        yield
    except (OSError, OverflowError, ValueError) as wrong:
        why = getattr(wrong, "strerror", None) or str(wrong)
        raise CannotListen(f"{name}: cannot listen at {address}: {why.rpartition(': ')[2]}") from wrong


@asynccontextmanager
async def standing(house: House) -> AsyncIterator[dict[str, dict[str, Any]]]:
    """Serves all links until it is left, and says of each its protocol, the url it listens at and its boards' addresses.

    Port 0 takes a free one. Raises CannotListen, and then nothing is left standing.
    """
    async with AsyncExitStack() as stack:
        links = {}
        for id, link in house.site.links.items():
            with listening(f"links.{id}.url", link.url):
                url = await _serve(house, id, link.url, stack)
            links[id] = {"protocol": link.protocol, "url": url, "boards": _addresses(house, id)}
        yield links


async def _serve(house: House, link: str, url: str, stack: AsyncExitStack) -> str:
    parts, wire = urlsplit(url), house.wires[link]
    if parts.scheme == "serial" and parts.path:
        stack.callback(Pty(wire, Path(parts.path)).close)
        return url
    if parts.scheme == "tcp" and parts.port is not None:
        host = parts.hostname or "127.0.0.1"
        server = await serve_tcp(wire, host, parts.port)
        stack.push_async_callback(server.wait_closed)
        stack.callback(server.close)
        stack.callback(wire.unplug)
        return f"tcp://{host}:{server.sockets[0].getsockname()[1]}"
    raise ValueError("it is neither serial:/path nor tcp://host:port")


def _addresses(house: House, link: str) -> list[int]:
    return [part.address if part.driver == "kerong-cu16" else part.unit for part in house.site.boards if part.link == link]
