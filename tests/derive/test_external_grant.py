"""Who outside is let in: strangers, the family, and those of whom it cannot be told."""

from __future__ import annotations

from typing import Any

import pytest

from sharedline.derive.external_grant import EXTERNAL_GRANT

OWN = "111111111111"
ORGANIZATION = {"id": "o-own", "master_account_id": "222222222222"}
Tables = dict[str, list[dict[str, Any]]]


def rows(tables: Tables) -> dict[str | None, bool | None]:
    return {row["grantee"]: row["outside"] for row in EXTERNAL_GRANT.run(tables)}


def policy(*principals: str, cross: bool | None = True) -> Tables:
    return {
        "account": [{"account_id": OWN}],
        "resource_policy": [
            {
                "arn": "arn:aws:s3:::b",
                "account_id": OWN,
                "region": "us-east-1",
                "table_name": "s3_bucket",
                "is_cross_account": cross,
                "external_principals": None if cross is None else list(principals),
            }
        ],
    }


def test_without_an_organization_every_other_account_is_a_stranger() -> None:
    assert rows(policy(OWN, "222222222222", "*")) == {"222222222222": True, "*": True}


def test_accounts_of_the_organization_are_none() -> None:
    tables = policy("222222222222", "333333333333", "444444444444", "o-own", "o-other/r-1/ou-2")
    tables["organizations_organization"] = [ORGANIZATION]
    tables["organizations_account"] = [{"id": OWN}, {"id": "333333333333"}]
    assert rows(tables) == {
        "222222222222": False,
        "333333333333": False,
        "444444444444": True,
        "o-own": False,
        "o-other/r-1/ou-2": True,
    }


def test_where_the_accounts_cannot_be_listed_a_stranger_cannot_be_told() -> None:
    tables = policy("222222222222", "444444444444", "*")
    tables["organizations_organization"] = [ORGANIZATION]
    assert rows(tables) == {"222222222222": False, "444444444444": None, "*": True}


def test_an_unreadable_policy_is_unknown() -> None:
    assert rows(policy(cross=None)) == {None: None}
    assert rows(policy(cross=False)) == {}


@pytest.mark.parametrize(
    ("accounts", "organizations", "expected"),
    [
        ([OWN, "444444444444"], [], {"444444444444": True}),
        ([], ["arn:aws:organizations::222222222222:organization/o-own"],
         {"arn:aws:organizations::222222222222:organization/o-own": False}),
        ([], ["arn:aws:organizations::9:ou/o-x/ou-1"], {"arn:aws:organizations::9:ou/o-x/ou-1": True}),
        (None, [], {None: None}),
        (["444444444444"], None, {"444444444444": True, None: None}),
        ([], [], {}),
    ],
)  # fmt: skip
def test_shares(accounts: Any, organizations: Any, expected: dict[str | None, bool | None]) -> None:
    image = {
        "arn": "arn:aws:ec2:us-east-1::image/ami-1",
        "account_id": OWN,
        "region": "us-east-1",
        "launchable_by_accounts": accounts,
        "launchable_by_organizations": organizations,
    }
    tables = {
        "ec2_image": [image],
        "organizations_organization": [ORGANIZATION],
        "organizations_account": [{"id": OWN}],
    }
    assert rows(tables) == expected
