"""What the port promises, on a real file; and what happens when the disk or a view fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest import mock

import apsw
import pytest

from controller.clock import Clock
from controller.ledger import bodies
from controller.ledger import format as form
from controller.ledger.disk import LocalDisk
from controller.ledger.ledger import SqliteLedger
from controller.ledger.port import Credential, Entry
from controller.ledger.room import LOW, RESERVE
from controller.ledger.verify import verify
from drivers.faults import LedgerFault
from tests.kit.powercut import PowerCutDisk
from tests.kit.views import Tally


def opened(path: Path, **more: Any) -> SqliteLedger:
    return SqliteLedger.open(path, **{"clock": Clock(), "simulated": True, **more})


def fact(n: int = 0) -> Entry:
    return Entry("test.fact", {"n": n})


async def test_entries_get_their_numbers_at_once_and_last_together(tmp_path: Path) -> None:
    view, told = Tally(), list[int]()
    async with opened(tmp_path / "ledger", views=[view]) as ledger:
        ledger.subscribe(lambda row, _: told.append(row.seq))
        posting = ledger.post(fact(1), fact(2))
        assert (posting.first, posting.last, ledger.head[0], view.total) == (1, 2, 2, 3)
        assert (ledger.durable_seq, ledger.read(0, 9), told) == (0, [], [])
        await posting.durable
        await posting.durable
        assert (ledger.durable_seq, [row.seq for row in ledger.read(0, 9)], told) == (2, [1, 2], [1, 2])
        assert bodies.read(ledger.read(0, 1)[0].body) == {"n": 1, "simulated": True}


async def test_who_acts_on_a_row_goes_on_before_what_its_watchers_begin(tmp_path: Path) -> None:
    order = list[str]()
    async with opened(tmp_path / "ledger") as ledger:
        shown = asyncio.get_running_loop().create_future()
        ledger.subscribe(lambda row, _: shown.set_result(row.seq))

        async def goes_on(waited: Awaitable[object], who: str) -> None:
            await waited
            order.append(who)

        posting = ledger.post(fact())
        await asyncio.gather(goes_on(shown, "the watched"), goes_on(posting.durable, "the act"))
    assert order == ["the act", "the watched"]


async def test_many_writers_share_commits_and_nothing_is_lost(tmp_path: Path) -> None:
    async with opened(tmp_path / "ledger") as ledger, asyncio.TaskGroup() as tasks:
        for n in range(64):
            tasks.create_task(ledger.append(*[fact(n)] * 30))
    report = verify(tmp_path / "ledger")
    assert (report.holds, report.rows) == (True, 1920)


@pytest.mark.parametrize("body", [{"x": 1.5}, {"x": float("nan")}, {"x": [1e300]}, {"x": object()}, {1: {2}}])
async def test_what_is_no_value_is_refused_and_nothing_is_posted(tmp_path: Path, body: dict[Any, Any]) -> None:
    async with opened(tmp_path / "ledger") as ledger:
        with pytest.raises((TypeError, ValueError)):
            ledger.post(fact(), Entry("test.fact", body))
        with pytest.raises(ValueError, match="without an entry"):
            ledger.post()
        assert ledger.head[0] == 0
        assert await ledger.append(Entry("test.fact", {"text": "1.5 e+ e-"})) == 1


async def test_waiting_finds_what_was_and_what_comes(tmp_path: Path) -> None:
    async with opened(tmp_path / "ledger") as ledger:
        await ledger.append(*[fact(n) for n in range(500)])
        row, body = await ledger.wait_for(["test.fact"], lambda body: body["n"] == 450, after=3)
        assert (row.seq, body["n"]) == (451, 450)
        async with asyncio.TaskGroup() as tasks:
            later = tasks.create_task(ledger.wait_for(["test.other"], lambda _: True, after=0))
            await asyncio.sleep(0)
            ledger.post(fact(), Entry("test.other", {}))
        assert later.result()[0].seq == 502
        assert [row.kind for row in ledger.read(499, 9, ["test.other"])] == ["test.other"]


async def test_who_acts_on_a_row_is_woken_before_who_tells_of_it(tmp_path: Path) -> None:
    woken = list[str]()

    async def tells(ledger: SqliteLedger) -> None:
        await ledger.settled()
        woken.append("told")

    async def acts(durable: Awaitable[None]) -> None:
        await durable
        for _ in range(4):
            await asyncio.sleep(0)
        woken.append("acted")

    async with opened(tmp_path / "ledger") as ledger, asyncio.TaskGroup() as tasks:
        posting = ledger.post(fact())
        tasks.create_task(tells(ledger))
        await asyncio.sleep(0)
        tasks.create_task(acts(posting.durable))
    assert woken == ["acted", "told"]


async def test_a_watcher_hears_of_the_kinds_it_wants_only(tmp_path: Path) -> None:
    some, every = list[int](), list[int]()
    async with opened(tmp_path / "ledger") as ledger:
        ledger.subscribe(lambda row, _: some.append(row.seq), frozenset({"test.other"}))
        ledger.subscribe(lambda row, _: every.append(row.seq))
        await ledger.append(fact(), Entry("test.other", {}), fact())
    assert (some, every) == ([2], [1, 2, 3])


async def test_a_watcher_s_defect_is_its_own(tmp_path: Path) -> None:
    said, told = list[str](), list[int]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context["message"]))
    async with opened(tmp_path / "ledger") as ledger:
        ledger.subscribe(lambda row, _: 1 // 0)
        end = ledger.subscribe(lambda row, _: told.append(row.seq))
        await ledger.append(fact())
        end()
        end()
        await ledger.append(fact())
    assert (said, told) == ([f"a watcher of the ledger failed at row {n}" for n in (1, 2)], [1])


async def test_credentials_stand_beside_the_rows_and_go_with_them(tmp_path: Path) -> None:
    async with opened(tmp_path / "ledger") as ledger:
        ledger.post(fact(), credentials=[Credential("pin", "ada", b"first verifier"), Credential("pin", "bo", b"two")])
        ledger.post(fact(), credentials=[Credential("pin", "ada", None)])
    async with opened(tmp_path / "ledger") as ledger:
        assert (ledger.credential("pin", "ada"), ledger.credential("pin", "bo")) == (None, b"two")
    assert b"first verifier" not in (tmp_path / "ledger").read_bytes(), "what was taken away is overwritten"


async def test_one_process_has_it_and_it_is_one_site_s(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    async with opened(path):
        with pytest.raises(LedgerFault, match="ledger-in-use"):
            opened(path)
    with pytest.raises(LedgerFault, match="ledger-foreign"):
        opened(path, simulated=False)
    async with opened(path, raise_epoch=True) as again:
        assert again.epoch == 2
        assert (path.stat().st_mode & 0o777, await again.append(fact())) == (0o600, 1)


async def test_closed_it_says_so_and_closing_beside_a_reader_is_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = opened(path)
    await ledger.append(fact())
    reader = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    cursor = reader.execute("SELECT * FROM entry")
    next(cursor)
    with mock.patch("controller.ledger.sqlite.BUSY_MS", 1):
        ledger._file._db.set_busy_timeout(1)
        await ledger.close()
    await ledger.close()
    cursor.close()
    reader.close()
    with pytest.raises(LedgerFault, match="ledger-closed"):
        ledger.post(fact())
    assert verify(path).rows == 1


# --- files that are no ledger of ours

OTHERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda path: path.write_text("no database " * 500), "ledger-unreadable"),
    "a folder": (lambda path: path.mkdir(), "ledger-unreadable"),
    "another database": (lambda path: _sql(path, "CREATE TABLE t (x)"), "ledger-foreign"),
}


def _sql(path: Path, *statements: str) -> None:
    db = apsw.Connection(str(path))
    for statement in statements:
        db.execute(statement).fetchall()
    db.close()


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_no_ledger_is_not_touched(tmp_path: Path, what: str) -> None:
    make, code = OTHERS[what]
    make(tmp_path / "ledger")
    for _ in range(2):
        with pytest.raises(LedgerFault, match=code):
            opened(tmp_path / "ledger")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("DROP TRIGGER entry_is_never_changed", "ledger-foreign"),
        ("DELETE FROM meta WHERE key = 'station'", "ledger-broken"),
        ("PRAGMA user_version = 2", "ledger-foreign"),
    ],
)
async def test_a_ledger_whose_form_was_changed_is_refused(tmp_path: Path, change: str, code: str) -> None:
    async with opened(tmp_path / "ledger") as ledger:
        await ledger.append(fact())
    _sql(tmp_path / "ledger", change)
    with pytest.raises(LedgerFault, match=code):
        opened(tmp_path / "ledger")


@pytest.mark.parametrize("name", form.PRAGMAS)
def test_every_setting_is_read_back(tmp_path: Path, name: str) -> None:
    with mock.patch.dict(form.PRAGMAS, {name: "nonsense"}), pytest.raises(LedgerFault, match=rf"ledger-unsafe.*{name}"):
        opened(tmp_path / "ledger")


def test_an_old_sqlite_is_refused(tmp_path: Path) -> None:
    with mock.patch.object(apsw, "sqlite_lib_version", return_value="3.51.2"), pytest.raises(LedgerFault, match="ledger-unsafe"):
        opened(tmp_path / "ledger")


@pytest.mark.parametrize(
    "sql", ["UPDATE entry SET body = '{}'", "DELETE FROM entry", "INSERT OR REPLACE INTO entry SELECT * FROM entry"]
)
async def test_the_file_itself_refuses_a_change(tmp_path: Path, sql: str) -> None:
    async with opened(tmp_path / "ledger") as ledger:
        await ledger.append(fact())
        with pytest.raises(apsw.ConstraintError):
            ledger._file._db.execute(sql)


# --- failures


async def test_the_first_failure_is_the_last_word(tmp_path: Path) -> None:
    with PowerCutDisk() as disk:
        ledger = opened(Path(disk.path), disk=disk, thread=False)
        await ledger.append(fact())
        waiting = asyncio.ensure_future(ledger.wait_for(["test.other"], lambda _: True, 0))
        await asyncio.sleep(0)
        disk.syncs.nth = disk.syncs.seen + 1
        posting = ledger.post(fact())
        with pytest.raises(LedgerFault, match="the sync failed"):
            await posting.durable
        with pytest.raises(LedgerFault, match="ledger-failed"):
            await waiting
        for ask in (ledger.ensure_room, lambda: ledger.post(fact())):
            with pytest.raises(LedgerFault, match="ledger-failed"):
                ask()
        assert [row.seq for row in ledger.read(0, 9)] == [1]
        syncs = disk.syncs.seen
        await ledger.close()
        assert disk.syncs.seen == syncs, "a sync that failed is not tried again"


async def test_a_view_that_fails_ends_all_recording(tmp_path: Path) -> None:
    view = Tally()
    async with opened(tmp_path / "ledger", views=[view]) as ledger:
        await ledger.append(fact())
        with mock.patch.object(view, "apply", side_effect=KeyError("x")), pytest.raises(KeyError):
            ledger.post(fact())
        with pytest.raises(LedgerFault, match="a view failed at row 2"):
            ledger.post(fact())


async def test_a_disk_that_fills_lets_what_is_open_be_recorded_and_nothing_new_open(tmp_path: Path) -> None:
    with PowerCutDisk(capacity=2 * (LOW + RESERVE)) as disk:
        ledger = opened(Path(disk.path), disk=disk, thread=False)
        ledger.ensure_room()
        disk.fills.nth = disk.writes.seen + 3
        for n in range(50):
            await ledger.append(fact(n))
        with pytest.raises(LedgerFault, match="ledger-full"):
            ledger.ensure_room()
        disk.capacity += 2 * (LOW + RESERVE)
        ledger.ensure_room()
        disk.fills.nth = disk.fills.seen + 1
        with (
            mock.patch.object(disk, "reserve", side_effect=OSError(28, "full")),
            mock.patch.object(ledger._room, "_held", new=False),
        ):
            with pytest.raises(LedgerFault, match="ledger-full"):
                ledger.ensure_room()
            with pytest.raises(LedgerFault, match="ledger-failed"):
                await ledger.append(fact())
        ledger.abandon()


async def test_a_disk_that_cannot_say_how_full_it_is_promises_nothing(tmp_path: Path) -> None:
    disk = LocalDisk()
    async with opened(tmp_path / "ledger", disk=disk) as ledger:
        ledger.ensure_room()
        with mock.patch.object(disk, "free", side_effect=OSError(5, "no answer")), pytest.raises(LedgerFault, match="ledger-full"):
            ledger.ensure_room()


async def test_a_stop_on_a_full_disk_keeps_every_row(tmp_path: Path) -> None:
    with PowerCutDisk() as disk:
        ledger = opened(Path(disk.path), disk=disk, thread=False, views=[Tally()])
        await ledger.append(fact())
        disk.capacity = 0
        disk.reserved = 0
        await ledger.close()
        disk.capacity = 1 << 30
        again = opened(Path(disk.path), disk=disk, thread=False)
        assert again.head[0] == 1
        await again.close()


def test_a_loop_that_has_gone_is_told_nothing(tmp_path: Path) -> None:
    ledger = None

    async def post() -> None:
        nonlocal ledger
        ledger = opened(tmp_path / "ledger")
        ledger.post(fact())
        ledger._send()

    asyncio.run(post())
    assert ledger is not None
    ledger.abandon()
    assert verify(tmp_path / "ledger").rows in {0, 1}
