"""The two ways to a wire, as a site file writes them: `serial:<path>?baud=…&parity=…&stop=…` and `tcp://host:port`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

BAUDS = (1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200)
PARITIES = {"none": "N", "even": "E", "odd": "O"}
STOPS = {"1": 1, "2": 2}
COUNTED_PORT = re.compile(r"/dev/tty(USB|ACM)[0-9]+")
FORM = "serial:<absolute path>?baud=19200&parity=none&stop=1, or tcp://<host>:<port>"


@dataclass(frozen=True, slots=True)
class SerialLine:
    """A serial port (or a pseudo-terminal), eight data bits. `parity` is N, E or O."""

    path: str
    baud: int = 19_200
    parity: str = "N"
    stop: int = 1

    @property
    def counted(self) -> bool:
        """True for `/dev/ttyUSB0` and the like: named in the order of plugging, so another device after a reboot."""
        return COUNTED_PORT.fullmatch(self.path) is not None


@dataclass(frozen=True, slots=True)
class TcpEnd:
    """The far end of a TCP connection."""

    host: str
    port: int


def wire(url: str) -> SerialLine | TcpEnd:
    """Reads a link's `url`. Raises ValueError that names what is wrong with it."""
    try:
        split = urlsplit(url)
    except ValueError as error:
        raise ValueError(f"not a link's address ({error}); write {FORM}") from error
    if split.scheme == "serial":
        return _serial(split)
    if split.scheme == "tcp":
        return _tcp(split)
    raise ValueError(f"`{split.scheme or url}` is no way to a wire; write {FORM}")


def _serial(split: SplitResult) -> SerialLine:
    if split.netloc or not split.path.startswith("/") or split.fragment:
        raise ValueError("a serial line is named by an absolute path, as in serial:/dev/serial/by-id/…?baud=19200")
    given = parse_qsl(split.query, keep_blank_values=True)
    settings = dict(given)
    if len(settings) < len(given):
        raise ValueError("a setting of the serial line is given twice")
    for setting, allowed in (("baud", [str(baud) for baud in BAUDS]), ("parity", PARITIES), ("stop", STOPS)):
        if setting in settings and settings[setting] not in allowed:
            raise ValueError(f"`{setting}={settings[setting]}` is not one of {', '.join(allowed)}")
    if unknown := sorted(settings.keys() - {"baud", "parity", "stop"}):
        raise ValueError(f"`{unknown[0]}` is no setting of a serial line: baud, parity, stop")
    return SerialLine(
        split.path,
        int(settings.get("baud", "19200")),
        PARITIES[settings.get("parity", "none")],
        STOPS[settings.get("stop", "1")],
    )


def _tcp(split: SplitResult) -> TcpEnd:
    if split.path or split.query or split.fragment or split.username is not None:
        raise ValueError("a TCP link is tcp://host:port and nothing more")
    try:
        port = split.port
    except ValueError as error:
        raise ValueError("the port is a number from 1 to 65535") from error
    if not split.hostname or not port:
        raise ValueError("a TCP link names a host and a port from 1 to 65535, as in tcp://127.0.0.1:502")
    return TcpEnd(split.hostname, port)
