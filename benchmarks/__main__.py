"""`make bench`: one table, each row ours, floor and ratio measured side by side in one run; also as `bench.json`."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from benchmarks.row import Row

FILES = (
    *("pull_to_byte", "ledger", "line", "restart", "drawers", "night", "planning", "robot_sync"),
    *("console_paint", "console_nurses"),
)


def main(wanted: list[str]) -> int:
    """Measures the wanted files (all when none is named). Always 0 when it measured: falling short is said, not failed."""
    rows: list[Row] = []
    print(f"{'what':64} {'ours':>12} {'floor':>12} {'ratio':>7}  {'unit':14} {'goal':18} holds")
    for name in FILES:
        if wanted and name not in wanted:
            continue
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            rows.append(row)
            print(
                f"{row.name[:64]:64} {row.ours:12.4g} {row.floor:12.4g} {row.ratio:7.2f}  {row.unit:14} {row.goal:18} "
                f"{'yes' if row.holds else 'NO'}",
                flush=True,
            )
    Path("bench.json").write_text(json.dumps([row.line() for row in rows], indent=1) + "\n")
    return 0


sys.exit(main(sys.argv[1:]))
