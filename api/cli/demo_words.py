"""What `galenic demo` prints: the address first, the people, and lines to try that work as they stand."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.demo_people import PEOPLE, SERVICE, TERMINAL

if TYPE_CHECKING:
    from api.cli.demo_ward import Run

BEARER = """sed 's/.*"token":"\\([^"]*\\)".*/Authorization: Bearer \\1/'"""


PULL, ASKED = "pulls/rose-1", json.dumps({"order": "O-5001", "pocket": "D-01-2"})


class Words:
    """The words of one run. `head` is the ledger's last number when everything was ready."""

    def __init__(self, ward: Run, daemon: int, head: int, took_s: float) -> None:
        self._ward, self._daemon, self._head, self._took_s = ward, daemon, head, took_s
        self._api, self._steel = f"http://{ward.listen}", f"http://{ward.control}"

    def all(self) -> str:
        """Everything. The first lines say where it is, who may log in, how to stop, and where the data lie."""
        ward = self._ward
        first, name, role = PEOPLE[0]
        lines = [
            f"{self._api}   ready after {self._took_s:.1f} s. All simulated: no drugs, no steel, no real names.",
            f"Open {self._api}/console/enrol#{ward.credential} : that browser is then the terminal {TERMINAL}.",
            f"Log in as {first} ({name}, {role}) with PIN {ward.pins[first]}.",
            f"Stop with Ctrl-C. Everything lies in {ward.folder} and is gone then (galenic demo --keep keeps it).",
            f"Be the hands: play the cabinet at {self._steel}/ (what it really holds, as JSON: {self._steel}/truth).",
            "",
            "People, with PINs made for this run (nobody has a default one):",
            *(f"  {id_:6} {ward.pins[id_]}  {role.replace('_', ' '):20} {name}" for id_, name, role in PEOPLE),
            f"  {SERVICE}: a program, pushes orders and pick lists, can open nothing.",
            "",
            "To try, in another terminal, in this order; each line works as it stands:",
            f"  cd {ward.folder}",
        ]
        for what, tried in self._things():
            lines += ["", f"# {what}", *(f"  {line}" for line in tried)]
        return "\n".join([*lines, ""])

    def _things(self) -> list[tuple[str, list[str]]]:
        """Sentences, each with the lines that show it."""
        return [
            ("How is the station? Anybody may ask", [f"curl -s {self._api}/v1/health"]),
            ("Nina logs in at the medication room's terminal", [self._log_in("nina")]),
            ("She pulls acetaminophen for Rose Abernathy: D-01 unlocks; a hand opens it, takes two, shuts it", self._pull()),
            ("A controlled pull from D-03: she takes one and counts what is left; nobody tells her the figure", self._blind()),
            ("Theo scans a delivered box (GS1): its pocket in D-02 unlocks; he counts, puts ten in, says so", self._restock()),
            (
                "The pharmacy's program pushes a pick list and can open nothing; Theo picks its line, from a relay board",
                self._pick(),
            ),
            ("The record: Avery the auditor reads it; anybody checks that it is whole; Emil sees the bytes", self._record()),
            ("Be impatient: the same PUT is the same pull; a wrong PIN; a pulled cable; a killed daemon", self._impatient()),
        ]

    def _pull(self) -> list[str]:
        return [
            self._ask("nina", PULL, ASKED, "-X PUT"),
            self._hand(do="open", drawer="D-01", wait_s=10),
            self._ask("nina", PULL, wait=True),
            self._hand(do="take", pocket="D-01-2", quantity=2),
            self._say("nina", PULL, kind="taken", quantity=2),
            self._hand(do="shut", drawer="D-01"),
            self._ask("nina", PULL, wait=True),
        ]

    def _blind(self) -> list[str]:
        pull = "pulls/oxy-1"
        return [
            self._ask("nina", pull, json.dumps({"order": "O-5032", "pocket": "D-03-4"}), "-X PUT"),
            self._hand(do="open", drawer="D-03", wait_s=10),
            self._ask("nina", pull, wait=True),
            self._hand(do="take", pocket="D-03-4", quantity=1),
            self._say("nina", pull, kind="taken", quantity=1),
            f"curl -s {self._steel}/truth/pockets/D-03-4   # what her eyes see",
            self._say("nina", pull, kind="count", number=self._lies("D-03-4") - 1),
            self._hand(do="shut", drawer="D-03"),
            self._ask("nina", pull, wait=True),
        ]

    def _restock(self) -> list[str]:
        restock = "restocks/box-1"
        gtin = next(item.gtins[0] for item in self._ward.report.data.items if item.id == "metoprolol-tartrate-25")
        asked = {"scan": f"]d201{gtin}1730063010NEW7", "pocket": "D-02-1", "quantity": 10}
        return [
            self._log_in("theo"),
            self._ask("theo", restock, json.dumps(asked), "-X PUT"),
            self._hand(do="open", drawer="D-02", wait_s=10),
            self._ask("theo", restock, wait=True),
            self._say("theo", restock, kind="count", number=self._lies("D-02-1")),
            self._hand(do="put", pocket="D-02-1", lot="NEW7", expiry="2030-06-30", quantity=10),
            self._say("theo", restock, kind="placed", quantity=10),
            self._hand(do="shut", drawer="D-02"),
            self._ask("theo", restock, wait=True),
        ]

    def _pick(self) -> list[str]:
        picks = "pick-lists/morning/lines/1/picks"
        lines = {"revision": 1, "lines": [{"n": 1, "item": "senna-8", "quantity": 4}]}
        return [
            self._ask(None, "pick-lists/morning", json.dumps(lines), "-X PUT"),
            self._ask(None, "pulls/never", ASKED, "-X PUT"),
            self._ask("theo", picks, json.dumps({"id": "pick-1", "tote": "T-1", "pocket": "D-21-2"})),
            self._hand(do="open", drawer="D-21", wait_s=10),
            self._ask("theo", f"{picks}/pick-1", wait=True),
            self._hand(do="take", pocket="D-21-2", quantity=4),
            self._say("theo", f"{picks}/pick-1", kind="taken", quantity=4),
            self._hand(do="shut", drawer="D-21"),
            self._ask("theo", f"{picks}/pick-1", wait=True),
            self._ask(None, "pick-lists/morning"),
        ]

    def _record(self) -> list[str]:
        galenic = shutil.which("galenic", path=str(Path(sys.executable).parent)) or f"{sys.executable} -m api.cli.main"
        return [
            self._log_in("avery"),
            self._ask("avery", f"ledger?after={self._head}&limit=5"),
            f"{galenic} ledger verify state/ledger.sqlite3",
            f"{galenic} ledger export state/ledger.sqlite3 --after {self._head} > since.jsonl",
            f"{galenic} wire lockbus --daemon {self._ward.listen} --terminal {TERMINAL} --from emil.json",
        ]

    def _impatient(self) -> list[str]:
        wrong, cable = {"who": "nina", "pin": "wrong"}, {"kind": "unplug", "link": "lockbus", "seconds": 5}
        return [
            self._log_in("nina"),
            self._ask("nina", PULL, ASKED, "-X PUT"),
            f"curl -s {self._api}/v1/sessions -H @{TERMINAL} --json '{json.dumps(wrong)}'",
            f"curl -s {self._steel}/faults --json '{json.dumps(cable)}'",
            f"curl -s {self._api}/v1/health",
            f"kill -9 {self._daemon}   # it is started again, as systemd would",
        ]

    def _lies(self, pocket: str) -> int:
        return sum(lot.quantity for lot in self._ward.report.data.lots if lot.pocket == pocket)

    def _log_in(self, who: str) -> str:
        """The answer is shown, and its token kept as a header that the next lines send."""
        return f"curl -s {self._api}/v1/sessions -H @{TERMINAL} --json @{who}.json | tee /dev/stderr | {BEARER} > {who}"

    def _ask(self, who: str | None, path: str, body: str = "", how: str = "", *, wait: bool = False) -> str:
        headers = f"-H @{SERVICE}" if who is None else f"-H @{TERMINAL} -H @{who}"
        parts = ("curl -s", how, headers, "-H 'Prefer: wait=5'" if wait else "", f"'{self._api}/v1/{path}'")
        return " ".join(part for part in (*parts, f"--json '{body}'" if body else "") if part)

    def _say(self, who: str, path: str, **entry: Any) -> str:
        return self._ask(who, f"{path}/entries", json.dumps(entry))

    def _hand(self, **act: Any) -> str:
        return f"curl -s {self._steel}/hands --json '{json.dumps(act)}'"
