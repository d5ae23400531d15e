"""Webhooks in virtual time: order, retries over days, 410, Retry-After, redirects, sending by hand; and over a real socket."""

from __future__ import annotations

import asyncio
import datetime
import email.utils
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.kept import keep, kept
from api.webhooks import AFTER_S, TIMEOUT, retry_after_s
from controller.policy.roles import Right
from drivers.faults import LedgerFault
from tests.api.test_signatures import Then, verify
from tests.kit.outward import Outside, outside, webhook
from tests.kit.tls import Authority


class Receiver:
    """An endpoint as a pharmacy would write it: it keeps what came and answers as it is told to, 204 where it is not."""

    def __init__(self, *answers: Response | float) -> None:
        self.answers = list(answers)
        self.came: list[tuple[float, dict[str, str], bytes]] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._take, methods=["POST", "GET"])])
        self.transport = httpx.ASGITransport(self.app)
        self._news = asyncio.Event()

    async def _take(self, request: Request) -> Response:
        assert (request.method, request.url.path) == ("POST", "/events")
        self.came.append((asyncio.get_running_loop().time(), dict(request.headers), await request.body()))
        self._news.set()
        answer = self.answers.pop(0) if self.answers else Response(status_code=204)
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return Response(status_code=204)
        return answer

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.came]

    async def until(self, count: int, within_s: float = 40 * 86400) -> None:
        async with asyncio.timeout(within_s):
            while len(self.came) < count:
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def receiving(folder: Path, receiver: Receiver, **more: Any) -> AsyncIterator[Outside]:
    """A station without steel, and one fact to begin with."""
    async with outside(folder, transport=receiver.transport, bare=True, **webhook(**{"events": ["link.*"], **more})) as out:
        out.facts([0])
        yield out


