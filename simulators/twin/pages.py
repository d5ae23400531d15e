"""The page and its living parts, rendered from the plant as it is at that moment. A part is replaced by its id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from simulators.control_weather import winds_of
from simulators.faults.faults import Faults
from simulators.house import House
from simulators.overheard import Overheard
from simulators.timers import now
from simulators.twin import belts, cabinets, codes, fault_forms, machines, scenarios, words
from simulators.twin.record import Record, written

HERE = Path(__file__).parent
TOLD, WIRED = 14, 40
"""How many of the last things that happened, and of the last chunks on a wire, are shown."""
HEX = 40
"""Bytes of a chunk that are shown."""
WINDS = (
    ("lose", 0.5, "Lost"),
    ("corrupt", 0.05, "Damaged, of each byte"),
    ("cut", 0.5, "Cut off at the end"),
    ("split", 1.0, "In single bytes"),
    ("delay", 0.5, "Late"),
    ("duplicate", 0.5, "Twice"),
    ("noise", 0.5, "Noise before it"),
    ("echo", 1.0, "The station hears itself"),
)
"""Sliders of a link's weather: the name of the chance, the most that a slider goes to, and what it is."""
When = Literal["still", "moving", "wire"]
"""What makes a part another: something that happened, the course of a motion, bytes on a wire."""


class Wire(NamedTuple):
    """Which wire the page shows, and whether with all that repeats."""

    link: str
    repeats: bool


class Part(NamedTuple):
    """A living part of the page. Its outermost element has this id."""

    id: str
    when: When
    render: Callable[[], str]


class Pages:
    """Everything that is rendered of one house."""

    def __init__(self, house: House, faults: Faults, overheard: Overheard, record: Record) -> None:
        self._house, self._faults, self._overheard, self._record = house, faults, overheard, record
        self._began = datetime.now(UTC).astimezone() - timedelta(seconds=now())
        self._templates = Environment(
            loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._templates.filters["clock"] = self._clock
        self.run = f"{self._began.timestamp():.3f}"
        """Another one after a restart: nothing that a page was told then is so any longer."""

    def page(self) -> str:
        """The whole page."""
        house = self._house
        wire = Wire(next(iter(house.wires), ""), False)
        return self._render(
            "page.html",
            house=house,
            run=self.run,
            parts={part.id: part.render() for part in self.parts(wire)},
            codes=codes.ready(house),
            forms=fault_forms.forms(house),
            scenarios=scenarios.playable(house),
            places=scenarios.places(house),
            winds=WINDS,
        )

    def parts(self, wire: Wire) -> Iterator[Part]:
        """The living parts, in no order."""
        house = self._house
        for number, cabinet in enumerate(house.site.cabinets):
            yield Part(f"cabinet-{cabinet.id}", "still", partial(self._cabinet, number))
        yield Part("hands", "still", self._hands)
        yield Part("story", "still", self._story)
        yield Part("links", "still", lambda: self._render("links.html", house=house, cables=self._cables()))
        yield Part("faults", "still", self._in_force)
        yield Part("wire", "wire", partial(self._wire, wire))
        yield Part("weather", "still", lambda: self._render("weather.html", weather=winds_of(house)))
        yield Part("record", "still", self._recorded)
        if house.scales:
            yield Part("scales", "still", lambda: self._render("scales.html", scales=house.scales))
        if house.belts.belts:
            yield Part("belts", "moving", lambda: self._render("belts.html", line=belts.line(house)))
        if house.totes.places:
            yield Part("totes", "still", self._totes)
        for id, station in house.robots.items():
            drawn = partial(machines.robot_drawing, id, station, house.items)
            yield Part(f"rack-{id}", "moving", partial(self._drawn, "rack.html", drawn))
            yield Part(f"robot-{id}", "still", partial(self._drawn, "robot.html", partial(machines.machine, id, house)))
        for id, gantry in house.plant.gantries.items():
            head = partial(machines.gantry_drawing, gantry, house.items)
            yield Part(f"head-{id}", "moving", partial(self._drawn, "head.html", head))
            yield Part(f"gantry-{id}", "still", partial(self._gantry, id))

    def moving(self) -> bool:
        """Whether something that is drawn is under way at this moment."""
        house = self._house
        robots = any(station.robot.steel.busy for station in house.robots.values())
        return robots or belts.moving(house) or any(gantry.moves for gantry in house.plant.gantries.values())

    def _render(self, template: str, **about: object) -> str:
        return self._templates.get_template(f"templates/{template}").render(about)

    def _drawn(self, template: str, draw: Callable[[], object]) -> str:
        return self._render(template, one=draw())

    def _clock(self, at: float) -> str:
        """A moment of the loop as the wall clock of this machine tells it."""
        return f"{self._began + timedelta(seconds=at):%H:%M:%S.%f}"[:-3]

    def _cabinet(self, number: int) -> str:
        return self._render("cabinet.html", front=cabinets.fronts(self._house, self._faults.told())[number])

    def _hands(self) -> str:
        house = self._house
        opened = cabinets.open_drawers(house)
        within = [*opened, *cabinets.shelves(house)]
        unlocked = [id for id, drawer in house.plant.drawers.items() if drawer.shut and not drawer.latched]
        return self._render("hands.html", within=within, opened=bool(opened), unlocked=unlocked, drawers=list(house.plant.drawers))

    def _story(self) -> str:
        house = self._house
        told = chain(
            ((one.at, words.edge(one)) for one in house.plant.truth.entries[-TOLD:]),
            ((one.at, text) for one in house.belts.log.entries[-8 * TOLD :] if (text := words.passage(one))),
            ((one.at, words.happening(one)) for one in house.totes.log.entries[-TOLD:]),
            *(
                [(one.at, words.move(one)) for one in station.robot.steel.moves.entries[-TOLD:]]
                for station in house.robots.values()
            ),
        )
        return self._render("story.html", told=sorted(told, key=lambda one: one[0])[: -TOLD - 1 : -1])

    def _cables(self) -> Mapping[str, int | None]:
        """By link: the number of the fault that holds its cable out, if one does."""
        out = {told["link"]: told["id"] for told in self._faults.told() if told["kind"] == "unplug"}
        return {link: out.get(link) for link in self._house.wires}

    def _in_force(self) -> str:
        return self._render(
            "in_force.html", faults=[(told["id"], words.fault(told), told["since"]) for told in self._faults.told()]
        )

    def _recorded(self) -> str:
        return self._render("record.html", acts=len(self._record.acts), test=written(self._record, self._house))

    def _wire(self, wire: Wire) -> str:
        kept = (self._overheard.all if wire.repeats else self._overheard.fresh).get(wire.link, ())
        return self._render("wire.html", chunks=list(kept)[: -WIRED - 1 : -1], most=HEX, repeats=wire.repeats)

    def _totes(self) -> str:
        house = self._house
        totes = [(id, house.totes.where(id), machines.tote_contents(house, id), self._held(id)) for id in house.totes.known()]
        return self._render("totes.html", totes=totes, places=house.totes.places.values())

    def _held(self, tote: str) -> bool | None:
        """Whether a hand holds a tote on the belts; None where it is not there."""
        return next((body.held for body in self._house.belts.bodies.values() if body.code == tote), None)

    def _gantry(self, id: str) -> str:
        gantry = self._house.plant.gantries[id]
        lots = {pack.lot: pack.expiry for packs in gantry.shelf.values() for pack in packs}
        lying = machines.gantry_packs(gantry, self._house.items)
        return self._render("gantry.html", id=id, lying=lying, shelf=list(gantry.shelf), lots=lots, door_open=gantry.ails.door_open)
