"""A whole robot: its steel, its book, and the computer that decides which pack the gripper fetches or stores next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from simulators.plant.robot.book import Book
from simulators.plant.robot.handed import Handed
from simulators.plant.robot.inputs import Inputs
from simulators.plant.robot.intake import Intake
from simulators.plant.robot.inventory import Inventory
from simulators.plant.robot.make import Make
from simulators.plant.robot.orders import RANKS
from simulators.plant.robot.pack import Article, Held, Pack
from simulators.plant.robot.picker import Picker
from simulators.plant.robot.steel import Felt, Source, Steel, Target
from simulators.plant.robot.tidy import Tidy
from simulators.timers import Timer, Timers, now

FIRST_DAY = date(2026, 1, 5)
"""The robot's calendar at loop time 0: one seed, one run."""


class Robot:
    """One robot. Everything runs on the loop's timers; what hands do to it is in `hands`."""

    def __init__(self, id: str, make: Make | None = None) -> None:
        self.id = id
        self.steel = Steel(id, make or Make())
        self.book = Book()
        self.picker = Picker(self.steel, self.book, self._next)
        self.orders = self.picker.orders
        self.inputs = Inputs(self.steel, self.book)
        self.handed = Handed(self.steel, self.inputs)
        self.inventory = Inventory(self.steel, self.book, self.picker, self._next, lambda: self.today)
        self._tidy = Tidy(self.steel, self.book, self.orders)
        self._worked_at = 0.0
        """When the gripper last began a trip that somebody had asked for."""
        self._idle: Timer | None = None
        self._storing: Intake | None = None
        self._timers = Timers()
        self._numbers = 0
        self.steel.on_scanned, self.steel.on_stopped, self.steel.on_running = self._scanned, self._stopped, self._running
        self.steel.on_room = self._next
        self.inputs.on_allowed, self.inputs.on_ended = self._allowed, self._input_ended
        self.on_input_ended: Callable[[Intake], None] = lambda intake: None

    @property
    def today(self) -> date:
        """The robot's calendar day."""
        return FIRST_DAY + timedelta(seconds=now())

    def new_pack(self, article: str, scan_code: str, **about: str | int) -> Pack:
        """A real pack that never was here before. `about`: the other fields of Pack."""
        self._numbers += 1
        return Pack(self._numbers, article, scan_code, **about)  # type: ignore[arg-type]

    def hold(self, article: Article, scan_code: str, *, day: str = "2026-01-01", cold: bool = False, **about: str | int) -> Held:
        """A pack that stands in the rack from the start, in the book as it is. Raises ValueError where it does not fit."""
        pack = self.new_pack(article.id, scan_code, **about)
        steel = self.steel
        place = steel.rack.keep(pack.width_mm, pack.height_mm, pack.depth_mm, cold=cold)
        if place is None:
            raise ValueError(f"robot {self.id} has no place for a pack of {pack.width_mm}x{pack.height_mm}x{pack.depth_mm} mm")
        steel.packs[pack.number] = pack
        steel.rack.put(place, pack.number)
        steel.where[pack.number] = place
        held = Held(
            id=self.book.new_id(),
            article=article.id,
            place=place,
            scan_code=scan_code,
            batch=pack.batch,
            external=pack.serial,
            serial=pack.serial,
            expiry=pack.expiry,
            expiry_source="Barcode" if pack.expiry else "Unknown",
            stock_in=day,
            width_mm=pack.width_mm,
            height_mm=pack.height_mm,
            depth_mm=pack.depth_mm,
            in_fridge=cold,
        )
        self.book.articles.setdefault(article.id, article)
        self.book.add(held)
        return held

    def wake(self) -> None:
        """A hand has made room, or lifted what forbade a trip, or somebody listens."""
        self._next()

    def power_lost(self) -> None:
        """The computer forgets what it was doing; the steel stays as it is."""
        self._timers.clear()
        self._storing = None
        self.steel.stop("power lost")
        self.picker.power_lost()
        self.handed.forget()
        self.inputs.forget()
        self.inventory.forget()

    def go_again(self) -> None:
        """It homes by itself where nothing forbids it: power is back, or what stopped it is mended."""
        if self.steel.stopped and not self.steel.forbidden:
            self.steel.resume()

    def clear(self) -> None:
        """The end of a run."""
        self._timers.clear()
        self.picker.clear()
        self.inputs.clear()
        self.handed.forget()
        self.inventory.forget()
        self.steel.clear()

    def _next(self) -> None:
        """The gripper's next trip: the most urgent pick, or the pack that waits at an input since before it was ordered; with
        neither, a place that is to be read."""
        steel = self.steel
        if steel.busy or steel.stopped:
            return
        if steel.gripper is not None:
            self._empty_gripper()
            return
        self.picker.call_boxes()
        pick = self.orders.next_pick()
        intake = self.inputs.ready[0] if self.inputs.ready else None
        if intake is not None and (pick is None or (RANKS["Normal"], intake.at) < (RANKS[pick.order.priority], pick.order.at)):
            self._worked_at = now()
            self._store(intake)
        elif pick is not None:
            self._worked_at = now()
            self.picker.fetch(pick)
        else:
            self._nothing_to_do()

    def _nothing_to_do(self) -> None:
        """Idle for long enough, it tidies up by one move, or reads its packs; what is asked for meanwhile comes right after."""
        after = self.steel.make.tidy_after_s
        if after is not None and now() < self._worked_at + after:
            self._timers.drop(self._idle)
            self._idle = self._timers.at(self._worked_at + after, self._next)
        elif after is not None and (move := self._tidy.next_move()) is not None:
            self._timers.drop(self._idle)
            self.picker.shift(*move)
            return
        self.inventory.next()

    # --- stops

    def _stopped(self) -> None:
        if self.steel.jammed in self.steel.outputs:
            self.picker.belt_jammed(self.steel.jammed)

    def _running(self) -> None:
        self.picker.running()
        if self._storing is not None and self.steel.gripper is None:
            storing, self._storing = self._storing, None
            if storing.input in self.steel.at_scanner:
                self.inputs.ready.appendleft(storing)
            else:
                self.inputs.abort(storing, "InputBroken")
        self._next()

    def _empty_gripper(self) -> None:
        """What the gripper holds after a stop is read again: back to its place, or out if it is not what it should be."""
        steel, held, storing = self.steel, self.picker.touched, self._storing
        pack = steel.packs[steel.gripper or 0]
        self.picker.touched = None
        if held is not None and pack.scan_code == held.scan_code:
            steel.carry(Source(), Target(place=held.place), lambda felt: self._back(held, felt))
        elif storing is not None and storing.place is not None and pack.scan_code == storing.read.scan_code:
            steel.carry(Source(), Target(place=storing.place), lambda felt: self._stored(storing, felt))
        else:
            if held is not None:
                steel.rack.free(held.place)
                self.picker.lose(held)
            steel.carry(Source(), Target(), lambda felt: self._next())

    def _back(self, held: Held, felt: Felt) -> None:
        if felt == "stopped":
            self.picker.touched = held
        else:
            held.state = "Available"
            self.picker.on_corrected(held)
        self._next()

    # --- inputs

    def _scanned(self, belt: str, pack: Pack) -> None:
        fed = self.handed.at_scanner(belt)
        if fed is None:
            self.inputs.scanned(belt, pack, self.handed.owner(belt))
        else:
            self._ready(fed)

    def _allowed(self, intake: Intake) -> None:
        kind, _, id = intake.owner.partition(" ")
        if kind == "fed":
            self.handed.allowed(id)
        else:
            self._ready(intake)

    def _input_ended(self, intake: Intake) -> None:
        self.on_input_ended(intake)
        self.handed.ended(intake)

    def _ready(self, intake: Intake) -> None:
        self.inputs.ready.append(intake)
        self._next()

    def _store(self, intake: Intake) -> None:
        self.inputs.ready.popleft()
        error = "" if intake.place else self.inputs.keep_place(intake)
        if error:
            self.inputs.abort(intake, error)
            self._next()
            return
        intake.state, self._storing = "storing", intake
        self.steel.carry(Source(input=intake.input), Target(place=intake.place), lambda felt: self._stored(intake, felt))

    def _stored(self, intake: Intake, felt: Felt) -> None:
        if felt == "stopped":
            return  # what is in the gripper, or still under the scanner, is seen to when it runs again
        self._storing = None
        if felt == "done":
            held = self.inputs.stored(intake, self.today.isoformat())
            self.picker.on_changed(held.article)
            self._timers.after(self.steel.make.ocr_s, lambda: self._photographed(held))
        else:
            self.inputs.abort(intake, "NoPackDetected" if felt == "nothing there" else "InputBroken")
        self._next()

    def _photographed(self, held: Held) -> None:
        """The camera has read what is printed on the pack in the place; a date that no code said goes into the book."""
        pack = self.steel.packs.get(self.steel.rack.at(held.place) or 0)
        if pack is None or held.id not in self.book.packs or held.expiry_source == "Barcode" or not pack.expiry:
            return
        if held.expiry != pack.expiry:
            held.expiry, held.expiry_source = pack.expiry, "OCR"
            self.picker.on_corrected(held)
