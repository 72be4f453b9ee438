"""What a scan makes of the trail in its lake: the table, the checks, and the command line."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from tests.running import runner

from sharedline import scan
from sharedline.inventory.lake import Lake
from sharedline.model import Attestation
from sharedline.state import State
from sharedline.trail.ingest import ingest

ACCOUNT = "123456789012"
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
CHECKS = (
    "guardduty/findings_looked_at_by_people",
    "monitoring/trail_read_by_people",
    "cloudwatch/alarm_reaches_confirmed_subscriber",
)
SSO = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Audit_0123456789/kim"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        boto3.client("guardduty", region_name="us-east-1").create_detector(Enable=True)
        cloudwatch = boto3.client("cloudwatch", region_name="us-east-1")
        topic = boto3.client("sns", region_name="us-east-1").create_topic(Name="people")
        cloudwatch.put_metric_alarm(
            AlarmName="root-use", AlarmActions=[topic["TopicArn"]], MetricName="m", Namespace="n",
            Period=60, EvaluationPeriods=1, Threshold=1, Statistic="Sum",
            ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
        yield


def events(*, looked: bool) -> list[dict[str, Any]]:
    base = {
        "eventSource": "ec2.amazonaws.com",
        "eventName": "DescribeInstances",
        "awsRegion": "us-east-1",
        "readOnly": True,
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "userIdentity": {"type": "AssumedRole", "arn": SSO},
    }
    days = [AS_OF - timedelta(days=n, hours=-3) for n in range(1, 31)]
    found = [{**base, "eventTime": day.isoformat(), "eventID": str(uuid.uuid4())} for day in days]
    if looked:
        call = {"eventSource": "guardduty.amazonaws.com", "eventName": "GetFindings"}
        found.append({**found[5], **call, "eventID": str(uuid.uuid4())})
    return found


def scanned(folder: Path, made: list[dict[str, Any]]) -> dict[str, tuple[bool | None, str]]:
    if made:
        (folder / "events.json").write_text(json.dumps({"Records": made}))
        ingest(Lake(str(folder / "lake")), [str(folder / "events.json")], processes=0)
    session = boto3.Session(region_name="us-east-1")
    regions = ("us-east-1",)
    one = scan(session, regions, CHECKS, folder=folder, processes=0, as_of=AS_OF)
    return {f.check.split("/")[0]: (f.ok, f.reason) for f in one.findings()}


@pytest.mark.usefixtures("aws")
def test_without_a_trail_the_answer_is_unknown_and_says_so(tmp_path: Path) -> None:
    found = scanned(tmp_path, [])
    for name in ("guardduty", "monitoring"):
        assert found[name][0] is None
        assert "the lake holds no trail" in found[name][1]
    assert found["cloudwatch"] == (False, "topic people has no subscriber")


@pytest.mark.usefixtures("aws")
def test_nobody_and_somebody(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("nobody", "somebody")]
    for folder in folders:
        folder.mkdir()
    nobody = scanned(folders[0], events(looked=False))
    assert nobody["guardduty"] == (False, "nobody looked")
    assert nobody["monitoring"][0] is False
    somebody = scanned(folders[1], events(looked=True))
    assert somebody["guardduty"][0] is True
    assert "kim (Audit) read findings" in somebody["guardduty"][1]
    assert somebody["monitoring"][0] is False


@pytest.mark.usefixtures("aws")
def test_an_attestation_speaks_where_the_trail_cannot(tmp_path: Path) -> None:
    state = State(f"sqlite:///{tmp_path / 'state.db'}")
    more = ("Read in the SIEM", "https://wiki/1", "kim", AS_OF - timedelta(days=3))
    state.attest(Attestation("monitoring.log-review", "*", *more, AS_OF + timedelta(days=30)))
    state.close()
    found = scanned(tmp_path, [])
    assert found["monitoring"][0] is True
    assert found["monitoring"][1].startswith("attested on 2026-10-29")


@pytest.mark.usefixtures("aws")
def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = runner(capsys, "trail", "review", after=("--dir", tmp_path))
    code, _, err = run()
    assert (code, "The lake holds no trail" in err) == (2, True)
    scanned(tmp_path, events(looked=True))
    code, out, _ = run("--format", "json")
    assert code == 1
    told = json.loads(out)
    assert told["until"] == "2026-11-01T00:00:00Z"
    assert {r["source"]: r["looked"] for r in told["sources"]} == {
        "guardduty": True,
        "event-history": False,
    }
    assert [(a["alarm_name"], a["reached"]) for a in told["alarms"]] == [("root-use", False)]
    code, out, _ = run("--format", "csv")
    rows = {r["source"]: r for r in csv.DictReader(io.StringIO(out))}
    assert rows["guardduty"]["last_person"] == "kim (Audit)"
    code, out, _ = run("--who", "guardduty", "--format", "json")
    assert (code, [r["action"] for r in json.loads(out)]) == (0, ["guardduty:GetFindings"])
    code, out, _ = run("--events", "guardduty", "--format", "json")
    assert len(json.loads(out)) == 1
    code, out, _ = run()
    assert code == 1
    assert "nobody looked" in out
    assert "1 reach nobody" in out
    code, _, err = run("--who", "nothing-like-it")
    assert (code, "There is no source" in err) == (2, True)
    code, _, err = run("--since", "2026-11-02", "--until", "2026-10-02")
    assert (code, "There is no time" in err) == (2, True)
    for view in ("--findings", "--changes", "--alarms", "--deliveries"):
        assert run(view)[0] == 0
