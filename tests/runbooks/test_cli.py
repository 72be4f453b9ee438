"""`sharedline runbooks …` on a small scan: what it says, its formats, its exit codes."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import click
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from tests.running import Run, runner

from sharedline import scan
from sharedline.cli.runbooks import SUMMARIES
from sharedline.cli.runbooks import command as group
from sharedline.runbooks import library
from sharedline.trail.sources import Aws

REGION, ACCOUNT = "us-east-1", "123456789012"
MINE = """---
title: A bucket is open
duty: data.exposure
owner: data
guardduty: ["Policy:S3/*"]
detections: [s3/bucket_made_public]
checks: [s3/bucket_versioning_on]
---
## Detect

1. Look.

## Respond

1. Shut it: `s3:PutBucketPublicAccessBlock`.

## Recover

1. Open what was meant.
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with an owner, a runbook of its own, a bucket and a detector."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "owners.toml").write_text(
        '[team.data]\nperson = "Ann"\ncontact = "ann@example.org"\n[[rule]]\nteam = "data"\n'
    )
    (folder / "runbooks").mkdir()
    (folder / "runbooks" / "public-bucket.md").write_text(MINE)
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        boto3.client("s3", region_name=REGION).create_bucket(Bucket="ledger")
        boto3.client("guardduty", region_name=REGION).create_detector(
            Enable=True, DataSources={"S3Logs": {"Enable": True}}
        )
        scan(boto3.Session(region_name=REGION), regions=(REGION,),
             checks=("s3/bucket_v*", "guardduty/s3*", "guardduty/eks_a*"), folder=folder,
             processes=0, as_of=datetime(2026, 11, 21, tzinfo=UTC))  # fmt: skip
        yield folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "project"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> Run:
    monkeypatch.setenv("COLUMNS", "160")
    return runner(capsys, "runbooks", after=("--dir", folder))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_summaries_are_what_the_verbs_say() -> None:
    context = click.Context(group)
    assert isinstance(group, click.Group)
    names = group.list_commands(context)
    assert "common" not in names
    said = {}
    for name in names:
        verb = group.get_command(context, name)
        assert verb is not None
        said[name] = (verb.help or "").split("\n\n")[0].replace("\n", " ").strip()
    assert said == SUMMARIES


def test_list_says_which_are_yours(run: Run) -> None:
    ended = run("list", "--format", "json")
    assert ended.code == 0
    rows = {row["id"]: row for row in json.loads(ended.out)}
    assert set(rows) == set(library.load().runbooks)
    assert rows["public-bucket"]["origin"] == "project"
    assert rows["public-bucket"]["owner"] == "data"
    assert rows["ransomware"]["origin"] == "starter"
    assert rows["ransomware"]["owner"] == "nobody"
    assert {row["id"] for row in rows_of(run("list", "--format", "csv").out)} == set(rows)
    assert "| public-bucket |" in run("list", "--format", "markdown").out
    assert "A bucket is open" in run("list").out


def test_list_says_which_files_cannot_be_read(run: Run, folder: Path) -> None:
    (folder / "runbooks" / "broken.md").write_text("nothing\n")
    ended = run("list")
    assert ended.code == 2
    assert "broken.md: there is no front matter" in ended.err


def test_show_gives_the_text(run: Run) -> None:
    ended = run("show", "ransomware")
    assert ended.code == 0
    assert ended.out == (library.starter() / "ransomware.md").read_text()
    shown = json.loads(run("show", "ransomware", "--format", "json").out)
    assert shown["path"] == str(library.starter() / "ransomware.md")
    assert {step["phase"] for step in shown["steps"]} >= {"detect", "respond", "recover"}
    assert run("show", "nothing").code == 2


