"""What the trail says of looks at logs: SQL over `cloudtrail`, the same on DuckDB and Spark."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sharedline.inventory.engines import Engine
from sharedline.inventory.literals import listed, text
from sharedline.trail.review.readers import Look, Reader, Rules, fields_of, load

Row = dict[str, Any]
#: Who delivers log files: a refusal of these is a log that is lost.
DELIVERIES = (
    "cloudtrail.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
    "config.amazonaws.com",
    "logging.s3.amazonaws.com",
    "guardduty.amazonaws.com",
)
#: Changes to findings whose events name the findings.
CHANGES = (
    "ArchiveFindings",
    "UnarchiveFindings",
    "UpdateFindingsFeedback",
    "BatchUpdateFindings",
    "BatchUpdateFindingsV2",
    "UpdateFindings",
)
_U = "useridentity"
_IDENTITY = {
    "type": f"{_U}.type",
    "arn": f"{_U}.arn",
    "user_name": f"{_U}.username",
    "invoked_by": f"{_U}.invokedby",
    "issuer": f"{_U}.sessioncontext.sessionissuer.arn",
    "mfa": f"{_U}.sessioncontext.attributes.mfaauthenticated",
    "delivery": f"{_U}.sessioncontext.ec2roledelivery",
    "provider": f"{_U}.sessioncontext.webidfederationdata.federatedprovider",
    "user_agent": "useragent",
    "console": "sessioncredentialfromconsole",
    # An address only where it is the name of a service: there would be too many of the others.
    "address": "case when sourceipaddress like '%.amazonaws.com' then sourceipaddress end",
}
_PLACE = {"account_id": "recipientaccountid", "region": "awsregion"}


def member(engine: Engine, path: str, column: str = "requestparameters") -> str:
    """SQL for a member of a JSON text; NULL where it is absent or the text no JSON."""
    if engine.dialect == "duckdb":
        return f"json_extract_string(case when json_valid({column}) then {column} end, '$.{path}')"
    return f"get_json_object({column}, '$.{path}')"


def _target(engine: Engine, look: Look) -> str:
    parts = [f"substr({member(engine, path)}, 1, 400)" for path in look.target]
    if not parts:
        return "''"
    if look.join:
        return " || ' ' || ".join(f"coalesce({p}, '')" for p in parts)
    return f"coalesce({', '.join(parts)}, '')"


def _is(look: Look) -> str:
    return f"(eventsource = {text(look.source)} and eventname in ({listed(look.events)}))"


def _of_logs(engine: Engine, buckets: Collection[str]) -> str:
    """SQL that an S3 event is about a bucket of logs: by its name, or by the key that AWS gives."""
    bucket, key = member(engine, "bucketName"), member(engine, "key")
    prefix = member(engine, "prefix")
    ours = f"{bucket} in ({listed(buckets, engine.dialect)})"
    return f"({ours} or {key} like '%AWSLogs/%' or {prefix} like '%AWSLogs/%')"


def _wanted(engine: Engine, rules: Rules, buckets: Collection[str]) -> str:
    parts = []
    for look in rules.looks:
        more = f" and {_of_logs(engine, buckets)}" if look.of == "bucket" else ""
        parts.append(f"({_is(look)}{more})")
    return " or ".join(parts)


def _of_account(engine: Engine) -> str:
    """SQL for the account whose log files an S3 event is about, by the key; empty: not known.

    An organisation's trail has the files of all accounts in one bucket, and a reader of one
    account's has not looked at the others'.
    """
    key = f"coalesce({member(engine, 'key')}, '')"
    found = f"regexp_extract({key}, 'AWSLogs/(o-[a-z0-9]+/)?([0-9]{{12}})/', 2)"
    return f"case when eventsource = 's3.amazonaws.com' then {found} else '' end"


def _columns(engine: Engine, rules: Rules) -> dict[str, str]:
    cases = " ".join(f"when {_is(k)} then {_target(engine, k)}" for k in rules.looks if k.target)
    return {
        **_PLACE,
        "source": "eventsource",
        "event": "eventname",
        "target": f"case {cases} else '' end",
        "of_account": _of_account(engine),
        **_IDENTITY,
        "refused": "coalesce(errorcode, '') <> ''",
    }


def looks(engine: Engine, buckets: Collection[str] = (), rules: Rules | None = None) -> list[Row]:
    """Looks at logs and findings, one row per reader, event and target: how many, first and last."""
    rules = rules or load()
    columns = _columns(engine, rules)
    names = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    groups = ", ".join(str(n + 1) for n in range(len(columns)))
    sql = (
        f"select {names}, count(*) as times, min(eventtime) as first_at, max(eventtime) as last_at "
        f"from cloudtrail where {_wanted(engine, rules, buckets)} group by {groups}"
    )
    return list(_judged(engine.query(sql).to_pylist(), rules))


def each(
    engine: Engine,
    buckets: Collection[str] = (),
    *,
    arns: Collection[str] = (),
    limit: int = 0,
    rules: Rules | None = None,
) -> list[Row]:
    """The single events behind `looks`, newest first; of some readers only, if they are named."""
    rules = rules or load()
    columns = {**_columns(engine, rules), "event_id": "eventid", "last_at": "eventtime"}
    names = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    only = f" and {_U}.arn in ({listed(arns, engine.dialect)})" if arns else ""
    cut = f" limit {limit}" if limit else ""
    sql = (
        f"select {names} from cloudtrail where ({_wanted(engine, rules, buckets)}){only} "
        f"order by eventtime desc, eventid{cut}"
    )
    found = engine.query(sql).to_pylist()
    return list(_judged([{**r, "times": 1, "first_at": r["last_at"]} for r in found], rules))


def _judged(rows: Iterable[Row], rules: Rules) -> Iterator[Row]:
    """The rows with who it was and what it was a look at."""
    known: dict[tuple[Any, ...], Reader] = {}
    for row in rows:
        key = tuple(row[name] for name in _IDENTITY)
        if key not in known:
            known[key] = rules.judge(fields_of(row))
        who, look = known[key], rules.look(row["source"], row["event"])
        if look is None:
            continue
        yield {
            "arn": row["arn"] or row["invoked_by"] or row["type"] or "",
            "account_id": row["account_id"] or "",
            "region": row["region"] or "",
            "kind": look.of,
            "target": row["target"] or "",
            "of_account": row["of_account"] or "",
            "action": f"{look.source.split('.')[0]}:{row['event']}",
            "concerns": sorted(rules.concerns(row["target"])) if look.of == "athena" else [],
            "does": look.does,
            "counts": look.counts,
            "who": who.name,
            "reader": who.kind,
            "rule": who.rule,
            "forwards": who.forwards,
            "refused": bool(row["refused"]),
            "times": row["times"],
            "first_at": row["first_at"],
            "last_at": row["last_at"],
            **({"event_id": row["event_id"]} if "event_id" in row else {}),
        }


def cover(engine: Engine, buckets: Collection[str] = ()) -> list[Row]:
    """What the trail could show: per account, Region and day its events, reads and data events.

    `bucket` is empty in these; other rows are of one bucket of logs: its data events and reads.
    """
    day = "substr(cast(eventtime as varchar), 1, 10)"
    if engine.dialect == "spark":
        day = "date_format(eventtime, 'yyyy-MM-dd')"
    data = "(coalesce(eventcategory, '') = 'Data' or not coalesce(managementevent, true))"
    sums = (
        "count(*) as events, "
        f"sum(case when readonly and not {data} then 1 else 0 end) as reads, "
        f"sum(case when {data} then 1 else 0 end) as data_events"
    )
    place = "recipientaccountid as account_id, awsregion as region"
    everything = f"select {place}, {day} as day, {sums} from cloudtrail group by 1, 2, 3"
    of_buckets = (
        f"select {place}, {day} as day, {member(engine, 'bucketName')} as bucket, "
        "count(*) as events, sum(case when eventname in ('GetObject', 'ListObjects', 'HeadObject', "
        "'SelectObjectContent', 'ListObjectVersions') then 1 else 0 end) as reads "
        f"from cloudtrail where eventsource = 's3.amazonaws.com' and {data} "
        f"and {_of_logs(engine, buckets)} group by 1, 2, 3, 4"
    )
    rows = [{**r, "bucket": ""} for r in engine.query(everything).to_pylist()]
    rows += [{**r, "data_events": r["events"]} for r in engine.query(of_buckets).to_pylist()]
    return [{**r, "account_id": r["account_id"] or "", "region": r["region"] or ""} for r in rows]


def deliveries(engine: Engine) -> list[Row]:
    """Log files that were refused: which service, at which bucket or log group, how often, why."""
    by = f"coalesce({_U}.invokedby, case when {_U}.type = 'AWSService' then sourceipaddress end)"
    group = member(engine, "logGroupName")
    bucket = member(engine, "bucketName")
    to_logs = (
        "(eventsource = 'logs.amazonaws.com' and eventname in ('PutLogEvents', 'CreateLogStream') "
        f"and ({by} in ({listed(DELIVERIES)}) or "
        f"lower(coalesce({_U}.arn, '')) like '%cloudtrail%'))"
    )
    to_bucket = (
        "(eventsource = 's3.amazonaws.com' and eventname in ('PutObject', 'GetBucketAcl', "
        f"'PutObjectAcl', 'CreateMultipartUpload') and {by} in ({listed(DELIVERIES)}))"
    )
    to_key = (
        "(eventsource = 'kms.amazonaws.com' and eventname in ('GenerateDataKey', 'Encrypt') "
        f"and {by} in ({listed(DELIVERIES)}))"
    )
    sql = (
        f"select recipientaccountid as account_id, awsregion as region, {by} as service, "
        f"coalesce({bucket}, {group}, {member(engine, 'keyId')}, '') as target, errorcode as code, "
        "max(errormessage) as message, count(*) as times, min(eventtime) as first_at, "
        "max(eventtime) as last_at from cloudtrail where coalesce(errorcode, '') like '%Denied%' "
        f"and ({to_bucket} or {to_logs} or {to_key}) group by 1, 2, 3, 4, 5"
    )
    return list(engine.query(sql).to_pylist())


def changes(engine: Engine, rules: Rules | None = None) -> list[Row]:
    """Changes to findings that went through: who, when, and the ids of the findings."""
    rules = rules or load()
    names = ", ".join(f"{sql} as {name}" for name, sql in {**_PLACE, **_IDENTITY}.items())
    sql = (
        f"select {names}, eventsource as source, eventname as event, eventtime as at, "
        "eventid as event_id, requestparameters as asked from cloudtrail "
        "where eventsource in ('guardduty.amazonaws.com', 'securityhub.amazonaws.com') "
        f"and eventname in ({listed(CHANGES)}) and coalesce(errorcode, '') = '' "
        "order by eventtime, eventid"
    )
    found = []
    for row in engine.query(sql).to_pylist():
        who = rules.judge(fields_of(row))
        asked = _asked(row["asked"])
        found.append(
            {
                "service": row["source"].split(".")[0],
                "account_id": row["account_id"] or "",
                "region": row["region"] or "",
                "at": row["at"],
                "event": row["event"],
                "event_id": row["event_id"],
                "arn": row["arn"] or "",
                "who": who.name,
                "reader": who.kind,
                "rule": who.rule,
                "findings": _named(asked),
                "status": str((asked.get("workflow") or asked.get("Workflow") or {}) or ""),
            }
        )
    return found


def _asked(given: str | None) -> Mapping[str, Any]:
    try:
        value = json.loads(given or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _named(asked: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of findings in a change's parameters, whatever the case of the members' names."""
    low = {k.lower(): v for k, v in asked.items()}
    found = [str(i) for i in low.get("findingids") or () if isinstance(i, str)]
    for one in low.get("findingidentifiers") or ():
        if isinstance(one, dict):
            found += [str(v) for k, v in one.items() if k.lower() in ("id", "findinginfouid")]
    return tuple(found)
