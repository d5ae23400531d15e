"""`python -m benchmarks.console_streams PORT`: pages that listen, without a browser. A line of stdin lists their paths and cookies.

It says `listening` when each has heard its first beat, and ends with stdin, saying how many parts it was sent.
"""

from __future__ import annotations

import asyncio
import json
import sys
from urllib.parse import quote

from benchmarks.console_ward import Client, events, seen


async def main(port: int) -> None:
    """Until stdin is at its end."""
    wanted: list[tuple[str, dict[str, str]]] = json.loads(sys.stdin.readline())
    listening = asyncio.Barrier(len(wanted) + 1)
    told: list[str] = []
    async with asyncio.TaskGroup() as pages:
        tasks = [pages.create_task(_listen(port, path, cookies, listening, told)) for path, cookies in wanted]
        await listening.wait()
        sys.stdout.write("listening\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        for task in tasks:
            task.cancel()
    sys.stdout.write(f"{len(told)}\n")


async def _listen(port: int, path: str, cookies: dict[str, str], listening: asyncio.Barrier, told: list[str]) -> None:
    """As the console's module does: the page, then its stream; and again where that ends."""
    client, first = Client(port, cookies), True
    while True:
        page = await client.get(path)
        client.close()
        async for name, _ in events(port, f"page={quote(path)}&seen={seen(page.body)}&query=", client.cookie):
            if first:
                first = False
                await listening.wait()
            if name == "part":
                told.append(path)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
