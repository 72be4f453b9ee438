"""A project of two buckets that was scanned twice, one bucket mended between the scans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from sharedline import scan

REGION = "us-east-1"


@contextmanager
def twice(folder: Path, days: tuple[int, int]) -> Iterator[None]:
    """Scans into the folder on two days of November 2026; AWS is there until the block ends."""
    (folder / "owners.toml").write_text(
        '[team.data]\nperson = "Ann"\ncontact = "ann@example.org"\n'
        '[[rule]]\nteam = "data"\nservice = "s3"\n'
    )
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket="ledger")
        s3.create_bucket(Bucket="other")
        for day in days:
            scan(
                boto3.Session(region_name=REGION),
                regions=(REGION,),
                checks=("s3/bucket_v*",),
                folder=folder,
                processes=0,
                as_of=datetime(2026, 11, day, tzinfo=UTC),
            )
            s3.put_bucket_versioning(Bucket="ledger", VersioningConfiguration={"Status": "Enabled"})
        yield
