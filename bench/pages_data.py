"""The questions under the pages on a million findings: making the index, 1 and 20 people asking."""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.machine import describe, measure, python
from bench.pages_estate import ACCOUNTS, OWNERS, REGIONS, kinds, make

ROWS = int(os.environ.get("BENCH_FINDINGS", "1000000"))
PEOPLE, SECONDS = 20, 15.0
#: Of the persons so many have the whole estate before them, the others a team's accounts.
WHOLE = 8


def _scope(person: int) -> Any:
    from sharedline.people.model import Scope

    if person < WHOLE:
        return Scope()
    chance = random.Random(person)  # noqa: S311 the same in each run
    accounts = frozenset(str(100_000_000_001 + n) for n in chance.sample(range(ACCOUNTS), 3))
    return Scope(accounts, frozenset({f"team-{chance.randrange(OWNERS - 1)}"}))


def _random_filters(chance: random.Random) -> Any:
    """What somebody may ask: mostly one or two filters, some far page, now and then a search."""
    from sharedline.browse.filters import from_query

    known = kinds()
    query: dict[str, str] = {"page": str(chance.choice((1, 1, 1, 2, 3, 40, 2000)))}
    for field in chance.sample(("severity", "owner", "account", "region", "duty", "service",
                                "check", "age", "life", "status"), chance.choice((0, 1, 1, 2))):
        kind = chance.choice(known)
        told: dict[str, Callable[[tuple[str, ...]], str]] = {
            "severity": lambda k: k[3], "duty": lambda k: k[1], "service": lambda k: k[2],
            "check": lambda k: k[0], "region": lambda _: chance.choice(REGIONS),
            "owner": lambda _: f"team-{chance.randrange(OWNERS - 1)}",
            "account": lambda _: str(100_000_000_001 + chance.randrange(ACCOUNTS)),
            "age": lambda _: chance.choice(("0-7", "7-30", "30-90", "90-")),
            "life": lambda _: chance.choice(("open", "claimed")),
            "status": lambda _: chance.choice(("unmet", "unknown")),
        }
        query[field] = told[field](kind)
    if chance.random() < 0.04:
        query["text"] = f"prod-{chance.randrange(250_000)}"
    query["order"] = chance.choice(("worst", "worst", "worst", "oldest", "newest"))
    return from_query(query)


def _asks(index: Any, history: Any, live: Any) -> dict[str, Callable[[Any, random.Random], Any]]:
    from sharedline.browse import flow, gaps, matrix, mine, resource, summary
    from sharedline.browse.filters import Filters

    cells = [(c["service"], c["duty"]) for c in index.meta["cells"] if sum(c["findings"].values())]

    def one(scope: Any, chance: random.Random) -> Any:
        found = gaps.page(index, Filters(page=chance.randrange(1, 100)), scope, live).rows
        return resource.resource(index, chance.choice(found)["resource"], scope, live)

    def cell(scope: Any, chance: random.Random) -> Any:
        drawn = matrix.board(index, scope)
        seen = [c for c in cells if scope.everything or any(r.service == c[0] for r in drawn.rows)]
        service, duty = chance.choice(seen)
        row = next(r for r in drawn.rows if r.service == service)
        duty = duty if scope.everything else row.present[0].duty.id
        return matrix.cell(index, service, duty, scope)

    return {
        "gaps": lambda s, c: gaps.page(index, _random_filters(c), s, live),
        "gaps, first page": lambda s, _: gaps.page(index, Filters(), s, live),
        "gaps, page 6000": lambda s, _: gaps.page(index, Filters(page=6000), s, live),
        "my five things": lambda s, _: mine.mine(index, s, live),
        "matrix": lambda s, _: matrix.board(index, s),
        "cell": cell,
        "flow": lambda s, _: (flow.flow(index, s, live), flow.changed(index, s),
                              flow.pace(history.points(s))),
        "resource": one,
        "summary": lambda s, _: summary.summary(index, history.points(s), s, live),
    }


