"""PINs: Argon2id over the PIN and the site's pepper, worked out in one thread so that a rush of log-ins delays nobody else."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from drivers.faults import Refused

SHORTEST, LONGEST = 4, 8
PEPPER_BYTES = 32


def site_pepper(path: Path) -> bytes:
    """The site's pepper, made at the first start. The file is its owner's alone, and is no part of any backup of the ledger."""
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(PEPPER_BYTES))
    return path.read_bytes()


def check_pin(pin: str) -> None:
    """Raises Refused("pin-weak") for what is not 4 to 8 digits, one digit over and over, or a run up or down."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise Refused("pin-weak", why=f"a PIN has {SHORTEST} to {LONGEST} digits")
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    if steps in ({0}, {1}, {9}):
        raise Refused("pin-weak", why="one digit over and over, or a run, is guessed first")


class Pins:
    """Makes and checks verifiers. `threaded=False` works in the caller's own thread, for virtual time."""

    def __init__(self, pepper: bytes, hasher: PasswordHasher | None = None, *, threaded: bool = True) -> None:
        self._pepper, self._hasher = pepper, hasher or PasswordHasher()
        self._thread = ThreadPoolExecutor(1, "pins") if threaded else None
        self._nobody = self._hash(secrets.token_hex(8))

    async def verifier(self, pin: str) -> bytes:
        """What is kept in place of the PIN. Raises Refused("pin-weak")."""
        check_pin(pin)
        if self._thread is None:
            return self._hash(pin)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._hash, pin)

    async def match(self, pin: str, verifier: bytes | None) -> bool:
        """Whether the PIN is the one. Without a verifier (nobody of that name) the same work is done for nothing."""
        if self._thread is None:
            return self._match(pin, verifier)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._match, pin, verifier)

    def fingerprint(self, badge: str) -> str:
        """A badge's mark for the ledger: keyed, so that it cannot be guessed from an export."""
        return hmac.new(self._pepper, b"badge:" + badge.encode(), hashlib.sha256).hexdigest()

    def close(self) -> None:
        """Ends the thread."""
        if self._thread is not None:
            self._thread.shutdown()

    def _hash(self, pin: str) -> bytes:
        return self._hasher.hash(self._peppered(pin)).encode()

    def _match(self, pin: str, verifier: bytes | None) -> bool:
        try:
            right = self._hasher.verify((verifier or self._nobody).decode(), self._peppered(pin))
        except (Argon2Error, InvalidHashError):
            return False
        return right and verifier is not None

    def _peppered(self, pin: str) -> bytes:
        return hmac.new(self._pepper, b"pin:" + pin.encode(), hashlib.sha256).digest()
