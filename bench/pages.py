"""The pages on a million findings: 20 people who each ask for the next page as soon as one has come.

A real server process, signed-in sessions, whole HTML pages. Asked for: 200 ms at the median.
"""

from __future__ import annotations

import http.client
import os
import random
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from bench.machine import describe
from bench.pages_data import PEOPLE, ROWS, _random_filters
from bench.pages_estate import ACCOUNTS, make
from bench.served import serving
from sharedline.people import accounts, sessions, teams
from sharedline.people.model import Role
from sharedline.project import open_project
from sharedline.state.database import Database

#: Of the people so many see the whole estate.
EDITORS = 8
#: Seconds that each reads a page before asking for the next; none asks as hard as can be.
THINK = float(os.environ.get("BENCH_THINK", "0"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "30"))


def main() -> None:
    """Prints the times of each kind of page."""
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        begun = time.perf_counter()
        make(folder, ROWS)
        print(f"{ROWS:,} findings, two scans, made in {time.perf_counter() - begun:.0f} s")
        cookies = _people(folder)
        with serving(folder) as server:
            port = server.port
            begun = time.perf_counter()
            _get(port, cookies[0], "/gaps")
            print(f"the first page, the index being made: {time.perf_counter() - begun:.0f} s")
            _round(port, cookies[:1], 8.0, "1 person")
            before = server.cpu()
            _round(port, cookies, SECONDS, f"{PEOPLE} people at once")
            used = server.cpu() - before
            print(f"server: {used / SECONDS:.2f} cores busy, {server.memory()} MB; {describe()}")


def _people(folder: Path) -> list[str]:
    """Sessions of 20 people: 8 see everything, the others what is their team's."""
    chance = random.Random(7)  # noqa: S311 not for secrets
    found = []
    with (
        closing(Database(open_project(folder).database_url)) as database,
        database.begin() as connection,
    ):
        for number in range(PEOPLE):
            team = f"team-{number}"
            role = Role.EDITOR if number < EDITORS else Role.OWNER
            own = [str(100_000_000_001 + n) for n in chance.sample(range(ACCOUNTS), 3)]
            teams.set_accounts(connection, team, own)
            person = accounts.add(connection, f"p{number}", f"P {number}", "", role, (team,))
            found.append(sessions.open_session(connection, person, "bench")[0])
    return found


def _get(port: int, cookie: str, path: str, kept: http.client.HTTPConnection | None = None) -> str:
    connection = kept or http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("GET", path, headers={"cookie": f"sharedline={cookie}"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status, body[:300])
    if kept is None:
        connection.close()
    return body.decode()


def _next(chance: random.Random, *, owner: bool) -> tuple[str, str]:
    """A kind of page and its address, as people go about."""
    kind = chance.choices(  # as often as people go there
        ("gaps", "gaps, first page", "matrix", "mine", "flow", "summary"), (6, 3, 3, 2, 1, 2)
    )[0]
    if kind == "gaps":
        return kind, "/gaps?" + _random_filters(chance).query()
    paths = {"gaps, first page": "/gaps", "matrix": "/matrix", "mine": "/mine", "flow": "/flow"}
    if kind == "summary" and owner:  # theirs is /mine
        kind = "mine"
    return kind, paths.get(kind, "/summary")


def _round(port: int, cookies: list[str], seconds: float, title: str) -> None:
    times: dict[str, list[float]] = defaultdict(list)
    guard, wrong = threading.Lock(), list[BaseException]()
    until = time.perf_counter() + seconds

    def one(number: int, cookie: str) -> None:
        chance = random.Random(number)  # noqa: S311 not for secrets
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            while time.perf_counter() < until and not wrong:
                kind, path = _next(chance, owner=number >= EDITORS)
                begun = time.perf_counter()
                _get(port, cookie, path, connection)
                with guard:
                    times[kind].append(time.perf_counter() - begun)
                time.sleep(THINK)
        except BaseException as error:  # noqa: BLE001 told below
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(n, c)) for n, c in enumerate(cookies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    every = [t for found in times.values() for t in found]
    print(f"{title}: {len(every)} pages, median {statistics.median(every) * 1000:.0f} ms")
    for kind, found in sorted(times.items()):
        parts = sorted(found)
        late = parts[int(len(parts) * 0.95)] * 1000
        print(
            f"  {kind:<18} {len(found):>5}  {statistics.median(found) * 1000:>5.0f} ms, p95 {late:.0f}"
        )


if __name__ == "__main__":
    main()
