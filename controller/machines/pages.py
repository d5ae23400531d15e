"""The page `docs/reference/machines.md`, made from the tables: a diagram of each, and why an event is refused."""

from __future__ import annotations

from controller.machines import (
    custody,
    discrepancy,
    drawer,
    gantry,
    gantry_order,
    lane,
    reader,
    robot,
    robot_input,
    robot_pick,
    segment,
    tote,
    transaction,
)
from controller.machines.drawer_one_switch import ONE_SWITCH_RULES
from controller.machines.table import Rules

INTRODUCTION = """# State tables

Each machine is one table in `controller/machines/`: which event leads from which state to which other. A pair of event and
state that the table does not have is refused with a reason. Events that change nothing are left out of the diagrams.
"""

TABLES: tuple[tuple[str, str, Rules], ...] = (  # type: ignore[type-arg]  # each has states and events of its own
    (
        "Drawer with two switches",
        (
            "The latch and the slide are sensed apart. A look says one of four things: `seen_locked` (shut, latch engaged), "
            "`seen_released` (shut, latch free), `seen_open`, `seen_nothing`. Holds (`forced`, `fault`, `recovering`, `halted`, "
            "`out_of_service`) end by a named person and never by a link, a look or a restart."
        ),
        drawer.RULES,
    ),
    (
        "Drawer with one switch",
        "Only the latch is sensed: nobody can see whether the drawer was opened, so whatever was released is counted.",
        ONE_SWITCH_RULES,
    ),
    ("Pull, restock, count, pick", "Every piece of work goes by this table.", transaction.RULES),
    ("Discrepancy", "From the count that differs to the review that closes it.", discrepancy.RULES),
    (
        "Custody of a tote",
        "Filled and sealed at one station, received at another; each has its own record of it.",
        custody.RULES,
    ),
    (
        "Robot",
        (
            "Its link, its own word about itself, and what it must be asked after each break. Holds (`halted`, `out_of_service`, "
            "`fault`) end by a named person."
        ),
        robot.RULES,
    ),
    ("Order to a robot", "Sent once; what came out is what the robot, or in the end a person, says.", robot_pick.RULES),
    ("Input at a robot", "Nothing but the robot's own `stored` changes stock.", robot_input.RULES),
    (
        "Gantry",
        (
            "Where its head is, is known from a homing until anything casts doubt on it. Holds (`in_doubt`, `halted`, "
            "`out_of_service`, `fault`) end by a named person, and so does every homing begin."
        ),
        gantry.RULES,
    ),
    ("Order to a gantry", "Fetched pack by pack, handed over into one tote.", gantry_order.RULES),
    ("Tote", "Readers say where it is. What is lost, held or rejected ends by a named person and never by a reader.", tote.RULES),
    ("Segment", "What may be believed of the totes on a stretch of belt. No command of ours starts one.", segment.RULES),
    ("Reader", "How far a reader may be trusted to see what passes.", reader.RULES),
    ("Lane", "Where the totes of one order meet before they are packed.", lane.RULES),
)


def pages() -> dict[str, str]:
    """The page by its file name."""
    parts = [INTRODUCTION]
    for title, about, rules in TABLES:
        legal = len(rules.legal)
        reasons = [f"| `{event}` | {reason} |" for event, reason in rules.refused.items()]
        pairs = f"{len(rules.states)} states, {legal} legal pairs of event and state."
        parts.append(f"## {title}\n\n{about} {pairs}\n\n```mermaid\n{rules.mermaid()}```\n")
        parts.append("\n".join(["| refused event | because |", "|---|---|", *reasons]) + "\n")
    return {"machines.md": "\n".join(parts)}
