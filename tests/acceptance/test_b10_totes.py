"""B10: from the pick into a tote at the pharmacy to the pocket on the ward, over two stations with a ledger each.

The judge adds up what the pockets, the tote and the hands between them really hold, and what both ledgers say.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from controller.ledger.views.tote_records import Tote
from controller.machines.custody import OURS, State
from sites.models import Site
from tests.acceptance.ward import Person, Ward, a_ward, scan_of, ward_site

LIST, TOTE = "/v1/pick-lists/L-1", "/v1/totes/T-1"
LINES = [{"n": 1, "item": "prednisone-5", "quantity": 10}, {"n": 2, "item": "morphine-10", "quantity": 4}]


def station(id_: str, **policy: Any) -> Site:
    """The same cabinet at another station."""
    site = ward_site(**policy).model_dump(mode="json")
    site["station"]["id"] = id_
    return Site.model_validate(site)


class Both:
    """The pharmacy and the ward, with a technician, a second pair of eyes and a program at each."""

    def __init__(self, pharmacy: Ward, ward: Ward) -> None:
        self.pharmacy, self.ward = pharmacy, ward
        self.tote: dict[str, list[tuple[str, str, int]]] = {}
        """What really lies in the tote: lot, expiry, units, by item."""

    async def people(self) -> None:
        """Everybody comes to work."""
        self.rx, self.kim, self.second = await self._staff(self.pharmacy)
        self.courier, self.tess, self.other = await self._staff(self.ward)

    async def _staff(self, at: Ward) -> tuple[Person, Person, Person]:
        return await at.service(), await at.person("technician"), await at.person("technician", "second")

    async def picks(self, n: int, pocket: str, quantity: int, item: str, lot: str, counted: int | None = None) -> None:
        """The pharmacy's technician picks a line into the tote."""
        answer = await self.kim.ask("POST", f"{LIST}/lines/{n}/picks", {"tote": "T-1"})
        assert answer.status_code == 202, answer.text
        pick = answer.headers["location"]
        await self.pharmacy.hand_opens(pocket[:4])
        self.pharmacy.takes(pocket, quantity)
        self.tote.setdefault(item, []).append((lot, "2032-06-30", quantity))
        if counted is None:
            await self.kim.say(pick, kind="taken", quantity=quantity)
        else:
            await self.kim.say(pick, kind="count", number=counted)
        await self.pharmacy.hand_shuts(pocket[:4])
        assert (await self.kim.get(pick))["state"] == "committed"

    async def packs(self, seal: str = "S-1") -> None:
        """Sealed with two names, told to the ward, and away."""
        body: dict[str, Any] = {"list": "L-1", "to": "ward-a", "seal": seal}
        subject = (await self.kim.done("POST", f"{TOTE}/packing/subject", body))["subject"]
        body["witness"] = await witness(self.kim, self.second, subject)
        await self.kim.done("POST", f"{TOTE}/packing", body)
        await self.kim.done("POST", f"{TOTE}/dispatch")
        await self.announce()

    async def announce(self) -> None:
        """The manifest goes over."""
        await self.courier.done("PUT", TOTE, await self.rx.get(f"{TOTE}/manifest"))

    async def restocks(self, id_: str, item: str, pocket: str, on_hand: int, quantity: int, lot: str) -> None:
        """The ward's technician puts units of the tote into a pocket."""
        body = {"scan": scan_of(item, lot, "320630"), "pocket": pocket, "tote": "T-1"}
        await self.tess.done("PUT", f"/v1/restocks/{id_}", body)
        await self.ward.hand_opens(pocket[:4])
        self.ward.puts(pocket, lot, "2032-06-30", quantity)
        self.tote[item] = [(lot, "2032-06-30", sum(units for _, _, units in self.tote[item]) - quantity)]
        await self.tess.say(f"/v1/restocks/{id_}", kind="count", number=on_hand)
        await self.tess.say(f"/v1/restocks/{id_}", kind="placed", quantity=quantity)
        await self.ward.hand_shuts(pocket[:4])
        assert (await self.tess.get(f"/v1/restocks/{id_}"))["state"] == "committed"

    async def signs(self, left: dict[str, int] | None = None) -> dict[str, Any]:
        """The ward signs with two names, and the pharmacy is told. What the ward answered."""
        body: dict[str, Any] = {"left": left or {}}
        subject = (await self.tess.done("POST", f"{TOTE}/receipt/subject", body))["subject"]
        signed = await self.tess.done("POST", f"{TOTE}/receipt", {**body, "witness": await witness(self.tess, self.other, subject)})
        await self.rx.done("PUT", f"{TOTE}/receipt", signed["receipt"])
        return signed

    def truth(self, item: str) -> int:
        """Units of an item that really exist, wherever they are."""
        pockets = sum(at.lies_in(pocket) for at in (self.pharmacy, self.ward) for pocket in holding(at, item))
        return pockets + sum(units for _, _, units in self.tote.get(item, []))

    def books(self, item: str) -> int:
        """Units of an item by both ledgers: pockets, and what each says is in a tote of its own."""
        return sum(at.believed(pocket) for at in (self.pharmacy, self.ward) for pocket in holding(at, item)) + self.in_totes(item)

    def in_totes(self, item: str) -> int:
        """On its way, by the ledger that owns it; less what the receiver has put away and not signed for yet."""
        totes = self.pharmacy.world.books.totes.totes.values()
        there = self.ward.world.books.totes.totes.get("T-1")
        unsigned = there["contents"].get(item, {}).get("loaded", 0) if there and there["state"] == State.ARRIVED else 0  # type: ignore[call-overload]
        return sum(_units(tote, item) for tote in totes if State(tote["state"]) in OURS) - unsigned

    def agree(self) -> None:
        """Truth and books are one, item by item."""
        for item in ("prednisone-5", "morphine-10"):
            assert self.books(item) == self.truth(item), item


