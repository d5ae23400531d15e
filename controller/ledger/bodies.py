"""The written form of a body: canonical JSON, one text for one value, and no floats in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

_PLAIN = frozenset({str, int, bool, type(None)})


def written(body: Mapping[str, Any]) -> bytes:
    """The bytes of a body: keys sorted, no spaces, UTF-8. TypeError if it holds what is no JSON value, or a float."""
    _check(body.values())
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def _check(values: Iterable[Any]) -> None:
    """Raises TypeError for a float, and for the things that the writer would make texts of: dates, records."""
    left = [values]
    for these in left:
        for value in these:
            if type(value) in _PLAIN:
                continue
            if isinstance(value, dict):
                left.append(value.values())
            elif isinstance(value, (list, tuple)):
                left.append(value)
            elif not isinstance(value, (str, int)):
                raise TypeError(f"{value!r} is a {type(value).__name__}: a ledger's body holds integers and texts only")


def read(body: bytes) -> dict[str, Any]:
    """The body in a row's bytes."""
    value: dict[str, Any] = orjson.loads(body)
    return value


def state_written(state: Any) -> str:
    """A view's dump as the text a checkpoint holds."""
    return orjson.dumps(state, option=orjson.OPT_SORT_KEYS).decode()


def state_read(text: str) -> Any:
    """A view's dump from that text."""
    return orjson.loads(text)
