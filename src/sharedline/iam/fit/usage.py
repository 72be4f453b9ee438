"""What principals were seen doing: actions on resources, how often, when, from CloudTrail's events.

Source: "CloudTrail userIdentity element" and "record contents",
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
and .../cloudtrail-event-reference-record-contents.html (read 2026-11-21).

Nothing here is evidence that an action was *not* used; `Usage.sees` says where silence is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sharedline.iam.actions import find
from sharedline.iam.fit.event_actions import actions_of, also_of, in_reach, observable, prefix_of
from sharedline.iam.fit.event_resources import resources_of
from sharedline.iam.fit.refusal import LONGEST, is_refusal, read

Event = Mapping[str, Any]
#: Kinds of event that are no call of anybody's.
NO_CALLS = frozenset(
    {"AwsServiceEvent", "AwsConsoleSignIn", "AwsVpceEvent", "AwsCloudTrailInsight"}
)
#: So many different resources of one action are kept; of more it is only known that they are many.
MANY = 500
_IAM = re.compile(r"arn:[\w-]+:(?:iam|sts)::(\d{12}):(user|role|assumed-role)/(.{1,600})", re.S)

#: A user or role whatever its path: account, `user` or `role`, name (all in lower case).
Key = tuple[str, str, str]


def key_of(arn: str) -> Key | None:
    """The key of a user's, role's or role session's ARN; None for anything else."""
    found = _IAM.fullmatch(arn)
    if found is None:
        return None
    account, kind, rest = found.groups()
    name = rest.partition("/")[0] if kind == "assumed-role" else rest.rpartition("/")[2]
    return (account, "user" if kind == "user" else "role", name.lower())


def principal_of(event: Event) -> Key | None:
    """Whose permissions an event used; None for services, root, and identities of elsewhere."""
    identity = event.get("userIdentity")
    if not isinstance(identity, Mapping):
        return None
    kind = identity.get("type")
    if kind in ("AssumedRole", "FederatedUser"):
        session = identity.get("sessionContext")
        issuer = session.get("sessionIssuer") if isinstance(session, Mapping) else None
        arn = issuer.get("arn") if isinstance(issuer, Mapping) else None
        found = key_of(arn) if isinstance(arn, str) else None
        if found is not None:
            return found
    elif kind not in ("IAMUser", "Role"):
        return None
    arn = identity.get("arn")
    return key_of(arn) if isinstance(arn, str) else None


def text(event: Mapping[str, Any], name: str, longest: int = 2048) -> str:
    """A member that must be text; empty where it is not, or is longer than any true one."""
    value = event.get(name)
    return value if isinstance(value, str) and len(value) <= longest else ""


def time_of(event: Event) -> datetime | None:
    """When the event happened; None where it does not say."""
    value = event.get("eventTime") or event.get("@timestamp")
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@dataclass
class Span:
    """How often, and the first and last time."""

    count: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, at: datetime | None) -> None:
        """One more."""
        self.count += 1
        if at is not None:
            self.first = min(self.first or at, at)
            self.last = max(self.last or at, at)

    @property
    def days(self) -> float:
        """From the first to the last, in days."""
        if self.first is None or self.last is None:
            return 0.0
        return (self.last - self.first) / timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Use:
    """A use: the action on a resource (`*`: no or no certain one), in a Region, by what means."""

    action: str
    resource: str
    region: str = ""
    mfa: str = ""
    service: str = ""
    endpoint: str = ""


@dataclass
class Seen:
    """What was seen of one principal.

    `unmapped` are events whose action is not known, by prefix (empty: not even that is).
    `named` are the resources of each action, and `crowded` the actions with more than were kept.
    `implied` are actions that calls may have needed without an event of their own.
    """

    uses: dict[Use, Span] = field(default_factory=dict)
    refused: int = 0
    unmapped: dict[str, Counter[str]] = field(default_factory=dict)
    crowded: set[str] = field(default_factory=set)
    implied: set[str] = field(default_factory=set)
    span: Span = field(default_factory=Span)
    named: dict[str, set[str]] = field(default_factory=dict)

    @property
    def actions(self) -> frozenset[str]:
        """The actions that were used."""
        return frozenset(use.action for use in self.uses)

    def resources(self, action: str) -> frozenset[str] | None:
        """The resources of an action; None where not all of them are certain."""
        found = self.named.get(action, set())
        return None if action in self.crowded or "*" in found or not found else frozenset(found)


