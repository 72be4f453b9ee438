"""Who looked, from made-up events read by the product's own ingest; on DuckDB and on Spark."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sharedline.inventory.engines import Duck, Engine
from sharedline.inventory.lake import Lake
from sharedline.inventory.spark import Spark
from sharedline.trail.ingest import ingest
from sharedline.trail.review import report
from sharedline.trail.review.findings import Limits

ACCOUNT = "111122223333"
SINCE = datetime(2026, 10, 1, tzinfo=UTC)
UNTIL = datetime(2026, 10, 5, tzinfo=UTC)
KIM = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Audit_0123456789/kim@example.com"
ROBOT = f"arn:aws:sts::{ACCOUNT}:assumed-role/robot/robot"
SCRIPT = f"arn:aws:iam::{ACCOUNT}:user/script"
SPLUNK = f"arn:aws:sts::{ACCOUNT}:assumed-role/SplunkIngest/aws-sdk-java-1"
DETECTOR = f"arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/d1"
TRAIL = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"
GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:trail-group"
SELECTORS = json.dumps(
    [{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::logs/"]}]}]
)


def event(
    name: str, source: str, arn: str, day: int = 2, hour: int = 9, **more: Any
) -> dict[str, Any]:
    kind = "IAMUser" if ":user/" in arn else "AssumedRole"
    agent = "exec-env/AWS_Lambda_python3.12" if arn == ROBOT else "aws-cli/2.15"
    return {
        "eventID": str(uuid.uuid4()),
        "eventTime": f"2026-10-{day:02d}T{hour:02d}:00:00Z",
        "eventName": name,
        "eventSource": f"{source}.amazonaws.com",
        "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT,
        "readOnly": True,
        "managementEvent": True,
        "eventCategory": "Management",
        "userIdentity": {"type": kind, "arn": arn, "accountId": ACCOUNT},
        "userAgent": agent,
        **more,
    }


def read(arn: str, name: str = "GetObject", day: int = 2, **more: Any) -> dict[str, Any]:
    asked = {"bucketName": "logs", "key": f"AWSLogs/{ACCOUNT}/CloudTrail/x.json.gz"}
    data = {"managementEvent": False, "eventCategory": "Data", "requestParameters": asked}
    return event(name, "s3", arn, day, **{**data, **more})


def quiet(days: Sequence[int] = (1, 2, 3, 4)) -> list[dict[str, Any]]:
    """Something happens every day, so that the trail would show a look."""
    return [event("DescribeInstances", "ec2", ROBOT, day) for day in days]


def lake_of(folder: Path, events: list[dict[str, Any]]) -> Lake:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "events.json").write_text(json.dumps({"Records": events}))
    lake = Lake(str(folder / "lake"))
    assert ingest(lake, [str(folder / "events.json")], processes=0).events == len(events)
    return lake


def place(arn: str, region: str = "us-east-1") -> dict[str, Any]:
    return {"arn": arn, "account_id": ACCOUNT, "region": region}


def tables(selectors: str = SELECTORS, **more: list[dict[str, Any]]) -> dict[str, Any]:
    trail = {
        **place(TRAIL),
        "name": "main",
        "home_region": "us-east-1",
        "s3_bucket_name": "logs",
        "is_multi_region_trail": True,
        "is_organization_trail": False,
        "cloud_watch_logs_log_group_arn": f"{GROUP}:*",
        "is_logging": True,
        "event_selectors": selectors,
        "advanced_event_selectors": "[]",
        "latest_delivery_error": "",
        "latest_cloud_watch_logs_delivery_error": "",
    }
    detector = {**place(DETECTOR), "administrator_account_id": "", "status": "ENABLED"}
    return {
        "cloudtrail_trail": [trail],
        "guardduty_detector": [detector],
        "account_region": [place(f"arn:aws:account:us-east-1:{ACCOUNT}:region/us-east-1")],
        **more,
    }


def finding(name: str, day: int, severity: float = 8.0) -> dict[str, Any]:
    made = datetime(2026, 10, day, 6, tzinfo=UTC)
    more = {"type": "Recon", "severity": severity, "created_at": made, "archived": False}
    return {**place(f"{DETECTOR}/finding/{name}"), "finding_account_id": ACCOUNT, **more}


def reviewed(
    lake: Lake, engine: Engine | None = None, given: dict[str, Any] | None = None
) -> report.Review:
    used = engine or Duck(lake)
    try:
        return report.review(
            used,
            lake,
            tables() if given is None else given,
            SINCE,
            UNTIL,
            limits=Limits({"guardduty": {"high": 1.0, "low": 30.0}}),
            owner=lambda service, _, rows: [f"{service}-team"] * len(rows),
        )
    finally:
        if engine is None:
            used.close()


def source(made: report.Review, kind: str) -> dict[str, Any]:
    [row] = [r for r in made.sources if r["source"] == kind]
    return row


def test_nobody_where_the_trail_would_have_shown_it(tmp_path: Path) -> None:
    machine = [read(ROBOT, day=d) for d in (1, 2, 3, 4)]
    made = reviewed(lake_of(tmp_path, quiet() + machine))
    assert {r["source"]: r["looked"] for r in made.sources} == {
        "trail-bucket": False,
        "log-group": False,
        "event-history": False,
        "guardduty": False,
    }
    assert source(made, "trail-bucket")["reason"] == "nobody looked, only 1 machine"
    assert source(made, "trail-bucket")["last_person_at"] is None
    assert source(made, "guardduty")["owner"] == "guardduty-team"


def test_a_missing_day_makes_silence_unknown_and_not_a_look(tmp_path: Path) -> None:
    made = reviewed(lake_of(tmp_path, [*quiet((1, 2, 4)), event("GetFindings", "guardduty", KIM)]))
    assert source(made, "guardduty")["looked"] is True
    history = source(made, "event-history")
    assert history["looked"] is None
    assert "2026-10-03" in history["reason"]


@pytest.mark.parametrize(
    ("selectors", "said"),
    [
        ("[]", "no trail records reads of objects in logs"),
        (None, "is not known"),
        (SELECTORS, "the lake holds no S3 data events of logs"),
    ],
)
def test_reads_of_a_bucket_that_nothing_records_are_unknown(
    tmp_path: Path, selectors: str | None, said: str
) -> None:
    made = reviewed(lake_of(tmp_path, quiet()), given=tables(selectors))  # type: ignore[arg-type]
    bucket = source(made, "trail-bucket")
    assert bucket["looked"] is None
    assert said in bucket["reason"]
    assert source(made, "event-history")["looked"] is False


def test_deliveries_show_that_the_trail_would_have_shown_a_read(tmp_path: Path) -> None:
    service = {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}
    delivery = read(ROBOT, "PutObject", userIdentity=service, readOnly=False)
    made = reviewed(lake_of(tmp_path / "a", [*quiet(), delivery]))
    assert source(made, "trail-bucket")["looked"] is False
    elsewhere = {**delivery, "eventID": str(uuid.uuid4()), "recipientAccountId": "999988887777"}
    made = reviewed(lake_of(tmp_path / "b", [*quiet(), elsewhere]))
    bucket = next(r for r in made.sources if r["source"] == "trail-bucket")
    assert bucket["looked"] is None
    assert "the lake holds no events of 3 days" in bucket["reason"]


def test_people_machines_and_unclear_readers_are_kept_apart(tmp_path: Path) -> None:
    events = [
        *quiet(),
        read(KIM, day=3, userIdentity={"type": "AssumedRole", "arn": KIM,
                                       "invokedBy": "athena.amazonaws.com"}),
        event("FilterLogEvents", "logs", SCRIPT, requestParameters={"logGroupName": "trail-group"}),
        event("GetFindings", "guardduty", ROBOT),
        event("LookupEvents", "cloudtrail", SCRIPT, errorCode="AccessDenied"),
    ]  # fmt: skip
    made = reviewed(lake_of(tmp_path, events))
    bucket, group = source(made, "trail-bucket"), source(made, "log-group")
    assert (bucket["looked"], bucket["last_person"]) == (True, "kim@example.com (Audit)")
    assert group["looked"] is None
    assert group["unclear"] == ["script"]
    assert (group["people"], bucket["people"]) == (0, 1)
    assert source(made, "guardduty")["looked"] is False
    history = source(made, "event-history")
    assert (history["looked"], history["refused"]) == (False, 1)


def test_names_of_files_are_no_look_at_them_and_other_buckets_none_at_all(tmp_path: Path) -> None:
    other: dict[str, Any] = {"requestParameters": {"bucketName": "photos", "key": "cat.jpg"}}
    events = [*quiet(), read(KIM, "ListObjects"), read(KIM, **other)]
    made = reviewed(lake_of(tmp_path, events))
    assert source(made, "trail-bucket")["people"] == 0
    [row] = report.who(made, report.chosen(made, "logs"))
    assert (row["does"], row["counts"], row["reader"]) == ("listed files", False, "person")


def test_a_look_at_one_accounts_files_is_none_at_anothers(tmp_path: Path) -> None:
    """An organisation's trail has the files of all accounts in one bucket, told by their key."""
    asked = {"bucketName": "logs", "key": "AWSLogs/o-abc123/444455556666/CloudTrail/x.json.gz"}
    made = reviewed(lake_of(tmp_path, [*quiet(), read(KIM, requestParameters=asked)]))
    assert source(made, "trail-bucket")["looked"] is not True
    assert source(made, "trail-bucket")["people"] == 0


