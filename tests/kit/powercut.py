"""A disk in memory that loses power: what was written and not synced survives whole, torn, in any order, or not at all.

The ledger that ships runs on it (`SqliteLedger.open(disk=...)`): SQLite's own code decides what to write and when to
sync; only the bytes go here. Locks and the shared index of the write-ahead log are those of a real, empty file, since
they are about processes and not about power.

The model of a cut. Each file has its durable bytes and the writes since its last sync. At a cut every write is split
at sectors, and each piece survives or not by itself: as a later piece covers an earlier one, this is every order in
which a disk may have written them. A piece may be torn at any byte. A truncation survives or not. A name that was made
or taken away survives for sure only after a sync of the directory, which comes with the first sync of a new file.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import apsw

SECTOR = 512
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None

_names = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes handed to the disk."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file made shorter."""

    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """All of a file is on the disk when this returns; with the first sync of a new file, the directory is too."""

    file: str


@dataclass(frozen=True, slots=True)
class SyncDirectory:
    """Every name that was made or taken away so far is so on the disk."""


@dataclass(frozen=True, slots=True)
class Delete:
    """A file is gone; after a cut it may be back, until the directory is synced."""

    file: str


Op = Write | Truncate | Sync | SyncDirectory | Delete


@dataclass(slots=True)
class _Stored:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Write | Truncate] = field(default_factory=list)
    named: bool = False
    deleted: bool = False


