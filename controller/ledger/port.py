"""What the rest of the controller knows of the ledger: entries go in, rows come out, nothing is ever changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be recorded: `kind` as in `docs/reference/ledger.md`, `body` of JSON values (integers, no floats).

    `actor` is a person's or service account's id, or "station".
    """

    kind: str
    body: Mapping[str, Any]
    actor: str = "station"
    version: int = 1


@dataclass(frozen=True, slots=True)
class Credential:
    """What proves a person, terminal or program. It stands beside the rows, never in them nor in an export.

    `verifier` is what a secret is checked against (a hash, never the secret); None takes the credential away.
    """

    kind: str
    id: str
    verifier: bytes | None


class Row(NamedTuple):
    """An entry with its place in the chain. `body` are the very bytes that were hashed; order is `seq`, never `at`.

    A tuple because it is one: the columns of the file, in their order (and five times cheaper to make than a class).
    """

    seq: int
    epoch: int
    at: str
    clock_trust: str
    actor: str
    kind: str
    version: int
    body: bytes
    prev_hash: bytes
    hash: bytes


class Posting(NamedTuple):
    """Entries that have their numbers `first`..`last` and are on their way to the disk; await `durable` before acting."""

    first: int
    last: int
    durable: Awaitable[None]


class View(Protocol):
    """A fold of the ledger: the same rows give the same view, bit for bit."""

    name: str
    version: int
    families: Container[str]
    """What the kinds of its rows begin with: of no other row it is told."""

    def apply(self, row: Row, body: Mapping[str, Any]) -> None:
        """Takes one row in; `body` is the row's body, already read."""

    def dump(self) -> Any:
        """The whole view as JSON values, for a checkpoint."""

    def load(self, state: Any) -> None:
        """Back to what `dump` gave."""


class Archive(Protocol):
    """One view's records that have ended and left its memory. Each is what the view put away, under the key it gave."""

    def get(self, key: str) -> Any | None:
        """The record, or None. LedgerFault `ledger-unreadable`."""

    def keys(self, prefix: str, after: str, limit: int) -> list[str]:
        """The keys that begin with the prefix and stand above `prefix + after`, sorted, at most `limit`."""


class NoArchive:
    """Of a view that stands alone: nothing was ever put away."""

    def get(self, key: str) -> Any | None:
        """None."""

    def keys(self, prefix: str, after: str, limit: int) -> list[str]:
        """None of them."""
        return []


@runtime_checkable
class Archiving(View, Protocol):
    """A view some of whose records end. They leave memory and checkpoints, which else would grow as long as the station lives."""

    archive: Archive
    """Set by the ledger before anything is loaded."""

    def put_away(self) -> Mapping[str, Any]:
        """Hands over records that have ended, by key, as JSON values; from the next call on `archive` is asked for them.

        Asked just before `dump`, and only once what was handed over the last time is on the disk. A record that was taken
        out of the archive and has changed is handed over again.
        """


class Ledger(Protocol):
    """One station's record. One loop uses it; decisions and their entries are made without an await between them."""

    @property
    def head(self) -> tuple[int, bytes]:
        """Number and hash of the last posted row; (0, 32 zero bytes) when empty."""

    @property
    def durable_seq(self) -> int:
        """The last number that is on the disk."""

    @property
    def epoch(self) -> int:
        """The ledger's own incarnation, in every row: it grows when a ledger is restored from a copy."""

    def ensure_room(self) -> None:
        """Cheap; called before anything opens. LedgerFault `ledger-full` if what follows might not be recorded."""

    def post(self, *entries: Entry, credentials: Iterable[Credential] = ()) -> Posting:
        """Numbers, chains and folds the entries at once and queues them as one commit: all of them last, or none.

        Credentials go with the entries that tell of them, in the same commit. TypeError if a body holds what is no
        JSON value, or a float; nothing is posted then. Raises LedgerFault if an earlier commit failed; from then on
        for ever.
        """

    def credential(self, kind: str, identity: str) -> bytes | None:
        """The verifier last posted under that kind and id, or None."""

    async def append(self, *entries: Entry) -> int:
        """`post`, then waits for the disk. Returns the last number."""

    async def settled(self) -> None:
        """Returns when everything posted so far is on the disk. Whoever tells someone something waits for it first.

        Not for who acts: those await a posting's `durable`, and are woken before.
        """

    async def verify_rest(self) -> int:
        """Verifies what opening left: the chain up to the oldest checkpoint used, in slices that leave the loop free.

        Returns how many rows hold. LedgerFault `ledger-broken` names the first that does not, `ledger-unreadable` if
        the file cannot be read; recording goes on all the same, since what is seen now is worth keeping.
        """

    def read(self, after: int, limit: int, kinds: Iterable[str] | None = None) -> list[Row]:
        """Durable rows with a number above `after`, in order, at most `limit`."""

    def subscribe(
        self, watcher: Callable[[Row, Mapping[str, Any]], None], kinds: frozenset[str] | None = None
    ) -> Callable[[], None]:
        """Calls `watcher` for each row (of these kinds) once it is durable, in order. Returns what ends the subscription."""

    async def wait_for(
        self, kinds: Iterable[str], where: Callable[[Mapping[str, Any]], bool], after: int
    ) -> tuple[Row, Mapping[str, Any]]:
        """The first durable row above `after` of one of the kinds for which `where(body)` holds; waits until there is."""
