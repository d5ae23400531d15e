"""A13, row 113: a cart for the ward, each patient's bag with its doses in time order, from a robot and a shelf, over REST.

What the robot gave out and what was taken from the shelf is really in the tote or in the bags; hands move it, and only what the
station has taken. The judge compares that with the ledger's folds, lot by lot.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.acceptance.pharmacy import AMX, PRD, Pharmacy
from tests.acceptance.test_b10_sources import PLACE, a_store
from tests.acceptance.ward import Person, item, order, patient, scan_of
from tests.kit.station import BEGAN

FILL, LIST, TOTE = "/v1/cart-fills/F-1", "/v1/pick-lists/cart-F-1", "/v1/totes/T-1"
DAY = {"area": "ward", "from": BEGAN.isoformat(), "to": (BEGAN + datetime.timedelta(days=1)).isoformat(), "ward": "4 West"}
BAG_1, BAG_2 = "F-1-1", "F-1-2"


def at(hours: float, utc_offset_h: int = 0) -> str:
    """So long after the day begins, as a clock of that offset writes it."""
    zone = datetime.timezone(datetime.timedelta(hours=utc_offset_h))
    return (BEGAN + datetime.timedelta(hours=hours)).astimezone(zone).isoformat()


def scheduled(due: str, every_h: float | None = None, **more: Any) -> dict[str, Any]:
    """A schedule from then on."""
    every = {"every_min": round(every_h * 60)} if every_h is not None else {}
    return {"kind": "scheduled", "due": due, **every, **more}


ORDERS = [
    order("O-amox", AMX, "500", schedule=scheduled(at(2, utc_offset_h=1), every_h=8)),  # P-1 at 2, 10 and 18
    order("O-two", AMX, "1000", "P-2", schedule=scheduled(at(-3), every_h=12)),  # P-2 at 9 and 21, two units each
    order("O-pred2", PRD, "7.5", schedule=scheduled(at(4), every_h=6, until=at(6))),  # P-1 at 4: two of 5 mg, 2.5 mg over
    order("O-held", AMX, "500", "P-2", state="held", schedule=scheduled(at(3))),
    order("O-dia", "oxycodone-5", "5", "P-2", schedule=scheduled(at(3))),
    order("O-past", AMX, "500", "P-2", schedule=scheduled(at(-1))),
    order("O-far", AMX, "500", "P-9", schedule=scheduled(at(3))),
]


class Cart:
    """The pharmacy with its people, and hands that put what is really there from the tote into bags."""

    def __init__(self, pharmacy: Pharmacy, kim: Person, rx: Person) -> None:
        self.pharmacy, self.kim, self.rx = pharmacy, kim, rx
        self.tote: Counter[str] = Counter()
        self.bags: dict[str, Counter[str]] = {BAG_1: Counter(), BAG_2: Counter()}

    async def asked(self, revision: int = 1, **more: Any) -> dict[str, Any]:
        """The pharmacy system asks for the fill."""
        return await self.rx.done("PUT", FILL, {**DAY, "revision": revision, **more})

    async def brought(self) -> None:
        """The robot fills its part into the tote, and the technician fetches what lies on the shelf."""
        await self.kim.done("PUT", f"{TOTE}/place", {"list": "cart-F-1", "at": PLACE})
        await self.pharmacy.world.until("tote.filled")
        self.tote[AMX] += len(self.pharmacy.out())
        for line in (await self.rx.get(LIST))["lines"]:
            for part in line["parts"]:
                await self.fetched(line["n"], line["item"], part["pocket"], part["quantity"])

    async def fetched(self, n: int, item_: str, pocket: str, quantity: int) -> None:
        """A technician picks from the open shelf."""
        body = {"tote": "T-1", "id": f"pick-{n}-{self.tote[item_]}"}
        answer = await self.kim.ask("POST", f"{LIST}/lines/{n}/picks", body)
        assert answer.status_code == 202, answer.text
        pick = answer.headers["location"]
        await self.kim.say(pick, kind="scan", data=scan_of(item_, "PRD1" if item_ == PRD else "AMX1"))
        self.pharmacy.takes(pocket, quantity)
        self.tote[item_] += quantity
        await self.kim.say(pick, kind="taken", quantity=quantity)
        await self.pharmacy.quiet()

    async def looked(self) -> None:
        """A person looks into the tote, and finds what is really in it."""
        lots = {AMX: "AMX1", PRD: "PRD1"}
        found = [
            {"item": item_, "lots": [{"lot": lots[item_], "expiry": "2032-03-31", "quantity": n}]}
            for item_, n in self.tote.items()
            if n
        ]
        await self.kim.done("POST", f"{TOTE}/check", {"found": found})

    async def scans(self, bag: str, item_: str, **more: Any) -> dict[str, Any]:
        """A pack is scanned and put into the bag."""
        told = await self.kim.done("POST", f"{FILL}/bags/{bag}/entries", self.scan(item_, **more))
        self.tote[item_] -= 1
        self.bags[bag][item_] += 1
        return told

    @staticmethod
    def scan(item_: str, **more: Any) -> dict[str, Any]:
        """What the scanner gives for a pack."""
        return {"kind": "scan", "data": scan_of(item_, "PRD1" if item_ == PRD else "AMX1"), **more}

    async def bag(self, bag: str) -> dict[str, Any]:
        """As it is shown."""
        return await self.kim.get(f"{FILL}/bags/{bag}")

    def agree(self) -> None:
        """What lies in tote and bags, by the books, is what really does; and it is all that was ever picked."""
        books = self.pharmacy.world.station.books
        inside = {item_: content["quantity"] for item_, content in books.totes.totes["T-1"]["contents"].items()}
        assert inside == {item_: n for item_, n in self.tote.items() if n}
        fill = books.carts.fills["F-1"]
        for bag, really in self.bags.items():
            believed = Counter[str]()
            for dose in fill["doses"].values():
                if dose["bag"] == bag:
                    assert sum(lot["quantity"] for lot in dose["lots"]) == dose["put"]
                    believed[dose["item"]] += dose["put"]
            assert +believed == +really, bag
        picked = Counter[str]()
        for line in books.work.pick_lists["cart-F-1"]["lines"].values():
            picked[line["item"]] += line["picked"]
        there = Counter(self.tote)
        for really in self.bags.values():
            there.update(really)
        assert picked == +there


@asynccontextmanager
async def a_cart(on_shelf: int = 20, orders: list[dict[str, Any]] | None = None, prednisone: int = 20) -> AsyncIterator[Cart]:
    """A robot with ten packs, a shelf beside it, orders for two patients of the ward."""
    async with a_store(on_shelf=on_shelf) as (pharmacy, kim, rx):
        await kim.done("PUT", "/v1/restocks/R-2", {"scan": scan_of(PRD, "PRD1", "320331"), "pocket": "S-2"})
        await kim.say("/v1/restocks/R-2", kind="count", number=0)
        pharmacy.puts("S-2", "PRD1", "2032-03-31", prednisone)
        await kim.say("/v1/restocks/R-2", kind="placed", quantity=prednisone)
        for one in ORDERS if orders is None else orders:
            await rx.done("PUT", f"/v1/orders/{one['id']}", one)
        yield Cart(pharmacy, kim, rx)


def due_of(bag: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Order, due and units of each dose of a bag."""
    return [(dose["order"], dose["due"], dose["quantity"]) for dose in bag["doses"]]


