"""A ConveyLinx module in ZPA mode over two belts of the plant, written from the register list (devices.md 7.1).

Each module is a Modbus TCP slave of its own: when it loses power its connections end. Modules of a group stop together.
Ours, where the manuals are silent: a read or a long write must begin at an assembly's first register; counters and words are 0
after power; the reset flag stands for 5 s; a module that watches its host stands after power until ConveyStop is cleared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from simulators.boards.board import Board
from simulators.boards.zpa import ZoneControl
from simulators.modbus_device import ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE, Refusal
from simulators.plant.belt import Belt
from simulators.timers import Timer, now
from sites.conveyors import ConveyorPart

MOST = 45
INTERNAL = 512
INPUTS, INPUTS_COUNT = 1499, 21
OUTPUTS, OUTPUTS_COUNT = 1599, 24
REDUCED, REDUCED_COUNT = 2899, 12
STOP_REGISTER = 19
CONTROL, RELEASE, ARRIVED, DEPARTED, JAM = (103, 183), (104, 184), (105, 185), (106, 186), (108, 188)
SPEED = (39, 63)
TRACKING = ((131, 132), (211, 212))
COPIES = {1599: 131, 1600: 132, 1601: 211, 1602: 212, 1603: 103, 1604: 183, 1605: 39, 1606: 63, 1618: 19, 1619: 108, 1620: 188}
"""Which internal register each of the output assembly's is a copy of."""
OTHER_MODULE, LOST_HOST, LEFT_PORT, COMMANDED = 5, 7, 8, 10
RESET_S = 5.0
BEAT_S = 2.0
STOP, CLEAR = 1, 2
SLOWEST = 0.1
"""A motor below this part of its speed is stalled."""


