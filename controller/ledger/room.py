"""Room for what must be recorded: a full disk refuses even a deletion, so the space is taken before anything opens."""

from __future__ import annotations

from contextlib import suppress

from controller.ledger.disk import Disk

RESERVE = 8 << 20
"""Bytes held back in a file of their own, given up for the outcomes of what is already open when the disk fills."""

LOW = 4 << 20
"""With fewer free bytes than this nothing new opens."""


class Room:
    """The reserve of one ledger. It is held while there is space, spent when there is none, and taken again after."""

    def __init__(self, disk: Disk, path: str) -> None:
        self._disk = disk
        self._path = path + ".reserve"
        self._held = False
        self._seen = False
        """Whether there was found to be enough since the last commit."""

    def enough(self) -> bool:
        """Whether a new act may begin: the reserve is held (taken again if it can be) and the disk is not low."""
        free = self._free()
        if not self._held and free >= LOW + RESERVE:
            try:
                self._disk.reserve(self._path, RESERVE)
            except OSError:
                return False
            self._held = True
        self._seen = self._held and free >= LOW
        return self._seen

    def spend(self) -> None:
        """Before each commit: when the disk is low, the reserve becomes room for it. Where there was enough since the last one the
        disk is not asked again: should it have been filled meanwhile, the commit tells."""
        seen, self._seen = self._seen, False
        if not seen and self._free() < LOW:
            self.give_up()

    def give_up(self) -> bool:
        """The reserve becomes room now; whether there was one."""
        held, self._held = self._held, False
        if held:
            with suppress(OSError):  # a reserve that stays is no worse than a disk without one: the commit will tell
                self._disk.release(self._path)
        return held

    def _free(self) -> int:
        """Free bytes; a disk that cannot say promises none."""
        try:
            return self._disk.free(self._path)
        except OSError:
            return 0
