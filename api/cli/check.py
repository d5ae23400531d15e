"""`galenic check`: the daemon's own reading of a site file, before the daemon reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.exits import Exit
from api.cli.options import SITE, Json, SiteFile

if TYPE_CHECKING:
    from sites.check import Report


def check(
    site: SiteFile = SITE,
    as_json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="A warning ends it with 1.")] = False,
) -> None:
    """Reads a site file as the daemon does, and finds everything that is wrong with it. Opens no port.

    \b
    Examples:
      galenic check station.toml
      galenic check station.toml --json | jq .findings

    Ends with 65 if anything must be mended before the daemon moves something.
    """
    from sites.check import check as read

    report = read(site)
    typer.echo(json.dumps(_told(site, report), ensure_ascii=False) if as_json else "\n".join(_lines(site, report)))
    if report.errors:
        raise typer.Exit(Exit.BAD_DATA)
    if strict and report.warnings:
        raise typer.Exit(Exit.REFUSED)
    if not as_json:
        typer.echo(f"Next: galenic devices {site}, then galenic run {site}", err=True)


def _lines(site: Path, report: Report) -> list[str]:
    lines = [str(finding) for finding in report.findings]
    if report.site is None:
        lines.append(f"{site}: {_many(len(report.errors), 'error')}, {_many(len(report.warnings), 'warning')}. Nothing would move.")
    else:
        drawers = report.site.drawers
        what = f"{len(drawers)} drawers, {sum(len(drawer.pockets) for drawer in drawers)} pockets, {len(report.data.items)} items"
        lines.append(f"{site}: valid ({what}), {_many(len(report.warnings), 'warning')}.")
    return [*lines, "Not checked:", *(f"  - {one}" for one in report.not_checked)]


def _told(site: Path, report: Report) -> dict[str, object]:
    return {
        "file": str(site),
        "valid": report.site is not None,
        "errors": len(report.errors),
        "warnings": len(report.warnings),
        "findings": [finding.told() for finding in report.findings],
        "not_checked": list(report.not_checked),
    }


def _many(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
