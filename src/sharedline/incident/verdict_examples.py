"""Runs a verdict rule over its own example events: what it fires on, what it stays quiet on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sharedline.incident.model import Chain, Step, Subject
from sharedline.incident.verdict_rules import Rule, applied

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
#: Members of an event that the row of the table `cloudtrail` keeps as JSON text.
_TEXTS = ("requestParameters", "responseElements", "additionalEventData")
ACCOUNT = "111122223333"


def _lower(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k).lower(): _lower(v) for k, v in value.items()}
    return value


def step_of(event: Mapping[str, Any], number: int = 0) -> Step:
    """A CloudTrail event, which may be partial, as a step; `count` says how often it happened."""
    identity = event.get("userIdentity") or {}
    session = identity.get("sessionContext") or {}
    source = str(event.get("eventSource", ""))
    row = {str(k).lower(): v for k, v in event.items()}
    row["useridentity"] = _lower(identity)
    row.update({k.lower(): json.dumps(event[k]) for k in _TEXTS if event.get(k)})
    moment = event.get("eventTime")
    time = datetime.fromisoformat(moment) if moment else _BEGIN + timedelta(minutes=number)
    name = str(event.get("eventName", ""))
    return Step(
        time=time,
        event=str(event.get("eventID", f"event-{number}")),
        name=f"{source.removesuffix('.amazonaws.com')}:{name}",
        eventsource=source,
        eventname=name,
        account=str(event.get("recipientAccountId", ACCOUNT)),
        region=str(event.get("awsRegion", "eu-west-1")),
        principal=str(identity.get("arn", "")),
        issuer=str((session.get("sessionIssuer") or {}).get("arn", "")),
        session=str(identity.get("accessKeyId", "")),
        address=str(event.get("sourceIPAddress", "")),
        resources=tuple(r["ARN"] for r in event.get("resources", ()) if r.get("ARN")),
        error=str(event.get("errorCode", "")),
        request=event.get("requestParameters") or {},
        response=event.get("responseElements") or {},
        row=row,
        count=int(event.get("count", 1)),
        why="an example",
    )


def chain_of(events: Sequence[Mapping[str, Any]], subject: Subject | None = None) -> Chain:
    """Events as a chain, a minute apart where they have no times."""
    steps = tuple(step_of(e, n) for n, e in enumerate(events))
    return Chain(subject or Subject("events"), steps)


def fires(rule: Rule, rules: Sequence[Rule], case: Mapping[str, Any]) -> bool:
    """Whether a rule speaks of the last event of an example."""
    events = case.get("events") or [case["event"]]
    subject = replace(Subject("events"), **case.get("subject", {}))
    chain = chain_of(events, subject)
    last = len(chain.steps) - 1
    return any(r.id == rule.id and n == last for n, r in applied(rules, chain))


def failures(rule: Rule, rules: Sequence[Rule]) -> Iterator[str]:
    """The examples whose answer is not what they say."""
    for wanted, name in ((True, "fire"), (False, "quiet")):
        for case in rule.examples.get(name, ()):
            if fires(rule, rules, case) is not wanted:
                yield f"{rule.id}: should {name}: {case['says']}"
