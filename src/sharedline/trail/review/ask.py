"""What AWS itself remembers of changes to findings: asked on demand, with calls that only read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sharedline.derive.base import Row
from sharedline.trail.review.readers import Reader, fields_of, load
from sharedline.trail.sources import reason

#: Makes a client of a service in a Region.
Client = Callable[[str, str | None], Any]
#: All that `--ask-aws` needs.
ACTIONS = (
    "guardduty:ListFindings",
    "securityhub:GetFindingHistory",
    "securityhub:GetFindings",
)
#: So many findings of a place are asked about: each costs a call of its own.
MOST = 100
_HANDLED = ("NOTIFIED", "RESOLVED", "SUPPRESSED")


def ask(
    client: Client, places: Iterable[Row], changes: Sequence[Row], since: datetime, until: datetime
) -> tuple[list[Row], list[str]]:
    """Who changed or archived findings, by AWS; and what could not be asked.

    `places` are the sources of GuardDuty and Security Hub; only those of the account whose
    credentials are used can be asked.
    """
    import botocore.exceptions

    errors = (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError)
    rows: list[Row] = []
    notes: list[str] = []
    try:
        own = client("sts", None).get_caller_identity()["Account"]
    except errors as error:
        return [], [f"AWS was not asked: it does not say who is asking ({reason(error)})."]
    asked = {"guardduty": _guardduty, "securityhub": _securityhub}
    for place in places:
        service = place["source"]
        if service not in asked:
            continue
        where = f"{service} in {place['region']} of {place['account_id']}"
        if place["account_id"] != own:
            notes.append(f"{where} was not asked: these are the credentials of {own}.")
            continue
        try:
            api = client(service, place["region"])
            found = asked[service](api, place, changes, since, until)
            rows += [_row(place, **one) for one in found]
        except errors as error:
            needed = ", ".join(a for a in ACTIONS if a.startswith(service))
            notes.append(f"{where} did not answer ({reason(error)}); it needs {needed}.")
    return rows, notes


def _row(place: Row, arn: str, at: datetime | None, who: Reader, what: str) -> Row:
    return {
        "service": place["source"],
        "account_id": place["account_id"],
        "region": place["region"],
        "arn": arn,
        "at": at,
        "who": who.name,
        "reader": who.kind,
        "rule": who.rule,
        "what": what,
    }


def _securityhub(
    api: Any, place: Row, changes: Sequence[Row], since: datetime, until: datetime
) -> Iterator[dict[str, Any]]:
    """The history of findings that somebody or something has handled."""
    del changes  # the history names who it was
    equals = [{"Value": v, "Comparison": "EQUALS"} for v in _HANDLED]
    span = {"Start": since.isoformat(), "End": until.isoformat()}
    answer = api.get_findings(
        Filters={
            "AwsAccountId": [{"Value": place["account_id"], "Comparison": "EQUALS"}],
            "WorkflowStatus": equals,
            "UpdatedAt": [span],
        },
        MaxResults=MOST,
    )
    for finding in answer["Findings"]:
        history = api.get_finding_history(
            FindingIdentifier={"Id": finding["Id"], "ProductArn": finding["ProductArn"]},
            StartTime=since,
            EndTime=until,
            MaxResults=100,
        )
        for record in history.get("Records", ()):
            source = record.get("UpdateSource") or {}
            updates = record.get("Updates") or ()
            yield {
                "arn": finding["Id"],
                "at": record.get("UpdateTime"),
                "who": changed_by(source.get("Type", ""), source.get("Identity", "")),
                "what": ", ".join(
                    f"{u.get('UpdatedField')}: {u.get('OldValue', '')} to {u.get('NewValue', '')}"
                    for u in updates
                )
                or ("made" if record.get("FindingCreated") else "changed"),
            }


def changed_by(kind: str, identity: str) -> Reader:
    """Who an entry of a finding's history names."""
    if kind == "BATCH_IMPORT_FINDINGS" or ":product/" in identity:
        return Reader("machine", "product", identity.rsplit("/", 1)[-1] or "a product")
    if ":automation-rule/" in identity or identity == "securityhub.amazonaws.com":
        return Reader("machine", "automation rule", identity.rsplit("/", 1)[-1])
    assumed = ":assumed-role/" in identity
    kind = "AssumedRole" if assumed else "IAMUser" if ":user/" in identity else ""
    return load().judge(fields_of({"type": kind, "arn": identity}))


def _guardduty(
    api: Any, place: Row, changes: Sequence[Row], since: datetime, until: datetime
) -> Iterator[dict[str, Any]]:
    """Archived findings: by whom the trail says, or by nobody that it knows."""
    archived = {
        finding: c
        for c in changes
        if c["event"] == "ArchiveFindings"
        and (c["account_id"], c["region"]) == (place["account_id"], place["region"])
        for finding in c["findings"]
    }
    millis = {"Gte": int(since.timestamp() * 1000), "Lt": int(until.timestamp() * 1000)}
    answer = api.list_findings(
        DetectorId=place["arn"].rsplit("/", 1)[-1],
        FindingCriteria={"Criterion": {"service.archived": {"Eq": ["true"]}, "updatedAt": millis}},
        MaxResults=50,
    )
    for finding in answer["FindingIds"]:
        change = archived.get(finding)
        nobody = Reader("unclear", "no event in the trail", "a suppression filter, or unknown")
        who = Reader(change["reader"], change["rule"], change["who"]) if change else nobody
        yield {
            "arn": f"{place['arn']}/finding/{finding}",
            "at": change["at"] if change else None,
            "who": who,
            "what": "archived" if change else "archived, and no event of the trail says by whom",
        }
