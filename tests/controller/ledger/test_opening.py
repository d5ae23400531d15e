"""From the file back to the views: checkpoints, the tail that is verified first, the rest that is verified later."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import apsw
import pytest

from controller.clock import Clock
from controller.ledger import ledger as ledger_module
from controller.ledger.ledger import SqliteLedger
from controller.ledger.port import Entry
from drivers.faults import LedgerFault
from tests.kit.powercut import PowerCutDisk
from tests.kit.station import simulated_station
from tests.kit.views import Tally
from tests.kit.virtual_loop import run


async def filled(path: Path, rows: int = 60) -> None:
    """A ledger with checkpoints on the way, whose last writer died."""
    with mock.patch.object(ledger_module, "ROWS_BETWEEN_CHECKPOINTS", 20):
        ledger = SqliteLedger.open(path, views=[Tally("a"), Tally("b")], clock=Clock(), simulated=True)
        for n in range(rows):
            await ledger.append(Entry("test.fact", {"n": n}))
        ledger.abandon()


def opened(path: Path) -> tuple[SqliteLedger, list[Tally]]:
    views = [Tally("a"), Tally("b")]
    return SqliteLedger.open(path, views=views, clock=Clock(), simulated=True), views


def edit(path: Path, sql: str) -> None:
    db = apsw.Connection(str(path))
    db.execute("DROP TRIGGER entry_is_never_changed").fetchall()
    db.execute(sql).fetchall()
    db.execute(ledger_module.opening.__doc__ and _trigger()).fetchall()
    db.close()


def _trigger() -> str:
    from controller.ledger.format import TABLES

    return TABLES["entry_is_never_changed"]


async def test_only_the_tail_is_read_before_and_the_rest_is_verified_after(tmp_path: Path) -> None:
    await filled(tmp_path / "ledger")
    ledger, views = opened(tmp_path / "ledger")
    assert [view.dump() for view in views] == [{"kinds": {"test.fact": 60}, "total": 1770, "last": 60}] * 2
    assert 20 < ledger._unverified < 60
    assert await ledger.verify_rest() == ledger._unverified
    await ledger.close()
    again, _ = opened(tmp_path / "ledger")
    assert again._unverified == 60, "an orderly stop leaves nothing to fold"
    await again.close()


async def test_a_bad_row_of_the_tail_keeps_it_shut(tmp_path: Path) -> None:
    await filled(tmp_path / "ledger")
    edit(tmp_path / "ledger", "UPDATE entry SET at = 'never' WHERE seq = 59")
    with pytest.raises(LedgerFault, match="seq=59, reason='its content"):
        opened(tmp_path / "ledger")


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("UPDATE entry SET actor = 'other' WHERE seq = 5", "its content does not fit its hash"),
        ("UPDATE entry SET epoch = -1 WHERE seq = 5", "a column of it is no value of its type"),
        ("UPDATE entry SET prev_hash = zeroblob(32) WHERE seq = 5", "it does not follow the row before it"),
        ("UPDATE entry SET seq = -5 WHERE seq = 5", "row 5 is missing"),
    ],
)
async def test_a_bad_row_before_the_checkpoint_is_found_after(tmp_path: Path, sql: str, why: str) -> None:
    await filled(tmp_path / "ledger")
    edit(tmp_path / "ledger", sql)
    ledger, _ = opened(tmp_path / "ledger")
    with pytest.raises(LedgerFault, match=f"seq=5, reason='{why}"):
        await ledger.verify_rest()
    assert await ledger.append(Entry("test.fact", {"n": 1})) == 61, "what is seen is recorded all the same"
    await ledger.close()


async def test_rows_that_are_missing_before_the_checkpoint_are_found(tmp_path: Path) -> None:
    await filled(tmp_path / "ledger")
    ledger, _ = opened(tmp_path / "ledger")
    with mock.patch.object(ledger, "_unverified", 99), pytest.raises(LedgerFault, match="row 61 is missing"):
        await ledger.verify_rest()
    await ledger.close()


@pytest.mark.parametrize("damage", ["state = '{}'", "hash = zeroblob(32)", "digest = zeroblob(32)", "version = 9"])
async def test_a_checkpoint_that_does_not_fit_is_not_used(tmp_path: Path, damage: str) -> None:
    await filled(tmp_path / "ledger")
    edit(tmp_path / "ledger", f"UPDATE checkpoint SET {damage}")
    ledger, views = opened(tmp_path / "ledger")
    assert (ledger._unverified, views[0].last, views[1].last) == (0, 60, 60)
    await ledger.close()


def test_a_station_finds_the_break_after_it_is_ready_says_so_and_opens_nothing() -> None:
    async def play() -> None:
        with mock.patch.object(ledger_module, "ROWS_BETWEEN_CHECKPOINTS", 5):
            async with simulated_station() as world:
                nurse = await world.log_in("nurse")
                await world.settled("A-01")
                await world.use("A-01", nurse)
                ready = next(row.seq for row in world.ledger.read(0, 99, ["station.ready"]))
                await world.stop()
                _edit_page(world.disk)
                await world.start()
                degraded = await world.until("station.degraded")
                assert (degraded["level"], degraded["reason"], degraded["facts"]["seq"]) == ("L4", "ledger-broken", ready)
                assert world.station.ready
                assert world.station.degraded == "ledger-broken"
                with pytest.raises(LedgerFault, match="ledger-broken"):
                    world.station.permit()
                world.fault("force", drawer="A-01")
                await world.until("drawer.forced", drawer="A-01")
                world.disk.discard()

    run(play())


def _edit_page(disk: PowerCutDisk) -> None:
    """One letter of the row that says the station was ready, in the bytes on the disk."""
    data = disk.contents["ledger"]
    at = data.index(b"station.ready")
    data[at : at + 7] = b"statiom"
