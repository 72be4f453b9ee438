"""A server that dies in the middle of thirty answers: what it acknowledged is there, once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx2
import sqlalchemy as sa
from tests.web.browser import Server
from tests.web.conftest import token_in
from tests.web.rooms import up

from sharedline.exercise import library
from sharedline.exercise.session import joining, store
from sharedline.exercise.session.room import Room
from sharedline.people import accounts
from sharedline.people.model import Role
from sharedline.project import Project, open_project
from sharedline.state.database import Database
from sharedline.state.tables import EXERCISE_EVENT as EVENT

PLAYERS, TEAMS = 30, ("Blue", "Green", "Red")
#: What each player answers; fewer where it only is another database.
ANSWERS = {"sqlite": 8, "postgresql": 3}
JSON = {"accept": "application/json"}


def _project(folder: Path, url: str) -> Project:
    (folder / "sharedline.toml").write_text(f'database = "{url}"\n')
    return open_project(folder)


def _prepared(database: Database) -> tuple[str, dict[str, str]]:
    """A run with its first message out, and the secrets of its players by id."""
    with database.begin() as connection:
        accounts.add(connection, "lead", "", "", Role.ADMIN, (), "a long enough phrase")
    chosen = store.settings_of({"teams": list(TEAMS)})
    run = store.create(database, library.load("public-bucket"), chosen, "lead")
    lead = joining.join(database, run.id, run.code, "Lead", "facilitator", facilitate=True)[0]
    people = {}
    for n in range(PLAYERS):
        who, secret = joining.join(
            database, run.id, run.code, f"Player {n}", "player", TEAMS[n % len(TEAMS)]
        )
        people[who.id] = secret
    room = Room(database, run.id)
    room.do(lead.id, "started", {}, "1")
    room.do(lead.id, "released", {"inject": "stranger"}, "2")
    return run.id, people


class _Player:
    """One browser: sends each answer under its key until the server has said that it has it."""

    def __init__(self, server: Server, run: str, who: str, secret: str, answers: int) -> None:
        self.server, self.run, self.who, self.secret = server, run, who, secret
        self.answers = answers
        self.acknowledged: dict[str, int] = {}
        self.again = 0

    def play(self, start: threading.Barrier, done: threading.Semaphore) -> None:
        room = f"{self.server.url}/room/{self.run}"
        cookies = {"sharedline-seat": self.secret}
        with httpx2.Client(cookies=cookies, timeout=20) as client:
            csrf = token_in(client.get(room).text)
            start.wait(60)
            for n in range(self.answers):
                key = f"{self.who}-{n}"
                form = {
                    "inject": "stranger", "question": "genuine", "answer": "ListBuckets",
                    "confidence": str(n), "key": key, "csrf": csrf,
                }  # fmt: skip
                self.acknowledged[key] = self._sent(client, f"{room}/do/answered", form)
                done.release()

    def _sent(self, client: httpx2.Client, address: str, form: dict[str, str]) -> int:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                answer = client.post(address, data=form, headers=JSON)
            except httpx2.TransportError:
                self.again += 1
                time.sleep(0.2)
                continue
            assert answer.status_code == 200, answer.text
            return int(answer.json()["seq"])
        raise AssertionError("the server did not come back")


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(
    tmp_path: Path, database_url: str
) -> None:
    project = _project(tmp_path, database_url)
    answers = ANSWERS[database_url.partition(":")[0]]
    with closing(Database(project.database_url)) as database:
        run, people = _prepared(database)
        with up(tmp_path) as server, ThreadPoolExecutor(PLAYERS) as pool:
            players = [_Player(server, run, who, secret, answers) for who, secret in people.items()]
            start, done = threading.Barrier(PLAYERS), threading.Semaphore(0)
            playing = [pool.submit(p.play, start, done) for p in players]
            for _ in range(PLAYERS * answers // 3):
                assert done.acquire(timeout=60), "the players do not get on"
            server.kill()
            server.start()
            for one in playing:
                one.result(180)
        assert sum(p.again for p in players) > 0, "nobody noticed that the server was gone"
        acknowledged = {f"{p.who}.{k}": n for p in players for k, n in p.acknowledged.items()}
        assert len(acknowledged) == PLAYERS * answers
        with database.read() as connection:
            query = sa.select(EVENT.c.key, EVENT.c.seq).where(
                EVENT.c.run_id == run, EVENT.c.kind == "answered"
            )
            kept = connection.execute(query).all()
        assert Counter(k for k, _ in kept) == Counter(list(acknowledged))
        assert dict(tuple(row) for row in kept) == acknowledged
        state = Room(database, run).state()
        assert len(state.answers) == PLAYERS * answers
        for who in people:
            last = state.last_answer(who, "stranger", "genuine")
            assert last is not None
            assert (last.confidence, last.number) == (answers - 1, answers)


def test_word_of_a_change_comes_by_the_stream(tmp_path: Path, database_url: str) -> None:
    project = _project(tmp_path, database_url)
    with closing(Database(project.database_url)) as database:
        run, people = _prepared(database)
        who, secret = next(iter(people.items()))
        with (
            up(tmp_path) as server,
            httpx2.Client(cookies={"sharedline-seat": secret}, timeout=20) as client,
            client.stream("GET", f"{server.url}/room/{run}/events?after=old") as stream,
        ):
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = (line for line in stream.iter_lines() if line.startswith("data: "))
            first = next(lines)
            said = {"text": "Hello", "visible": "private"}
            Room(database, run).do(who, "noted", said, "from another process")
            assert next(lines) != first
