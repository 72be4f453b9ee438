"""Findings of GuardDuty, Security Hub (ASFF) and OCSF as subjects of an incident.

The shapes follow what GetFindings and EventBridge deliver: GuardDuty's members begin with capitals
or not, by who wrote the file; both are read.
Ref: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Finding.html,
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
(both read 2026-11-22); the shape of ASFF is botocore's `AwsSecurityFinding`, that of OCSF the
detection finding (class 2004) of https://schema.ocsf.io.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sharedline.incident.chain_sql import time_of
from sharedline.incident.model import Subject

_KEY = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b")
_TECHNIQUE = re.compile(r"\bT\d{4}(?:\.\d{3})?\b")
_INSTANCE = re.compile(r"(?:^|:instance/)(i-[0-9A-Za-z]{6,32})$")
#: Members that hold the caller's address, never the customer's own machine's.
_REMOTE = ("remoteipdetails", "src_endpoint", "endpoint")
_SEVERITIES = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))


def lowered(value: Any) -> Any:
    """The same with every name in lower case."""
    if isinstance(value, Mapping):
        return {str(k).lower(): lowered(v) for k, v in value.items()}
    if isinstance(value, list):
        return [lowered(v) for v in value]
    return value


def walk(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every leaf with the names that lead to it."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from walk(inner, (*path, str(name)))
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, path)
    else:
        yield path, value


def _texts(found: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """The leaves that are called so, in order, each once."""
    wanted = set(names)
    return tuple(
        dict.fromkeys(
            str(v) for path, v in walk(found) if path and path[-1] in wanted and v not in (None, "")
        )
    )


def _at(found: Any, *path: str) -> Any:
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _items(found: Any, *path: str) -> list[Any]:
    value = _at(found, *path)
    return value if isinstance(value, list) else []


def _level(value: Any) -> str:
    """GuardDuty's number as a word."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return ""
    return next((word for least, word in _SEVERITIES if number >= least), "")


def _text(found: Any, *path: str) -> str:
    value = _at(found, *path)
    return value if isinstance(value, str) else ""


def _keys(found: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(k for _, v in walk(found) for k in _KEY.findall(str(v))))


def _times(*texts: Any) -> tuple[datetime | None, datetime | None]:
    """The first and last of the times that are given."""
    found = []
    for text in texts:
        if isinstance(text, int | float) and not isinstance(text, bool):
            seconds = text / 1000 if text > 10_000_000_000 else text
            found.append(datetime.fromtimestamp(seconds, UTC))
        elif isinstance(text, str) and (moment := time_of(text)):
            found.append(moment)
    return (min(found), max(found)) if found else (None, None)


