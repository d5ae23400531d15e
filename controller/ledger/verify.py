"""Whether a ledger is whole, from its file or its export alone.

Written from `docs/reference/ledger.md` and sharing no code with the writer: it imports nothing of ours and serialises
nothing again, it hashes the bytes it finds. It reads a ledger with its `-wal` while the daemon runs, and never writes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw

EXPORTS = (".jsonl", ".ndjson", ".json")
"""A file so named is read as an export; any other as the ledger itself."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that does not hold, and why. `seq` is 0 where no row is to blame but the file."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `rows` hold, up to `head_seq`; `broken` is None if that is all there is.

    Rows cut off at the end leave no trace in what is left. Compare `head_seq` and `head_hash` with an anchor that was
    noted elsewhere (a printed page, another machine): only that shows them missing.
    """

    path: str
    rows: int
    head_seq: int
    head_hash: str
    last_at: str
    epochs: tuple[int, ...]
    broken: Broken | None

    @property
    def holds(self) -> bool:
        """Whether every row that is there is as it was written."""
        return self.broken is None


@dataclass(frozen=True, slots=True)
class _Found:
    """A row as it lies there: texts as bytes, nothing interpreted."""

    seq: int
    epoch: int
    at: bytes
    clock_trust: bytes
    actor: bytes
    kind: bytes
    version: int
    body: bytes
    prev_hash: bytes
    hash: bytes


class _Unreadable(Exception):
    """What lies where a row should be is none."""


def verify(path: str | Path, *, vfs: str | None = None) -> Report:
    """Checks the ledger or export at `path` row by row from the first. FileNotFoundError if there is none.

    `vfs` names SQLite's file system, for a ledger that does not lie on this machine's own.
    """
    path = Path(path)
    if vfs is None and not path.is_file():
        raise FileNotFoundError(path)
    if path.suffix in EXPORTS:
        return _check(str(path), _exported(path))
    return _check(str(path), _stored(path, vfs))


def _check(path: str, rows: Iterable[_Found]) -> Report:
    count, prev, last_at, broken = 0, bytes(32), "", None
    epochs: list[int] = []
    try:
        for row in rows:
            if (reason := _flaw(row, count + 1, prev, epochs)) is not None:
                broken = Broken(count + 1, reason)
                break
            count, prev, last_at = row.seq, row.hash, row.at.decode()
            if row.epoch not in epochs[-1:]:
                epochs.append(row.epoch)
    except _Unreadable as error:
        broken = Broken(count + 1, str(error))
    except _Damaged as error:
        broken = Broken(0, str(error))
    return Report(path, count, count, prev.hex(), last_at, tuple(epochs), broken)


def _flaw(row: _Found, seq: int, prev: bytes, epochs: list[int]) -> str | None:
    """What is wrong with the row that should be number `seq`; None if nothing is."""
    if row.seq != seq:
        return f"row {seq} is missing: row {row.seq} stands in its place"
    if row.prev_hash != prev:
        return "its prev_hash is not the hash of the row before it"
    if epochs and row.epoch < epochs[-1]:
        return f"its epoch {row.epoch} is lower than the {epochs[-1]} before it"
    if _seal(row) != row.hash:
        return "its hash does not fit its content"
    return None


def _seal(row: _Found) -> bytes:
    """SHA-256 over the layout `galenic1`."""
    sha = hashlib.sha256(b"galenic1" + row.prev_hash)
    for number in (row.seq, row.epoch, row.version):
        sha.update(number.to_bytes(8, "big"))
    for text in (row.at, row.clock_trust, row.actor, row.kind, row.body):
        sha.update(len(text).to_bytes(4, "big"))
        sha.update(text)
    return sha.digest()


class _Damaged(Exception):
    """The file beneath the rows is not whole."""


_STORED = """
SELECT seq, epoch, CAST(at AS BLOB), CAST(clock_trust AS BLOB), CAST(actor AS BLOB), CAST(kind AS BLOB), version,
  CAST(body AS BLOB), prev_hash, hash, typeof(epoch), typeof(at), typeof(clock_trust), typeof(actor), typeof(kind),
  typeof(version), typeof(body), typeof(prev_hash), typeof(hash)
