"""Service: every wire with what hangs on it, one wire's bytes, and the bundle for who mends it from afar."""

from __future__ import annotations

from api.bundle import bundle, name_of
from api.console.devices import tree, trees
from api.console.page import Pages, Shown
from api.console.visitor import Visitor
from api.rest.links import frames_of
from api.standing import Standing
from controller.policy.roles import Right
from drivers.faults import Refused

pages = Pages()

FRAMES = 50


@pages.page("/service", "service.html", Right.SEE_LINKS)
def service(visitor: Visitor) -> Shown:
    """Links, boards and drawers as a tree; what does not work is named first."""
    found = trees(visitor.station)
    facts = {
        "trees": found,
        "down": [tree.link.id for tree in found if not tree.link.up],
        "stuck": [
            drawer
            for tree in found
            for branch in tree.branches
            for drawer in branch.drawers
            if drawer.alarms or drawer.state in {"fault", "forced", "recovering", "halted", "out_of_service"}
        ],
    }
    return Shown(facts, all_of=frozenset({"drawer"}), ticks=True)


@pages.file("/bundle", "application/zip", Right.SEE_LINKS)
def support(standing: Standing, visitor: Visitor) -> tuple[str, bytes]:
    """What `GET /v1/bundle` gives."""
    return name_of(visitor.station), bundle(standing, visitor.station)


@pages.page("/links/{id}", "link.html", Right.SEE_LINKS)
def link(visitor: Visitor, id: str) -> Shown:
    """One wire: its figures, and its last frames in both directions. With `?still` they stand until they are asked for anew."""
    found, still = tree(visitor.station, id), "still" in visitor.query
    if found is None:
        raise Refused("unknown-link", id=id)
    frames = frames_of(visitor.station, id)[-FRAMES:]
    return Shown({"tree": found, "frames": frames[::-1], "still": still}, all_of=frozenset({"drawer"}), ticks=True)
