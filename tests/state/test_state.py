"""Attestations and claims: kept in order, in UTC, by several processes at once."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from sharedline.errors import Unavailable
from sharedline.model import Attestation
from sharedline.state import Claim, State

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MADE = Attestation("data.exposure", "*", "Looked", "ticket 1", "Ann", NOW, NOW + timedelta(days=9))


def test_what_was_said_reads_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    abroad = NOW.astimezone(timezone(timedelta(hours=5))) - timedelta(hours=1)
    with closing(State(url)) as state:
        assert (state.attestations(), state.claims()) == ([], [])
        state.attest(MADE)
        state.claim(Claim("s3/x", "arn:'; drop table claim; --", "Bo", "👍", NOW))
        state.claim(Claim("s3/y", "arn:y", "Bo", "", abroad.astimezone(UTC)))
    with closing(State(url)) as state:
        assert state.attestations() == [MADE]
        assert [c.check for c in state.claims()] == ["s3/y", "s3/x"]
        assert state.claims()[1].at == NOW
        assert state.claims()[1].resource == "arn:'; drop table claim; --"


def test_several_come_first_at_once(tmp_path: Path) -> None:
    url, wrong = f"sqlite:///{tmp_path / 'state.db'}", []

    def one(number: int) -> None:
        try:
            with closing(State(url)) as state:
                state.claim(Claim(f"c{number}", "arn", "Bo", "", NOW))
        except BaseException as error:  # noqa: BLE001 told below
            wrong.append(error)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with closing(State(url)) as state:
        assert {c.check for c in state.claims()} == {f"c{n}" for n in range(8)}


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////no/such/folder/state.db", "postgresql+no://x"])
def test_a_database_that_cannot_be_opened(url: str) -> None:
    with pytest.raises(Unavailable, match="cannot be opened") as raised:
        State(url)
    assert "sharedline.toml" in raised.value.advice
    assert "://" not in str(raised.value), "where it lies is in the detail only"