FROM entry ORDER BY seq"""

_COLUMNS = ("epoch", "at", "clock_trust", "actor", "kind", "version", "body", "prev_hash", "hash")
_TYPES = ("integer", "text", "text", "text", "text", "integer", "text", "blob", "blob")


def _stored(path: Path, vfs: str | None) -> Iterator[_Found]:
    """The rows of a ledger's file in the order of their numbers; then SQLite's own check of the whole file."""
    place = f"file:{quote(str(path))}?mode=ro"
    try:
        connection = apsw.Connection(place, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI, vfs=vfs)
    except apsw.Error as error:
        raise _Damaged(f"SQLite cannot open it: {error}") from error
    try:
        connection.set_busy_timeout(5000)
        for values in connection.execute(_STORED):
            yield _typed(values)
        verdict = connection.execute("PRAGMA integrity_check(1)").fetchall()
        if verdict != [("ok",)]:
            raise _Damaged(f"every row holds, but the file around them is damaged: {verdict[0][0]}")
    except apsw.NotADBError as error:
        raise _Damaged(f"it is no SQLite file ({error}); an export is recognised by its name, {EXPORTS[0]}") from error
    except apsw.Error as error:
        raise _Unreadable(f"SQLite cannot read it: {error}") from error
    finally:
        connection.close()


def _typed(values: tuple[Any, ...]) -> _Found:
    for name, wanted, found in zip(_COLUMNS, _TYPES, values[10:], strict=True):
        if found != wanted:
            raise _Unreadable(f"its {name} is {found}, not {wanted}")
    for name, number in (("epoch", values[1]), ("version", values[6])):
        if number < 0:
            raise _Unreadable(f"its {name} is {number}")
    return _Found(*values[:10])


_MEMBERS = [
    *("specversion", "id", "source", "type", "time", "datacontenttype", "sequence", "epoch", "clocktrust", "actor"),
    *("prevhash", "rowhash"),
]
_TYPE = re.compile(r"org\.galenic\.(.+)\.v(0|[1-9][0-9]*)", re.DOTALL)
_SOURCE = re.compile(r"/stations/(.+)", re.DOTALL)
_HASH = re.compile(r"[0-9a-f]{64}")


def _exported(path: Path) -> Iterator[_Found]:
    """The rows of an export. `,"data":` cannot stand inside a JSON text (its quotes would be escaped), so the first
    one begins the body, which is taken as it stands."""
    source = None
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"}\n"):
                raise _Unreadable("its line is cut off")
            head, _, body = line[:-2].partition(b',"data":')
            try:
                row, source = _enveloped(head + b"}", body, source)
            except (ValueError, TypeError, KeyError) as error:
                raise _Unreadable(f"line {number} is no line of an export: {error}") from error
            yield row


def _enveloped(head: bytes, body: bytes, source: str | None) -> tuple[_Found, str]:
    """The row of a line and the source it names. ValueError, TypeError or KeyError if the line is not as documented."""
    pairs = json.loads(head, object_pairs_hook=list)
    if not isinstance(pairs, list) or [name for name, _ in pairs] != _MEMBERS:
        raise ValueError("its members are others, or in another order")
    at = dict(pairs)
    kind, station = _TYPE.fullmatch(at["type"]), _SOURCE.fullmatch(at["source"])
    if kind is None or station is None or at["source"] != (source or at["source"]):
        raise ValueError("its type or source is not as in the other lines")
    fixed = (at["specversion"], at["datacontenttype"], at["id"])
    if fixed != ("1.0", "application/json", f"{station[1]}/{at['sequence']}"):
        raise ValueError("its specversion, datacontenttype or id is not what it must be")
    if not (_HASH.fullmatch(at["prevhash"]) and _HASH.fullmatch(at["rowhash"])):
        raise ValueError("a hash is 64 digits, 0-9 and a-f")
    if not all(type(at[name]) is int and at[name] >= 0 for name in ("sequence", "epoch")):
        raise ValueError("its numbers are no numbers")
    texts = (at["time"].encode(), at["clocktrust"].encode(), at["actor"].encode(), kind[1].encode())
    hashes = (bytes.fromhex(at["prevhash"]), bytes.fromhex(at["rowhash"]))
    return _Found(at["sequence"], at["epoch"], *texts, int(kind[2]), body, *hashes), at["source"]
