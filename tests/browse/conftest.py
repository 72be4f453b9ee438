"""One lake of two scans for the tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.browse import made

from sharedline.browse.index import Index, open_index
from sharedline.project import Project


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two scans a week apart; some findings changed, came and went between them."""
    folder: Path = tmp_path_factory.mktemp("pages")
    before = made.AS_OF - timedelta(days=7)
    made.scan(folder, made.rows(420, before, seed=1)[20:], before)
    now = made.rows(400, made.AS_OF, seed=2)
    kept = {r["resource"]: r for r in made.rows(420, before, seed=1)}
    same = [
        {**r, "status": kept[r["resource"]]["status"], "ok": kept[r["resource"]]["ok"]}
        if n % 2
        else r
        for n, r in enumerate(now)
    ]
    return made.scan(folder, same, made.AS_OF)


@pytest.fixture(scope="session")
def index(project: Project) -> Iterator[Index]:
    """The newest scan's index."""
    opened = open_index(project)
    yield opened
    opened.close()
