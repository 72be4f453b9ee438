"""Findings into Security Hub: a hundred a call, by account and Region, refusals told by id."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from sharedline.errors import Error
from sharedline.inventory.lake import Lake
from sharedline.notices.securityhub import Accounts, Refused, findings, push
from sharedline.project import open_project
from sharedline.results import Results

ACCOUNT, REGION = "123456789012", "us-east-1"


@pytest.fixture
def results(folder: Path) -> Iterator[Results]:
    project = open_project(folder)
    lake = Lake(project.lake_url)
    found = Results(lake, lake.latest(), project)
    with closing(found.duck):
        yield found


def _many(count: int, account: str = ACCOUNT, region: str = REGION) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {"Id": f"{account}/{region}/{number}", "AwsAccountId": account, "Region": region}


class Hub:
    """Keeps what it is given; refuses what it is told to."""

    def __init__(self, refused: tuple[str, ...] = (), error: Exception | None = None) -> None:
        self.calls: list[list[str]] = []
        self.refused, self.error = refused, error

    def batch_import_findings(self, *, Findings: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.calls.append([f["Id"] for f in Findings])
        if self.error:
            raise self.error
        bad = [i for i in self.calls[-1] if i in self.refused]
        return {
            "SuccessCount": len(Findings) - len(bad), "FailedCount": len(bad),
            "FailedFindings": [
                {"Id": i, "ErrorCode": "InvalidInput", "ErrorMessage": "Bad\nthing"} for i in bad
            ],
        }  # fmt: skip


def test_what_fails_and_what_was_verified_is_told(results: Results) -> None:
    told = {f["Resources"][0]["Id"]: f for f in findings(results)}
    assert told["arn:aws:s3:::other"]["Compliance"]["Status"] == "FAILED"
    assert told["arn:aws:s3:::ledger"]["Workflow"]["Status"] == "RESOLVED"
    assert list(findings(results, "false")) == []


def test_one_region_for_all(results: Results) -> None:
    (one,) = findings(results, "status = 'unmet'", "eu-central-1")
    assert one["Region"] == "eu-central-1"
    assert one["ProductArn"] == (
        f"arn:aws:securityhub:eu-central-1:{ACCOUNT}:product/{ACCOUNT}/default"
    )
    assert one["Resources"][0]["Id"] == "arn:aws:s3:::other"


def test_a_hundred_a_call_by_place() -> None:
    hubs: dict[tuple[str, str], Hub] = {}
    steps: list[int] = []
    found = [*_many(250), *_many(5, "999999999999"), *_many(3, region="eu-west-1")]
    done = push(iter(found), lambda *place: hubs.setdefault(place, Hub()), steps.append)
    assert {place: [len(c) for c in hub.calls] for place, hub in hubs.items()} == {
        (ACCOUNT, REGION): [100, 100, 50], ("999999999999", REGION): [5],
        (ACCOUNT, "eu-west-1"): [3],
    }  # fmt: skip
    assert (done.taken, sum(steps), done.refused) == (258, 258, [])


def test_refusals_are_told_by_id_and_stop_no_other() -> None:
    hub = Hub(refused=(f"{ACCOUNT}/{REGION}/7",))
    denied = ClientError({"Error": {"Code": "InvalidAccessException", "Message": "Not\nsubscribed"}},
                         "BatchImportFindings")  # fmt: skip
    others = {"2": Hub(error=denied), "3": Hub(error=EndpointConnectionError(endpoint_url="x"))}

    def clients(account: str, region: str) -> Any:
        if account == "4":
            raise Error("No role.", "")
        return others.get(account, hub)

    found = [*_many(8), *_many(1, "2"), *_many(1, "3"), *_many(1, "4")]
    done = push(iter(found), clients)
    assert done.taken == 7
    assert [(r.id, r.code, r.message) for r in done.refused][:2] == [
        (f"{ACCOUNT}/{REGION}/7", "InvalidInput", "Bad thing"),
        ("2/us-east-1/0", "InvalidAccessException", "Not subscribed"),
    ]
    assert [r.code for r in done.refused[2:]] == ["EndpointConnectionError", "NoAccess"]


def test_what_is_sent_is_what_the_service_takes(results: Results) -> None:
    """botocore validates against the service's model; moto keeps them (AWS is up in `scanned`)."""
    found = list(findings(results))
    client = boto3.client("securityhub", region_name=REGION)
    with Stubber(client) as stub:
        answer = {"SuccessCount": 2, "FailedCount": 0}
        stub.add_response("batch_import_findings", answer, {"Findings": found})
        assert push(iter(found), lambda *_: client).taken == 2
    boto3.client("securityhub", region_name=REGION).enable_security_hub()
    assert push(iter(found), Accounts(results.project)).taken == 2
    kept = boto3.client("securityhub", region_name=REGION).get_findings()["Findings"]
    assert {f["Id"] for f in kept} == {f["Id"] for f in found}


def test_another_account_needs_a_role(results: Results) -> None:
    other = "999999999999"
    done = push(_many(1, other), Accounts(results.project))
    assert done.refused == [
        Refused(f"{other}/{REGION}/0", other, REGION, "NoAccess",
                f"The credentials are for account {ACCOUNT}, these findings for {other}.")
    ]  # fmt: skip
    with_role = replace(results.project, securityhub={"role": "Import", "external_id": "seven"})
    client = Accounts(with_role)(other, REGION)
    assert client.meta.region_name == REGION
