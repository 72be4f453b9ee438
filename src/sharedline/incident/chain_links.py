"""Where an event leads: credentials it issued, users, roles and machines it made or took over."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from sharedline.incident.chain_sql import Handle, around, time_of
from sharedline.text import iso
from sharedline.trail.decode import loads

#: Events whose response holds new credentials.
ISSUERS = frozenset(
    {
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoleForPodIdentity",
        "AssumeRoot",
        "CreateAccessKey",
        "CreateSession",
        "GetCredentialsForIdentity",
        "GetFederationToken",
        "GetRoleCredentials",
        "GetSessionToken",
    }
)
#: Events after which somebody else's machine does what the caller wants.
_TOUCHING = {
    "SendCommand": "the instance that was given a command",
    "StartSession": "the instance that a shell was opened on",
    "SendSSHPublicKey": "the instance that was given an SSH key",
    "SendSerialConsoleSSHPublicKey": "the instance that was given an SSH key",
    "ModifyInstanceAttribute": "the instance that was changed",
    "AssociateIamInstanceProfile": "the instance that was given a role",
    "ReplaceIamInstanceProfileAssociation": "the instance that was given a role",
}
#: Events that may open a resource to others, and the member that names it.
_EXPOSING = {
    "PutBucketPolicy": "bucketName",
    "PutBucketAcl": "bucketName",
    "DeleteBucketPublicAccessBlock": "bucketName",
    "DeletePublicAccessBlock": "bucketName",
    "PutBucketPublicAccessBlock": "bucketName",
    "PutBucketReplication": "bucketName",
    "ModifySnapshotAttribute": "snapshotId",
    "ModifyImageAttribute": "imageId",
    "ModifyDBSnapshotAttribute": "dBSnapshotIdentifier",
    "ModifyDBClusterSnapshotAttribute": "dBClusterSnapshotIdentifier",
    "PutResourcePolicy": "secretId",
    "PutKeyPolicy": "keyId",
    "AddPermission": "functionName",
    "CreateFunctionUrlConfig": "functionName",
}
_USERS = ("CreateUser", "CreateLoginProfile", "UpdateLoginProfile")
_ROLES = ("CreateRole", "UpdateAssumeRolePolicy")
_FUNCTIONS = ("CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration")
#: All names that lead somewhere; the date that Lambda puts behind its own is cut off.
EFFECTS = frozenset(
    {
        *ISSUERS,
        *_TOUCHING,
        *_EXPOSING,
        *_USERS,
        *_ROLES,
        *_FUNCTIONS,
        "RunInstances",
        "ConsoleLogin",
        "SwitchRole",
    }
)
#: How names begin of events that may pass a role to a service.
PASSING = ("Create", "Run", "Start", "Update", "Register", "Put", "Submit", "Launch", "Execute")
_DATED = re.compile(r"\d{8}(v\d+)?$")
_INSTANCE = re.compile(r'"i-[0-9A-Za-z]{6,32}"')
_ROLE_ARN = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+")
_ADDRESS = re.compile(r"^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]+)$")
_INNER = [
    ipaddress.ip_network(n)
    for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8")
]
Points = Literal["issued", "delivered", "login", "user", "role", "passed"]


@dataclass(frozen=True, slots=True)
class Pointer:
    """Events by others that make or use something of the chain's: how they are found."""

    kind: Points
    value: str
    account: str = ""
    since: datetime | None = None
    until: datetime | None = None
    #: For `delivered` the session's name; for `passed` the service.
    name: str = ""
    #: Whether callers that did the same before are left out.
    fresh: bool = False
    why: str = field(default="", compare=False)
    by: str = field(default="", compare=False)
    weak: bool = field(default=False, compare=False)


def plain_name(name: str) -> str:
    """An event's name without the date that some services put behind it."""
    return _DATED.sub("", name)


def parsed(text: str | None) -> Mapping[str, Any]:
    """JSON of a column; empty where it is none or no object."""
    if not text:
        return {}
    try:
        found = loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def is_address(text: str | None) -> bool:
    """Whether a source is a network address, and not a service's name."""
    return bool(text and _ADDRESS.match(text))


def is_outside(address: str | None) -> bool:
    """Whether an address is a network address that is not private: no service's name either."""
    if not address or not is_address(address):
        return False
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # redacted recordings have addresses that cannot be
        return True
    return not (
        found.is_link_local
        or found.is_loopback
        or (found.version == 4 and any(found in network for network in _INNER))
        or (found.version == 6 and found.is_private and str(found).startswith(("fc", "fd")))
    )


def issued_key(row: Mapping[str, Any]) -> str:
    """The access key id that an event issued; empty where it issued none."""
    if row["eventname"] not in ISSUERS or row["errorcode"]:
        return ""
    found = re.search(r'"[aA]ccessKeyId": *"([^"]+)"', row["responseelements"] or "")
    return found[1] if found else ""


