"""A room: idempotent, shared between threads and processes, nothing lost when one is killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import uuid
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.exercise.session.rooms import START, Staged, staged

from sharedline.errors import Error
from sharedline.exercise import library
from sharedline.exercise.session import joining, room, store
from sharedline.exercise.session.fold import fold
from sharedline.exercise.session.room import Room
from sharedline.state.database import Database
from sharedline.state.tables import EXERCISE_EVENT, EXERCISE_PARTICIPANT


@pytest.fixture
def begun(stage: Staged) -> Staged:
    stage.do("facilitator", "started")
    stage.do("facilitator", "released", inject="first")
    return stage


def test_the_same_key_is_done_once(begun: Staged) -> None:
    answer = {"inject": "first", "question": "free", "answer": "once"}
    first = begun.do("player", "answered", "k", **answer)
    begun.do("player", "answered", "other", **answer)
    begun.do("facilitator", "ended")
    assert begun.do("player", "answered", "k", **answer) == first, "even after the end"
    assert len(begun.room.state().answers) == 2
    assert [a.number for a in begun.room.state().answers] == [1, 2]
    for who, kind, data in (
        ("player", "answered", {**answer, "answer": "twice"}),
        ("mate", "answered", answer),
        ("player", "noted", {"text": "x"}),
    ):
        with pytest.raises(Error, match="under the same key"):
            begun.do(who, kind, "k", **data)


@pytest.mark.parametrize("key", ["", "x" * 81, "a\nb"])
def test_a_key_that_is_none(begun: Staged, key: str) -> None:
    with pytest.raises(Error, match="key"):
        begun.room.do(begun.who["player"].id, "noted", {"text": "x"}, key)


def test_a_stranger_and_somebody_of_another_room(begun: Staged) -> None:
    other = staged(begun.database)
    for who in ("nobody", other.who["facilitator"].id):
        with pytest.raises(Error, match="not in this room"):
            begun.room.do(who, "noted", {"text": "x"}, "k")
        with pytest.raises(Error, match="not in this room"):
            begun.room.participant(who)
    with pytest.raises(Error, match="no run 'nope'"):
        Room(begun.database, "nope")


def test_the_last_answer_counts_and_all_are_kept(begun: Staged) -> None:
    who = begun.who["player"].id
    for n, text in enumerate(("one", "two"), 1):
        begun.time.on(n)
        begun.do("player", "answered", inject="first", question="free", answer=text, confidence=n)
    last = begun.room.state().last_answer(who, "first", "free")
    assert last is not None
    assert (last.answer, last.confidence, last.number, last.minute) == ("two", 2, 2, 3)


def test_another_process_is_heard(begun: Staged) -> None:
    seq = begun.room.seq()
    assert begun.room.after(seq) == []
    with closing(Database(begun.database.url)) as other:
        room._live.clear()  # a process of its own has read nothing
        far = Room(other, begun.run.id, begun.time)
        assert far.state() == begun.room.state()
    done = subprocess.run(
        [sys.executable, "-c", WRITER, begun.database.url, begun.run.id, begun.who["player"].id, "3"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [e.seq for e in begun.room.after(seq)] == [seq + 1, seq + 2, seq + 3]
    assert done.stdout.split() == [str(seq + n) for n in (1, 2, 3)]
    assert [a.answer for a in begun.room.state().answers] == ["0", "1", "2"]


def test_what_is_cached_is_what_is_kept(begun: Staged) -> None:
    begun.do("player", "answered", inject="first", question="free", answer="x")
    state = begun.room.state()
    live = room._of(begun.database, begun.run.id)
    with begun.database.read() as connection:
        events = store.read(connection, begun.run.id)
    assert events == live.events == begun.room.after(0)
    again = fold(live.scenario, live.settings, events, begun.time.at, begun.run.id)
    assert again == state
    past = begun.room.state(START - timedelta(seconds=1))
    assert (past.seq, past.participants) == (0, {})


def test_a_run_of_many_is_forgotten_and_read_again(begun: Staged) -> None:
    before = begun.room.state()
    live = room._of(begun.database, begun.run.id)
    for _ in range(room.KEPT + 1):
        made = store.create(begun.database, live.scenario, live.settings, "ann")
        Room(begun.database, made.id).state()
    assert (begun.database.url, begun.run.id) not in room._live
    assert begun.room.state() == before


def test_a_room_has_an_end(begun: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_EVENTS", begun.room.seq() + 1)
    begun.do("player", "noted", text="x")
    with pytest.raises(Error, match="things were done"):
        begun.do("player", "noted", text="x")
    monkeypatch.setattr(room, "MOST_DATA", 10)
    with pytest.raises(Error, match="at most"):
        begun.do("player", "noted", text="x")


def test_time_never_goes_back(begun: Staged) -> None:
    begun.time.on(3)
    begun.do("player", "noted", text="x")
    begun.time.on(-2)
    begun.do("player", "noted", text="y")
    times = [e.at for e in begun.room.after(0)]
    assert times == sorted(times)
    assert begun.room.state().clock.elapsed == pytest.approx(3)


def test_eight_at_once_lose_nothing(begun: Staged) -> None:
    players = [begun.join(f"p{n}", "player", "Red") for n in range(8)]
    wrong: list[BaseException] = []

    def play(number: int) -> None:
        try:
            mine = Room(begun.database, begun.run.id)
            for n in range(20):
                data = {"inject": "first", "question": "free", "answer": f"{number}-{n}"}
                mine.do(players[number].id, "answered", data, f"{number}/{n}")
                mine.state()
        except BaseException as error:  # noqa: BLE001 told below
            wrong.append(error)

    before = begun.room.seq()
    threads = [threading.Thread(target=play, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    state = Room(begun.database, begun.run.id).state()
    given = {(a.participant, a.number): a.answer for a in state.answers}
    assert given == {(players[i].id, n + 1): f"{i}-{n}" for i in range(8) for n in range(20)}
    with begun.database.read() as connection:
        seqs = [s for (s,) in connection.execute(
            sa.select(EXERCISE_EVENT.c.seq).order_by(EXERCISE_EVENT.c.seq)
        )]  # fmt: skip
    assert seqs == list(range(1, before + 161))


#: Answers until it is killed, saying each number only once it is told.
WRITER = """
import sys
from sharedline.exercise.session.room import Room
from sharedline.state.database import Database
url, run, who, most = sys.argv[1:]
room = Room(Database(url), run)
for n in range(int(most)):
    data = {"inject": "first", "question": "free", "answer": str(n)}
    print(room.do(who, "answered", data, f"{who}/{n}"), flush=True)
