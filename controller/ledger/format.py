"""The form of a ledger's file as data: its tables, its settings, whose it is. Described in `docs/reference/ledger.md`."""

from __future__ import annotations

OLDEST = (3, 51, 3)
"""SQLite from 3.7.0 up to the version before can corrupt a WAL file that two connections use (the WAL-reset fault)."""

APPLICATION = 0x47414C45
"""`GALE` in the file's header: says whose file it is."""

FORMAT = 1
"""Number of the table layout, in the header's user version."""

PRAGMAS: dict[str, object] = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a commit returns when its pages are on the disk
    "wal_autocheckpoint": 0,  # SQLite keeps the errors of its own checkpoints to itself; ours are read
    "mmap_size": 0,  # an error of the disk must be an error code, not a signal
    "recursive_triggers": 1,  # else INSERT OR REPLACE would delete a row past the trigger
    "cell_size_check": 1,
    "trusted_schema": 0,
    "secure_delete": 1,  # a verifier that was taken away is overwritten
    "temp_store": 2,
}
"""Each is set and read back on the writing connection: a PRAGMA that fails says nothing."""

TABLES = {
    "entry": """CREATE TABLE entry (
  seq INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL,
  at TEXT NOT NULL,
  clock_trust TEXT NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT""",
    "entry_follows_the_last": """CREATE TRIGGER entry_follows_the_last BEFORE INSERT ON entry
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entry)
BEGIN SELECT RAISE(ABORT, 'an entry follows the last one'); END""",
    "entry_is_never_changed": """CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END""",
    "entry_is_never_deleted": """CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END""",
    "credential": """CREATE TABLE credential (
  kind TEXT NOT NULL, id TEXT NOT NULL, verifier BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID""",
    "checkpoint": """CREATE TABLE checkpoint (
  view TEXT NOT NULL, seq INTEGER NOT NULL, version INTEGER NOT NULL, hash BLOB NOT NULL, state TEXT NOT NULL,
  digest BLOB NOT NULL, PRIMARY KEY (view, seq)
) STRICT""",
    "ended": """CREATE TABLE ended (
  view TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (view, key)
) STRICT, WITHOUT ROWID""",
    "meta": "CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
}
"""Every object of the file, as SQLite keeps its text: a file whose text differs is not opened."""

HEADER = ("application_id", "user_version", "schema_version")
"""Whose file it is, in which format, and whether anything is in it yet (0: nothing)."""

PAGES_BETWEEN_CHECKPOINTS = 1000
COLUMNS = "seq, epoch, at, clock_trust, actor, kind, version, CAST(body AS BLOB), prev_hash, hash"
INSERT = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT), ?, ?)"