async def test_row_113_a_day_s_doses_are_picked_as_one_list_and_bagged_in_time_order() -> None:
    async with a_cart() as cart:
        told = await cart.asked()
        assert [(bag["bag"], bag["patient"]["mrn"]) for bag in told["bags"]] == [(BAG_1, "M-P-1"), (BAG_2, "M-P-2")]
        first, second = told["bags"]
        assert due_of(first) == [
            ("O-amox", at(2, 1), 1), ("O-pred2", at(4), 2), ("O-amox", at(10, 1), 1), ("O-amox", at(18, 1), 1),
        ]  # fmt: skip
        assert due_of(second) == [("O-two", at(9), 2), ("O-two", at(21), 2)]
        assert (first["doses"][1]["dose"], first["doses"][1]["waste"]) == ("7.5\u00a0mg", "2.5\u00a0mg")
        assert {(out["order"], out["why"]) for out in told["left_out"]} == {
            ("O-pred", "as-needed"), ("O-mor", "controlled"), ("O-oxy", "controlled"), ("O-dia", "controlled"),
            ("O-held", "order-held"),
        }  # fmt: skip
        assert [(line["item"], line["quantity"]) for line in (await cart.rx.get(LIST))["lines"]] == [(AMX, 7), (PRD, 2)]
        assert (await cart.rx.get(LIST))["due"] == told["from"]
        assert {dose["state"] for bag in told["bags"] for dose in bag["doses"]} == {"coming"}
        await cart.kim.refused("POST", f"{FILL}/bags/{BAG_1}/entries", cart.scan(AMX), "nothing-for-bag")
        await cart.brought()
        assert len(cart.pharmacy.out()) == 7
        await cart.kim.refused("POST", f"{FILL}/bags/{BAG_1}/entries", cart.scan(AMX), "tote-not-checked")
        await cart.looked()
        assert (await cart.bag(BAG_1))["next"]["item"] == AMX
        wrong = await cart.kim.refused("POST", f"{FILL}/bags/{BAG_1}/entries", cart.scan(PRD), "not-next-in-bag")
        assert (wrong["facts"]["item"], wrong["facts"]["got"], wrong["facts"]["bags"]) == (AMX, PRD, [])
        assert "Put nothing in" in wrong["remedy"]
        told = await cart.scans(BAG_1, AMX)
        assert (told["next"]["item"], told["next"]["order"]) == (PRD, "O-pred2")
        wrong = await cart.kim.refused("POST", f"{FILL}/bags/{BAG_1}/entries", cart.scan(AMX), "not-next-in-bag")
        assert wrong["facts"]["bags"] == [BAG_2], "it says whose it is"
        await cart.scans(BAG_1, PRD)
        cart.agree()
        await cart.kim.refused("POST", f"{FILL}/bags/{BAG_1}/closure", None, "bag-not-full")
        for item_ in (PRD, AMX, AMX):
            await cart.scans(BAG_1, item_)
        done = await cart.kim.done("POST", f"{FILL}/bags/{BAG_1}/closure")
        assert (done["closed"], done["next"], {dose["state"] for dose in done["doses"]}) == (True, None, {"in-bag"})
        await cart.kim.refused("POST", f"{FILL}/bags/{BAG_1}/entries", cart.scan(AMX), "bag-closed")
        await cart.kim.refused("POST", f"{FILL}/dispatch", None, "bags-open")
        for _ in range(4):
            await cart.scans(BAG_2, AMX)
        await cart.kim.refused("POST", f"{FILL}/bags/{BAG_2}/entries", cart.scan(AMX), "nothing-for-bag")
        await cart.kim.done("POST", f"{FILL}/bags/{BAG_2}/closure")
        assert (await cart.kim.done("POST", f"{FILL}/dispatch"))["state"] == "sent"
        await cart.kim.done("POST", f"{FILL}/dispatch")
        cart.agree()
        kinds = [kind for kind, _ in cart.pharmacy.world.rows() if kind.startswith("cart_fill.")]
        assert Counter(kinds) == {"cart_fill.put": 1, "cart_fill.bagged": 9, "cart_fill.bag_closed": 2, "cart_fill.sent": 1}
        assert cart.pharmacy.lies_in("S-2") == cart.pharmacy.believed("S-2") == 18
        assert cart.pharmacy.stock(AMX) == cart.pharmacy.truly_in(AMX) == 3


