"""A form for every kind of fault, made from the fault's own fields, so that a new kind has its switch by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from simulators.faults.fault import Fault
from simulators.faults.faults import AnyFault
from simulators.house import House

KINDS: tuple[type[Fault], ...] = get_args(get_args(AnyFault)[0])
CASES = re.compile(r"^[A-Z]{2}-\d\d[^:]*: ")
"""The numbers of cases before what a fault is."""
AT = ("drawer", "link", "board", "scale", "zone", "diverter", "reader", "gantry", "robot")
"""Where a fault can be, in the order of the page."""
SUGGESTED = {"pack": "1", "other": "2", "at_mm": "300", "grams": "1"}
"""What stands in a field that must be filled in and has no default, so that each switch works as it stands."""


@dataclass(frozen=True, slots=True)
class Field:
    """One input: with `choices` one of them, else a number between bounds or a text. `kind` is what JSON has."""

    name: str
    label: str
    kind: Literal["string", "number", "integer", "boolean"]
    choices: Sequence[tuple[str, str]]
    default: str
    low: float | None
    high: float | None
    required: bool


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of fault."""

    kind: str
    title: str
    at: str
    says: str
    fields: Sequence[Field]


def forms(house: House) -> dict[str, list[Form]]:
    """Forms by where the fault is, without those for which this site has no place."""
    known = _known(house)
    found: dict[str, list[Form]] = {}
    for kind in KINDS:
        form = _form(kind, known)
        if known[form.at]:
            found.setdefault(form.at, []).append(form)
    return {at: found[at] for at in AT if at in found}


def _known(house: House) -> dict[str, Sequence[str]]:
    outputs = sorted({output for station in house.robots.values() for output in station.robot.steel.outputs})
    return {
        "drawer": list(house.plant.drawers),
        "opens": list(house.plant.drawers),
        "link": list(house.wires),
        "board": [*house.boards, *house.scales, *house.scanners, *house.conveyors, *house.gantries, *house.robots],
        "scale": list(house.scales),
        "zone": list(house.belts.belts),
        "diverter": list(house.gates),
        "reader": list(house.readers),
        "gantry": list(house.plant.gantries),
        "robot": list(house.robots),
        "output": outputs,
        "instead": ["", *outputs],
        "at": ["gripper", *outputs],
    }


def _form(fault: type[Fault], known: dict[str, Sequence[str]]) -> Form:
    schema = fault.model_json_schema()
    asked = schema["properties"]
    kind: str = asked.pop("kind")["const"]
    at = next(name for name in AT if name in asked)
    says = CASES.sub("", " ".join((fault.__doc__ or "").split()))
    fields = [_field(name, about, known, name in schema["required"]) for name, about in asked.items()]
    fields.sort(key=lambda one: one.name != at)
    return Form(kind, kind.replace("-", " "), at, says[:1].upper() + says[1:], fields)


def _field(name: str, about: dict[str, Any], known: dict[str, Sequence[str]], required: bool) -> Field:
    branches = [one for one in about.get("anyOf", [about]) if one.get("type") != "null"]
    # a decimal may be written as a number or as a string with a pattern: the number has the bounds
    shape: dict[str, Any] = next((one for one in branches if one.get("type") != "string"), branches[0])
    default = about.get("default", SUGGESTED.get(name))
    if shape["type"] == "boolean":
        choices = (
            [("true", "yes"), ("false", "no")]
            if required or default is not None
            else [("", "as it is"), ("true", "yes"), ("false", "no")]
        )
    elif name in known:
        choices = [(one, one or "none") for one in known[name]]
    else:
        choices = [(one, one) for one in shape.get("enum", ())]
    low, high = (shape.get(key, shape.get(f"exclusive{key.capitalize()}")) for key in ("minimum", "maximum"))
    shown = (
        ""
        if default is None
        else {True: "true", False: "false"}.get(default, str(default))
        if isinstance(default, bool)
        else str(default)
    )
    return Field(name, name.replace("_", " "), shape["type"], choices, shown, low, high, required)
