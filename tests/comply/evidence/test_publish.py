"""Heads outside of the machine: written, read back, and what cannot be written told."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from botocore.stub import ANY, Stubber
from moto import mock_aws
from tests.comply.evidence.made import NOW, item, log

from sharedline.comply.evidence.heads import Head
from sharedline.comply.evidence.item import EvidenceError
from sharedline.comply.evidence.publish import name_of, published, to_git, to_path, write_to_s3
from sharedline.comply.evidence.verify import verify

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git command")


@pytest.fixture
def head(tmp_path: Path) -> Head:
    found = log(tmp_path / "log").head()
    assert found is not None
    return found


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=Ann", "-c", "user.email=a@example.org"]
    done = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def test_to_a_folder_and_back(tmp_path: Path, head: Head) -> None:
    place = tmp_path / "out"
    place.mkdir()
    assert to_path(head, place) == place / f"head-000000010-{head.root.hex()[:12]}.json"
    assert to_path(head, place).read_bytes() == head.line + b"\n"
    assert [p.head for p in published(place)] == [head]
    to_path(head, place).write_bytes(b"other")
    with pytest.raises(EvidenceError, match="holds something else"):
        to_path(head, place)
    with pytest.raises(EvidenceError, match="what is no published head"):
        published(place)


def test_to_a_file_once_each(tmp_path: Path, head: Head) -> None:
    place = tmp_path / "heads.jsonl"
    assert to_path(head, place) == to_path(head, place) == place
    assert len(place.read_bytes().splitlines()) == 1
    assert verify(tmp_path / "log", against=published(place)).published == 1
    with pytest.raises(EvidenceError, match="There is no folder"):
        to_path(head, tmp_path / "no" / "heads.jsonl")


def test_where_nothing_was_published(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="No published head"):
        published(tmp_path)
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(EvidenceError, match="No published head"):
        published(tmp_path / "empty")


@needs_git
def test_as_a_tag_pushed_elsewhere(
    tmp_path: Path, head: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ann")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ann@example.org")
    here, there = tmp_path / "here", tmp_path / "there"
    for folder, more in ((here, ()), (there, ("--bare",))):
        folder.mkdir()
        git(folder, "init", "--quiet", *more)
    with pytest.raises(EvidenceError, match="git tag failed"):
        to_git(head, here)  # there is no commit yet
    git(here, "commit", "--quiet", "--allow-empty", "-m", "first")
    git(here, "remote", "add", "origin", str(there))
    tag = to_git(head, here, "origin")
    assert tag == to_git(head, here, "origin") == f"sharedline-evidence/{name_of(head)}"
    assert git(there, "cat-file", "-t", tag).strip() == "tag"
    for folder in (here, there):
        assert [p.head for p in published(folder)] == [head]
    with pytest.raises(EvidenceError, match="git push failed"):
        to_git(head, here, "nowhere")
    with pytest.raises(EvidenceError, match="git tag failed"):
        to_git(head, tmp_path / "log")


def test_to_s3_under_a_lock(head: Head) -> None:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="vault", ObjectLockEnabledForBucket=True)
        place = write_to_s3(head, "s3://vault/heads/", 30, NOW, client)
        key = f"heads/head-{name_of(head)}.json"
        assert place == f"s3://vault/{key}"
        found = client.get_object(Bucket="vault", Key=key)
        assert found["Body"].read() == head.line + b"\n"
        assert found["ObjectLockMode"] == "COMPLIANCE"
        assert found["ObjectLockRetainUntilDate"] == NOW + timedelta(days=30)


def test_what_s3_is_asked_and_refuses(head: Head) -> None:
    client = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    asked = {
        "Bucket": "vault", "Key": f"head-{name_of(head)}.json", "Body": ANY,
        "ContentType": "application/json", "ChecksumAlgorithm": "SHA256",
        "ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": NOW + timedelta(days=1),
    }
    with Stubber(client) as stub:
        stub.add_client_error("put_object", "InvalidRequest", "no lock", 400, expected_params=asked)
        with pytest.raises(EvidenceError, match="no lock") as raised:
            write_to_s3(head, "s3://vault", 1, NOW, client, "GOVERNANCE")
    assert "s3:PutObjectRetention" in raised.value.advice
    for url in ("vault", "s3://", "https://vault"):
        with pytest.raises(EvidenceError, match="no place in S3"):
            write_to_s3(head, url, 1, NOW, client)


def test_an_older_head_stays_a_beginning(tmp_path: Path, head: Head) -> None:
    place = tmp_path / "heads.jsonl"
    to_path(head, place)
    made = log(tmp_path / "other")
    made.append([item(20)])
    assert verify(tmp_path / "log", against=published(place)).wrong == []
    wrong = verify(tmp_path / "other", against=published(place)).wrong
    assert "not by this log's key" in wrong[0].what
