"""A room on each database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.exercise.session.rooms import Staged, staged

from sharedline.state.database import Database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as opened:
        yield opened


@pytest.fixture
def stage(database: Database) -> Staged:
    """Opened, not started; the facilitator releases."""
    return staged(database)
