"""What the whole run says at its end, and the browser, of which each worker has one."""

from __future__ import annotations

import pytest

from tests.kit.browser import ONE_LOOP, browser, chromium, faults, new_context, page, screen
from tests.kit.pages import shelf

__all__ = ["browser", "chromium", "faults", "new_context", "page", "screen", "shelf"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever takes a browser lives on the loop that it lives on."""
    for item in items:
        marker = item.get_closest_marker("asyncio")
        if "browser" in getattr(item, "fixturenames", ()) and marker is not None and not marker.kwargs:
            item.add_marker(ONE_LOOP, append=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The newcomer's checks with their times: a table that goes into the release notes."""
    told = {
        name: value
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        for name, value in report.user_properties
        if name.startswith("newcomer ")
    }
    if told:
        terminalreporter.section("what a newcomer meets")
        for name, value in sorted(told.items(), key=lambda one: int(one[0].split()[1].rstrip(":"))):
            terminalreporter.write_line(f"{name.removeprefix('newcomer '):96} {value}")
