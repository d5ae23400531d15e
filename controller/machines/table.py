"""State tables on `transitions`: the whole of our dependence on that library.

A table is data: (event, from, to). It decides and never acts: no callbacks, no guards, no queue, no automatic
transitions. One `Machine` serves all things of its kind (one each costs 49 KB and 0.75 ms), and since it only decides, it is
asked once for every pair when the table is made: a step of a drawer then is a look-up, not 40 µs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from transitions import Machine

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def every(event: E, states: Iterable[S], to: S) -> list[tuple[E, S, S]]:
    """The event leads from each of these states to one."""
    return [(event, state, to) for state in states]


def stays(event: E, states: Iterable[S]) -> list[tuple[E, S, S]]:
    """The event is heard in each of these states, and changes none."""
    return [(event, state, state) for state in states]


class IllegalEvent(Exception):
    """The table refuses: `reason` says why this event means nothing in this state."""

    def __init__(self, event: StrEnum, state: StrEnum, reason: str) -> None:
        self.event = event
        self.state = state
        self.reason = reason
        super().__init__(f"{event} in {state}: {reason}")


class _Cursor:
    __slots__ = ("state",)

    state: object


class Rules(Generic[S, E]):
    """One table. `rows` are its transitions, `refused` the reasons for every event that is not legal everywhere."""

    def __init__(self, rows: Iterable[tuple[E, S, S]], refused: Mapping[E, str]) -> None:
        self.rows = tuple(rows)
        self.refused = refused
        self.states = tuple(dict.fromkeys(state for _, source, target in self.rows for state in (source, target)))
        pairs = [(event, source) for event, source, _ in self.rows]
        if len(pairs) != len(set(pairs)):
            raise ValueError("two rows of a table say where one event leads from one state")
        self.legal = frozenset(pairs)
        machine = Machine(
            model=None,
            states=list(self.states),
            initial=self.states[0],
            auto_transitions=False,
            queued=False,
            transitions=[{"trigger": str(event), "source": source, "dest": target} for event, source, target in self.rows],
        )
        self._after = {(event, source): self._decided(machine, event, source) for event, source in pairs}

    @staticmethod
    def _decided(machine: Machine, event: E, state: S) -> S:
        cursor = _Cursor()
        machine.set_state(state, cursor)
        machine.events[str(event)].trigger(cursor)
        return cursor.state  # type: ignore[return-value]  # the machine writes one of its own states

    def after(self, state: S, event: E) -> S:
        """The state that follows; the same one where the event changes nothing. Raises IllegalEvent."""
        after = self._after.get((event, state))
        if after is None:
            raise IllegalEvent(event, state, self.refused[event])
        return after

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram. Events that change nothing are left out; equal arrows share a line."""
        arrows: dict[tuple[S, S], list[str]] = {}
        for event, source, target in self.rows:
            if source is not target:
                arrows.setdefault((source, target), []).append(str(event))
        lines = [f"    {source} --> {target}: {'<br>'.join(events)}" for (source, target), events in arrows.items()]
        return "\n".join(["stateDiagram-v2", f"    [*] --> {self.states[0]}", *lines]) + "\n"
