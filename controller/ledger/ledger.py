"""The ledger of one station over its file: `controller/ledger/port.py` is what it keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Self

from controller.clock import Clock
from controller.ledger import bodies, opening
from controller.ledger.chain import GENESIS, hash_of
from controller.ledger.disk import LOCAL, Disk
from controller.ledger.port import Archiving, Credential, Entry, Posting, Row, View
from controller.ledger.room import Room
from controller.ledger.sqlite import NO_LIMIT, Checkpoint, EndedRecords, Group, LedgerFile
from controller.ledger.waiting import Body, Durable, Waiting, Watcher
from controller.ledger.writer import Writer
from drivers.faults import LedgerFault

ROWS_IN_A_GROUP = 512
"""What is posted while the disk is idle goes at once, alone; what is posted meanwhile, and by whom that commit wakes, is the next
group. Sending such a group in parts was tried and is slower: its thread then waits for the interpreter's lock."""

ROWS_BETWEEN_CHECKPOINTS = 5000
ROWS_IN_A_LOOK_BACK = 200


class SqliteLedger:
    """The port's `Ledger` on one SQLite file. `SqliteLedger.open` makes one; it is used from one loop only.

    After a failure it records nothing, for ever: who wants to go on opens it anew and sees what the disk really kept.
    """

    def __init__(self, file: LedgerFile, room: Room, views: Sequence[View], clock: Clock, *, thread: bool) -> None:
        for view in views:
            if isinstance(view, Archiving):
                view.archive = EndedRecords(file.reader, view.name, view.version)
        last, self._unverified = opening.fold(file.reader, views)
        self._file = file
        self._room = room
        self._views = tuple(views)
        self._takers = opening.Takers(views)
        self._clock = clock
        self._simulated = file.meta["simulated"] == "yes"
        self._epoch = int(file.meta["epoch"])
        self._credentials = {(kind, identity): verifier for kind, identity, verifier in file.reader.credentials()}
        self._head: tuple[int, bytes] = (last.seq, last.hash) if last else (0, GENESIS)
        self._waiting = Waiting(self._head[0])
        apart = ROWS_BETWEEN_CHECKPOINTS // max(1, len(self._views))
        self._due = [self._head[0] + ROWS_BETWEEN_CHECKPOINTS + n * apart for n, _ in enumerate(self._views)]
        self._next_due = min(self._due, default=NO_LIMIT)
        self._put_away = 0
        """The row with which records were last put away."""
        self._queue: list[Group] = []
        self._busy = False
        self._closed = False
        self._sent = Group()
        self._writer = Writer(file.commit, self._committed, thread=thread)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        views: Sequence[View] = (),
        clock: Clock,
        simulated: bool,
        station: str = "station",
        thread: bool = True,
        raise_epoch: bool = False,
        disk: Disk = LOCAL,
    ) -> Self:
        """Opens or makes the ledger at `path`, brings `views` to its last row and verifies the tail of its chain.

        A ledger begun on a simulated site is refused on a real one, and the other way round. `raise_epoch` is for a
        ledger restored from a copy. LedgerFault: `ledger-in-use`, `ledger-foreign`, `ledger-unsafe`,
        `ledger-unreadable`, `ledger-broken`, `ledger-failed`.
        """
        meta = {"station": station, "simulated": "yes" if simulated else "no", "epoch": "1"}
        file = LedgerFile(str(path), disk, meta)
        try:
            if file.meta.keys() != meta.keys():
                raise LedgerFault("ledger-broken", seq=0, reason="its table `meta` is not whole")
            if file.meta["simulated"] != meta["simulated"]:
                raise LedgerFault("ledger-foreign", simulated=file.meta["simulated"], wanted=meta["simulated"])
            if raise_epoch:
                file.set_meta("epoch", str(int(file.meta["epoch"]) + 1))
            room = Room(disk, str(path))
            room.enough()  # takes the reserve now; whether it could is asked before each act
            return cls(file, room, views, clock, thread=thread)
        except BaseException:
            file.close(failed=True)
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Waits for what was posted, leaves a checkpoint of every view and lets go of the file; again is no harm."""
        if self._closed:
            return
        self._closed = True
        try:
            if self.failure is None:
                await self.settled()
                self._due = [0] * len(self._due)
                self._writer.stop()
                self._file.prepare(Group(checkpoints=self._checkpoints()))
                self._file.commit()
        except LedgerFault as fault:
            self._waiting.fail(fault)
            if fault.code != "ledger-full":  # then only the checkpoints did not fit, and the next start reads a longer tail
                raise
        finally:
            self._writer.stop()
            failed = self.failure is not None
            self._waiting.fail(LedgerFault("ledger-closed"))
            self._file.close(failed=failed)

    def abandon(self) -> None:
        """Lets go of the file as a death of the process would: what is queued is not written, nobody is told."""
        self._closed = True
        self._waiting.fail(LedgerFault("ledger-closed"))
        self._writer.stop()
        self._file.close(failed=True)

    @property
    def head(self) -> tuple[int, bytes]:
        return self._head

    @property
    def durable_seq(self) -> int:
        return self._waiting.durable_seq

    @property
    def failure(self) -> LedgerFault | None:
        """Why nothing is recorded any more; None while all is well."""
        return self._waiting.failure

    @property
    def epoch(self) -> int:
        return self._epoch

    def ensure_room(self) -> None:
        self._waiting.refuse_if_failed()
        if not self._room.enough():
            raise LedgerFault("ledger-full")

    def credential(self, kind: str, identity: str) -> bytes | None:
        return self._credentials.get((kind, identity))

    def post(self, *entries: Entry, credentials: Iterable[Credential] = ()) -> Posting:
        first, last = self._record(entries, credentials)
        return Posting(first, last, Durable(self._waiting, last))

    async def append(self, *entries: Entry) -> int:
        _, last = self._record(entries, ())
        await self._waiting.until(last)
        return last

    async def settled(self) -> None:
        await self._waiting.told(self._head[0])

    def read(self, after: int, limit: int, kinds: Iterable[str] | None = None) -> list[Row]:
        return self._file.reader.read(after, limit, self.durable_seq, kinds)

    def subscribe(self, watcher: Watcher, kinds: frozenset[str] | None = None) -> Callable[[], None]:
        return self._waiting.subscribe(watcher, kinds)

    async def wait_for(self, kinds: Iterable[str], where: Callable[[Body], bool], after: int) -> tuple[Row, Body]:
        wanted = frozenset(kinds)
        while after < self.durable_seq and (rows := self.read(after, ROWS_IN_A_LOOK_BACK, wanted)):
            for row in rows:
                body = bodies.read(row.body)
                if where(body):
                    return row, body
            after = rows[-1].seq
            await asyncio.sleep(0)
        return await self._waiting.next_of(wanted, where, after)

    async def verify_rest(self) -> int:
        return await opening.verify_upto(self._file.reader, self._unverified)

    def _record(self, entries: Sequence[Entry], credentials: Iterable[Credential]) -> tuple[int, int]:
        """Numbers, seals and folds the entries and queues them as one unit. Returns their first and last number."""
        self._waiting.refuse_if_failed()
        if not entries:
            raise ValueError("nothing is posted without an entry")
        rows = self._sealed(entries)
        first, last = rows[0].seq, rows[-1].seq
        checkpoints = self._fold(rows)
        if not self._queue or len(self._queue[-1].rows) >= ROWS_IN_A_GROUP:
            self._queue.append(Group())
        queued = self._queue[-1]  # a unit is never split, so the last one may overfill its group
        queued.rows += rows
        queued.checkpoints += checkpoints
        for credential in credentials:
            self._know(credential)
            queued.credentials.append((credential, first))
        if not self._busy:
            self._send()
        return first, last

    def _sealed(self, entries: Sequence[Entry]) -> list[Row]:
        """The entries as rows after the head."""
        at, trust, epoch = self._clock.stamp(), self._clock.trust, self._epoch
        seq, prev = self._head
        rows: list[Row] = []
        for entry in entries:
            seq += 1
            kind, version, actor = entry.kind, entry.version, entry.actor
            raw = bodies.written({**entry.body, "simulated": True} if self._simulated else entry.body)
            sealed = hash_of(prev, seq, epoch, at, trust, actor, kind, version, raw)
            rows.append(Row(seq, epoch, at, trust, actor, kind, version, raw, prev, sealed))
            prev = sealed
        return rows

    def _fold(self, rows: list[Row]) -> list[Checkpoint]:
        """Moves the head and every view to the last of the rows. Returns the checkpoints that fall due.

        A view that cannot take a row is a defect after which no view is to be trusted, and nothing is recorded.
        """
        try:
            for row in rows:
                if takers := self._takers[row.kind]:
                    body = bodies.read(row.body)  # as every later fold will read it, not as the caller holds it
                    for view in takers:
                        view.apply(row, body)
            self._head = (rows[-1].seq, rows[-1].hash)
            return self._checkpoints() if rows[-1].seq >= self._next_due else []
        except Exception as error:
            self._waiting.fail(LedgerFault("ledger-failed", why=f"a view failed at row {rows[-1].seq}: {error!r}"))
            raise

    def _know(self, credential: Credential) -> None:
        if credential.verifier is None:
            self._credentials.pop((credential.kind, credential.id), None)
        else:
            self._credentials[credential.kind, credential.id] = credential.verifier

    def _checkpoints(self) -> list[Checkpoint]:
        """Of the views whose turn it is; they take turns, so that no posting waits for all of them."""
        seq, sealed = self._head
        made = []
        for n, view in enumerate(self._views):
            if self._due[n] <= seq:
                ended = self._ended(view)
                made.append(Checkpoint(view.name, view.version, seq, sealed, bodies.state_written(view.dump()), ended))
                self._due[n] = seq + ROWS_BETWEEN_CHECKPOINTS
        self._next_due = min(self._due, default=NO_LIMIT)
        return made

    def _ended(self, view: View) -> tuple[tuple[str, str], ...]:
        """What leaves the view's memory now; nothing before the last that left is on the disk."""
        if not isinstance(view, Archiving) or self._put_away > self.durable_seq:
            return ()
        self._put_away = self._head[0]
        return tuple((key, bodies.state_written(record)) for key, record in view.put_away().items())

    def _send(self) -> None:
        """Gives the oldest group to the writer, which is idle; what is posted meanwhile goes with the next."""
        self._busy = bool(self._queue) and self.failure is None
        if not self._busy:
            return
        self._sent = self._queue.pop(0)
        self._room.spend()
        self._begin()

    def _begin(self) -> None:
        """Prepares what is to be sent and has it committed."""
        try:
            self._file.prepare(self._sent)
        except LedgerFault as fault:
            self._not_there(fault)
        else:
            self._writer.start()

    def _committed(self, error: Exception | None) -> None:
        """A group is on the disk: the next one goes, and this one is told. Or it is not there."""
        if error is not None:
            self._not_there(error)
            return
        self._waiting.tell(self._sent.rows)
        asyncio.get_running_loop().call_soon(self._send)

    def _not_there(self, error: Exception) -> None:
        """A disk that was filled under us gets the reserve and the same group again. Anything else is the end."""
        full = isinstance(error, LedgerFault) and error.code == "ledger-full"
        if full and self._room.give_up():
            self._begin()
        elif isinstance(error, LedgerFault) and not full:
            self._waiting.fail(error)
        else:
            self._waiting.fail(LedgerFault("ledger-failed", why=str(error) if full else repr(error)))
