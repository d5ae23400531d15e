"""The site in force, written as its site file could be: every key with its value, those that nobody wrote too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from sites.models import Policy, Site


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the policy. `usual` is what holds where a site file says nothing, `means` its sentence."""

    name: str
    value: str
    usual: str
    means: str

    @property
    def chosen(self) -> bool:
        """Whether this site has decided otherwise than is usual."""
        return self.value != self.usual


def policy_of(site: Site) -> list[Value]:
    """Every value of the policy in force."""
    held, usual = site.policy.model_dump(mode="json"), Policy().model_dump(mode="json")
    return [
        Value(name, _value(held[name]), _value(usual[name]), " ".join((field.description or "").split()))
        for name, field in Policy.model_fields.items()
    ]


def tables_of(site: Site) -> Iterator[tuple[str, str]]:
    """Each table of the site, by its name, as text; what this site has none of is left out."""
    for name, part in _plain(site).items():
        if isinstance(part, list):
            if part:
                yield f"{name} ({len(part)})", "\n".join("\n".join(_table(f"[[{name}]]", one)) for one in part)
        elif name == "links":
            yield name, "\n".join("\n".join(_table(f"[{name}.{key}]", one)) for key, one in part.items())
        else:
            yield name, "\n".join(_table(f"[{name}]", part))


def _plain(part: BaseModel) -> dict[str, Any]:
    plain: dict[str, Any] = part.model_dump(mode="json", exclude_none=True)
    return plain


def _table(head: str, part: Mapping[str, Any]) -> list[str]:
    return [head, *(f"{name} = {_value(value)}" for name, value in part.items()), ""]


def _value(value: Any) -> str:
    """As TOML writes it; a dash for what is not set."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_value(one)}" for name, one in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)
