"""What the rest of the trail tells of a chain: who answered it, and what its role does of itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sharedline.incident.model import Chain, Step
from sharedline.inventory.engines import Engine
from sharedline.inventory.literals import listed, moment, text

#: What somebody does who looks at logs or findings, or who contains a principal or a machine.
LOOKS = (
    "LookupEvents", "StartQuery", "GetQueryResults", "FilterLogEvents", "StartQueryExecution",
    "GetFindings", "ListFindings", "UpdateFindings", "BatchUpdateFindings", "ArchiveFindings",
)  # fmt: skip
CONTAINS = (
    "UpdateAccessKey", "DeleteAccessKey", "PutRolePolicy", "AttachRolePolicy", "PutUserPolicy",
    "AttachUserPolicy", "DeleteLoginProfile", "DeleteRolePolicy", "DetachRolePolicy",
    "DetachUserPolicy", "DeleteUserPolicy", "DeleteUser", "DeleteRole",
    "UpdateAssumeRolePolicy", "DisassociateIamInstanceProfile", "StopInstances",
    "TerminateInstances", "PutBucketPolicy", "PutPublicAccessBlock", "RevokeSecurityGroupIngress",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody outside the chain who looked, or contained."""

    time: datetime
    name: str
    principal: str
    event: str
    contains: bool


@dataclass(frozen=True, slots=True)
class Around:
    """What the trail was asked; `None` where there was no trail to ask."""

    answers: tuple[Answer, ...] | None = None
    #: Per role or user: the events that it makes outside the chain.
    usual: Mapping[str, frozenset[str]] | None = None
    #: What the trail covers of the chain's time, for people.
    window: str = ""
    events: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)

    def answered(self, step: Step, chain: Chain) -> bool | None:
        """Whether anybody answered from a step on, before the chain's end."""
        if self.answers is None:
            return None
        end = max(s.last or s.time for s in chain.steps)
        return any(step.time <= a.time <= end for a in self.answers)

    def own_use(self, step: Step) -> bool | None:
        """Whether the same principal makes the same request outside the chain."""
        if self.usual is None:
            return None
        who = step.issuer or step.principal
        return f"{step.eventsource}:{step.eventname}" in self.usual.get(who, frozenset())


def ask(engine: Engine, chain: Chain, table: str = "cloudtrail") -> Around:
    """Asks the trail that the engine knows by that name; portable over the engines."""
    if not chain.steps:
        return Around((), {})
    begin = min(s.time for s in chain.steps)
    end = max(s.last or s.time for s in chain.steps)
    inside = {e for s in chain.steps for e in (s.events or (s.event,))}
    keys = {s.session for s in chain.steps if s.session}
    actors = {s.principal for s in chain.steps if s.principal and not s.issuer}
    span = (begin, end + timedelta(seconds=1))
    answers = _answers(engine, table, span, inside, (keys | actors, _names(chain)))
    whos = sorted({s.issuer or s.principal for s in chain.steps if s.issuer or s.principal})
    usual = _usual(engine, table, whos, keys, inside)
    covered = engine.query(f"select count(*) as n from {table}").to_pylist()[0]["n"]
    if covered <= len(inside):
        # A trail that holds the chain and nothing else cannot show that something is missing.
        return Around(None, None, _window(begin, end), int(covered))
    return Around(tuple(answers), usual, _window(begin, end), int(covered))


def _window(begin: datetime, end: datetime) -> str:
    return f"{begin.astimezone(UTC):%Y-%m-%d %H:%M:%S} to {end.astimezone(UTC):%H:%M:%S} UTC"


def _names(chain: Chain) -> set[str]:
    """What a containing request would name: the chain's keys, roles, users, machines, buckets."""
    found = set()
    for step in chain.steps:
        for one in (step.session, step.issuer, step.principal, *step.resources):
            found.add(re.split("[:/]", one)[-1] if one else "")
            if one.startswith("arn:aws:s3:::"):
                found.add(one.removeprefix("arn:aws:s3:::").split("/")[0])
    return found - {""}


def _mentions(request: str | None, names: set[str]) -> bool:
    """Whether a request names one of them whole, by itself or at the end of an ARN."""
    said = set(re.findall(r'[^":/]+(?=")', request or ""))
    return bool(said & names)


def _answers(
    engine: Engine,
    table: str,
    span: tuple[datetime, datetime],
    inside: set[str],
    known: tuple[set[str], set[str]],
) -> list[Answer]:
    names = listed((*LOOKS, *CONTAINS), engine.dialect)
    begin, end = (moment(at, engine.dialect) for at in span)
    rows = engine.query(
        "select eventtime, eventname, eventid, useridentity.arn as arn, "
        "useridentity.accesskeyid as accesskey, useridentity.invokedby as invokedby, "
        "requestparameters as request "
        f"from {table} where eventname in ({names}) and errorcode is null "
        f"and eventtime >= {begin} and eventtime <= {end} "
        "order by eventtime, eventid limit 2000"
    ).to_pylist()
    own, named = known
    out = []
    for r in rows:
        if r["eventid"] in inside or {r["arn"], r["accesskey"]} & own or r["invokedby"]:
            continue
        if r["eventname"] in CONTAINS and not _mentions(r["request"], named):
            continue
        who = r["arn"] or "an unnamed principal"
        time = r["eventtime"]
        aware = time if time.tzinfo else time.replace(tzinfo=UTC)
        contains = r["eventname"] in CONTAINS
        out.append(Answer(aware, r["eventname"], who, r["eventid"] or "", contains))
    return out


def _usual(
    engine: Engine, table: str, whos: Sequence[str], keys: set[str], inside: set[str]
) -> dict[str, frozenset[str]]:
    out = {}
    for who in whos:
        others, them = listed(keys, engine.dialect), text(who, engine.dialect)
        not_theirs = f"and coalesce(useridentity.accesskeyid, '') not in ({others})" if keys else ""
        rows = engine.query(
            "select eventsource, eventname, min(eventid) as one, count(*) as n "
            f"from {table} where (useridentity.sessioncontext.sessionissuer.arn = {them} "
            f"or useridentity.arn = {them}) {not_theirs} "
            "group by eventsource, eventname order by eventsource, eventname"
        ).to_pylist()
        names = {f"{r['eventsource']}:{r['eventname']}" for r in rows if r["one"] not in inside}
        out[who] = frozenset(names)
    return out
