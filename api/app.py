"""The REST face: one FastAPI application over whatever stands behind it, and its document at `/openapi.json`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules

from fastapi import APIRouter, FastAPI

import api.rest
from api import openapi, problems
from api.console.routes import routes
from api.gate import Gate
from api.standing import Standing

AT_A_DRAWER = ("pulls", "restocks", "counts")
"""What people wait for at a drawer is found first."""


def create_app(standing: Standing) -> FastAPI:
    """Every module of `api/rest` that has a `router` is one resource. FastAPI's own pages load from other hosts: off."""
    app = FastAPI(
        title="Galenic",
        version=version("galenic"),
        summary="One station's cabinets: pull, restock, count, pick, and the record of all of it.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    app.state.standing = standing
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]  # FastAPI's own way of giving another one
    problems.install(app)
    for router in _routers():
        app.router.routes.extend(router.routes)  # its own routes, not a router to ask in turn: `include_router` costs a pull 0.3 ms
    app.router.routes.extend(routes())
    app.add_middleware(Gate, standing=standing)
    return app


def _routers() -> Iterator[APIRouter]:
    names = {module.name for module in iter_modules(api.rest.__path__)}
    for name in (*AT_A_DRAWER, *sorted(names.difference(AT_A_DRAWER))):
        router = getattr(import_module(f"api.rest.{name}"), "router", None)
        if router is not None:
            yield router
