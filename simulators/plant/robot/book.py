"""The robot's own book: which packs it believes to hold, found by what an order may ask for. It is never asked of the steel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from simulators.plant.robot.pack import Article, Held
from simulators.plant.robot.rack import Place

NEVER = "9999-12-31"
"""Sorts packs of unknown expiry last."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of an order, or a filter. Empty and zero: not asked for. Dates YYYY-MM-DD."""

    article: str = ""
    quantity: int = 0
    sub_items: int = 0
    """Units; if more than zero the packs are worked out from it and `quantity` is ignored."""
    minimum_expiry: str = ""
    batch: str = ""
    external: str = ""
    serial: str = ""
    stock_location: str = ""
    machine_location: str = ""
    single_batch: bool = False
    pack: int = 0
    tenant: str | None = None
    """None: anybody's."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Packs for one line, in the order in which they are fetched, and whether they are all that was asked for."""

    packs: tuple[Held, ...]
    enough: bool


@dataclass(frozen=True, slots=True)
class Announced:
    """One line of a delivery that was announced."""

    delivery: str
    article: str
    code: str = ""
    batch: str = ""
    external: str = ""
    expiry: str = ""
    quantity: int = 0
    requires_fridge: bool = False
    stock_location: str = ""


class Book:
    """Packs by their number, and articles by theirs."""

    def __init__(self) -> None:
        self.packs: dict[int, Held] = {}
        self.articles: dict[str, Article] = {}
        self.codes: dict[str, str] = {}
        """Further codes that identify an article when they are scanned, from the article master."""
        self.master: set[str] = set()
        self.announced: list[Announced] = []
        self.delivered: dict[str, list[Held]] = {}
        """Packs stored by delivery number."""
        self._of_article: dict[str, dict[int, Held]] = {}
        self._at: dict[Place, Held] = {}
        self._ids = 0

    def new_id(self) -> int:
        """The next pack number: 64 bits, as a real robot's look."""
        self._ids += 1
        return 4_020_260_000_000_000 + self._ids

    def add(self, held: Held) -> None:
        """A pack has been stored."""
        self.packs[held.id] = self._at[held.place] = held
        self._of_article.setdefault(held.article, {})[held.id] = held
        self.articles.setdefault(held.article, Article(held.article))

    def drop(self, id: int) -> Held:
        """A pack is held no longer. Raises KeyError."""
        held = self.packs.pop(id)
        if self._at.get(held.place) is held:
            del self._at[held.place]
        del self._of_article[held.article][id]
        return held

    def at(self, place: Place) -> Held | None:
        """The pack that should stand there."""
        return self._at.get(place)

    def moved(self, held: Held, place: Place) -> None:
        """A pack stands elsewhere now."""
        if self._at.get(held.place) is held:
            del self._at[held.place]
        held.place = place
        self._at[place] = held

    def count(self, article: str, tenant: str | None = None) -> int:
        """Packs held of an article (of a tenant), whatever their state."""
        return sum(tenant in {None, held.tenant} for held in self._of_article.get(article, {}).values())

    def of_article(self, id: str) -> Iterator[Held]:
        """The packs of an article: by its own id, and only if nothing is found, by the virtual one."""
        own = self._of_article.get(id)
        if own:
            yield from own.values()
        else:
            for article in self.articles.values():
                if id and article.virtual_id == id:
                    yield from self._of_article.get(article.id, {}).values()

    def find(self, wanted: Wanted) -> Iterator[Held]:
        """All packs that fit, reserved and unsure ones too."""
        if wanted.pack:
            one = self.packs.get(wanted.pack)
            among: Iterable[Held] = () if one is None else (one,)
        else:
            among = self.of_article(wanted.article) if wanted.article else self.packs.values()
        return (held for held in among if self._fits(held, wanted))

    def choose(self, wanted: Wanted) -> Chosen:
        """The packs that an order gets for this line: first expired, first out. Those of unknown expiry come last."""
        free = [held for held in self.find(wanted) if held.state == "Available" and not held.reserved]
        free.sort(key=lambda held: (held.expiry or NEVER, held.id))
        if not wanted.single_batch:
            return self._enough(free, wanted)
        batches: dict[str, list[Held]] = {}
        for held in free:
            batches.setdefault(held.batch, []).append(held)
        lines = [self._enough(batch, wanted) for batch in batches.values()]
        most = max(lines, key=lambda line: len(line.packs), default=Chosen((), enough=not wanted.quantity))
        return next((line for line in lines if line.enough), most)

    def units(self, held: Held) -> int:
        """Units in a pack; 0 where the robot cannot know."""
        return held.sub_items or self.articles[held.article].max_sub_items

    def identify(self, code: str) -> str:
        """The article of a scanned code as the article master knows it; empty where it does not."""
        return code if code in self.master else self.codes.get(code, "")

    def _enough(self, free: list[Held], wanted: Wanted) -> Chosen:
        if not wanted.sub_items:
            return Chosen(tuple(free[: wanted.quantity]), len(free) >= wanted.quantity)
        got: list[Held] = []
        for held in free:
            if sum(map(self.units, got)) >= wanted.sub_items:
                break
            if self.units(held):
                got.append(held)
        return Chosen(tuple(got), sum(map(self.units, got)) >= wanted.sub_items)

    def _fits(self, held: Held, wanted: Wanted) -> bool:
        equal = (
            (wanted.batch, held.batch),
            (wanted.external, held.external),
            (wanted.serial, held.serial),
            (wanted.stock_location, held.stock_location),
            (wanted.machine_location, held.machine_location),
        )
        if any(asked and asked != has for asked, has in equal) or wanted.tenant not in {None, held.tenant}:
            return False
        if wanted.pack and wanted.article and wanted.article not in {held.article, self.articles[held.article].virtual_id}:
            return False
        return not wanted.minimum_expiry or wanted.minimum_expiry <= held.expiry
