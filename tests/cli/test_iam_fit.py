"""`iam rightsize` and `iam denied` on a small scan: output, formats, exit codes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from tests.running import Run, runner

from sharedline import scan

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/release"
REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/shop"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("project")
    allow = {"Effect": "Allow", "Action": ["ecs:*", "iam:PassRole"], "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
             "Action": "sts:AssumeRole"}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        iam: Any = boto3.client("iam", region_name="us-east-1")
        iam.create_role(
            RoleName="release",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.put_role_policy(RoleName="release", PolicyName="own", PolicyDocument=document)
        scan(boto3.Session(region_name="us-east-1"), regions=("us-east-1",),
             checks=("iam/*_inline*", "iam/*_without_*", "iam/support_*", "iam/granted_*"),
             folder=made, processes=0, as_of=NOW)  # fmt: skip
        yield made


def event(name: str, source: str = "ecs", days: float = 1, **more: Any) -> dict[str, Any]:
    return {
        "eventID": f"{name} {days} {more.get('errorCode')}",
        "eventTime": (NOW - timedelta(days=days)).isoformat(),
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT,
        "readOnly": name.startswith(("List", "Describe")),
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/release/me",
            "accountId": ACCOUNT,
            "sessionContext": {"sessionIssuer": {"arn": ROLE}},
        },
        **more,
    }


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """A trail of sixty days: releases, and a push that is refused."""
    message = (
        f"User: {ROLE} is not authorized to perform: ecr:PutImage on resource: {REPOSITORY} "
        "because no identity-based policy allows the ecr:PutImage action"
    )
    found = [event(n, days=d) for n in ("UpdateService", "ListTasks") for d in range(1, 60, 3)]
    found.append(event("PutImage", "ecr", errorCode="AccessDenied", errorMessage=message))
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, found)) + "\nnot json\n", "utf-8")
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "80")
    return runner(capsys, "iam")


def test_a_policy_with_its_proofs(folder: Path, events: Path, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "new.json"
    where = ("--dir", folder, "--events", events, "--every-region")
    ended = run("rightsize", "release", *where, "--output", target)
    assert ended.code == 0, ended.err
    assert ended.out.count("✓") == 3
    assert "not JSON" in ended.err
    written = json.loads(target.read_text())
    data = json.loads(
        run("rightsize", ROLE, *where, "--format", "json").out
    )
    assert data["policy"] == written
    assert data["proven"] is True
    assert [one["holds"] for one in data["proofs"]] == [True] * 3
    assert written["Statement"][0]["Action"] == ["ecs:ListTasks", "ecs:UpdateService"] or (
        "ecs:UpdateService" in written["Statement"][0]["Action"]
    )
    assert "ecs:DeleteCluster" not in json.dumps(written)
    assert "iam:PassRole" in json.dumps(written)


def test_no_line_of_the_table_is_wider_than_the_terminal(
    folder: Path, events: Path, run: Run
) -> None:
    out = run("rightsize", "release", "--dir", folder, "--events", events).out
    table = out.split("\n")[1:4]
    assert all(len(line) <= 80 for line in table)


def test_without_evidence_the_exit_code_says_so(folder: Path, run: Run, tmp_path: Path) -> None:
    assert run("rightsize", "release", "--dir", folder).code == 3
    (tmp_path / "empty").mkdir()
    ended = run("rightsize", "release", "--dir", folder, "--events", tmp_path / "empty")
    assert ended.code == 3
    assert "not known" in ended.err


def test_a_role_that_is_not_there(folder: Path, events: Path, run: Run) -> None:
    ended = run("rightsize", "nobody", "--dir", folder, "--events", events)
    assert ended.code == 2
    assert "nobody" in ended.err


def test_what_was_refused(folder: Path, events: Path, run: Run) -> None:
    ended = run("denied", "--dir", folder, "--events", events)
    assert ended.code == 1
    # The scan did not read the organisation, which might refuse as well.
    assert "LOOK: ecr:PutImage" in ended.out
    assert REPOSITORY in ended.out
    (row,) = json.loads(run("denied", "--dir", folder, "--events", events, "--format", "json").out)
    assert (row["verdict"], row["layer"], row["agrees"]) == ("look", "identity", True)
    assert row["statement"] == {"Effect": "Allow", "Action": "ecr:PutImage", "Resource": REPOSITORY}
    text = run("denied", "--dir", folder, "--events", events, "--format", "csv").out
    assert len(list(csv.DictReader(io.StringIO(text)))) == 1


def test_refusals_of_one_principal(folder: Path, events: Path, run: Run) -> None:
    ended = run("denied", "--dir", folder, "--events", events, "--principal", "release")
    assert ended.code == 1
    assert run("denied", "--dir", folder, "--events", events, "--principal", "x").code == 2


def test_no_events_are_no_answer(folder: Path, run: Run, tmp_path: Path) -> None:
    assert run("denied", "--dir", folder).code == 3
    assert run("denied", "--dir", folder, "--events", tmp_path / "gone").code == 2


def test_a_derived_table_that_no_check_reads_is_made_when_asked_for(folder: Path) -> None:
    from sharedline.cli.common import results_of
    from sharedline.resource import query

    results = results_of(folder, "")
    assert "role_trust" not in results.manifest.data["tables"]
    _, rows = query(results, "select arn, services from role_trust")
    assert rows == [{"arn": ROLE, "services": ["ec2.amazonaws.com"]}]
    assert query(results, "select count(*) as n from role_trust")[1] == [{"n": 1}]


def test_the_trail_of_the_lake_says_what_files_said(
    folder: Path, events: Path, run: Run, tmp_path: Path
) -> None:
    import shutil

    from sharedline.inventory.lake import Lake
    from sharedline.trail.ingest import ingest

    given = run("rightsize", "release", "--dir", folder, "--events", events, "--format", "json")
    copied = shutil.copytree(folder, tmp_path / "copied")
    good = events.read_text("utf-8").removesuffix("not json\n")
    events.write_text(good, "utf-8")
    assert ingest(Lake(str(copied / "lake")), [str(events)], processes=0).events == 41
    of_lake = run("rightsize", "release", "--dir", copied, "--format", "json")
    assert of_lake.code == given.code == 0
    assert json.loads(of_lake.out) == json.loads(given.out)
    # Four days of it prove nothing of ninety, and do of four.
    recent = [line for line in good.splitlines() if json.loads(line)["eventTime"] > "2026-11-15"]
    short = shutil.copytree(folder, tmp_path / "short")
    (tmp_path / "recent.jsonl").write_text("\n".join(recent), "utf-8")
    ingest(Lake(str(short / "lake")), [str(tmp_path / "recent.jsonl")], processes=0)
    kept = json.loads(run("rightsize", "release", "--dir", short, "--format", "json").out)
    assert not any(one["removed"] for one in kept["services"])
    assert any("nothing is called unused" in note for note in kept["notes"])
    where = ("--dir", short, "--format", "json", "--days", 4, "--every-region")
    cut = json.loads(run("rightsize", "release", *where).out)
    assert any(one["removed"] for one in cut["services"])