def _units(tote: Tote, item: str) -> int:
    content = tote["contents"].get(item)
    return content["quantity"] - content["loaded"] if content else 0


def holding(at: Ward, item: str) -> list[str]:
    """The pockets of an item."""
    return [pocket["pocket"] for pocket in at.world.books.stock.holding(item)]


async def witness(asker: Person, second: Person, subject: str) -> str:
    """A second person signs at the same terminal."""
    body = {"who": second.id, "pin": asker.ward.world.pin(second.id), "subject": subject}
    token: str = (await asker.done("POST", "/v1/witnesses", body))["witness"]
    return token


@asynccontextmanager
async def both(**policy: Any) -> AsyncIterator[Both]:
    """Both stations at work, with the list pushed."""
    async with a_ward(site=station("pharmacy", **policy)) as pharmacy, a_ward(site=station("ward-a"), seed=1) as ward:
        two = Both(pharmacy, ward)
        await two.people()
        await two.rx.done("PUT", LIST, {"revision": 1, "lines": LINES})
        yield two


async def test_what_is_picked_packed_sent_and_restocked_adds_up_at_every_step() -> None:
    async with both() as two:
        two.agree()
        await two.picks(1, "A-02-2", 10, "prednisone-5", "PRD1")
        two.agree()
        await two.picks(2, "A-03-1", 4, "morphine-10", "MOR1", counted=8)
        two.agree()
        await two.packs()
        assert (await two.rx.get(LIST))["state"] == "in-transit"
        two.agree()
        await two.tess.done("POST", f"{TOTE}/arrival", {"seal": "S-1"})
        await two.restocks("R-1", "prednisone-5", "A-02-2", 30, 10, "PRD1")
        two.agree()
        await two.restocks("R-2", "morphine-10", "A-03-1", 12, 4, "MOR1")
        two.agree()
        await two.signs()
        two.agree()
        assert (await two.rx.get(TOTE))["state"] == "confirmed"
        assert (await two.rx.get(LIST))["state"] == "confirmed"
        assert two.books("prednisone-5") == 60
        assert two.pharmacy.rows("discrepancy.opened") == two.ward.rows("discrepancy.opened") == []


async def test_at10_3_the_same_list_twice_is_one_list_and_another_body_under_its_revision_is_refused() -> None:
    async with both() as two:
        await two.rx.done("PUT", LIST, {"revision": 1, "lines": LINES})
        assert len(two.pharmacy.rows("pick_list.put")) == 1
        await two.rx.refused("PUT", LIST, {"revision": 1, "lines": LINES[:1]}, code="pick-list-revision")
        await two.rx.done("PUT", LIST, {"revision": 3, "lines": LINES[:1]})
        await two.rx.refused("PUT", LIST, {"revision": 2, "lines": LINES}, code="pick-list-revision")
        await two.picks(1, "A-02-2", 10, "prednisone-5", "PRD1")
        await two.kim.done("POST", f"{TOTE}/packing", {"list": "L-1", "to": "ward-a", "seal": "S-1"})
        await two.rx.refused("PUT", LIST, {"revision": 4, "lines": LINES}, code="pick-list-packed")
        await two.rx.refused("POST", f"{LIST}/cancellation", code="pick-list-packed")


