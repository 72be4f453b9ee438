"""Events for tests, as CloudTrail writes them, in few words."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from sharedline.incident.inputs_events import read_events

START = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
ACCOUNT, OTHER = "111122223333", "444455556666"
ATTACKER, OFFICE, CLOUD = "198.51.100.77", "203.0.113.10", "3.91.5.6"


def at(minutes: float) -> datetime:
    """So many minutes after the start."""
    return START + timedelta(minutes=minutes)


def text(moment: datetime) -> str:
    """As CloudTrail writes a time."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def user(name: str, key: str, account: str = ACCOUNT) -> dict[str, Any]:
    """An IAM user with a key."""
    return {
        "type": "IAMUser",
        "userName": name,
        "accountId": account,
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accessKeyId": key,
    }


def role(
    name: str, session: str, key: str, account: str = ACCOUNT, begun: float = 0, **more: Any
) -> dict[str, Any]:
    """A temporary session of a role; `delivery` where the machine has it from its metadata."""
    context: dict[str, Any] = {
        "attributes": {"creationDate": text(at(begun)), "mfaAuthenticated": "false"},
        "sessionIssuer": {
            "type": "Role",
            "arn": f"arn:aws:iam::{account}:role/{name}",
            "userName": name,
        },
    }
    if more.get("delivery"):
        context["ec2RoleDelivery"] = more["delivery"]
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": context,
    }


def service(name: str) -> dict[str, Any]:
    """A service that acts for itself."""
    return {"type": "AWSService", "invokedBy": f"{name}.amazonaws.com"}


def event(
    minutes: float,
    name: str,
    who: dict[str, Any],
    address: str = ATTACKER,
    request: dict[str, Any] | None = None,
    response: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An event; `name` is `s3:GetObject`. Its id follows from what it says."""
    source, _, short = name.partition(":")
    made = {
        "eventVersion": "1.11",
        "eventTime": text(at(minutes)),
        "eventSource": f"{source}.amazonaws.com",
        "eventName": short,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": address,
        "userAgent": "aws-cli/2.31",
        "userIdentity": who,
        "requestParameters": request,
        "responseElements": response,
        "recipientAccountId": ACCOUNT,
        "eventType": "AwsApiCall",
        **more,
    }
    seed = json.dumps(made, sort_keys=True)
    return {"eventID": str(uuid.uuid5(uuid.NAMESPACE_OID, seed)), **made}


def assumed(
    minutes: float,
    who: dict[str, Any],
    target: str,
    key: str,
    *,
    name: str = "work",
    account: str = ACCOUNT,
    **more: Any,
) -> dict[str, Any]:
    """AssumeRole with the credentials that it gave."""
    return event(
        minutes,
        "sts:AssumeRole",
        who,
        request={"roleArn": f"arn:aws:iam::{account}:role/{target}", "roleSessionName": name},
        response={"credentials": {"accessKeyId": key, "expiration": "later"}},
        **more,
    )


def table(events: Iterable[dict[str, Any]]) -> pa.Table:
    """The table `cloudtrail` of events."""
    return read_events(json.dumps({"Records": list(events)}).encode(), "made")
