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

from api.console.page import ROOT

STATIC = Path(__file__).parent / "static"


def digest(folder: Path) -> str:
    """Of the names and bytes of its files: modules import each other, so one that changes is news of all."""
    told = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        told.update(f"{file.name}\0{file.stat().st_size}\0".encode())
        told.update(file.read_bytes())
    return told.hexdigest()[:12]


AT = f"{ROOT}/static/{digest(STATIC)}"
"""Where they are while these bytes are served."""


def mounted() -> Mount:
    """All of them, squeezed: none is secret. Another digest than theirs is 404."""
    return Mount(AT, GZipMiddleware(_Kept(directory=STATIC)))


class _Kept(StaticFiles):
    def file_response(self, *arguments: object, **named: object) -> Response:
        """Not asked for again for a year."""
        response = super().file_response(*arguments, **named)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "max-age=31536000, immutable"
        return response
