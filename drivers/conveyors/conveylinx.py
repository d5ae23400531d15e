"""Pulseroller ConveyLinx: a motor-roller module of two zones in ZPA mode, over Modbus TCP.

The module runs itself; we watch, hold and let go. Addresses, bits and sources are the map's
(`firmware_protocols/modbus_maps/conveylinx.py`); what is written are internal registers, one at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import cast

from drivers.capabilities import Answer, ConveyorLook, Release, ZoneLook, ZoneState
from drivers.faults import DeviceFault, LinkFault
from drivers.link import Link
from drivers.modbus import Unit
from firmware_protocols.modbus_maps import conveylinx as belt_map
from sites.conveyors import ConveyorPart

verified_on: tuple[str, ...] = ()
"""Devices this driver has met: device, firmware, date. Empty: it has never met its device."""

SIDES = {"upstream": 0, "downstream": 1}
STOP_S = 10.0
"""A stop waits so long for its turn at most."""
RESTARTED = 0x7FFF
"""A counter that has gone further than this between two looks has gone back: the module began anew."""
OF_MODULE = frozenset({"reset", "over-voltage", "ethernet-fault", "low-voltage", "overheated"})
"""Status bits that say nothing of one zone."""


class ConveyLinxModule:
    """One module: `drivers.capabilities.Conveyor`."""

    def __init__(self, link: Link, part: ConveyorPart) -> None:
        self._link, self._part = link, part
        self._unit = Unit("modbus-tcp", part.unit)
        self._sides = {zone.id: SIDES[zone.side] for zone in part.zones}
        self._motors = {side: side if part.flow == "left-to-right" else 1 - side for side in (0, 1)}
        self._counts = Counts()
        request, self._words = self._unit.read_registers(belt_map.INPUTS, belt_map.INPUTS_COUNT)
        self._inputs = request, self._heard
        link.known_by(*self._inputs)

    @property
    def link_id(self) -> str:
        """The link this module hangs on."""
        return self._link.id

    @property
    def longest_effect_s(self) -> float:
        """What a frame may be on its way."""
        return self._link.in_flight_s

    async def look(self) -> ConveyorLook:
        """Reads the input assembly. Raises LinkFault, DeviceFault for an exception reply."""
        words = await self._link.ask(*self._inputs, said=f"inputs of {self._part.id}")
        epoch, at = self._link.epoch, self._link.answered_at
        left = belt_map.bits_of(words[belt_map.STATUS_WORDS[0]], belt_map.STATUS_BITS)
        right = belt_map.bits_of(words[belt_map.STATUS_WORDS[1]], belt_map.STATUS_BITS)
        counts = self._counts.counted
        return ConveyorLook(
            {zone: self._zone(side, words, counts, (left, right)) for zone, side in self._sides.items()},
            belt_map.bits_of(words[belt_map.CONVEY_STOP], belt_map.STOP_BITS),
            (left | right) & OF_MODULE,
            self._counts.counting,
            epoch,
            at,
        )

    async def release(self, zone: str, intent: str, deadline: float) -> Release:
        """Reads the count back and writes the next one, once. Raises LinkFault, DeviceFault, KeyError."""
        side = self._sides[zone]
        words = await self._link.ask(*self._inputs, said=f"release count of zone {zone}")
        count = belt_map.next_release(words[belt_map.RELEASES[side]])
        answer = await self._write(belt_map.RELEASE[side], count, intent, deadline, f"release one carton of zone {zone}")
        return Release(answer, count)

    async def hold(self, zone: str, held: bool, intent: str, deadline: float) -> Answer:
        """Bit 0 of the accumulation word, the others as they are. Raises LinkFault, DeviceFault, KeyError."""
        register = belt_map.ACCUMULATION[self._sides[zone]]
        word = await self._read(register)
        word = word | belt_map.HOLD if held else word & ~belt_map.HOLD
        return await self._write(register, word, intent, deadline, f"{'hold' if held else 'unhold'} zone {zone}")

    async def confirm_arrival(self, zone: str, intent: str, deadline: float) -> Answer:
        """Bit 9 of the accumulation word, raised once and put back. Raises LinkFault, DeviceFault, KeyError."""
        register = belt_map.ACCUMULATION[self._sides[zone]]
        return await self._edge(register, belt_map.CONFIRM_ARRIVAL, intent, deadline, f"confirm arrival in zone {zone}")

    async def clear_jam(self, zone: str, person: str, intent: str, deadline: float) -> Answer:
        """The register from 0 to 1, and back. Raises LinkFault, DeviceFault, KeyError; ValueError without a person."""
        _asked_by(person)
        register = belt_map.CLEAR_JAM[self._sides[zone]]
        return await self._edge(register, 1, intent, deadline, f"clear jam of zone {zone}, asked by {person}")

    async def stop(self, why: str) -> Answer:
        """ConveyStop for the group. It goes before every question that waits, and after a missing answer waits for the silence
        that the link keeps (`late_ms`) as any act does. Raises LinkFault, DeviceFault."""
        deadline = asyncio.get_running_loop().time() + STOP_S
        return await self._write(belt_map.STOP_COMMAND, belt_map.STOP_GROUP, why, deadline, "stop the group")

    async def start(self, person: str, intent: str, deadline: float) -> Answer:
        """Clears ConveyStop. Raises LinkFault, DeviceFault; ValueError without a person."""
        _asked_by(person)
        said = f"let the group run, asked by {person}"
        return await self._write(belt_map.STOP_COMMAND, belt_map.STOP_CLEAR, intent, deadline, said)

    def _heard(self, frame: bytes) -> tuple[int, ...] | None:
        """Every answer is counted on from, whoever asked: a link that comes up has asked before anybody looks."""
        words = self._words(frame)
        if words is not None:
            left = belt_map.bits_of(words[belt_map.STATUS_WORDS[0]], belt_map.STATUS_BITS)
            self._counts.take_in(words, self._link.epoch, "reset" in left)
        return words

    async def _read(self, register: int) -> int:
        words = await self._link.ask(*self._unit.read_registers(register, 1), said=f"4:{register + 1:04d} of {self._part.id}")
        return words[0]

    async def _write(self, register: int, value: int, intent: str, deadline: float, said: str) -> Answer:
        request, match = self._unit.write_register(register, value)
        echoed = await self._link.tell(request, intent, deadline, match, said=said)
        return Answer.SILENT if echoed is None else Answer.ACCEPTED

    async def _edge(self, register: int, bit: int, intent: str, deadline: float, said: str) -> Answer:
        """A bit that acts when it comes. Lowering it moves nothing: it is lowered before, if it is up, and after."""
        word = await self._read(register)
        lowered = word & ~bit
        if word != lowered and await self._write(register, lowered, intent, deadline, f"rest before {said}") is Answer.SILENT:
            return Answer.SILENT
        answer = await self._write(register, lowered | bit, intent, deadline, said)
        with suppress(LinkFault, DeviceFault):  # the next time it is lowered before
            await self._write(register, lowered, intent, deadline + STOP_S, f"rest after {said}")
        return answer

    def _zone(
        self, side: int, words: tuple[int, ...], counts: Mapping[int, int], status: tuple[frozenset[str], frozenset[str]]
    ) -> ZoneLook:
        motor = self._motors[side]
        jam = status[side] & {"sensor-jam"}
        ails = status[motor] - OF_MODULE - {"sensor-jam"}
        eye = belt_map.RIGHT_EYE if motor else belt_map.LEFT_EYE
        return ZoneLook(
            cast("ZoneState | None", belt_map.state_of(words[belt_map.STATES[side]])),
            bool(words[belt_map.PORTS] & eye),
            counts[belt_map.ARRIVALS[side]],
            counts[belt_map.DEPARTURES[side]],
            words[belt_map.RELEASES[side]],
            ails | jam,
        )


class Counts:
    """The module's 16-bit counters made into ones that never roll over. `counting` grows when they begin anew."""

    PLACES = (*belt_map.ARRIVALS, *belt_map.DEPARTURES)

    def __init__(self) -> None:
        self.counting = 0
        self.counted: Mapping[int, int] = dict.fromkeys(self.PLACES, 0)
        """What each counter has counted, by its place in the assembly."""
        self._epoch = -1
        self._reset = False
        self._last: dict[int, int] = {}

    def take_in(self, words: tuple[int, ...], epoch: int, reset: bool) -> None:
        """One reading of the assembly. `reset` is the module's flag that it has restarted."""
        now = {place: words[place] for place in self.PLACES}
        passed = {place: belt_map.gained(self._last.get(place, now[place]), now[place]) for place in self.PLACES}
        if epoch != self._epoch or (reset and not self._reset) or max(passed.values()) > RESTARTED:
            self.counting += 1
            self.counted = dict.fromkeys(self.PLACES, 0)
        else:
            self.counted = {place: self.counted[place] + passed[place] for place in self.PLACES}
        self._epoch, self._reset, self._last = epoch, reset, now


def _asked_by(person: str) -> None:
    if not person:
        raise ValueError("belts start by a person's act only: who asked?")
