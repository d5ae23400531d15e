"""What a drawer does while it is in a state: each duty is one coroutine that ends with what it found out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from controller.actors import drawer_entries
from controller.actors.intent import Intent
from controller.actors.requests import Told
from controller.machines.drawer import Event, State
from drivers.faults import Effect, LinkFault

if TYPE_CHECKING:
    from controller.actors.drawer import Drawer

DEADLINE_S = 5
"""From the intent's posting: past it its byte is not sent any more (I-28)."""
SETTLE_S = 3.0
"""A latch that two looks cannot agree on for so long is in doubt."""
LONGEST_REMINDER_S = 900.0
"""A drawer that stays ajar is said again after twice the time each time, and at least this often."""

Duty = Callable[["Drawer"], Coroutine[Any, Any, Told | None]]


async def unlocking(drawer: Drawer) -> Told | None:
    """The intent on the disk, then one send, then the world is asked. Ends only where no switch has moved us on."""
    intent = drawer.intent
    if intent is None or intent.durable is None:
        return None
    sending = drawer.ground.spawn(_send(drawer, intent, intent.durable), f"pulse of {drawer.id}")
    try:
        await asyncio.wait([sending])
    except asyncio.CancelledError:
        if intent.sent_at is None:
            sending.cancel()
        await asyncio.wait([sending])  # a frame on its way is waited for; the link bounds that
        raise
    if intent.sent_at is None:
        return Told(Event.NOT_SENT)
    await _until(intent.sent_at + max(drawer.part.limits.unlock_s, drawer.watch.board.longest_effect_s))
    return Told(Event.STILL_LATCHED if await _settled(drawer) else Event.IN_DOUBT)


async def _send(drawer: Drawer, intent: Intent, durable: Awaitable[None]) -> None:
    """The one pulse, once its intent is on the disk. Meanwhile and after, the coil is not at rest."""
    watch, lock, loop = drawer.watch, drawer.part.lock, asyncio.get_running_loop()

    def leaves() -> None:
        intent.sent_at = loop.time()

    await durable
    answer = "silent"
    try:
        answer = str(await watch.board.release(lock.channel, intent.id, intent.deadline, leaves))
    except LinkFault as fault:
        answer = fault.code
        if fault.effect is Effect.NONE:
            intent.sent_at = None
    except Exception as defect:
        intent.sent_at = intent.sent_at or loop.time()  # it may have left: what opens now opens in a fault
        drawer.tell(drawer.broken(defect))
        raise
    finally:
        if intent.sent_at is not None:
            intent.sent_at = loop.time()
            watch.coil_free_at = loop.time() + watch.board.longest_effect_s
            drawer.coil_rested_at = watch.coil_free_at + lock.rest_ms / 1000
    drawer.ground.ledger.post(drawer_entries.released(intent, drawer.id, answer))
    watch.hurry()


async def settling(drawer: Drawer) -> Told | None:
    """After a dark time: nothing is believed latched for as long as a pulse of ours could still move it."""
    intent = drawer.intent
    if intent is None or intent.opened:
        return None
    await _until(intent.settles_at)
    while not await _settled(drawer):
        pass
    return Told(Event.SEEN_LOCKED)


async def unlocked(drawer: Drawer) -> Told:
    """Nobody pulls: an alarm after `open_s`, and a fault when the latch does not come back."""
    await asyncio.sleep(drawer.part.limits.open_s)
    drawer.found_out(Told(Event.LEFT_UNLOCKED))
    await asyncio.sleep(drawer.part.limits.ajar_s)
    return Told(Event.NOT_LATCHED)


async def open_(drawer: Drawer) -> Told:
    """Open for too long is ajar."""
    await asyncio.sleep(drawer.part.limits.ajar_s)
    return Told(Event.LEFT_OPEN)


async def ajar(drawer: Drawer) -> Told:
    """As long as it is, it is said again, each time after twice the time."""
    patience_s = drawer.part.limits.ajar_s
    while True:
        await asyncio.sleep(patience_s)
        drawer.found_out(Told(Event.LEFT_OPEN))
        patience_s = min(2 * patience_s, LONGEST_REMINDER_S)


async def closing(drawer: Drawer) -> Told:
    """Shut, and the latch must follow."""
    await asyncio.sleep(drawer.part.limits.close_s)
    return Told(Event.NOT_LATCHED)


DUTIES: Mapping[State, Duty] = {
    State.UNKNOWN: settling,
    State.UNLOCKING: unlocking,
    State.UNLOCKED: unlocked,
    State.OPEN: open_,
    State.AJAR: ajar,
    State.CLOSING: closing,
}

ONE_SWITCH_DUTIES: Mapping[State, Duty] = {
    State.UNKNOWN: settling,
    State.UNLOCKING: unlocking,
    State.UNLOCKED: open_,
    State.AJAR: ajar,
}


async def _settled(drawer: Drawer) -> bool:
    """Whether two looks asked from now on agree that it is shut and latched. False: they do not within `SETTLE_S`."""
    try:
        async with asyncio.timeout(SETTLE_S):
            await drawer.watch.fresh(2)
            while not drawer.looks.locked:
                await drawer.watch.fresh(1)
    except TimeoutError:
        return False
    return True


async def _until(when: float) -> None:
    wait_s = when - asyncio.get_running_loop().time()
    if wait_s > 0:
        await asyncio.sleep(wait_s)
