"""A page around a body, at an address: what the tests of the finger devices and of the style sheet look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.console.harness import put
from tests.kit.pages import Shelf


@pytest.fixture
def show(shelf: Shelf) -> Callable[..., str]:
    """`show(body, theme="night", modules=("keypad",))`: the address of that page."""

    def shown(body: str, **facts: Any) -> str:
        return put(shelf, body, **facts)

    return shown