class ConveyLinx(Board):
    """One module: what `simulators.modbus_device` asks of a device. `zones` are upstream (0) and downstream (1), if there are."""

    def __init__(self, part: ConveyorPart, belts: Mapping[int, Belt], run: Callable[[Belt, bool], None]) -> None:
        super().__init__(part.id)
        self.part, self.unit = part, part.unit
        self.group: Iterable[ConveyLinx] = (self,)
        """All modules that stop together, this one too."""
        self.on_power: Callable[[bool], None] = lambda powered: None
        self.stops: set[int] = set()
        """The bits of its ConveyStop word."""
        self.pressed = False
        """The stop button at its left control port."""
        self.zones = {place: ZoneControl(belt, self, run) for place, belt in belts.items()}
        self._words = dict.fromkeys(range(INTERNAL), 0)
        self._set_speeds_of_site()
        self._booted_at = float("-inf")
        self._watch: Timer | None = None

    @property
    def stands(self) -> bool:
        """Whether it may move nothing now."""
        return bool(self.stops) or not self._powered

    # --- Modbus

    def bits(self, function: int, address: int, count: int) -> list[bool]:
        """It has no coils and no discrete inputs."""
        raise Refusal(ILLEGAL_FUNCTION)

    def words(self, function: int, address: int, count: int) -> list[int]:
        """Internal registers, or an assembly from its first register on."""
        self._host_spoke()
        if function != 3:
            raise Refusal(ILLEGAL_FUNCTION)
        if count > MOST:
            raise Refusal(ILLEGAL_VALUE)
        for first, size, have in (
            (INPUTS, INPUTS_COUNT, self._inputs),
            (OUTPUTS, OUTPUTS_COUNT, self._outputs),
            (REDUCED, REDUCED_COUNT, self._reduced),
        ):
            if address == first and count <= size:
                return have()[:count]
        if address + count > INTERNAL:
            raise Refusal(ILLEGAL_ADDRESS)
        return [self._internal(place) for place in range(address, address + count)]

    def write_coil(self, address: int, value: int, frame: bytes) -> None:
        """It has none."""
        raise Refusal(ILLEGAL_FUNCTION)

    def write_coils(self, address: int, values: list[bool], frame: bytes) -> None:
        """It has none."""
        raise Refusal(ILLEGAL_FUNCTION)

    def write_word(self, address: int, value: int) -> None:
        """One internal register, or its copy in the output assembly."""
        self._host_spoke()
        place = COPIES.get(address, -1) if OUTPUTS <= address < OUTPUTS + OUTPUTS_COUNT else address
        if not 0 <= place < INTERNAL or place in {*ARRIVED, *DEPARTED}:
            raise Refusal(ILLEGAL_ADDRESS)
        self._write(place, value)

    def write_words(self, address: int, values: list[int]) -> None:
        """The output assembly from its first register on; what has no copy is kept nowhere."""
        self._host_spoke()
        if address != OUTPUTS or len(values) > OUTPUTS_COUNT:
            raise Refusal(ILLEGAL_ADDRESS)
        for place, value in enumerate(values, OUTPUTS):
            if place in COPIES:
                self._write(COPIES[place], value)

    def _write(self, place: int, value: int) -> None:
        was, self._words[place] = self._words[place], value
        for side, zone in self.zones.items():
            if place == CONTROL[side]:
                zone.write_control(value)
            elif place == RELEASE[side]:
                zone.write_release(value)
            elif place == JAM[side] and value and not was:
                zone.clear_jam()
            elif place == SPEED[self._motor(side)]:
                zone.belt.speed = float(value)
                zone.update()
        if place == STOP_REGISTER and value == STOP:
            self.stop(COMMANDED)
        elif place == STOP_REGISTER and value == CLEAR:
            self.release_stop()

    def _internal(self, place: int) -> int:
        for side, zone in self.zones.items():
            known = {ARRIVED[side]: zone.arrivals, DEPARTED[side]: zone.departures}
            if place in known:
                return known[place]
        return self._words[place]

    def _inputs(self) -> list[int]:
        words = [0] * INPUTS_COUNT
        for side in (0, 1):
            zone = self.zones.get(side)
            words[side] = 1 if zone is None else zone.state
            if zone is not None:
                words[2 + 2 * side], words[3 + 2 * side] = zone.arrivals, zone.departures
                words[12 + side] = zone.release_count
            words[8 + 2 * side], words[9 + 2 * side] = (self._words[place] for place in TRACKING[side])
        words[6], words[7] = self._status()
        words[18] = self._ports()
        words[20] = sum(1 << bit for bit in self.stops)
        return words

    def _reduced(self) -> list[int]:
        whole = self._inputs()
        return [*whole[:8], *whole[12:14], whole[18], 0]

    def _outputs(self) -> list[int]:
        return [self._words[COPIES[place]] if place in COPIES else 0 for place in range(OUTPUTS, OUTPUTS + OUTPUTS_COUNT)]

    def _status(self) -> list[int]:
        """Left and right: motors by their side of the module, sensor jams upstream in the first word."""
        words = [int(now() - self._booted_at < RESET_S), 0]
        for side in (0, 1):
            zone, motor = self.zones.get(side), self._motor(side)
            if zone is None:
                words[motor] |= 1 << 15
                continue
            words[side] |= zone.sensor_jam << 5
            ails = zone.belt.ails
            words[motor] |= (1 << 3 | 1 << 11) * ails.motor
            words[motor] |= (1 << 3 | 1 << 13) * (ails.slow < SLOWEST and zone.belt.runs)
        return words

    def _ports(self) -> int:
        word = int(now() / BEAT_S % 2 < 1) << 15
        for side, zone in self.zones.items():
            word |= zone.belt.eye << (4, 6)[self._motor(side)] | zone.belt.mouth() << (0, 2)[self._motor(side)]
        return word

    def _motor(self, side: int) -> int:
        """0 for the left, 1 for the right."""
        return side if self.part.flow == "left-to-right" else 1 - side

    # --- ConveyStop

    def stop(self, bit: int) -> None:
        """This module stands for this reason, and its group with it."""
        for module in self.group:
            module.stand(bit if module is self else OTHER_MODULE)

    def stand(self, bit: int) -> None:
        """It stands, for one reason more."""
        self.stops.add(bit)
        for zone in self.zones.values():
            zone.update()

    def release_stop(self) -> None:
        """The host clears ConveyStop: the whole group goes on, unless a button is still pressed in it."""
        members = list(self.group)
        pressed = any(module.pressed for module in members)
        for module in members:
            module.stops = ({LEFT_PORT} if module.pressed else {OTHER_MODULE}) if pressed else set()
        for module in members:
            if not module.stands:
                module.go_on()

    def go_on(self) -> None:
        """After a stop."""
        for zone in self.zones.values():
            zone.resume()

    def press(self, pressed: bool) -> None:
        """The stop button. Let go, the group still stands until the host clears ConveyStop."""
        self.pressed = pressed
        if pressed:
            self.stop(LEFT_PORT)

    def _host_spoke(self) -> None:
        if self.part.lost_host_s:
            self._timers.drop(self._watch)
            self._watch = self._timers.after(self.part.lost_host_s, lambda: self.stop(LOST_HOST))

    # --- power

    def clear(self) -> None:
        """Forgets what was still going to happen: the end of a run."""
        super().clear()
        for zone in self.zones.values():
            zone.clear()

    def _set_speeds_of_site(self) -> None:
        for side, zone in self.zones.items():
            self._words[SPEED[self._motor(side)]] = int(zone.belt.speed)

    def _power_lost(self) -> None:
        self.on_power(False)
        kept = {place: self._words[place] for place in SPEED}
        self._words = dict.fromkeys(range(INTERNAL), 0) | kept
        self.stops.clear()
        for zone in self.zones.values():
            zone.stop()

    def _booted(self) -> None:
        self._booted_at = now()
        if self.part.lost_host_s:
            self.stop(LOST_HOST)
        else:
            self.go_on()
        self.on_power(True)
