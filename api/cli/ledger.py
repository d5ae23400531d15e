"""`galenic ledger`: whether a station's record is whole, and the record itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.exits import Exit, end, end_with
from api.cli.options import Json
from drivers.faults import Fault

HELP = """A station's record: verify it, export it.

\b
Examples:
  galenic ledger verify ~/.local/state/galenic/ledger.sqlite3
  galenic ledger export ledger.sqlite3 > night.jsonl
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)

File = Annotated[Path, typer.Argument(help="A ledger; its -wal beside it is read too.")]


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="A ledger (its -wal beside it is read too) or an export (.jsonl).")],
    as_json: Json = False,
) -> None:
    """Checks every row from the first, and names the first one that does not hold. Also while the daemon runs.

    \b
    Examples:
      galenic ledger verify ~/.local/state/galenic/ledger.sqlite3
      galenic ledger verify night.jsonl --json

    Ends with 80 if a row does not hold. Rows cut off at the end leave no trace: compare the head with one noted elsewhere.
    """
    from controller.ledger.verify import verify as read

    try:
        report = read(file)
    except OSError as wrong:
        end(Exit.CANNOT_RECORD, f"{file} cannot be read: {wrong.strerror or 'there is no such file'}")
    broken = report.broken
    if as_json:
        told = {
            "file": str(file),
            "holds": report.holds,
            "rows": report.rows,
            "head": {"seq": report.head_seq, "hash": report.head_hash, "at": report.last_at},
            "epochs": list(report.epochs),
            "broken": None if broken is None else {"seq": broken.seq, "reason": broken.reason},
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif broken is None:
        typer.echo(f"OK: {report.rows} rows hold. Head: row {report.head_seq} of {report.last_at}, {report.head_hash}")
    else:
        typer.echo(f"NOT WHOLE: row {broken.seq}: {broken.reason}." if broken.seq else f"NOT WHOLE: {broken.reason}.")
        typer.echo(f"{report.rows} rows before it hold.")
    if broken is not None:
        raise typer.Exit(Exit.NOT_WHOLE)


@app.command("export")
def export(
    file: File,
    after: Annotated[int, typer.Option(min=0, help="Only rows above this number.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Into this new file instead of standard output.")] = None,
) -> None:
    """Writes every durable row as JSON Lines, which `galenic ledger verify` reads too. Also while the daemon runs.

    \b
    Examples:
      galenic ledger export ledger.sqlite3 > night.jsonl
      galenic ledger export ledger.sqlite3 --after 1200 --out since.jsonl

    There is always JSON in it, so there is no --json. Names of patients may be in it; PINs and credentials never.
    """
    from controller.ledger.export import export as rows

    if not file.is_file():
        end(Exit.CANNOT_RECORD, f"{file} cannot be read: there is no such file")
    try:
        if out is None:
            for row in rows(file, after):
                sys.stdout.buffer.write(row)
            sys.stdout.buffer.flush()
            return
        with out.open("xb") as made:
            made.writelines(rows(file, after))
    except Fault as fault:
        end_with(fault)
    except FileExistsError:
        end(Exit.CANNOT_CREATE, f"{out} is there already.")
    except BrokenPipeError:
        raise
    except OSError as wrong:
        end(Exit.CANNOT_CREATE, f"{out or 'standard output'} cannot be written: {wrong.strerror}")
