"""`sharedline exercise run` and `runs`: a whole exercise through a pipe, left, killed and resumed."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from tests.exercise.session.rooms import DATA

from sharedline.cli.exercise import command
from sharedline.cli.exercise.common import asking
from sharedline.errors import Error
from sharedline.exercise.read import of_data
from sharedline.exercise.session import joining, store
from sharedline.exercise.session.model import RunState
from sharedline.exercise.session.room import Room
from sharedline.exercise.store import save
from sharedline.project import open_project
from sharedline.state.database import Database


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Path:
    """A project with the drill, its names hostile to terminals."""
    (tmp_path / "sharedline.toml").write_text(f"database = {json.dumps(database_url)}\n")
    data = json.loads(json.dumps(DATA))
    data["injects"][0]["text"] = "Look at \u202eevil"
    save(open_project(tmp_path), of_data(data, "drill"))
    return tmp_path


def run(project: Path, lines: Sequence[str], *args: str) -> tuple[int, str]:
    typed = "".join(f"{line}\n" for line in lines)
    ended = CliRunner().invoke(
        command, [*args, "--dir", str(project)], input=typed, standalone_mode=False
    )
    if isinstance(ended.exception, Error | click.ClickException):
        raise ended.exception
    assert ended.exception is None, ended.exception
    return int(ended.return_value or 0), ended.output


def listed(project: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(project, [], "runs", "--format", "json")[1])
    return found


def state(project: Path, run_id: str = "") -> RunState:
    with closing(Database(open_project(project).database_url)) as database:
        return Room(database, run_id or listed(project)[0]["id"]).state()


#: What is typed for the first message: its questions, its decision, whom the table tells.
FIRST = [
    "2",
    "80",
    "SECRET owner",
    "",
    "Close it",
    "30",
    "a-first",
    "90",
    "Legal",
    "phone",
    "Now",
    "",
]
SECOND = ["customer", "", "nobody", "100", "s", "1", "5", ""]
WHOLE = ["", "", *FIRST, "", *SECOND, "", "", ""]
END = ["d", "S", "Because", ]  # fmt: skip


def test_a_whole_run_through_a_pipe(project: Path) -> None:
    code, out = run(project, [*WHOLE, *END], "run", "drill", "--by", "Ann", "--team", "Red")
    assert code == 0
    held = state(project)
    assert held.clock.status == "ended"
    assert {p.name: (p.seat, p.team) for p in held.participants.values()} == {
        "Ann": ("facilitator", ""), "The table": ("player", "Red"),
    }  # fmt: skip
    assert [(a.inject, a.question, a.answer, a.confidence) for a in held.answers] == [
        ("first", "side", "customer", 80), ("first", "owner", "SECRET owner", 50),
        ("first", "free", "Close it", 30),
        ("second", "side", "customer", 50), ("second", "owner", "nobody", 100),
    ]  # fmt: skip
    assert [(s.team, s.decision, s.confidence) for s in held.settled] == [
        ("Red", "d-first", 90), ("Red", "d-second", 5),
    ]  # fmt: skip
    assert held.settled[0].option == "a-first"
    (told,) = held.messages
    assert (told.to, told.channel, told.text, told.inject) == ("Legal", "phone", "Now", "first")
    assert [(o.action, o.state, o.team) for o in held.observed] == [("e", "done", "Red")]
    assert held.observed[0].minute <= 9
    assert [(r.objective, r.rating, r.why) for r in held.ratings] == [("o", "S", "Because")]
    assert list(held.releases) == ["first", "second", "third"]
    assert "-> CONSEQUENCE of a-first" in out
    assert "5 of 6 questions answered, 2 decisions taken, 1 told" in out
    assert "--resume" not in out


def test_nothing_is_told_before_its_time_and_names_do_no_harm(project: Path) -> None:
    out = run(project, ["", "", *FIRST[:6]], "run", "drill")[1]
    assert "\u202e" not in out
    assert "Look at \\u202eevil" in out
    for secret in ("SECRET why", "CONSEQUENCE", "harmful", "EXPECTED", "Text of second"):
        assert secret not in out


@pytest.mark.parametrize("cut", range(0, len(WHOLE), 3))
def test_left_anywhere_and_resumed(project: Path, cut: int) -> None:
    """The end of the input stands for any way to leave: what was typed before it is kept."""
    out = run(project, WHOLE[:cut], "run", "drill")[1]
    (found,) = listed(project)
    before = state(project)
    assert before.clock.status in ("waiting", "paused", "ended")
    if before.clock.status != "ended":
        assert f"--resume {found['id']}" in out
    rest = ["", "", "", *["s"] * 40]
    run(project, rest, "run", "--resume", found["id"])
    after = state(project)
    assert after.answers[: len(before.answers)] == before.answers
    assert after.settled[: len(before.settled)] == before.settled
    assert len(after.participants) == 2, "nobody is seated twice"
    assert len(listed(project)) == 1


def test_what_was_answered_is_not_asked_again(project: Path) -> None:
    run(project, ["", "", *FIRST[:6], "q"], "run", "drill")
    found = listed(project)[0]["id"]
    out = run(project, ["", *FIRST[6:], "q"], "run", "--resume", found)[1]
    assert "Whose side?" not in out
    assert "DECIDE" in out
    held = state(project)
    assert (len(held.answers), len(held.settled), len(held.messages)) == (3, 1, 1)


def test_pause_note_skip_help_and_wrong_answers(project: Path) -> None:
    typed = [
        "n", "Before the start", "", "s",  # a note, the start, the first message skipped
        "", "?", "p", "p", "n", "In the pause", "",  # the second; paused; goes on
        "9", "me", "1", "101", "abc", "40%",  # refused until it is right
        "s", "s", "s", "", "q",
    ]  # fmt: skip
    out = run(project, typed, "run", "drill")[1]
    held = state(project)
    assert held.skipped == {"first"}
    assert [n.text for n in held.notes] == ["Before the start", "In the pause"]
    assert [(a.answer, a.confidence) for a in held.answers] == [("aws", 40)]
    assert out.count("Give a number from 1 to 4.") == 2
    assert out.count("from 0 to 100.") == 2
    assert "Paused at minute 0" in out
    assert held.clock.status == "paused"


def test_what_is_too_long_is_said_and_asked_again(project: Path) -> None:
    typed = ["", "", "s", "s", "x" * 4_001, "", "short", "", "q"]
    out = run(project, typed, "run", "drill")[1]
    assert "4,001 characters" in out
    assert [a.answer for a in state(project).answers] == ["short"]


def test_by_the_clock(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def passes(seconds: float) -> bool:
        """The first wait is cut short by Enter; then the clock is put forward."""
        waited.append(seconds)
        if len(waited) == 1:
            return True
        with closing(Database(open_project(project).database_url)) as database:
            room = Room(database, listed(project)[0]["id"])
            lead = next(p for p in room.state().participants.values() if p.seat == "facilitator")
            room.do(lead.id, "released", {"inject": "third"}, "third")
        return False

    monkeypatch.setattr(asking, "wait", passes)
    typed = ["", *["s"] * 4, "", "", *["s"] * 4, "", "", ""]
    run(project, typed, "run", "drill", "--clock", "--speed", "2")
    held = state(project)
    assert [(r.inject, r.how) for r in held.releases.values()] == [
        ("first", "clock"), ("second", "facilitator"), ("third", "facilitator"),
    ]  # fmt: skip
    assert held.clock.speed == 2
    assert len(waited) == 2


def test_others_in_the_same_room(project: Path) -> None:
    """Whoever joins by another way is in the same run, and what they do is not asked again."""
    run(project, ["", "", "q"], "run", "drill")
    with closing(Database(open_project(project).database_url)) as database:
        found = store.runs(database)[0].run
        who, _ = joining.join(database, found.id, found.code, "Eva", "evaluator")
        Room(database, found.id).do(who.id, "observed", {"action": "e", "state": "missed"}, "k")
        Room(database, found.id).do(who.id, "rated", {"objective": "o", "rating": "U"}, "r")
    out = run(project, ["", *["s"] * 5, "s", "s", ""], "run", "--resume", found.id)[1]
    assert state(project).clock.status == "ended"
    assert "What was expected" not in out
    assert "Rate the objectives" not in out


def test_killed_in_the_middle(project: Path) -> None:
    """What was acknowledged by the next prompt is there after SIGKILL; the run goes on."""
    with subprocess.Popen(
        [sys.executable, "-m", "sharedline", "exercise", "run", "drill", "--dir", str(project)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as room:  # fmt: skip
        assert room.stdin is not None
        assert room.stdout is not None
        room.stdin.write("\n\n2\n70\n")
        room.stdin.flush()
        for line in room.stdout:
            if "? Whose?" in line:
                break
        room.send_signal(signal.SIGKILL)
    held = state(project)
    assert [(a.answer, a.confidence) for a in held.answers] == [("customer", 70)]
    assert held.clock.status == "running", "nobody was there to pause it"
    out = run(project, ["q"], "run", "--resume", held.run)[1]
    assert "? Whose?" in out
    assert "? Whose side?" not in out


def test_at_a_terminal_the_clock_speaks_by_itself_and_ctrl_c_leaves(project: Path) -> None:
    data = json.loads(json.dumps(DATA))
    data["injects"][1]["minute"] = 2
    save(open_project(project), of_data({**data, "id": "quick"}, "quick"))
    lead, theirs = pty.openpty()
    room = subprocess.Popen(
        [sys.executable, "-m", "sharedline", "exercise", "run", "quick", "--dir", str(project),
         "--clock", "--speed", "60"],
        stdin=theirs, stdout=theirs, stderr=theirs,
        env={**os.environ, "COLUMNS": "80", "TERM": "dumb"},
    )  # fmt: skip
    os.close(theirs)
    seen = ""

    def comes(word: str, seconds: float) -> bool:
        """Whether the word is shown within so many seconds; what stood before it is forgotten."""
        nonlocal seen
        end = time.monotonic() + seconds
        while word not in seen:
            if not select.select([lead], [], [], max(0.0, end - time.monotonic()))[0]:
                return False
            seen += os.read(lead, 4096).decode()
        seen = seen.split(word, 1)[1]
        return True

    def until(word: str) -> None:
        assert comes(word, 120), seen

    try:
        until("Enter starts")
        os.write(lead, b"\n" + b"s\n" * 5)  # then nothing is typed: two seconds for two minutes
        until("Whose side?")
        until("The next message comes")
        until("Title of second")
        until("Answer: ")
        for _ in range(8):  # Python loses a signal between its prompt and its reading
            room.send_signal(signal.SIGINT)
            if comes("Go on: sharedline exercise run --resume", 15):
                break
        assert room.wait(30) == 0
    finally:
        room.kill()
        room.wait()
    os.close(lead)
    assert state(project).clock.status == "paused"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((), "Which exercise"),
        (("drill", "--resume", "x"), "Which exercise"),
        (("nothing",), "no exercise or scenario"),
        (("--resume", "nothing"), "no run 'nothing'"),
        (("drill", "--team", "\t"), "team's name"),
        (("drill", "--by", "x" * 61), "61 characters"),
    ],
)
def test_refused(project: Path, args: Sequence[str], says: str) -> None:
    with pytest.raises(Error, match=says):
        run(project, [], "run", *args)
    assert listed(project) == []


@pytest.fixture(params=[80, 160])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setenv("COLUMNS", str(request.param))
    yield request.param


def test_it_fits_the_terminal(project: Path, width: int) -> None:
    run(project, [*WHOLE, *END], "run", "drill")
    out = run(project, [*WHOLE, *END], "run", "public-bucket")[1] + run(project, [], "runs")[1]
    told = [line for line in out.splitlines() if not line.startswith("Go on: ")]  # to be copied
    assert [line for line in told if len(line) > width] == []


def test_runs(project: Path) -> None:
    assert "No exercise was run yet" in run(project, [], "runs")[1]
    run(project, WHOLE, "run", "drill")
    out = run(project, [], "runs")[1]
    assert re.search(r"[0-9a-f]{16}\s+ended\s+20\d\d-.*2\s+5\s+Drill", out)
    assert listed(project)[0]["scenario"] == "drill"
    assert run(project, [], "runs", "--format", "csv")[1].startswith("id,scenario,title")
