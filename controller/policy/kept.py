"""What is kept of open sessions beside the ledger, so that a restart of the daemon ends none and a reboot of the machine ends all.

The file holds no token, only its digest, and times of the monotonic clock, which on Linux counts from the boot: they mean
something only as long as the machine has not booted again, and the file says under which boot it was written. It goes with
the ledger: a session that this does not hold open is over, whatever the file says (docs/decisions/0072).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

log = logging.getLogger(__name__)

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Linux: another one at every boot of the machine (proc_sys_kernel(5))."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Record(BaseModel):
    """The base of what stands in the file: nothing unknown, nothing coerced, no infinite time."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class KeptSession(Record):
    """One session that had not ended; times are seconds of the monotonic clock.

    `token` and `enrolment` are digests of what proves the session and its terminal; `version` is the person's at the time.
    """

    session: str
    person: str
    terminal: str
    token: Digest
    enrolment: Digest
    version: int
    opened: float = Field(ge=0)
    touched: float = Field(ge=0)
    locked: float | None = Field(ge=0)
    held: bool
    place: str


class _File(Record):
    boot: str
    sessions: list[KeptSession]


class Keeping(Protocol):
    """Where it is kept. Bytes that were written and lost with the power are no harm: that is a boot."""

    boot: str
    """Names this life of the machine."""

    def load(self) -> bytes:
        """What was saved last; nothing where there is none, or none that can be read."""

    def save(self, content: bytes) -> None:
        """Replaces it as a whole."""


class NotKept:
    """For who only looks people up, or changes them while no daemon runs."""

    boot = ""

    def load(self) -> bytes:
        """Nothing."""
        return b""

    def save(self, content: bytes) -> None:
        """Nothing is kept."""


class SessionsFile:
    """A file of its owner's alone. It is never synced: it has to outlive the daemon, not the machine."""

    def __init__(self, path: Path, boot: str) -> None:
        self._path, self.boot = path, boot

    def load(self) -> bytes:
        """The file's content; nothing where there is none, or it cannot be read: then everybody logs in again."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as why:
            log.warning("%s cannot be read, so everybody logs in again: %s", self._path, why)
            return b""

    def save(self, content: bytes) -> None:
        """Replaces the file in one step. What cannot be written leaves the old one, which the ledger and the clock correct."""
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
            new.replace(self._path)
        except OSError as why:
            log.warning("%s cannot be written; a restart would end sessions: %s", self._path, why)


def boot_id() -> str:
    """This life of the machine."""
    return BOOT_ID.read_text().strip()


def written(sessions: Iterable[KeptSession], boot: str) -> bytes:
    """The file's content."""
    return _File(boot=boot, sessions=list(sessions)).model_dump_json().encode()


def read(content: bytes, boot: str, now: float) -> dict[str, KeptSession]:
    """The kept sessions by id. None at all of a file that is torn, of another boot, or whose times are yet to come."""
    if not content:
        return {}
    try:
        file = _File.model_validate_json(content)
    except ValidationError:
        log.warning("what was kept of sessions is not whole, so everybody logs in again")
        return {}
    times = (time for one in file.sessions for time in (one.opened, one.touched, one.locked or 0.0))
    if file.boot != boot or any(time > now for time in times):
        return {}
    return {one.session: one for one in file.sessions}
