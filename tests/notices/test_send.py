"""Each notice reaches each target once, through Apprise, whatever fails or stops in between."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.listener import Listener

from sharedline.notices.model import Item, Notice, Section
from sharedline.notices.send import Outcome, problems, send
from sharedline.notices.settings import Audience, Target
from sharedline.state.database import Database
from sharedline.state.tables import SENT

NOTICE = Notice("digest", "digest:2026-W47:data", "Duties of data\r\nBcc: x",
                (Section("Open", 1, (Item("arn:aws:s3:::ledger", "No versions"),)),),
                "data")  # fmt: skip


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as found:
        yield found


class _Kept(logging.Handler):
    """What an application that logs everything would log."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def _to(*targets: str, **teams: str) -> Audience:
    return Audience(tuple(Target(t) for t in targets),
                    {name: (Target(t),) for name, t in teams.items()})  # fmt: skip


def _states(found: list[Outcome]) -> list[str]:
    return [one.state for one in found]


def test_it_is_told_once(database: Database, listener: Listener) -> None:
    to = _to(data=f"json://{listener.place}/hook?format=text")
    assert _states(send(database, [NOTICE], to)) == ["sent"]
    assert _states(send(database, [NOTICE], to)) == ["before"]
    (got,) = listener.got
    assert got["title"] == "Duties of data Bcc: x"
    assert got["message"] == NOTICE.plain().strip()
    other = replace(NOTICE, key="digest:2026-W48:data")
    assert _states(send(database, [other], to)) == ["sent"]
    with database.read() as connection:
        rows = connection.execute(sa.select(SENT).order_by(SENT.c.key)).all()
    assert [r.key.rsplit("@", 1)[0] for r in rows] == [NOTICE.key, other.key]
    assert {r.kind for r in rows} == {"digest"}


def test_markdown_where_the_service_shows_it(database: Database, listener: Listener) -> None:
    send(database, [NOTICE], _to(data=f"json://{listener.place}/"))
    assert "- `arn:aws:s3:::ledger` No versions" in listener.got[0]["message"]


def test_what_fails_is_told_and_tried_again(database: Database, listener: Listener) -> None:
    listener.answer = lambda *_: (500, {}, b"s3cret trouble")
    to = _to(f"json://{listener.place}/s3cret")
    (one,) = send(database, [replace(NOTICE, team="")], to)
    assert (one.state, one.why) == ("failed", "it answered 500")
    (sentence,) = problems([one])
    assert "s3cret" not in sentence
    assert "json://…" in sentence
    listener.answer = lambda *_: (200, {}, b"")
    assert _states(send(database, [replace(NOTICE, team="")], to)) == ["sent"]


def test_one_that_fails_stops_no_other(
    database: Database,
    listener: Listener,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET_HOOK", "slack://s3cret")
    monkeypatch.delenv("NO_SUCH_HOOK", raising=False)
    targets = ("json://127.0.0.1:9/x", "env:SECRET_HOOK", "env:NO_SUCH_HOOK",
               f"json://{listener.place}/good")  # fmt: skip
    logged = _Kept(logging.DEBUG)
    logging.getLogger().addHandler(logged)
    try:
        found = send(database, [replace(NOTICE, team="")], _to(*targets))
    finally:
        logging.getLogger().removeHandler(logged)
    assert _states(found) == ["failed", "failed", "failed", "sent"]
    assert found[0].why == "it could not be reached, or refused"
    assert "no service that Apprise knows" in found[1].why
    assert "NO_SUCH_HOOK is not set" in found[2].why
    shown = capfd.readouterr()
    assert "s3cret" not in " ".join([*logged.lines, shown.out, shown.err, *problems(found)])


def test_a_team_without_a_target_is_told_to_the_admins(
    database: Database, listener: Listener
) -> None:
    assert _states(send(database, [NOTICE], _to(f"json://{listener.place}/admin"))) == ["sent"]
    (lost,) = send(database, [NOTICE], Audience())
    assert (lost.state, lost.why) == ("failed", "no target is set for it in [notify]")


def test_two_at_once_tell_it_once(database: Database) -> None:
    told, begun = [], threading.Event()

    def post(target: Target, notice: Notice) -> str:
        told.append(notice.key)
        begun.wait(5)
        return ""

    out: list[Outcome] = []
    to = _to("json://a")
    threads = [
        threading.Thread(
            target=lambda: out.extend(
                send(database, [NOTICE], to, post=post, lease=timedelta(seconds=5))
            )
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    begun.set()
    for thread in threads:
        thread.join()
    assert told == [NOTICE.key]
    assert sorted(_states(out)) == ["before", "before", "sent"]


_KILLED = """
import sys
from sharedline.notices.model import Notice
from sharedline.notices.send import send
from sharedline.notices.settings import Audience, Target
from sharedline.state.database import Database
send(Database(sys.argv[1]), [Notice("digest", sys.argv[2], "x", (), k) for k in ("", "")][:1]
     + [Notice("digest", "second", "y", ())], Audience((Target(sys.argv[3]),)))
"""


def test_a_kill_loses_none_and_repeats_one_at_most(
    database: Database, database_url: str, listener: Listener
) -> None:
    listener.go.clear()
    target = f"json://{listener.place}/x"
    worker = subprocess.Popen([sys.executable, "-c", _KILLED, database_url, "first", target])
    try:
        assert listener.came.wait(60)
        os.kill(worker.pid, signal.SIGKILL)  # while the first is at the target
    finally:
        worker.kill()
        worker.wait()
    listener.go.set()
    both = [Notice("digest", key, key, ()) for key in ("first", "second")]
    found = send(database, both, _to(target), lease=timedelta(seconds=0.2))
    assert _states(found) == ["sent", "sent"]
    titles = [got["title"] for got in listener.got]
    assert titles == ["x", "first", "second"]
    assert json.dumps(_states(send(database, both, _to(target)))) == '["before", "before"]'
