"""Pages for the browser that belong to no station: given files, served on this machine under the console's content policy."""

from __future__ import annotations

import html
import itertools
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""What the console itself says: no inline script or style, nothing from elsewhere."""
KINDS = {"html": "text/html; charset=utf-8", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class Shelf:
    """Files by their path, each with its policy."""

    def __init__(self, port: int) -> None:
        self.port, self.files = port, dict[str, tuple[str, str]]()
        self._numbers = itertools.count(1)

    def put(self, files: Mapping[str, str], policy: str = POLICY) -> str:
        """The address in front of each file's name. A form that is posted below it is answered with what was sent."""
        at = f"/{next(self._numbers)}/"
        self.files.update({at + name: (text, policy) for name, text in files.items()})
        return f"http://127.0.0.1:{self.port}{at}"


@pytest.fixture(scope="session")
def shelf() -> Iterator[Shelf]:
    """This worker's shelf. It outlives every page: a browser asks for a picture of its own when a page is long there."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.partition("?")[0]
            text, policy = stands.files.get(name, ("", POLICY))
            found = name in stands.files or name == "/favicon.ico"
            self._say(200 if found else 404, KINDS.get(name.rpartition(".")[2], KINDS["html"]), text, policy)

        def do_POST(self) -> None:
            sent = html.escape(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            said = f'<!doctype html><html lang="en"><title>Sent</title><h1>Sent</h1><p id="sent">{sent}</p>'
            self._say(200, KINDS["html"], said, POLICY)

        def _say(self, status: int, kind: str, text: str, policy: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        stands = Shelf(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield stands
        server.shutdown()
        thread.join()
