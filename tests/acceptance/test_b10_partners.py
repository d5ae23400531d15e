"""B10 over two stations that know each other: manifests go over by themselves, and receipts come back as signed webhooks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.signatures import headers, new_key, public_of
from api.telling import Telling
from api.webhook_keys import Keys
from sites.models import Site
from tests.acceptance.test_b10_totes import LINES, LIST, TOTE, Both, station
from tests.acceptance.ward import a_ward
from tests.kit.station import VirtualClock

INBOX = "/v1/partners/ward-a/events"


class Wire(httpx.ASGITransport):
    """The network between the two: the app at its far end, or nothing while it is cut."""

    cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("no route", request=request)
        return await super().handle_async_request(request)


class Pair(Both):
    """Both stations, with what runs between them."""

    to_ward: Wire
    to_pharmacy: Wire
    key: str
    tellings: tuple[Telling, Telling]

    async def announced(self) -> None:
        """Waits until the ward knows of the tote."""
        await self.ward.world.until("tote.announced", 0)

    async def confirmed(self, kind: str = "tote.confirmed") -> None:
        """Waits until the pharmacy knows what came."""
        await self.pharmacy.world.until(kind, 0, within_s=3600)


def partner_site(key: str) -> Site:
    """The pharmacy, which knows the ward."""
    site = station("pharmacy").model_dump(mode="json")
    site["partners"] = [{"id": "ward-a", "url": "http://localhost", "plain": True, "keys": [public_of(key)]}]
    return Site.model_validate(site)


def telling_site() -> Site:
    """The ward, which tells the pharmacy of its receipts."""
    site = station("ward-a").model_dump(mode="json")
    hook = {
        "id": "pharmacy", "consumer": "out", "url": f"http://localhost{INBOX}", "plain": True, "events": ["tote.received"],
    }  # fmt: skip
    site["outward"] = {"hosts": ["localhost"], "consumers": [{"id": "out", "service": "rx"}], "webhooks": [hook]}
    return Site.model_validate(site)


@asynccontextmanager
async def pair(folder: Path, *, token: bool = True) -> AsyncIterator[Pair]:
    """The two, at work, with the list pushed at the pharmacy."""
    keys = Keys(folder / "ward" / "webhooks" / "pharmacy.keys", ("v1a",), VirtualClock())
    (key,) = keys.signing()
    async with a_ward(site=partner_site(key)) as pharmacy, a_ward(site=telling_site(), seed=1) as ward:
        two = Pair(pharmacy, ward)
        await two.people()
        secret = folder / "pharmacy" / "partners" / "ward-a.token"
        secret.parent.mkdir(parents=True)
        if token:
            secret.write_text(two.courier.headers["Authorization"].removeprefix("Bearer "))
            secret.chmod(0o600)
        two.key = key
        two.to_ward, two.to_pharmacy = (Wire(app=create_app(at.standing)) for at in (ward, pharmacy))
        two.tellings = (
            Telling(pharmacy.world.station, folder / "pharmacy", folder, dict, two.to_ward),
            Telling(ward.world.station, folder / "ward", folder, dict, two.to_pharmacy),
        )
        async with two.tellings[0].running(), two.tellings[1].running():
            await two.rx.done("PUT", LIST, {"revision": 1, "lines": LINES})
            yield two


async def packs(two: Pair) -> None:
    """One line picked, sealed and away."""
    await two.picks(1, "A-02-2", 10, "prednisone-5", "PRD1")
    await two.kim.done("POST", f"{TOTE}/packing", {"list": "L-1", "to": "ward-a", "seal": "S-1"})
    await two.kim.done("POST", f"{TOTE}/dispatch")


async def unpacks(two: Pair, quantity: int = 10) -> None:
    """It comes, and is put away and signed for."""
    await two.tess.done("POST", f"{TOTE}/arrival", {"seal": "S-1"})
    await two.restocks("R-1", "prednisone-5", "A-02-2", 30, quantity, "PRD1")
    await two.tess.done("POST", f"{TOTE}/receipt", {})


async def test_a_tote_is_announced_and_its_receipt_comes_back_with_nobody_carrying_either(tmp_path: Path) -> None:
    async with pair(tmp_path) as two:
        await packs(two)
        await two.announced()
        await unpacks(two)
        await two.confirmed()
        two.agree()
        assert (await two.rx.get(TOTE))["state"] == "confirmed"
        assert [row["to"] for row in two.pharmacy.rows("tote.told")] == ["ward-a"]
        assert len(two.ward.rows("tote.announced")) == 1


async def test_a_network_that_is_down_both_ways_delays_and_loses_nothing(tmp_path: Path) -> None:
    async with pair(tmp_path) as two:
        two.to_ward.cut = two.to_pharmacy.cut = True
        await packs(two)
        await asyncio.sleep(60)
        (way,) = two.tellings[0].ways()
        assert (way.kind, way.connected, way.lag) == ("courier", False, 1)
        assert "no route" in way.error
        two.to_ward.cut = False
        await two.announced()
        await unpacks(two)
        await asyncio.sleep(60)
        assert two.pharmacy.rows("tote.confirmed") == []
        two.to_pharmacy.cut = False
        await two.confirmed()
        two.agree()
        (way,) = two.tellings[0].ways()
        assert (way.connected, way.lag, way.error) == (True, 0, "")


async def test_an_answer_that_was_lost_is_told_again_and_is_one_tote(tmp_path: Path) -> None:
    async with pair(tmp_path) as two:
        answered = two.to_ward.handle_async_request
        lost = 0

        async def losing(request: httpx.Request) -> httpx.Response:
            nonlocal lost
            answer = await answered(request)
            if lost < 2:
                lost += 1
                raise httpx.ReadTimeout("lost on the way back", request=request)
            return answer

        two.to_ward.handle_async_request = losing  # type: ignore[method-assign]
        await packs(two)
        await two.pharmacy.world.until("tote.told", 0)
        assert (lost, len(two.ward.rows("tote.announced"))) == (2, 1)


async def test_without_its_token_nothing_is_told_and_health_says_so(tmp_path: Path) -> None:
    async with pair(tmp_path, token=False) as two:
        await packs(two)
        await asyncio.sleep(5)
        (way,) = two.tellings[0].ways()
        assert way.error.startswith("secret-unsafe")
        assert two.ward.rows("tote.announced") == []


async def test_a_partner_that_refuses_is_asked_again_and_health_says_why(tmp_path: Path) -> None:
    async with pair(tmp_path) as two:
        (tmp_path / "pharmacy" / "partners" / "ward-a.token").write_text("not-a-token")
        await packs(two)
        await asyncio.sleep(5)
        (way,) = two.tellings[0].ways()
        assert way.error.startswith("401: ")


async def post(two: Pair, event: Any, key: str, path: str = INBOX) -> httpx.Response:
    """An event as a webhook would bring it."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    sent = {**headers([key], "ward-a/7", 1_900_000_000, body), "content-type": "application/json"}
    return await two.pharmacy.client.post(path, content=body, headers=sent)