async def test_at10_4_a_lost_tote_is_an_alarm_that_comes_again_and_its_stock_is_to_be_had_nowhere() -> None:
    async with both(tote_late_controlled_s=600) as two:
        await two.picks(2, "A-03-1", 4, "morphine-10", "MOR1", counted=8)
        await two.packs()
        await asyncio.sleep(599)
        assert two.pharmacy.rows("tote.overdue") == []
        await asyncio.sleep(2)
        assert [row["step"] for row in two.pharmacy.rows("tote.overdue")] == [1]
        await asyncio.sleep(600)
        assert [row["step"] for row in two.pharmacy.rows("tote.overdue")] == [1, 2]
        assert (await two.rx.get(TOTE))["overdue"] == 2
        assert (await two.rx.get("/v1/totes?state=in_transit"))["items"][0]["id"] == "T-1"
        assert two.pharmacy.believed("A-03-1") == 8
        assert two.ward.believed("A-03-1") == 12
        assert two.books("morphine-10") == two.truth("morphine-10") == 24


async def test_at10_4_lateness_goes_on_over_a_restart() -> None:
    async with both(tote_late_controlled_s=600) as two:
        await two.picks(2, "A-03-1", 4, "morphine-10", "MOR1", counted=8)
        await two.packs()
        await asyncio.sleep(500)
        await two.pharmacy.restart()
        await asyncio.sleep(90)
        assert two.pharmacy.rows("tote.overdue") == []
        await asyncio.sleep(20)
        assert [row["step"] for row in two.pharmacy.rows("tote.overdue")] == [1]


async def test_at10_5_a_controlled_tote_that_comes_one_short_is_a_discrepancy_with_all_its_signers() -> None:
    async with both() as two:
        await two.picks(2, "A-03-1", 4, "morphine-10", "MOR1", counted=8)
        await two.packs()
        seen = await two.tess.done("POST", f"{TOTE}/arrival", {"seal": "S-2"})
        assert (seen["seal_whole"], seen["contents"][0]["quantity"], seen["contents"][0]["lots"]) == (False, None, [])
        two.tote["morphine-10"] = [("MOR1", "2032-06-30", 3)]
        await two.restocks("R-2", "morphine-10", "A-03-1", 12, 3, "MOR1")
        await two.signs()
        (found,) = two.pharmacy.rows("discrepancy.opened")
        assert (found["tote"], found["pocket"], found["expected"], found["counted"], found["delta"]) == ("T-1", None, 4, 3, -1)
        hands = [(access["kind"], access["station"], access["person"]) for access in found["accesses"]]
        assert hands == [
            ("packed", "pharmacy", two.kim.id), ("packed-witness", "pharmacy", two.second.id), ("sent", "pharmacy", two.kim.id),
            ("arrived", "ward-a", two.tess.id), ("received", "ward-a", two.tess.id), ("received-witness", "ward-a", two.other.id),
        ]  # fmt: skip
        assert (await two.rx.get(TOTE))["state"] == (await two.rx.get(LIST))["state"] == "partial"
        assert two.books("morphine-10") == two.truth("morphine-10") == 23
        charge = await two.pharmacy.person("pharmacist")
        shown = (await charge.get("/v1/discrepancies"))["items"][0]
        assert (shown["tote"], shown["pocket"], shown["delta"]) == ("T-1", None, -1)


async def test_a_tote_at_the_wrong_cabinet_is_refused_and_nothing_of_it_can_be_put_away() -> None:
    async with both() as two:
        await two.picks(1, "A-02-2", 10, "prednisone-5", "PRD1")
        await two.kim.done("POST", f"{TOTE}/packing", {"list": "L-1", "to": "ward-b", "seal": "S-1"})
        await two.tess.refused("POST", f"{TOTE}/arrival", {"seal": "S-1"}, code="tote-not-expected")
        manifest = await two.rx.get(f"{TOTE}/manifest")
        await two.courier.refused("PUT", TOTE, manifest, code="tote-for-another-station")
        assert two.ward.rows("refused", code="tote-not-expected")
        assert two.ward.world.books.totes.totes == {}