async def test_an_order_stopped_after_the_fill_is_taken_out_before_the_bag_is_closed_or_the_cart_leaves() -> None:
    async with a_cart() as cart:
        await cart.asked()
        await cart.brought()
        await cart.looked()
        await cart.scans(BAG_1, AMX)
        await cart.rx.done("PUT", "/v1/orders/O-amox", {**ORDERS[0], "state": "discontinued"})
        bag = await cart.bag(BAG_1)
        assert [(dose["state"], dose["why"]) for dose in bag["doses"] if dose["order"] == "O-amox"] == [
            ("take-out", "order-discontinued"), ("dropped", "order-discontinued"), ("dropped", "order-discontinued"),
        ]  # fmt: skip
        assert bag["next"]["item"] == PRD
        for _ in range(2):
            await cart.scans(BAG_1, PRD)
        problem = await cart.kim.refused("POST", f"{FILL}/bags/{BAG_1}/closure", None, "bag-take-out")
        assert problem["facts"]["doses"] == [bag["doses"][0]["n"]]
        await cart.kim.refused(
            "POST", f"{FILL}/bags/{BAG_1}/entries", {"kind": "take-out", "dose": 99, "tote": "T-1"}, "not-in-bag"
        )
        out = {"kind": "take-out", "dose": bag["doses"][0]["n"], "tote": "T-1"}
        await cart.kim.done("POST", f"{FILL}/bags/{BAG_1}/entries", out)
        cart.tote[AMX] += 1
        cart.bags[BAG_1][AMX] -= 1
        cart.agree()
        await cart.kim.done("POST", f"{FILL}/bags/{BAG_1}/closure")
        for _ in range(4):
            await cart.scans(BAG_2, AMX)
        await cart.kim.done("POST", f"{FILL}/bags/{BAG_2}/closure")
        await cart.rx.done("PUT", "/v1/orders/O-two", {**ORDERS[1], "state": "held"})
        await cart.kim.refused("POST", f"{FILL}/dispatch", None, "bag-take-out")
        await cart.kim.done("POST", f"{FILL}/bags/{BAG_2}/opening")
        await cart.rx.done("PUT", "/v1/orders/O-two", ORDERS[1])
        await cart.kim.done("POST", f"{FILL}/bags/{BAG_2}/closure")
        await cart.kim.done("POST", f"{FILL}/dispatch")
        cart.agree()
        left = (await cart.kim.done("POST", f"{TOTE}/return"))["contents"]
        assert [(content["item"], content["quantity"]) for content in left] == [(AMX, 3)], "what is over goes back into stock"


