"""A robot's end of all its connections: what one asked is answered to that one, what happens is told to all (1.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from firmware_protocols.wwks2 import device, parts
from firmware_protocols.wwks2 import messages as w
from firmware_protocols.wwks2.messages import Lead, Message
from simulators.boards.board import BOOT_S, Board
from simulators.boards.wwks2.client import CAPABILITIES, Client
from simulators.boards.wwks2.manners import Manners, Numbers
from simulators.plant.robot.hands import Hands
from simulators.plant.robot.robot import FIRST_DAY, Robot
from simulators.timers import Timer, now

BUTTON_S = 0.3
"""A button that is pressed again within this is told once (1.15)."""

Answering = Callable[["Wwks2Station", Client, Any], Lead | None]
"""What is done with one kind of message; the answer, if it has one that comes at once."""


class Wwks2Station(Board):
    """One robot as a server."""

    def __init__(self, id: str, robot: Robot, answers: Mapping[type[Lead], Answering], numbers: Numbers | None = None) -> None:
        super().__init__(id)
        self._answers = answers
        self.robot, self.numbers, self.manners = robot, numbers or Numbers(), Manners()
        self.hands = Hands(robot, self.press)
        self.clients: list[Client] = []
        self._pressed: dict[str, float] = {}
        self._asking: Timer | None = None
        self._asked = 0

    @property
    def subscriber(self) -> parts.Subscriber:
        """Who it says it is."""
        return parts.Subscriber(
            id=self.numbers.robot,
            type="Robot",
            manufacturer="Galenic",
            product_info="Simulated robot",
            version_info="0.1",
            device_name=self.id,
            capabilities=tuple(parts.Capability(name=name) for name in CAPABILITIES),
        )

    def connect(self, say: Callable[[bytes], None]) -> Client:
        """The line of a new connection."""
        client = Client(self, say)
        self.clients.append(client)
        self.robot.wake()
        return client

    def left(self, client: Client) -> None:
        """A client is gone."""
        self.clients.remove(client)

    def written(self, message: Lead) -> bytes:
        """Its bytes."""
        at = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC) + timedelta(seconds=now())
        return device.encode(message, timestamp=f"{at:%Y-%m-%dT%H:%M:%SZ}", packing_unit=self.manners.writes_packing_unit)

    def tell(self, message: Callable[[Client], Lead], capability: str = "", tenant: str | None = None) -> None:
        """Tells all who have said Hello; with a capability only those who have it, with a tenant only that one's."""
        for client in tuple(self.clients):
            if client.who is not None and (not capability or client.can(capability)) and tenant in {None, client.tenant}:
                client.say(message(client))

    def heard(self, client: Client, message: Message) -> None:
        """A message of a client that has said Hello."""
        answer = self._answers[type(message)](self, client, message)
        if answer is not None:
            client.say(answer)

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Does something so much later, unless the power is lost before."""
        self._timers.after(seconds, do)

    def press(self, output: str) -> None:
        """Somebody presses the button at an output."""
        if now() - self._pressed.get(output, float("-inf")) < BUTTON_S:
            return
        self._pressed[output] = now()
        self.tell(lambda client: w.OutputDestinationButtonPressedMessage(**unasked(self, client), output_destination=int(output)))

    def keep_alive(self, every_s: float | None) -> None:
        """Asks each client for a sign of life this often from now on; None: never."""
        self.manners.keep_alive_s = every_s
        self._timers.drop(self._asking)
        self._asking = None if every_s is None else self._timers.after(every_s, self._ask_for_life)

    def reboot(self, down_s: float = BOOT_S) -> None:
        """Power lost: connections end, orders are forgotten, packs stay where they are."""
        super().reboot(down_s)
        for client in tuple(self.clients):
            client.shut_out()

    def clear(self) -> None:
        """The end of a run."""
        super().clear()
        for client in self.clients:
            client.timers.clear()
        self.robot.clear()

    def _ask_for_life(self) -> None:
        self._asked += 1
        number = str(self._asked)
        self.tell(lambda client: w.KeepAliveRequest(id=number, source=self.numbers.robot, destination=client.number))
        self.keep_alive(self.manners.keep_alive_s)

    def _power_lost(self) -> None:
        self.robot.power_lost()

    def _booted(self) -> None:
        self.robot.go_again()
        self.keep_alive(self.manners.keep_alive_s)


class Head(TypedDict):
    """What every lead element has."""

    id: str
    source: int
    destination: int


def back(station: Wwks2Station, message: Message) -> Head:
    """The head of an answer: to whoever asked, from the part of the robot that was asked (1.2)."""
    own = message.destination if message.destination in station.numbers.all else station.numbers.robot
    return {"id": message.id, "source": own, "destination": message.source}


def unasked(station: Wwks2Station, client: Client, id: str = "1") -> Head:
    """The head of what the storage tells a client unasked."""
    return {"id": id, "source": station.numbers.storage, "destination": client.number}
