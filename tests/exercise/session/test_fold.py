"""The fold: what the clock shows and releases, by table; a prefix and the rest give the whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exercise.session.rooms import START, inject, scenario

from sharedline.exercise.session.fold import Folding, fold
from sharedline.exercise.session.model import Event, RunState, Settings

Step = tuple[float, str] | tuple[float, str, dict[str, Any]]


def told(*steps: Step) -> list[Event]:
    """Events at minutes on the wall."""
    found = []
    for n, (minute, kind, *data) in enumerate(steps, 1):
        given = data[0] if data else {}
        who = given.pop("who", "x") if kind == "joined" else "x"
        found.append(Event(n, START + timedelta(minutes=minute), kind, who, dict(given)))
    return found


def at(minute: float, *steps: Step, pace: Any = "clock", speed: float = 1.0) -> RunState:
    settings = Settings(pace=pace, speed=speed)
    return fold(scenario(), settings, told(*steps), START + timedelta(minutes=minute))


SPEED: Step = (4, "speed", {"speed": 3})
RELEASE: Step = (2, "released", {"inject": "second"})
SKIP: Step = (2, "skipped", {"inject": "second"})
CASES: list[tuple[str, float, list[Step], str, float, list[tuple[str, float, str]]]] = [
    ("not started: nothing comes, however late", 90, [], "waiting", 0, []),
    ("at the start the first comes", 0, [(0, "started")], "running", 0, [("first", 0, "clock")]),
    ("started late", 9, [(5, "started")], "running", 4, [("first", 0, "clock")]),
    ("nobody looked for a while", 25, [(0, "started")], "running", 25,
     [("first", 0, "clock"), ("second", 10, "clock"), ("third", 20, "clock")]),
    ("a pause stops the clock", 15, [(0, "started"), (8, "paused")], "paused", 8,
     [("first", 0, "clock")]),
    ("and resuming takes it up", 15, [(0, "started"), (8, "paused"), (12, "resumed")],
     "running", 11, [("first", 0, "clock"), ("second", 10, "clock")]),
    ("paused twice", 30, [(0, "started"), (2, "paused"), (4, "resumed"), (6, "paused"),
                          (20, "resumed")], "running", 14,
     [("first", 0, "clock"), ("second", 10, "clock")]),
    ("faster from the fourth minute", 6, [(0, "started"), SPEED], "running", 10,
     [("first", 0, "clock"), ("second", 10, "clock")]),
    ("faster before the start", 6, [SPEED, (5, "started")], "running", 3, [("first", 0, "clock")]),
    ("faster in a pause", 8, [(0, "started"), (2, "paused"), SPEED, (6, "resumed")],
     "running", 8, [("first", 0, "clock")]),
    ("the end stops it", 90, [(0, "started"), (12, "ended")], "ended", 12,
     [("first", 0, "clock"), ("second", 10, "clock")]),
    ("released early, not again by the clock", 15, [(0, "started"), RELEASE], "running", 15,
     [("first", 0, "clock"), ("second", 2, "facilitator")]),
    ("skipped", 22, [(0, "started"), SKIP], "running", 22,
     [("first", 0, "clock"), ("third", 20, "clock")]),
    ("skipped, then released after all", 22,
     [(0, "started"), SKIP, (21, "released", {"inject": "second"})], "running", 22,
     [("first", 0, "clock"), ("third", 20, "clock"), ("second", 21, "facilitator")]),
]  # fmt: skip


@pytest.mark.parametrize(("says", "minute", "steps", "status", "ran", "out"), CASES)
def test_the_clock(
    says: str, minute: float, steps: list[Step], status: str, ran: float, out: list[Any]
) -> None:
    found = at(minute, *steps)
    assert found.clock.status == status, says
    assert found.clock.elapsed == pytest.approx(ran), says
    assert [(r.inject, r.minute, r.how) for r in found.releases.values()] == out


def test_the_moment_of_a_release_is_that_of_the_clock_not_of_the_look() -> None:
    steps: list[Step] = [
        (0, "started"),
        (8, "paused"),
        (12, "resumed"),
        (13, "speed", {"speed": 2}),
    ]
    found = at(60, *steps)
    assert found.releases["second"].at == START + timedelta(minutes=13.5)
    assert found.releases["third"].at == START + timedelta(minutes=18.5)
    early = at(13.4, *steps)
    assert not early.released("second")


def test_by_hand_only_the_facilitator_releases() -> None:
    found = at(90, (0, "started"), (7, "released", {"inject": "third"}), pace="hand")
    assert list(found.releases) == ["third"]


@pytest.mark.parametrize("pace", ["clock", "hand"])
def test_a_message_is_added_at_once_or_for_later(pace: str) -> None:
    new = inject("new", 15)
    now = {k: v for k, v in inject("now", 0).items() if k not in ("minute", "phase")}
    found = at(
        16, (0, "started"), (3.5, "added", {"inject": now, "release": True}),
        (4, "added", {"inject": new, "release": False}), pace=pace,
    )  # fmt: skip
    assert found.releases["now"].how == "added"
    assert found.releases["now"].minute == 3.5
    assert [i.id for i in found.scenario.injects] == ["first", "now", "second", "new", "third"]
    assert found.scenario.injects[1].phase == "p"
    assert found.released("new") == (pace == "clock")


def test_added_for_a_minute_that_has_passed_comes_when_it_is_added() -> None:
    found = at(9, (0, "started"), (8, "added", {"inject": inject("late", 5), "release": False}))
    assert found.releases["late"].minute == 8
    assert found.releases["late"].at == START + timedelta(minutes=8)


def test_whoever_joins_late_finds_what_was_released() -> None:
    joined = {"who": "late", "name": "L", "seat": "player", "team": "T"}
    found = at(12, (0, "started"), (11, "joined", joined))
    assert found.participants["late"].joined_at == START + timedelta(minutes=11)
    assert list(found.releases) == ["first", "second"]


def test_what_came_later_is_not_in_a_state_of_before() -> None:
    found = at(5, (0, "started"), (6, "ended"))
    assert (found.clock.status, found.seq, found.ended_at) == ("running", 1, None)


def test_events_come_once_and_in_order() -> None:
    folding = Folding(scenario(), Settings())
    folding.apply(Event(1, START, "started", "x", {}))
    with pytest.raises(ValueError, match="event 1 after 1"):
        folding.apply(Event(1, START, "started", "x", {}))


ANSWER = {"inject": "first", "question": "side", "answer": "aws", "confidence": 1}
ACTS = st.sampled_from([
    ("started", {}), ("paused", {}), ("resumed", {}), ("speed", {"speed": 4}),
    ("speed", {"speed": 0.5}), ("released", {"inject": "second"}), ("skipped", {"inject": "third"}),
    ("answered", ANSWER), ("announced", {"text": "t"}),
    ("noted", {"text": "t", "visible": "team", "inject": "", "team": "T"}),
    ("told", {"to": "x", "channel": "chat", "text": "t", "inject": ""}),
    ("chosen", {"decision": "d", "option": "a", "confidence": 3, "reason": ""}),
    ("settled", {"decision": "d", "option": "a", "confidence": 3, "reason": "", "team": ""}),
    ("observed", {"action": "e", "state": "done", "team": "", "minute": None, "note": ""}),
    ("rated", {"objective": "o", "rating": "P", "why": ""}), ("ended", {}),
])  # fmt: skip
GAPS = st.floats(0, 9, allow_nan=False)


@given(st.lists(st.tuples(GAPS, ACTS), max_size=25), st.data(), st.sampled_from(["clock", "hand"]))
def test_a_prefix_and_then_the_rest_is_the_whole(
    acts: list[tuple[float, tuple[str, dict[str, Any]]]], data: st.DataObject, pace: Any
) -> None:
    """Whenever somebody looks in between: looking changes nothing, and nor does a restart."""
    minute, steps = 0.0, []
    seat = {"who": "x", "name": "X", "seat": "player", "team": "T"}
    steps.append((0.0, "joined", dict(seat)))
    for gap, (kind, carried) in acts:
        minute += gap
        steps.append((minute, kind, carried))
    events, end = told(*steps), START + timedelta(minutes=minute + 7)
    settings = Settings(pace=pace)
    whole = fold(scenario(), settings, events, end)
    looked = Folding(scenario(), settings)
    cut = data.draw(st.integers(0, len(events)))
    for n, event in enumerate(events):
        looked.apply(event)
        if n == cut:
            before = looked.state(event.at + timedelta(minutes=50))
            assert before == looked.state(event.at + timedelta(minutes=50))
    assert looked.state(end) == whole
    assert sorted(r.at for r in whole.releases.values()) == [r.at for r in whole.releases.values()]
