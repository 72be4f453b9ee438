"""The demo's sample of events: the same each time, and telling the stories that it is for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sharedline.demo import trail
from sharedline.demo.estate.place import FRANKFURT, Estate
from sharedline.iam.fit.denied import gather as refusals
from sharedline.iam.fit.trail_events import Reading, read
from sharedline.iam.fit.usage import gather

TODAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ACCOUNT = "222233334444"


@pytest.fixture
def estate() -> Estate:
    """Only the names that the events need."""
    made = Estate("http://localhost:1", {"production": ACCOUNT})
    secret = f"arn:aws:secretsmanager:{FRANKFURT}:{ACCOUNT}:secret:shop/orders-db-a1B2c3"
    made.ids["production/secret/shop/orders-db"] = secret
    return made


@pytest.fixture
def folder(estate: Estate, tmp_path: Path) -> Path:
    trail.write(tmp_path / "one", estate, TODAY)
    return tmp_path / "one"


def test_it_is_the_same_each_time(estate: Estate, folder: Path, tmp_path: Path) -> None:
    trail.write(tmp_path / "two", estate, TODAY)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*.gz"))
    assert len(files) > trail.DAYS
    assert all((folder / f).read_bytes() == (tmp_path / "two" / f).read_bytes() for f in files)


def test_every_event_is_read_and_its_action_known(folder: Path) -> None:
    reading = Reading()
    usage = gather(read([folder], reading))
    assert reading.events > 400
    assert (reading.problems, usage.faulty, usage.repeated) == ([], 0, 0)
    assert [seen.unmapped for seen in usage.principals.values() if seen.unmapped] == []
    assert set(usage.accounts) == {ACCOUNT}
    assert usage.span.last is not None
    assert usage.span.last < TODAY
    assert usage.span.days > 40


def test_a_release_uses_a_sliver_of_what_it_may(folder: Path) -> None:
    seen = gather(read([folder], Reading())).of(f"arn:aws:iam::{ACCOUNT}:role/release")
    assert {action.partition(":")[0] for action in seen.actions} == {"ecr", "ecs"}
    assert seen.refused == 0


def test_who_was_refused_and_who_was_stopped(folder: Path) -> None:
    found = refusals(read([folder], Reading()))
    standing = {key[2]: account.standing for key, account in found.accounts.items()}
    assert standing == {
        "release": "work stopped",
        "orders-function": "work stopped",
        "nina.okafor": "work stopped",
        "incident-responder": "work stopped",
        "reporting": "noise",
    }
    layers = {one.action: (one.said.layer, one.said.explicit) for one in found.asked}
    assert layers["secretsmanager:GetSecretValue"] == ("identity", False)
    assert layers["ec2:RunInstances"] == ("scp", True)
    assert layers["ec2:CreateSnapshot"] == ("identity", True)
