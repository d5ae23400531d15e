"""The real daemon with a real broker: the how-to page as it stands, and the last will of a daemon that is killed."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import aiomqtt
import httpx
import pytest

from tests.kit.broker import a_broker
from tests.kit.programs import GALENIC, answers, program
from tests.sites.files import FILES, SITE
from tests.test_pages import typed

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/how-to/listen-to-a-station.md"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}

pytestmark = [pytest.mark.processes, pytest.mark.timeout(90), pytest.mark.asyncio(loop_factories=["real"])]


def laid_out(folder: Path, port: int) -> None:
    """A cabinet's files, with the page's own `[outward]` at this broker's port."""
    for name, text in FILES.items():
        (folder / f"{name}.toml").write_text(text)
    outward = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (folder / "cabinet.toml").write_text(SITE + "\n" + "".join(outward).replace("port = 1883", f"port = {port}"))


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """One line of the page, in a shell."""
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=40, check=False
    )
    assert done.returncode == 0, (line, done)
    return done


def ours(line: str) -> str:
    return re.sub(r"^galenic\b", shlex.join(GALENIC), line)


async def test_the_page_runs_as_it_stands_and_a_killed_daemon_leaves_its_will(tmp_path: Path) -> None:
    lines = typed(PAGE)
    daemon = next(line for line in lines if line.startswith("galenic run"))
    before, after = lines[: lines.index(daemon)], lines[lines.index(daemon) + 1 :]
    assert (len(before), len(after)) == (2, 4)
    (tmp_path / "broker").mkdir()
    with a_broker(tmp_path / "broker") as house:
        await house.start()
        laid_out(tmp_path, house.port)
        for line in before:
            run(ours(line), tmp_path)
        command = [*GALENIC, *shlex.split(daemon)[1:], "--listen", "127.0.0.1:0"]
        async with aiomqtt.Client("127.0.0.1", house.port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.subscribe("galenic/1/st-marys/s-1/#", qos=1)
            with program(*command, cwd=tmp_path, env=ENVIRONMENT) as running:
                url = "http://" + running.until("listening at http://").partition("http://")[2]
                answers(f"{url}/v1/health")
                states: list[str] = []
                events: list[dict[str, object]] = []

                async def until(state: str) -> None:
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        told = json.loads(message.payload)
                        if str(message.topic).endswith("/state"):
                            states.append(told["state"])
                        elif "/events/" in str(message.topic):
                            events.append(told)
                        if states[-1:] == [state] and events:
                            return

                async with asyncio.timeout(30):
                    await until("ready")
                told = [run(line.replace("http://127.0.0.1:8080", url), tmp_path).stdout for line in after]
                ways = {way["id"]: way for way in json.loads(told[0])["outward"]}
                assert ways["house"]["connected"] is True
                assert json.loads(told[1])["consumer"] == "pharmacy"
                assert [json.loads(one)["sequence"] for one in told[2:]] == [1, 1]
                running.process.kill()
                async with asyncio.timeout(30):
                    await until("lost")
                assert events[0]["type"] == "org.galenic.station.started.v1"
                assert events[0]["simulated"] is True


async def test_a_daemon_starts_and_stops_without_its_broker(tmp_path: Path) -> None:
    laid_out(tmp_path, 1)
    with program(
        *GALENIC, "run", "cabinet.toml", "--state", "state", "--listen", "127.0.0.1:0", cwd=tmp_path, env=ENVIRONMENT
    ) as one:
        url = "http://" + one.until("listening at http://").partition("http://")[2]
        answers(f"{url}/ready")
        told = httpx.get(f"{url}/v1/health").json()
        assert {way["connected"] for way in told["outward"] if way["kind"] == "mqtt"} == {False}
        assert {"outward-account-missing"} <= {reason["code"] for reason in told["reasons"]}
        one.process.terminate()
        assert one.ends(10) == 0
