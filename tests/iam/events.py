"""Events of CloudTrail for tests, as its records are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.iam.estates import HOME

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
REGION = "eu-central-1"
_numbers = count()

Event = dict[str, Any]


def role_identity(name: str, *, path: str = "/", account: str = HOME, mfa: str = "false") -> Event:
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/session",
        "accountId": account,
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{account}:role{path}{name}"},
            "attributes": {"mfaAuthenticated": mfa},
        },
    }


def user_identity(name: str, *, account: str = HOME) -> Event:
    return {"type": "IAMUser", "arn": f"arn:aws:iam::{account}:user/{name}", "accountId": account}


def event(identity: Event, call: str, *, days: float = 1, **more: Any) -> Event:
    """`call` is `ecs.UpdateService`; further members by CloudTrail's names."""
    source, _, name = call.partition(".")
    return {
        "eventID": f"event-{next(_numbers)}",
        "eventTime": (NOW - timedelta(days=days)).isoformat(),
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "recipientAccountId": identity.get("accountId", HOME),
        "readOnly": name.startswith(("Get", "List", "Describe", "Batch")),
        "eventCategory": "Management",
        "eventType": "AwsApiCall",
        "requestParameters": None,
        "userIdentity": identity,
        **more,
    }


def background(account: str = HOME, days: int = 60) -> Iterator[Event]:
    """A trail with reads, writes and uses of keys, by somebody else, over so many days."""
    other = user_identity("somebody", account=account)
    for call in ("ec2.DescribeInstances", "ec2.StopInstances", "kms.Decrypt"):
        yield event(other, call, days=days)
        yield event(other, call, days=0)
    yield event(other, "iam.ListUsers", awsRegion="us-east-1")


def refused(identity: Event, call: str, message: str = "", **more: Any) -> Event:
    code = more.pop("code", "AccessDenied")
    return event(identity, call, errorCode=code, errorMessage=message, **more)


def said(identity: Event, action: str, resource: str, because: str) -> str:
    """How AWS words a refusal."""
    return (
        f"User: {identity['arn']} is not authorized to perform: {action} on resource: {resource}"
        f" {because}"
    )
