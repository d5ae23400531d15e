"""PW-02: power cuts anywhere. The same harness must see a disk or a setting that does lose what was acknowledged."""

from __future__ import annotations

import pytest

from tests.controller.ledger.cuts import campaign


@pytest.mark.timeout(120)
def test_pw02_no_acknowledged_entry_is_lost_in_5000_power_cuts() -> None:
    seen = campaign(5000)
    assert (seen.tried, seen.lost, seen.broken) == (5000, 0, 0), seen.first_bad
    assert seen.twice > 300
    assert seen.rows > 5000 * 10


def test_pw02_control_synchronous_normal_loses_acknowledged_entries() -> None:
    assert campaign(300, synchronous=1).lost > 30


def test_pw02_control_a_disk_that_lies_about_its_sync_is_noticed() -> None:
    seen = campaign(300, lies=True)
    assert seen.lost + seen.broken > 30
