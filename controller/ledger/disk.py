"""What the ledger asks of the operating system beside SQLite's own reads and writes: a lock, a reserve, a directory sync."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from drivers.faults import LedgerFault


class Disk(Protocol):
    """Where a ledger lives. Tests put a disk here that loses what was not synced."""

    vfs: str
    """SQLite's name of the file system; empty for its own."""

    def claim(self, path: str) -> Callable[[], None]:
        """Takes the ledger for this process; returns what gives it back. A new file is its owner's alone to read.

        LedgerFault `ledger-in-use` if another has it; OSError.
        """

    def sync_directory(self, path: str) -> None:
        """Makes the names of the files beside `path` durable. SQLite ignores a failure of this; we do not. OSError."""

    def free(self, path: str) -> int:
        """Bytes that may still be written where `path` lies."""

    def reserve(self, path: str, size: int) -> None:
        """Takes `size` bytes of the disk under the name `path`, really written to; again is no harm. OSError."""

    def release(self, path: str) -> None:
        """Gives a reserve back."""


class LocalDisk:
    """The disk of this machine.

    The lock is a file of its own: POSIX drops a process's locks on a file when any descriptor of that file is closed,
    so nothing but SQLite may ever open the ledger itself.
    """

    vfs = ""

    def claim(self, path: str) -> Callable[[], None]:
        lock = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(lock, 32, 0).decode(errors="replace").strip()
            os.close(lock)
            raise LedgerFault("ledger-in-use", path=path, process=owner) from None
        if not Path(path).exists():
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        return lambda: os.close(lock)

    def sync_directory(self, path: str) -> None:
        directory = os.open(Path(path).resolve().parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def free(self, path: str) -> int:
        seen = os.statvfs(os.path.dirname(path) or os.curdir)
        return seen.f_bavail * seen.f_frsize

    def reserve(self, path: str, size: int) -> None:
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(held, 0, size)
            os.fsync(held)
        finally:
            os.close(held)

    def release(self, path: str) -> None:
        Path(path).unlink(missing_ok=True)


LOCAL = LocalDisk()