def _partition(row: Mapping[str, Any]) -> str:
    return (row["arn"] or "").split(":")[1] if (row["arn"] or "").startswith("arn:") else "aws"


def leads(row: Mapping[str, Any], *, weak: bool = False) -> Iterator[Handle | Pointer]:
    """What an event of the chain leads to."""
    if row["errorcode"]:
        return
    name, at, by = plain_name(row["eventname"] or ""), row["t"], row["id"]
    account = row["account"] or ""
    request = parsed(row["requestparameters"])
    response = parsed(row["responseelements"])
    key = issued_key(row)
    if key:
        why = f"uses the credentials that {name} issued"
        named = str(request.get("roleSessionName") or "")
        machine = row["utype"] == "AWSService" and not named.startswith("i-")
        yield Handle("key", key, why=why, by=by, weak=weak, machine=machine)
    if name in _USERS and isinstance(request.get("userName"), str):
        kind: Literal["user", "password"] = "user" if name == "CreateUser" else "password"
        told = "was created" if name == "CreateUser" else "was given a password"
        why = f"acts as the user that {told} by the chain"
        yield Handle(kind, request["userName"], account, since=at, why=why, by=by, weak=weak)
    elif name in _ROLES and isinstance(request.get("roleName"), str):
        made = (response.get("role") or {}).get("arn") if name == "CreateRole" else None
        arn = made or f"arn:{_partition(row)}:iam::{account}:role/{request['roleName']}"
        told = "was created" if made else "was opened"
        why = f"assumes the role that {told} by the chain"
        fresh = name != "CreateRole"
        yield Pointer("role", arn, account, at, fresh=fresh, why=why, by=by, weak=weak)
    elif name in ("ConsoleLogin", "SwitchRole") and row["arn"]:
        begun = tuple(map(iso, around(at, 120, 900)))
        why = "belongs to the console session that was signed in to"
        yield Handle("console", row["arn"], begun=(begun[0], begun[1]), why=why, by=by, weak=weak)
    else:
        yield from _machines(row, name, request, response, weak=weak)
    thing = request.get(_EXPOSING.get(name, ""))
    if isinstance(thing, str) and thing:
        why = f"uses {thing}, which the chain opened, from another account or without one"
        yield Handle("exposed", thing, since=at, why=why, by=by, weak=True)


def _machines(
    row: Mapping[str, Any],
    name: str,
    request: Mapping[str, Any],
    response: Mapping[str, Any],
    *,
    weak: bool,
) -> Iterator[Handle | Pointer]:
    """Code that runs with a role because of the event."""
    at, by, account = row["t"], row["id"], row["account"] or ""
    if name == "RunInstances":
        for instance in sorted(set(_INSTANCE.findall(row["responseelements"] or ""))):
            why = "runs on the instance that the chain started"
            target = instance.strip('"')
            link = Handle("suffix", target, account, since=at, why=why, by=by, weak=weak)
            yield replace(link, machine=True)
    elif name in _TOUCHING:
        for instance in sorted(set(_INSTANCE.findall(row["requestparameters"] or ""))):
            why = f"uses the role of {_TOUCHING[name]}, from the chain's own address"
            target = instance.strip('"')
            yield Handle("suffix", target, account, since=at, near=True, why=why, by=by, weak=weak)
    elif name in _FUNCTIONS:
        role = str(response.get("role") or request.get("role") or "").rsplit("/", 1)[-1]
        function = str(response.get("functionName") or request.get("functionName") or "")
        function = function.rsplit(":", 1)[-1]
        if role and function:
            arn = f"arn:{_partition(row)}:sts::{account}:assumed-role/{role}/{function}"
            why = "runs as the function that the chain put code into"
            yield Handle("arn", arn, since=at, why=why, by=by, weak=weak, machine=True)
    elif name.startswith(PASSING) and row["eventsource"] not in ("iam.amazonaws.com", None):
        service = row["eventsource"].split(".")[0]
        for role in sorted(set(_ROLE_ARN.findall(row["requestparameters"] or ""))):
            why = f"is the role that the chain passed to {service}"
            yield Pointer(
                "passed", role, account, at, name=service, fresh=True, why=why, by=by, weak=weak
            )


def origins(who: Mapping[str, Any]) -> Iterator[Pointer]:
    """How the credentials of a session may have come about: what to look for, before it."""
    key, arn = who["akey"] or "", who["arn"] or ""
    created = who["created"]
    if key:
        yield Pointer("issued", key, until=who["last"], why="issued these credentials")
    if created and who["utype"] == "AssumedRole" and who["issuer"]:
        yield Pointer(
            "delivered",
            who["issuer"],
            name=arn.rsplit("/", 1)[-1],
            since=time_of(created),
            until=who["last"],
            why="delivered these credentials",
        )
    if created and (who["utype"] in ("IAMUser", "Root") or who["console"]):
        at = time_of(created)
        why = "signed in to the console session"
        yield Pointer("login", arn, since=at, until=who["last"], why=why)
