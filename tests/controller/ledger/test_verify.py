"""The checker against the page, the writer against the checker, and every way in which a file can be wrong."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from controller.clock import Clock
from controller.ledger import chain
from controller.ledger import verify as checker
from controller.ledger.export import export
from controller.ledger.ledger import SqliteLedger
from controller.ledger.port import Entry
from controller.ledger.verify import verify
from drivers.faults import LedgerFault

PAGE = Path("docs/reference/ledger.md").read_text()
VECTOR = re.search(r"```text\n(67616c.*?)\n\n([0-9a-f]{64})\n```", PAGE, re.DOTALL)


@pytest.fixture
async def ledger(tmp_path: Path) -> Path:
    """Twenty rows, with other alphabets in them."""
    path = tmp_path / "ledger"
    async with SqliteLedger.open(path, clock=Clock(), simulated=True, station="störa") as open_:
        for n in range(20):
            await open_.append(Entry("test.fact", {"n": n, "text": 'Zoë,"data":{'}, "ada"))
    return path


def test_the_vector_of_the_page_is_what_both_compute() -> None:
    assert VECTOR is not None
    text, digest = bytes.fromhex(VECTOR[1]), bytes.fromhex(VECTOR[2])
    assert (len(text), hashlib.sha256(text).digest()) == (157, digest)
    at, body = "2031-03-01T06:00:00.000000Z", b'{"reason":"asked"}'
    assert chain.hash_of(bytes(32), 1, 1, at, "system", "station", "station.stopped", 1, body) == digest
    parts = (1, 1, at.encode(), b"system", b"station", b"station.stopped", 1, body, bytes(32), digest)
    assert checker._seal(checker._Found(*parts)) == digest


def test_the_checker_shares_no_code_with_the_writer() -> None:
    tree = ast.parse(Path(checker.__file__).read_text())
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = ("api", "controller", "drivers", "firmware_protocols", "simulators", "sites", ".")
    assert {name for name in imported if name.split(".")[0] in ours or not name.strip(".")} == set()
    assert "dumps" not in Path(checker.__file__).read_text(), "it serialises nothing again"


async def test_a_whole_ledger_and_its_export_hold(ledger: Path, tmp_path: Path) -> None:
    out = tmp_path / "night.jsonl"
    out.write_bytes(b"".join(export(ledger)))
    whole, exported = verify(ledger), verify(out)
    assert whole.holds
    assert (whole.rows, whole.head_seq, whole.epochs) == (20, 20, (1,))
    assert (exported.rows, exported.head_hash, exported.last_at) == (20, whole.head_hash, whole.last_at)
    line = json.loads(out.read_text().splitlines()[0])
    assert line["source"] == "/stations/störa"
    assert list(line) == re.findall(r"^\| `(\w+)` \|", PAGE[PAGE.index("## The export") : PAGE.index("## Kinds")], re.MULTILINE)
    assert [json.loads(text)["sequence"] for text in export(ledger, 18)] == [19, 20]


async def test_it_reads_beside_the_daemon_with_its_write_ahead_log(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    async with SqliteLedger.open(path, clock=Clock(), simulated=True) as open_:
        for n in range(5):
            await open_.append(Entry("test.fact", {"n": n}))
            assert verify(path).rows == n + 1
            assert len(list(export(path))) == n + 1


Spoil = Callable[[apsw.Connection], object]
SPOILED: dict[str, tuple[Spoil, int, str]] = {
    "deleted": (lambda db: db.execute("DELETE FROM entry WHERE seq = 7"), 7, "row 7 is missing"),
    "unlinked": (lambda db: db.execute("UPDATE entry SET prev_hash = zeroblob(32) WHERE seq = 9"), 9, "prev_hash"),
    "edited": (lambda db: db.execute("UPDATE entry SET body = '{}' WHERE seq = 3"), 3, "does not fit its content"),
    "negative": (lambda db: db.execute("UPDATE entry SET epoch = -1 WHERE seq = 4"), 4, "its epoch is -1"),
    "epoch": (lambda db: _resealed(db, 5, epoch=0), 5, "its epoch 0 is lower"),
}


@pytest.mark.parametrize("how", SPOILED)
async def test_the_first_bad_row_is_named(ledger: Path, how: str) -> None:
    spoil, row, why = SPOILED[how]
    _spoil(ledger, spoil)
    broken = verify(ledger).broken
    assert broken is not None
    assert broken.seq == row
    assert why in broken.reason
    assert verify(ledger).rows == row - 1


def _spoil(path: Path, spoil: Spoil) -> None:
    db = apsw.Connection(str(path))
    db.execute("DROP TRIGGER entry_is_never_changed; DROP TRIGGER entry_is_never_deleted").fetchall()
    spoil(db)
    db.close()


def _resealed(db: apsw.Connection, seq: int, epoch: int) -> None:
    """A row with another epoch and the hash that fits it."""
    (row,) = db.execute("SELECT at, clock_trust, actor, kind, version, body, prev_hash FROM entry WHERE seq = ?", (seq,)).fetchall()
    at, trust, actor, kind, version, body, prev = row
    sealed = chain.hash_of(prev, seq, epoch, at, trust, actor, kind, version, body.encode())
    db.execute("UPDATE entry SET epoch = ?, hash = ? WHERE seq = ?", (epoch, sealed, seq))


async def test_a_value_of_another_type_is_named(ledger: Path) -> None:
    _spoil(ledger, lambda db: db.execute("PRAGMA writable_schema = on; UPDATE sqlite_schema SET sql = replace(sql, ' STRICT', '')"))
    _spoil_again = apsw.Connection(str(ledger))
    _spoil_again.execute("UPDATE entry SET body = CAST(body AS BLOB) WHERE seq = 6")
    _spoil_again.close()
    broken = verify(ledger).broken
    assert broken is not None
    assert (broken.seq, broken.reason) == (6, "its body is blob, not text")


async def test_a_damaged_file_is_not_whole(ledger: Path, tmp_path: Path) -> None:
    data = bytearray(ledger.read_bytes())
    for page in range(1, len(data) // 4096):
        copy = tmp_path / "copy"
        copy.write_bytes(data[: page * 4096] + bytes(4096) + data[(page + 1) * 4096 :])
        report = verify(copy)
        assert not report.holds or page_is_free(copy), f"page {page}"
    text = tmp_path / "text"
    text.write_text("no ledger at all, and long enough to be read as one " * 50)
    assert "it is no SQLite file" in (verify(text).broken or checker.Broken(0, "")).reason
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(FileNotFoundError):
        verify(folder)
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "nothing.jsonl")


def page_is_free(path: Path) -> bool:
    """Whether SQLite's own check finds nothing wrong with the file: the page held nothing."""
    return apsw.Connection(str(path)).execute("PRAGMA integrity_check").fetchall() == [("ok",)]


