"""What an incident is told in: the subject it starts from, steps, what is unknown, the chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal["guardduty", "asff", "ocsf", "detection", "principal", "event", "events"]
#: How sure it is that a step belongs to the chain: `weak` is an address or resource in common.
Strength = Literal["certain", "weak"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What the user handed in, and what of it can be looked for in the trail."""

    kind: Kind
    id: str = ""
    title: str = ""
    #: critical, high, medium, low, informational, or empty where the source says none.
    severity: str = ""
    account: str = ""
    region: str = ""
    #: The source's own type, such as a GuardDuty finding type, or a detection's name.
    type: str = ""
    time: datetime | None = None
    #: The end of what it tells of, where it tells of a span.
    last: datetime | None = None
    principals: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    #: What was read, as it was given.
    document: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the chain, or like ones folded together."""

    time: datetime
    #: CloudTrail's eventID (a made-up name where a record has none).
    event: str
    #: Source prefix and event name: `s3:ListBuckets`.
    name: str
    eventsource: str
    eventname: str
    account: str = ""
    region: str = ""
    #: Who acted, by ARN (or the nearest thing to one that the event has).
    principal: str = ""
    #: The role behind a temporary session, by ARN.
    issuer: str = ""
    #: The access key id that signed the request.
    session: str = ""
    address: str = ""
    agent: str = ""
    resources: tuple[str, ...] = ()
    #: CloudTrail's errorCode; empty where the request succeeded.
    error: str = ""
    #: ATT&CK techniques, such as `T1078.004`, and tactics, such as `credential-access`.
    techniques: tuple[str, ...] = ()
    tactics: tuple[str, ...] = ()
    #: How it is linked to the chain, in one phrase.
    why: str = ""
    #: The eventID of the event that leads to it; empty for where the chain starts.
    linked_to: str = ""
    strength: Strength = "certain"
    request: Mapping[str, Any] = field(default_factory=dict)
    response: Mapping[str, Any] = field(default_factory=dict)
    #: The row of the table `cloudtrail` (of the first event where several are folded).
    row: Mapping[str, Any] = field(default_factory=dict)
    #: How many events it stands for, the time of the last, and the ids of them all.
    count: int = 1
    last: datetime | None = None
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that the trail cannot tell, and where it would be found."""

    what: str
    where: str
    #: A stable word for programs: `proxy`, `imds`, `data-events`, `other-account`, `days`, …
    code: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """The events that belong together, by time, and what is missing of them."""

    subject: Subject
    steps: tuple[Step, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    #: Whether a bound cut the chain; what was cut is named in `unknown`.
    truncated: bool = False
    since: datetime | None = None
    until: datetime | None = None
    #: What the chain shows beside its steps, in sentences: one key used from two networks, …
    notes: tuple[str, ...] = ()
