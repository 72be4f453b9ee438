"""Acts that wait for the disk go together; each hears of its own, also where one breaks them all."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from tests.exercise.session.rooms import Staged

from sharedline.errors import Error, Unavailable
from sharedline.exercise.session import store
from sharedline.exercise.session.line import TOGETHER, Line, Wish
from sharedline.exercise.session.model import Event
from sharedline.exercise.session.room import Room


def _wish(key: str) -> Wish:
    return Wish("me", "noted", {}, "{}", key)


class _Slow:
    """A disk whose first transaction waits until so many stand in the line."""

    def __init__(self, line: Line, crowd: int, broken: str = "") -> None:
        self.line, self.crowd, self.broken = line, crowd, broken
        self.wrote: list[list[str]] = []
        self.at = threading.Event()

    def __call__(self, wishes: Sequence[Wish]) -> None:
        keys = [w.key for w in wishes]
        self.wrote.append(keys)
        if len(self.wrote) == 1:
            self.at.set()
            while len(self.line._waiting) < self.crowd:
                threading.Event().wait(0.001)
        if self.broken in keys:
            raise Error("broken", "Mend it.")
        for one in wishes:
            one.seq = int(one.key)


def _sent(line: Line, write: _Slow, crowd: int) -> list[int | str]:
    def through(number: int) -> int | str:
        try:
            return line.through(_wish(str(number)), write)
        except Error as error:
            return error.message

    with ThreadPoolExecutor(crowd + 1) as pool:
        first = pool.submit(through, 1)
        write.at.wait(20)
        rest = [pool.submit(through, n) for n in range(2, crowd + 2)]
        return [first.result(20), *(one.result(20) for one in rest)]


def test_who_waits_goes_together_and_not_too_many() -> None:
    crowd = TOGETHER + 5
    line = Line()
    write = _Slow(line, crowd)
    assert _sent(line, write, crowd) == list(range(1, crowd + 2))
    assert [len(keys) for keys in write.wrote] == [1, TOGETHER, 5]
    assert line.through(_wish("7"), write) == 7, "nobody is left in the line"


def test_one_that_breaks_them_is_the_only_one_that_fails() -> None:
    line = Line()
    write = _Slow(line, 4, broken="3")
    assert _sent(line, write, 4) == [1, 2, "broken", 4, 5]
    assert sorted(map(len, write.wrote)) == [1, 1, 1, 1, 1, 4]


def _together(begun: Room, wishes: list[Wish]) -> list[int | str]:
    begun._write(wishes)
    return [w.error.message if w.error else w.seq for w in wishes]


def test_each_is_checked_after_the_ones_before_it(stage: Staged) -> None:
    lead, player = stage.who["facilitator"].id, stage.who["player"].id
    answer = '{"answer": "x", "confidence": 5, "inject": "first", "question": "free"}'

    def wish(who: str, kind: str, text: str, key: str) -> Wish:
        return Wish(who, kind, json.loads(text), text, key)

    seq = stage.room.seq()
    wishes = [
        wish(player, "answered", answer, "early"),
        wish(lead, "started", "{}", "s"),
        wish(lead, "started", "{}", "again"),
        wish(lead, "released", '{"inject": "first"}', "r"),
        wish(player, "answered", answer, "a"),
        wish(player, "answered", answer, "a"),
        wish(lead, "answered", answer, "b"),
        wish(lead, "ended", "{}", "s"),
    ]
    told = _together(stage.room, wishes)
    assert [t for t in told if isinstance(t, int)] == [seq + 1, seq + 2, seq + 3, seq + 3]
    said = [str(t) for t in told if isinstance(t, str)]
    for text, words in zip(said, ("yet", "started already", "cannot do", "same key"), strict=True):
        assert words in text
    assert [e.key for e in stage.room.after(seq)] == ["s", "r", "a"]
    assert store.run_of(stage.database, stage.run.id).status == "running"


def test_what_is_not_committed_is_told_to_nobody(
    stage: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.do("facilitator", "started")
    before, real = stage.room.state(), store.extend

    def breaks(connection: sa.Connection, run_id: str, events: Sequence[Event]) -> None:
        real(connection, run_id, events)
        raise Error("the disk is full", "Make room.")

    monkeypatch.setattr(store, "extend", breaks)
    with pytest.raises(Error, match="the disk is full"):
        stage.do("player", "noted", "k", text="x")
    assert stage.room.state() == before
    monkeypatch.setattr(store, "extend", real)
    assert stage.do("player", "noted", "k", text="x") == before.seq + 1


def test_a_database_that_does_not_answer_is_told_to_all_at_once() -> None:
    """One by one each would wait for it as long as all of them did."""
    line, wrote = Line(), list[list[str]]()
    at = threading.Event()

    def write(wishes: Sequence[Wish]) -> None:
        wrote.append([w.key for w in wishes])
        if len(wrote) == 1:
            at.set()
            while len(line._waiting) < 5:
                threading.Event().wait(0.001)
        raise Unavailable("gone")

    def through(number: int) -> str:
        try:
            return str(line.through(_wish(str(number)), write))
        except Unavailable as error:
            return error.message

    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(through, 1)
        at.wait(20)
        rest = [pool.submit(through, n) for n in range(2, 7)]
        assert [one.result(20) for one in (first, *rest)] == ["gone"] * 6
    assert [len(keys) for keys in wrote] == [1, 5]
    assert line.through(_wish("7"), lambda wishes: setattr(wishes[0], "seq", 7)) == 7