LINES: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda line: line[:-1],
    "no JSON": lambda line: line.replace(b'"specversion"', b"specversion"),
    "members": lambda line: line.replace(b'"id"', b'"ID"'),
    "station": lambda line: line.replace("/stations/störa".encode(), b"/stations/other"),
    "type": lambda line: line.replace(b"org.galenic.", b"com.galenic."),
    "id": lambda line: line.replace("störa/3".encode(), "störa/4".encode()),
    "version": lambda line: line.replace(b'"1.0"', b'"2.0"'),
    "hash": lambda line: re.sub(rb'"rowhash":"..', b'"rowhash":"XY', line),
    "number": lambda line: line.replace(b'"epoch":1', b'"epoch":-1'),
    "body": lambda line: line.replace(b'"n":2', b'"n":3'),
    "list": lambda line: b"[]}\n",
}


@pytest.mark.parametrize("how", LINES)
async def test_a_bad_line_of_an_export_is_named(ledger: Path, tmp_path: Path, how: str) -> None:
    lines = list(export(ledger))
    lines[2] = LINES[how](lines[2])
    out = tmp_path / "night.jsonl"
    out.write_bytes(b"".join(lines))
    broken = verify(out).broken
    assert broken is not None
    assert broken.seq == 3, broken


async def test_what_is_no_ledger_is_not_exported(tmp_path: Path) -> None:
    other = tmp_path / "other"
    apsw.Connection(str(other)).execute("CREATE TABLE t (x)")
    with pytest.raises(LedgerFault, match="ledger-foreign"):
        list(export(other))
    with pytest.raises(LedgerFault, match="ledger-unreadable"):
        list(export(tmp_path / "nothing"))
