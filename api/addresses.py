"""What this machine is called on its network: its names and the addresses of its interfaces, as Linux tells them."""

from __future__ import annotations

import fcntl
import ipaddress
import re
import socket
import struct
from pathlib import Path

SIOCGIFADDR = 0x8915
"""ioctl for the IPv4 address of an interface (netdevice(7)); the address stands at byte 20 of what comes back."""
IF_INET6 = Path("/proc/net/if_inet6")
"""One IPv6 address a line, in 32 hexadecimal digits first."""
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


def names_here(more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Names and addresses by which this machine may be asked, `more` first; each once. Of a link only, none."""
    found = [*more, socket.gethostname(), "localhost", *map(str, (*_of_interfaces(), *_of_interfaces6()))]
    return tuple(dict.fromkeys(name for name in found if is_name(name)))


def is_name(name: str) -> bool:
    """Whether it can stand in a certificate: a host's name, or an address that is somebody's."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return HOST_NAME.fullmatch(name) is not None
    return not address.is_unspecified and not address.is_link_local


def _of_interfaces() -> list[ipaddress.IPv4Address]:
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            try:
                told = fcntl.ioctl(asking, SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:  # it has none
                continue
            found.append(ipaddress.IPv4Address(told[20:24]))
    return found


def _of_interfaces6() -> list[ipaddress.IPv6Address]:
    try:
        lines = IF_INET6.read_text().splitlines()
    except FileNotFoundError:  # a kernel without IPv6
        return []
    return [ipaddress.IPv6Address(bytes.fromhex(line[:32])) for line in lines]