def _times(found: list[float]) -> str:
    found.sort()
    return (f"median {statistics.median(found) * 1000:7.1f} ms, "
            f"p95 {found[int(len(found) * 0.95)] * 1000:7.1f} ms, worst {found[-1] * 1000:7.1f} ms "
            f"({len(found)})")


def ask(folder: Path) -> None:
    """Asks alone, then with `PEOPLE` at once without pause; prints medians."""
    from sharedline.browse.history import History
    from sharedline.browse.index import open_index
    from sharedline.browse.live import Live
    from sharedline.project import Project
    from sharedline.state.database import Database

    project = Project(folder)
    index, history, database = open_index(project), History(project), Database(project.database_url)
    asks = _asks(index, history, Live(database))
    chance = random.Random(7)  # noqa: S311
    print(f"  one person: {describe()}")
    for name, run in asks.items():
        took = []
        for n in range(60):
            started = time.perf_counter()
            run(_scope(n % PEOPLE), chance)
            took.append(time.perf_counter() - started)
        print(f"    {name:18} {_times(took)}")
    index.close()
    index = open_index(project)  # nothing is kept of what was asked
    asks = _asks(index, history, Live(database))
    names = ["gaps"] * 8 + ["gaps, first page"] * 3 + ["my five things", "matrix", "cell", "flow",
                                                       "resource", "resource", "summary"]
    took_by: dict[str, list[float]] = {name: [] for name in asks}
    end = time.perf_counter() + SECONDS

    def person(n: int) -> None:
        mine = random.Random(100 + n)  # noqa: S311
        while time.perf_counter() < end:
            name = mine.choice(names)
            started = time.perf_counter()
            asks[name](_scope(n), mine)
            took_by[name].append(time.perf_counter() - started)

    before, cpu = time.perf_counter(), time.process_time()
    threads = [threading.Thread(target=person, args=(n,)) for n in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = [t for found in took_by.values() for t in found]
    wall = time.perf_counter() - before
    print(f"  {PEOPLE} people without pause, {WHOLE} of them see everything: {describe()}")
    for name, found in took_by.items():
        if found:
            print(f"    {name:18} {_times(found)}")
    print(f"    {'all':18} {_times(whole)}; {len(whole) / wall:.0f} a second, CPU of "
          f"{(time.process_time() - cpu) / len(whole) * 1000:.1f} ms each "
          "(at most 200 ms at the median)")
    index.close()
    database.close()


def index_only(folder: Path) -> None:
    """Makes the index, in a process that is measured; prints its parts as JSON."""
    from sharedline.browse.history import History
    from sharedline.browse.index import open_index
    from sharedline.people.model import Scope
    from sharedline.project import Project

    started = time.monotonic()
    index = open_index(Project(folder))
    made = time.monotonic() - started
    size = sum(p.stat().st_size for p in index.path.iterdir())
    rows = index.meta["sections"]
    index.close()
    started = time.monotonic()
    History(Project(folder)).points(Scope())
    told = {"made": made, "mb": size / 1e6, "rows": rows, "history": time.monotonic() - started}
    print(json.dumps(told))


def main() -> None:
    """Makes two scans, the index of the newer, and asks."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(os.environ.get("BENCH_LAKE", scratch))
        if not (folder / "lake").is_dir():
            make(folder, ROWS)
        for parts in (("index", "the index"), ("ask", "")):
            usage = measure(python("-m", "bench.pages_data", parts[0], str(folder)))
            if usage.code:
                raise SystemExit(usage.out)
            if parts[1]:
                told = json.loads(usage.out.splitlines()[-1])
                print(f"  {sum(told['rows']):,} rows, {told['rows'][0]:,} of them gaps: index made in "
                      f"{told['made']:.1f} s, {told['mb']:.0f} MB on disk; what is kept of two scans "
                      f"in {told['history']:.1f} s")
                print(f"  {usage} (at most 60 s and 1,500 MB)")
            else:
                print(usage.out.rstrip())
                print(f"  {usage}")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        {"index": index_only, "ask": ask}[sys.argv[1]](Path(sys.argv[2]))
    else:
        main()
