"""What stands behind the API at this moment: a station, or the reasons why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api.certificate import Certificate
    from api.console.readers import Readers
    from api.telling import Telling
    from controller.station import Station

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(slots=True)
class Standing:
    """`station` is None while there is none: the site file is broken, or the start is not done.

    `reasons` are problem codes with their facts, said at `/v1/health`; `findings` is what the checker said about the
    site file. `hosts` are the names that the `Host` header may carry beside the loopback ones; anything else is taken
    for a page that rebinds its name to our address (AP-09).
    """

    station: Station | None = None
    reasons: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    findings: list[Mapping[str, Any]] = field(default_factory=list)
    hosts: frozenset[str] = LOOPBACK
    certificate: Certificate | None = None
    """What is shown to the network; None on loopback, which is spoken to in plain HTTP."""
    telling: Telling | None = None
    """Who is told outside, while there is a station."""
    readers: Readers | None = None
    """What is read beside its screens, for their pages."""
    leaving: bool = False
    """The daemon is about to stop: whoever listens is let go."""
