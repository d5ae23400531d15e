"""`/v1/events`: in order, once each, resumable, blind, and never in the way of anybody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from api import outward
from api.rest import events
from api.rest.events import close_streams
from controller.ledger.port import Entry
from tests.acceptance.ward import Person, Ward, a_ward
from tests.api.asking import app_of, listening

NEVER = {
    "quantity", "expected", "counted", "on_hand", "delta", "number", "lots", "verdict", "declared",
    "patient", "order", "dose", "mrn", "name", "badge", "pin", "site", "facts", "request", "waste", "legs", "allocations",
}  # fmt: skip
"""Members that tell of a patient, of who somebody is, or of how many there are."""


def numbers(told: list[dict[str, Any]]) -> list[int]:
    return [int(event["id"]) for event in told]


async def test_what_happens_is_told_in_the_one_envelope() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        async with listening(nurse) as stream:
            assert "comment" in (await stream.next() or {})
            assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
            assert stream.headers["cache-control"] == "no-store"
            await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
            event = await stream.until("drawer.unlock_intended")
        data = event["data"]
        assert set(data) >= {"specversion", "id", "source", "type", "time", "sequence", "epoch", "rowhash", "subject", "simulated"}
        assert data["type"] == "org.galenic.drawer.unlock_intended.v1"
        assert (data["id"], data["source"]) == (f"small/{event['id']}", "/stations/small")
        assert (data["sequence"], data["subject"]) == (int(event["id"]), "drawer/A-01")
        assert data["data"]["purpose"] == {"kind": "pull", "id": "p-1"}
        assert all(name.isalnum() and name.islower() for name in data)


@pytest.mark.parametrize("how", ["after", "last-event-id"])
async def test_resumed_from_the_ledger_with_no_gap_and_no_double(how: str) -> None:
    """Cut after any event: what follows begins with the very next, from the ring and from the disk alike."""
    async with a_ward() as ward:
        auditor = await ward.person("pharmacist")
        async with listening(auditor, "after=0") as stream:
            await stream.next()
            nurse = await ward.person("nurse")
            await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
            whole = [await stream.next() or {} for _ in range(20)]
        assert numbers(whole) == sorted(set(numbers(whole)))
        for cut in (0, 7, 13):
            last = whole[cut]["id"]
            query, headers = (f"after={last}", {}) if how == "after" else ("after=0", {"last-event-id": last})
            async with listening(auditor, query, **headers) as stream:
                await stream.next()
                rest = [await stream.next() for _ in whole[cut + 1 :]]
            assert rest == whole[cut + 1 :]


async def test_who_is_told_what() -> None:
    """A nurse hears nothing of sessions, people, refusals and discrepancies; an auditor does; neither hears a figure or a name."""
    async with a_ward() as ward:
        nurse, auditor = await ward.person("nurse"), await ward.person("auditor")
        tech = await ward.person("technician")
        await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-mor"})
        await ward.hand_opens("A-03")
        ward.takes("A-03-1", 1)
        await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
        await ward.hand_shuts("A-03")
        await nurse.say("/v1/pulls/p-1", kind="count", number=9)
        await nurse.say("/v1/pulls/p-1", kind="count", number=9)
        await ward.world.until("discrepancy.opened")
        await nurse.ask("GET", "/v1/ledger")
        told = {who.id: await all_told(who) for who in (nurse, auditor, tech)}
    kinds = {who: {event["event"].partition(".")[0] for event in heard} for who, heard in told.items()}
    assert {"pull", "drawer", "stock", "order"} <= kinds["a-nurse"]
    assert kinds["a-nurse"].isdisjoint({"session", "person", "terminal", "refused", "discrepancy", "service", "witness"})
    assert {"session", "person", "refused", "discrepancy", "pull"} <= kinds["a-auditor"]
    assert kinds["a-technician"].isdisjoint({"pull", "patient", "order", "session"})
    for heard in told.values():
        for event in heard:
            assert members(event["data"]["data"]).isdisjoint(NEVER), event
            assert "Doe" not in str(event)


async def all_told(who: Person) -> list[dict[str, Any]]:
    """Everything from the first row to the last, until the stream has no more."""
    heard = []
    async with listening(who, "after=0") as stream:
        while (event := await stream.next()) is not None and event != {"comment": "still here"}:
            if "data" in event:
                heard.append(event)
            elif "id" in event:
                break
    return heard


def members(data: Any) -> set[str]:
    if isinstance(data, dict):
        return set(data).union(*(members(value) for value in data.values()))
    return set()


def test_no_member_that_may_leave_tells_a_figure_or_a_person_s_name() -> None:
    assert {name for names in outward.OUTWARD.values() for name in names}.isdisjoint(NEVER)


async def test_who_is_too_far_behind_looks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "FARTHEST", 20)
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        for query in ("after=0", f"after={ward.world.ledger.durable_seq + 1000}"):
            async with listening(nurse, query) as stream:
                await stream.next()
                assert (await stream.next() or {})["event"] == "resync"


async def test_a_silent_stream_says_that_it_lives_and_moves_the_place_to_resume_from() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        async with listening(nurse) as stream:
            await stream.next()
            assert await stream.next() == {"comment": "still here"}
            ward.world.ledger.post(Entry("refused", {"code": "x", "what": "y", "person": None, "terminal": None, "facts": {}}))
            assert await stream.next() == {"comment": "still here", "id": str(ward.world.ledger.durable_seq)}
            assert await stream.next() == {"comment": "still here"}


async def test_a_stream_ends_with_its_session_and_with_the_station() -> None:
    async with a_ward() as ward:
        nurse, other = await ward.person("nurse"), await ward.person("technician")
        async with listening(nurse) as stream, listening(other) as another:
            await stream.next()
            await another.next()
            await nurse.ask("DELETE", "/v1/sessions/current")
            while await stream.next() is not None:
                pass
            close_streams(app_of(ward))
            while await another.next() is not None:
                pass
        async with listening(other) as closed:
            await closed.next()
            assert await closed.next() is None


async def test_bad_places_to_resume_from_are_named() -> None:
    async with a_ward() as ward:
        nurse = await ward.person("nurse")
        for query in ("after=-1", "after=x", f"after={2**63}"):
            async with listening(nurse, query) as stream:
                while await stream.next() is not None:
                    pass
                assert stream.status == 422


def test_nothing_is_closed_where_nobody_has_listened() -> None:
    from fastapi import FastAPI

    close_streams(FastAPI())


# --- over a real socket


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Ward, uvicorn.Server, str]]:
    """A ward behind a real server at a real port."""
    async with a_ward() as ward:
        app = app_of(ward)
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
        serving = asyncio.create_task(server._serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield ward, server, f"http://127.0.0.1:{port}"
        finally:
            close_streams(app)
            server.should_exit = True
            await serving


def post(ward: Ward, count: int) -> None:
    for n in range(count):
        ward.world.ledger.post(Entry("link.lost", {"link": "lockbus", "epoch": n, "reason": "r" * 200}))


async def heard(lines: AsyncIterator[str], count: int) -> list[int]:
    """The numbers of the next so many events."""
    found: list[int] = []
    told = None
    async for line in lines:
        if line.startswith("data: "):
            told = json.loads(line[6:])["sequence"]
        if line.startswith("id: "):
            found.append(int(line[4:]))
            assert told == found[-1]
        if len(found) == count and not line:
            return found
    raise AssertionError(f"the stream ended after {len(found)}")


@pytest.mark.asyncio(loop_factories=["real"])
async def test_a_client_that_is_cut_off_goes_on_where_it_was() -> None:
    async with served() as (ward, _, address), httpx.AsyncClient(base_url=address, timeout=10) as client:
        auditor = await ward.person("pharmacist")
        first = ward.world.ledger.durable_seq + 1
        found: list[int] = []
        for _ in range(4):
            resume = {"Last-Event-ID": str(found[-1] if found else first - 1)}
            async with client.stream("GET", "/v1/events", headers={**auditor.headers, **resume}) as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                post(ward, 60)
                found += await heard(answer.aiter_lines(), 45)
        assert found == list(range(first, first + 180))


@pytest.mark.asyncio(loop_factories=["real"])
async def test_a_slow_client_is_bounded_and_in_nobodys_way() -> None:
    async with served() as (ward, server, address):
        nurse = await ward.person("nurse")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]), limit=1024)
        sent = "".join(f"{name}: {value}\r\n" for name, value in nurse.headers.items())
        start = ward.world.ledger.durable_seq
        writer.write(f"GET /v1/events?after={start} HTTP/1.1\r\nHost: 127.0.0.1\r\n{sent}\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        async with (
            httpx.AsyncClient(base_url=address, timeout=10) as client,
            client.stream("GET", f"/v1/events?after={start}", headers=nurse.headers) as answer,
        ):
            lines = answer.aiter_lines()
            for _ in range(20):
                post(ward, 200)
                assert len(await heard(lines, 200)) == 200
                waiting = [connection.transport.get_write_buffer_size() for connection in server.server_state.connections]
                assert max(waiting) < 128 * 1024
        text = b""
        while b"id: %d\n" % (start + 4000) not in text:
            text += await reader.read(65536)
        told = [int(line[4:]) for line in text.split(b"\n") if line.startswith(b"id: ")]
        assert told == list(range(start + 1, start + 4001))
        writer.close()


@pytest.mark.asyncio(loop_factories=["real"])
async def test_a_stopping_server_is_not_kept_by_a_stream() -> None:
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(timeout=10) as client:
        async with served() as (ward, _, address):
            nurse = await ward.person("nurse")
            answer = await client.send(client.build_request("GET", f"{address}/v1/events", headers=nurse.headers), stream=True)
            began = loop.time()
        assert loop.time() - began < 5
        assert "events" in (await answer.aread()).decode()
