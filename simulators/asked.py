"""What every route of the control API is given: the house it plays."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from simulators.house import House


def the_house(request: Request) -> House:
    """The house of this application."""
    house: House = request.app.state.house
    return house


TheHouse = Annotated[House, Depends(the_house)]