room.database.close()
"""


def test_processes_at_once_lose_nothing(begun: Staged) -> None:
    seats = ("player", "mate", "rival")
    before = begun.room.seq()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, begun.database.url, begun.run.id, begun.who[s].id, "20"],
            stdout=subprocess.PIPE, text=True,
        )
        for s in seats
    ]  # fmt: skip
    told: list[int] = []
    for writer in writers:
        with writer:
            assert writer.stdout is not None
            told += [int(line) for line in writer.stdout]
        assert writer.returncode == 0
    assert sorted(told) == list(range(before + 1, before + 61))
    for s in seats:
        mine = [a.answer for a in begun.room.state().answers if a.participant == begun.who[s].id]
        assert mine == [str(n) for n in range(20)]


def test_killed_between_answers_what_was_told_is_there(begun: Staged) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, begun.database.url, begun.run.id,
         begun.who["player"].id, "100000"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert writer.stdout is not None
    with writer:
        told = [int(writer.stdout.readline()) for _ in range(25)]
        writer.send_signal(signal.SIGKILL)
        told += [int(line) for line in writer.stdout if line.endswith("\n")]
    state = begun.room.state()
    kept = {e.seq: e.data["answer"] for e in begun.room.after(0) if e.kind == "answered"}
    assert [kept[seq] for seq in told] == [str(n) for n in range(len(told))]
    assert len(kept) - len(told) in (0, 1), "one may be kept that nobody heard of"
    assert [e.seq for e in begun.room.after(0)] == list(range(1, state.seq + 1))
    # Whoever was not told sends it again, under its key.
    data = {"inject": "first", "question": "free", "answer": str(len(told))}
    who = begun.who["player"].id
    sent = begun.room.do(who, "answered", data, f"{who}/{len(told)}")
    assert sent == told[-1] + 1


def test_joining(begun: Staged) -> None:
    run, database = begun.run, begun.database
    code = run.code.lower().replace("-", " ")
    who, token = joining.join(database, run.id, code, "  Zoë   Müller ", "player", "Blue")
    assert (who.name, who.team) == ("Zoë Müller", "Blue")
    assert joining.sitting(database, token) == (run.id, who)
    assert begun.room.participant(who.id).name == who.name
    with database.read() as connection:
        kept = json.dumps([list(r) for r in connection.execute(sa.select(EXERCISE_PARTICIPANT))],
                          default=str)  # fmt: skip
    assert token not in kept
    fresh = joining.again(database, run.id, who.id)
    assert joining.sitting(database, token) is None
    assert joining.sitting(database, fresh) == (run.id, who)
    with pytest.raises(Error, match="Nobody of that id"):
        joining.again(database, run.id, "nobody")
    assert joining.seat_of(database, run.id, 1) is None


def test_whoever_cannot_join(begun: Staged) -> None:
    run, database, name = begun.run, begun.database, uuid.uuid4().hex[:8]
    cases = [
        (("wrong", name, "player", "Red"), "code is not"),
        ((run.code, "x" * 61, "player", "Red"), "61 characters"),
        ((run.code, " ", "player", "Red"), "0 characters"),
        ((run.code, "a\u202eb", "player", "Red"), "nobody sees"),
        ((run.code, "PLAYER", "player", "Red"), "called 'PLAYER' already"),
        ((run.code, name, "player", ""), "no team ''"),
        ((run.code, name, "player", "Green"), "no team 'Green'"),
        ((run.code, name, "king", ""), "no seat 'king'"),
        ((run.code, name, "facilitator", ""), "facilitator's seat"),
    ]
    for (code, called, seat, team), says in cases:
        with pytest.raises(Error, match=says):
            joining.join(database, run.id, code, called, seat, team)  # type: ignore[arg-type]
    begun.do("facilitator", "ended")
    with pytest.raises(Error, match="has ended"):
        joining.join(database, run.id, run.code, name, "player", "Red")


def test_a_room_is_full_some_time(begun: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "MOST", len(begun.who))
    with pytest.raises(Error, match="in the room already"):
        begun.join("one more", "observer")


def test_runs_are_listed_the_newest_first(begun: Staged) -> None:
    begun.do("player", "answered", inject="first", question="free", answer="x")
    newer = store.create(
        begun.database, begun.room.state().scenario, store.settings_of({}), "bo",
        START + timedelta(days=1),
    )  # fmt: skip
    listed = store.runs(begun.database)
    assert [(one.run, one.participants, one.answers) for one in listed] == [
        (newer, 0, 0),
        (replace(begun.run, status="running"), 7, 1),
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"weight": 1}, "no setting"),
        ({"weights": {"luck": 1}}, "weights"),
        ({"weights": {"side": -1}}, "weights"),
        ({"weights": {"side": True}}, "weights"),
        ({"weights": dict.fromkeys(("decision", "side", "owner", "time", "communication"), 0)},
         "not all"),
        ({"teams": ["a", "A"]}, "different names"),
        ({"teams": [""]}, "0 characters"),
        ({"pace": "slow"}, "no pace"),
        ({"speed": 0}, "speed"),
        ({"speed": "1"}, "speed"),
    ],
)  # fmt: skip
def test_settings_that_are_none(data: dict[str, object], says: str) -> None:
    with pytest.raises(Error, match=says):
        store.settings_of(data)


def test_a_scenario_of_the_library_names_its_examples(begun: Staged) -> None:
    for name in library.ids():
        played = store.played(library.load(name))
        assert "{bucket}" not in repr(played)
    run = store.create(begun.database, library.load("public-bucket"), store.settings_of({}), "ann")
    first = Room(begun.database, run.id).state().scenario.injects[0]
    assert "acme-customer-exports lists for everybody" in first.text
