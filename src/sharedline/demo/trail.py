"""A sample of CloudTrail's events for the example estate: what some of its people and roles did.

Enough to fit policies to their use: a role for releases that uses a sliver of what it may do, a
function that is refused a secret it needs, a guardrail that held, and a key that tries its luck.
"""

from __future__ import annotations

import gzip
import json
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sharedline.demo.estate.place import FRANKFURT, HOME, Estate, Place

FOLDER = "trail-sample"
#: So many days before the last scan the sample begins.
DAYS = 45
_NOBODY = "203.0.113.24"
_READS = ("Get", "List", "Describe", "Batch")


@dataclass(frozen=True)
class Call:
    """One call, repeated: `hour` of the day, every `every` days from `since` days ago."""

    who: str
    source: str
    name: str
    every: int = 1
    hour: int = 9
    since: int = DAYS
    region: str = FRANKFURT
    code: str = ""
    message: str = ""
    asked: dict[str, Any] = field(default_factory=dict)
    resources: tuple[tuple[str, str], ...] = ()


def write(folder: Path, estate: Estate, today: datetime) -> None:
    """Write the sample as CloudTrail lays its files: by account, Region and day."""
    here = estate.at("production", FRANKFURT)
    files: dict[Path, list[dict[str, Any]]] = defaultdict(list)
    for at, event in events(here, today):
        region = event["awsRegion"]
        place = folder / "AWSLogs" / here.id / "CloudTrail" / region / f"{at:%Y/%m/%d}"
        name = f"{here.id}_CloudTrail_{region}_{at:%Y%m%d}T2355Z_demo.json.gz"
        files[place / name].append(event)
    for path, records in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        # No time in the header, so that the same history is the same file.
        path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode(), mtime=0))


def events(here: Place, today: datetime) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """The sample's events with their times."""
    for at, call in _history(here, today):
        yield at, _event(here, call, at)


def _history(here: Place, today: datetime) -> Iterator[tuple[datetime, Call]]:
    """Every call with its time, in the order in which they happened."""
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    for number, call in enumerate((*_releases(here), *_function(here), *_people(here))):
        for days in range(call.since, 0, -call.every):
            at = midnight - timedelta(days=days)
            found.append((at.replace(hour=call.hour, minute=number % 60, second=days % 60), call))
    yield from sorted(found, key=lambda one: one[0])


def _releases(here: Place) -> Iterator[Call]:
    """A release every other day: an image pushed, a task definition, a service moved to it."""
    ecr, ecs = "ecr", "ecs"
    image = here.arn("ecr", "repository/shop")
    pushed = {"repositoryName": "shop", "registryId": here.id}
    yield Call("role/release", ecr, "GetAuthorizationToken", every=2)
    for name in (
        "BatchCheckLayerAvailability",
        "InitiateLayerUpload",
        "UploadLayerPart",
        "CompleteLayerUpload",
        "PutImage",
    ):
        yield Call(
            "role/release",
            ecr,
            name,
            every=2,
            asked=pushed,
            resources=((image, "AWS::ECR::Repository"),),
        )
    service = {"cluster": "shop", "service": "shop"}
    yield Call("role/release", ecs, "RegisterTaskDefinition", every=2, asked={"family": "shop"})
    yield Call("role/release", ecs, "UpdateService", every=2, asked=service)
    yield Call(
        "role/release", ecs, "DescribeServices", asked={"cluster": "shop", "services": ["shop"]}
    )
    yield Call("role/release", ecs, "ListTasks", every=3, asked={"cluster": "shop"})


def _function(here: Place) -> Iterator[Call]:
    """The function that takes orders in; since a fortnight it should read the database's secret."""
    who, secret = "role/orders-function", here.get("secret/shop/orders-db")
    group = {"logGroupName": "/aws/lambda/orders-intake"}
    yield Call(who, "logs", "CreateLogStream", asked={**group, "logStreamName": "2026/[$LATEST]1"})
    yield Call(who, "ec2", "DescribeNetworkInterfaces", hour=6)
    yield Call(
        who,
        "secretsmanager",
        "GetSecretValue",
        hour=11,
        since=14,
        code="AccessDenied",
        message=_refused(here, who, "secretsmanager:GetSecretValue", secret)
        + " because no identity-based policy allows the secretsmanager:GetSecretValue action",
    )


