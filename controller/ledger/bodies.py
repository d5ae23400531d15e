"""The written form of a body: canonical JSON, one text for one value, and no floats in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn


def _refuse_float(text: str) -> NoReturn:
    raise TypeError(f"{text} is a float: a ledger's body holds integers and texts only")


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_may_be_float = re.compile(r"[:\[,]-?\d+[.e]").search
_look_for_floats = json.JSONDecoder(parse_float=_refuse_float).decode


def written(body: Mapping[str, Any]) -> bytes:
    """The bytes of a body. TypeError or ValueError if it holds what is no JSON value, or a float."""
    text = _encode(body)
    if _may_be_float(text):  # every float's text looks so, or stands alone and is no body; a text may look so too
        _look_for_floats(text)
    return text.encode()


def read(body: bytes) -> dict[str, Any]:
    """The body in a row's bytes."""
    value: dict[str, Any] = json.loads(body)
    return value


def state_written(state: Any) -> str:
    """A view's dump as the text a checkpoint holds."""
    return _encode(state)