def test_a_siem_takes_logs_where_the_trail_cannot_see(tmp_path: Path) -> None:
    events = quiet() + [read(SPLUNK, day=d) for d in (1, 2, 3, 4)]
    bucket = source(reviewed(lake_of(tmp_path, events)), "trail-bucket")
    assert bucket["looked"] is None
    assert "takes it away" in bucket["reason"]


def test_athena_counts_where_its_words_concern_the_logs(tmp_path: Path) -> None:
    def query(database: str) -> dict[str, Any]:
        asked = {"queryExecutionContext": {"database": database}, "queryString": "***OMITTED***"}
        return event("StartQueryExecution", "athena", KIM, requestParameters=asked)

    sales = reviewed(lake_of(tmp_path / "a", [*quiet(), query("sales")]))
    assert source(sales, "trail-bucket")["people"] == 0
    logs = reviewed(lake_of(tmp_path / "b", [*quiet(), query("CloudTrail_logs")]))
    assert source(logs, "trail-bucket")["looked"] is True


def test_logs_insights_over_several_groups_and_lake_queries_are_found(tmp_path: Path) -> None:
    store = "0f4b9e4c-1111-2222-3333-444455556666"
    events = [
        *quiet(),
        event("StartQuery", "logs", KIM, requestParameters={"logGroupIdentifiers": ["app", GROUP]}),
        event("StartQuery", "cloudtrail", KIM,
              requestParameters={"queryStatement": f"select * from {store}"}),
    ]  # fmt: skip
    made = reviewed(lake_of(tmp_path, events))
    assert {r["name"]: r["looked"] for r in made.sources if r["source"] == "log-group"} == {
        "app": True,
        "trail-group": True,
    }
    assert (source(made, "event-data-store")["name"]) == store
    assert source(made, "event-data-store")["looked"] is True


