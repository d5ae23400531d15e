"""The ledger's file: the only module that writes with SQLite. Format: `docs/reference/ledger.md`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

import apsw

from controller.ledger import bodies
from controller.ledger.disk import Disk
from controller.ledger.format import (
    APPLICATION,
    COLUMNS,
    FORMAT,
    HEADER,
    INSERT,
    OLDEST,
    PAGES_BETWEEN_CHECKPOINTS,
    PRAGMAS,
    TABLES,
)
from controller.ledger.port import Credential, Row
from drivers.faults import LedgerFault

BUSY_MS = 2000
"""How long another process's reading is waited for."""

NO_LIMIT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A view as it was after row `seq` with hash `hash`; `state` is its dump as JSON text."""

    view: str
    version: int
    seq: int
    hash: bytes
    state: str
    ended: tuple[tuple[str, str], ...] = ()
    """The records that left the view with it: key and JSON text."""


@dataclass(slots=True)
class Group:
    """What goes to the disk in one commit."""

    rows: list[Row] = field(default_factory=list)
    credentials: list[tuple[Credential, int]] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)


@contextmanager
def _told(code: str) -> Iterator[None]:
    """Errors of SQLite and of the system as the ledger's own fault."""
    try:
        yield
    except apsw.FullError as error:
        raise LedgerFault("ledger-full", why=str(error)) from error
    except (apsw.Error, OSError) as error:
        raise LedgerFault(code, why=f"{type(error).__name__}: {error}") from error


def _connect(path: str, vfs: str, flags: int) -> apsw.Connection:
    connection = apsw.Connection(path, flags=flags, vfs=vfs or None)
    connection.set_busy_timeout(BUSY_MS)
    return connection


