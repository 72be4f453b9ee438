"""What each seat sees: no truth, quality or consequence reaches a player, wherever it hides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.exercise.session.rooms import Staged, staged

from sharedline.exercise.model import Question, Truth
from sharedline.exercise.session.model import SEATS
from sharedline.exercise.session.view import choices, shuffled, view
from sharedline.state.database import Database


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Staged]:
    """A run in its middle: the first message is out, Red settled, everybody wrote something."""
    with closing(Database(f"sqlite:///{tmp_path / 's.db'}")) as database:
        made = staged(database, pace="clock")
        made.do("facilitator", "started")
        made.time.on(5)
        for who in ("player", "mate", "rival"):
            made.do(who, "answered", inject="first", question="free", answer=f"ANSWER {who}")
            made.do(who, "chosen", decision="d-first", option="b-first", reason=f"CHOICE {who}")
            made.do(who, "told", to="L", channel="chat", text=f"TOLD {who}")
        made.do("player", "settled", decision="d-first", option="c-first", reason="SETTLED")
        for who in made.who:
            made.do(who, "noted", text=f"PRIVATE of {who}")
        for who in ("player", "rival", "facilitator"):
            team = {"team": "Red"} if who == "facilitator" else {}
            made.do(who, "noted", text=f"TEAM of {who}", visible="team", **team)
        made.do("facilitator", "noted", text="FORALL", visible="everyone")
        made.do("facilitator", "announced", text="HEAR")
        made.do("evaluator", "observed", action="e", state="done", note="OBSERVED")
        made.do("evaluator", "rated", objective="o", rating="S", why="RATED")
        yield made


def seen(stage: Staged, who: str) -> dict[str, Any]:
    found = view(stage.room.state(), stage.who[who])
    assert json.loads(json.dumps(found)) == found, "plain data only"
    return found


def walk(value: Any) -> Iterator[str]:
    """Every key and every text."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from walk(one)
    elif isinstance(value, list):
        for one in value:
            yield from walk(one)
    else:
        yield str(value)


WORDS = {"truth", "quality", "notes-of-inject", "provenance", "why", "right", "measure"}


@pytest.mark.parametrize("who", ["player", "mate", "rival", "observer", "scribe", "evaluator"])
def test_no_truth_reaches_whoever_plays_or_watches(stage: Staged, who: str) -> None:
    found = seen(stage, who)
    shown = [found[k] for k in found if k not in ("objectives", "ratings", "summary")]
    for text in walk(shown):
        assert "SECRET" not in text
        assert text not in WORDS
        assert text not in ("best", "good", "harmful")
        assert "of second" not in text, "what is to come"


@pytest.mark.parametrize("who", ["player", "mate", "rival"])
def test_no_truth_reaches_a_player_after_the_end_either(stage: Staged, who: str) -> None:
    stage.do("facilitator", "ended")
    for text in walk(seen(stage, who)):
        assert "SECRET" not in text
        assert text not in WORDS | {"objectives", "expected", "board", "upcoming"}
        assert "EXPECTED" not in text
        assert "GOAL" not in text


#: Who sees which words.
SEEN = {
    "player": {"ANSWER player", "CHOICE player", "TOLD player", "TOLD mate", "SETTLED",
               "CONSEQUENCE of c-first", "PRIVATE of player", "TEAM of player",
               "TEAM of facilitator", "FORALL", "HEAR"},
    "mate": {"ANSWER mate", "CHOICE mate", "TOLD player", "TOLD mate", "SETTLED",
             "CONSEQUENCE of c-first", "PRIVATE of mate", "TEAM of player",
             "TEAM of facilitator", "FORALL", "HEAR"},
    "rival": {"ANSWER rival", "CHOICE rival", "TOLD rival", "PRIVATE of rival", "TEAM of rival",
              "FORALL", "HEAR"},
}  # fmt: skip
WATCHED = {f"{what} {who}" for what in ("ANSWER", "CHOICE", "TOLD") for who in SEEN} | {
    "SETTLED", "CONSEQUENCE of c-first", "TEAM of player", "TEAM of rival", "TEAM of facilitator",
    "FORALL", "HEAR",
}  # fmt: skip
JUDGED = WATCHED | {"EXPECTED", "GOAL", "OBSERVED", "RATED"}
SEEN["observer"] = WATCHED | {"PRIVATE of observer"}
SEEN["scribe"] = JUDGED | {"PRIVATE of scribe"}
SEEN["evaluator"] = JUDGED | {"PRIVATE of evaluator"}
SEEN["facilitator"] = JUDGED | {
    "PRIVATE of facilitator", *(f"CONSEQUENCE of {o}-{d}" for o in "abc" for d in ("first",)),
}  # fmt: skip
MARKS = ("ANSWER ", "CHOICE ", "TOLD ", "SETTLED", "CONSEQUENCE", "PRIVATE", "TEAM of", "FORALL",
         "HEAR", "EXPECTED", "GOAL", "OBSERVED", "RATED")  # fmt: skip