class Platter:
    """What is really on the disk: durable bytes, and what is on its way."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self._files = {name: _Stored(bytearray(data), named=True) for name, data in (files or {}).items()}

    def take(self, op: Op) -> None:
        """One operation, in the order in which it was asked for."""
        if isinstance(op, SyncDirectory):
            self._files = {name: stored for name, stored in self._files.items() if not stored.deleted}
            for stored in self._files.values():
                stored.named = True
            return
        stored = self._files.setdefault(op.file, _Stored())
        if isinstance(op, Delete):
            stored.deleted = True
        elif isinstance(op, Sync):
            for one in stored.pending:
                _apply(stored.durable, one)
            stored.pending.clear()
            if not stored.named:
                self.take(SyncDirectory())
        else:
            if stored.deleted:
                self._files[op.file] = stored = _Stored()
            stored.pending.append(op)

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """The files that are found when the power is back: one of the many outcomes that the disk allows."""
        keep = chance.choice((0.0, 0.1, 0.5, 0.5, 0.9, 1.0))
        found = {}
        for name, stored in self._files.items():
            if (not stored.named or stored.deleted) and chance.random() >= keep:
                continue
            data = bytearray(stored.durable)
            for op in stored.pending:
                for piece in _pieces(op, chance):
                    if chance.random() < keep:
                        _apply(data, piece)
            found[name] = bytes(data)
        return found


def _pieces(op: Write | Truncate, chance: random.Random) -> list[Write | Truncate]:
    """A write as the sectors it touches, one in eight of them torn."""
    if isinstance(op, Truncate):
        return [op]
    pieces: list[Write | Truncate] = []
    at = 0
    while at < len(op.data):
        size = min(SECTOR - (op.offset + at) % SECTOR, len(op.data) - at)
        kept = chance.randrange(size + 1) if chance.random() < 1 / 8 else size
        pieces.append(Write(op.file, op.offset + at, op.data[at : at + kept]))
        at += size
    return pieces


def _apply(data: bytearray, op: Write | Truncate) -> None:
    if isinstance(op, Truncate):
        del data[op.size :]
        return
    if len(data) < op.offset:
        data.extend(bytes(op.offset - len(data)))
    data[op.offset : op.offset + len(op.data)] = op.data


@dataclass(slots=True)
class Failure:
    """The n-th write (or sync) fails, counted from 1: once, or from then on. `seen` counts them, failing or not."""

    nth: int = 0
    always: bool = False
    seen: int = 0

    def strikes(self) -> bool:
        """Counts one more; whether it fails."""
        self.seen += 1
        return self.nth > 0 and (self.seen == self.nth or (self.always and self.seen > self.nth))


class PowerCutDisk:
    """A `controller.ledger.disk.Disk` to open ledgers on. `files` is what it begins with.

    `log` holds every operation if `record` is set, with whatever else a test puts into it. `writes` and `syncs` make the
    n-th one fail, `fills` has others take all of the disk at the n-th write; `capacity` is its size. `ends` is the n-th
    operation of any kind at which it goes away under us: it is `dead`, nothing is taken any more, `on_end` is told.
    `on_failure` is told of each operation that fails. `lies` is a disk that calls a sync done without doing it.
    """

    def __init__(
        self, files: dict[str, bytes] | None = None, *, record: bool = False, capacity: int = 1 << 30, lies: bool = False
    ) -> None:
        self.vfs = f"powercut-{next(_names)}"
        self.directory = tempfile.mkdtemp(prefix=self.vfs, dir=MEMORY)
        self.path = os.path.join(self.directory, "ledger")
        self.platter = Platter(files)
        self.contents = {name: bytearray(data) for name, data in (files or {}).items()}
        self.log: list[Op | Any] | None = [] if record else None
        self.writes, self.syncs, self.fills, self.ends = Failure(), Failure(), Failure(), Failure()
        self.on_end: Callable[[], None] = lambda: None
        self.on_failure: Callable[[], None] = lambda: None
        self.capacity = capacity
        self.reserved = 0
        self.dead = False
        self.lies = lies
        self.claimed = False
        self._vfs = _Vfs(self)

    def __enter__(self) -> PowerCutDisk:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def discard(self) -> None:
        """Gives back the names and the real, empty files."""
        self._vfs.unregister()
        shutil.rmtree(self.directory, ignore_errors=True)

    def cut(self, chance: random.Random) -> dict[str, bytes]:
        """The power goes: nothing is taken any more. Returns the files a new disk begins with."""
        self.dead = True
        return self.platter.after_cut(chance)

    def claim(self, path: str) -> Callable[[], None]:
        assert not self.claimed, "two processes on one disk"
        self.claimed = True

        def give_back() -> None:
            self.claimed = False

        return give_back

    def sync_directory(self, path: str) -> None:
        try:
            self.take(SyncDirectory())
        except apsw.IOError as error:
            raise OSError(5, str(error)) from error

    def free(self, path: str) -> int:
        return self.capacity - self.reserved - sum(len(data) for data in self.contents.values())

    def reserve(self, path: str, size: int) -> None:
        if self.free(path) < size:
            raise OSError(28, "no space left on the disk")
        self.reserved = size

    def release(self, path: str) -> None:
        self.reserved = 0

    def take(self, op: Op) -> None:
        """An operation reaches the disk, or the disk says why not."""
        if not self.dead and self.ends.strikes():
            self.dead = True
            self.on_end()
        if self.dead:
            raise apsw.IOError("the power is off")
        if isinstance(op, Sync | SyncDirectory):
            if self.syncs.strikes():
                self.on_failure()
                raise apsw.IOError("the sync failed")
            if self.lies:
                return
        elif isinstance(op, Write):
            self._write(op)
        elif isinstance(op, Truncate):
            _apply(self.contents.setdefault(op.file, bytearray()), op)
        else:
            self.contents.pop(op.file, None)
        self._note(op)

    def _write(self, op: Write) -> None:
        data = self.contents.setdefault(op.file, bytearray())
        if self.fills.strikes():
            self.capacity -= self.free(op.file)
        growth = op.offset + len(op.data) - len(data)
        if growth > 0 and growth > self.free(op.file):
            raise apsw.FullError("the disk is full")
        if self.writes.strikes():
            half = Write(op.file, op.offset, op.data[: len(op.data) // 2])
            _apply(data, half)
            self._note(half)
            self.on_failure()
            raise apsw.IOError("the write failed")
        _apply(data, op)

    def _note(self, op: Op) -> None:
        self.platter.take(op)
        if self.log is not None:
            self.log.append(op)


class _Vfs(apsw.VFS):
    def __init__(self, disk: PowerCutDisk) -> None:
        self._disk = disk
        super().__init__(disk.vfs, "unix")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        base = os.path.basename(path)
        if self._disk.dead or (not flags[0] & apsw.SQLITE_OPEN_CREATE and base not in self._disk.contents):
            raise apsw.CantOpenError(f"there is no {base}")
        self._disk.contents.setdefault(base, bytearray())
        flags[1] = flags[0]
        return _Main(self._disk, base, path) if flags[0] & apsw.SQLITE_OPEN_MAIN_DB else _Beside(self._disk, base)

    def xAccess(self, pathname: str, flags: int) -> bool:
        return os.path.basename(pathname) in self._disk.contents

    def xDelete(self, filename: str, syncdir: bool) -> None:
        name = os.path.basename(filename)
        if name not in self._disk.contents:
            raise apsw.IOError("there is no such file")
        self._disk.take(Delete(name))
        if syncdir:
            self._disk.take(SyncDirectory())


class _Bytes:
    """The bytes of one open file."""

    def __init__(self, disk: PowerCutDisk, name: str) -> None:
        self._disk = disk
        self._name = name

    def xRead(self, amount: int, offset: int) -> bytes:
        if self._disk.dead:
            raise apsw.IOError("the power is off")
        return bytes(self._disk.contents[self._name][offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.take(Write(self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:
        self._disk.take(Truncate(self._name, newsize))

    def xSync(self, flags: int) -> None:
        self._disk.take(Sync(self._name))

    def xFileSize(self) -> int:
        return len(self._disk.contents[self._name])


class _Main(_Bytes, apsw.VFSFile):
    """The database: its locks and shared memory are those of a real, empty file."""

    def __init__(self, disk: PowerCutDisk, name: str, path: str) -> None:
        _Bytes.__init__(self, disk, name)
        opened = apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_READWRITE
        apsw.VFSFile.__init__(self, "unix", path, [opened, 0])


class _Beside(_Bytes):
    """The journal or the write-ahead log: nobody locks it."""

    def xClose(self) -> None: ...

    def xLock(self, level: int) -> None: ...

    def xUnlock(self, level: int) -> None: ...

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE
