"""The monitoring tables, derived tables and checks, end to end against the local emulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from sharedline import Finding, scan
from sharedline.collect.catalogue import shipped
from sharedline.collect.clients import Access, Caller
from sharedline.collect.fetch import Reader, Shard
from sharedline.collect.rows import Row
from sharedline.collect.tables.tagging import parts_of
from sharedline.demo.emulator import Emulator, start
from sharedline.demo.rules import Deny

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SESSION: dict[str, Any] = {
    "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "secret",
}
AREAS = ("cloudtrail", "cloudwatch", "logs", "events", "config", "guardduty", "securityhub")
CHECKS = tuple(f"{area}/*" for area in (*AREAS, "macie2", "monitoring"))
REGIONS = ("us-east-1", "eu-west-1")
Answers = dict[tuple[str, str], bool | None]

HOME, AWAY = (f"arn:aws:account:{r}:{ACCOUNT}:region/{r}" for r in REGIONS)
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
MAIN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"
LOCAL = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/local"
DETECTOR = f"arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/d1"
HUB = f"arn:aws:securityhub:us-east-1:{ACCOUNT}:hub/default"
RULE = f"arn:aws:securityhub:us-east-1:{ACCOUNT}:automation-rule"
ALARM = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm"
GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group"
RECORDER = f"arn:aws:config:us-east-1:{ACCOUNT}:configuration-recorder/default"
ROOT_USE = (
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
    '&& $.eventType != "AwsServiceEvent" }'
)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with start(Path(__file__).parent / "monitoring_estate", clock=NOW, seed=7) as running:
        _build(running.url)
        yield running


def _build(url: str) -> None:
    def client(service: Any, region: str = "us-east-1") -> Any:
        return boto3.client(service, endpoint_url=url, region_name=region, **SESSION)

    client("s3").create_bucket(Bucket="audit")
    _trails(client("cloudtrail"), client("cloudtrail", "eu-west-1"), client("logs"))
    sns = client("sns")
    heard = sns.create_topic(Name="alerts")["TopicArn"]
    sns.create_topic(Name="empty")
    sns.subscribe(TopicArn=heard, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:q")
    _alarms(client("logs"), client("cloudwatch"), heard)
    events = client("events")
    pattern = json.dumps({"source": ["aws.guardduty"]})
    events.put_rule(Name="findings", EventPattern=pattern)
    events.put_targets(Rule="findings", Targets=[{"Id": "a", "Arn": heard}])
    events.create_event_bus(Name="orders")
    config = client("config")
    role = f"arn:aws:iam::{ACCOUNT}:role/config"
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": group}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "audit"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    client("sqs").create_queue(QueueName="tagged", tags={"team": "shop"})


def _trails(here: Any, away: Any, logs: Any) -> None:
    logs.create_log_group(logGroupName="trail")
    logs.create_log_group(logGroupName="short")
    logs.put_retention_policy(logGroupName="short", retentionInDays=14)
    here.create_trail(
        Name="main", S3BucketName="audit", IsMultiRegionTrail=True, EnableLogFileValidation=True,
        CloudWatchLogsLogGroupArn=f"{GROUP}:trail:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/r",
    )  # fmt: skip
    writes = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": False}
    everywhere = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]
    here.put_event_selectors(
        TrailName="main",
        EventSelectors=[
            {"ReadWriteType": "All", "IncludeManagementEvents": True},
            {**writes, "DataResources": everywhere},
        ],
    )
    here.start_logging(Name="main")
    away.create_trail(Name="local", S3BucketName="audit")


def _alarms(logs: Any, cloudwatch: Any, heard: str) -> None:
    made = [{"metricName": "root", "metricNamespace": "Audit", "metricValue": "1"}]
    logs.put_metric_filter(
        logGroupName="trail", filterName="root", filterPattern=ROOT_USE, metricTransformations=made
    )
    failed = '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }'
    made = [{"metricName": "failed", "metricNamespace": "Audit", "metricValue": "1"}]
    logs.put_metric_filter(
        logGroupName="trail", filterName="failed", filterPattern=failed, metricTransformations=made
    )
    given = {
        "Namespace": "Audit", "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1,
        "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    }  # fmt: skip
    cloudwatch.put_metric_alarm(AlarmName="root", MetricName="root", AlarmActions=[heard], **given)
    deaf = heard.replace("alerts", "empty")
    cloudwatch.put_metric_alarm(
        AlarmName="failed", MetricName="failed", AlarmActions=[deaf], **given
    )
    cloudwatch.put_metric_alarm(AlarmName="mute", MetricName="x", ActionsEnabled=False, **given)


def _scan(emulator: Emulator, lake: Path, **more: Any) -> list[Finding]:
    session = boto3.Session(region_name="us-east-1", **SESSION)
    given = {"regions": REGIONS, "checks": CHECKS, **more}
    done = scan(
        session=session, lake=lake, processes=0, endpoint_url=emulator.url, as_of=NOW, **given
    )
    return list(done.findings())


def _answers(findings: list[Finding]) -> Answers:
    found = {(f.check, f.resource): f.ok for f in findings}
    assert len(found) == len(findings), "a resource is judged twice"
    return found


@pytest.fixture(scope="module")
def scanned(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    return _scan(emulator, tmp_path_factory.mktemp("lake"))


EXPECTED: Answers = {
    ("cloudtrail/multi_region_trail_records_management_events", ROOT): True,
    ("cloudtrail/s3_object_writes_recorded", ROOT): True,
    ("cloudtrail/s3_object_reads_recorded", ROOT): False,
    ("cloudtrail/trail_log_validation_on", MAIN): True,
    ("cloudtrail/trail_log_validation_on", LOCAL): False,
    ("cloudtrail/trail_encrypted_with_kms", MAIN): False,
    ("cloudtrail/trail_sent_to_cloudwatch_logs", MAIN): True,
    ("cloudtrail/trail_delivers", LOCAL): False,
    ("cloudtrail/trail_bucket_private", MAIN): True,
    ("cloudtrail/trail_bucket_access_logged", MAIN): False,
    ("cloudwatch/root_use_alarmed", ROOT): True,
    ("cloudwatch/sign_in_failures_alarmed", ROOT): False,
    ("cloudwatch/vpc_changes_alarmed", ROOT): False,
    ("cloudwatch/alarm_has_action", f"{ALARM}:root"): True,
    ("cloudwatch/alarm_has_action", f"{ALARM}:mute"): False,
    ("cloudwatch/alarm_actions_enabled", f"{ALARM}:mute"): False,
    ("logs/log_group_retained_long_enough", f"{GROUP}:short"): False,
    ("logs/log_group_retained_long_enough", f"{GROUP}:trail"): True,
    ("logs/log_group_encrypted_with_key", f"{GROUP}:trail"): False,
    ("events/guardduty_findings_reach_people", DETECTOR): True,
    ("events/securityhub_findings_reach_people", HUB): False,
    ("config/records_all_types_in_every_region", HOME): True,
    ("config/records_all_types_in_every_region", AWAY): False,
    ("config/on_with_service_linked_role", HOME): False,
    ("config/delivery_succeeds", RECORDER): False,
    ("guardduty/on_in_every_region", HOME): True,
    ("guardduty/on_in_every_region", AWAY): False,
    ("guardduty/s3_protection_on", DETECTOR): True,
    ("guardduty/eks_audit_logs_watched", DETECTOR): False,
    ("guardduty/rds_protection_on", DETECTOR): False,
    ("guardduty/runtime_monitoring_on", DETECTOR): True,
    ("guardduty/ec2_runtime_monitoring_on", DETECTOR): True,
    ("guardduty/fargate_runtime_monitoring_on", DETECTOR): False,
    ("guardduty/eks_runtime_monitoring_on", DETECTOR): False,
    ("guardduty/findings_handled_in_time", DETECTOR): False,
    ("guardduty/filters_keep_high_findings_visible", f"{DETECTOR}/filter/low-only"): True,
    ("guardduty/filters_keep_high_findings_visible", f"{DETECTOR}/filter/everything"): False,
    ("securityhub/on_in_every_region", HOME): True,
    ("securityhub/on_in_every_region", AWAY): False,
    ("securityhub/standard_enabled", HUB): False,
    ("securityhub/findings_handled_in_time", HUB): False,
    ("securityhub/automation_rules_keep_serious_findings_visible", f"{RULE}/low"): True,
    ("securityhub/automation_rules_keep_serious_findings_visible", f"{RULE}/all"): False,
    ("macie2/automated_discovery_on", f"arn:aws:macie2:us-east-1:{ACCOUNT}:session"): False,
    ("monitoring/log_review_done_lately", ROOT): False,
}


def test_every_answer_is_the_planted_one(scanned: list[Finding]) -> None:
    found = _answers(scanned)
    assert {key: found.get(key, "no finding") for key in EXPECTED} == EXPECTED


def test_nothing_is_unknown_where_all_was_read(scanned: list[Finding]) -> None:
    unknown = [f for f in scanned if f.ok is None]
    looked_at = [f for f in unknown if f.check.endswith("_by_people")]
    assert all("the lake holds no trail of the last 30 days" in f.reason for f in looked_at)
    assert len(looked_at) == 3
    assert [(f.check, f.resource, f.reason) for f in unknown if f not in looked_at] == []


def test_a_filter_that_archives_nothing_is_not_judged(scanned: list[Finding]) -> None:
    resources = {f.resource for f in scanned}
    assert f"{DETECTOR}/filter/search" not in resources


def test_reasons_name_the_missing_part(scanned: list[Finding]) -> None:
    reasons = {(f.check, f.resource): f.reason for f in scanned}
    failures = reasons["cloudwatch/sign_in_failures_alarmed", ROOT]
    assert "topic empty has no subscriber" in failures
    assert "CreateVpc" in reasons["cloudwatch/vpc_changes_alarmed", ROOT]
    assert "AccessDenied" in reasons["config/delivery_succeeds", RECORDER]


#: A denied call, an answer that it makes unknown, and perhaps one that it leaves alone.
DENIED: tuple[tuple[str, tuple[str, str], tuple[str, str] | None], ...] = (
    ("cloudtrail:GetEventSelectors", ("cloudtrail/s3_object_writes_recorded", ROOT), None),
    (
        "cloudtrail:GetTrailStatus",
        ("cloudtrail/multi_region_trail_records_management_events", ROOT),
        ("cloudtrail/trail_log_validation_on", MAIN),
    ),
    ("logs:DescribeMetricFilters", ("cloudwatch/root_use_alarmed", ROOT), None),
    ("cloudwatch:DescribeAlarms", ("cloudwatch/root_use_alarmed", ROOT), None),
    ("sns:ListSubscriptions", ("events/guardduty_findings_reach_people", DETECTOR), None),
    ("events:ListTargetsByRule", ("events/guardduty_findings_reach_people", DETECTOR), None),
    (
        "guardduty:GetDetector",
        ("guardduty/s3_protection_on", DETECTOR),
        ("guardduty/on_in_every_region", AWAY),
    ),
    ("guardduty:ListFindings", ("guardduty/findings_handled_in_time", DETECTOR), None),
    (
        "guardduty:GetFilter",
        ("guardduty/filters_keep_high_findings_visible", f"{DETECTOR}/filter/everything"),
        None,
    ),
    (
        "config:DescribeConfigurationRecorderStatus",
        ("config/records_all_types_in_every_region", HOME),
        None,
    ),
    ("securityhub:GetFindings", ("securityhub/findings_handled_in_time", HUB), None),
)


@pytest.mark.parametrize(("call", "touched", "spared"), DENIED, ids=[d[0] for d in DENIED])
def test_a_denied_call_makes_the_answer_unknown(
    emulator: Emulator,
    tmp_path: Path,
    call: str,
    touched: tuple[str, str],
    spared: tuple[str, str] | None,
) -> None:
    emulator.rules(deny=[Deny(*call.split(":"))])
    try:
        checks = tuple({key[0] for key in (touched, spared) if key})
        found = {(f.check, f.resource): f for f in _scan(emulator, tmp_path, checks=checks)}
    finally:
        emulator.rules()
    assert found[touched].ok is None
    if spared:
        assert found[spared].ok is EXPECTED[spared]


def test_a_scan_of_another_region_does_not_call_the_trail_missing(
    emulator: Emulator, tmp_path: Path
) -> None:
    check = "cloudtrail/multi_region_trail_records_management_events"
    (found,) = _scan(emulator, tmp_path, regions=("eu-west-1",), checks=(check,))
    # Its home Region is not read, so the Region that sees its shadow asks for the details.
    assert found.ok is True


def test_the_long_tail_shows_services_without_a_table(emulator: Emulator) -> None:
    caller = Caller(Access(keys=(*SESSION.values(), None), endpoint_url=emulator.url))

    def services(table: str) -> dict[str, str]:
        rows: list[Row] = []
        with ThreadPoolExecutor(2) as pool:
            reader = Reader(caller, pool, shipped(), {table: frozenset({"service"})})
            for region in REGIONS:
                where = Shard(ACCOUNT, region)
                outcome = reader.read(table, where, (), {}, lambda _, row: rows.append(row))
                assert outcome.status == "ok"
        return {r["arn"]: r["service"] for r in rows}

    assert services("tagged_resource") == {f"arn:aws:sqs:us-east-1:{ACCOUNT}:tagged": "sqs"}
    assert services("explored_resource") == {
        f"arn:aws:glue:us-east-1:{ACCOUNT}:database/sales": "glue",
        f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1": "cloudfront",
    }
    assert services("config_discovered_resource") == {HOME: "kinesis"}


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:ec2:us-east-1:1:volume/vol-1", ("ebs", "volume")),
        ("arn:aws:ec2:us-east-1:1:instance/i-1", ("ec2", "instance")),
        ("arn:aws:ec2:us-east-1:1:subnet/s-1", ("vpc", "subnet")),
        ("arn:aws:s3:::bucket", ("s3", "")),
        ("arn:aws:apigateway:us-east-1::/restapis/x", ("apigateway", "restapis")),
        ("arn:aws:rds:us-east-1:1:db:prod", ("rds", "db")),
        ("arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/x/1", ("elb", "loadbalancer")),
        ("not an arn", ("", "")),
    ],
)
def test_an_arn_names_its_service(arn: str, expected: tuple[str, str]) -> None:
    assert parts_of(arn) == expected
