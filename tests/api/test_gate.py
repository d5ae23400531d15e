"""What every request passes: who is nobody, which host, which page, how large, which kind of body; and what is told of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api import refusals
from api.app import create_app
from api.standing import Standing
from drivers.faults import LedgerFault
from tests.acceptance.ward import a_ward
from tests.api.asking import app_of, filled, guarded

OPEN = [
    "/v1/health",
    "/ready",
    "/openapi.json",
    "/help",
    "/help/api",
    "/help/problems",
    "/help/problems/log-in-needed",
]


def the_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert told["type"] == f"/help/problems/{code}"
    assert set(told) >= {"type", "title", "status", "detail", "code", "effect", "remedy"}
    return told


async def test_ap_02_nobody_is_let_through_anywhere() -> None:
    async with a_ward() as ward:
        routes = guarded()
        for method, path in routes:
            answer = await ward.client.request(method, filled(path), json={} if method in {"PUT", "POST"} else None)
            the_problem(answer, 401, "log-in-needed")
            assert answer.headers["www-authenticate"].startswith("Bearer")
        for method in ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            the_problem(await ward.client.request(method, "/v1/anything"), 401, "log-in-needed")
        assert len(routes) > 50
        for path in OPEN:
            assert (await ward.client.get(path)).status_code == 200, path
        assert ward.openings() == []


async def test_forged_and_stale_tokens_are_nobody() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        for authorization in ("Bearer x", "Bearer", "Basic bmluYTo0NzEx", "Bearer service.rx.x", "Bearer service", "Bearer \x7f"):
            the_problem(
                await ward.client.get("/v1/station", headers={**nurse.headers, "Authorization": authorization}),
                401,
                "log-in-needed",
            )
        assert (await nurse.ask("DELETE", "/v1/sessions/current")).status_code == 204
        the_problem(await nurse.ask("GET", "/v1/station"), 401, "log-in-needed")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "localhost.evil.example", "", "127.0.0.1.evil.example", "1"])
async def test_ap_09_a_page_that_rebinds_its_name_is_refused(host: str) -> None:
    async with a_ward() as ward:
        the_problem(await ward.client.get("/v1/health", headers={"Host": host}), 421, "wrong-host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "[::1]", "10.1.2.3"])
async def test_loopback_and_bare_addresses_are_ours(host: str) -> None:
    async with a_ward() as ward:
        assert (await ward.client.get("/v1/health", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:81"}, {"Sec-Fetch-Site": "cross-site"}],
)
async def test_ap_09_a_foreign_page_cannot_act(headers: dict[str, str]) -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        the_problem(await nurse.ask("PUT", "/v1/pulls/p-1", {"order": "O-amox"}, **headers), 403, "wrong-origin")
        assert ward.openings() == []


async def test_our_own_page_can_act() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        answer = await nurse.ask("PUT", "/v1/pulls/p-1", {"order": "O-amox"}, Origin="http://localhost")
        assert answer.status_code == 202
        assert "access-control-allow-origin" not in answer.headers


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65536):
        yield b" " * 65536


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "not-json"),
        (b"\xff\xfe", "application/json", 400, "not-json"),
        (b'{"order": "O-amox"}', "text/plain", 415, "wrong-media-type"),
        (b'{"order": "O-amox"}', "", 415, "wrong-media-type"),
        (b"order=O-amox", "application/x-www-form-urlencoded", 415, "wrong-media-type"),
        (b"", "application/json", 422, "bad-request"),
        (b"[]", "application/json", 422, "bad-request"),
        (b"null", "application/json", 422, "bad-request"),
        (b" " * (1024 * 1024 + 1), "application/json", 413, "too-large"),
        (chunks, "application/json", 413, "too-large"),
        (b'{"order": ' + b"[" * 100_000, "application/json", 400, "not-json"),
    ],
)
async def test_bad_bodies_change_nothing(content: Any, kind: str, status: int, code: str) -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        headers = {**nurse.headers, "Content-Type": kind}
        body = chunks(2 * 1024 * 1024) if content is chunks else content
        the_problem(await ward.client.put("/v1/pulls/p-1", content=body, headers=headers), status, code)
        assert ward.rows("pull.requested") == []


async def test_a_wrong_length_is_refused() -> None:
    async with a_ward() as ward:
        for length in (b"-1", "²".encode("latin-1"), b"9" * 30, b""):
            headers = {b"Content-Length": length, b"Content-Type": b"application/json"}
            the_problem(await ward.client.post("/v1/sessions", content=b"{}", headers=headers), 413, "too-large")


async def test_ap_07_fields_are_named_and_foreign_ones_refused() -> None:
    """I-26: what the station owns never comes from a body."""
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        body = {"order": 7, "quantity": "2", "person": "boss", "a/b~c": 1}
        told = the_problem(await nurse.ask("PUT", "/v1/pulls/p-1", body), 422, "bad-request")
        assert {(error["in"], error["pointer"]) for error in told["errors"]} == {
            ("body", "/order"), ("body", "/quantity"), ("body", "/person"), ("body", "/a~1b~0c"),
        }  # fmt: skip
        told = the_problem(await nurse.ask("GET", "/v1/drawers?limit=x"), 422, "bad-request")
        assert told["errors"][0]["pointer"] == "/limit"
        for owned in ("person", "witness", "at", "expected", "role", "terminal", "session", "state"):
            the_problem(await nurse.ask("PUT", "/v1/pulls/p-1", {"order": "O-amox", owned: "x"}), 422, "bad-request")
        assert ward.rows("pull.requested") == []


async def test_what_is_not_there() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        the_problem(await nurse.ask("GET", "/v1/nothing"), 404, "not-found")
        the_problem(await nurse.ask("GET", "/v1/drawers/"), 404, "not-found")
        answer = await nurse.ask("PATCH", "/v1/station")
        the_problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == "GET"
        the_problem(await ward.client.get("/help/problems/nothing"), 404, "not-found")
        the_problem(await nurse.ask("GET", "/v1/drawers?after=%21"), 422, "bad-cursor")


async def test_every_refusal_is_an_entry() -> None:
    """I-43, AP-04: with who, where, what and why; a wrong PIN stands there once, as people record it."""
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await nurse.ask("GET", "/v1/ledger")
        await nurse.ask("GET", "/v1/drawers/other-ward")
        await nurse.ask("PUT", "/v1/pulls/p-1", {"order": 7})
        await ward.client.get("/v1/station")
        session = {"person": "a-nurse", "terminal": "desk"}
        refused = [{key: row[key] for key in ("code", "what", "person", "terminal", "facts")} for row in ward.rows("refused")]
        assert refused == [
            {"code": "not-allowed", "what": "GET /v1/ledger", **session, "facts": {"right": "see-ledger"}},
            {"code": "unknown-drawer", "what": "GET /v1/drawers/other-ward", **session, "facts": {"id": "other-ward"}},
            {"code": "bad-request", "what": "PUT /v1/pulls/p-1", **session, "facts": {"fields": ["body/order"]}},
            {"code": "log-in-needed", "what": "GET /v1/station", "person": None, "terminal": None, "facts": {}},
        ]
        wrong = {"who": "a-nurse", "pin": "0001"}
        await ward.client.post("/v1/sessions", json=wrong, headers={"Galenic-Terminal": await ward.world.terminal()})
        assert len(ward.rows("refused")) == 4
        assert len(ward.rows("session.refused")) == 1


async def test_nobody_can_fill_the_disk_with_refusals() -> None:
    async with a_ward() as ward:
        for _ in range(refusals.BURST + 40):
            await ward.client.get("/v1/station")
        assert refusals.BURST <= len(ward.rows("refused")) <= refusals.BURST + 3
        await asyncio.sleep(10)
        await ward.client.get("/v1/station")
        assert ward.rows("refused")[-1]["unrecorded"] >= 37


async def test_ap_13_a_defect_is_told_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")

        @app_of(ward).get("/v1/broken")
        async def broken() -> None:
            raise ZeroDivisionError("SELECT secret FROM /var/lib/galenic")

        with caplog.at_level(logging.CRITICAL):
            told = the_problem(await nurse.ask("GET", "/v1/broken"), 500, "defect")
        assert told["effect"] == "unknown"
        assert "secret" not in str(told)
        assert "Traceback" not in str(told)
        recorded = ward.rows("station.defect")
        assert recorded[-1]["error"] == f"ZeroDivisionError {told['facts']['id']}"


async def test_a_long_answer_that_breaks_is_cut_off() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")

        @app_of(ward).get("/v1/breaks")
        async def breaks() -> Any:
            async def text() -> AsyncIterator[str]:
                yield "begun"
                raise ZeroDivisionError

            from starlette.responses import StreamingResponse

            return StreamingResponse(text())

        with pytest.raises(AssertionError):  # httpx's transport insists on an end
            await nurse.ask("GET", "/v1/breaks")


async def test_nothing_is_told_that_is_not_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """I-10, I-46: when it cannot be written, the answer is a 503 that says so, and health says so too."""
    async with a_ward() as ward:
        nurse = await ward.person("nurse")

        async def never() -> None:
            raise LedgerFault("ledger-failed", why="no space left")

        with monkeypatch.context() as patch:
            patch.setattr(ward.world.ledger, "settled", never)
            answer = await nurse.ask("GET", "/v1/station")
            assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")
            told = the_problem(answer, 503, "ledger-failed")
            assert told["effect"] == "none"
            the_problem(await nurse.ask("GET", "/v1/drawers/none"), 503, "ledger-failed")


async def test_refusals_go_on_when_they_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        failure = LedgerFault("ledger-failed", why="no space left")

        def never(*_: object, **__: object) -> None:
            raise failure

        with monkeypatch.context() as patch:
            patch.setattr(ward.world.ledger, "post", never)
            the_problem(await nurse.ask("GET", "/v1/drawers/none"), 404, "unknown-drawer")
            assert ward.world.station.failure is failure
            health = (await ward.client.get("/v1/health")).json()
            assert (health["status"], health["reasons"][0]["code"], health["ledger"]["hash"]) == ("halted", "ledger-failed", "")
            assert (await ward.client.get("/ready")).status_code == 503


async def test_traces_are_carried_and_nothing_else_is_echoed() -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    async with a_ward() as ward:
        assert (await ward.client.get("/v1/health", headers={"traceparent": trace})).headers["traceparent"] == trace
        assert "traceparent" not in (await ward.client.get("/v1/health", headers={"traceparent": "<script>"})).headers


async def a_client(standing: Standing) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(standing)), base_url="http://localhost")


async def test_without_a_station_everything_says_why() -> None:
    finding = {"severity": "error", "file": "ward.toml", "line": 3, "message": "unknown key"}
    standing = Standing(reasons=[("site-file-wrong", {})], findings=[finding])
    async with await a_client(standing) as client:
        health = (await client.get("/v1/health")).json()
        assert (health["status"], health["reasons"][0]["code"], health["findings"]) == ("halted", "site-file-wrong", [finding])
        assert health["reasons"][0]["remedy"]
        assert (await client.get("/ready")).status_code == 503
        the_problem(await client.get("/v1/station"), 503, "no-station")
        log_in = await client.post("/v1/sessions", json={"who": "ada", "pin": "4711"})
        the_problem(log_in, 503, "no-station")
        assert log_in.headers["retry-after"]
        assert (await client.get("/")).headers["location"] == "/console"


async def test_a_websocket_is_nobodys() -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "websocket", "path": "/v1/events", "headers": [], "query_string": b"", "app": None}
    await create_app(Standing())(scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


async def test_health_tells_nothing_of_anybody() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
        answer = await ward.client.get("/v1/health")
        health = answer.json()
        assert health["reasons"][0]["code"] == "first-run-needed"
        assert (health["status"], health["station"], health["simulated"]) == ("degraded", "small", True)
        assert health["links"] == {"lockbus": True}
        assert sum(health["drawers"].values()) == 4
        for told in ("Doe", "P-1", "amoxicillin", "a-nurse", "O-amox"):
            assert told not in answer.text
        await ward.world.token("administrator")
        assert (await ward.client.get("/v1/health")).json()["status"] == "ok"
