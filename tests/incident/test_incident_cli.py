"""`sharedline incident`: what it takes, what it prints, and how it exits."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.running import Ended, runner

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/web"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-0123456789abcdef0"


def event(name: str, time: str, **more: Any) -> dict[str, Any]:
    service, _, action = name.partition(":")
    return {
        "eventVersion": "1.08",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": action,
        "eventTime": time,
        "eventID": f"{action}-{time}",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli",
        "recipientAccountId": ACCOUNT,
        "userIdentity": {
            "type": "AssumedRole",
            "arn": SESSION,
            "accountId": ACCOUNT,
            "accessKeyId": "ASIASTOLENSTOLEN1234",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "arn": ROLE, "accountId": ACCOUNT},
                "ec2RoleDelivery": "1.0",
            },
        },
        **more,
    }


EVENTS = [
    event("s3:ListBuckets", "2020-09-14T01:00:00Z"),
    event("s3:ListObjects", "2020-09-14T01:01:00Z", requestParameters={"bucketName": "cards"}),
    event("s3:GetObject", "2020-09-14T01:12:00Z", requestParameters={"bucketName": "cards"}),
]
#: Ordinary traffic: without any, the trail could not show that something is missing.
ORDINARY = event(
    "ec2:DescribeInstances",
    "2020-09-14T01:05:00Z",
    sourceIPAddress="192.0.2.10",
    userIdentity={
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/ann",
        "accountId": ACCOUNT,
        "accessKeyId": "AKIAORDINARYORDINARY",
    },
)
FINDING = {
    "schemaVersion": "2.0",
    "accountId": ACCOUNT,
    "region": "eu-west-1",
    "id": "f1",
    "type": "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
    "title": "Credentials of an instance used elsewhere.",
    "severity": 8,
    "createdAt": "2020-09-14T01:20:00Z",
    "resource": {"accessKeyDetails": {"accessKeyId": "ASIASTOLENSTOLEN1234"}},
    "service": {
        "eventFirstSeen": "2020-09-14T01:00:00Z",
        "eventLastSeen": "2020-09-14T01:12:00Z",
        "action": {"awsApiCallAction": {"remoteIpDetails": {"ipAddressV4": "198.51.100.7"}}},
    },
}


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> Ended:
    return runner(capsys, "incident")(*argv)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with gzip.open(tmp_path / "events.json.gz", "wt") as stream:
        json.dump({"Records": [*EVENTS, ORDINARY]}, stream)
    (tmp_path / "finding.json").write_text(json.dumps(FINDING), "utf-8")
    (tmp_path / "project").mkdir()
    return tmp_path


def arguments(folder: Path, *more: str) -> list[str]:
    return ["--dir", str(folder / "project"), *more]


def test_events_of_a_file_are_judged_without_a_lake(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, key = str(folder / "events.json.gz"), "ASIASTOLENSTOLEN1234"
    more = ("--events", source, "--principal", key, "--format", "json")
    code, out, _ = run(capsys, *arguments(folder, *more))
    data = json.loads(out)
    assert code == 1
    assert [s["event"] for s in data["chain"]] == [
        "s3:ListBuckets",
        "s3:ListObjects",
        "s3:GetObject",
    ]
    found = {r["duty"]: r["status"] for r in data["verdict"]}
    assert found["compute.hardening"] == "failed"
    assert found["identity.least-privilege"] == "failed"
    assert {r["side"] for r in data["verdict"]} <= {"customer", "shared"}
    assert data["others"] == []


def test_a_trail_of_the_attack_alone_proves_nothing_by_what_it_lacks(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "alone.json").write_text(json.dumps({"Records": EVENTS}), "utf-8")
    more = arguments(folder, "--format", "json")
    code, out, _ = run(capsys, *more, str(folder / "alone.json"))
    found = {r["duty"]: r["status"] for r in json.loads(out)["verdict"]}
    assert code == 1
    assert found["compute.hardening"] == "failed"
    assert found["identity.least-privilege"] == "undecidable from this evidence"
    assert found["monitoring.threat-detection"] == "undecidable from this evidence"


def test_a_finding_over_raw_files_says_what_detection_was_worth(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--events", str(folder / "events.json.gz"), "--format", "json")
    code, out, _ = run(capsys, *arguments(folder, *more), str(folder / "finding.json"))
    data = json.loads(out)
    assert code == 1
    assert data["subject"]["kind"] == "guardduty"
    found = {r["duty"]: r["status"] for r in data["verdict"]}
    assert found["monitoring.threat-detection"] == "met but insufficient"
    assert found["monitoring.alerting"] == "failed"


@pytest.mark.parametrize("width", ["80", "160"])
def test_the_text_fits_the_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    _, out, _ = run(capsys, *arguments(folder), str(folder / "events.json.gz"))
    assert max(map(len, out.splitlines())) <= int(width)
    assert "Whose duty" in out
    assert "✗ failed: Harden compute (compute.hardening)" in out


def test_the_page_and_markdown_are_written_to_files(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, note = folder / "out" / "page.html", folder / "note.md"
    source = str(folder / "events.json.gz")
    code, out, err = run(
        capsys, *arguments(folder, "--format", "html", "--output", str(page)), source
    )
    assert (code, out) == (1, "")
    assert "Wrote" in err
    assert page.read_text("utf-8").startswith("<!doctype html>")
    run(capsys, *arguments(folder, "--format", "markdown", "--output", str(note)), source)
    assert note.read_text("utf-8").startswith("# Incident: ")


def test_a_folder_of_files_is_read_and_what_is_none_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = folder / "logs"
    logs.mkdir()
    (logs / "a.json").write_text(json.dumps({"Records": EVENTS[:2]}), "utf-8")
    (logs / "b.json").write_text(json.dumps(EVENTS[2]), "utf-8")
    (logs / "readme.txt").write_text("nothing here", "utf-8")
    more = ("--events", str(logs), "--principal", "ASIASTOLENSTOLEN1234", "--format", "json")
    code, out, err = run(capsys, *arguments(folder, *more))
    assert code == 1
    assert len(json.loads(out)["chain"]) == 3
    assert "Left out: readme.txt" in err


def test_a_principal_that_did_nothing_is_incomplete(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--events", str(folder / "events.json.gz"), "--principal", "AKIANOBODYNOBODY1234")
    code, out, _ = run(capsys, *arguments(folder, *more))
    assert code == 3
    assert "nothing can be judged" in out


@pytest.mark.parametrize(
    "more",
    [(), ("--event", "x", "--principal", "AKIANOBODYNOBODY1234"), ("--detections", "--event", "x")],
)
def test_what_it_starts_from_is_said_once(
    folder: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    code, _, err = run(capsys, *arguments(folder, *more))
    assert code == 2
    assert "once" in err


def test_without_a_trail_it_says_what_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, *arguments(folder, "--event", "x"))
    assert code == 2
    assert "trail ingest" in err


def test_the_lakes_trail_is_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ingested = arguments(folder, "--processes", "0")
    runner(capsys)("trail", "ingest", folder / "events.json.gz", *ingested)
    wanted = EVENTS[2]["eventID"]
    code, out, _ = run(capsys, *arguments(folder, "--event", wanted, "--format", "json"))
    data = json.loads(out)
    assert code == 1
    assert wanted in {s["event_id"] for s in data["chain"]}
    assert len(data["chain"]) == 3
