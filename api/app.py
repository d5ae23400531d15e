"""The REST face: one FastAPI application over whatever stands behind it, and its document at `/openapi.json`."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules

from fastapi import FastAPI

import api.rest
from api import openapi, problems
from api.gate import Gate
from api.standing import Standing


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
    for name in sorted(module.name for module in iter_modules(api.rest.__path__)):
        router = getattr(import_module(f"api.rest.{name}"), "router", None)
        if router is not None:
            app.include_router(router)
    app.add_middleware(Gate, standing=standing)
    return app
