"""A database with its people, and passwords that are cheap to check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from argon2 import PasswordHasher

from sharedline.people import passwords
from sharedline.state.database import Database

#: Long enough, and not among the commonest.
PHRASE = "seven blue lanterns"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64))
    passwords._nobody.cache_clear()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as opened:
        yield opened
