"""Inputs: a pack under a scanner, what the pharmacy system says of it, and how it ends: in the rack, or back in somebody's hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from simulators.plant.pocket import CannotDo
from simulators.plant.robot import code
from simulators.plant.robot.book import Announced, Book
from simulators.plant.robot.intake import ASKED_AGAIN, Answer, Handling, Intake, Read
from simulators.plant.robot.pack import Held, Pack
from simulators.plant.robot.steel import Steel
from simulators.timers import Timers, now


class Inputs:
    """All inputs under way, at most one an input belt."""

    def __init__(self, steel: Steel, book: Book) -> None:
        self._steel, self._book = steel, book
        self.on_asked: Callable[[Intake], None] = lambda intake: None
        self.on_allowed: Callable[[Intake], None] = lambda intake: None
        self.on_ended: Callable[[Intake], None] = lambda intake: None
        self.under_way: dict[str, Intake] = {}
        self.ready: deque[Intake] = deque()
        """Allowed, and waiting for the gripper."""
        self.resets_omitted = False
        """What the answer leaves out is reset to its default; otherwise what the robot read itself is kept."""
        self.decides_alone = False
        """Codes of the article master are stored without asking."""
        self._typed: dict[int, str] = {}
        self._timers = Timers()
        self._ids = 500

    def at(self, belt: str) -> Intake | None:
        """The input under way at an input belt."""
        return next((intake for intake in self.under_way.values() if intake.input == belt), None)

    def announce(self, pack: int, delivery: str | None) -> None:
        """Somebody chose at the robot's screen: this pack belongs to this delivery; None: it is a return."""
        self._typed.pop(pack, None)
        if delivery is not None:
            self._typed[pack] = delivery

    def scanned(self, belt: str, pack: Pack, owner: str = "") -> Intake:
        """A pack lies under the scanner and has been measured: it is asked for."""
        seen = code.read(pack.scan_code)
        read = Read(
            pack.scan_code,
            batch=seen.batch,
            external=seen.serial,  # as the recorded robot does, which has no SerialNumber when it asks
            expiry=seen.expiry,
            expiry_source="Barcode" if seen.expiry else "Unknown",
            delivery=self._typed.get(pack.number, ""),
            width_mm=pack.width_mm,
            height_mm=pack.height_mm,
            depth_mm=pack.depth_mm,
            shape=pack.shape,
        )
        is_delivery = self._typed.pop(pack.number, None) is not None
        return self.begin(belt, read, is_delivery=is_delivery, owner=owner)

    def begin(self, belt: str, read: Read, *, is_delivery: bool, picking: bool = False, owner: str = "") -> Intake:
        """Asks for a pack."""
        self._ids += 1
        intake = Intake(str(self._ids), belt, read, is_delivery, picking, owner=owner)
        self.under_way[intake.id] = intake
        known = self._book.identify(code.read(read.scan_code).number) if self.decides_alone else ""
        if known:
            self.answered(intake.id, self._own_answer(known, read))
        else:
            self._ask(intake)
        return intake

    def answered(self, id: str, answer: Answer) -> bool:
        """The pharmacy system has answered; False if nobody waits for that."""
        intake = self.under_way.get(id)
        if intake is None or intake.state != "asked":
            return False
        self._timers.drop(intake.patience)
        intake.answer = answer
        if answer.handling in {"Allowed", "AllowedForFridge"}:
            self._taken_over(intake, answer)
            intake.state, intake.at = "allowed", now()
            self.on_allowed(intake)
        elif answer.handling in ASKED_AGAIN and not intake.owner:
            intake.state = "missing"
            intake.patience = self._timers.after(self._steel.make.operator_s, lambda: self.abort(intake, answer.handling))
        else:
            self.abort(intake, answer.handling)
        return True

    def enter(self, belt: str, *, expiry: str = "", batch: str = "", serial: str = "", insist: bool = False) -> Intake:
        """Somebody adds at the screen what was missing, and the robot asks again. Raises CannotDo if nothing is asked there."""
        intake = self.at(belt)
        if intake is None or intake.state != "missing":
            raise CannotDo("input", f"input {belt} asks nobody for anything")
        self._timers.drop(intake.patience)
        read = intake.read
        intake.read = replace(
            read,
            expiry=expiry or read.expiry,
            expiry_source="ManualEntry" if expiry else read.expiry_source,
            batch=batch or read.batch,
            external=serial or read.external,
        )
        intake.picking_indicator |= insist
        self._ask(intake)
        return intake

    def keep_place(self, intake: Intake) -> str:
        """Chooses the place in the rack; the error if there is none or the pack was measured wrongly."""
        read, answer = intake.read, intake.answer
        cold = answer is not None and answer.handling == "AllowedForFridge"
        if self._steel.ails.mismeasures:
            self._steel.ails.mismeasures -= 1
            return "MeasurementError"
        if cold and not self._steel.make.geometry.cold_columns:
            return "FridgeMissing"
        intake.place = self._steel.rack.keep(read.width_mm, read.height_mm, read.depth_mm, cold=cold)
        return "" if intake.place else "NoSpaceInMachine"

    def stored(self, intake: Intake, day: str) -> Held:
        """The pack stands in the rack: it goes into the book."""
        read, answer, place = intake.read, intake.answer, intake.place
        assert answer is not None and place is not None  # noqa: S101, PT018 - for the types; it was allowed
        article = answer.article
        self._book.articles[article.id] = article
        intake.held = held = Held(
            id=self._book.new_id(),
            article=article.id,
            place=place,
            scan_code=read.scan_code,
            delivery=read.delivery,
            batch=read.batch,
            external=read.external,
            serial=read.serial or read.external,
            expiry=read.expiry,
            expiry_source=read.expiry_source,
            stock_in=day,
            sub_items=read.sub_items,
            width_mm=read.width_mm,
            height_mm=read.height_mm,
            depth_mm=read.depth_mm,
            shape=read.shape,
            in_fridge=self._steel.rack.cold(place),
            stock_location=read.stock_location,
            tenant=answer.tenant,
        )
        self._book.add(held)
        if read.delivery:
            self._book.delivered.setdefault(read.delivery, []).append(held)
        self._end(intake)
        return held

    def abort(self, intake: Intake, error: str) -> None:
        """It is not stored: the belt gives the pack back."""
        if intake.state == "ended":
            return
        intake.error = error
        if intake in self.ready:
            self.ready.remove(intake)
        if intake.place is not None:
            self._steel.rack.free(intake.place)
            intake.place = None
        self._steel.reject(intake.input)
        self._end(intake)

    def forget(self) -> None:
        """The computer has lost its memory of inputs; packs under the scanners are given back."""
        self._timers.clear()
        self.ready.clear()
        under_way, self.under_way = self.under_way, {}
        for intake in under_way.values():
            self._steel.reject(intake.input)

    def clear(self) -> None:
        """The end of a run."""
        self._timers.clear()

    def _own_answer(self, article: str, read: Read) -> Answer:
        """What the robot says itself of an article of its master. Of a delivery that was announced, a line must fit (1.8)."""
        known = self._book.articles[article]
        lines = [line for line in self._book.announced if read.delivery and line.delivery == read.delivery]
        fits = [line for line in lines if line.article == article and self._fits(line, read)]
        if lines and not fits:
            return Answer("Rejected", known, text="not in this delivery")
        line = fits[0] if fits else Announced("", article)
        handling: Handling = "AllowedForFridge" if known.requires_fridge or line.requires_fridge else "Allowed"
        return Answer(handling, known, expiry=line.expiry or None, stock_location=line.stock_location or None)

    def _fits(self, line: Announced, read: Read) -> bool:
        came = sum(1 for held in self._book.delivered.get(line.delivery, ()) if held.article == line.article)
        asked = ((line.batch, read.batch), (line.external, read.external), (line.expiry, read.expiry or line.expiry))
        code_fits = line.code in {"", code.read(read.scan_code).number, read.scan_code}
        return code_fits and all(want in {"", has} for want, has in asked) and (not line.quantity or came < line.quantity)

    def _ask(self, intake: Intake) -> None:
        intake.state = "asked"
        intake.patience = self._timers.after(self._steel.make.ask_s, lambda: self.abort(intake, "InputBroken"))
        self.on_asked(intake)

    def _end(self, intake: Intake) -> None:
        self._timers.drop(intake.patience)
        intake.state = "ended"
        del self.under_way[intake.id]
        self.on_ended(intake)

    def _taken_over(self, intake: Intake, answer: Answer) -> None:
        """What the answer says of the pack goes into what the robot knows of it."""
        read = intake.read
        batch = self._one(answer.batch, read.batch)
        external = self._one(answer.external, read.external)
        expiry = self._one(answer.expiry, read.expiry)
        source = read.expiry_source if expiry == read.expiry else "ITSystem" if expiry else "Unknown"
        units = answer.sub_items if answer.sub_items is not None else 0 if self.resets_omitted else read.sub_items
        intake.read = replace(
            read,
            batch=batch,
            external=external,
            expiry=expiry,
            stock_location=self._one(answer.stock_location, read.stock_location),
            serial=answer.serial or "",
            expiry_source=source,
            sub_items=units,
            delivery=read.delivery or answer.delivery or "",
        )

    def _one(self, said: str | None, own: str) -> str:
        return (said or "") if self.resets_omitted else said or own
