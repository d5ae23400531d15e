"""`/v1/consumers`: who confirms what, never backwards nor beyond, without flooding the ledger, and what a restart knows of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from api.outbox import Outbox
from sites.outward import Consumer
from tests.kit.outward import outside, webhook
from tests.kit.station import simulated_station

CURSOR = "/v1/consumers/pharmacy/cursor"


async def test_a_cursor_goes_forward_only_and_no_farther_than_the_ledger(tmp_path: Path) -> None:
    async with outside(tmp_path, bare=True) as out:
        rx, head = out.program, out.ward.world.ledger.durable_seq
        begun = await rx.get(CURSOR)
        assert begun == {"consumer": "pharmacy", "service": "rx", "sequence": 0, "recorded": 0}
        for _ in range(2):
            assert (await rx.done("PUT", CURSOR, {"sequence": 5}))["sequence"] == 5
        assert (await rx.get(CURSOR))["recorded"] == 5, "the first of a second is an entry before it is answered"
        behind = await rx.refused("PUT", CURSOR, {"sequence": 4}, "cursor-behind")
        assert (behind["status"], behind["facts"]["confirmed"]) == (409, 5)
        assert (await rx.refused("PUT", CURSOR, {"sequence": head + 1000}, "cursor-beyond"))["status"] == 409
        for wrong in ({"sequence": -1}, {"sequence": "7"}, {}, {"sequence": 2**63}, {"sequence": 7, "force": True}):
            await rx.refused("PUT", CURSOR, wrong, "bad-request")
        assert len(out.ward.rows("consumer.confirmed")) == 1


async def test_the_last_of_a_second_is_recorded_and_a_restart_goes_on_from_it(tmp_path: Path) -> None:
    async with outside(tmp_path, bare=True) as out:
        out.facts(range(500))
        await out.ward.world.durable()
        last = out.told("link.lost")[-1]
        for sequence in range(last - 400, last + 1):
            await out.confirm(sequence)
            await asyncio.sleep(0.01)
        await asyncio.sleep(3)
        rows = out.ward.rows("consumer.confirmed")
        assert 4 <= len(rows) <= 6, "four seconds"
        assert rows[-1]["sequence"] == last
        await out.confirm(last + 1)
        await out.confirm(last + 2)
        assert (await out.program.get(CURSOR))["recorded"] == last + 1
        await out.ward.world.stop()
        station = await out.ward.world.start()
        assert station.cursors.of("pharmacy") == last + 2, "a stop in order leaves nothing unrecorded"
        station.cursors.confirm("pharmacy", last + 3, "rx")
        station.cursors.confirm("pharmacy", last + 4, "rx")
        await out.ward.world.durable()
        out.ward.standing.station = station = await out.ward.world.restart()
        assert station.cursors.of("pharmacy") == last + 3, "a crash forgets what was not recorded, which is sent again"


async def test_only_its_own_account_confirms_and_few_see_it(tmp_path: Path) -> None:
    consumers = [{"id": "pharmacy", "service": "rx"}, {"id": "stores", "service": "wms"}]
    async with outside(tmp_path, bare=True, consumers=consumers) as out:
        rx, nurse, auditor = out.program, await out.ward.person("nurse"), await out.ward.person("auditor")
        admin = await out.ward.person("administrator")
        for who in (nurse, auditor, admin):
            await who.refused("PUT", CURSOR, {"sequence": 1}, "not-your-cursor")
        for method, body in (("PUT", {"sequence": 1}), ("GET", None)):
            await rx.refused(method, "/v1/consumers/stores/cursor", body, "not-your-cursor")
            await rx.refused(method, "/v1/consumers/nobody/cursor", body, "consumer-unknown")
        await nurse.refused("GET", CURSOR, code="not-your-cursor")
        seen = {
            who.id: [one["consumer"] for one in (await who.get("/v1/consumers"))["items"]] for who in (rx, nurse, auditor, admin)
        }
        assert seen == {
            "rx": ["pharmacy"],
            "a-nurse": [],
            "a-auditor": ["pharmacy", "stores"],
            "a-administrator": ["pharmacy", "stores"],
        }
        assert out.ward.rows("consumer.confirmed") == []


async def test_a_person_named_like_the_account_is_not_the_account(tmp_path: Path) -> None:
    async with outside(tmp_path, bare=True, consumers=[{"id": "pharmacy", "service": "a-nurse"}]) as out:
        nurse = await out.ward.person("nurse")
        await nurse.refused("PUT", CURSOR, {"sequence": 1}, "not-your-cursor")


async def test_a_cursor_moved_by_hand_skips_what_a_webhook_was_not_told(tmp_path: Path) -> None:
    async with outside(tmp_path, bare=True, **webhook("http://127.0.0.1:9/events")) as out:
        await asyncio.sleep(1)
        head = out.ward.world.ledger.durable_seq
        await out.confirm(head, resend=True)
        assert (await out.way())["lag"] <= 3


async def test_what_is_not_confirmed_is_bounded_and_sent_again_ever_more_patiently(tmp_path: Path) -> None:
    async with outside(tmp_path, bare=True) as out:
        station, loop = out.ward.world.station, asyncio.get_running_loop()
        out.facts(range(100))
        await out.ward.world.durable()
        outbox = Outbox(station, Consumer(id="pharmacy", service="rx"), ["link.lost"], ahead=10, resend_s=60)
        wanted = out.told("link.lost")
        began = loop.time()
        first = await outbox.some(8) + await outbox.some(8)
        assert [told.sequence for told in first] == wanted[:10]
        assert [told.previous for told in first] == [0, *wanted[:9]]
        times = []
        for _ in range(3):
            again = await outbox.some(20)
            times.append(loop.time() - began)
            assert [(told.sequence, told.id, told.text) for told in again] == [
                (told.sequence, told.id, told.text) for told in first
            ]
        assert [round(at) for at in times] == [60, 60 + 120, 60 + 120 + 240]
        await out.confirm(wanted[4])
        assert [told.sequence for told in await outbox.some(20)] == wanted[10:15]
        assert outbox.lag >= 10
        outbox.rewind()
        assert [told.sequence for told in await outbox.some(20)] == wanted[5:15], "from the cursor on"
        outbox.close()


async def test_a_cursor_is_of_one_station() -> None:
    async with simulated_station() as world:
        world.station.cursors.watch("pharmacy", lambda: None)()
        assert world.station.cursors.of("pharmacy") == 0
