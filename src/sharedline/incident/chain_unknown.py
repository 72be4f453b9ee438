"""What the trail cannot tell of a chain, named, and where it would be found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sharedline.incident.chain_find import Search
from sharedline.incident.chain_links import is_outside, issued_key
from sharedline.incident.chain_sql import quoted_table
from sharedline.incident.model import Step, Subject, Unknown

#: Services whose use of data is only in the trail where data events are switched on.
_DATA = {
    "s3": ("objects in S3 buckets", "S3 server access logs of the buckets"),
    "dynamodb": ("items in DynamoDB tables", "the application's own logs"),
    "lambda": ("calls of Lambda functions", "CloudWatch metrics and logs of the functions"),
}


def unknowns(
    search: Search, subject: Subject, steps: Sequence[Step], missing: Sequence[str]
) -> Iterator[Unknown]:
    """Everything that is missing of the chain."""
    if missing:
        listed = ", ".join(missing[:5]) + (" and more" if len(missing) > 5 else "")
        yield Unknown(
            f"The trail here does not have the event {listed}.",
            "The logs of that account and day: ingest them (sharedline trail ingest).",
            "no-event",
        )
    if not steps:
        named = ", ".join((*subject.keys, *subject.principals, *subject.addresses)[:3])
        yield Unknown(
            f"The trail here shows nothing done by {named or 'what the subject names'}.",
            "The trail of the account and days in question, or LookupEvents for the last 90 days.",
            "no-events",
        )
        return
    yield from _credentials(search, steps)
    yield from _gaps(search, steps)
    yield from _bounds(search)


def _credentials(search: Search, steps: Sequence[Step]) -> Iterator[Unknown]:
    delivered = sorted({s.principal for s in steps if _delivery(s) and is_outside(s.address)})
    for principal in delivered[:3]:
        name = principal.rsplit("/", 1)[-1]
        yield Unknown(
            f"How the role's credentials left {name}: a forged request through a proxy or "
            "application on it, a command run on it, or a person with access; the trail shows the "
            "use of credentials, not the requests that reached the machine.",
            "Access logs of the reverse proxy, load balancer (ALB/ELB) and WAF in front of it, "
            "VPC Flow Logs for who connected to it, and the machine's own logs or disk.",
            "proxy",
        )
        yield Unknown(
            f"Whether and when the metadata service of {name} was asked for the credentials: "
            "neither CloudTrail nor VPC Flow Logs record requests to 169.254.169.254.",
            "The machine's own logs; the CloudWatch metric MetadataNoToken tells whether requests "
            "without a token (IMDSv1) were made.",
            "imds",
        )
    made = {issued_key(s.row) for s in steps}
    used = {key for (key, _), who in search.sessions.items() if not who["weak"]}
    keys = sorted(key for key in used - made if key.startswith("AKIA"))
    for key in keys[:5]:
        yield Unknown(
            f"How the access key {key} came into the caller's hands, and when it was created.",
            "Code repositories and build logs, the workstation of its owner, the credential "
            "report for its age; older logs for CreateAccessKey.",
            "key-origin",
        )
    logins = sorted({s.principal for s in steps if s.eventname == "ConsoleLogin" and not s.error})
    own = {h.value for h in search.handles if h.kind in ("user", "password")}
    for principal in logins[:5]:
        if principal.rsplit("/", 1)[-1] not in own:
            yield Unknown(
                f"How the password of {principal.rsplit(':', 1)[-1]} (and its second factor, if "
                "any) was obtained.",
                "The identity provider's sign-in logs, mail logs for phishing, the workstation.",
                "password",
            )


def _delivery(step: Step) -> bool:
    session = (step.row.get("useridentity") or {}).get("sessioncontext") or {}
    return bool(session.get("ec2roledelivery"))


def _gaps(search: Search, steps: Sequence[Step]) -> Iterator[Unknown]:
    trail = search.trail
    counts = trail.ask(
        f"select account, cast(cast(t as date) as varchar(10)) as day, "
        f"count(*) as n from {trail.flat()} e group by 1, 2"
    )
    days: dict[str, set[str]] = {}
    for row in counts:
        days.setdefault(row["account"] or "", set()).add(str(row["day"])[:10])
    yield from _accounts(steps, days)
    yield from _days(steps, days)
    yield from _data_events(search, steps)


def _accounts(steps: Sequence[Step], days: dict[str, set[str]]) -> Iterator[Unknown]:
    reached = {}
    for step in steps:
        target = str(step.request.get("roleArn") or "").split(":")
        if step.eventname.startswith("AssumeRole") and not step.error and len(target) > 5:
            reached[target[4]] = "a role there was assumed"
        actor = str((step.row.get("useridentity") or {}).get("accountid") or "")
        if actor.isdigit():
            reached.setdefault(actor, "a caller came from there")
    for account, why in sorted(reached.items()):
        if account and account not in days:
            yield Unknown(
                f"What happened in account {account}: {why}, and the trail here has no event of it.",
                f"The trail of account {account}, or the organisation's trail.",
                "other-account",
            )


def _days(steps: Sequence[Step], days: dict[str, set[str]]) -> Iterator[Unknown]:
    for account in sorted({s.account for s in steps if s.account}):
        seen = days.get(account, set())
        times = [s.time for s in steps if s.account == account]
        times += [s.last for s in steps if s.account == account and s.last]
        first, last = min(times).date(), max(times).date()
        gone = [d for d in _each(first, last) if d.isoformat() not in seen]
        if gone:
            yield Unknown(
                f"What happened in account {account} on {_listed(gone)}: the trail here has no "
                "event of that time, though the chain goes on after it.",
                "The log bucket's files of these days; whether logging was stopped (StopLogging).",
                "days",
            )


def _each(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _listed(found: Sequence[date]) -> str:
    if len(found) > 3:
        return f"{len(found)} days from {found[0]} to {found[-1]}"
    return ", ".join(d.isoformat() for d in found)


def _data_events(search: Search, steps: Sequence[Step]) -> Iterator[Unknown]:
    touched: dict[str, set[str]] = {}
    for step in steps:
        service = step.eventsource.split(".")[0]
        if service in _DATA and not step.error:
            touched.setdefault(service, set()).add(step.account)
    if not touched:
        return
    trail = search.trail
    sources = trail.listed(f"{s}.amazonaws.com" for s in touched)
    table = quoted_table(trail.engine, trail.table)
    where = [f"eventsource in ({sources})", *trail.span()]
    rows: list[dict[str, Any]] = trail.ask(
        "select distinct eventsource, recipientaccountid as account from "
        f"{table} where {' and '.join(where)} and "
        "(eventcategory = 'Data' or managementevent = false or eventname in "
        "('GetObject', 'PutObject', 'ListObjects', 'HeadObject', 'DeleteObject', 'GetItem', "
        "'Query', 'Scan', 'Invoke'))"
    )
    have = {(r["eventsource"].split(".")[0], r["account"] or "") for r in rows}
    for service, accounts in sorted(touched.items()):
        for account in sorted(a for a in accounts if (service, a) not in have):
            what, where_else = _DATA[service]
            yield Unknown(
                f"Which {what} of account {account} were read or changed: the trail here has no "
                "data events of that service.",
                f"{where_else[0].upper()}{where_else[1:]}, or data events if another trail has "
                "them; otherwise what was reachable counts as taken.",
                "data-events",
            )


def _bounds(search: Search) -> Iterator[Unknown]:
    for what in search.cut:
        yield Unknown(
            f"More {what} than the search follows: the chain goes on where it was cut.",
            "Start again from one of its last steps: sharedline incident --event ID.",
            "bound",
        )