def status(code: int, **headers: str) -> Response:
    return Response(status_code=code, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_each_event_once_in_order_signed_and_confirmed(tmp_path: Path) -> None:
    receiver = Receiver()
    async with receiving(tmp_path, receiver, signatures=["v1a", "v1"]) as out:
        out.facts(range(50))
        await receiver.until(51)
        wanted = out.told("link.lost")
        assert [event["sequence"] for event in receiver.told()] == wanted
        keys = kept(tmp_path / "state/webhooks/receipts.keys").split()
        public = out.telling.webhooks["receipts"].keys.public()[0]
        for _, sent, body in receiver.came:
            assert sent["webhook-id"] == json.loads(body)["id"]
            assert sent["content-type"] == "application/cloudevents+json"
            verify(public, sent, body)
            at = datetime.datetime.fromtimestamp(int(sent["webhook-timestamp"]), datetime.UTC)
            made = Webhook(keys[2]).sign(sent["webhook-id"], at, body.decode())
            assert made in sent["webhook-signature"].split()
        await asyncio.sleep(2)
        cursor = (await out.program.get("/v1/consumers/pharmacy/cursor"))["recorded"]
        assert cursor == wanted[-1]
        assert len(out.told("consumer.confirmed")) <= 3, "a row a second, not one an event"
        assert (await out.way())["lag"] == 0
        assert (await out.way())["connected"] is True


async def test_after_a_restart_it_goes_on_and_repeats_at_most_what_was_not_recorded(tmp_path: Path) -> None:
    receiver = Receiver()
    async with receiving(tmp_path, receiver) as out:
        out.facts(range(10))
        await receiver.until(11)
        await asyncio.sleep(3)
        await out.ward.restart()
        out.ward.standing.telling = None
        station = out.ward.world.station
        assert station.cursors.of("pharmacy") == out.told("link.lost")[-1]


async def test_tried_again_over_days_then_switched_off_until_a_person_says_so(tmp_path: Path) -> None:
    """NW-01: the receiver is dead for seven days; the ward works, order is kept, and nothing is lost."""
    receiver = Receiver(*[status(503)] * (len(AFTER_S) + 1))
    async with receiving(tmp_path, receiver) as out:
        await receiver.until(1)
        out.facts(range(20))
        await receiver.until(len(AFTER_S) + 1)
        began = receiver.came[0][0]
        waits = [b[0] - a[0] for a, b in zip(receiver.came, receiver.came[1:], strict=False)]
        assert all(after <= wait <= after * 1.2 + 1 for after, wait in zip(AFTER_S, waits, strict=True))
        assert 3 * 86400 < receiver.came[-1][0] - began < 4.5 * 86400
        assert {event["id"] for event in receiver.told()} == {receiver.told()[0]["id"]}, "the next one waits"
        ids = {sent["webhook-id"] for _, sent, _ in receiver.came}
        assert len(ids) == 1
        assert len({sent["webhook-timestamp"] for _, sent, _ in receiver.came}) == len(receiver.came)
        await out.ward.world.until("webhook.disabled", reason="given-up")
        assert "webhook-off" in (await out.way())["reasons"]
        await asyncio.sleep(7 * 86400)
        assert len(receiver.came) == len(AFTER_S) + 1
        auditor, admin = await out.ward.person("auditor"), await out.ward.person("administrator")
        tried = (await auditor.get("/v1/webhooks/receipts/attempts"))["items"]
        assert [one["number"] for one in tried] == list(range(len(AFTER_S) + 1, 0, -1))
        assert {one["status"] for one in tried} == {503}
        await auditor.refused("PUT", "/v1/webhooks/receipts/enabled", {"enabled": True}, "not-allowed")
        on = await admin.done("PUT", "/v1/webhooks/receipts/enabled", {"enabled": True})
        assert on["off"] is None
        await receiver.until(len(AFTER_S) + 1 + 21)
        taken = [event["sequence"] for event in receiver.told()[len(AFTER_S) + 1 :]]
        assert taken[:21] == out.told("link.lost")[:21]


async def test_gone_switches_off_at_once(tmp_path: Path) -> None:
    receiver = Receiver(status(410))
    async with receiving(tmp_path, receiver) as out:
        await out.ward.world.until("webhook.disabled", reason="gone")
        await asyncio.sleep(86400)
        assert len(receiver.came) == 1
        admin = await out.ward.person("administrator")
        for _ in range(2):
            await admin.done("PUT", "/v1/webhooks/receipts/enabled", {"enabled": True})
        await receiver.until(2)
        assert len(out.ward.rows("webhook.enabled")) == 1


async def test_a_person_switches_off_and_on(tmp_path: Path) -> None:
    receiver = Receiver(30.0)
    async with receiving(tmp_path, receiver, timeout_s=60) as out:
        await receiver.until(1)
        admin = await out.ward.person("administrator")
        off = await admin.done("PUT", "/v1/webhooks/receipts/enabled", {"enabled": False})
        assert off["off"] == "switched-off"
        out.facts(range(3))
        await asyncio.sleep(3600)
        assert len(receiver.came) == 1
        admin = await out.ward.person("administrator")
        await admin.done("PUT", "/v1/webhooks/receipts/enabled", {"enabled": True})
        await receiver.until(5)
        sequences = [event["sequence"] for event in receiver.told()]
        assert sequences == [sequences[0], *out.told("link.lost")]


async def test_what_the_receiver_asks_for_is_honoured(tmp_path: Path) -> None:
    receiver = Receiver(
        status(429, Retry_After="600"), status(503, Retry_After="999999"), status(302, Location="http://elsewhere/")
    )
    async with receiving(tmp_path, receiver) as out:
        await receiver.until(4)
        waits = [b[0] - a[0] for a, b in zip(receiver.came, receiver.came[1:], strict=False)]
        assert 600 <= waits[0] < 602
        assert 86400 <= waits[1] < 86402, "a day at most"
        assert 1800 <= waits[2] < 2161, "a redirect is a failure and is not followed"
        assert (await out.way())["connected"] is True


def test_retry_after_in_all_its_forms() -> None:
    clock = Then()
    in_a_minute = email.utils.format_datetime(clock.at + datetime.timedelta(seconds=60), usegmt=True)
    long_ago = email.utils.format_datetime(clock.at - datetime.timedelta(days=60), usegmt=True)
    without_zone = in_a_minute.replace("GMT", "-0000")
    asked = [None, "", "7", " 30 ", "soon", "-5", in_a_minute, long_ago, without_zone]
    assert [retry_after_s(one, clock) for one in asked] == [0, 0, 7, 30, 0, 0, 60, 0, 60]


async def test_no_answer_in_time_and_nobody_there(tmp_path: Path) -> None:
    receiver = Receiver(50.0)
    async with receiving(tmp_path, receiver, timeout_s=5) as out:
        await receiver.until(2)
        auditor = await out.ward.person("auditor")
        first = (await auditor.get("/v1/webhooks/receipts/attempts"))["items"][-1]
        assert (first["status"], first["error"]) == (None, TIMEOUT)


async def test_sent_by_hand(tmp_path: Path) -> None:
    receiver = Receiver()
    async with receiving(tmp_path, receiver) as out:
        out.facts(range(3))
        await receiver.until(4)
        admin = await out.ward.person("administrator")
        wanted = out.told("link.lost")[1]
        before = out.ward.world.station.cursors.of("pharmacy")
        done = await admin.done("POST", "/v1/webhooks/receipts/resends", {"sequence": wanted})
        assert (done["sequence"], done["status"], done["by"], done["again_s"]) == (wanted, 204, "a-administrator", None)
        assert receiver.told()[-1] == receiver.told()[1]
        assert out.ward.world.station.cursors.of("pharmacy") == before
        assert out.ward.rows("webhook.resent")[0]["sequence"] == wanted
        for other in (1, 10**6):
            await admin.refused("POST", "/v1/webhooks/receipts/resends", {"sequence": other}, "event-not-told")


async def test_a_new_key_signs_beside_the_old_one(tmp_path: Path) -> None:
    receiver = Receiver()
    async with receiving(tmp_path, receiver) as out:
        await receiver.until(1)
        admin = await out.ward.person("administrator")
        old = (await admin.get("/v1/webhooks/receipts"))["public_keys"]
        new = await admin.done("POST", "/v1/webhooks/receipts/keys", {"scheme": "v1a"})
        assert (await admin.get("/v1/webhooks/receipts"))["public_keys"] == [new["public"], *old]
        assert new["secret"] is None
        assert out.ward.rows("webhook.key_changed")[0]["public"] == new["public"]
        await admin.refused("POST", "/v1/webhooks/receipts/keys", {"scheme": "v1"}, "signature-not-used")
        out.facts([1])
        await receiver.until(2)
        _, sent, body = receiver.came[-1]
        for public in (new["public"], *old):
            verify(public, sent, body)


async def test_a_shared_secret_is_told_once(tmp_path: Path) -> None:
    receiver = Receiver()
    async with receiving(tmp_path, receiver, signatures=["v1"]) as out:
        admin = await out.ward.person("administrator")
        new = await admin.done("POST", "/v1/webhooks/receipts/keys", {"scheme": "v1"})
        assert new["secret"].startswith("whsec_")
        assert new["secret"] not in (await admin.ask("GET", "/v1/webhooks/receipts")).text
        assert new["secret"] not in str(out.ward.world.rows())


async def test_without_its_key_nothing_is_sent_until_that_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "state/webhooks/receipts.keys"
    keep(path, "nonsense\n")
    receiver = Receiver()
    async with receiving(tmp_path, receiver) as out:
        await asyncio.sleep(60)
        assert receiver.came == []
        assert (await out.way())["error"] == "secret-unsafe"
        assert "webhook-failing" in (await out.way())["reasons"]
        path.unlink()
        await receiver.until(1)


async def test_who_sees_what(tmp_path: Path) -> None:
    """Only kinds that were asked for and that the account's rights allow; only an administrator or auditor sees attempts."""
    receiver = Receiver()
    only = webhook(events=["drawer.locked", "stock.*"])
    async with outside(tmp_path, transport=receiver.transport, **only) as out:
        await receiver.until(1)
        out.facts([1])
        await asyncio.sleep(10)
        assert {event["type"] for event in receiver.told()} <= {"org.galenic.drawer.locked.v1", "org.galenic.stock.counted.v1"}
        assert "Doe" not in str(receiver.came)
        nurse, auditor = await out.ward.person("nurse"), await out.ward.person("auditor")
        for path in ("/v1/webhooks", "/v1/webhooks/receipts", "/v1/webhooks/receipts/attempts"):
            await nurse.refused("GET", path, code="not-allowed")
            await out.program.refused("GET", path, code="not-allowed")
        assert [one["id"] for one in (await auditor.get("/v1/webhooks"))["items"]] == ["receipts"]
        await auditor.refused("GET", "/v1/webhooks/nobody", code="webhook-unknown")


async def test_an_account_that_may_see_less_is_told_less(tmp_path: Path) -> None:
    receiver = Receiver()
    async with outside(tmp_path, rights=[Right.SEE_STATION], transport=receiver.transport, **webhook()) as out:
        await receiver.until(5)
        await asyncio.sleep(60)
        subjects = {event["type"].split(".")[2] for event in receiver.told()}
        assert subjects <= {"station", "link", "drawer", "alarm"}
        assert out.ward.rows("stock.counted")


async def test_a_defect_of_ours_is_recorded_and_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    receiver = Receiver()
    async with receiving(tmp_path, receiver) as out:
        await receiver.until(1)
        endpoint = out.telling.webhooks["receipts"]
        usual, endpoint.outbox.some = endpoint.outbox.some, None  # type: ignore[method-assign, assignment]
        out.facts(range(2))
        await out.ward.world.until("station.defect", work="webhook receipts")
        endpoint.outbox.some = usual  # type: ignore[method-assign]
        await receiver.until(3)
    assert "defect in webhook receipts" in caplog.text


async def test_a_ledger_that_fails_is_no_defect_of_a_webhook(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    receiver = Receiver()
    async with receiving(tmp_path, receiver) as out:
        await receiver.until(1)
        cursors = out.ward.world.station.cursors
        usual = cursors.confirm

        def fails(*_: object) -> None:
            cursors.confirm = usual  # type: ignore[method-assign]
            raise LedgerFault("ledger-failed", why="a test's disk")

        cursors.confirm = fails  # type: ignore[method-assign]
        out.facts([1])
        await receiver.until(3)
        assert receiver.told()[1] == receiver.told()[2], "what could not be confirmed is told again"
        assert out.ward.rows("station.defect") == []
    assert "ledger-failed" in caplog.text


@pytest.mark.asyncio(loop_factories=["real"])
async def test_over_tls_to_our_authority_and_no_other(tmp_path: Path) -> None:
    ours, foreign = Authority(tmp_path / "ours"), Authority(tmp_path / "foreign")
    cert, key = ours.certificate("127.0.0.1")
    receiver = Receiver()
    config = uvicorn.Config(
        receiver.app, port=0, log_level="critical", lifespan="off", ssl_certfile=str(cert), ssl_keyfile=str(key)
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    url = f"https://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/events"
    try:
        async with outside(tmp_path, **webhook(url, ca="ours/ca.pem", events=["link.*"])):
            await receiver.until(1, 10)
        count = len(receiver.came)
        for ca, said in (("foreign/ca.pem", "certificate verify failed"), ("nothing.pem", "secret-unsafe")):
            async with outside(tmp_path, **webhook(url, ca=ca, events=["link.*"])) as out, asyncio.timeout(10):
                while said not in (await out.way())["error"].lower():
                    await asyncio.sleep(0.02)
        assert len(receiver.came) == count
    finally:
        server.should_exit = True
        await serving
    assert foreign.ca.exists()