async def test_what_does_not_fit_goes_back_and_is_put_away_at_home() -> None:
    async with both() as two:
        await two.picks(1, "A-02-2", 10, "prednisone-5", "PRD1")
        await two.packs()
        await two.tess.done("POST", f"{TOTE}/arrival", {"seal": "S-1"})
        await two.restocks("R-1", "prednisone-5", "A-02-2", 30, 6, "PRD1")
        await two.signs({"prednisone-5": 4})
        assert (await two.rx.get(TOTE))["state"] == "returning"
        two.agree()
        await two.kim.done("POST", f"{TOTE}/arrival", {"seal": "S-1"})
        body = {"scan": scan_of("prednisone-5", "PRD1", "320630"), "pocket": "A-02-2", "tote": "T-1"}
        await two.kim.done("PUT", "/v1/restocks/R-9", body)
        await two.pharmacy.hand_opens("A-02")
        two.pharmacy.puts("A-02-2", "PRD1", "2032-06-30", 4)
        two.tote.clear()
        await two.kim.say("/v1/restocks/R-9", kind="count", number=20)
        await two.kim.say("/v1/restocks/R-9", kind="placed", quantity=4)
        await two.pharmacy.hand_shuts("A-02")
        await two.kim.done("POST", f"{TOTE}/receipt", {})
        two.agree()
        assert (await two.rx.get(TOTE))["state"] == "received"


async def test_a_cancelled_list_has_its_picks_put_away_again() -> None:
    async with both() as two:
        await two.picks(1, "A-02-2", 10, "prednisone-5", "PRD1")
        await two.rx.done("POST", f"{LIST}/cancellation")
        await two.rx.done("POST", f"{LIST}/cancellation")
        assert (await two.rx.get(LIST))["state"] == "cancelled"
        await two.kim.refused("POST", f"{LIST}/lines/2/picks", {"tote": "T-2"}, code="pick-list-cancelled")
        await two.rx.refused("PUT", LIST, {"revision": 2, "lines": LINES}, code="pick-list-cancelled")
        assert (await two.rx.get(TOTE))["state"] == "returning"
        two.agree()
        assert len(two.pharmacy.rows("pick_list.cancelled")) == 1


async def test_a_tote_carries_one_list_and_is_filled_until_it_is_sealed() -> None:
    async with both() as two:
        await two.rx.done("PUT", "/v1/pick-lists/L-2", {"revision": 1, "lines": LINES})
        await two.picks(1, "A-02-2", 10, "prednisone-5", "PRD1")
        await two.kim.refused("POST", "/v1/pick-lists/L-2/lines/1/picks", {"tote": "T-1"}, code="tote-of-another-list")
        await two.kim.refused("POST", f"{TOTE}/packing", {"list": "L-2", "to": "ward-a", "seal": "S-1"}, code="tote-empty")
        await two.kim.refused("POST", f"{TOTE}/packing", {"list": "L-1", "to": "pharmacy", "seal": "S-1"}, code="tote-to-ourselves")
        await two.kim.refused("POST", f"{TOTE}/dispatch", code="tote-not-now")
        await two.rx.refused("GET", f"{TOTE}/manifest", code="tote-not-now")
        await two.kim.ask("POST", f"{LIST}/lines/2/picks", {"tote": "T-1"})
        await two.kim.refused("POST", f"{TOTE}/packing", {"list": "L-1", "to": "ward-a", "seal": "S-1"}, code="tote-being-filled")
        await two.rx.refused("POST", f"{LIST}/cancellation", code="pick-line-taken")
        await two.courier.refused("GET", "/v1/totes/T-7", code="unknown-tote")


async def test_a_controlled_tote_is_sealed_and_received_by_two_people_and_a_receipt_stands() -> None:
    async with both() as two:
        await two.picks(2, "A-03-1", 4, "morphine-10", "MOR1", counted=8)
        body = {"list": "L-1", "to": "ward-a", "seal": "S-1"}
        await two.kim.refused("POST", f"{TOTE}/packing", body, code="witness-needed")
        await two.packs()
        await two.announce()
        other = {**await two.rx.get(f"{TOTE}/manifest"), "seal": "S-9"}
        await two.courier.refused("PUT", TOTE, other, code="tote-name-taken")
        start = {"scan": scan_of("morphine-10", "MOR1", "320630"), "pocket": "A-03-1", "tote": "T-1"}
        await two.tess.refused("PUT", "/v1/restocks/R-0", start, code="tote-not-here")
        await two.tess.done("POST", f"{TOTE}/arrival", {"seal": "S-1"})
        await two.tess.done("POST", f"{TOTE}/arrival", {"seal": "S-1"})
        wrong = {"scan": scan_of("prednisone-5", "PRD1", "320630"), "pocket": "A-02-2", "tote": "T-1"}
        await two.tess.refused("PUT", "/v1/restocks/R-0", wrong, code="not-in-tote")
        await two.tess.done("PUT", "/v1/restocks/R-1", start)
        await two.tess.refused("POST", f"{TOTE}/receipt", {}, code="tote-being-unpacked")
        await two.ward.hand_opens("A-03")
        two.ward.puts("A-03-1", "MOR1", "2032-06-30", 4)
        two.tote.clear()
        await two.tess.say("/v1/restocks/R-1", kind="count", number=12)
        await two.tess.say("/v1/restocks/R-1", kind="placed", quantity=4)
        await two.ward.hand_shuts("A-03")
        await two.tess.refused("PUT", "/v1/restocks/R-2", start, code="tote-item-done")
        await two.tess.refused("POST", f"{TOTE}/receipt", {"left": {"prednisone-5": 1}}, code="not-in-tote")
        await two.tess.refused("POST", f"{TOTE}/receipt", {}, code="witness-needed")
        signed = await two.signs()
        await two.tess.done("POST", f"{TOTE}/receipt", {})
        await two.tess.refused("POST", f"{TOTE}/receipt", {"left": {"morphine-10": 1}}, code="receipt-differs")
        await two.rx.done("PUT", f"{TOTE}/receipt", signed["receipt"])
        two.agree()
        assert len(two.pharmacy.rows("tote.confirmed")) == len(two.ward.rows("tote.received")) == 1