@pytest.mark.parametrize("who", sorted(SEEN))
def test_each_sees_what_is_theirs(stage: Staged, who: str) -> None:
    found = {t for t in walk(seen(stage, who)) if t.startswith(MARKS)}
    assert found == SEEN[who]


def test_the_facilitator_sees_the_truth_and_what_is_to_come(stage: Staged) -> None:
    found = seen(stage, "facilitator")
    assert found["injects"][0]["questions"][0]["truth"]["answers"] == ["customer"]
    assert found["injects"][0]["notes"] == "SECRET note of first"
    assert [i["id"] for i in found["upcoming"]] == ["second", "third"]
    assert {o["quality"] for o in found["decisions"][0]["options"]} == {"best", "good", "harmful"}


def test_the_board(stage: Staged) -> None:
    board = seen(stage, "facilitator")["board"]
    free = {r["team"]: r for r in board["questions"] if r["question"] == "free"}
    assert (free["Red"]["players"], free["Red"]["answered"]) == (2, 2)
    assert free["Red"]["agreement"] == 0.5
    assert free["Blue"]["answers"] == [{"answer": "ANSWER rival", "count": 1}]
    side = next(r for r in board["questions"] if r["question"] == "side")
    assert (side["answered"], side["agreement"], side["confidence"]) == (0, None, None)
    red, blue = board["decisions"]
    assert (red["settled"], red["quality"], red["agreement"]) == ("c-first", "harmful", 1.0)
    assert (blue["settled"], blue["late"]) == (None, True)
    assert [e["state"] for e in board["expected"]] == ["done", "done"]
    assert [(u["inject"], u["to_go"]) for u in board["upcoming"]] == [("second", 5), ("third", 15)]
    stage.do("facilitator", "speed", speed=5)
    board = seen(stage, "facilitator")["board"]
    assert [u["to_go"] for u in board["upcoming"]] == [1, 3]


def test_an_expected_action_is_open_then_due_then_late(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'e.db'}")) as database:
        made = staged(database)

        def states() -> list[str]:
            return [r["state"] for r in seen(made, "facilitator")["board"]["expected"]]

        made.do("facilitator", "started")
        assert states() == ["open", "open"]
        made.do("facilitator", "released", inject="first")
        assert states() == ["due", "due"]
        made.time.on(9.5)
        made.do("scribe", "observed", action="e", state="missed", team="Blue")
        assert states() == ["late", "missed"]


def test_options_stand_in_one_order_that_gives_nothing_away(stage: Staged) -> None:
    orders = {
        who: [o["id"] for o in seen(stage, who)["decisions"][0]["options"]] for who in stage.who
    }
    assert len({tuple(o) for o in orders.values()}) == 1
    decision = stage.room.state().scenario.decisions[0]
    firsts = {shuffled(str(n), decision)[0].quality for n in range(40)}
    assert firsts == {"best", "good", "harmful"}


def test_choices_are_shuffled_but_sides_stand_as_always() -> None:
    truth = Truth(("a",), "w")
    asked = Question("q", "choice", "?", ("a", "b", "c"), truth)
    assert {choices(str(n), "i", asked)[0] for n in range(40)} == {"a", "b", "c"}
    assert choices("1", "i", asked) == choices("1", "i", asked)
    assert choices("1", "i", replace(asked, kind="owner")) == ["a", "b", "c"]
    assert choices("1", "i", replace(asked, kind="side", choices=()))[0] == "aws"
    assert choices("1", "i", Question("q", "free", "?")) == []


def test_every_seat_has_a_view(stage: Staged) -> None:
    assert {seen(stage, s)["me"]["seat"] for s in SEATS} == set(SEATS)