def test_what_is_adopted_is_the_projects(run: Run, folder: Path) -> None:
    ended = run("adopt", "ransomware", "root-account", "--owner", "data")
    path = folder / "runbooks" / "ransomware.md"
    assert (ended.code, ended.out.splitlines()[0]) == (0, str(path))
    before = (library.starter() / "ransomware.md").read_text()
    assert path.read_text() == before.replace('owner: ""', 'owner: "data"')
    one = library.load(folder / "runbooks").get("ransomware")
    assert (one.owner, one.starter) == ("data", False)
    wrong = json.loads(run("lint", "--format", "json").out)
    assert [row["kind"] for row in wrong if row["runbook"] == "ransomware"] == ["never tested"]
    assert "yours already" in run("adopt", "ransomware", "--owner", "data").err
    refused = run("adopt", "logging-stopped", "--owner", "nobody-here")
    assert refused.code == 2
    assert "There is no team 'nobody-here'" in refused.err
    assert not (folder / "runbooks" / "logging-stopped.md").exists()


def test_lint_finds_what_is_wrong_in_the_projects_own(run: Run, folder: Path) -> None:
    path = folder / "runbooks" / "public-bucket.md"
    path.write_text(
        MINE.replace('"Policy:S3/*"', '"Exfiltration:S3/ObjectRead.Unusual"')
        .replace("owner: data", "owner: nobody-here")
        .replace("PutBucketPublicAccessBlock", "CloseBucket")
    )
    ended = run("lint", "--format", "json")
    assert ended.code == 1
    mine = [row for row in json.loads(ended.out) if row["runbook"] == "public-bucket"]
    assert {row["kind"] for row in mine} == {
        "retired finding type",
        "unknown owner",
        "no such action",
        "never tested",
    }
    [action] = [row for row in mine if row["kind"] == "no such action"]
    assert path.read_text().splitlines()[action["line"] - 1].startswith("1. Shut it")
    assert "IAM has no action s3:CloseBucket" in run("lint").out


def test_coverage_weighs_by_what_the_estate_can_raise(run: Run) -> None:
    ended = run("coverage", "--format", "json")
    # What nobody answers is only what this scan did not look at.
    assert ended.code == 3
    data = json.loads(ended.out)
    rows = {row["id"]: row for row in data["rows"]}
    opened = rows["Policy:S3/BucketPublicAccessGranted"]
    assert (opened["can_be_raised"], opened["runbooks"]) == ("yes", ["public-bucket"])
    assert rows["Discovery:S3/AnomalousBehavior"]["can_be_raised"] == "yes"
    # The scan read no table of instances, so that it cannot say whether there are any.
    assert rows["Trojan:EC2/DropPoint"]["can_be_raised"] == "unknown"
    assert rows["s3/bucket_made_public"]["can_be_raised"] == "no"
    assert rows["s3/bucket_made_public"]["why"] == "the lake holds no trail"
    versioning = rows["s3/bucket_versioning_on"]
    assert (versioning["kind"], versioning["can_be_raised"], versioning["open"]) == (
        *("check", "yes"),
        1,
    )
    assert versioning["runbooks"] == ["public-bucket", "ransomware"]
    [counted] = [row for row in data["summary"] if row["kind"] == "guardduty"]
    assert counted["known"] == 229
    assert counted["tested"] == 0


def test_coverage_narrows_and_ends_by_what_is_left(run: Run) -> None:
    possible = rows_of(run("coverage", "--kind", "guardduty", "--possible", "--format", "csv").out)
    assert {row["kind"] for row in possible} == {"guardduty"}
    assert {row["can_be_raised"] for row in possible} == {"yes", "unknown"}
    assert run("coverage", "--kind", "guardduty").code == 0
    assert run("coverage", "--kind", "control", "--status", "unanswered").code == 3
    text = run("coverage", "--limit", "3").out
    assert "GuardDuty's finding types" in text
    assert "--limit 0" in text
    assert "| guardduty |" in run("coverage", "--format", "markdown").out


