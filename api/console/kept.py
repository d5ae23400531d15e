"""The console's own style and modules, which a browser keeps: their address has a digest of all their bytes in it.

So turning a page asks for the page alone, and after an update every page asks for the new ones.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.console.page import ROOT

STATIC = Path(__file__).parent / "static"


def digest(folder: Path) -> str:
    """Of the names and bytes of its files: modules import each other, so one that changes is news of all."""
    told = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        held = file.read_bytes()
        told.update(f"{file.name}\0{len(held)}\0".encode() + held)
    return told.hexdigest()[:12]


AT = f"{ROOT}/static/{digest(STATIC)}"
"""Where they are while these bytes are served."""


def mounted() -> Mount:
    """All of them, squeezed: none is secret. Another digest than theirs is 404."""
    return Mount(AT, GZipMiddleware(_Kept(directory=STATIC)))


class _Kept(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        """Not asked for again for a year. What is not there raises, and is not kept."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "max-age=31536000, immutable"
        return response
