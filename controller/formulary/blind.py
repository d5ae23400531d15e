"""A number that must not be seen before the person's own count: blind by type, not by care (law 9, invariant I9)."""

from __future__ import annotations

from typing import Any, Generic, NoReturn, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")


class Blind(Generic[T]):
    """Holds a value that can be compared but not read: its text, log and JSON forms are empty, and it does not pickle.

    The two ways out say in their names where the value goes: into the ledger, or to someone whose count stands there.
    """

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def agrees(self, said: T) -> bool:
        """Whether a person's number is this one."""
        return self._value == said

    def for_ledger(self) -> T:
        """The value, for an entry of the ledger and for nothing else."""
        return self._value

    def told_after(self, count_seq: int) -> T:
        """The value, for a person whose own count is row `count_seq` of the ledger. Raises ValueError without one."""
        if count_seq < 1:
            raise ValueError("no count stands in the ledger")
        return self._value

    def __repr__(self) -> str:
        return ""

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return ""

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError("a blind value is compared with agrees()")

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        raise TypeError("a blind value does not travel")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """In a model it is nothing: serialised as null, and no input makes one."""
        return core_schema.is_instance_schema(
            cls, serialization=core_schema.plain_serializer_function_ser_schema(lambda _value: None)
        )