def _addresses(found: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """The callers' addresses: those below a member that tells of the other side."""
    out = dict.fromkeys(
        str(v)
        for path, v in walk(found)
        if path
        and path[-1] in ("ipaddressv4", "ipaddressv6", "ip", *names)
        and any(part in _REMOTE or part in names for part in path)
        and v
    )
    return tuple(out)


def guardduty(document: Mapping[str, Any]) -> Subject:
    """A GuardDuty finding as GetFindings or EventBridge gives it."""
    found = lowered(document)
    account, region = _text(found, "accountid"), _text(found, "region")
    service = _at(found, "service") or {}
    first, last = _times(_at(service, "eventfirstseen"), _at(service, "eventlastseen"))
    if first is None:
        first, last = _times(_at(found, "createdat"), _at(found, "updatedat"))
    access = _at(found, "resource", "accesskeydetails") or {}
    arn = _text(found, "arn")
    principals = (_principal(access, account, arn.split(":")[1] if ":" in arn else "aws"),)
    actors = _items(service, "detection", "sequence", "actors")
    resources = _texts(
        _at(found, "resource") or {}, "instanceid", "functionarn", "clusterarn", "taskarn"
    )
    buckets = _items(found, "resource", "s3bucketdetails")
    resources += tuple(name for b in buckets if (name := _text(b, "arn")))
    sequence = _at(service, "detection", "sequence") or {}
    resources += _texts({"r": _items(sequence, "resources")}, "uid")
    remote = _addresses(_at(service, "action") or {}) or _addresses(
        {"endpoint": _items(sequence, "endpoints")}
    )
    return Subject(
        "guardduty",
        id=_text(found, "id") or arn,
        title=_text(found, "title"),
        severity=_level(_at(found, "severity")),
        account=account,
        region=region,
        type=_text(found, "type"),
        time=first,
        last=last,
        principals=tuple(p for p in principals if p),
        keys=_own_keys(access, actors),
        resources=tuple(dict.fromkeys(resources)),
        addresses=remote,
        techniques=tuple(dict.fromkeys(t for _, v in walk(sequence) for t in _ids(v))),
        document=document,
    )


def _ids(value: Any) -> list[str]:
    return _TECHNIQUE.findall(value) if isinstance(value, str) and len(value) < 80 else []


def _own_keys(access: Mapping[str, Any], actors: Any) -> tuple[str, ...]:
    """The keys that acted; GuardDuty's samples have a made-up word there."""
    given = (*_texts(access, "accesskeyid"), *_keys({"actors": list(actors)}))
    return tuple(dict.fromkeys(k for k in given if k and not k.startswith("GeneratedFinding")))


def _principal(access: Mapping[str, Any], account: str, partition: str) -> str:
    """The ARN of the one who acted, put together as CloudTrail does."""
    name, kind = _text(access, "username"), _text(access, "usertype")
    session = _text(access, "principalid").partition(":")[2]
    if kind == "Root":
        return f"arn:{partition}:iam::{account}:root"
    if kind == "AssumedRole" and name and session:
        return f"arn:{partition}:sts::{account}:assumed-role/{name}/{session}"
    if kind in ("AssumedRole", "Role") and name:
        return f"arn:{partition}:iam::{account}:role/{name}"
    if kind == "IAMUser" and name:
        return f"arn:{partition}:iam::{account}:user/{name}"
    return ""


def asff(document: Mapping[str, Any]) -> Subject:
    """A finding in the AWS Security Finding Format."""
    found = lowered(document)
    account = _text(found, "awsaccountid")
    given = _at(found, "productfields")
    given = given if isinstance(given, Mapping) else {}
    first, last = _times(_at(found, "firstobservedat"), _at(found, "lastobservedat"))
    if first is None:
        first, last = _times(_at(found, "createdat"))
    resources = [r for r in _items(found, "resources") if isinstance(r, Mapping)]
    keys: list[str] = []
    principals: list[str] = []
    for resource in resources:
        kind, name = _text(resource, "type"), _text(resource, "id")
        details = _at(resource, "details", "awsiamaccesskey") or {}
        if kind == "AwsIamAccessKey":
            keys += _keys(name) or _keys(details)
            partition = _text(resource, "partition") or "aws"
            principals.append(_principal(_asff_access(details), account, partition))
        elif kind in ("AwsIamUser", "AwsIamRole"):
            principals.append(name)
    remote = _addresses(_at(found, "action") or {})
    remote += tuple(
        str(v) for k, v in given.items() if "remoteipdetails" in k and "ipaddressv" in k and v
    )
    network = _text(found, "network", "sourceipv4")
    return Subject(
        "asff",
        id=_text(found, "id"),
        title=_text(found, "title"),
        severity=_text(found, "severity", "label").lower(),
        account=account,
        region=_text(found, "region") or _text(resources[0] if resources else {}, "region"),
        type=_asff_type(found),
        time=first,
        last=last,
        principals=tuple(dict.fromkeys(p for p in principals if p)),
        keys=tuple(dict.fromkeys(keys)),
        resources=tuple(_text(r, "id") for r in resources if _text(r, "type") != "AwsIamAccessKey"),
        addresses=tuple(dict.fromkeys((*remote, *((network,) if network else ())))),
        document=document,
    )


def _asff_access(details: Mapping[str, Any]) -> dict[str, str]:
    return {
        "username": _text(details, "principalname") or _text(details, "username"),
        "usertype": _text(details, "principaltype"),
        "principalid": _text(details, "principalid"),
    }


def _asff_type(found: Mapping[str, Any]) -> str:
    """GuardDuty's own type where Security Hub only passes its finding on."""
    types = [t for t in _items(found, "types") if isinstance(t, str)]
    own = _text(found, "productfields", "aws/guardduty/type")
    return own or (types[0].rsplit("/", 1)[-1] if types else "")


def ocsf(document: Mapping[str, Any]) -> Subject:
    """An OCSF finding, such as Security Hub's detection findings."""
    found = lowered(document)
    info = _at(found, "finding_info") or {}
    first, last = _times(
        *(_at(info, n) for n in ("first_seen_time_dt", "last_seen_time_dt")),
        *(_at(info, n) for n in ("first_seen_time", "last_seen_time")),
    )
    if first is None:
        names = ("created_time_dt", "created_time")
        first, last = _times(
            *(_at(info, n) for n in names), *(_at(found, n) for n in ("time_dt", "time"))
        )
    evidence = {"e": _items(found, "evidences"), "a": _at(found, "actor") or {}}
    resources = [r for r in _items(found, "resources") if isinstance(r, Mapping)]
    principals = [
        u for u in _texts(evidence, "uid", "uid_alt", "arn") if ":iam:" in u or ":sts:" in u
    ]
    types = [t for t in _items(info, "types") if isinstance(t, str)]
    keys = _keys(evidence)
    keys += tuple(k for r in resources if "AccessKey" in _text(r, "type") for k in _keys(r))
    return Subject(
        "ocsf",
        id=_text(info, "uid"),
        title=_text(info, "title"),
        severity=_text(found, "severity").lower(),
        account=_text(found, "cloud", "account", "uid"),
        region=_text(found, "cloud", "region"),
        type=types[0] if types else "",
        time=first,
        last=last,
        principals=tuple(principals),
        keys=tuple(dict.fromkeys(keys)),
        resources=tuple(_text(r, "uid") for r in resources if not _keys(_text(r, "uid"))),
        addresses=_addresses(evidence),
        techniques=tuple(dict.fromkeys(t for _, v in walk(info) for t in _ids(v))),
        document=document,
    )


def instance_of(resource: str) -> str:
    """The instance id of an ARN or id; empty where it is no instance."""
    matched = _INSTANCE.search(resource)
    return matched[1] if matched else ""