@dataclass
class Usage:
    """What was seen of every principal, and how far the events reach.

    `every_region`: somebody says that the events are of all Regions, though only one is seen.
    """

    principals: dict[Key, Seen] = field(default_factory=dict)
    span: Span = field(default_factory=Span)
    accounts: dict[str, Span] = field(default_factory=dict)
    regions: set[str] = field(default_factory=set)
    every_region: bool = False
    sources: set[str] = field(default_factory=set)
    reads: bool = False
    writes: bool = False
    data: set[str] = field(default_factory=set)
    repeated: int = 0
    faulty: int = 0

    def of(self, arn: str) -> Seen:
        """What was seen of a user or role."""
        key = key_of(arn)
        return self.principals.get(key, Seen()) if key else Seen()

    def covers(self, arn: str) -> bool:
        """Whether there is any event of the account: without one, silence says nothing."""
        key = key_of(arn)
        return key is not None and key[0] in self.accounts

    def reach_of(self, arn: str) -> Span:
        """From when to when there are events of the principal's account."""
        key = key_of(arn)
        return self.accounts.get(key[0], Span()) if key else Span()

    def sees(self, action: str) -> bool:
        """Whether these events would show a use of the action.

        Where a trail has no reads, writes, Regions or keys at all, it says nothing of them.
        """
        found = find(action)
        if found is None or not observable(found.full):
            return False
        if not in_reach(found.full, self.regions, self.sources, every=self.every_region):
            return False
        read = found.access_level in ("Read", "List")
        # Which of the two CloudTrail takes an action for is its own list, so both must be there.
        return self.reads and self.writes if read or found.service == "kms" else self.writes


def gather(
    events: Iterable[Event], *, since: datetime | None = None, only: Key | None = None
) -> Usage:
    """What the events say; nothing malformed stops it, and each event counts once.

    With `only`, of others' events no more is kept than how far they reach.
    """
    usage = Usage()
    known: set[int] = set()  # hashes: a hundred million events would not fit as texts
    for event in events:
        name = text(event, "eventID")
        if name and hash(name) in known:
            usage.repeated += 1
            continue
        known.add(hash(name))
        at = time_of(event)
        if since is not None and at is not None and at < since:
            continue
        _add(usage, event, at, only)
    return usage


def _add(usage: Usage, event: Event, at: datetime | None, only: Key | None) -> None:
    source, name = text(event, "eventSource"), text(event, "eventName")
    if not source or not name:
        usage.faulty += 1
        return
    usage.span.add(at)
    _reach(usage, event, source, at)
    principal = principal_of(event)
    if (
        principal is None
        or text(event, "eventType") in NO_CALLS
        or principal != (only or principal)
    ):
        return
    seen = usage.principals.setdefault(principal, Seen())
    seen.span.add(at)
    actions = actions_of(source, name, version=_names_version(event))
    if is_refusal(event):
        seen.refused += 1
        refused = read(text(event, "errorMessage", LONGEST)).action
        if not refused or actions is None or find(refused) in map(find, actions):
            return
        # Another action was refused within the call, PassRole say: its own was allowed.
    if actions is None:
        prefix = prefix_of(source) or ""
        seen.unmapped.setdefault(prefix, Counter())[f"{source[:80]} {name[:80]}"] += 1
        return
    seen.implied.update(also_of(source, name))
    for action in actions:
        _use(seen, event, action, at)


def _reach(usage: Usage, event: Event, source: str, at: datetime | None) -> None:
    account = text(event, "recipientAccountId") or _own_account(event)
    if account:
        usage.accounts.setdefault(account, Span()).add(at)
    if region := text(event, "awsRegion", 40):
        usage.regions.add(region)
    prefix = prefix_of(source)
    if prefix:
        usage.sources.add(prefix)
    if event.get("managementEvent") is False or event.get("eventCategory") == "Data":
        if prefix:
            usage.data.add(prefix)
        return
    read = event.get("readOnly")
    if read in (True, "true"):
        usage.reads = True
    elif read in (False, "false"):
        usage.writes = True
    elif read is None:  # older records do not say; the name does, as far as names go
        looks = text(event, "eventName").startswith(("Get", "List", "Describe", "Head"))
        usage.reads, usage.writes = usage.reads or looks, usage.writes or not looks


def _own_account(event: Event) -> str:
    identity = event.get("userIdentity")
    return text(identity, "accountId", 12) if isinstance(identity, Mapping) else ""


def _names_version(event: Event) -> bool:
    parameters = event.get("requestParameters")
    return isinstance(parameters, Mapping) and bool(parameters.get("versionId"))


def _mfa(identity: Mapping[str, Any]) -> str:
    session = identity.get("sessionContext")
    attributes = session.get("attributes") if isinstance(session, Mapping) else None
    said = attributes.get("mfaAuthenticated") if isinstance(attributes, Mapping) else None
    return said if said in ("true", "false") else ""


def _use(seen: Seen, event: Event, action: str, at: datetime | None) -> None:
    identity = event["userIdentity"]
    kept = seen.named.setdefault(action, set())
    for named in resources_of(event, action) or ("*",):
        if len(kept) >= MANY and named not in kept:
            seen.crowded.add(action)
        resource = "*" if action in seen.crowded else named
        kept.add(resource)
        use = Use(
            action=action,
            resource=resource,
            region=text(event, "awsRegion", 40),
            mfa=_mfa(identity),
            service=text(identity, "invokedBy", 100),
            endpoint=text(event, "vpcEndpointId", 40),
        )
        seen.uses.setdefault(use, Span()).add(at)
