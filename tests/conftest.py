"""What the whole run says at its end, and the browser, of which each worker has one."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.kit.browser import ONE_LOOP, browser, chromium, faults, new_context, page, screen
from tests.kit.pages import shelf

__all__ = ["browser", "chromium", "faults", "new_context", "page", "screen", "shelf"]

if find_spec("sniffio") is None:
    # httpx asks for it at each request that stays within a process, and every folder is searched for what is not there.
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # Python's own mark of what is known to be missing

LONGEST = {
    *("test_samples", "test_nights", "test_journey"),
    *("test_measured", "test_pharmacist", "test_demo_pair", "test_first_quarter_hour"),
}
"""Files that take a minute and more: begun last, everybody would wait for them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever takes a browser lives on the loop that it lives on; and files that wait for others' work are spread over the run.

    Workers take file after file in this order. Those that wait, one after the other, leave the processors idle; the others alone
    leave nothing to do meanwhile.
    """
    for item in items:
        marker = item.get_closest_marker("asyncio")
        if _browser(item) and marker is not None and not marker.kwargs:
            item.add_marker(ONE_LOOP, append=False)
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    waits = {path: any(_browser(item) or item.get_closest_marker("processes") for item in held) for path, held in files.items()}
    alike = [[path for path in files if waits[path] is so] for so in (True, False)]
    places = {path: n / len(some) for some in alike for n, path in enumerate(some)}
    items[:] = [item for path in sorted(files, key=lambda path: (path.stem not in LONGEST, places[path])) for item in files[path]]


def _browser(item: pytest.Item) -> bool:
    return "browser" in getattr(item, "fixturenames", ())


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
