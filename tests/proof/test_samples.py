"""A sample of each long campaign, and that none is missing."""

from __future__ import annotations

import pytest

from tests.proof.campaign import CAMPAIGNS, REQUIRED
from tests.proof.catalogue import load
from tests.proof.looks import LOOKS
from tests.proof.sights import DISCREPANCY, PHARMACY, WARD

load()


def test_no_required_campaign_is_missing() -> None:
    assert [name for name in REQUIRED if name not in CAMPAIGNS] == []


def test_every_page_with_a_name_in_its_address_has_one_that_is_looked_at() -> None:
    named = {look.page for look in LOOKS if "{" in look.page and not look.page.startswith(DISCREPANCY)}
    assert named <= {*WARD, *PHARMACY}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("identity", sorted(CAMPAIGNS))
def test_sample(identity: str) -> None:
    one = CAMPAIGNS[identity]
    score = one.run(one.sample)
    assert score.holds, f"{identity} {one.what}: {score}; again with: python -m tests.proof {identity}"
