"""Other stations of the house: totes go to them and come from them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from sites.outward import File, Url
from sites.part import Id, Part

PublicKey = Annotated[str, StringConstraints(pattern=r"^whpk_[A-Za-z0-9+/]{43}=$")]


class Partner(Part):
    """Another station. No secret stands here: the token for its API lies in `partners/<id>.token` of the state folder."""

    id: Id
    """The id of that station, as it says itself."""
    url: Url | None = None
    """Where its API is. A tote that is sealed for it is announced there; without it, a program carries the manifest."""
    plain: bool = False
    """Whether `http://` is meant."""
    ca: File | None = None
    """The authorities that may sign its certificate, a PEM file, relative to the site file; the system's if none."""
    keys: tuple[PublicKey, ...] = Field((), strict=False)
    """The public keys that its webhooks are signed with: its receipts are believed by them."""
