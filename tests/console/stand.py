"""A ward that stands: daemon and simulators as processes, its people, and what a test does with them.

stand = Stand(folder); stand.start(); page = await stand.at(context, "med-room"); await log_in(page, stand, "nina")
"""

from __future__ import annotations

import asyncio
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from api.cli.demo_people import SERVICE
from api.cli.demo_ward import Run, free, lay_out, people
from sites.check import check
from tests.kit.programs import GALENIC, Program, answers

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

LATER_S = 20.0
LOOK_S = 0.05
"""Between two looks at what cannot say when it is there."""
TWICE_S = 0.1
"""Two touches of one key within 80 ms are one."""


class Stand:
    """One ward on this machine. `change` edits its site file before anything starts."""

    program = SERVICE
    """The file in its folder that holds the credential of the pharmacy system."""

    def __init__(self, folder: Path, change: Callable[[str], str] = lambda text: text) -> None:
        folder.mkdir(exist_ok=True)
        self.run: Run = lay_out(folder, free(0))
        site = self.run.site
        site.write_text(change(re.sub(r"^idle_s = .*$", "idle_s = 600", site.read_text(), flags=re.MULTILINE)))
        self.run.report = check(site)
        assert not self.run.report.errors, self.run.report.errors
        asyncio.run(people(self.run))
        self.url = f"http://{self.run.listen}"
        self.steel: Program | None = None
        self.daemon: Program | None = None

    # --- the two programs

    def start(self) -> None:
        """Simulators and daemon, both at once; returns when every drawer has been looked at."""
        self.steel = Program(
            *(GALENIC[0], "-m", "simulators", str(self.run.site), "--json", "--control", self.run.control, "--hands", "none")
        )
        self._run()
        self.steel.until('"control"')
        self.ready()

    def start_daemon(self) -> None:
        """The daemon, on what its folder holds."""
        self._run()
        self.ready()

    def _run(self) -> None:
        self.daemon = Program(*GALENIC, "run", str(self.run.site), "--listen", self.run.listen, "--state", str(self.run.state))

    def ready(self) -> None:
        """Returns when the daemon listens and every drawer has been looked at."""
        assert self.daemon is not None
        self.daemon.until("listening")
        while answers(f"{self.url}/v1/health").json()["drawers"].keys() & {"offline", "unknown"}:
            time.sleep(LOOK_S)

    def kill_daemon(self) -> None:
        """SIGKILL."""
        assert self.daemon is not None
        self.daemon.process.send_signal(signal.SIGKILL)
        self.daemon.close()

    def close(self) -> None:
        """Ends both."""
        for program in (self.daemon, self.steel):
            if program is not None:
                program.close()

    def rx(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The pharmacy system asks; fails unless it is done."""
        name, _, value = (self.run.folder / self.program).read_text().strip().partition(": ")
        answer = httpx.request(method, f"{self.url}/v1/{path}", json=body, headers={name: value}, timeout=LATER_S)
        assert answer.is_success, (path, answer.text)
        told: dict[str, Any] = answer.json()
        return told

    # --- the physical side

    def control(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One request to the simulators; fails unless they do it."""
        url = f"http://{self.run.control}{path}"
        answer = httpx.get(url) if body is None else httpx.post(url, json=body, timeout=LATER_S)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def hand(self, **act: Any) -> dict[str, Any]:
        """A hand does something at the cabinet, once steel allows it."""
        return await asyncio.get_running_loop().run_in_executor(None, self.control, "/hands", act)

    def pocket(self, pocket: str) -> int:
        """How many units really lie there."""
        quantity: int = self.control(f"/truth/pockets/{pocket}")["quantity"]
        return quantity

    def drawer(self, drawer: str) -> dict[str, Any]:
        """A drawer as it really is."""
        return self.control(f"/truth/drawers/{drawer}")

    # --- the browser

    async def screen(self, context: BrowserContext) -> Page:
        """A page of this browser, which is the enrolled terminal now."""
        page = await context.new_page()
        await page.goto(f"{self.url}/console/enrol#{self.run.credential}")
        await page.wait_for_url(f"{self.url}/console")
        return page

    async def log_in(self, page: Page, person: str) -> None:
        """She stands at her first page: what the keypad posts was posted."""
        said = {"who": person, "pin": self.run.pins[person]}
        answer = await page.request.post(f"{self.url}/console/log-in", data=said, headers={"Origin": self.url})
        assert answer.ok, await answer.text()
        await page.goto(f"{self.url}{(await answer.json())['go']}")

    async def key_in(self, page: Page, person: str) -> None:
        """She logs in by name and PIN, digit by digit on the keypad."""
        await page.goto(f"{self.url}/console")
        await page.get_by_label("Name or badge number").fill(person)
        await page.get_by_role("button", name="Go on to the PIN").click()
        await page.wait_for_url("**/console/pin?**")
        await self.type_pin(page, person)
        await page.wait_for_url(lambda url: "/console/pin" not in url and not url.endswith("/console"))

    async def type_pin(self, page: Page, person: str) -> None:
        """Digit by digit on the keypad."""
        for digit in self.run.pins[person]:
            await page.get_by_role("button", name=digit, exact=True).click()
            await asyncio.sleep(TWICE_S)


@contextmanager
def standing(folder: Path, change: Callable[[str], str] = lambda text: text) -> Iterator[Stand]:
    """A ward that stands for as long as the block lasts."""
    stand = Stand(folder, change)
    try:
        stand.start()
        yield stand
    finally:
        stand.close()
