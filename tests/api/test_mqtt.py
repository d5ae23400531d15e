"""Facts to a real Mosquitto: what stands where, that nothing comes in, TLS, log-in, a frozen broker, and the last will."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from api import mqtt, topics
from api.kept import keep
from controller.policy.roles import Right
from drivers.faults import LedgerFault
from tests.kit.broker import Mosquitto, a_broker
from tests.kit.outward import TOPICS, Outside, broker, outside, took_s
from tests.kit.subscriber import Subscriber
from tests.kit.tls import Authority

pytestmark = pytest.mark.asyncio(loop_factories=["real"])

QUIET = logging.getLogger("tests.listener")
QUIET.setLevel(logging.CRITICAL)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comes back sooner than it would in a hospital."""
    monkeypatch.setattr(mqtt, "FIRST_S", 0.1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Mosquitto]:
    with a_broker(tmp_path) as found:
        yield found


class Heard:
    """Everything under `galenic/#` that a listener is sent."""

    def __init__(self) -> None:
        self.messages: list[aiomqtt.Message] = []
        self._news = asyncio.Event()

    async def listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            self.messages.append(message)
            self._news.set()

    async def until(self, topic: str, within_s: float = 20, **members: Any) -> aiomqtt.Message:
        """The first message there with these members."""
        async with asyncio.timeout(within_s):
            while True:
                for message in self.messages:
                    if str(message.topic) == f"{TOPICS}/{topic}" and members.items() <= read(message).items():
                        return message
                self._news.clear()
                await self._news.wait()


def read(message: aiomqtt.Message) -> dict[str, Any]:
    assert isinstance(message.payload, bytes)
    got: dict[str, Any] = json.loads(message.payload)
    return got


@asynccontextmanager
async def listener(port: int, topic: str = "galenic/#", **more: Any) -> AsyncIterator[tuple[Heard, aiomqtt.Client]]:
    heard = Heard()
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5, logger=QUIET, **more) as client:
        client.pending_calls_threshold = 1000
        await client.subscribe(topic, qos=1)
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(heard.listen(client))
            yield heard, client
            listening.cancel()


async def connected(out: Outside, within_s: float = 20) -> None:
    """Returns once the publisher is connected."""
    async with asyncio.timeout(within_s):
        while not (await out.way())["connected"]:
            await asyncio.sleep(0.02)


async def error(out: Outside, *wanted: str, within_s: float = 20) -> str:
    """The reason that health gives, once it holds one of the texts that are wanted."""
    async with asyncio.timeout(within_s):
        while True:
            said = str((await out.way())["error"])
            if any(text in said for text in wanted):
                return said
            await asyncio.sleep(0.02)


async def test_what_stands_where(house: Mosquitto, tmp_path: Path) -> None:
    """ecosystem B4: states that are kept, with an expiry; events that are not, as CloudEvents with MQTT 5 properties."""
    await house.start()
    async with listener(house.port) as (heard, _), outside(tmp_path, **broker(house.port)) as out:
        await heard.until("state", state="ready")
        await heard.until("health", status="degraded", reasons=["first-run-needed"])
        await heard.until("things/drawer/a-01", id="A-01", state="locked")
        await heard.until("things/link/lockbus", id="lockbus", state="up")
        nurse = await out.ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        told = await heard.until("events/drawer-unlock-intended")
        await heard.until("things/drawer/a-01", state="unlocked")
        event, properties = read(told), dict(told.properties.json())  # type: ignore[union-attr]
        assert (told.qos, told.retain) == (1, False)
        assert properties["ContentType"] == "application/cloudevents+json"
        assert properties["UserProperty"][0][0] == "previous"
        assert event["id"] == f"small/{event['sequence']}"
        assert event["type"] == "org.galenic.drawer.unlock_intended.v1"
        assert event["data"]["purpose"] == {"kind": "pull", "id": "p-1"}
        async with listener(house.port) as (late, _):
            for topic in ("state", "health", "things/drawer/a-03", "things/link/lockbus"):
                kept = await late.until(topic)
                assert kept.retain
                assert 0 < kept.properties.MessageExpiryInterval <= mqtt.KEPT_S  # type: ignore[union-attr]
            assert not any("/events/" in str(message.topic) for message in late.messages)
        for message in heard.messages:
            parts = str(message.topic).split("/")
            assert parts[:4] == ["galenic", "1", "house", "small"]
            assert all(part.isascii() and set(part) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for part in parts)
            assert not {"Doe", "M-P-1", "P-1"} & set(str(message.payload).replace('"', " ").split())  # GW-11
    async with listener(house.port) as (late, _):
        await late.until("state", state="stopped")


