"""A whole score: parts, weights, teams, what is not measured, and what must never change it."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exercise.played import SEATS, Play, played, scenario

from sharedline.exercise.score import PARTS, Score, Targets, TeamScore, score
from sharedline.exercise.score.model import as_data


def team(found: Score, name: str) -> TeamScore:
    one = found.team(name)
    assert one is not None
    return one


def test_a_whole_run() -> None:
    found = score(played().state())
    blue, red = team(found, "Blue"), team(found, "Red")
    assert blue.parts["decision"].value == 1.0
    assert red.parts["decision"].value == 0.0
    assert blue.parts["side"].value == pytest.approx(1 - 0.25 * 0.01)
    # The owner of the first message known at 80 %, a sure guess at the second.
    assert blue.parts["owner"].value == pytest.approx((0.99 + 0.0) / 2)
    assert blue.parts["time"].value == pytest.approx((1 + 0) / 2)
    assert red.parts["time"].value == pytest.approx((0 + 1) / 2)
    assert [r.said for r in blue.parts["communication"].rows] == ["not told", "6 min", "done"]
    assert blue.parts["communication"].value == pytest.approx((0.5 + 1) / 2)
    assert red.parts["communication"].value == 0.0
    assert found.overall == pytest.approx((blue.total + red.total) / 2)  # type: ignore[operator]
    assert (found.measured, found.ratings) == (2, {"close": "M", "tell": "P"})
    assert any("1 of 3 messages were not released" in n for n in found.notes)


def test_weights_are_scaled_over_what_was_measured() -> None:
    play = Play(scenario(decisions=[], expected=[]), weights={"side": 1, "decision": 99})
    play.release("open").answer("a1", "open/side", "customer", 100)
    blue = team(score(play.state()), "Blue")
    assert blue.parts["decision"].value is None
    assert blue.parts["decision"].told == "not measured"
    assert (blue.parts["side"].share, blue.total) == (1.0, 1.0)
    assert blue.parts["runbook"].value == 0.0  # nobody answered it; it is shown, and counts for 0
    assert any("left out: Decision quality" in n for n in score(play.state()).notes)


def test_nothing_released_or_nobody_there_is_not_measured() -> None:
    found = score(Play().state())
    assert found.overall is None
    assert found.told == "not measured"
    alone = score(Play(seats={"f": SEATS["f"]}).release("open").state())
    assert (alone.teams, alone.overall) == ((), None)
    assert alone.notes[0].startswith("No player took part")


def test_what_most_would_do_counts_where_nothing_is_settled() -> None:
    play = Play().release("open")
    play.choose("a1", "ask").choose("a2", "ask", 4).choose("a3", "delete")
    row = team(score(play.state()), "Blue").parts["decision"].rows[0]
    assert (row.said, row.points, row.minute) == ("ask", 0.7, 4)
    assert "settled nothing; 2 of 3" in row.why
    split = Play().release("open").choose("a1", "ask").choose("a2", "close")
    row = team(score(split.state()), "Blue").parts["decision"].rows[0]
    assert (row.said, row.points) == ("", 0.0)
    assert "split" in row.why
    play.settle("a1", "wait")
    assert team(score(play.state()), "Blue").parts["decision"].value == 0.3


def test_late_decisions_earn_less() -> None:
    def at(minute: float) -> float | None:
        play = Play().release("open").settle("a1", "close", minute)
        return team(score(play.state()), "Blue").parts["decision"].value

    assert at(5) == 1.0
    assert at(10) == pytest.approx(0.5)
    assert at(50) == pytest.approx(0.1)


def test_time_to_owner_counts_a_message_to_the_owner_as_well() -> None:
    play = (
        Play()
        .release("open")
        .tell("a1", "legal; Data", 4)
        .answer("a2", "open/owner", "data", 50, 9)
    )
    row = team(score(play.state()), "Blue").parts["time"].rows[0]
    assert (row.minute, row.points) == (4, 1.0)
    late = Play().release("open").answer("a2", "open/owner", "data", 50, 20)
    assert team(score(late.state()), "Blue").parts["time"].value == 0.5
    wide = score(late.state(), Targets(owner=40))
    assert team(wide, "Blue").parts["time"].value == 1.0


def test_a_message_without_an_inject_belongs_to_the_last_one_released() -> None:
    play = Play().release("open", "stray").tell("a1", "data", 12)
    rows = team(score(play.state()), "Blue").parts["communication"].rows
    assert rows[0].said == "not told"
    named = Play().release("open", "stray").tell("a1", "data", 9, "open")
    assert team(score(named.state()), "Blue").parts["communication"].rows[0].said == "9 min"


def test_the_team_that_owns_it_need_not_tell_itself() -> None:
    seats = {**SEATS, "b1": ("Dagmar", "player", "data")}
    play = Play(seats=seats, teams=("Blue", "data")).release("open")
    told = [r.item for r in team(score(play.state()), "data").parts["communication"].rows]
    assert told == ["told Security on call", "action save"]


def test_an_action_that_nobody_looked_at_is_no_miss() -> None:
    play = Play().release("open").tell("a1", "data", 1).tell("a1", "security ON call", 1)
    found = score(play.state())
    assert team(found, "Blue").parts["communication"].value == 1.0
    assert any("1 of 1 expected actions were not looked at" in n for n in found.notes)
    late = score(play.see("late").state())
    assert team(late, "Blue").parts["communication"].value == pytest.approx(0.75)


def test_agreement_is_the_share_of_pairs() -> None:
    play = Play().release("open")
    for who, said in (("a1", "data"), ("a2", "Data "), ("a3", "web")):
        play.answer(who, "open/owner", said)
    found = {a.question: a for a in team(score(play.state()), "Blue").agreed}
    assert found["owner"].players == 3
    assert found["owner"].share == pytest.approx(1 / 3)
    assert (found["side"].players, found["side"].share) == (0, None)
    assert team(score(play.state()), "Blue").agreement == pytest.approx(1 / 3)
    assert team(score(play.state()), "Red").agreement is None


def test_bands_count_the_right_ones() -> None:
    bands = {b.low: b for b in score(played().state()).bands}
    assert sum(b.answers for b in bands.values()) == 13
    assert (bands[80].answers, bands[80].right) == (11, 7)
    assert bands[0].share is None


def test_only_players_count_and_the_last_answer() -> None:
    play = Play().release("open").answer("e", "open/side", "aws").answer("a1", "open/side", "aws")
    play.answer("a1", "open/side", "customer", 100, 6)
    rows = team(score(play.state()), "Blue").parts["side"].rows
    assert [(r.who, r.said, r.points) for r in rows] == [("a1", "customer", 1.0)]


def test_every_number_opens_to_rows_and_json_is_finite() -> None:
    found = score(played().state())
    for one in found.teams:
        for part in one.parts.values():
            assert (part.value is None) == (not [r for r in part.rows if r.points is not None])
    text = json.dumps(as_data(found), allow_nan=False)
    assert json.loads(text)["teams"][0]["agreement"] is not None


# -- what must hold for any run ------------------------------------------------------------------

ANSWERS = st.lists(
    st.tuples(
        st.sampled_from(["a1", "a2", "a3", "b1"]),
        st.sampled_from(
            ["open/side", "open/owner", "open/runbook", "stray/owner", "stray/runbook"]
        ),
        st.sampled_from(["customer", "aws", "data", "web", "nobody", "none", "open-bucket", ""]),
        st.integers(0, 100),
        st.integers(11, 50),
    ),
    max_size=12,
)
OPTIONS = st.sampled_from(["close", "ask", "wait", "delete", ""])
RIGHT = {
    "open/side": "customer", "open/owner": "data", "open/runbook": "open-bucket",
    "stray/owner": "nobody", "stray/runbook": "none",
}  # fmt: skip
WEIGHTS = st.fixed_dictionaries({n: st.integers(0, 100) for n in PARTS})


def run(answers: list[Any], option: str, seats: Any = SEATS, weights: Any = None) -> Score:
    more = {} if weights is None else {"weights": weights}
    play = Play(seats=seats, **more).release("open", "stray")
    for who, place, said, confidence, minute in answers:
        play.answer(who, place, said, confidence, minute)
    if option:
        play.settle("a1", option)
    return score(play.end().state())


def totals(found: Score) -> list[float]:
    return [t.total for t in found.teams if t.total is not None]


@settings(max_examples=60)
@given(ANSWERS, OPTIONS, WEIGHTS)
def test_every_score_lies_between_0_and_1(answers: list[Any], option: str, weights: Any) -> None:
    found = run(answers, option, weights=weights)
    values = [p.value for t in found.teams for p in t.parts.values()]
    for value in (*values, *totals(found), found.overall):
        assert value is None or 0.0 <= value <= 1.0
    shares = [sum(p.share for p in t.parts.values()) for t in found.teams if t.total is not None]
    assert shares == pytest.approx([1.0] * len(shares))


@settings(max_examples=60)
@given(ANSWERS.filter(bool), OPTIONS, st.integers(0, 11), WEIGHTS)
def test_making_an_answer_right_never_lowers_a_score(
    answers: list[Any], option: str, which: int, weights: Any
) -> None:
    at = which % len(answers)
    who, place, _, confidence, minute = answers[at]
    better = [*answers[:at], (who, place, RIGHT[place], confidence, minute), *answers[at + 1 :]]
    before, after = run(answers, option, weights=weights), run(better, option, weights=weights)
    for old, new in zip(totals(before), totals(after), strict=True):
        assert new >= old - 1e-12


@settings(max_examples=40)
@given(ANSWERS, OPTIONS.filter(lambda o: o in ("", "delete", "wait")))
def test_settling_on_the_best_never_lowers_a_score(answers: list[Any], option: str) -> None:
    assert min(
        b - a for a, b in zip(totals(run(answers, option)), totals(run(answers, "close")), strict=True)
    ) >= -1e-12  # fmt: skip


@settings(max_examples=40)
@given(ANSWERS, OPTIONS, st.randoms(use_true_random=False))
def test_names_and_order_of_players_change_nothing(
    answers: list[Any], option: str, random_: random.Random
) -> None:
    order = list(SEATS)
    random_.shuffle(order)
    seats = {who: (f"Somebody {n}", *SEATS[who][1:]) for n, who in enumerate(order)}
    before, after = run(answers, option), run(answers, option, seats)
    assert before.overall == after.overall
    for old, new in zip(before.teams, after.teams, strict=True):
        assert old.total == new.total
        assert old.agreed == new.agreed
        assert {n: p.value for n, p in old.parts.items()} == {
            n: p.value for n, p in new.parts.items()
        }


def test_other_ids_change_nothing() -> None:
    state = played().state()
    ids = {p: f"x{n}" for n, p in enumerate(sorted(state.participants, reverse=True))}
    renamed = replace(
        state,
        participants={ids[k]: replace(p, id=ids[k]) for k, p in state.participants.items()},
        answers=tuple(replace(a, participant=ids[a.participant]) for a in state.answers),
        choices=tuple(replace(c, participant=ids[c.participant]) for c in state.choices),
    )
    assert [t.total for t in score(renamed).teams] == [t.total for t in score(state).teams]
