"""The table of a message: its attributes, its children and its text, read off the fields of its dataclass once.

An attribute is named as its field is, in the protocol's way of writing names; a child as its class, unless that says `element`.
The kind of an attribute is the annotation of its field. A field without a default must be there.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from enum import Enum, auto
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from firmware_protocols.wwks2.words import Word, camel


class Kind(Enum):
    """How an attribute's value is written (1.3)."""

    TEXT = auto()
    FILTER = auto()
    """A text; empty is the same as not there."""
    WHOLE = auto()
    """32 bits with a sign."""
    LONG = auto()
    """64 bits with a sign."""
    POSITIVE = auto()
    """32 bits; 0 is the same as not there."""
    LONG_POSITIVE = auto()
    """64 bits; 0 is the same as not there."""
    FLAG = auto()
    DATE = auto()
    WORD = auto()
    QUOTED = auto()
    """No attribute but the element's own text, written as CDATA and taken as it stands."""


Filter = Annotated[str, Kind.FILTER]
Long = Annotated[int, Kind.LONG]
Positive = Annotated[int, Kind.POSITIVE]
LongPositive = Annotated[int, Kind.LONG_POSITIVE]
Quoted = Annotated[str, Kind.QUOTED]

T = TypeVar("T")

PLAIN = {str: Kind.TEXT, int: Kind.WHOLE, bool: Kind.FLAG, date: Kind.DATE}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. It is written unless it has its `default`; read under its `name` and the names in `also`."""

    field: str
    name: str
    also: tuple[str, ...]
    kind: Kind
    word: Callable[[str], Any]
    """Of a WORD, the class of it; raises ValueError for what is none."""
    needed: bool
    default: object


@dataclass(frozen=True, slots=True)
class Child:
    """A child, or with `many` a tuple of them."""

    field: str
    name: str
    shape: type[Any]
    many: bool
    needed: bool


@dataclass(frozen=True, slots=True)
class Element:
    """What stands in one element."""

    attributes: tuple[Attribute, ...]
    children: tuple[Child, ...]
    text: str | None
    """The field that holds the element's own text."""
    needed: frozenset[str]
    """The fields without which there is no such element."""


def named(name: str, *also: str) -> Any:
    """A field that may be left out and whose attribute is not named by the rule, or has other names too."""
    return field(default=None, metadata={"name": name, "also": also})


def name_of(shape: type[Any]) -> str:
    """The name of the element that a class is."""
    return str(getattr(shape, "element", shape.__name__))


def once_a_class(make: Callable[[type[Any]], T]) -> Callable[[type[Any]], T]:
    """Remembers for ever what was made of a class."""
    made: dict[type[Any], T] = {}

    def given(shape: type[Any]) -> T:
        if shape not in made:
            made[shape] = make(shape)
        return made[shape]

    return given


@once_a_class
def element_of(shape: type[Any]) -> Element:
    """The table of one class."""
    attributes: list[Attribute] = []
    children: list[Child] = []
    text = None
    for one in fields(shape):
        kind, many = _kind(one.type)
        missing = one.default is MISSING
        if kind is Kind.QUOTED:
            text = one.name
        elif isinstance(kind, Kind):
            name = one.metadata.get("name", camel(one.name))
            default = None if missing else one.default
            attributes.append(Attribute(one.name, name, one.metadata.get("also", ()), kind, str, missing, default))
        elif issubclass(kind, Word):
            default = None if missing else one.default
            attributes.append(Attribute(one.name, camel(one.name), (), Kind.WORD, kind, missing, default))
        else:
            children.append(Child(one.name, name_of(kind), kind, many, missing))
    needed = frozenset([*(one.field for one in attributes if one.needed), *(one.field for one in children if one.needed)])
    return Element(tuple(attributes), tuple(children), text, needed)


def _kind(annotation: Any) -> tuple[Any, bool]:
    """The kind of an annotation, or the class of a word or child; and whether there may be many."""
    if get_origin(annotation) in {Union, UnionType}:
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    if get_origin(annotation) is Annotated:
        return annotation.__metadata__[0], False
    if get_origin(annotation) is tuple:
        return get_args(annotation)[0], True
    return PLAIN.get(annotation, annotation), False
