"""The scanner's half: a symbol as it is printed, to the bytes of a scanner that is set in one way or another."""

from __future__ import annotations

from firmware_protocols.errors import MessageError
from firmware_protocols.scanner_lines.messages import Form, Scan


def encode(scan: Scan, form: Form, *, leading_fnc1: bool = False) -> bytes:
    """What the scanner sends for this symbol. `leading_fnc1`: it sends a separator for the first FNC1 as well.

    Raises MessageError if the symbol holds what this scanner could not send so that it can be told apart.
    """
    separated = form.group_separator.join(scan.data.split("\x1d"))
    if form.group_separator != "\x1d" and form.group_separator in scan.data:
        raise MessageError(f"the data hold {form.group_separator!r}, which this scanner sends for the separator")
    first = form.group_separator if leading_fnc1 else ""
    body = f"{scan.aim or ''}{first}{separated}".encode()
    if form.suffix and form.suffix in body:
        raise MessageError(f"the data hold the suffix {form.suffix!r}")
    return form.prefix + body + form.suffix
