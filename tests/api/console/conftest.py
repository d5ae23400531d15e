"""A page around a body, at an address: what the tests of the finger devices and of the style sheet look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.console.harness import put
from tests.kit.pages import Shelf


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The time that a browser and its driver need to start is not the test's."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(30, func_only=True))


@pytest.fixture
def show(shelf: Shelf) -> Callable[..., str]:
    """`show(body, theme="night", modules=("keypad",))`: the address of that page."""

    def shown(body: str, **facts: Any) -> str:
        return put(shelf, body, **facts)

    return shown
