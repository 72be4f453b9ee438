"""Credentials that are missing, refused at once, or expire in the middle of a scan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sharedline.inventory.lake import Lake
from sharedline.project import open_project
from sharedline.results import Results


def test_no_credentials(aws: Any, scanning: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    ended = scanning()
    assert ended.code == 2
    assert "There are no AWS credentials." in ended.err
    assert "aws sso login" in ended.err
    assert Lake(str(tmp_path / "lake")).unfinished() == []


def test_an_unknown_profile(aws: Any, scanning: Any) -> None:
    ended = scanning("--profile", "nowhere")
    assert ended.code == 2
    assert "nowhere" in ended.err
    assert "list-profiles" in ended.err


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_refused_at_the_start(aws: Any, scanning: Any, code: str) -> None:
    aws.refuse("sts.GetCallerIdentity", code=code)
    ended = scanning()
    assert ended.code == 2
    assert f"AWS did not accept the credentials ({code})." in ended.err
    assert "Renew them" in ended.err


@pytest.mark.parametrize(
    ("operation", "after"),
    [("sns.ListTopics", 0), ("s3.GetBucketPolicy", 1), ("sqs.GetQueueAttributes", 0)],
    ids=["a listing", "a detail call", "every detail call"],
)
def test_expired_in_the_middle(
    aws: Any, scanning: Any, whole: Any, tmp_path: Path, operation: str, after: int
) -> None:
    aws.refuse(operation, code="ExpiredToken", after=after)
    ended = scanning()
    assert ended.code == 2
    assert "The credentials expired while" in ended.err
    assert "sharedline scan --resume" in ended.err
    lake = Lake(str(tmp_path / "lake"))
    assert lake.scans() == []
    assert len(lake.unfinished()) == 1
    aws.mend()
    ended = scanning("--resume")
    assert ended.code == 1
    assert lake.unfinished() == []
    (manifest,) = lake.scans()
    assert not manifest.incomplete
    found = Results(lake, manifest, open_project(tmp_path)).findings()
    assert {(f.check, f.resource): f.ok for f in found} == whole


def test_what_was_finished_is_not_read_again(
    aws: Any, scanning: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One table after the other, so that some are finished before the last.
    monkeypatch.setattr("sharedline.collect.run.TABLES", 1)
    aws.refuse("sqs.ListQueues", code="ExpiredToken")
    assert scanning().code == 2
    journals = (tmp_path / "lake" / "scans").glob("*/journal/*.json")
    finished = {n for path in journals for n, e in json.loads(path.read_text()).items()
                if e["status"] == "ok"}
    listings = {"s3_bucket": "s3.ListBuckets", "sns_topic": "sns.ListTopics"}
    assert finished & set(listings)
    assert "sqs_queue" not in finished
    aws.mend()
    assert scanning("--resume").code == 1
    assert aws.made["sqs.ListQueues"] == 1
    for table, operation in listings.items():
        assert aws.made[operation] == (0 if table in finished else 1)


def test_resuming_keeps_the_options_of_the_scan(aws: Any, scanning: Any, cli: Any, tmp_path: Path
                                                ) -> None:
    aws.refuse("sns.ListTopics", code="ExpiredToken")
    assert scanning().code == 2
    aws.mend()
    ended = cli("scan", "--dir", tmp_path, "--resume", "--processes", 0)
    assert ended.code == 1
    (manifest,) = Lake(str(tmp_path / "lake")).scans()
    assert manifest.regions == ("us-east-1",)
    assert {c.split("/")[0] for c in manifest.data["checks"]} == {"s3", "sqs", "sns"}


def test_resuming_with_the_credentials_of_another_account(
    aws: Any, scanning: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.refuse("sns.ListTopics", code="ExpiredToken")
    assert scanning().code == 2
    aws.mend()
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    ended = scanning("--resume")
    assert ended.code == 2
    assert "begun in account 123456789012" in ended.err
    assert "999999999999" in ended.err


def test_nothing_to_resume(aws: Any, scanning: Any) -> None:
    ended = scanning("--resume")
    assert ended.code == 2
    assert "There is no interrupted scan to resume." in ended.err
