"""PINs: Argon2id over the PIN and the site's pepper, one after the other in a thread, so that a rush of log-ins delays nobody else.

The cost is OWASP's least (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. Decision 0080 says why no more. A verifier
carries the cost it was made with, so one that was made at another still opens.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import os
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import ARGON2_VERSION

from drivers.faults import Refused, SiteFault

SHORTEST, LONGEST = 4, 8
PEPPER_BYTES = 32
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two passes, one lane."""


def site_pepper(path: Path, *, new_site: bool = True) -> bytes:
    """The site's pepper, made at the first start. The file is its owner's alone, and is no part of any backup of the ledger.

    Raises SiteFault("pepper-missing") where people have PINs already (`new_site` False): with another one nobody could log
    in, and nobody would know why.
    """
    if not path.exists():
        if not new_site:
            raise SiteFault("pepper-missing", path=str(path))
        _write_durably(path, secrets.token_bytes(PEPPER_BYTES))
    pepper = path.read_bytes()
    if len(pepper) != PEPPER_BYTES:
        raise SiteFault("pepper-missing", path=str(path))
    return pepper


def _write_durably(path: Path, content: bytes) -> None:
    """On the disk, with its name, before anything that needs it is: a PIN without its pepper opens nothing."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def check_pin(pin: str) -> None:
    """Raises Refused("pin-weak") for what is not 4 to 8 digits, one digit over and over, or a run up or down."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise Refused("pin-weak", why=f"a PIN has {SHORTEST} to {LONGEST} digits")
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    if steps in ({0}, {1}, {9}) or pin in {pin[:2] * half for half in (2, 3, 4)}:
        raise Refused("pin-weak", why="one digit or pair over and over, or a run, is guessed first")


class Pins:
    """Makes and checks verifiers. `threaded=False` works in the caller's own thread, for virtual time."""

    def __init__(self, pepper: bytes, hasher: PasswordHasher | None = None, *, threaded: bool = True) -> None:
        self._pepper, self._hasher = pepper, hasher or HASHER
        self._thread = ThreadPoolExecutor(1, "pins", _step_back) if threaded else None
        self._nobody = _nobodys(self._hasher)

    async def verifier(self, pin: str, owner: str = "") -> bytes:
        """What is kept in place of the owner's PIN; it is worth nothing as another's. Raises Refused("pin-weak")."""
        check_pin(pin)
        if self._thread is None:
            return self._hash(pin, owner)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._hash, pin, owner)

    async def match(self, pin: str, verifier: bytes | None, owner: str = "") -> bool:
        """Whether the PIN is the owner's. Without a verifier (nobody of that name) the same work is done for nothing."""
        if self._thread is None:
            return self._match(pin, verifier, owner)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._match, pin, verifier, owner)

    def fingerprint(self, badge: str) -> str:
        """A badge's mark for the ledger: keyed, so that it cannot be guessed from an export."""
        return hmac.new(self._pepper, b"badge:" + badge.encode(), hashlib.sha256).hexdigest()

    def close(self) -> None:
        """Ends the thread."""
        if self._thread is not None:
            self._thread.shutdown()

    def _hash(self, pin: str, owner: str) -> bytes:
        return self._hasher.hash(self._peppered(pin, owner)).encode()

    def _match(self, pin: str, verifier: bytes | None, owner: str) -> bool:
        try:
            right = self._hasher.verify((verifier or self._nobody).decode(), self._peppered(pin, owner))
        except (Argon2Error, InvalidHashError):
            return False
        return right and verifier is not None

    def _peppered(self, pin: str, owner: str) -> bytes:
        return hmac.new(self._pepper, f"pin:{owner}:{pin}".encode(), hashlib.sha256).digest()


def new_pin(length: int = 6) -> str:
    """A PIN that chance has chosen and nobody guesses first."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(length))
        try:
            check_pin(pin)
        except Refused:
            continue
        return pin


def _nobodys(hasher: PasswordHasher) -> bytes:
    """What a verifier looks like (the Argon2 reference implementation's string form) that no PIN fits: to try one against it is
    the whole work of a real one, to make it is none, and each start of a daemon makes one."""
    salt, tag = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len))
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${tag}".encode()


def _step_back() -> None:
    """Whoever opens a drawer goes before whoever logs in."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
