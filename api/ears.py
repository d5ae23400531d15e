"""Where the daemon listens: plain HTTP on loopback, where nobody else hears it, and HTTPS at every other address (C10)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from api import certificate
from api.addresses import names_here
from api.certificate import Certificate
from api.state import make_folder
from controller.clock import Clock
from drivers.faults import SiteFault


@dataclass(frozen=True, slots=True)
class Ear:
    """A socket that listens. It shows its certificate, which it lacks on loopback only."""

    socket: socket.socket
    host: str
    certificate: Certificate | None

    @property
    def url(self) -> str:
        """As a person types it."""
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://{self.host}:{self.socket.getsockname()[1]}"

    def configured(self, app: ASGIApp, **more: Any) -> uvicorn.Config:
        """How a server of its own speaks at it."""
        if self.certificate is not None:
            more |= {"ssl_certfile": self.certificate.chain, "ssl_keyfile": self.certificate.key}
        return uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, ws="none", **more)


@contextmanager
def bound(listen: str, state: Path) -> Iterator[Ear]:
    """Listens at `host:port`, before anything else is begun. What was bound, and not what was typed, says whether it is the
    network's: then the certificate is shown, made where there is none yet, and there is no way to do without.

    Raises OSError, ValueError, OverflowError where the address cannot be had, SiteFault("certificate-wrong").
    """
    host, _, port = listen.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    # asyncio sets TCP_NODELAY only on what says that it is TCP; without it a body waits 40 ms for its head to be acknowledged
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as ear:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ear.bind((host.strip("[]"), int(port)))
        ear.listen()  # who comes while the ledger is still being read waits, and is not turned away
        own = ipaddress.ip_address(ear.getsockname()[0]).is_loopback
        yield Ear(ear, host, None if own else _shown(host, state))


def _shown(host: str, state: Path) -> Certificate:
    try:
        make_folder(state)
        return certificate.ready(state, names_here((host.strip("[]"),)), Clock().now())
    except OSError as why:
        raise SiteFault("certificate-wrong", path=str(state), why=str(why)) from why