def test_findings_wait_for_a_person_and_not_for_a_machine(tmp_path: Path) -> None:
    events = [
        *quiet(),
        event("GetFindings", "guardduty", ROBOT, 2, 7),
        event("GetFindings", "guardduty", KIM, 3, 12),
        event("ArchiveFindings", "guardduty", ROBOT, 3, 13, readOnly=False,
              requestParameters={"detectorId": "d1", "findingIds": ["auto"]}),
        event("UpdateFindingsFeedback", "guardduty", KIM, 3, 14, readOnly=False,
              requestParameters={"detectorId": "d1", "findingIds": ["done"]}),
    ]  # fmt: skip
    given = tables(
        guardduty_finding=[finding("auto", 2), finding("done", 2), finding("late", 4, 8.0),
                           finding("small", 2, 2.0), finding("new", 4)],
        guardduty_filter=[{**place(DETECTOR), "detector_arn": DETECTOR, "name": "hide",
                           "action": "ARCHIVE", "finding_criteria": "{}"}],
    )  # fmt: skip
    made = reviewed(lake_of(tmp_path, events), given=given)
    found = {f["arn"].rsplit("/", 1)[-1]: f for f in made.findings}
    assert found["auto"]["wait_hours"] == 30.0
    assert (found["auto"]["touched"], found["auto"]["past_limit"]) == (False, True)
    assert (found["done"]["touched"], found["done"]["touched_by"]) == (True, "kim@example.com")
    assert (found["small"]["past_limit"], found["new"]["past_limit"]) == (False, False)
    assert found["late"]["look"] == "nobody looked since"
    detector = source(made, "guardduty")
    assert (detector["past_limit"], detector["median_wait_hours"]) == (1, 30.0)
    assert [h["name"] for h in made.hiding] == ["hide"]
    by = {c["reader"]: c["findings"] for c in made.changes}
    assert by == {"machine": ("auto",), "person": ("done",)}
    [owner] = [o for o in made.owners if o["owner"] == "guardduty-team"]
    assert owner["past_limit"] == 1


