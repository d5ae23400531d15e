"""What every route asks: which station, who is asking, with which right; and the written forms of ETag, page and Prefer."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any, TypeVar, cast

from fastapi import Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from api.standing import Standing
from controller.policy.roles import Right
from controller.policy.session import Session, require
from controller.station import Station
from drivers.faults import Refused

Route = Callable[[Request], Coroutine[Any, Any, Response]]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

MAX_WAIT_S = 30


class Body(BaseModel):
    """The base of every request body: unknown members are refused, nothing is coerced into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Answer(BaseModel):
    """The base of every response body. Clients must tolerate members they do not know."""

    model_config = ConfigDict(frozen=True)


def the_standing(request: Request) -> Standing:
    """What stands behind this API."""
    return cast("Standing", request.app.state.standing)


class StationRequest(Request):
    """A request as a station's route takes it: with the station, and who asks."""

    @property
    def station(self) -> Station:
        """The station. Raises Refused("no-station") while there is none, which moves nothing."""
        station = the_standing(self).station
        if station is None:
            raise Refused("no-station")
        return station

    @property
    def who(self) -> Session:
        """Who asks. The gate has put it there before any route ran; raises Refused("log-in-needed") where it did not."""
        session = self.scope.get("galenic.session")
        if not isinstance(session, Session):
            raise Refused("log-in-needed")
        return session


class StationRoute(APIRoute):
    """A route whose rights are asked before its body is read. Not as dependencies of FastAPI: those cost a pull 0.1 ms."""

    def get_route_handler(self) -> Route:
        """What runs for a request."""
        run = super().get_route_handler()
        rights: tuple[Right, ...] = getattr(self.endpoint, "rights", ())

        async def asked(request: Request) -> Response:
            mine = StationRequest(request.scope, request.receive)
            for right in rights:
                require(mine.who, right)
            return await run(mine)

        return asked


def needs(*rights: Right) -> Callable[[Endpoint], Endpoint]:
    """A route's declared rights: `@needs(Right.SEE_LINKS)` below its verb.

    Rights that mean presence are refused to programs here too. Workflows ask again where they decide (I-42).
    """

    def declared(endpoint: Endpoint) -> Endpoint:
        endpoint.rights = rights  # type: ignore[attr-defined]
        return endpoint

    return declared


# ETags: the ledger number of the last change of a thing, strong and quoted.


def set_etag(response: Response, version: int) -> None:
    """Says which version this is."""
    response.headers["ETag"] = f'"{version}"'


def check_if_match(request: Request, version: int) -> None:
    """Raises Refused("if-match-needed") without the header, Refused("changed-meanwhile") when it names another version."""
    given = request.headers.get("if-match")
    if given is None:
        raise Refused("if-match-needed")
    if given.strip() != "*" and f'"{version}"' not in [tag.strip() for tag in given.split(",")]:
        raise Refused("changed-meanwhile")


# Pages: an opaque cursor, never an offset.

Limit = Annotated[int, Query(ge=1, le=500, description="At most this many.")]
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]


def page(items: Sequence[Any], key: Any, after: str | None, limit: int) -> tuple[list[Any], str | None]:
    """The items (sorted by their unique text `key(item)`) above the cursor, at most `limit`, and the next cursor or None.

    Raises Refused("bad-cursor") for a cursor that no answer of ours gave.
    """

    def above(start: str, most: int) -> list[Any]:
        return [item for item in sorted(items, key=key) if key(item) > start][:most]

    return page_of(above, key, after, limit)


def page_of(
    above: Callable[[str, int], list[Any]], key: Callable[[Any], str], after: str | None, limit: int
) -> tuple[list[Any], str | None]:
    """The same where there may be very many: `above(start, most)` gives the next ones in order. Raises as `page`."""
    found = above(_read_cursor(after) if after is not None else "", limit + 1)
    shown = found[:limit]
    return shown, _write_cursor(key(shown[-1])) if len(found) > limit else None


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """`Link: <…>; rel="next"` (RFC 8288) beside the body's own `next`."""
    if cursor is not None:
        target = request.url.include_query_params(after=cursor)
        response.headers["Link"] = f'<{target.path}?{target.query}>; rel="next"'


def _write_cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> str:
    try:
        key = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as wrong:
        raise Refused("bad-cursor") from wrong
    if _write_cursor(key) != cursor:
        raise Refused("bad-cursor")
    return key


def prefer_wait(request: Request, response: Response) -> float:
    """Seconds the caller wants an answer held until something changes (`Prefer: wait=10`, RFC 7240), 0 without; at most 30.

    Writes `Preference-Applied`. A preference that cannot be read is ignored, as RFC 7240 says.
    """
    for preference in request.headers.get("prefer", "").split(","):
        name, _, value = preference.split(";")[0].partition("=")
        value = value.strip().strip('"')
        if name.strip().lower() == "wait" and value.isascii() and value.isdigit():
            seconds = min(int(value[:6]), MAX_WAIT_S)
            response.headers["Preference-Applied"] = f"wait={seconds}"
            return float(seconds)
    return 0.0
