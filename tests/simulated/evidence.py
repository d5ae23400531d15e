"""What a night leaves behind, as the laws read it: the ledger's file, the plant's truth, the bytes on the wire, what people
were told and did. Nothing here knows the station's code: the file is read as `docs/reference/ledger.md` describes it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import apsw

MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None
COLUMNS = "seq, epoch, at, clock_trust, actor, kind, version, CAST(body AS BLOB), prev_hash, hash"


class Row(NamedTuple):
    """One row of the ledger. `at` is in seconds since the night began."""

    seq: int
    at: float
    actor: str
    kind: str
    body: Mapping[str, Any]
    hash: bytes


class Chain(NamedTuple):
    """A ledger's rows as far as they hold, and what is wrong with the next one, or with the file (None: nothing)."""

    rows: list[Row]
    flaw: str | None


class Edge(Protocol):
    """An edge of the plant's truth log (`simulators.plant.truth`)."""

    @property
    def at(self) -> float: ...
    @property
    def what(self) -> str: ...
    @property
    def drawer(self) -> str: ...
    @property
    def cause(self) -> str: ...
    @property
    def board(self) -> str | None: ...
    @property
    def channel(self) -> int | None: ...
    @property
    def frame(self) -> str | None: ...
    @property
    def pocket(self) -> str | None: ...
    @property
    def quantity(self) -> int | None: ...


class Sent(NamedTuple):
    """Bytes that the station gave to a wire. `durable` is the last row that a power cut in this moment would surely leave;
    None where that was not looked up."""

    at: float
    link: str
    data: bytes
    durable: int | None


class Told(NamedTuple):
    """One answer over REST: who asked what, when, and what came. `durable` as in `Sent`; `life` counts the starts."""

    asked_at: float
    at: float
    life: int
    person: str
    method: str
    path: str
    asked: Mapping[str, Any] | None
    status: int
    text: str
    durable: int | None

    @property
    def body(self) -> Any:
        """The answer as JSON; None where it is none."""
        return json.loads(self.text) if self.text[:1] in {"{", "["} else None


class Did(NamedTuple):
    """What somebody's hands and eyes did at a pocket. `moved` units went in (out: negative); of these the person meant to
    say `said`. A count: `number` was said, and `lies` lay there."""

    at: float
    person: str
    work: tuple[str, str] | None
    pocket: str
    moved: int = 0
    said: int = 0
    number: int | None = None
    lies: int | None = None


class Death(NamedTuple):
    """The process was killed (or the power cut) and came back; `left` is what was found on the disk between."""

    at: float
    back_at: float
    life: int
    power: bool
    left: Chain


@dataclass(frozen=True, slots=True)
class Place:
    """Where a drawer's lock hangs: `unlock` is the frame that frees it, from the board's paper."""

    drawer: str
    link: str
    board: str
    channel: int


@dataclass(slots=True)
class Evidence:
    """All of one night. Times are seconds since it began."""

    places: Mapping[str, Place]
    speaks: Mapping[str, str]
    """The protocol of each link."""
    pockets: Mapping[str, str]
    """Each pocket's drawer."""
    secret: frozenset[str]
    """Pockets that are counted blind by everybody, and whose quantities nothing else in a night equals."""
    ledger: Chain = field(default_factory=lambda: Chain([], None))
    edges: Sequence[Edge] = ()
    sent: list[Sent] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    did: list[Did] = field(default_factory=list)
    deaths: list[Death] = field(default_factory=list)
    calm_at: float = float("inf")
    """From then on the weather was good, every fault lifted and every drawer shut."""
    rest_at: float = float("inf")
    """From calm until then nobody did anything: the bound within which everything must have ended."""
    ended_at: float = 0.0
    lying: frozenset[str] = frozenset()
    """Drawers whose switches lied at some time in the night: what they hid is not the station's fault."""
    forging: bool = False
    """Whether the weather could turn one frame into another (bits flipped in twos pass a sum)."""
    copying: bool = False
    """Whether the weather could deliver a frame twice."""
    lies_in: Mapping[str, int] = field(default_factory=dict)
    """What really lay in each pocket at the end."""
    left_over: list[str] = field(default_factory=list)
    """Tasks, timers and descriptors that outlived the station."""

    _by_kind: dict[tuple[str, ...], list[Row]] = field(default_factory=dict)

    def of(self, *kinds: str) -> list[Row]:
        """The rows of these kinds."""
        if kinds not in self._by_kind:
            self._by_kind[kinds] = [row for row in self.ledger.rows if row.kind in kinds]
        return self._by_kind[kinds]

    def digest(self) -> str:
        """One number for the night: the same seed gives the same one."""
        sha = hashlib.sha256()
        for row in self.ledger.rows:
            sha.update(row.hash)
        for edge in self.edges:
            sha.update(f"{edge.at!r} {edge.what} {edge.drawer} {edge.cause} {edge.pocket} {edge.quantity}\n".encode())
        for sent in self.sent:
            sha.update(f"{sent.at!r} {sent.link} {sent.data.hex()} {sent.durable}\n".encode())
        for told in self.told:
            text = "" if told.path in {"/v1/sessions", "/v1/witnesses"} else told.text
            sha.update(f"{told.at!r} {told.person} {told.method} {told.path} {told.status} {text}\n".encode())
        sha.update(repr([self.did, sorted(self.lies_in.items())]).encode())
        return sha.hexdigest()