def receipt(**more: Any) -> dict[str, Any]:
    """A receipt of the ward's for the tote of these tests."""
    signers = [{"did": "received", "station": "ward-a", "person": "tess"}]
    told = {"station": "ward-a", "seal": "S-1", "seal_whole": True, "loaded": {"prednisone-5": 10}, "left": {}, "signers": signers}
    return {"type": "org.galenic.tote.received.v1", "data": {"tote": "T-1", "receipt": {**told, **more}}}


@pytest.mark.parametrize("path", [INBOX, "/v1/partners/ward-z/events"])
async def test_what_no_key_of_that_partner_has_signed_changes_nothing(tmp_path: Path, path: str) -> None:
    async with pair(tmp_path) as two:
        await packs(two)
        key = new_key("v1a") if path == INBOX else two.key
        answer = await post(two, receipt(), key, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "signature-wrong")
        answer = await two.pharmacy.client.post(INBOX, json=receipt())
        assert answer.json()["code"] == "signature-wrong"
        spoilt = {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1a,!! v1,AAAA v1a,AAAA"}
        answer = await two.pharmacy.client.post(INBOX, json=receipt(), headers=spoilt)
        assert answer.json()["code"] == "signature-wrong"
        assert (await two.rx.get(TOTE))["state"] == "in_transit"


async def test_a_receipt_that_cannot_be_is_recorded_and_holds_up_no_other(tmp_path: Path) -> None:
    async with pair(tmp_path) as two:
        await packs(two)
        for wrong, code in (
            (receipt(seal="S-0"), "receipt-of-another-journey"),
            (receipt(station="ward-b"), "receipt-of-another-station"),
            ({**receipt(), "data": {**receipt()["data"], "tote": "T-9"}}, "unknown-tote"),
        ):
            answer = await post(two, wrong, two.key)
            assert (answer.status_code, answer.json()) == (200, {"outcome": "refused", "code": code})
        assert [row["code"] for row in two.pharmacy.rows("tote.receipt_refused")] == [
            "receipt-of-another-journey", "receipt-of-another-station", "unknown-tote",
        ]  # fmt: skip
        assert (await post(two, receipt(), two.key)).json()["outcome"] == "done"
        assert (await post(two, receipt(), two.key)).json()["outcome"] == "known"
        assert (await post(two, {"type": "org.galenic.drawer.opened.v1"}, two.key)).json()["outcome"] == "ignored"


@pytest.mark.parametrize("event", [b"{", b"[]", b'"x"', {"type": "org.galenic.tote.received.v1"}, receipt(loaded=3)])
async def test_an_event_that_cannot_be_read_is_refused_with_its_member(tmp_path: Path, event: Any) -> None:
    async with pair(tmp_path) as two:
        answer = await post(two, event, two.key)
        assert (answer.status_code, answer.json()["code"]) == (422, "event-unreadable")
        assert two.pharmacy.rows("tote.receipt_refused") == []
