"""Books: every view of the ledger in one object. Each reads rows and nothing else, and none reads another."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from controller.ledger.port import View
from controller.ledger.views.alarms import AlarmsView
from controller.ledger.views.carts import CartsView
from controller.ledger.views.consumers import ConsumersView
from controller.ledger.views.deliveries import DeliveriesView
from controller.ledger.views.discrepancies import DiscrepanciesView
from controller.ledger.views.drawers import DrawersView
from controller.ledger.views.formulary import FormularyView
from controller.ledger.views.gantries import GantriesView
from controller.ledger.views.intents import IntentsView
from controller.ledger.views.lines import LinesView
from controller.ledger.views.orders import OrdersView
from controller.ledger.views.people import PeopleView
from controller.ledger.views.robots import RobotsView
from controller.ledger.views.station import StationView
from controller.ledger.views.stock import StockView
from controller.ledger.views.totes import TotesView
from controller.ledger.views.work import WorkView


@dataclass(slots=True)
class Books:
    """What a ledger says now. Given to the ledger when it is opened, which folds every row into each of them."""

    station: StationView = field(default_factory=StationView)
    drawers: DrawersView = field(default_factory=DrawersView)
    intents: IntentsView = field(default_factory=IntentsView)
    alarms: AlarmsView = field(default_factory=AlarmsView)
    formulary: FormularyView = field(default_factory=FormularyView)
    orders: OrdersView = field(default_factory=OrdersView)
    stock: StockView = field(default_factory=StockView)
    work: WorkView = field(default_factory=WorkView)
    totes: TotesView = field(default_factory=TotesView)
    robots: RobotsView = field(default_factory=RobotsView)
    deliveries: DeliveriesView = field(default_factory=DeliveriesView)
    lines: LinesView = field(default_factory=LinesView)
    gantries: GantriesView = field(default_factory=GantriesView)
    discrepancies: DiscrepanciesView = field(default_factory=DiscrepanciesView)
    people: PeopleView = field(default_factory=PeopleView)
    consumers: ConsumersView = field(default_factory=ConsumersView)
    carts: CartsView = field(default_factory=CartsView)

    def all(self) -> list[View]:
        """Every view, in a fixed order."""
        return [getattr(self, one.name) for one in fields(self)]
