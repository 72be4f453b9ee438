"""Computed fixtures of organisation and accounts: units above accounts, roles by age, the trail."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from sharedline.demo.estate.answers import Book
from sharedline.demo.estate.place import ACCOUNTS, FRANKFURT, HOME, REGIONS, Place

#: Days since an account joined, and since its roles were made.
_JOINED = {"management": 720, "security": 700, "production": 700, "plumbob": 260}
#: Days since roles were last used, where it matters; None: never. All others are used daily.
_LAST_USED = {
    "old-agency": 610,
    "partner-feed": 214,
    "incident-responder": 190,
    "eks-node": 2,
    "support": None,
    "OrganizationAccountAccessRole": 33,
}
_WAYS = (("Role",), ("User",), ("Group",), ("LocalManagedPolicy",))


def fill(book: Book) -> None:
    """The files of the organisation and of each account."""
    _accounts(book)
    for account in ACCOUNTS:
        here = book.estate.at(account)
        for way in _WAYS:
            _details(book, here, list(way))
        if account != "management":
            _trails(book, here)
    _status(book)
    _access_points(book)
    _distributions(book)
    _domains(book)


def _accounts(book: Book) -> None:
    """The listing of moto with the units above each account, which it leaves out."""
    here = book.estate.at("management")
    organizations = here("organizations")
    organization = organizations.describe_organization()["Organization"]["Id"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    names = {number: name for name, number in book.estate.accounts.items()}
    found = organizations.list_accounts()["Accounts"]
    for account in found:
        parent = organizations.list_parents(ChildId=account["Id"])["Parents"][0]["Id"]
        units = [organization, root, *([parent] if parent != root else []), account["Id"]]
        account["Paths"] = ["/".join(units) + "/"]
        account["JoinedTimestamp"] = book.ago(_JOINED[names[account["Id"]]])
    book.add(here, "organizations.ListAccounts", {"Accounts": found})


def _details(book: Book, here: Place, way: list[str]) -> None:
    """The answer of moto with the ages that the roles and users would have."""
    found: dict[str, Any] = {"IsTruncated": False}
    pages = here("iam").get_paginator("get_account_authorization_details")
    for page in pages.paginate(Filter=way):
        for member in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"):
            found.setdefault(member, []).extend(_coded(page.get(member, [])))
    for role in found["RoleDetailList"]:
        role["CreateDate"] = book.ago(_JOINED[here.account])
        days = _LAST_USED.get(role["RoleName"], 0.3)
        # The scan's own role is used by the scan, as anywhere.
        role["RoleLastUsed"] = (
            {} if days is None else {"LastUsedDate": book.used(days), "Region": FRANKFURT}
        )
    book.add(here, "iam.GetAccountAuthorizationDetails", found, when={"Filter": way})


def _coded(value: Any) -> Any:
    """Policy documents as IAM sends them; boto3 has decoded them."""
    if isinstance(value, list):
        return [_coded(item) for item in value]
    if isinstance(value, dict):
        return {
            name: quote(json.dumps(item))
            if name in ("AssumeRolePolicyDocument", "PolicyDocument", "Document")
            else _coded(item)
            for name, item in value.items()
        }
    return value


def _trail(book: Book) -> dict[str, Any]:
    here = book.estate.at("management", FRANKFURT)
    trails = here("cloudtrail").describe_trails(includeShadowTrails=False)["trailList"]
    return dict(trails[0])


def _trails(book: Book, here: Place) -> None:
    """A member sees the organisation's trail beside its own; in moto it does not."""
    own = here("cloudtrail").describe_trails(includeShadowTrails=True)["trailList"]
    book.add(
        here,
        "cloudtrail.DescribeTrails",
        {"trailList": [*own, _trail(book)]},
        when={"includeShadowTrails": True},
    )


def _status(book: Book) -> None:
    """What the members may ask about the organisation's trail."""
    here = book.estate.at("management", FRANKFURT)
    arn = _trail(book)["TrailARN"]
    selectors = here("cloudtrail").get_event_selectors(TrailName=arn)["EventSelectors"]
    for account in ACCOUNTS:
        for region in (HOME, FRANKFURT):
            there = book.estate.at(account, region)
            book.add(
                there,
                "cloudtrail.GetTrailStatus",
                {
                    "IsLogging": True,
                    "LatestDeliveryTime": book.fresh(minutes=4),
                    "LatestCloudWatchLogsDeliveryTime": book.fresh(minutes=2),
                    "StartLoggingTime": book.ago(_JOINED["management"]),
                },
                when={"Name": arn},
            )
            book.add(
                there,
                "cloudtrail.GetEventSelectors",
                {"TrailARN": arn, "EventSelectors": selectors},
                when={"TrailName": arn},
            )


def _access_points(book: Book) -> None:
    """Access points belong to a Region; moto shows them in every one, as if of us-east-1."""
    for region in REGIONS:
        here = book.estate.at("production", region)
        found = here("s3control").list_access_points(AccountId=here.id)["AccessPointList"]
        for point in found:
            point["AccessPointArn"] = here.arn("s3", f"accesspoint/{point['Name']}")
        mine = found if region == FRANKFURT else []
        book.add(here, "s3control.ListAccessPoints", {"AccessPointList": mine})


def _distributions(book: Book) -> None:
    """How CloudFront signs its requests to a bucket, which moto forgets."""
    for account in ("production", "plumbob"):
        here = book.estate.at(account)
        found = here("cloudfront").list_distributions()["DistributionList"]
        for item in found["Items"]:
            item.setdefault("Staging", False)
            for origin in item["Origins"]["Items"]:
                origin["S3OriginConfig"] = {"OriginAccessIdentity": ""}
                if account == "production":
                    origin["OriginAccessControlId"] = "E1FRSHOPASSETS"
        book.add(here, "cloudfront.ListDistributions", {"DistributionList": found})


def _domains(book: Book) -> None:
    """The network that a search domain lies in, which moto forgets."""
    here = book.estate.at("production", FRANKFURT)
    answer = here("opensearch").describe_domains(DomainNames=["recipes"])
    for domain in answer["DomainStatusList"]:
        domain["VPCOptions"]["VPCId"] = here.get("vpc/shop")
        domain["Endpoints"] = {"vpc": f"vpc-recipes-example.{here.region}.es.amazonaws.com"}
        domain.pop("Endpoint", None)
    book.add(here, "opensearch.DescribeDomains", {"DomainStatusList": answer["DomainStatusList"]})