async def test_a_receipt_of_another_station_confirms_nothing_and_a_sealed_tote_can_be_called_back() -> None:
    async with both() as two:
        await two.picks(1, "A-02-2", 10, "prednisone-5", "PRD1")
        await two.kim.done("POST", f"{TOTE}/packing", {"list": "L-1", "to": "ward-a", "seal": "S-1"})
        receipt = {
            "station": "ward-b", "seal": "S-1", "seal_whole": True, "loaded": {"prednisone-5": 10}, "left": {},
            "signers": [{"did": "received", "station": "ward-b", "person": "eve"}],
        }  # fmt: skip
        await two.rx.refused("PUT", f"{TOTE}/receipt", receipt, code="tote-not-now")
        await two.kim.done("POST", f"{TOTE}/return")
        await two.kim.done("POST", f"{TOTE}/return")
        await two.kim.refused("POST", f"{TOTE}/dispatch", code="tote-not-now")
        assert (await two.rx.get(TOTE))["state"] == "returning"


async def test_only_the_receiver_confirms() -> None:
    async with both() as two:
        await two.picks(1, "A-02-2", 10, "prednisone-5", "PRD1")
        await two.packs()
        receipt = {
            "station": "ward-b", "seal": "S-1", "seal_whole": True, "loaded": {"prednisone-5": 10}, "left": {},
            "signers": [{"did": "received", "station": "ward-b", "person": "eve"}],
        }  # fmt: skip
        await two.rx.refused("PUT", f"{TOTE}/receipt", receipt, code="receipt-of-another-station")
        two.agree()


async def test_a_tote_is_a_box_that_is_used_again_and_its_earlier_list_stays_what_it_was() -> None:
    async with both() as two:
        await two.picks(1, "A-02-2", 10, "prednisone-5", "PRD1")
        await two.packs()
        await two.tess.done("POST", f"{TOTE}/arrival", {"seal": "S-1"})
        await two.restocks("R-1", "prednisone-5", "A-02-2", 30, 10, "PRD1")
        await two.signs()
        first = await two.rx.get(LIST)
        await two.rx.done("PUT", "/v1/pick-lists/L-2", {"revision": 1, "lines": [{**LINES[0], "quantity": 5}]})
        answer = await two.kim.ask("POST", "/v1/pick-lists/L-2/lines/1/picks", {"tote": "T-1"})
        await two.pharmacy.hand_opens("A-02")
        two.pharmacy.takes("A-02-2", 5)
        two.tote["prednisone-5"] = [("PRD1", "2032-06-30", 5)]
        await two.kim.say(answer.headers["location"], kind="taken", quantity=5)
        await two.pharmacy.hand_shuts("A-02")
        await two.kim.done("POST", f"{TOTE}/packing", {"list": "L-2", "to": "ward-a", "seal": "S-2"})
        await two.kim.done("POST", f"{TOTE}/dispatch")
        await two.announce()
        assert (await two.courier.get(TOTE))["state"] == "announced"
        assert len(two.ward.rows("tote.announced")) == 2
        again = await two.rx.get(LIST)
        assert (again["state"], again["totes"]) == (first["state"], first["totes"])
        await two.rx.refused("POST", f"{LIST}/cancellation", code="pick-list-packed")
        two.agree()
