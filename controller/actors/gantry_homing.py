"""Homing of one gantry: begun by a named person, and only with nothing at the gripper, since it lets go of it wherever it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.capabilities import Gantry
from drivers.faults import DeviceFault, LinkFault, Refused

MARGIN_S = 30.0
"""A homing's lines may wait for the link so long."""


async def homed(device: Gantry, intent: str, within_s: float, stopped: Callable[[], bool]) -> str | None:
    """Homes it, unless a stop was asked for before the first byte: `stopped` since it was ordered. Returns why it is not homed,
    None if it is."""
    deadline = asyncio.get_running_loop().time() + within_s
    if await _hangs(device):
        return "gripper-not-empty"
    if stopped():
        return "gantry-stopped"
    try:
        await device.home(intent, deadline)
    except (LinkFault, DeviceFault, Refused) as fault:
        return fault.code
    return None


async def _hangs(device: Gantry) -> bool:
    """Whether two looks say that something hangs at the gripper. What does not answer, as after an alarm, cannot be asked."""
    try:
        return (await device.look()).gripped and (await device.look()).gripped
    except LinkFault:
        return False
