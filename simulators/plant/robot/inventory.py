"""The robot reads its own packs while it has nothing else to do: the gripper's camera goes from place to place, and what stands
there is what the book says from then on.

Whether a real robot does so, and when, is its maker's affair; that it tells what it finds, is the document's: a StockInfoMessage
after every change of stock and of a pack's data (devices.md 1.9). Nothing that stands behind another pack can be read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import date

from simulators.plant.robot import code
from simulators.plant.robot.book import Book
from simulators.plant.robot.pack import Held, Pack
from simulators.plant.robot.picker import Picker
from simulators.plant.robot.rack import Place
from simulators.plant.robot.steel import Felt, Steel
from simulators.timers import Timers


class Inventory:
    """One robot's readings of itself. `go_on` is called when the gripper may be free for another trip."""

    def __init__(self, steel: Steel, book: Book, picker: Picker, go_on: Callable[[], None], today: Callable[[], date]) -> None:
        self._steel, self._book, self._picker, self._next, self._today = steel, book, picker, go_on, today
        self.left: deque[Place] = deque()
        """Places that are still to be read."""
        self.passes = 0
        """How often all of them have been read."""
        self._under_way = self._waiting = False
        self._articles: dict[str, str] = {}
        """What each article number on a pack has meant so far."""
        self._missed: dict[str, Held] = {}
        """Packs that were not where they should be, by their code where it has a serial number: found again, they are the same."""
        self._timers = Timers()

    def begin(self) -> None:
        """All that stands in the rack is to be read, as soon as the gripper has nothing else to do."""
        self._timers.clear()
        self._under_way, self._waiting = True, False
        self._articles |= {code.read(held.scan_code).number: held.article for held in self._book.packs.values()}
        self.left = deque(sorted(self._steel.rack.kept()))

    def next(self) -> None:
        """The gripper has nothing else to do: it looks at the next place, or waits until the next reading is due."""
        rack = self._steel.rack
        while self.left and (not rack.keeps(self.left[0]) or rack.before(self.left[0]) is not None):
            self.left.popleft()
        if self.left:
            place = self.left.popleft()
            self._steel.look(place, lambda felt: self._looked(place, felt))
        elif self._under_way:
            self._under_way = False
            self.passes += 1
        if not self._under_way and not self._waiting and self._steel.make.rereads_s:
            self._waiting = True
            self._timers.after(self._steel.make.rereads_s, self._due)

    def forget(self) -> None:
        """The computer has lost its memory of what it was reading."""
        self._timers.clear()
        self.left.clear()
        self._under_way = self._waiting = False

    def _due(self) -> None:
        self.begin()
        self._next()

    def _looked(self, place: Place, felt: Felt) -> None:
        if felt == "stopped":
            self.left.appendleft(place)
            return
        number, held = self._steel.rack.at(place), self._book.at(place)
        pack = None if number is None else self._steel.packs[number]
        if held is not None and held.reserved:
            pass  # who fetches it will see
        elif held is None and pack is not None:
            self._surplus(place, pack)
        elif held is not None and pack is None:
            self._miss(held)
        elif held is not None and pack is not None:
            self._read(held, pack)
        self._next()

    def _read(self, held: Held, pack: Pack) -> None:
        """A pack stands where one should: it is that one, or another."""
        same = pack.scan_code == held.scan_code
        article = held.article if same else self._article(pack)
        known = bool(article)
        before = held.article, held.state, held.batch, held.serial, held.expiry
        if known and not same:
            self._book.drop(held.id)
            held.article, held.scan_code = article, pack.scan_code
            self._printed(held, pack)
            self._book.add(held)
            if before[0] != article:
                self._picker.on_changed(before[0])
        held.state = "Available" if known else "NotAvailable"
        if (held.article, held.state, held.batch, held.serial, held.expiry) != before:
            self._picker.on_corrected(held)

    def _miss(self, held: Held) -> None:
        if code.read(held.scan_code).serial:
            self._missed[held.scan_code] = held
        self._steel.rack.free(held.place)
        self._picker.lose(held)

    def _surplus(self, place: Place, pack: Pack) -> None:
        """A pack stands where the book has none. One with a code that says nothing stays there, and is nobody's."""
        again = self._missed.pop(pack.scan_code, None)
        if again is not None:
            again.place, again.state, again.in_fridge = place, "Available", self._steel.rack.cold(place)
            self._book.add(again)
            self._picker.on_changed(again.article)
            return
        article = self._article(pack)
        if not article:
            return
        held = Held(
            id=self._book.new_id(),
            article=article,
            place=place,
            scan_code=pack.scan_code,
            stock_in=self._today().isoformat(),
            width_mm=pack.width_mm,
            height_mm=pack.height_mm,
            depth_mm=pack.depth_mm,
            in_fridge=self._steel.rack.cold(place),
        )
        self._printed(held, pack)
        self._book.add(held)
        self._picker.on_changed(article)

    def _article(self, pack: Pack) -> str:
        number = code.read(pack.scan_code).number
        return self._book.identify(number) or self._articles.get(number, "")

    def _printed(self, held: Held, pack: Pack) -> None:
        """What the camera reads: the code, and an expiry that is printed and in no code."""
        read = code.read(pack.scan_code)
        held.batch, held.serial, held.external = read.batch, read.serial, read.serial
        held.expiry = read.expiry or pack.expiry
        held.expiry_source = "Barcode" if read.expiry else "OCR" if pack.expiry else "Unknown"
