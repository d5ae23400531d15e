"""What a line of a pick list may wish for beyond an item and a quantity: which lots will do, and labels on its packs."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from api.rest.asking import Body
from api.rest.deliveries import Day


def _sayable(text: str) -> str:
    if "\ufffe" in text or "\uffff" in text:
        raise ValueError("XML has no such sign")
    return text


class LabelBody(Body):
    """A label for each pack: a template that the robot's printer knows, and the data for it as that wants them."""

    template: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
    data: Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_sayable)]


class CriteriaBody(Body):
    """Which lots will do: none that expires before `expires_from`; this `lot` alone; all of `one_lot`, whichever it is."""

    expires_from: Day | None = None
    lot: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,20}$")] | None = None
    one_lot: bool = False
