"""Records events as CloudTrail writes them, and who may stand in one."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sharedline.demo.estate.place import HOME, Estate, Place
from sharedline.demo.estate.theft import made_up

#: The trail holds so many days: a month, so that a month without a look is nobody's look.
DAYS = 31
#: CloudTrail delivers some minutes late: what is younger is in no file yet.
LATE = timedelta(minutes=20)
_READS = ("Get", "List", "Describe", "Head", "BatchGet", "BatchCheck", "Lookup", "Search")
#: Services of one endpoint for all Regions; their events are recorded there.
_GLOBAL = {"iam", "organizations", "cloudfront", "signin", "route53"}
#: Calls on objects are data events; the rest of S3 is management.
_DATA = {"GetObject", "PutObject", "HeadObject", "DeleteObject", "ListObjects", "HeadBucket"}


@dataclass(frozen=True)
class Actor:
    """Somebody or something that calls: the identity, where from, and with what."""

    identity: dict[str, Any]
    address: str
    agent: str
    #: Members beside the identity: `vpcEndpointId`, `sessionCredentialFromConsole`.
    more: dict[str, Any] = field(default_factory=dict)


def stamp(at: datetime) -> str:
    """A time as CloudTrail writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Log:
    """All events being made, by account and Region; the same for the same estate and day."""

    def __init__(self, estate: Estate, today: datetime) -> None:
        self.estate, self.today = estate, today
        self.midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
        self.first, self.last = self.midnight - timedelta(days=DAYS), today - LATE
        # Not for secrets: the same estate shall have the same trail.
        self.chance = random.Random(f"{today:%Y-%m-%d}")  # noqa: S311
        self.events: list[tuple[datetime, str, str, dict[str, Any]]] = []

    def at(self, days: float, hour: float = 0, **more: float) -> datetime:
        """A moment so many days before the last scan's day."""
        return self.midnight - timedelta(days=days) + timedelta(hours=hour, **more)

    def within(self, at: datetime) -> bool:
        """Whether an event of that time is in the files."""
        return self.first <= at <= self.last

    def id(self) -> str:
        """The next id."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def add(
        self,
        at: datetime,
        here: Place,
        actor: Actor,
        name: str,
        asked: dict[str, Any] | None = None,
        *,
        answer: dict[str, Any] | None = None,
        refused: tuple[str, str] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """One call of `service.Operation`; `more` are further members, by CloudTrail's names."""
        service, _, operation = name.partition(".")
        data = service == "s3" and operation in _DATA
        region = HOME if service in _GLOBAL else here.region
        event: dict[str, Any] = {
            "eventVersion": "1.11",
            "userIdentity": actor.identity,
            "eventTime": stamp(at),
            "eventSource": f"{service}.amazonaws.com",
            "eventName": operation,
            "awsRegion": region,
            "sourceIPAddress": actor.address,
            "userAgent": actor.agent,
            "requestParameters": asked,
            "responseElements": answer,
            "requestID": self.id(),
            "eventID": self.id(),
            "readOnly": operation.startswith(_READS),
            "eventType": "AwsApiCall",
            "managementEvent": not data,
            "recipientAccountId": here.id,
            "eventCategory": "Data" if data else "Management",
        }
        if refused:
            event["errorCode"], event["errorMessage"] = refused
        if service == "s3" and asked and "bucketName" in asked:
            event["resources"] = _bucket(here, asked)
        event |= actor.more
        event |= more
        if self.within(at):
            self.events.append((at, here.id, event["awsRegion"], event))
        return event


def _bucket(here: Place, asked: dict[str, Any]) -> list[dict[str, Any]]:
    arn = f"arn:aws:s3:::{asked['bucketName']}"
    found: list[dict[str, Any]] = [{"accountId": here.id, "type": "AWS::S3::Bucket", "ARN": arn}]
    if "key" in asked:
        found.insert(0, {"type": "AWS::S3::Object", "ARN": f"{arn}/{asked['key']}"})
    return found


def role_id(here: Place, name: str) -> str:
    """The id of a role; those that AWS makes itself are not kept."""
    return here.estate.ids.get(f"{here.account}/role/{name}") or made_up(
        "AROA", f"{here.id} {name}"
    )


def user(here: Place, name: str, address: str, agent: str, *, key: int = 1) -> Actor:
    """A user with an access key."""
    known = here.estate.ids.get(f"{here.account}/key-of/{name}/{key}")
    return Actor(
        {
            "type": "IAMUser",
            "principalId": here.get(f"user/{name}"),
            "arn": here.iam(f"user/{name}"),
            "accountId": here.id,
            "accessKeyId": known or made_up("AKIA", f"{here.id} {name} {key}"),
            "userName": name,
        },
        address,
        agent,
    )


def console(here: Place, name: str, address: str, since: datetime, *, mfa: bool) -> Actor:
    """A user who signed in with a browser."""
    signed = user(here, name, address, "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0")
    attributes = {"creationDate": stamp(since), "mfaAuthenticated": str(mfa).lower()}
    identity = signed.identity | {
        "accessKeyId": made_up("ASIA", f"{name} {stamp(since)}"),
        "sessionContext": {"attributes": attributes},
    }
    return Actor(identity, address, signed.agent, {"sessionCredentialFromConsole": "true"})


def session(
    here: Place,
    role: str,
    name: str,
    since: datetime,
    address: str,
    agent: str,
    *,
    key: str = "",
    path: str = "",
    mfa: bool = False,
    context: dict[str, Any] | None = None,
    invoked_by: str = "",
) -> Actor:
    """A session of a role; `context` are further members of its `sessionContext`."""
    number = role_id(here, role)
    identity: dict[str, Any] = {
        "type": "AssumedRole",
        "principalId": f"{number}:{name}",
        "arn": f"arn:aws:sts::{here.id}:assumed-role/{role}/{name}",
        "accountId": here.id,
        "accessKeyId": key or made_up("ASIA", f"{here.id} {role} {name} {stamp(since)}"),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": number,
                "arn": here.iam(f"role/{path}{role}"),
                "accountId": here.id,
                "userName": role,
            },
            "attributes": {
                "creationDate": stamp(since),
                "mfaAuthenticated": str(mfa).lower(),
            },
            **(context or {}),
        },
    }
    if invoked_by:
        identity["invokedBy"] = invoked_by
    return Actor(identity, address, agent)


def service(name: str) -> Actor:
    """A service of AWS, calling for itself."""
    host = f"{name}.amazonaws.com"
    return Actor({"type": "AWSService", "invokedBy": host}, host, host)


def assume(
    log: Log, at: datetime, here: Place, actor: Actor, to: Actor, **more: Any
) -> dict[str, Any]:
    """The call that gave a session its credentials."""
    identity = to.identity
    issuer = identity["sessionContext"]["sessionIssuer"]["arn"]
    name = identity["arn"].rpartition("/")[2]
    asked = {"roleArn": issuer, "roleSessionName": name, "durationSeconds": 3600}
    asked |= more.pop("asked", {})
    return log.add(
        at,
        here,
        actor,
        more.pop("name", "sts.AssumeRole"),
        asked,
        answer={
            "credentials": {
                "accessKeyId": identity["accessKeyId"],
                "sessionToken": "made up",
                "expiration": stamp(at + timedelta(hours=6)),
            },
            "assumedRoleUser": {
                "assumedRoleId": identity["principalId"],
                "arn": identity["arn"],
            },
        },
        readOnly=True,
        resources=[{"accountId": here.id, "type": "AWS::IAM::Role", "ARN": issuer}],
        **more,
    )
