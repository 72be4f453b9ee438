"""When principals last acted and what they never used, and that NULL stands for not known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sharedline.derive.principal_usage import PRINCIPAL_USAGE

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ACCOUNT = "111122223333"
ROLE, USER = f"arn:aws:iam::{ACCOUNT}:role/r", f"arn:aws:iam::{ACCOUNT}:user/u"
Tables = dict[str, list[dict[str, Any]]]


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def key(arn: str) -> dict[str, Any]:
    return {"arn": arn, "account_id": ACCOUNT, "region": "global"}


def role(last: float | None = None, created: float = 400) -> dict[str, Any]:
    used = None if last is None else ago(last)
    return {**key(ROLE), "create_date": ago(created), "last_used_date": used}


def user(created: float = 400) -> dict[str, Any]:
    return {**key(USER), "create_date": ago(created)}


def report(**used: datetime) -> dict[str, Any]:
    names = ("password_last_used", "access_key_1_last_used", "access_key_2_last_used")
    return {**key(USER), "generated_time": NOW, **dict.fromkeys(names), **used}


def accessed(
    service: str, last: float | None = None, arn: str = ROLE, status: str = "COMPLETED", **more: Any
) -> dict[str, Any]:
    return {
        **key(arn),
        "role_arn" if arn == ROLE else "user_arn": arn,
        "job_status": status,
        "job_completion_date": NOW,
        "service_namespace": service,
        "last_authenticated": None if last is None else ago(last),
        "tracked_actions": json.dumps(more.get("actions", [])),
    }


def only(tables: Tables) -> dict[str, Any]:
    (row,) = PRINCIPAL_USAGE.run(tables)
    assert set(row) == set(PRINCIPAL_USAGE.columns)
    return row


def test_a_role_with_its_services() -> None:
    actions = [
        {"ActionName": "s3:CreateBucket"},
        {"ActionName": "s3:GetBucketAcl", "LastAccessedTime": ago(1).isoformat()},
        {"ActionName": "iam:PassRole"},
    ]
    row = only(
        {
            "iam_role": [role(200)],
            "iam_service_last_accessed": [
                accessed("s3", 3, actions=actions),
                accessed("ec2", 91),
                accessed("iam"),
            ],
        }
    )
    assert row["unused"] is False
    assert row["last_used_at"] == ago(3)
    assert row["unused_services"] == ["ec2", "iam"]
    assert row["unused_actions"] == ["s3:createbucket"]
    assert (row["source"], row["granted_services"], row["observable"]) == ("last-accessed", 3, True)


def test_a_report_that_was_not_ready_says_nothing() -> None:
    row = only(
        {
            "iam_role": [role(1)],
            "iam_service_last_accessed": [accessed("", status="IN_PROGRESS")],
        }
    )
    assert (row["unused_services"], row["unused_actions"]) == (None, None)
    assert (row["source"], row["observable"]) == (None, False)
    assert row["unused"] is False


def test_without_any_report_nothing_is_unused() -> None:
    row = only({"iam_role": [role()]})
    assert (row["unused"], row["unused_services"], row["observable"]) == (None, None, False)


def test_an_old_role_that_nobody_used_and_a_new_one() -> None:
    services = {"iam_service_last_accessed": [accessed("s3")]}
    assert only({"iam_role": [role()], **services})["unused"] is True
    assert only({"iam_role": [role(created=10)], **services})["unused"] is False


def test_a_user_is_known_by_the_credential_report() -> None:
    old = report(password_last_used=ago(300), access_key_1_last_used=ago(120))
    row = only({"iam_user": [user()], "iam_credential_report": [old]})
    assert (row["unused"], row["last_used_at"]) == (True, ago(120))
    new = only({"iam_user": [user()], "iam_credential_report": [report(password_last_used=ago(2))]})
    assert new["unused"] is False


def test_a_user_without_a_line_in_the_report_is_not_known() -> None:
    row = only({"iam_user": [user()], "iam_service_last_accessed": [accessed("s3")]})
    assert row["unused"] is None


def test_a_user_s_services() -> None:
    row = only(
        {"iam_user": [user()], "iam_user_service_last_accessed": [accessed("s3", 1, arn=USER)]}
    )
    assert (row["unused"], row["unused_services"]) == (False, [])


def test_text_for_a_time_is_read_and_nonsense_is_not_known() -> None:
    strange = {**role(), "last_used_date": "2026-11-19T00:00:00Z"}
    services = [accessed("s3")]
    row = only({"iam_role": [strange], "iam_service_last_accessed": services})
    assert row["unused"] is False
    nonsense = {**role(), "last_used_date": "yesterday", "create_date": None}
    row = only({"iam_role": [nonsense], "iam_service_last_accessed": services})
    assert row["unused"] is None


def test_the_trail_makes_uses_later_and_never_earlier() -> None:
    def seen(action: str, days: float) -> dict[str, Any]:
        return {**key(ROLE), "principal_arn": ROLE, "action": action, "last_used": ago(days)}

    tables = {
        "iam_role": [role(last=200)],
        "iam_service_last_accessed": [
            accessed("s3", 200), accessed("ec2", 3), accessed("sqs"), accessed("sns", 100)
        ],
    }
    before = only(tables)
    assert (before["last_used_at"], before["unused"]) == (ago(3), False)
    assert before["unused_services"] == ["s3", "sns", "sqs"]
    trail = [seen("s3:GetObject", 2), seen("s3:PutObject", 50), seen("sns:Publish", 150)]
    after = only({**tables, "iam_usage": [*trail, seen("kms:Decrypt", 1)]})
    assert after["last_used_at"] == ago(1)
    assert after["unused_services"] == ["sns", "sqs"]
    assert after["granted_services"] == 4
    assert after["source"] == "last-accessed and trail"


def test_silence_in_the_trail_says_nothing() -> None:
    refused = {**key(ROLE), "principal_arn": ROLE, "action": "s3:GetObject", "last_used": None}
    row = only({"iam_role": [role()], "iam_usage": [refused]})
    assert row["source"] is None
    assert row == only({"iam_role": [role()]})
