"""A ward for each module of tests, and a terminal in a browser for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.console.stand import Stand, standing
from tests.kit.browser import NewContext

if TYPE_CHECKING:
    from playwright.async_api import Page

LONGEST_S = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The time that two programs need to start is not the first test's."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(LONGEST_S, func_only=True))


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A ward that stands while a module's tests run."""
    with standing(tmp_path_factory.mktemp("ward")) as ward:
        yield ward


@pytest_asyncio.fixture(loop_scope="session")
async def terminal(stand: Stand, new_context: NewContext) -> Page:
    """The enrolled terminal's page, with nobody logged in."""
    return await stand.screen(await new_context())
