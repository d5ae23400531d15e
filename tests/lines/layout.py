"""The line of these tests: robot outputs, a reader and a diverter with a way round, a reader and a diverter to packing or reject.

Plain figures, read by the world and, apart from it, by whoever builds the tracked line.
"""

from __future__ import annotations

from typing import NamedTuple


class Belt(NamedTuple):
    start: str
    end: str
    length_mm: int
    places: int
    eye_mm: int
    dwell_s: int


TOTE_MM = 300
SPEED_MM_S = 500
CLEAR_MM = 20
"""So much light between two totes, and an eye sees that they are two."""
FRONT_MM = TOTE_MM + CLEAR_MM
"""Readers report when their eye is free again."""
ACTUATE_US, CONFIRM_US = 150_000, 100_000
PITCH_MM = 700
"""From front to front, as the merge meters them."""

BELTS = {
    "in-1": Belt("out-1", "merge-1", 2000, 6, 0, 40),
    "in-2": Belt("out-2", "merge-1", 3000, 9, 0, 40),
    "belt-1": Belt("merge-1", "reader-1", 4000, 10, 350, 0),
    "tip-1": Belt("reader-1", "div-1", 800, 2, 0, 0),
    "back": Belt("div-1", "merge-1", 6000, 17, 350, 40),
    "on": Belt("div-1", "reader-2", 5000, 12, 350, 0),
    "tip-2": Belt("reader-2", "div-2", 800, 2, 0, 0),
    "pack": Belt("div-2", "reader-3", 4000, 10, 350, 0),
    "reject": Belt("div-2", "drain", 6000, 18, 350, 0),
    "table": Belt("reader-3", "packing", 700, 2, 0, 0),
}
READERS = {"reader-1": ("belt-1", "tip-1"), "reader-2": ("on", "tip-2"), "reader-3": ("pack", "table")}
DIVERTERS = {"div-1": ("back", "on"), "div-2": ("reject", "pack")}
"""The first exit is the default one."""
LANES = ("in-1", "in-2", "back")
"""Belts that end at the merge's gates."""
DRIVEN = ("belt-1", "tip-1", "on", "tip-2", "pack")
"""In the order of travel: where one stops, those before it stop."""
CHAIN = ("reader-1", "reader-2")
