"""What every table of a site file is made of: the frozen base, and the texts that name things."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,47}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Phone = Annotated[str, StringConstraints(pattern=r"^[0-9+*#(][0-9 +*#()/-]{1,31}$")]


class Part(BaseModel):
    """The base of every table of a site file: nothing unknown, nothing coerced, nothing changed after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