async def test_every_committed_work_is_told_once_in_order(house: Mosquitto, tmp_path: Path) -> None:
    """I7: exactly one event for each, with a stable id; and no kind of confirmation goes round."""
    await house.start()
    async with outside(tmp_path, **broker(house.port)) as out:
        subscriber = Subscriber(house.port, f"{TOPICS}/events/#", out.confirm)
        subscriber.come()
        nurse = await out.ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        await out.ward.hand_opens("A-01")
        out.ward.takes("A-01-1", 1)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
        await out.ward.hand_shuts("A-01")
        await out.ward.world.until("pull.committed")
        committed = out.told("pull.committed")
        await subscriber.until(lambda: subscriber.reached >= committed[-1])
        await subscriber.until(lambda: subscriber.confirmed >= committed[-1])
        await subscriber.go()
        kinds = [event["type"].removeprefix("org.galenic.").removesuffix(".v1") for event in subscriber.kept]
        assert kinds.count("pull.committed") == kinds.count("stock.taken") == 1
        assert not {kind.partition(".")[0] for kind in kinds} & {"consumer", "webhook", "session", "person"}
        sequences = [event["sequence"] for event in subscriber.kept]
        assert sequences == sorted(set(sequences))


async def test_nw_03_no_topic_moves_anything(tmp_path: Path) -> None:
    """The daemon subscribes to nothing; whatever is published to whichever topic changes nothing."""
    with a_broker(tmp_path, "allow_anonymous true", "log_type all") as house:
        await house.start()
        async with (
            listener(house.port, identifier="the-listener") as (heard, client),
            outside(tmp_path, **broker(house.port)) as out,
        ):
            await heard.until("state", state="ready")
            await heard.until("things/drawer/a-01", state="locked")
            head = out.ward.world.ledger.head
            names = [
                "set",
                "cmd",
                "things/drawer/a-01/set",
                "things/drawer/a-01",
                "drawer/a-01/unlock",
                "events/drawer-opened",
                "state",
            ]
            for name in names:
                for payload in ('{"state":"unlocked"}', "OPEN", "unlock", b"\xff", '{"order":"O-amox"}'):
                    await client.publish(f"{TOPICS}/{name}", payload, qos=1, retain=True)
                    await client.publish(f"galenic/{name}", payload, qos=1)
            out.facts([1])
            await heard.until("events/link-lost")
            assert out.ward.openings() == []
            assert out.ward.world.ledger.read(head[0], 100)[0].kind == "link.lost"
            assert len(out.ward.world.ledger.read(head[0], 100)) == 1
        said = (tmp_path / "said").read_text()
        assert "Received SUBSCRIBE from the-listener" in said
        assert "Received PUBLISH from galenic-1-house-small" in said
        assert "SUBSCRIBE from galenic-1-house-small" not in said


@pytest.mark.filterwarnings("ignore:.*unclosed <ssl.SSLSocket")
@pytest.mark.filterwarnings("ignore:(?s).*SSLSocket:pytest.PytestUnraisableExceptionWarning")
async def test_tls_with_our_own_authority_and_no_other(tmp_path: Path) -> None:
    """NW-07: an authority that nobody knows, another host's certificate and a station without one are refused, and said.

    paho leaves the socket of a handshake that failed to the garbage collector.
    """
    ours, foreign = Authority(tmp_path / "ours"), Authority(tmp_path / "foreign")
    cert, key = ours.certificate("127.0.0.1")
    mine, _ = ours.certificate("station", with_key=True)
    with a_broker(tmp_path, "allow_anonymous true", f"cafile {ours.ca}", f"certfile {cert}", f"keyfile {key}",
                  "require_certificate true") as house:  # fmt: skip
        await house.start()
        good = {"plain": False, "ca": "ours/ca.pem", "certificate": str(mine), "timeout_s": 3}
        async with outside(tmp_path, **broker(house.port, **good)) as out:
            await connected(out)
        async with outside(tmp_path, **broker(house.port, **good | {"ca": "foreign/ca.pem"})) as out:
            await error(out, "certificate verify failed")
            assert "broker-not-connected" in (await out.way())["reasons"]
            nurse = await out.ward.person("nurse")
            await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        async with outside(tmp_path, **broker(house.port, **good | {"certificate": None})) as out:
            await error(out, "certificate required", "reset", "disconnection", "timed out", "Broken pipe", "EOF")
        async with outside(tmp_path, **broker(house.port, **good | {"ca": "nothing.pem"})) as out:
            await error(out, "No such file")
        mine.chmod(0o644)
        async with outside(tmp_path, **broker(house.port, **good)) as out:
            await error(out, "secret-unsafe")
    assert foreign.ca.exists()
    wrong, wrong_key = ours.certificate("broker.example")
    with a_broker(tmp_path, "allow_anonymous true", f"certfile {wrong}", f"keyfile {wrong_key}") as house:
        await house.start()
        async with outside(tmp_path, **broker(house.port, plain=False, ca="ours/ca.pem")) as out:
            assert "IP address mismatch" in await error(out, "certificate verify failed")
    gc.collect()  # what paho has left goes here, and not in the test after this one


