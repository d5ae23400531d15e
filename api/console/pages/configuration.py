"""What this station runs: its versions, what its site has decided, and the site file as the daemon has read it."""

from __future__ import annotations

import platform
from importlib.metadata import version

from api.console.configuration import policy_of, tables_of
from api.console.page import Pages, Shown
from api.console.visitor import Visitor
from controller.policy.roles import Right

pages = Pages()


@pages.page("/configuration", "configuration.html", Right.SEE_LINKS)
def configuration(visitor: Visitor) -> Shown:
    """No secret is ever in a site file, so all of it is shown."""
    station = visitor.station
    view = station.books.station
    facts = {
        "versions": {"galenic": version("galenic"), "Python": platform.python_version(), "SQLite": version("apsw")},
        "hash": view.config_hash,
        "configured": view.configured_seq,
        "policy": policy_of(station.site),
        "tables": list(tables_of(station.site)),
        "strangers": station.devices.strangers,
    }
    return Shown(facts)
