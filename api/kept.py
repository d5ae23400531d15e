"""What only the daemon may read: small secret files of the state folder, their owner's alone (0600)."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from drivers.faults import SiteFault

LARGEST = 64 * 1024


def kept(path: Path) -> str:
    """The text of a secret file.

    Raises SiteFault("secret-unsafe") where it is not there, no plain file, somebody else's, or open to anybody else.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise SiteFault("secret-unsafe", path=str(path), why="it is no plain file")
            if found.st_uid != os.geteuid() or found.st_mode & 0o077:
                raise SiteFault("secret-unsafe", path=str(path), why="it is not its owner's alone (chmod 600)")
            return file.read(LARGEST).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise SiteFault("secret-unsafe", path=str(path), why=str(error)) from error


def keep(path: Path, text: str) -> None:
    """Puts a secret in the place of what was there, whole or not at all, on the disk when this returns. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
