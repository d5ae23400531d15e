"""The campaign with the killed broker sees what it is there for: an outbox that believes a PUBACK loses events."""

from __future__ import annotations

import pytest

from api.outbox import Outbox
from tests.proof import outward


@pytest.mark.timeout(120)
def test_an_outbox_that_does_not_go_back_to_the_cursor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Outbox, "rewind", lambda _: None)
    monkeypatch.setattr(outward, "STAGE_S", 2.0)
    monkeypatch.setattr(outward, "END_S", 5.0)
    score = outward.killed(3)
    assert not score.holds
    assert score.lost > 0
