"""Exit codes: the same for every command, sysexits' numbers where those exist. A script may rely on them."""

from __future__ import annotations

from enum import IntEnum
from typing import NoReturn

import typer

from drivers.faults import DeviceFault, Fault, InDoubt, LedgerFault, LinkFault, SiteFault


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    BAD_DATA = 65
    NOT_REACHABLE = 69
    DEFECT = 70
    CANNOT_CREATE = 73
    CANNOT_RECORD = 74
    TRY_AGAIN = 75
    NOT_ALLOWED = 77
    ENVIRONMENT = 78
    NOT_WHOLE = 80
    IN_DOUBT = 81


MEANING = {
    Exit.DONE: "done",
    Exit.REFUSED: "refused",
    Exit.USAGE: "the command line is wrong",
    Exit.BAD_DATA: "the site file or the data beside it is wrong",
    Exit.NOT_REACHABLE: "the device or the daemon cannot be reached",
    Exit.DEFECT: "a defect of ours",
    Exit.CANNOT_CREATE: "a file or an address cannot be had",
    Exit.CANNOT_RECORD: "the ledger cannot be read or written",
    Exit.TRY_AGAIN: "not now: try again",
    Exit.NOT_ALLOWED: "whoever asks is not known, or may not",
    Exit.ENVIRONMENT: "this machine lacks something (a library too old, a clock that is wrong)",
    Exit.NOT_WHOLE: "the ledger does not verify",
    Exit.IN_DOUBT: "in doubt: a person must look",
}

_CODES = {"ledger-in-use": Exit.TRY_AGAIN, "ledger-unsafe": Exit.ENVIRONMENT, "ledger-broken": Exit.NOT_WHOLE}
_KINDS = (
    (LedgerFault, Exit.CANNOT_RECORD),
    (SiteFault, Exit.BAD_DATA),
    (LinkFault, Exit.NOT_REACHABLE),
    (DeviceFault, Exit.NOT_REACHABLE),
    (InDoubt, Exit.IN_DOUBT),
)


def exit_of(fault: Fault) -> Exit:
    """The exit code of a command that this fault has ended."""
    return _CODES.get(fault.code) or next((code for kind, code in _KINDS if isinstance(fault, kind)), Exit.REFUSED)


def end(code: Exit, *lines: str) -> NoReturn:
    """Says why on standard error, and ends the command."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(code)


def end_with(fault: Fault, *more: str) -> NoReturn:
    """Ends the command with the fault's own words from the catalogue and its exit code."""
    from api.problems import problem  # late: the web framework behind it takes a second to load

    told = problem(fault.code, fault.facts, fault.effect)
    end(exit_of(fault), f"{told['title']}: {told['detail']}", str(told["remedy"]), *more)