def test_what_can_be_raised_and_nobody_answers_is_a_gap(run: Run, folder: Path) -> None:
    own = MINE.replace("checks: [s3/bucket_versioning_on]\n", "")
    (folder / "runbooks" / "public-bucket.md").write_text(own)
    (folder / "runbooks" / "ransomware.md").write_text(own)
    ended = run("coverage", "--kind", "check", "--status", "unanswered", "--format", "json")
    assert ended.code == 1
    [row] = [r for r in json.loads(ended.out)["rows"] if r["can_be_raised"] == "yes"]
    assert (row["id"], row["runbooks"]) == ("s3/bucket_versioning_on", [])


def test_a_test_that_holds_is_recorded(run: Run, folder: Path) -> None:
    ended = run("test", "public-bucket", "--by", "Ann", "--format", "json")
    assert ended.code == 0
    [row] = json.loads(ended.out)
    assert (row["detection"], row["account"]) == ("s3/bucket_made_public", ACCOUNT)
    assert (row["fired"], row["owner"], row["person"]) == (True, "data", "Ann")
    assert row["seconds"] > 0
    one = library.load(folder / "runbooks").get("public-bucket")
    assert one.last is not None
    assert one.last.by == "Ann"
    assert one.last.how.startswith("functional: 1 detection replayed in 1 account, ")
    rows = json.loads(run("coverage", "--format", "json").out)["rows"]
    [opened] = [r for r in rows if r["id"] == "Policy:S3/BucketPublicAccessGranted"]
    assert opened["status"] == "tested"
    assert "never tested" not in {
        row["kind"]
        for row in json.loads(run("lint", "--format", "json").out)
        if row["runbook"] == "public-bucket"
    }


def test_a_test_that_reaches_nobody_is_not_recorded(run: Run, folder: Path) -> None:
    (folder / "owners.toml").unlink()
    before = (folder / "runbooks" / "public-bucket.md").read_text()
    ended = run("test", "public-bucket", "--by", "Ann")
    assert ended.code == 1
    assert "not recorded" in ended.err
    assert "nobody owns the duty" in " ".join(ended.out.split())
    assert (folder / "runbooks" / "public-bucket.md").read_text() == before


def test_what_cannot_be_tested_or_recorded(run: Run) -> None:
    nothing = run("test", "provider-flaw")
    assert nothing.code == 1
    assert "nothing can be replayed" in nothing.err
    assert run("test", "--by", "Ann").code == 2
    assert "not yours" in run("test", "public-bucket", "compromised-function", "--by", "A").err


def test_sample_findings_are_written_only_where_told(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client(
        "guardduty", region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b"
    )
    asked: list[tuple[Any, ...]] = []

    def own(self: Aws, *given: Any) -> Any:
        asked.append((self.profile, *given))
        return client

    monkeypatch.setattr(Aws, "client", own)
    types = [
        "Policy:S3/AccountBlockPublicAccessDisabled",
        "Policy:S3/BucketAnonymousAccessGranted",
        "Policy:S3/BucketBlockPublicAccessDisabled",
        "Policy:S3/BucketPublicAccessGranted",
    ]
    with Stubber(client) as stub:
        stub.add_response("create_sample_findings", {}, {"DetectorId": "d", "FindingTypes": types})
        ended = run("sample-findings", "public-bucket", "--detector", "d", "--profile", "p",
                    "--region", "eu-west-1", "--format", "json")  # fmt: skip
        stub.assert_no_pending_responses()
        assert ended.code == 0
        assert [row["type"] for row in json.loads(ended.out)] == types
        assert "Wrote 4 sample findings into the detector d" in ended.err
        assert asked == [("p", "guardduty", "eu-west-1")]
        # Without a detector, a type or a runbook nothing is written.
        assert run("sample-findings", "public-bucket").code == 2
        assert run("sample-findings", "--detector", "d").code == 2
        assert run("sample-findings", "provider-flaw", "--detector", "d").code == 2
        assert run("sample-findings", "--type", "Backdoor:EC2/XORDDOS", "--detector", "d").code == 2
