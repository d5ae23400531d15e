"""Scanner lines: what a barcode scanner sends, and what a GS1 symbol on a package says.

Who speaks it: every barcode scanner with a serial (RS-232, USB-CDC) or TCP side. It speaks, we listen; no answer is
expected. Keyboard-wedge mode is no serial device and loses the separators: not supported.

Line: as the scanner is set, mostly 9600 or 115200 8N1. A code is `[prefix][AIM identifier]data[suffix]`; prefix, suffix
and the separator within GS1 data are settings of the scanner and so of the site file (`messages.Form`). At most 4 kB.

Timing: after 100 ms of silence inside a code, what is there is all that comes (`ScanFramer.idle`).

Source: ISO/IEC 15424 (symbology identifiers), GS1 General Specifications (element strings, 3; the year window, 7.12; the
82 characters, 7.11), as gathered in the project's device notes. Symbols and frames in `vectors.toml`. The grammar of GS1
is `biip`'s; `gs1.py` refuses what biip would take.

Traps
- The FNC1 separator arrives as GS (1D), or as whatever the scanner was set to (`|`, `~`, `{GS}`).
- A leading FNC1 is the AIM identifier; some scanners send a GS in front as well. It is dropped.
- Case matters: `]E0` is EAN, `]e0` is GS1 DataBar.
- A code without its suffix was cut short, and a lot cut short looks like a lot: it is refused, never completed.
- biip alone would end a lot at its twentieth character and read on as if a new element began; would take an empty
  count; a bare 14-digit number beginning 10 for a lot; would let check digits that are wrong pass as remarks.
- Day 00 is the last day of the month. Two-digit years lie in a window around the current one.
- The literal text `\\x1d` in place of a separator comes from other systems, not from scanners: unescaping is theirs.
"""
