"""A sample of each long campaign, and that none is missing."""

from __future__ import annotations

import pytest

from tests.proof.__main__ import main
from tests.proof.campaign import CAMPAIGNS, REQUIRED
from tests.proof.catalogue import load
from tests.proof.looks import LOOKS
from tests.proof.sights import DISCREPANCY, PHARMACY, WARD

load()


def test_no_required_campaign_is_missing() -> None:
    assert [name for name in REQUIRED if name not in CAMPAIGNS] == []


def test_a_campaign_that_is_not_there_is_refused_and_none_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["AP-08", "AP-99"]) == 2
    told = capsys.readouterr().out
    assert told.startswith("no such campaign: AP-99; there are AP-03, AP-08,")
    assert "survived" not in told


def test_every_page_with_a_name_in_its_address_has_one_that_is_looked_at() -> None:
    named = {look.page for look in LOOKS if "{" in look.page and not look.page.startswith(DISCREPANCY)}
    assert named <= {*WARD, *PHARMACY}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("identity", sorted(CAMPAIGNS))
def test_sample(identity: str) -> None:
    one = CAMPAIGNS[identity]
    score = one.run(one.sample)
    assert score.holds, f"{identity} {one.what}: {score}; again with: python -m tests.proof {identity}"
