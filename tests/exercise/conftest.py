"""One scanned estate with hostile names, and beside it a way to administrator and an incident."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.formats import estate

from sharedline.collect.table import Type
from sharedline.inventory.lake import Lake
from sharedline.project import open_project
from sharedline.results import Results

ROLE = "arn:aws:iam::123456789012:role/secret-deployer"
TARGET = "arn:aws:iam::123456789012:role/the-real-admin"
DETECTOR = "arn:aws:guardduty:us-east-1:123456789012:detector/0123456789abcdef"


@dataclass(frozen=True)
class Test:
    on: date


@dataclass(frozen=True)
class Book:
    """A runbook as the composer sees one."""

    id: str
    title: str
    duty: str
    guardduty: tuple[str, ...] = ()
    detections: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    tested: tuple[Test, ...] = ()


BOOKS = (
    Book(
        "open-bucket", "A bucket is open", "data.exposure", checks=("s3/bucket_*public*",),
        guardduty=("Policy:S3/*",), tested=(Test(datetime.now(UTC).date()),),
    ),
    Book("stolen-key", "A key is stolen", "identity.credential-hygiene", ("*IAMUser/*",)),
)  # fmt: skip


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the estate's project."""
    os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing")
    folder = tmp_path_factory.mktemp("exercise-estate")
    estate.scanned(folder)
    return folder


@pytest.fixture
def project(scanned: Path, tmp_path: Path) -> Path:
    """A copy that a test may write into."""
    shutil.copytree(scanned, tmp_path / "p")
    return tmp_path / "p"


def results_of(folder: Path) -> Results:
    opened = open_project(folder)
    lake = Lake(opened.lake_url)
    return Results(lake, lake.latest(), opened)


@pytest.fixture(scope="session")
def results(scanned: Path) -> Iterator[Results]:
    """The newest scan, with rows of two tables that moto has nothing for."""
    found = results_of(scanned)
    path = {
        "arn": ROLE, "account_id": "123456789012", "answer": "yes", "hops": 1,
        "via": "iam/create-access-key", "path": "role secret-deployer → role the-real-admin",
    }  # fmt: skip
    kinds: dict[str, Type] = dict.fromkeys(path, "string")
    kinds |= {"hops": "int"}
    found.duck.rows("escalation_path", [path], kinds)
    alert = {
        "arn": f"{DETECTOR}/finding/77", "account_id": "123456789012", "region": "us-east-1",
        "finding_account_id": "123456789012", "type": "Recon:IAMUser/TorIPCaller",
        "title": "secret-deployer was used through Tor", "severity": 5.0, "archived": False,
        "created_at": datetime(2026, 11, 20, tzinfo=UTC),
    }  # fmt: skip
    kinds = dict.fromkeys(alert, "string")
    kinds |= {"severity": "double", "archived": "bool", "created_at": "timestamp"}
    found.duck.rows("guardduty_finding", [alert], kinds)
    found.registered |= {"escalation_path", "guardduty_finding"}
    yield found
    found.duck.close()
