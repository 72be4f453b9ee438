"""What was used, from the trail: by hand-computed counts, alike on DuckDB and Spark."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.iam.estates import HOME
from tests.iam.events import NOW, REGION, Event, event, role_identity, user_identity

from sharedline.assess import Assessment, Draft
from sharedline.cli.main import main
from sharedline.iam.fit.fate import Evidence
from sharedline.iam.fit.trail_events import Reading, read_lake
from sharedline.iam.fit.usage import MANY, gather, key_of
from sharedline.inventory.engines import Duck, Engine
from sharedline.inventory.lake import Lake
from sharedline.inventory.spark import Spark
from sharedline.project import open_project
from sharedline.results import Results
from sharedline.scanning import commit
from sharedline.trail import usage
from sharedline.trail.ingest import ingest

APP = role_identity("app", path="/team/")
ANNA = user_identity("anna")
APP_ARN, ANNA_ARN = f"arn:aws:iam::{HOME}:role/team/app", f"arn:aws:iam::{HOME}:user/anna"
SERVICE = {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}
PASS = f"User: {APP_ARN} is not authorized to perform: iam:PassRole on resource: arn:x"


def denied(identity: Event, call: str, message: str = "", **more: Any) -> Event:
    return event(identity, call, errorCode="AccessDenied", errorMessage=message or None, **more)


def events() -> list[Event]:
    bucket = {"bucketName": "b", "key": "k"}
    listed = [{"ARN": "arn:aws:s3:::b/listed"}, {"ARN": "arn:aws:s3:::b"}]
    return [
        event(APP, "s3.GetObject", days=5, requestParameters=bucket),
        event(APP, "s3.GetObject", days=2, requestParameters=bucket),
        denied(APP, "s3.GetObject", days=1, requestParameters=bucket),
        event(APP, "s3.GetObject", days=3, resources=listed, requestParameters=bucket),
        event(APP, "s3.GetObject", days=3, requestParameters={**bucket, "versionId": "v1"}),
        # The call itself was allowed: it is another action that was refused within it.
        denied(APP, "ecs.RegisterTaskDefinition", PASS, days=4),
        event(
            ANNA, "sns.Subscribe", requestParameters={"topicArn": f"arn:aws:sns:{REGION}:{HOME}:t"}
        ),
        event(ANNA, "iam.ListUsers", sessionCredentialFromConsole="true", awsRegion="us-east-1"),
        event(ANNA, "iam.ListUsers", awsRegion="us-east-1", days=7),
        event(SERVICE, "ec2.TerminateInstances", recipientAccountId=HOME),
        event(ANNA, "ec2.StopInstances", days=9, requestParameters={"instanceId": "i-1"}),
        event(ANNA, "ec2.StopInstances", days=8, errorCode="Client.IncorrectState"),
        event(ANNA, "signin.ConsoleLogin", eventType="AwsConsoleSignIn"),
    ]


def lake_of(folder: Path, found: list[Event]) -> Lake:
    ids = [{**one, "eventID": f"e{n}"} for n, one in enumerate(found)]
    (folder / "a.json").write_text(json.dumps({"Records": ids}))
    lake = Lake(str(folder / "lake"))
    assert ingest(lake, [str(folder / "a.json")], processes=0).events == len(found)
    return lake


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def uses(engine: Engine) -> dict[tuple[str, str, str], dict[str, Any]]:
    rows = engine.query("select * from iam_usage").to_pylist()
    found = {(r["principal_arn"], r["action"], r["resource"]): r for r in rows}
    assert len(found) == len(rows)
    return found


def said(engine: Engine) -> None:
    found = uses(engine)
    counts = {
        (who.rpartition("/")[2], action, resource): (one["used_count"], one["denied_count"])
        for (who, action, resource), one in found.items()
    }
    assert counts == {
        ("app", "s3:GetObject", "arn:aws:s3:::b/k"): (2, 1),
        ("app", "s3:GetObject", "arn:aws:s3:::b/listed"): (1, 0),
        ("app", "s3:GetObjectVersion", "arn:aws:s3:::b/k"): (1, 0),
        ("app", "ecs:RegisterTaskDefinition", "*"): (1, 0),
        ("app", "iam:PassRole", "*"): (0, 1),
        ("anna", "sns:Subscribe", f"arn:aws:sns:{REGION}:{HOME}:t"): (1, 0),
        ("anna", "iam:ListUsers", "*"): (2, 0),
        ("anna", "ec2:StopInstances", f"arn:aws:ec2:{REGION}:{HOME}:instance/i-1"): (1, 0),
        ("anna", "ec2:StopInstances", "*"): (1, 0),
    }
    read = found[APP_ARN, "s3:GetObject", "arn:aws:s3:::b/k"]
    assert (read["first_used"], read["last_used"]) == (ago(5), ago(2))
    assert (read["last_denied"], read["how"], read["region"]) == (ago(1), "api", REGION)
    assert (read["trail_from"], read["trail_to"]) == (ago(9), ago(1))
    refused = found[APP_ARN, "iam:PassRole", "*"]
    assert (refused["last_used"], refused["last_denied"]) == (None, ago(4))
    assert found[ANNA_ARN, "iam:ListUsers", "*"]["how"] == "both"
    services = engine.query(
        "select service, principal_kind as kind, region, used_count as n, change_count as c, "
        "denied_count as d, last_used from service_usage"
    ).to_pylist()
    assert [tuple(row.values()) for row in services] == [
        ("ec2", "service", REGION, 1, 1, 0, ago(1)),
        ("ec2", "user", REGION, 2, 1, 0, ago(8)),
        ("ecs", "role", REGION, 0, 0, 1, None),
        ("s3", "role", REGION, 4, 0, 1, ago(2)),
        ("sns", "user", REGION, 1, 1, 0, ago(1)),
        ("iam", "user", "us-east-1", 2, 0, 0, ago(1)),
    ]


def test_on_duckdb(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, events())
    duck = Duck(lake)
    duck.lock()
    usage.register(duck, lake)
    said(duck)


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_on_spark(spark: Spark, tmp_path: Path) -> None:
    lake = lake_of(tmp_path, events())
    engine = Spark("local[1]", lake)
    try:
        usage.register(engine, lake)
        said(engine)
    finally:
        engine.close()


def test_only_the_commonest_resources_are_kept(tmp_path: Path) -> None:
    keys = [f"k{n:04d}" for n in range(MANY + 5)]
    calls = [
        event(APP, "s3.GetObject", requestParameters={"bucketName": "b", "key": key})
        for key in [*keys, *keys[-1:]]
    ]
    lake = lake_of(tmp_path, calls)
    duck = Duck(lake)
    usage.register(duck, lake)
    found = {resource: row["used_count"] for (_, _, resource), row in uses(duck).items()}
    assert found["arn:aws:s3:::b/k0504"] == 2
    assert found["*"] == 5
    assert len(found) == MANY + 1


def test_the_events_of_one_principal_say_what_all_do(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, events())
    for arn in (APP_ARN, ANNA_ARN):
        only = key_of(arn)
        whole = gather(read_lake(lake, Reading()), only=only)
        part = gather(usage.events_of(lake, arn), only=only)
        assert part.principals == whole.principals
        assert part.principals.keys() == {only}
        for name in ("regions", "sources", "reads", "writes", "data"):
            assert getattr(part, name) == getattr(whole, name)
        assert part.accounts.keys() == whole.accounts.keys()
        assert part.span.days == whole.span.days == 8.0


def test_no_trail_no_events(tmp_path: Path) -> None:
    assert list(usage.events_of(Lake(str(tmp_path)), APP_ARN)) == []


@pytest.mark.parametrize(
    ("reach", "days", "enough"), [(3, 90, False), (3, 4, True), (28, 90, False), (29, 90, True)]
)
def test_a_short_trail_proves_no_disuse(
    tmp_path: Path, reach: float, days: int, *, enough: bool
) -> None:
    lake = lake_of(tmp_path, [event(ANNA, "ec2.StopInstances", days=n) for n in (reach, 0)])
    seen = gather(usage.events_of(lake, APP_ARN), only=key_of(APP_ARN))
    assert Evidence(APP_ARN, NOW, days, seen).far_enough is enough


def test_the_command_line_knows_the_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake_of(tmp_path, events())
    sql = "select service, used_count as n from iam_usage where action = 's3:GetObjectVersion'"
    with pytest.raises(SystemExit) as ended:
        main(["query", sql, "--dir", str(tmp_path), "--format", "json"])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out) == [{"service": "s3", "n": 1}]


def test_times_are_utc(tmp_path: Path) -> None:
    duck = Duck(lake := lake_of(tmp_path, events()[:1]))
    usage.register(duck, lake)
    [row] = duck.query("select last_used from iam_usage").to_pylist()
    assert row["last_used"].astimezone(UTC) == ago(5)


def scanned(folder: Path) -> list[dict[str, Any]]:
    """The matrix of a scan of one account that holds nothing but what the trail shows."""
    project = open_project(folder)
    lake = Lake(project.lake_url)
    draft = Draft("20261121T120000Z-abcd", NOW, "aws", [HOME], [REGION])
    work = Assessment(project, lake, draft)
    try:
        work.run({}, [])
    finally:
        work.close()
    at = {"started": NOW.isoformat(), "ended": NOW.isoformat()}
    return Results(lake, commit(lake, draft, at), project).cells()


def test_the_matrix_has_the_services_that_somebody_changed(tmp_path: Path) -> None:
    elsewhere = user_identity("other", account="999999999999")
    later = event(ANNA, "sqs.CreateQueue", days=-1)
    lake_of(tmp_path, [*events(), event(elsewhere, "kinesis.CreateStream"), later])
    cells = scanned(tmp_path)
    # Not iam and s3, which were only read here; not kinesis, which is of another account, nor sqs,
    # which was used after the scan.
    assert {cell["service"] for cell in cells} == {"ec2", "sns"}
    assert {cell["sides"]["aws"] + cell["sides"]["customer"] for cell in cells} <= {0, 1}
    found = [dict(sorted(c.items())) for c in cells if c["duty"] == "data.encryption-at-rest"]
    assert [(c["service"], c["resources"]) for c in found if c["service"] == "sns"] == [("sns", 1)]


def test_without_a_trail_the_matrix_is_as_it_was(tmp_path: Path) -> None:
    assert scanned(tmp_path) == []