async def test_what_lacks_is_shown_dose_by_dose_and_the_first_due_has_what_there_is() -> None:
    async with a_cart(orders=[*ORDERS, order("O-many", AMX, "12000", "P-2", schedule=scheduled(at(5)))], on_shelf=0) as cart:
        told = await cart.asked()
        stand = [(dose["order"], dose["state"]) for bag in told["bags"] for dose in bag["doses"]]
        assert ("O-many", "lacking") in stand, "24 units, and the robot has ten"
        assert [state for order_, state in stand if order_ in {"O-amox", "O-two"}] == ["coming"] * 5
        await cart.brought()
        await cart.looked()
        for item_ in (AMX, PRD, PRD, AMX, AMX):
            await cart.scans(BAG_1, item_)
        for _ in range(4):
            await cart.scans(BAG_2, AMX)
        closed = await cart.kim.done("POST", f"{FILL}/bags/{BAG_2}/closure")
        assert [dose["state"] for dose in closed["doses"]] == ["lacking", "in-bag", "in-bag"]
        (row,) = cart.pharmacy.rows("cart_fill.bag_closed")
        assert row["lacking"] == [closed["doses"][0]["n"]]
        cart.agree()


async def test_a_newer_revision_takes_in_a_changed_order_and_keeps_what_lies_in_the_bags() -> None:
    async with a_cart() as cart:
        await cart.asked()
        await cart.brought()
        await cart.looked()
        for item_ in (AMX, PRD, PRD, AMX, AMX):
            await cart.scans(BAG_1, item_)
        await cart.kim.done("POST", f"{FILL}/bags/{BAG_1}/closure")
        assert not (await cart.rx.get(FILL))["behind"]
        await cart.rx.done("PUT", "/v1/orders/O-pred2", {**ORDERS[2], "dose": {"value": "15", "unit": "mg"}})
        shown = await cart.rx.get(FILL)
        assert shown["behind"]
        assert [(dose["state"], dose["why"]) for dose in shown["bags"][0]["doses"] if dose["item"] == PRD] == [
            ("take-out", "order-changed")
        ]
        await cart.rx.refused("PUT", FILL, {**DAY, "revision": 1, "ward": "5 West"}, "cart-fill-revision")
        await cart.rx.refused("PUT", FILL, {**DAY, "revision": 2, "ward": "5 West"}, "cart-fill-elsewhere")
        revised = await cart.asked(2)
        assert (revised["behind"], revised["revision"], revised["bags"][0]["closed"]) == (False, 2, False)
        prednisone = [dose for dose in revised["bags"][0]["doses"] if dose["item"] == PRD]
        assert [(dose["quantity"], dose["put"], dose["state"]) for dose in prednisone] == [(2, 2, "take-out"), (3, 0, "coming")]
        await cart.kim.done("POST", f"{FILL}/bags/{BAG_1}/entries", {"kind": "take-out", "dose": prednisone[0]["n"], "tote": "T-1"})
        cart.tote[PRD] += 2
        cart.bags[BAG_1][PRD] -= 2
        await cart.fetched(2, PRD, "S-2", 1)
        for _ in range(3):
            await cart.scans(BAG_1, PRD)
        await cart.kim.done("POST", f"{FILL}/bags/{BAG_1}/closure")
        cart.agree()
        again = await cart.asked(2)
        assert len(cart.pharmacy.rows("cart_fill.put")) == again["revision"] == 2


