"""What health says of a wire: one that was never up is not called lost."""

from __future__ import annotations

from api.rest.health import link_down
from tests.drivers.lines import Line, at_rest, over
from tests.kit.wire import FarEnd


def test_a_wire_that_nobody_has_connected_is_not_up_yet_and_says_why() -> None:
    far = FarEnd(at_rest)
    far.plugged = False

    async def tell(line: Line) -> None:
        told = link_down(line.link)
        assert (told["code"], told["effect"]) == ("link-not-up", "none")
        assert "not connected yet" in told["detail"]
        await line.until_down(1)
        assert not line.link.ever_up

    over(lambda: Line(far), tell, wait=False)


def test_a_wire_that_was_up_is_lost() -> None:
    async def tell(line: Line) -> None:
        line.far.unplug()
        await line.until_down()
        assert link_down(line.link)["code"] == "link-lost"

    over(lambda: Line(FarEnd(at_rest)), tell)