def read_ledger(files: Mapping[str, bytes], began: datetime.datetime) -> Chain:
    """The ledger among the files of a disk. A disk without one has no rows: nothing was ever durable on it."""
    if not files.get("ledger") and not files.get("ledger-wal"):
        return Chain([], None)
    with tempfile.TemporaryDirectory(prefix="evidence-", dir=MEMORY) as place:
        connection = _opened(place, files)
        try:
            found = connection.execute(f"SELECT {COLUMNS} FROM entry ORDER BY seq").fetchall()
            verdict = connection.execute("PRAGMA integrity_check(1)").fetchall()
        except apsw.Error as error:
            return Chain([], f"SQLite cannot read it: {error}") if _has_tables(connection) else Chain([], None)
        finally:
            connection.close()
    rows, flaw = _chain(found, began)
    return Chain(rows, flaw or (None if verdict == [("ok",)] else f"the file is damaged: {verdict[0][0]}"))


def durable_seq(files: Mapping[str, bytes]) -> int:
    """The number of the last row among the files of a disk; 0 where there is none."""
    if not files.get("ledger") and not files.get("ledger-wal"):
        return 0
    with tempfile.TemporaryDirectory(prefix="evidence-", dir=MEMORY) as place:
        connection = _opened(place, files)
        try:
            last: int = connection.execute("SELECT coalesce(max(seq), 0) FROM entry").fetchall()[0][0]
        except apsw.Error:
            return 0
        finally:
            connection.close()
        return last


def _opened(place: str, files: Mapping[str, bytes]) -> apsw.Connection:
    for name, data in files.items():
        with open(os.path.join(place, name), "wb") as file:
            file.write(data)
    return apsw.Connection(os.path.join(place, "ledger"), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)


def _has_tables(connection: apsw.Connection) -> bool:
    try:
        return bool(connection.execute("SELECT 1 FROM sqlite_schema").fetchall())
    except apsw.Error:
        return True


def _chain(found: Sequence[tuple[Any, ...]], began: datetime.datetime) -> tuple[list[Row], str | None]:
    """The rows of the file as far as each follows the one before it; layout `galenic1` by our own reading of it."""
    rows: list[Row] = []
    prev = bytes(32)
    for number, (seq, epoch, at, trust, actor, kind, version, body, before, sealed) in enumerate(found, start=1):
        if seq != number:
            return rows, f"row {number} is missing"
        if before != prev:
            return rows, f"row {seq} does not follow row {seq - 1}"
        data = b"galenic1" + before + b"".join(value.to_bytes(8, "big") for value in (seq, epoch, version))
        for text in (at.encode(), trust.encode(), actor.encode(), kind.encode(), body):
            data += len(text).to_bytes(4, "big") + text
        if hashlib.sha256(data).digest() != sealed:
            return rows, f"row {seq} is not what was sealed"
        prev = sealed
        seconds = (datetime.datetime.fromisoformat(at) - began).total_seconds()
        rows.append(Row(seq, seconds, actor, kind, json.loads(body), sealed))
    return rows, None