async def test_name_and_password_come_from_a_file_of_the_state_folder(tmp_path: Path) -> None:
    words = tmp_path / "passwords"
    words.write_text("galenic:secret\n")
    words.chmod(0o600)
    os.system(f"{_passwd()} -U {words} 2>/dev/null")
    login = tmp_path / "state" / "brokers" / "house.login"
    with a_broker(tmp_path, "allow_anonymous false", f"password_file {words}") as house:
        await house.start()
        async with outside(tmp_path, **broker(house.port, login=True)) as out:
            await error(out, "secret-unsafe")
            keep(login, "galenic\nwrong\n")
            await error(out, "Not authorized", "not authorised", "Bad user name")
            keep(login, "galenic\n")
            await error(out, "secret-unsafe")
            keep(login, "galenic\nsecret\n")
            login.chmod(0o640)
            await error(out, "secret-unsafe")
            login.chmod(0o600)
            await connected(out)
            assert (await out.way())["error"] == ""


def _passwd() -> str:
    return "/usr/bin/mosquitto_passwd"


async def test_a_frozen_broker_delays_no_pull_and_is_noticed(house: Mosquitto, tmp_path: Path) -> None:
    await house.start()
    async with outside(tmp_path, **broker(house.port, timeout_s=1, keepalive_s=2)) as out:
        await connected(out)
        nurse = await out.ward.person("nurse")
        house.freeze()
        try:
            out.facts(range(500))
            for id, order, drawer in (("p-1", "O-amox", "A-01"), ("p-2", "O-pred", "A-02")):
                began = time.perf_counter()
                await nurse.done("PUT", f"/v1/pulls/{id}", {"order": order})
                assert took_s(began) < 1
                await out.ward.hand_opens(drawer)
                await nurse.ask("POST", f"/v1/pulls/{id}/cancellation")
                await out.ward.world.plant.shut(drawer)
                await out.ward.world.until("drawer.intent_closed", drawer=drawer)
            await error(out, "timed out")
            assert (await out.way())["lag"] > 450
        finally:
            house.thaw()
        await connected(out)
        subscriber = Subscriber(house.port, f"{TOPICS}/events/#", out.confirm)
        subscriber.come()
        last = out.told("link.lost")[-1]
        await subscriber.until(lambda: subscriber.reached >= last)
        await subscriber.go()


async def test_a_stop_waits_for_no_broker(house: Mosquitto, tmp_path: Path) -> None:
    """Frozen while a connection is being made, or before: the stop is not held up and nothing is left running."""
    await house.start()
    house.freeze()
    began = time.perf_counter()
    try:
        async with outside(tmp_path, **broker(house.port, timeout_s=1)) as out:
            assert (await out.way())["error"] == "not connected yet"
    finally:
        house.thaw()
    assert took_s(began) < 8


async def test_a_broker_that_is_not_there_is_said_and_found_later(house: Mosquitto, tmp_path: Path) -> None:
    async with outside(tmp_path, **broker(house.port)) as out:
        assert "refused" in await error(out, "refused")
        await house.start()
        await connected(out)
        house.kill()
        await error(out, "refused", "disconnection")
        await house.start()
        await connected(out)


async def test_without_an_account_nothing_is_told(house: Mosquitto, tmp_path: Path) -> None:
    await house.start()
    async with listener(house.port) as (heard, _), outside(tmp_path, rights=(), **broker(house.port)) as out:
        await heard.until("state", state="ready")
        assert (await out.way())["error"] == "outward-account-missing"
        assert "outward-account-missing" in (await out.way())["reasons"]
        await heard.until("health")
        assert not any("/events/" in str(message.topic) for message in heard.messages)
        await out.ward.world.people.add_service("rx", "Pharmacy", [Right.SEE_STATION], "setup")
        await heard.until("events/drawer-locked")
        assert not any("/events/stock" in str(message.topic) for message in heard.messages)


async def test_a_ledger_that_fails_is_told_and_what_it_holds_still_goes_out(house: Mosquitto, tmp_path: Path) -> None:
    await house.start()
    async with listener(house.port) as (heard, _), outside(tmp_path, **broker(house.port)) as out:
        await heard.until("state", state="ready")
        station = out.ward.world.station

        async def fails() -> None:
            raise LedgerFault("ledger-failed", why="a test's disk")

        station.ledger.settled = fails  # type: ignore[method-assign]  # the disk of memory has no faults of this kind
        async with asyncio.timeout(20):
            while out.telling.brokers["house"].error != "ledger-failed":
                await asyncio.sleep(0.02)
        del station.ledger.settled  # type: ignore[attr-defined]
        await connected(out)


async def test_a_kind_is_one_level_and_no_two_kinds_are_the_same() -> None:
    page = (Path(topics.__file__).parents[1] / "docs/reference/ledger.md").read_text()
    kinds = [line.split("`")[1] for line in page[page.index("## Kinds") :].splitlines() if line.startswith("| `")]
    assert len({topics.level(kind) for kind in kinds}) == len(kinds) > 80
