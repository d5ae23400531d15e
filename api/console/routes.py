"""Every page of `api/console/pages` as routes: GET renders, POST does what the same workflow functions do for REST.

A refusal of a post is four lines on the page where it was tried; a page that may not be seen is those lines alone.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Scope

import api.console.pages
from api import problems
from api.console import rendering
from api.console.kept import mounted
from api.console.page import NOBODY, ROOT, STREAM, File, Page, Pages, Post
from api.console.stream import Endpoint, stream_of
from api.console.visitor import LANGUAGE, Visitor, drop, keep, visitor
from api.standing import Standing
from controller.station import Station
from drivers.faults import Effect, Fault, Refused


def every() -> list[Pages]:
    """The pages of every module."""
    return [
        import_module(f"{api.console.pages.__name__}.{module.name}").pages for module in iter_modules(api.console.pages.__path__)
    ]


def routes() -> list[Route | Mount]:
    """All of the console."""
    modules = every()
    pages = [page for module in modules for page in module.pages]
    return [
        Route("/", _home),
        Route(STREAM, stream_of(pages, [scan for module in modules for scan in module.scans])),
        mounted(),
        *(Route(page.path, _get(page)) for page in pages),
        *(Route(file.path, _download(file)) for module in modules for file in module.files),
        *(Route(post.path, _post(post), methods=["POST"]) for module in modules for post in module.posts),
    ]


async def _home(request: Request) -> Response:
    return RedirectResponse(ROOT, 303)


def _get(page: Page) -> Endpoint:
    async def get(request: Request) -> Response:
        standing: Standing = request.app.state.standing
        if standing.station is None:
            return rendering.nothing_moves(standing, request.cookies.get(LANGUAGE))
        who = visitor(request, standing, standing.station)
        try:
            shown = page.shown(who, **request.path_params)
            if shown.go is not None:
                return RedirectResponse(shown.go, 303)
            made = rendering.answer(who, page.template, shown.facts)
            _at_place(who, page, request)
        except Exception as wrong:  # noqa: BLE001 - of whatever kind: a page is four lines then, not a browser's own
            fault = wrong if isinstance(wrong, Fault) else _defect(standing.station, request.url.path, wrong)
            if fault.code in NOBODY:
                return RedirectResponse(ROOT, 303)
            return _refused(request.scope, who, fault)
        return made

    return get


def _download(file: File) -> Endpoint:
    async def get(request: Request) -> Response:
        standing: Standing = request.app.state.standing
        if standing.station is None:
            return rendering.nothing_moves(standing, request.cookies.get(LANGUAGE))
        who = visitor(request, standing, standing.station)
        try:
            who.require(*file.rights)
        except Refused as fault:
            return RedirectResponse(ROOT, 303) if fault.code in NOBODY else _refused(request.scope, who, fault)
        name, made = file.make(standing, who)
        return Response(made, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=file.kind)

    return get


def _defect(station: Station, path: str, defect: Exception, effect: Effect = Effect.NONE) -> Fault:
    """Records a defect of ours; the page says its number."""
    number = problems.defect_number()
    station.defect(f"the page {path[:200]}, {number}", defect)
    return Fault("defect", effect=effect, id=number)


def _at_place(who: Visitor, page: Page, request: Request) -> None:
    """Where the person is comes with the session: after a restart or a lock she is there again."""
    if who.session is not None and not page.anybody:
        who.station.people.at_place(who.session, request.url.path)


def _post(post: Post) -> Endpoint:
    async def do(request: Request) -> Response:
        standing: Standing = request.app.state.standing
        if standing.station is None:
            raise Refused("no-station")
        who = visitor(request, standing, standing.station)
        try:
            if not post.anybody:
                who.require(*post.rights)
            asked = post.form.model_validate_json(await request.body() or b"{}")
            go = await post.do(who, asked, **request.path_params)
        except ValidationError as wrong:
            fields = [".".join(str(part) for part in error["loc"]) for error in wrong.errors()]
            return _refused(request.scope, who, Refused("bad-request", fields=fields))
        except Exception as wrong:  # noqa: BLE001 - as above; nobody knows how far it came
            unknown = Effect.UNKNOWN
            fault = wrong if isinstance(wrong, Fault) else _defect(standing.station, request.url.path, wrong, unknown)
            return _refused(request.scope, who, fault)
        response = JSONResponse({"go": go.to})
        for name, given in go.cookies.items():
            if given is None:
                drop(response, name)
            else:
                keep(response, name, *given)
        return response

    return do


def _refused(scope: Scope, who: Visitor, fault: Fault) -> Response:
    """The four lines: what happened to the drug, why, what to do now, and the code to tell."""
    said = rendering.problem(who, fault)
    if isinstance(fault, Refused):
        scope["galenic.refusal"] = (fault.code, fault.facts)
    alone = scope["method"] == "GET"
    return rendering.answer(who, "refused.html" if alone else "message.html", {"problem": said}, said["status"])
