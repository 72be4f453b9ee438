"""Whose AWS is read: identity, the accounts of an organisation, the Regions that are on."""

from __future__ import annotations

from typing import Any

import pytest

from sharedline.collect import who
from sharedline.collect.clients import CallError, CredentialsError, Failure
from sharedline.errors import Error
from sharedline.scanning import Options

REGIONS = [{"RegionName": "us-east-1", "OptInStatus": "opt-in-not-required"},
           {"RegionName": "af-south-1", "OptInStatus": "not-opted-in"},
           {"RegionName": "eu-west-1", "OptInStatus": "opted-in"}]


class Caller:
    """Answers from `said`: by operation, or by (account, operation); a text is an error code."""

    said: dict[Any, Any] = {}  # noqa: RUF012

    def __init__(self, access: Any, *_: Any) -> None:
        self.access = access

    def call(self, account: str, region: str, service: str, operation: str, params: Any) -> Any:
        found = self.said.get((account, operation), self.said.get(operation))
        if isinstance(found, str):
            raise CallError(Failure(f"{service}:{operation}", found, ""))
        return found

    def pages(self, *asked: Any) -> Any:
        yield self.call(*asked)


@pytest.fixture(autouse=True)
def said(monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    answers: dict[Any, Any] = {
        "GetCallerIdentity": {"Account": "1", "Arn": "arn:aws-us-gov:iam::1:user/ann"},
        "DescribeRegions": {"Regions": REGIONS},
        "ListAccounts": {"Accounts": [
            {"Id": "3", "Status": "ACTIVE"}, {"Id": "1", "Status": "ACTIVE"},
            {"Id": "2", "State": "SUSPENDED"}, {"Id": "4", "State": "ACTIVE"}]},
    }
    monkeypatch.setattr(Caller, "said", answers)
    monkeypatch.setattr(who, "Caller", Caller)
    return answers


def reach(**options: Any) -> Any:
    return who.reach(Options(**options), object())


def test_one_account_and_every_region_that_is_on() -> None:
    found = reach()
    assert found.accounts == ("1",)
    assert found.regions == ("eu-west-1", "us-east-1")
    assert found.skipped == {"af-south-1": "disabled in account 1"}
    assert found.access.partition == "aws-us-gov"
    assert [(s.account_id, s.region, s.partition) for s in who.shards_of(found)] == [
        ("1", "global", "aws-us-gov"), ("1", "eu-west-1", "aws-us-gov"),
        ("1", "us-east-1", "aws-us-gov")]


def test_the_regions_asked_for() -> None:
    assert reach(regions=("eu-west-1",)).regions == ("eu-west-1",)
    assert reach(regions=("eu-west-1", "af-south-1")).on == {"1": frozenset({"eu-west-1"})}
    with pytest.raises(Error, match="There is no Region eu-west-9"):
        reach(regions=("eu-west-9",))


def test_an_organisation(said: dict[Any, Any]) -> None:
    said[("4", "GetCallerIdentity")] = "AccessDenied"
    found = reach(org=True, org_role="Reader")
    assert found.accounts == ("1", "3", "4")
    assert set(found.unreachable) == {"4"}
    assert found.unreachable["4"].call == "sts:AssumeRole"
    assert {s.account_id for s in who.shards_of(found)} == {"1", "3"}
    assert any("accounts 2" in line for line in found.said)
    assert any("Account 4 cannot be read" in line for line in found.said)
    assert found.access.role_name == "Reader"


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [("ExpiredToken", CredentialsError, "did not accept the credentials"),
     ("NoCredentials", CredentialsError, "did not accept the credentials"),
     ("EndpointConnectionError", Error, "AWS cannot be reached")],
)
def test_nobody_can_be_identified(said: dict[Any, Any], code: str, kind: Any, words: str) -> None:
    said["GetCallerIdentity"] = code
    with pytest.raises(kind, match=words):
        reach()


def test_the_regions_may_not_be_listed(said: dict[Any, Any]) -> None:
    said["DescribeRegions"] = "UnauthorizedOperation"
    with pytest.raises(Error, match="ec2:DescribeRegions UnauthorizedOperation"):
        reach()
    assert reach(regions=("eu-west-1", "af-south-1")).regions == ("af-south-1", "eu-west-1")


def test_the_organisation_may_not_be_listed(said: dict[Any, Any]) -> None:
    said["ListAccounts"] = "AccessDeniedException"
    with pytest.raises(Error, match="organisation's accounts cannot be listed"):
        reach(org=True)
