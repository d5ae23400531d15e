"""`[outward]` of the site file: what is right, and the rule about topics, which are lower-case."""

from __future__ import annotations

from pathlib import Path

from tests.sites.files import SITE, checked

OUTWARD = """
[outward]
hosts = ["localhost"]
consumers = [{ id = "pharmacy", service = "rx" }]
brokers = [{ id = "house", consumer = "pharmacy", host = "localhost", plain = true }]
"""


def test_a_right_one_is_right(tmp_path: Path) -> None:
    report = checked(tmp_path, site=SITE + OUTWARD)
    assert report.findings == ()
    assert report.site is not None
    assert report.site.outward.brokers[0].port == 8883


def test_names_that_would_be_one_topic_are_refused_where_there_is_a_broker(tmp_path: Path) -> None:
    twins = SITE.replace('id = "D-2"', 'id = "d-1"')
    assert checked(tmp_path, site=twins).errors == ()
    errors = checked(tmp_path, site=twins + OUTWARD).errors
    assert [(error.path, "lower-case" in error.message) for error in errors] == [("drawers[1].id", True)]


def test_what_is_of_the_wrong_kind_is_one_error(tmp_path: Path) -> None:
    for wrong in ('outward = "x"\n' + SITE, SITE + '\n[outward]\nhosts = "localhost"\nbrokers = [1]\n'):
        assert checked(tmp_path, site=wrong).errors
