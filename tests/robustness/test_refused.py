"""No permission: for one call, a service, an account; Regions that are off."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from sharedline import scan
from sharedline.inventory.lake import Lake

from .conftest import ACCOUNT, CHECKS, REGION, error


def test_one_call_is_refused(aws: Any, scanning: Any, cli: Any, tmp_path: Path) -> None:
    aws.refuse("s3.GetBucketPolicy")
    ended = scanning()
    assert ended.code == 3
    assert "INCOMPLETE" in ended.out
    assert "s3:GetBucketPolicy answered AccessDenied" in ended.out
    ended = cli("scans", "--failures", "--dir", tmp_path)
    assert ended.code == 3
    assert "s3:GetBucketPolicy" in ended.out
    gaps = json.loads(cli("gaps", "--dir", tmp_path, "--status", "unknown", "--format", "json").out)
    tls = {g["resource"]: g for g in gaps if g["check"] == "s3/bucket_requires_tls"}
    assert set(tls) == {"arn:aws:s3:::ledger", "arn:aws:s3:::leaky"}
    assert "s3:GetBucketPolicy answered AccessDenied" in tls["arn:aws:s3:::leaky"]["reason"]


def test_a_service_is_refused(
    aws: Any, verdicts: Callable[..., Any], whole: Any
) -> None:
    aws.always = lambda name: error(name, "AccessDenied") if name.startswith("sqs.") else None
    found = verdicts()
    queues = {k: ok for k, ok in found.items() if k[0].startswith("sqs/")}
    assert queues
    assert set(queues.values()) == {None}
    assert {k[1] for k in queues} == {f"arn:aws:sqs:{REGION}:{ACCOUNT}:*"}
    assert {k: v for k, v in found.items() if k not in queues} == {
        k: v for k, v in whole.items() if not k[0].startswith("sqs/")
    }
    assert {k[0] for k in queues} == {k[0] for k in whole if k[0].startswith("sqs/")}


def test_a_member_account_cannot_be_entered(aws: Any, tmp_path: Path, cli: Any) -> None:
    organizations = boto3.client("organizations", region_name=REGION)
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(AccountName="shut", Email="shut@example.org")
    member = made["CreateAccountStatus"]["AccountId"]
    aws.refuse("sts.AssumeRole")
    ended = cli("scan", "--org", "--dir", tmp_path, "--regions", REGION, "--checks",
                ",".join(CHECKS), "--processes", 0, "--rate", 50)
    assert ended.code == 3
    assert f"Account {member} cannot be read" in ended.err
    assert "sts:AssumeRole answered AccessDenied" in ended.out
    found = json.loads(cli("findings", "--dir", tmp_path, "--format", "json").out)
    inside = [f for f in found if f":{member}:" in f["resource"]]
    assert {f["check"].split("/")[0] for f in inside} == {"s3", "sqs", "sns"}
    assert {f["ok"] for f in inside} == {None}
    assert {f["check"] for f in inside} == {f["check"] for f in found}
    assert any(f["ok"] is True for f in found)


def _regions(off: str) -> list[dict[str, str]]:
    return [
        {"RegionName": name, "OptInStatus": "not-opted-in" if name == off else "opted-in"}
        for name in (REGION, "eu-west-1", "af-south-1")
    ]


def test_a_disabled_region_is_left_out_and_nothing_said_of_it(
    aws: Any, cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sharedline.collect.clients import Caller

    real = Caller.call

    def call(self: Any, account: str, region: str, service: str, operation: str, params: Any) -> Any:
        if operation == "DescribeRegions":
            return {"Regions": _regions("af-south-1")}
        assert region != "af-south-1"
        return real(self, account, region, service, operation, params)

    monkeypatch.setattr(Caller, "call", call)
    ended = cli("scan", "--dir", tmp_path, "--checks", "guardduty/on_*,sqs/*", "--regions",
                f"{REGION},af-south-1", "--processes", 0, "--rate", 50)
    assert ended.code == 1
    assert f"Disabled in account {ACCOUNT}, so not read: af-south-1." in ended.err
    found = json.loads(cli("findings", "--dir", tmp_path, "--format", "json").out)
    assert any(REGION in f["resource"] for f in found)
    assert [f for f in found if "af-south-1" in f["resource"]] == []


def test_a_region_that_is_off_without_our_knowing_is_unknown(
    aws: Any, verdicts: Callable[..., Any]
) -> None:
    aws.refuse("ec2.DescribeRegions")
    aws.always = lambda name: (
        error(name, "UnrecognizedClientException") if name.startswith(("sqs.", "sns.")) else None
    )
    found = verdicts()
    assert {ok for k, ok in found.items() if k[0].startswith(("sqs/", "sns/"))} == {None}
    assert any(ok is not None for k, ok in found.items() if k[0].startswith("s3/"))


def test_the_regions_cannot_be_listed(aws: Any, cli: Any, tmp_path: Path) -> None:
    aws.refuse("ec2.DescribeRegions", code="UnauthorizedOperation")
    ended = cli("scan", "--dir", tmp_path, "--processes", 0)
    assert ended.code == 2
    assert "ec2:DescribeRegions" in ended.err
    assert "--regions" in ended.err
    assert Lake(str(tmp_path / "lake")).unfinished() == []


@pytest.mark.parametrize("name", ["us_east_1", "nowhere", "us-east-1; rm", "\x1b[31mred"])
def test_a_misspelt_region(aws: Any, cli: Any, tmp_path: Path, name: str) -> None:
    ended = cli("scan", "--dir", tmp_path, "--regions", name, "--processes", 0)
    assert ended.code == 2
    assert "There is no Region" in ended.err
    assert "\x1b" not in ended.err


def test_the_organisation_cannot_be_listed(aws: Any, cli: Any, tmp_path: Path) -> None:
    aws.refuse("organizations.ListAccounts", code="AccessDeniedException")
    ended = cli("scan", "--org", "--dir", tmp_path, "--regions", REGION, "--processes", 0)
    assert ended.code == 2
    assert "organizations:ListAccounts" in ended.err
    assert "management account" in ended.err


def test_only_one_account_lacks_a_region(
    aws: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said of accounts and Regions is said of those that were read."""
    organizations = boto3.client("organizations", region_name=REGION)
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(AccountName="half", Email="half@example.org")
    member = made["CreateAccountStatus"]["AccountId"]
    from sharedline.collect.clients import Caller

    real = Caller.call

    def call(self: Any, account: str, region: str, service: str, operation: str, params: Any) -> Any:
        if operation == "DescribeRegions":
            return {"Regions": _regions("eu-west-1" if account == member else "af-south-1")}
        return real(self, account, region, service, operation, params)

    monkeypatch.setattr(Caller, "call", call)
    done = scan(boto3.Session(), regions=(REGION, "eu-west-1"), checks=("guardduty/*",),
                lake=tmp_path / "lake", processes=0, rate=50.0, org=True)
    places = {(f.account_id, f.region) for f in done.findings()}
    assert (ACCOUNT, "eu-west-1") in places
    assert (member, REGION) in places
    assert (member, "eu-west-1") not in places
