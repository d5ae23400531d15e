"""Every row of the table in reference lines.md B.2, by facts written by hand, on the line of `tests.lines.layout`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.machines import segment as segment_table
from controller.machines.table import IllegalEvent
from controller.machines.tote import State as Stands
from controller.tracking.facts import (
    Arrived,
    Bound,
    Cleared,
    Departed,
    Emptied,
    Fact,
    Freed,
    Passed,
    Placed,
    ReaderBack,
    ReaderLost,
    Readmitted,
    Seen,
    Started,
    Stopped,
    Voided,
    WrittenOff,
)
from controller.tracking.routes import routes
from controller.tracking.state import State, begin, window
from controller.tracking.told import Feed, Kind, Route, Step, Stop
from controller.tracking.tracking import load, step
from tests.lines.day import line
from tests.lines.layout import CHAIN

S = 1_000_000


class Told:
    """A line with baseline counters at 0, and short words for its facts. Times are seconds."""

    def __init__(self) -> None:
        self.state: State = begin(routes(line()))
        self.counts: dict[tuple[type, str], int] = {}
        for segment in ("belt-1", "back", "on", "pack", "reject"):
            self(Arrived(segment, 0, 0))
        for segment in ("in-1", "in-2", "back", "tip-1", "tip-2"):
            self(Departed(segment, 0, 0))

    def __call__(self, fact: Fact, now: float | None = None) -> Step:
        return step(self.state, fact, None if now is None else int(now * S))

    def bound(self, *labels: str, at: float = 0.0) -> None:
        for label in labels:
            self(Bound(label, f"script of {label}", "packing", CHAIN, int(at * S)))
            self(Placed("out-1", label, int(at * S)))

    def leaves(self, segment: str, at: float) -> Step:
        return self(Departed(segment, self._next(Departed, segment), int(at * S)))

    def comes(self, segment: str, at: float) -> Step:
        return self(Arrived(segment, self._next(Arrived, segment), int(at * S)))

    def _next(self, what: type, segment: str) -> int:
        self.counts[what, segment] = self.counts.get((what, segment), 0) + 1
        return self.counts[what, segment]

    def seen(self, reader: str, *labels: str, at: float, mm: int | None = 300, now: float | None = None) -> Step:
        return self(Seen(reader, labels, int(at * S), mm), now)

    def on_belt(self, *labels: str, at: float = 4.0, apart: float = 1.4) -> None:
        """They are bound, and came through the merge one after the other; read 8.6 s later at the first reader."""
        self.bound(*labels)
        for number, _ in enumerate(labels):
            self.leaves("in-1", at + number * apart)
            self.comes("belt-1", at + 0.7 + number * apart)

    def on_the_way(self, label: str) -> None:
        """Read at the first reader at 12.6 s, and counted on `on` at 14.3 s."""
        self.on_belt(label)
        self.seen("reader-1", label, at=12.6)
        self.comes("on", 14.3)

    def stands(self, label: str) -> Stands:
        return self.state.totes[label].state


def kinds(done: Step) -> list[Kind]:
    return [event.kind for event in done.events]


def way(done: Step) -> str:
    """The exit that was sent, or nothing."""
    return next((one.exit for one in done.decisions if isinstance(one, Route)), "")


@pytest.fixture
def told() -> Told:
    return Told()


def test_expected_in_order_in_its_window(told: Told) -> None:
    told.on_belt("A", "B")
    done = told.seen("reader-1", "A", at=12.6)
    assert kinds(done) == [Kind.ROUTED]
    assert done.decisions == (Route("div-1", "on", "A", int(12.6 * S) + 710_000, int(12.6 * S) + 1_926_000),)
    assert kinds(told.comes("on", 14.3)) == [Kind.CONFIRMED]
    assert told.stands("A") is Stands.MOVING


def test_the_whole_way(told: Told) -> None:
    told.on_the_way("A")
    assert way(told.seen("reader-2", "A", at=24.3)) == "pack"
    told.comes("pack", 26.0)
    assert kinds(told.seen("reader-3", "A", at=34.0)) == [Kind.RECEIVED]
    assert told.stands("A") is Stands.IN_LANE
    assert kinds(told(Passed(36 * S))) == [Kind.RELEASED]
    assert told.stands("A") is Stands.RELEASED


def test_unread_and_one_expected_goes_round_and_is_not_decided(told: Told) -> None:
    told.on_belt("A")
    done = told.seen("reader-1", at=12.6)
    assert [(event.kind, event.label) for event in done.events][:1] == [(Kind.UNREAD, "A")]
    assert done.decisions == (), "the way round is the default: nothing is sent"
    assert told.stands("A") is Stands.UNREAD
    told.comes("back", 14.3)
    told.leaves("back", 30)
    told.comes("belt-1", 30.7)
    assert way(told.seen("reader-1", "A", at=38.6)) == "on", "read the second time it is itself again"


def test_unread_twice_goes_to_the_reject_lane(told: Told) -> None:
    told.on_belt("A")
    told.seen("reader-1", at=12.6)
    told.comes("back", 14.3)
    told.leaves("back", 30)
    told.comes("belt-1", 30.7)
    done = told.seen("reader-1", at=38.6)
    assert kinds(done)[0] is Kind.UNREAD_TWICE
    assert way(done) == "on"
    told.comes("on", 40.3)
    assert kinds(told.seen("reader-2", at=50.3))[0] is Kind.UNREAD_TWICE
    told.comes("reject", 52.0)
    assert told.stands("A") is Stands.REJECTED


def test_unread_and_nothing_expected(told: Told) -> None:
    assert kinds(told.seen("reader-1", at=5)) == [Kind.SURPLUS, Kind.UNREAD, Kind.ROUTED]


def test_unread_where_it_is_received_is_refused(told: Told) -> None:
    told.on_the_way("A")
    told.seen("reader-2", "A", at=24.3)
    told.comes("pack", 26.0)
    assert kinds(told.seen("reader-3", at=34.0)) == [Kind.UNREAD, Kind.REFUSED]
    assert told.stands("A") is Stands.HELD


def test_out_of_order_the_reader_wins_and_those_before_are_late(told: Told) -> None:
    told.on_belt("A", "B", "C")
    done = told.seen("reader-1", "B", at=13.5)
    assert [(event.kind, event.label) for event in done.events][:2] == [(Kind.LATE, "A"), (Kind.OUT_OF_ORDER, "B")]
    assert told.state.totes["B"].place == "tip-1"
    assert told.stands("A") is Stands.LATE
    assert way(done) == "", "once round, where there is a way round"


def test_two_out_of_order_make_the_segment_uncertain_until_all_is_read(told: Told) -> None:
    told.on_belt("A", "B", "C")
    told.seen("reader-1", "B", at=12.6)
    told.comes("back", 14.3)
    done = told.seen("reader-1", "A", at=14.4)
    assert Kind.UNCERTAIN in kinds(done)
    assert told.state.belts["belt-1"].state is segment_table.State.UNCERTAIN
    assert Kind.CERTAIN in kinds(told.seen("reader-1", "C", at=15.8))
    assert told.state.belts["belt-1"].state is segment_table.State.RUNNING


def test_out_of_order_without_its_proofs_is_diverted(told: Told) -> None:
    told.on_belt("A")
    done = told.seen("reader-2", "A", at=22)
    assert Kind.OUT_OF_ORDER in kinds(done)
    assert Kind.SKIPPED in kinds(done)
    assert way(done) == ""
    assert told.stands("A") is Stands.HELD


def test_a_dead_label_is_rejected(told: Told) -> None:
    told.on_belt("A")
    told(Voided("A", 5 * S))
    assert kinds(told.seen("reader-1", "A", at=12.6))[0] is Kind.DEAD


def test_a_stranger_is_rejected_and_never_learned(told: Told) -> None:
    done = told.seen("reader-1", "X", at=5)
    assert kinds(done)[0] is Kind.FOREIGN
    assert way(done) == "on", "the reject lane is behind the second diverter"
    told.comes("on", 6.7)
    done = told.seen("reader-2", "X", at=16.7)
    assert kinds(done)[0] is Kind.FOREIGN
    assert way(done) == "", "and is its default"
    assert "X" not in told.state.totes


def test_two_in_one_window_are_both_read_again(told: Told) -> None:
    told.on_belt("A", "B")
    done = told.seen("reader-1", "A", "B", at=12.6, mm=600)
    assert [(event.kind, event.label) for event in done.events if event.kind is Kind.DOUBLE_READ] == [
        (Kind.DOUBLE_READ, "A"),
        (Kind.DOUBLE_READ, "B"),
    ]
    assert way(done) == ""
    assert kinds(told.comes("back", 14.3)) == [Kind.CONFIRMED, Kind.CONFIRMED], "one shadow is counted once"


def test_a_shadow_too_long_for_one_is_two(told: Told) -> None:
    told.on_belt("A", "B")
    assert Kind.DOUBLE_READ in kinds(told.seen("reader-1", "A", at=12.6, mm=600))
    assert Kind.DOUBLE_READ in kinds(told.seen("reader-1", at=16, mm=600))
    assert kinds(told.seen("reader-3", "Q", "R", at=16.1)) == [Kind.DOUBLE_READ] * 2 + [Kind.REFUSED] * 2


def test_one_label_at_two_readers_too_soon_stops_both_points(told: Told) -> None:
    told.on_the_way("A")
    done = told.seen("reader-2", "A", at=18)
    assert kinds(done)[0] is Kind.CLONE
    assert [one.segment for one in done.decisions if isinstance(one, Stop)] == ["tip-1", "tip-2"]
    assert told.stands("A") is Stands.HELD
    assert way(told.seen("reader-2", "A", at=30)) == "", "whichever it is, it is not packed"


def test_what_is_held_and_outruns_every_belt_has_a_double_too(told: Told) -> None:
    told.on_the_way("A")
    told.seen("reader-2", "A", at=18)
    assert kinds(told.seen("reader-1", "A", at=60))[0] is not Kind.CLONE, "somebody has put it back there"
    done = told.seen("reader-2", "A", at=62)
    assert Kind.CLONE in kinds(done)
    assert told.stands("A") is Stands.HELD


def test_a_double_of_what_was_received_holds_it(told: Told) -> None:
    told.on_the_way("A")
    told.seen("reader-2", "A", at=24.3)
    told.comes("pack", 26.0)
    told.seen("reader-3", "A", at=34.0)
    assert Kind.CLONE in kinds(told.seen("reader-3", "A", at=34.8))
    assert Kind.RELEASED not in kinds(told(Passed(60 * S)))


def test_what_was_late_is_handed_on_only_when_its_double_would_have_come_as_late(told: Told) -> None:
    told.on_the_way("A")
    told.seen("reader-2", "A", at=24.3)
    told.comes("pack", 26.0)
    assert kinds(told(Passed(40 * S))) == [Kind.LATE]
    assert kinds(told.seen("reader-3", "A", at=41.0)) == [Kind.RECEIVED]
    assert kinds(told(Passed(42 * S))) == [], "its window is over: but what is behind it is as late as it is"
    assert Kind.CLONE in kinds(told.seen("reader-3", "A", at=43.0))
    assert told.stands("A") is Stands.HELD


@pytest.mark.parametrize("counted", [{26.0: Kind.CONFIRMED, 26.8: Kind.SURPLUS}, {24.8: Kind.SURPLUS, 26.0: Kind.CONFIRMED}])
def test_of_two_that_were_counted_where_one_was_sent_none_is_received(told: Told, counted: dict[float, Kind]) -> None:
    """Which of them the eye had counted first nobody knows, so the one that bears the label may be the double."""
    told.on_the_way("A")
    told.seen("reader-2", "A", at=24.3)
    for at, kind in counted.items():
        assert kinds(told.comes("pack", at)) == [kind]
    assert kinds(told.seen("reader-3", "A", at=33.4))[-1] is Kind.REFUSED
    assert told.stands("A") is Stands.HELD
    assert Kind.RELEASED not in kinds(told(Passed(60 * S)))


def test_what_is_counted_behind_a_received_tote_before_it_is_handed_on_holds_it(told: Told) -> None:
    """The double had come to the place first, and was read there in good time; the original comes after it, and waits behind it."""
    told.on_the_way("A")
    told.seen("reader-2", "A", at=24.3)
    told.comes("pack", 26.0)
    assert kinds(told.seen("reader-3", "A", at=33.1)) == [Kind.RECEIVED]
    assert kinds(told.comes("pack", 26.6)) == [Kind.SURPLUS], "its eye is told of late"
    assert kinds(told(Passed(int(33.5 * S)))) == [Kind.REFUSED]
    assert told.stands("A") is Stands.HELD


def test_a_stranger_that_was_read_where_totes_are_received_is_what_was_counted_too_much(told: Told) -> None:
    told.comes("pack", 18.0)
    told.on_the_way("A")
    told.seen("reader-2", "A", at=24.3)
    assert Kind.FOREIGN in kinds(told.seen("reader-3", "X", at=26.0))
    told.comes("pack", 26.0)
    assert kinds(told.seen("reader-3", "A", at=34.0)) == [Kind.RECEIVED]


def test_late_and_after_three_windows_lost(told: Told) -> None:
    told.on_the_way("A")
    assert kinds(told(Passed(25 * S))) == []
    assert kinds(told(Passed(26 * S))) == [Kind.LATE]
    assert told.stands("A") is Stands.LATE
    assert kinds(told(Passed(50 * S))) == [Kind.LOST]
    found = told.seen("reader-2", "A", at=55)
    assert kinds(found)[0] is Kind.FOUND
    assert told.stands("A") is Stands.HELD


def test_what_was_never_read_and_is_passed_over_is_lost(told: Told) -> None:
    told.on_belt("A")
    told.seen("reader-1", at=12.6)
    told.comes("back", 14.3)
    told.leaves("back", 30)
    told.comes("belt-1", 30.7)
    told.bound("B", at=25)
    told.leaves("in-1", 31)
    told.comes("belt-1", 31.7)
    assert kinds(told.seen("reader-1", "B", at=39.6))[:2] == [Kind.VANISHED, Kind.LOST]
    assert told.stands("A") is Stands.LOST, "no window is left that could end"


def test_the_clock_of_a_window_stands_with_its_belt(told: Told) -> None:
    told.on_the_way("A")
    told(Stopped("on", 15 * S))
    assert kinds(told(Passed(300 * S))) == []
    told(Started("on", 300 * S))
    assert kinds(told.seen("reader-2", "A", at=309.6)) == [Kind.ROUTED]


def test_what_is_sent_onto_an_exit_that_stands_is_not_late_and_the_diverter_is_told_of_nothing_behind_it(told: Told) -> None:
    told.on_belt("A", "B", apart=4)
    told(Stopped("back", 12 * S))
    assert Kind.UNREAD in kinds(told.seen("reader-1", at=12.6)), "it is to go round, and cannot leave"
    assert kinds(told(Passed(16 * S))) == []
    assert way(told.seen("reader-1", "B", at=16.6)) == "", "the other stands before it"
    told(Started("back", 40 * S))
    assert kinds(told.comes("back", 41.1)) == [Kind.CONFIRMED, Kind.LATE_DECISION]
    assert kinds(told.comes("back", 41.7)) == [Kind.CONFIRMED], "and B behind it takes the safe exit"


def test_what_left_and_never_came_is_a_jam_and_stops_the_feeding(told: Told) -> None:
    told.on_belt("A")
    told.seen("reader-1", "A", at=12.6)
    told.leaves("tip-1", 13.2)
    done = told(Passed(19 * S))
    assert Kind.JAM in kinds(done)
    assert [one.allowed for one in done.decisions if isinstance(one, Feed)] == [False]
    assert told.state.belts["tip-1"].state is segment_table.State.JAM
    done = told(Cleared("tip-1", 30 * S))
    assert [one.allowed for one in done.decisions if isinstance(one, Feed)] == [True]


def test_a_late_decision_is_not_sent_and_counted(told: Told) -> None:
    told.on_belt("A")
    done = told.seen("reader-1", "A", at=12.6, now=13.4)
    assert kinds(done)[-1] is Kind.LATE_DECISION
    assert done.decisions == ()
    assert told.state.late_decisions == 1
    assert kinds(told.comes("back", 14.3)) == [Kind.CONFIRMED], "the safe exit is what was then expected"


def test_another_exit_than_decided_takes_its_clearance(told: Told) -> None:
    told.on_the_way("A")
    told.seen("reader-2", "A", at=24.3)
    assert kinds(told.comes("reject", 26.0)) == [Kind.STRAYED]
    assert told.stands("A") is Stands.REJECTED
    assert kinds(told.seen("reader-3", "A", at=34.0)) == [Kind.REFUSED]


def test_what_was_counted_on_the_way_round_is_not_what_is_read_on_the_way_on(told: Told) -> None:
    """A double lay on the way on; the original, which a gate had led round, was taken for it (a simulated day)."""
    told.on_belt("A")
    told.seen("reader-1", "A", at=12.6)
    assert kinds(told.comes("back", 14.3)) == [Kind.STRAYED]
    assert Kind.SKIPPED in kinds(told.seen("reader-2", "A", at=24.3))
    assert told.stands("A") is Stands.HELD


def test_what_comes_sooner_than_it_could_confirms_nothing(told: Told) -> None:
    told.on_the_way("A")
    told.seen("reader-2", "A", at=24.3)
    assert kinds(told.comes("pack", 24.5)) == [Kind.SURPLUS]


def test_rounds_end_in_the_reject_lane(told: Told) -> None:
    told.on_belt("A")
    for lap in range(3):
        at = 12.6 + 30 * lap
        told.seen("reader-1", "A", at=at, now=at + 5)  # too late for its way on
        told.comes("back", at + 1.7)
        told.leaves("back", at + 21.4)
        told.comes("belt-1", at + 22.1)
    done = told.seen("reader-1", "A", at=102.6)
    assert Kind.LAPS in kinds(done)
    assert told.stands("A") is Stands.REJECTED


def test_a_full_loop_is_fed_no_more(told: Told) -> None:
    told.bound(*(f"T-{number}" for number in range(22)))
    for number in range(22):
        done = told.leaves("in-1", 4 + number / 10)
        told.comes("belt-1", 4.05 + number / 10)
    assert load(told.state) > 0.7 * 29
    assert told.state.against_feeding == ("loop full",)
    assert isinstance(done, Step)


def test_a_full_reject_lane_stops_the_feeding_until_it_is_emptied(told: Told) -> None:
    for number in range(14):
        done = told.comes("reject", 5 + number)
    assert [one.why for one in done.decisions if isinstance(one, Feed)] == [("lane reject",)]
    done = told(Emptied("reject", 30 * S))
    assert [one.allowed for one in done.decisions if isinstance(one, Feed)] == [True]


def test_a_counter_comes_round_and_one_that_begins_anew_is_not_believed(told: Told) -> None:
    told(Departed("in-2", 65_535, 0))
    state = begin(told.state.routes)
    for fact in (
        Departed("in-1", 65_535, 0),
        Bound("A", "script", "packing", CHAIN, 0),
        Placed("out-1", "A", 0),
        Departed("in-1", 0, 2 * S),
    ):
        step(state, fact)
    assert [thing.label for thing in state.belts["belt-1"].things] == ["A"]
    assert [event.kind for event in step(state, Departed("in-1", 4_000, 3 * S)).events] == [Kind.UNCERTAIN, Kind.CERTAIN]
    assert [thing.label for thing in state.belts["belt-1"].things] == ["A"]


def test_a_dirty_reader_warns_then_stops_the_feeding(told: Told) -> None:
    said = [
        event.detail for number in range(21) for event in told.seen("reader-3", at=5 + number).events if event.kind is Kind.READER
    ]
    assert said == ["dirty", "blinded"]
    assert told.state.against_feeding == ("reader reader-3",)
    told(ReaderLost("reader-3", 40 * S))
    told(ReaderBack("reader-3", 41 * S))
    assert told.state.against_feeding == ()
    told(ReaderLost("reader-3", 42 * S))
    assert "ok" in [event.detail for event in told.seen("reader-3", "X", at=43).events], "it reads: it is back"


def test_what_was_handed_on_is_freed_and_bound_anew_with_no_proof(told: Told) -> None:
    told.on_the_way("A")
    with pytest.raises(IllegalEvent):
        told(Freed("A", 15 * S))
    told(Voided("A", 16 * S))
    told(Freed("A", 17 * S))
    assert told.stands("A") is Stands.FREE
    told(Bound("A", "another script", "packing", CHAIN, 18 * S))
    assert (told.stands("A"), told.state.totes["A"].script, told.state.totes["A"].proofs) == (Stands.BOUND, "another script", [])


def test_behind_a_gate_it_may_come_as_soon_as_at_the_nearer_eye(told: Told) -> None:
    told.on_belt("A")
    told.seen("reader-1", "A", at=12.6)
    tip = told.state.belts["tip-1"]
    (thing,) = tip.things
    nearer = window(told.state, tip, thing)
    longer = replace(told.state.routes.segments["back"], eye_mm=1_000)
    far = replace(told.state.routes, segments={**told.state.routes.segments, "back": longer})
    begins, until = window(replace(told.state, routes=far), tip, thing)
    assert begins == nearer[0]
    assert until is not None
    assert nearer[1] is not None
    assert until > nearer[1]


def test_a_person_readmits_writes_off_and_a_table_refuses(told: Told) -> None:
    told.on_the_way("A")
    with pytest.raises(IllegalEvent):
        told(Readmitted("A", 15 * S))
    told(Passed(30 * S))
    assert told.stands("A") is Stands.LATE
    told(Passed(90 * S))
    told(WrittenOff("A", 91 * S))
    assert told.stands("A") is Stands.FREE
    told.bound("C", at=92)
    told.seen("reader-2", "C", at=100)
    told(Readmitted("C", 110 * S))
    assert told.stands("C") is Stands.BOUND
    assert told.state.totes["C"].proofs == []


def test_after_a_restart_a_tote_is_where_it_is_read(told: Told) -> None:
    told(Bound("A", "script", "packing", CHAIN, 0, proofs=("reader-1",), under_way=True))
    done = told.seen("reader-2", "A", at=5)
    assert kinds(done) == [Kind.ROUTED]
    assert way(done) == "pack"


def test_something_taken_off_before_it_was_ever_read_is_missed(told: Told) -> None:
    told.seen("reader-1", "X", at=5)
    told.comes("on", 6.7)
    assert kinds(told(Passed(20 * S))) == [Kind.LATE]
    assert kinds(told(Passed(60 * S))) == [Kind.VANISHED]
