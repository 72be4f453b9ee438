"""What a trail records, from its selectors, basic and advanced."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sharedline.derive.trails import eligible, recorded, run

ALL_MANAGEMENT = {
    "Name": "m",
    "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
}


def _data(**more: Any) -> dict[str, Any]:
    fields = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
    ]
    return {"Name": "d", "FieldSelectors": fields + [{"Field": k, **v} for k, v in more.items()]}


@pytest.mark.parametrize(
    ("note", "basic", "advanced", "management", "s3"),
    [
        ("never configured", [], [], {"read", "write"}, set()),
        (
            "reads and writes by two selectors",
            [
                {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True},
                {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True},
            ],
            [],
            {"read", "write"},
            set(),
        ),
        ("writes only", [{"ReadWriteType": "WriteOnly"}], [], {"write"}, set()),
        (
            "KMS events left out",
            [
                {
                    "ReadWriteType": "All",
                    "IncludeManagementEvents": True,
                    "ExcludeManagementEventSources": ["kms.amazonaws.com"],
                }
            ],
            [],
            set(),
            set(),
        ),
        (
            "every bucket",
            [
                {
                    "ReadWriteType": "WriteOnly",
                    "IncludeManagementEvents": False,
                    "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::"]}],
                }
            ],
            [],
            set(),
            {"write"},
        ),
        (
            "one bucket is not every bucket",
            [
                {
                    "ReadWriteType": "All",
                    "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::one/"]}],
                }
            ],
            [],
            {"read", "write"},
            set(),
        ),
        ("advanced", [], [ALL_MANAGEMENT, _data()], {"read", "write"}, {"read", "write"}),
        ("advanced, reads", [], [_data(readOnly={"Equals": ["true"]})], set(), {"read"}),
        (
            "advanced, all buckets by prefix",
            [],
            [_data(**{"resources.ARN": {"StartsWith": ["arn:aws:s3"]}})],
            set(),
            {"read", "write"},
        ),
        (
            "advanced, narrowed to names",
            [],
            [_data(eventName={"Equals": ["DeleteObject"]})],
            set(),
            set(),
        ),
        (
            "advanced, a source left out",
            [],
            [
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Management"]},
                        {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
                    ]
                }
            ],
            set(),
            set(),
        ),
    ],
)
def test_recorded(
    note: str, basic: list[Any], advanced: list[Any], management: set[str], s3: set[str]
) -> None:
    found = recorded(json.dumps(basic), json.dumps(advanced))
    assert found == {"management": management, "s3": s3}, note


def test_unreadable_selectors_are_unknown() -> None:
    assert recorded(None, "[]") is None


def _trail(account: str, **more: Any) -> dict[str, Any]:
    return {
        "arn": "arn:aws:cloudtrail:us-east-1:111111111111:trail/org",
        "account_id": account,
        "region": "us-east-1",
        "name": "org",
        "home_region": "us-east-1",
        "s3_bucket_name": "audit",
        "is_multi_region_trail": True,
        "is_organization_trail": True,
        "cloud_watch_logs_log_group_arn": "arn:aws:logs:us-east-1:111111111111:log-group:t:*",
        "is_logging": True,
        "event_selectors": "[]",
        "advanced_event_selectors": "[]",
        **more,
    }


def test_a_member_account_learns_of_an_organizations_trail_from_its_owner() -> None:
    denied = {"is_logging": None, "event_selectors": None, "advanced_event_selectors": None}
    rows = {
        "cloudtrail_trail": [_trail("111111111111")],
        "cloudtrail_shadow_trail": [
            _trail("222222222222", elsewhere=True, **denied),
            _trail("111111111111", elsewhere=False),  # seen again: the same trail
        ],
    }
    found = list(run(rows))
    assert [r["account_id"] for r in found] == ["111111111111", "222222222222"]
    assert found[1]["management_events"] is True
    assert found[1]["is_logging"] is True
    assert found[1]["log_group_arn"] == "arn:aws:logs:us-east-1:111111111111:log-group:t"


def test_a_trail_whose_home_was_not_scanned_is_unknown_not_absent() -> None:
    rows = {"cloudtrail_trail": [], "cloudtrail_shadow_trail": [_trail("1", elsewhere=False)]}
    (found,) = run(rows)
    assert found["is_multi_region"] is True
    assert found["management_events"] is None


def test_eligible_keeps_the_unknown_and_drops_the_rest() -> None:
    rows = {
        "cloudtrail_trail": [
            _trail("1", arn="a"),
            _trail("1", arn="b", is_logging=None),
            _trail("1", arn="c", is_multi_region_trail=False),
            _trail("1", arn="d", cloud_watch_logs_log_group_arn=""),
        ]
    }
    assert [(t["arn"], sure) for t, sure in eligible(run(rows))] == [("a", True), ("b", None)]