def test_a_look_in_the_administrator_account_counts_and_another_region_does_not(
    tmp_path: Path,
) -> None:
    admin = "999988887777"
    there = event("GetFindings", "guardduty", KIM, recipientAccountId=admin)
    detector = {**place(DETECTOR), "administrator_account_id": admin, "status": "ENABLED"}
    given = tables(guardduty_detector=[detector])
    made = reviewed(lake_of(tmp_path / "a", [*quiet(), there]), given=given)
    assert [r["looked"] for r in made.sources if r["arn"] == DETECTOR] == [True]
    far = event("GetFindings", "guardduty", KIM, awsRegion="eu-west-1")
    made = reviewed(lake_of(tmp_path / "b", [*quiet(), far]))
    assert source(made, "guardduty")["looked"] is False


def test_refused_deliveries_are_listed_and_peoples_refusals_are_not(tmp_path: Path) -> None:
    service = {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}
    denied: dict[str, Any] = {
        "errorCode": "AccessDenied",
        "requestParameters": {"bucketName": "logs"},
    }
    events = [
        *quiet(),
        event("PutObject", "s3", ROBOT, userIdentity=service, **denied),
        event("PutObject", "s3", ROBOT, **denied),
    ]
    given = tables()
    given["cloudtrail_trail"][0]["latest_cloud_watch_logs_delivery_error"] = "AccessDenied"
    made = reviewed(lake_of(tmp_path, events), given=given)
    told = [(d["service"].split(" ")[0], d["known_by"], d["times"]) for d in made.deliveries]
    assert told == [("cloudtrail.amazonaws.com", "trail", 1),
                    ("cloudtrail.amazonaws.com", "scan", None)]  # fmt: skip


def test_without_a_scan_the_events_themselves_name_what_there_is(tmp_path: Path) -> None:
    events = [*quiet(), read(KIM), event("GetFindings", "securityhub", ROBOT)]
    made = reviewed(lake_of(tmp_path, events), given={})
    assert {r["source"]: r["looked"] for r in made.sources} == {
        "trail-bucket": True,
        "event-history": False,
        "securityhub": False,
    }
    assert all(r["observed"] for r in made.sources)


def test_events_outside_the_time_are_not_looks(tmp_path: Path) -> None:
    early = event("LookupEvents", "cloudtrail", KIM)
    early["eventTime"] = (SINCE - timedelta(hours=1)).isoformat()
    made = reviewed(lake_of(tmp_path, [*quiet(), early]))
    assert source(made, "event-history")["looked"] is False


def test_every_number_opens_to_its_events(tmp_path: Path) -> None:
    events = [*quiet(), event("LookupEvents", "cloudtrail", KIM), read(KIM)]
    lake = lake_of(tmp_path, events)
    duck = Duck(lake)
    try:
        made = reviewed(lake, duck)
        rows = report.single(duck, made, report.chosen(made, "event-history"))
        assert [r["event_id"] for r in rows] == [events[-2]["eventID"]]
        assert source(made, "event-history")["looks"] == len(rows)
    finally:
        duck.close()


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_spark_answers_the_same(spark: Spark, tmp_path: Path) -> None:
    events = [
        *quiet(),
        read(KIM),
        read(SPLUNK, day=3),
        event("StartQuery", "logs", SCRIPT, requestParameters={"logGroupNames": ["trail-group"]}),
        event("GetFindings", "guardduty", KIM, 3),
        event("ArchiveFindings", "guardduty", KIM, 3, 13, readOnly=False,
              requestParameters={"detectorId": "d1", "findingIds": ["one"]}),
        event("PutObject", "s3", ROBOT, errorCode="AccessDenied",
              userIdentity={"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}),
    ]  # fmt: skip
    lake = lake_of(tmp_path, events)
    given = tables(guardduty_finding=[finding("one", 2)])
    here, there = reviewed(lake, given=given), reviewed(lake, spark, given)
    assert _comparable(there) == _comparable(here)


def _comparable(made: report.Review) -> str:
    def plain(value: Any) -> str:
        moment = value if not isinstance(value, datetime) else value.replace(tzinfo=UTC)
        return str(moment)

    parts = (made.sources, made.findings, made.changes, made.deliveries, made.owners)
    return json.dumps(parts, default=plain, sort_keys=True)