async def test_one_dose_is_in_one_fill_and_a_pull_here_takes_it_out() -> None:
    async with a_cart() as cart:
        await cart.asked()
        body = {**DAY, "revision": 1, "to": at(30)}
        other = await cart.kim.done("PUT", "/v1/cart-fills/F-2", body)
        doses = [(dose["order"], dose["due"]) for bag in other["bags"] for dose in bag["doses"]]
        assert doses == [("O-amox", at(26, 1))], "what the first fill has is left out"
        assert {out["why"] for out in other["left_out"]} >= {"in-another-fill"}
        await cart.rx.refused("PUT", "/v1/cart-fills/F-3", {**body, "area": "nowhere"}, "nothing-to-fill")
        await cart.rx.done("PUT", "/v1/patients/P-1", patient("P-1", area="elsewhere"))
        shown = await cart.rx.get(FILL)
        assert {(dose["state"], dose["why"]) for dose in shown["bags"][0]["doses"]} == {("dropped", "patient-elsewhere")}
        moved = await cart.rx.done("PUT", "/v1/cart-fills/F-5", {**body, "to": DAY["to"], "area": "elsewhere"})
        mine = [dose["order"] for bag in moved["bags"] if bag["patient"]["id"] == "P-1" for dose in bag["doses"]]
        assert mine == ["O-amox", "O-pred2", "O-amox", "O-amox"], "the dose goes with the patient"
        await cart.rx.done("POST", f"{LIST}/cancellation")
        assert (await cart.rx.get(FILL))["state"] == "cancelled"
        freed = await cart.rx.done("PUT", "/v1/cart-fills/F-4", {**body, "to": DAY["to"]})
        assert [dose["order"] for bag in freed["bags"] for dose in bag["doses"]] == ["O-two", "O-two"]
        assert [fill["id"] for fill in (await cart.rx.get("/v1/cart-fills"))["items"]] == ["F-1", "F-2", "F-4", "F-5"]