def _all(connection: apsw.Connection, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    """A statement's rows, read to their end: an error may come with the last step only."""
    rows: list[Any] = connection.execute(sql, values).fetchall()
    return rows


LAST_CHARACTER = chr(0x10FFFF)


class LedgerReader:
    """A ledger's file, read only: rows that are on the disk and nothing else. Works beside the process that writes."""

    def __init__(self, path: str, vfs: str = "") -> None:
        with _told("ledger-unreadable"):
            self._db = _connect(path, vfs, apsw.SQLITE_OPEN_READONLY)
            try:
                marks = tuple(_all(self._db, f"PRAGMA {name}")[0][0] for name in ("application_id", "user_version"))
                if marks != (APPLICATION, FORMAT):
                    raise LedgerFault("ledger-foreign", application=marks[0], version=marks[1])
                self.meta: dict[str, str] = dict(_all(self._db, "SELECT key, value FROM meta"))
            except BaseException:
                self._db.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()

    def read(self, after: int, limit: int, upto: int = NO_LIMIT, kinds: Iterable[str] | None = None) -> list[Row]:
        """Rows with `after` < number <= `upto`, of the kinds (all when None), in order, at most `limit`."""
        wanted = None if kinds is None else sorted(set(kinds))
        among = "" if wanted is None else f" AND kind IN ({', '.join('?' * len(wanted))})"
        sql = f"SELECT {COLUMNS} FROM entry WHERE seq > ? AND seq <= ?{among} ORDER BY seq LIMIT ?"  # noqa: S608
        with _told("ledger-unreadable"):
            return [Row._make(found) for found in _all(self._db, sql, (after, upto, *(wanted or ()), limit))]

    def last(self) -> Row | None:
        """The row with the highest number."""
        with _told("ledger-unreadable"):
            found = _all(self._db, f"SELECT {COLUMNS} FROM entry ORDER BY seq DESC LIMIT 1")  # noqa: S608
        return Row._make(found[0]) if found else None

    def credentials(self) -> list[tuple[str, str, bytes]]:
        """Every credential: kind, id, verifier."""
        with _told("ledger-unreadable"):
            return _all(self._db, "SELECT kind, id, verifier FROM credential")

    def column(self, sql: str, *values: Any) -> list[str]:
        """The one column that a question asks for."""
        with _told("ledger-unreadable"):
            return [found for (found,) in _all(self._db, sql, values)]

    def checkpoints(self, view: str, version: int) -> Iterator[Checkpoint]:
        """The view's checkpoints that are whole and fit the row they name, the newest first."""
        with _told("ledger-unreadable"):
            asked = "SELECT seq, hash, CAST(state AS BLOB), digest FROM checkpoint WHERE view = ? AND version = ?"
            for seq, sealed, state, digest in _all(self._db, asked + " ORDER BY seq DESC", (view, version)):
                known = _all(self._db, "SELECT hash FROM entry WHERE seq = ?", (seq,))
                if known == [(sealed,)] and hashlib.sha256(state).digest() == digest:
                    yield Checkpoint(view, version, seq, sealed, state.decode())


class EndedRecords:
    """The port's `Archive` of one view. Records of another version of the view are not seen."""

    def __init__(self, reader: LedgerReader, view: str, version: int) -> None:
        self._reader, self._whose = reader, (view, version)

    def get(self, key: str) -> Any | None:
        """The record, or None."""
        found = self._reader.column("SELECT state FROM ended WHERE view = ? AND version = ? AND key = ?", *self._whose, key)
        return bodies.state_read(found[0]) if found else None

    def keys(self, prefix: str, after: str, limit: int) -> list[str]:
        """Those that begin with the prefix, in order."""
        asked = "SELECT key FROM ended WHERE view = ? AND version = ? AND key > ? AND key < ? ORDER BY key LIMIT ?"
        return self._reader.column(asked, *self._whose, prefix + after, prefix + LAST_CHARACTER, limit)


class LedgerFile:
    """One open ledger file, held against every other process. Written by one thread at a time; `reader` is the loop's.

    `meta` is what a new file begins with; what an old file holds is in `meta` after opening.
    """

    def __init__(self, path: str, disk: Disk, meta: dict[str, str]) -> None:
        found = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
        if found < OLDEST:
            raise LedgerFault("ledger-unsafe", setting="SQLite", value=apsw.sqlite_lib_version(), wanted="3.51.3")
        self._pages = 0
        with _told("ledger-failed"):
            self._give_back = disk.claim(path)
        try:
            with _told("ledger-unreadable"):
                self._db = _connect(path, disk.vfs, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
        except BaseException:
            self._give_back()
            raise
        try:
            with _told("ledger-unreadable"):
                self._settle(meta)
                disk.sync_directory(path)
            self.reader = LedgerReader(path, disk.vfs)
        except BaseException:
            self._leave()
            self._db.close()
            self._give_back()
            raise
        self.meta = self.reader.meta

    def _settle(self, meta: dict[str, str]) -> None:
        """Makes a new file, or sees that an old one is a ledger and whole in its form; then sets every PRAGMA."""
        application, user_version, objects = (self._value(f"PRAGMA {name}") for name in HEADER)
        if objects and (application, user_version) != (APPLICATION, FORMAT):
            raise LedgerFault("ledger-foreign", application=application, version=user_version)
        for name, value in PRAGMAS.items():
            self._value(f"PRAGMA {name} = {value}")
            if (got := self._value(f"PRAGMA {name}")) != value:
                raise LedgerFault("ledger-unsafe", setting=name, value=got, wanted=value)
        self._db.set_wal_hook(self._count_pages)
        if not objects:
            with self._transaction():
                for statement in TABLES.values():
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}")
                self._db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        found = dict(_all(self._db, "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
        if found != TABLES:
            odd = sorted(name for name in found.keys() | TABLES.keys() if found.get(name) != TABLES.get(name))
            raise LedgerFault("ledger-foreign", objects=odd)

    def _value(self, sql: str) -> Any:
        """The single value of a statement; None if it has none."""
        rows = _all(self._db, sql)
        return rows[0][0] if rows else None

    def _count_pages(self, _db: apsw.Connection, _name: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(apsw.Error):  # SQLite may have rolled back by itself; either way nothing of it stays
                self._db.execute("ROLLBACK")
            raise

    def prepare(self, group: Group) -> None:
        """Puts a group into SQLite's memory; nothing of it counts until `commit`. LedgerFault `ledger-failed`,
        `ledger-full`."""
        with _told("ledger-failed"):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")  # what did not fit; a full disk ends some transactions by itself
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(INSERT, group.rows)
            for credential, seq in group.credentials:
                self._keep(credential, seq)
            for checkpoint in group.checkpoints:
                self._keep_checkpoint(checkpoint)

    def commit(self) -> None:
        """Returns when what was prepared is on the disk. LedgerFault `ledger-failed`: nothing may be believed after;
        `ledger-full`: none of it is there, and it may be prepared again once there is room."""
        with _told("ledger-failed"):
            self._db.execute("COMMIT")
            if self._pages >= PAGES_BETWEEN_CHECKPOINTS:
                with suppress(apsw.FullError):  # the rows are on the disk; the log grows until there is room to fold it in
                    self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def _keep(self, credential: Credential, seq: int) -> None:
        what = (credential.kind, credential.id)
        if credential.verifier is None:
            self._db.execute("DELETE FROM credential WHERE kind = ? AND id = ?", what)
        else:
            self._db.execute("INSERT OR REPLACE INTO credential VALUES (?, ?, ?, ?)", (*what, credential.verifier, seq))

    def _keep_checkpoint(self, one: Checkpoint) -> None:
        """Two are kept of each view: should the newest be damaged, the one before is still near the end."""
        digest = hashlib.sha256(one.state.encode()).digest()
        self._db.executemany(
            "INSERT OR REPLACE INTO ended VALUES (?, ?, ?, ?)",
            ((one.view, key, one.version, state) for key, state in one.ended),
        )
        self._db.execute(
            "INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?, ?, ?, ?)",
            (one.view, one.seq, one.version, one.hash, one.state, digest),
        )
        self._db.execute(
            "DELETE FROM checkpoint WHERE view = ?1 AND seq NOT IN "
            "(SELECT seq FROM checkpoint WHERE view = ?1 ORDER BY seq DESC LIMIT 2)",
            (one.view,),
        )

    def set_meta(self, key: str, value: str) -> None:
        """Keeps a value in the file's own table, durable on return."""
        with _told("ledger-failed"), self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
        self.meta[key] = value

    def close(self, *, failed: bool = False) -> None:
        """Lets go of the file. After a failure nothing more is written: a sync that failed is never tried again."""
        self.reader.close()
        try:
            with _told("ledger-failed"):
                if failed:
                    self._leave()
                else:
                    with suppress(apsw.BusyError, apsw.FullError):  # being read, or no room: the log stays for the next start
                        self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        finally:
            self._db.close()
            self._give_back()

    def _leave(self) -> None:
        """Lets the write-ahead log lie as it is: whoever opens the file next recovers from it."""
        self._db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
