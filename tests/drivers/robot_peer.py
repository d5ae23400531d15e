"""A scripted robot for the driver of WWKS 2: literal messages from the device notes, part 1, and nothing of our codec.

It finds the end of a message as a vendor's library does, by `</WWKS>`, and what it needs of one by regular expressions.
"""

from __future__ import annotations

import re
from collections.abc import Callable

END = b"</WWKS>"
STAMP = b'<WWKS Version="2.0" TimeStamp="2024-11-26T16:26:41Z">'


def envelope(lead: str) -> bytes:
    """A message as a robot sends it."""
    return STAMP + lead.encode() + END


def name(message: bytes) -> str:
    """The name of the lead element."""
    found = re.search(rb"<WWKS[^>]*>\s*<([A-Za-z]+)", message[:125])
    assert found is not None, message
    return found[1].decode()


def attribute(message: bytes, wanted: str) -> str:
    """The first attribute of this name."""
    found = re.search(rf'\s{wanted}="([^"]*)"'.encode(), message)
    assert found is not None, (wanted, message)
    return found[1].decode()


class Peer:
    """One robot with any number of connections. `answers` gives what it sends for a message, by its name; a message without one
    is not answered. `heard` are all messages in order."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.answers: dict[str, Callable[[bytes], bytes]] = {
            "HelloRequest": self.hello,
            "StatusRequest": lambda asked: self.reply(asked, "Status", 'State="Ready" StateText="Automatic"', COMPONENTS),
        }
        self._kept: dict[object, bytes] = {}

    def take(self, connection: object, data: bytes) -> bytes:
        """What the robot says to these bytes, of which a message may be a part only."""
        kept, said = self._kept.pop(connection, b"") + data, b""
        while END in kept:
            message, _, kept = kept.partition(END)
            message += END
            self.heard.append(message)
            said += self.answers.get(name(message), lambda _: b"")(message)
        self._kept[connection] = kept
        return said

    def hello(self, asked: bytes) -> bytes:
        """The Hello of robot 999."""
        return envelope(
            f'<HelloResponse Id="{attribute(asked, "Id")}"><Subscriber Id="999" Type="Robot" Manufacturer="M" ProductInfo="P" '
            'VersionInfo="6.22"><Capability Name="Status"/><Capability Name="Output"/></Subscriber></HelloResponse>'
        )

    def reply(self, asked: bytes, dialog: str, attributes: str = "", inner: str = "", source: int = 777) -> bytes:
        """An answer to this message, from the part that speaks for stock and output."""
        head = f'Id="{attribute(asked, "Id")}" Source="{source}" Destination="{attribute(asked, "Source")}"'
        return envelope(f"<{dialog}Response {head} {attributes}>{inner}</{dialog}Response>")

    def names(self) -> list[str]:
        """The names of all messages heard, in order."""
        return [name(message) for message in self.heard]

    def orders(self) -> list[str]:
        """The ids of all OutputRequests heard, in order."""
        return [attribute(message, "Id") for message in self.heard if name(message) == "OutputRequest"]


COMPONENTS = (
    '<Component Type="StorageSystem" Description="MTXL1" State="Ready" StateText="Automatic"/>'
    '<Component Type="BoxSystem" Description="OC1" State="Ready"/>'
)
PACK = (
    '<Pack Id="4020241126172643" DeliveryNumber="688" BatchNumber="B7" SerialNumber="S7" ExternalId="8Z1" ExpiryDate="2029-03-31"'
    ' ScanCode="0103453120000011218Z1\\x1d1729033110B7" SubItemQuantity="0" OutputDestination="3"/>'
)


def queued(asked: bytes) -> bytes:
    """OutputResponse: queued."""
    peer = Peer()
    return peer.reply(asked, "Output", "", '<Details Priority="Normal" OutputDestination="2" Status="Queued"/>')


def output(order: str, status: str, inner: str = "") -> bytes:
    """An OutputMessage to everybody."""
    details = f'<Details OutputDestination="2" Status="{status}"/>'
    return envelope(f'<OutputMessage Id="{order}" Source="777" Destination="100">{details}{inner}</OutputMessage>')
