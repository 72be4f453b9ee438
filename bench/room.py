"""Thirty players who answer at once: how long each waits until the answer is on the disk.

A real server process; each player holds a stream open and fetches the page again after answering,
as the browser does. Asked for: 95 of 100 answers within 500 ms.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

import httpx2

from bench.served import serving
from sharedline.exercise import library
from sharedline.exercise.model import Scenario
from sharedline.exercise.session import joining, store
from sharedline.exercise.session.room import Room
from sharedline.people import accounts
from sharedline.people.model import Role
from sharedline.project import open_project
from sharedline.state.database import Database

PLAYERS, ROUNDS, TEAMS = 30, 20, ("Blue", "Green", "Red")
COOKIE = "sharedline-seat"


def main() -> None:
    """Prints the times."""
    with tempfile.TemporaryDirectory() as given:
        run, tokens, question = _prepared(Path(given))
        with serving(Path(given)) as server:
            posts, pages = asyncio.run(_played(server.address, run, tokens, question))
            used = server.cpu()
    print(f"{PLAYERS} players at once, {ROUNDS} times, streams open, the page fetched after each")
    print(f"answer on the disk: {_shown(posts)}")
    print(f"page fetched again: {_shown(pages)}")
    print(f"the server used {used:.1f} s of CPU; load of the machine {os.getloadavg()[0]:.1f}")


def _shown(seconds: list[float]) -> str:
    parts = statistics.quantiles(seconds, n=100)
    longest = max(seconds) * 1000
    return f"p50 {parts[49] * 1000:.0f} ms, p95 {parts[94] * 1000:.0f} ms, longest {longest:.0f} ms"


def _prepared(folder: Path) -> tuple[str, list[str], tuple[str, str, str]]:
    project = open_project(folder)
    with closing(Database(project.database_url)) as database:
        with database.begin() as connection:
            accounts.add(connection, "lead", "", "", Role.ADMIN, (), "a long enough phrase")
        scenario = library.load("public-bucket")
        run = store.create(database, scenario, store.settings_of({"teams": list(TEAMS)}), "lead")
        lead = joining.join(
            database, run.id, run.code, "Lead", "facilitator", facilitate=True
        )[0]  # fmt: skip
        tokens = [
            joining.join(database, run.id, run.code, f"Player {n}", "player", TEAMS[n % 3])[1]
            for n in range(PLAYERS)
        ]
        room = Room(database, run.id)
        room.do(lead.id, "started", {}, "start")
        for n, inject in enumerate(scenario.injects):
            room.do(lead.id, "released", {"inject": inject.id}, f"release {n}")
    return run.id, tokens, _question(scenario)


def _question(scenario: Scenario) -> tuple[str, str, str]:
    for inject in scenario.injects:
        for question in inject.questions:
            if question.choices:
                return inject.id, question.id, question.choices[0]
    raise AssertionError("no question")


async def _played(
    address: str, run: str, tokens: list[str], question: tuple[str, str, str]
) -> tuple[list[float], list[float]]:
    posts: list[float] = []
    pages: list[float] = []
    start = asyncio.Barrier(PLAYERS)

    room = f"/room/{run}"

    async def player(token: str, number: int) -> None:
        async with httpx2.AsyncClient(
            base_url=address, cookies={COOKIE: token}, timeout=30
        ) as client:
            page = (await client.get(room)).text
            assert "csrf" in page, page[:600]
            csrf = page.split('name="csrf" value="', 1)[1].split('"', 1)[0]
            async with client.stream("GET", f"{room}/events") as stream:
                reading = asyncio.create_task(_read(stream))
                for n in range(ROUNDS):
                    form = dict(zip(("inject", "question", "answer"), question, strict=True))
                    form |= {"csrf": csrf, "key": f"{number}-{n}", "confidence": str(n)}
                    await start.wait()
                    at = time.perf_counter()
                    headers = {"accept": "application/json"}
                    answer = await client.post(f"{room}/do/answered", data=form, headers=headers)
                    posts.append(time.perf_counter() - at)
                    assert answer.status_code == 200, answer.text
                    at = time.perf_counter()
                    assert (await client.get(f"{room}/live")).status_code == 200
                    pages.append(time.perf_counter() - at)
                    await asyncio.sleep(0.3)
                reading.cancel()

    await asyncio.gather(*(player(t, n) for n, t in enumerate(tokens)))
    return posts, pages


async def _read(stream: httpx2.Response) -> None:
    async for _ in stream.aiter_lines():
        pass


if __name__ == "__main__":
    main()