async def test_its_list_and_its_totes_are_the_fill_s_own() -> None:
    async with a_cart() as cart:
        line = {"n": 1, "item": AMX, "quantity": 1}
        await cart.rx.done("PUT", "/v1/pick-lists/cart-F-9", {"revision": 1, "lines": [line]})
        await cart.rx.refused("PUT", "/v1/cart-fills/F-9", {**DAY, "revision": 1}, "cart-fill-name-taken")
        await cart.asked()
        await cart.rx.refused("PUT", LIST, {"revision": 2, "lines": [line]}, "pick-list-of-cart")
        await cart.brought()
        await cart.looked()
        await cart.kim.refused("POST", f"{TOTE}/packing", {"list": "cart-F-1", "to": "ward-a", "seal": "S-1"}, "tote-of-cart")
        await cart.scans(BAG_1, AMX)
        await cart.rx.refused("POST", f"{LIST}/cancellation", None, "bags-hold-doses")
        await cart.rx.refused("POST", f"{FILL}/bags/{BAG_1}/entries", cart.scan(PRD), "not-allowed")
        await cart.kim.refused("POST", f"{FILL}/bags/F-1-9/entries", cart.scan(PRD), "unknown-bag")
        await cart.kim.refused("GET", "/v1/cart-fills/F-8", None, "unknown-cart-fill")
        nurse = await cart.pharmacy.person("nurse")
        await nurse.refused("GET", FILL, None, "not-allowed")


async def test_an_entry_is_said_once_and_a_code_must_fit_the_tote() -> None:
    async with a_cart() as cart:
        await cart.asked()
        await cart.brought()
        await cart.looked()
        entries = f"{FILL}/bags/{BAG_1}/entries"
        await cart.scans(BAG_1, AMX, id="e-1")
        await cart.kim.done("POST", entries, cart.scan(AMX, id="e-1"))
        cart.agree()
        await cart.kim.refused("POST", entries, cart.scan(PRD, id="e-1"), "entry-differs")
        await cart.kim.refused("POST", entries, {"kind": "scan", "data": scan_of(PRD, "XYZ")}, "lot-not-in-tote")
        await cart.kim.refused("POST", entries, {"kind": "scan", "data": scan_of(PRD, "PRD1", "310301")}, "pack-expires-before")
        await cart.kim.refused("POST", entries, {"kind": "scan", "data": "00399001999995"}, "not-next-in-bag")
        await cart.kim.refused("POST", entries, {"kind": "confirm", "dose": 99}, "not-next-in-bag")
        following = (await cart.bag(BAG_1))["next"]
        told = await cart.kim.done("POST", entries, {"kind": "confirm", "dose": following["n"]})
        cart.tote[PRD] -= 2
        cart.bags[BAG_1][PRD] += 2
        assert told["doses"][1]["put"] == 2, "by hand the whole dose"
        cart.agree()


async def test_of_a_pack_of_many_a_scan_is_the_dose() -> None:
    async with a_cart() as cart:
        await cart.rx.done("PUT", f"/v1/items/{PRD}", {**item(PRD, "5"), "pack": 10})
        await cart.asked()
        await cart.brought()
        await cart.looked()
        await cart.scans(BAG_1, AMX)
        told = await cart.kim.done("POST", f"{FILL}/bags/{BAG_1}/entries", cart.scan(PRD))
        assert told["doses"][1]["put"] == 2
        assert told["next"]["item"] == AMX


async def test_a_window_begins_with_its_first_moment_and_ends_before_its_last() -> None:
    orders = [
        order("O-first", AMX, "500", schedule=scheduled(at(0, utc_offset_h=-5))),
        order("O-last", AMX, "500", schedule=scheduled(at(24))),
        order("O-long-ago", AMX, "500", schedule=scheduled(at(-24 * 400), every_h=24)),
        order("O-over", AMX, "500", schedule=scheduled(at(-48), every_h=1, until=at(-1))),
        order("O-odd", AMX, "500", schedule=scheduled(at(-1), every_h=16)),
        order("O-strange", "nothing-1", "500", schedule=scheduled(at(1))),
    ]
    async with a_cart(orders=orders) as cart:
        told = await cart.asked()
        due = [(dose["order"], dose["due"]) for bag in told["bags"] for dose in bag["doses"]]
        assert due == [("O-first", at(0, -5)), ("O-long-ago", at(0)), ("O-amox", at(0.5)), ("O-odd", at(15))]
        assert ("O-strange", "unknown-item") in {(out["order"], out["why"]) for out in told["left_out"]}
        wrong = {**DAY, "revision": 2, "to": DAY["from"]}
        assert (await cart.rx.ask("PUT", FILL, wrong)).status_code == 422
