"""What may be asked of the control API: the body of each request, as a frozen shape with its bounds."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.boards.mt_sics import CAPACITY_G

Name = Annotated[str, Field(min_length=1, max_length=48)]
LotNumber = Annotated[str, Field(min_length=1, max_length=20)]
Quantity = Annotated[int, Field(ge=1, le=100_000, strict=True)]
Expiry = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Wait = Annotated[float, Field(ge=0, le=600)]


class Body(BaseModel):
    """Nothing unknown in a request."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Open(Body):
    """Waits up to `wait_s` until the drawer gives, and pulls it open."""

    do: Literal["open"]
    drawer: Name
    wait_s: Wait = 0.0


class Shut(Body):
    """Pushes a drawer home."""

    do: Literal["shut"]
    drawer: Name


class Take(Body):
    """Takes out of an open drawer; of the lot in front unless one is named."""

    do: Literal["take"]
    pocket: Name
    quantity: Quantity = 1
    lot: LotNumber | None = None


class Put(Body):
    """Puts into an open drawer."""

    do: Literal["put"]
    pocket: Name
    lot: LotNumber
    expiry: Expiry
    quantity: Quantity = 1


Act = Annotated[Open | Shut | Take | Put, Field(discriminator="do")]


class Look(Body):
    """With `--hands auto`: the next visit to this pocket's drawer takes and puts nothing."""

    do: Literal["look"]
    pocket: Name


Visit = Annotated[Take | Put | Look, Field(discriminator="do")]


class Shot(Body):
    """A symbol held before a scanner. GS stands as \\u001d in `data`."""

    scanner: Name
    data: Annotated[str, Field(min_length=1, max_length=4000)]
    aim: Annotated[str, Field(pattern=r"^\][A-Za-z][0-9A-Za-z]$")] | None = None


class Load(Body):
    """What lies on the pan from now on."""

    grams: Annotated[Decimal, Field(ge=0, le=2 * CAPACITY_G)]


class Presses(Body):
    """Presses of a CU16 board's TEST button."""

    times: Annotated[int, Field(ge=1, le=20)] = 1


class Remove(Body):
    """A hand takes a pack out of a gantry, from the gripper, the tray, the shelf, the floor or the hand-over."""

    do: Literal["remove"]
    pack: Annotated[str, Field(min_length=1, max_length=80)]


class Lay(Body):
    """A hand lays packs of one lot behind those of a gantry's shelf place."""

    do: Literal["lay"]
    place: Name
    lot: LotNumber
    expiry: Expiry
    quantity: Annotated[int, Field(ge=1, le=1000, strict=True)] = 1


AtGantry = Annotated[Remove | Lay, Field(discriminator="do")]
