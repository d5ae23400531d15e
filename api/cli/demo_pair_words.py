"""What a demo of two stations prints: where they are, who works there, and lines to try that work as they stand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from api.cli.demo_hands import symbol
from api.cli.demo_journey import LIST, SEAL, TOTE, WHO
from api.cli.demo_people import STOCKING, TERMINAL
from api.cli.demo_stations import DESK, RX
from api.cli.demo_ward import Run
from api.cli.demo_words import BEARER

LINES: tuple[dict[str, Any], ...] = (
    {"n": 1, "item": "atorvastatin-40", "quantity": 10},
    {"n": 2, "item": "senna-8", "quantity": 10},
    {"n": 3, "item": "ceftriaxone-1g", "quantity": 5},
)
"""One for the robot, one for the gantry, one for a person."""


class Words:
    """The words of one run of a pharmacy (first) and a ward. `daemons` are their process numbers by the name of their site file."""

    def __init__(self, runs: Sequence[Run], daemons: Mapping[str, int], took_s: float) -> None:
        self._pharmacy, self._ward = runs[:2]
        self._daemons, self._took_s = daemons, took_s

    def all(self) -> str:
        """Everything. The first lines say where they are, who may log in, how to stop, and where the data lie."""
        pharmacy, ward, folder = self._pharmacy, self._ward, self._pharmacy.folder.parent
        lines = [
            f"http://{pharmacy.listen}   the pharmacy, ready after {self._took_s:.1f} s. All simulated: no drugs, no real names.",
            f"http://{ward.listen}   the ward that its totes go to. What really lies in them: http://{pharmacy.control}/totes",
            f"Be the hands: play the robot and the belts at http://{pharmacy.control}/, play the cabinet at http://{ward.control}/",
            f"Stop with Ctrl-C. Everything lies in {folder} and is gone then (--keep keeps it); --hands auto does it all for you.",
            "",
            f"At work at both, at the terminals {DESK} and {TERMINAL} (PINs of this run beside the site files):",
            *(f"  {name:16} {role}" for id_, name, role in STOCKING),
            "",
            "To try, in another terminal (each line works as it stands):",
            f"  cd {folder}",
        ]
        for what, things in self._things() if self._known() else []:
            lines += ["", f"# {what}", *(f"  {thing}" for thing in things)]
        return "\n".join([*lines, ""])

    def _known(self) -> bool:
        """Whether these are the stations that the lines are about."""
        site = self._pharmacy.report.site
        assert site is not None  # noqa: S101 - for the types; it was checked when it was laid out
        return site.tote_places >= {"load-robot", "load-gantry", "packing"} and "arm" in {gantry.id for gantry in site.gantries}

    def _things(self) -> list[tuple[str, list[str]]]:
        """Sentences, each with the lines that show it."""
        return [
            ("The pharmacy system pushes a list: the answer says from where each line comes", [self._push(), self._list()]),
            ("Theo logs in, and stands by while the gantry finds its ends", [self._log_in(self._pharmacy), self._home()]),
            ("He puts an empty tote under the robot and says so: the robot fills it", self._fill("load-robot", 1)),
            (
                "It rides on to the gantry by itself, and to the packing place; readers see it, two gates lead it",
                [self._rides("load-gantry"), self._until(self._list(), _picked(2)), self._rides("packing")],
            ),
            ("What only the shelf has Theo fetches himself, and scans it", self._pick()),
            (
                "He scans what is in it, seals it, and it leaves; the pharmacy's daemon tells the ward's; a courier carries it",
                self._send(),
            ),
            ("On the ward it arrives, is unpacked by restocks, and is signed for", self._unpack()),
            ("The receipt is in the pharmacy's ledger by itself", [self._until(self._tote(), '"receipt":{'), self._list()]),
            ("Be impatient: push it again, pull the robot's cable for five seconds, kill a daemon", self._impatient()),
        ]

    def _push(self) -> str:
        return self._ask(self._pharmacy, RX, f"pick-lists/{LIST}", {"revision": 1, "lines": LINES}, "-X PUT")

    def _list(self) -> str:
        return self._ask(self._pharmacy, RX, f"pick-lists/{LIST}")

    def _tote(self) -> str:
        return self._ask(self._pharmacy, RX, f"totes/{TOTE}")

    def _home(self) -> str:
        return self._ask(self._pharmacy, WHO, "gantries/arm/home", {}, "-X POST")

    def _fill(self, at: str, n: int) -> list[str]:
        return [
            self._hand(self._pharmacy, "totes/hands", do="place", tote=TOTE, at=at),
            self._ask(self._pharmacy, WHO, f"totes/{TOTE}/place", {"list": LIST, "at": at}, "-X PUT"),
            self._until(self._list(), _picked(n)),
        ]

    def _rides(self, to: str) -> str:
        """Returns once the tote has come there by itself."""
        return self._until(self._tote(), f'"at":"{to}"')

    def _pick(self) -> list[str]:
        n, item, quantity = LINES[-1]["n"], LINES[-1]["item"], LINES[-1]["quantity"]
        picks, (pocket,), (lot, expiry) = f"pick-lists/{LIST}/lines/{n}/picks", self._places(item), self._packed(item)
        gtin = next(one.gtins[0] for one in self._pharmacy.report.data.items if one.id == item)
        loose = {"item": item, "lot": lot, "expiry": expiry, "quantity": quantity}
        return [
            self._ask(self._pharmacy, WHO, picks, {"id": "pick-1", "tote": TOTE}),
            self._ask(self._pharmacy, WHO, f"{picks}/pick-1/entries", {"kind": "scan", "data": symbol(gtin, lot, expiry)}),
            self._hand(self._pharmacy, "hands", do="take", pocket=pocket, quantity=quantity),
            self._hand(self._pharmacy, "totes/hands", do="lay", tote=TOTE, **loose),
            self._ask(self._pharmacy, WHO, f"{picks}/pick-1/entries", {"kind": "taken", "quantity": quantity}),
            self._list(),
        ]

    def _send(self) -> list[str]:
        ward = self._ward.folder.name
        bring = f"""sed 's/.*"packs":\\(\\[.*\\]\\),"happenings".*/{{"do":"bring","tote":"{TOTE}","packs":\\1}}/'"""
        off = self._hand(self._pharmacy, "totes/hands", do="carry-off", tote=TOTE)
        return [
            self._ask(self._pharmacy, WHO, f"totes/{TOTE}/check", {"found": self._found()}),
            self._ask(self._pharmacy, WHO, f"totes/{TOTE}/packing", {"list": LIST, "to": ward, "seal": SEAL}),
            self._ask(self._pharmacy, WHO, f"totes/{TOTE}/dispatch", {}, "-X POST"),
            f"{off} | {bring} | curl -s http://{self._ward.control}/totes/hands --json @-",
        ]

    def _found(self) -> list[dict[str, Any]]:
        """What the tote holds when all has gone well."""
        found = []
        for line in LINES:
            lot, expiry = self._packed(line["item"])
            found.append({"item": line["item"], "lots": [{"lot": lot, "expiry": expiry, "quantity": line["quantity"]}]})
        return found

    def _unpack(self) -> list[str]:
        return [
            self._log_in(self._ward),
            self._until(self._ask(self._ward, WHO, "totes"), f'"id":"{TOTE}"'),
            self._ask(self._ward, WHO, f"totes/{TOTE}/arrival", {"seal": SEAL}),
            *(step for line in LINES for step in self._restock(f"{TOTE}-{line['n']}", line["item"], line["quantity"])),
            self._ask(self._ward, WHO, f"totes/{TOTE}/receipt", {}, "-X POST"),
        ]

    def _restock(self, id_: str, item: str, quantity: int) -> list[str]:
        """What a pocket of the ward that has room for it gets out of the tote."""
        ward, restock, (lot, expiry) = self._ward, f"restocks/{id_}", self._packed(item)
        pocket, drawer, lies = self._room(item, quantity)
        gtin = next(one.gtins[0] for one in ward.report.data.items if one.id == item)
        return [
            self._ask(ward, WHO, restock, {"scan": symbol(gtin, lot, expiry), "pocket": pocket, "tote": TOTE}, "-X PUT"),
            self._hand(ward, "hands", do="open", drawer=drawer, wait_s=10),
            self._until(self._ask(ward, WHO, restock), '"entries":\\["count"'),
            self._ask(ward, WHO, f"{restock}/entries", {"kind": "count", "number": lies}),
            self._hand(ward, "hands", do="put", pocket=pocket, lot=lot, expiry=expiry, quantity=quantity),
            self._ask(ward, WHO, f"{restock}/entries", {"kind": "placed", "quantity": quantity}),
            self._hand(ward, "hands", do="shut", drawer=drawer),
            self._until(self._ask(ward, WHO, restock), '"state":"committed"'),
        ]

    def _packed(self, item: str) -> tuple[str, str]:
        """The lot that is given out first, and its expiry: a robot's, else that of the place where it lies at the pharmacy."""
        report = self._pharmacy.report
        lots = [(row.expiry, row.lot) for row in report.packs if row.item == item]
        lots = lots or [(lot.expiry, lot.lot) for lot in report.data.lots if lot.pocket in self._places(item)]
        expiry, lot = min(lots)
        return lot, expiry.isoformat()

    def _places(self, item: str) -> list[str]:
        site = self._pharmacy.report.site
        assert site is not None  # noqa: S101 - for the types; it was checked when it was laid out
        before = [place.id for gantry in site.gantries for place in gantry.shelf if place.item == item]
        return before or [pocket.id for holder in site.holders for pocket in holder.pockets if pocket.item == item]

    def _room(self, item: str, quantity: int) -> tuple[str, str, int]:
        """A pocket of the ward with room, its drawer, and how many lie there."""
        site = self._ward.report.site
        assert site is not None  # noqa: S101 - for the types; it was checked when it was laid out
        for drawer in site.drawers:
            for pocket in drawer.pockets:
                lies = sum(lot.quantity for lot in self._ward.report.data.lots if lot.pocket == pocket.id)
                if pocket.item == item and pocket.capacity - lies >= quantity:
                    return pocket.id, drawer.id, lies
        raise LookupError(item)  # pragma: no cover - the shipped ward has room for the list

    def _impatient(self) -> list[str]:
        return [
            self._push(),
            self._hand(self._pharmacy, "faults", kind="unplug", link="robot", seconds=5),
            f"curl -s http://{self._pharmacy.listen}/v1/health",
            f"kill -9 {self._daemons[self._pharmacy.name]}   # it is started again, as systemd would",
        ]

    def _log_in(self, run: Run) -> str:
        at, terminal = run.folder.name, DESK if run is self._pharmacy else TERMINAL
        posted = f"curl -s http://{run.listen}/v1/sessions -H @{at}/{terminal} --json @{at}/{WHO}.json"
        return f"{posted} | tee /dev/stderr | {BEARER} > {at}/{WHO}"

    def _ask(self, run: Run, who: str, path: str, body: Mapping[str, Any] | None = None, how: str = "") -> str:
        at, terminal = run.folder.name, DESK if run is self._pharmacy else TERMINAL
        headers = f"-H @{at}/{who}" if who == RX else f"-H @{at}/{terminal} -H @{at}/{who}"
        sent = "" if body is None else f"--json '{json.dumps(body)}'"
        parts = ("curl -s", how, headers, f"http://{run.listen}/v1/{path}", sent)
        return " ".join(part for part in parts if part)

    def _until(self, line: str, found: str) -> str:
        return f"until {line} | grep -q '{found}'; do sleep 0.5; done"

    def _hand(self, run: Run, path: str, **act: Any) -> str:
        return f"curl -s http://{run.control}/{path} --json '{json.dumps(act)}'"


def _picked(n: int) -> str:
    """What the list says of a line that has all its units."""
    return f'"n":{n},[^{{]*"remainder":0,'