def _people(here: Place) -> Iterator[Call]:
    """Somebody in a Region that is not in use, a responder held back, a key that tries doors."""
    nina, responder = "user/nina.okafor", "role/incident-responder"
    yield Call(nina, "ec2", "DescribeInstances", hour=8)
    yield Call(nina, "iam", "ListAccountAliases", every=7, hour=8, region=HOME)
    yield Call(
        nina,
        "ec2",
        "RunInstances",
        every=5,
        since=9,
        hour=15,
        region="ap-south-1",
        code="Client.UnauthorizedOperation",
        message="You are not authorized to perform this operation. "
        + _refused(here, nina, "ec2:RunInstances", f"arn:aws:ec2:ap-south-1:{here.id}:instance/*")
        + " with an explicit deny in a service control policy. "
        "Encoded authorization failure message: 4f2c81d0aa7b5e93",
    )
    yield Call(responder, "ec2", "DescribeInstances", every=2, hour=14)
    snapshot = here.arn("ec2", "snapshot/*").replace(f":{here.id}:", "::")
    yield Call(
        responder,
        "ec2",
        "CreateSnapshot",
        every=4,
        since=4,
        hour=14,
        code="Client.UnauthorizedOperation",
        message="You are not authorized to perform this operation. "
        + _refused(here, responder, "ec2:CreateSnapshot", snapshot)
        + " with an explicit deny in an identity-based policy. "
        "Encoded authorization failure message: 9be07731c2d4418a",
    )
    key = "user/reporting"
    yield Call(key, "s3", "GetBucketLocation", every=20, asked={"bucketName": "fennelrye-reports"})
    for name in ("ListBuckets", "GetBucketPolicy", "GetBucketAcl"):
        yield Call(key, "s3", name, every=2, hour=3, code="AccessDenied", message="Access Denied")


def _session(who: str) -> str:
    return {"role/release": "pipeline", "role/orders-function": "orders-intake"}.get(who, "tomas")


def _arn(here: Place, who: str) -> str:
    kind, _, name = who.partition("/")
    if kind == "user":
        return here.iam(who)
    return f"arn:aws:sts::{here.id}:assumed-role/{name}/{_session(who)}"


def _refused(here: Place, who: str, action: str, resource: str) -> str:
    """How AWS begins to say no."""
    arn = _arn(here, who)
    return f"User: {arn} is not authorized to perform: {action} on resource: {resource}"


def _identity(here: Place, who: str, at: datetime) -> dict[str, Any]:
    kind, _, name = who.partition("/")
    known = {"arn": _arn(here, who), "accountId": here.id}
    if kind == "user":
        return {"type": "IAMUser", **known, "userName": name}
    return {
        "type": "AssumedRole",
        **known,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "arn": here.iam(who),
                "accountId": here.id,
                "userName": name,
            },
            "attributes": {
                "creationDate": f"{at - timedelta(minutes=4):%Y-%m-%dT%H:%M:%SZ}",
                "mfaAuthenticated": "true" if name == "incident-responder" else "false",
            },
        },
    }


def _event(here: Place, call: Call, at: datetime) -> dict[str, Any]:
    time = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    found: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": _identity(here, call.who, at),
        "eventTime": time,
        "eventSource": f"{call.source}.amazonaws.com",
        "eventName": call.name,
        "awsRegion": call.region,
        "sourceIPAddress": _NOBODY,
        "userAgent": "aws-sdk",
        "requestParameters": call.asked or None,
        "responseElements": None,
        "eventID": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.who} {call.name} {time}")),
        "readOnly": call.name.startswith(_READS),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": here.id,
        "eventCategory": "Management",
    }
    if call.resources:
        found["resources"] = [
            {"accountId": here.id, "type": kind, "ARN": arn} for arn, kind in call.resources
        ]
    if call.code:
        found |= {"errorCode": call.code, "errorMessage": call.message}
    return found
