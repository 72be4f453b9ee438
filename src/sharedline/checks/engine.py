"""Runs checks over a scan: answers with side, owner, life, and for unknown the denied call.

The check's SQL runs on the chosen engine; what follows it (side, owner, waiver, life) is the same
DuckDB SQL for every engine, streamed into one Parquet file, so that memory stays flat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sharedline.checks.refused import failures_of, nearest, unlisted_of
from sharedline.checks.sql import Parsed, bound_sql
from sharedline.collect.table import Type
from sharedline.derive import columns_of, derivations, inputs, required
from sharedline.inventory.engines import Duck, Engine

FINDING: Mapping[str, Type] = {
    "check_id": "string",
    "resource": "string",
    "ok": "bool",
    "reason": "string",
    "status": "string",
    "life": "string",
    "since": "timestamp",
    "reopened": "int",
    "severity": "string",
    "duty": "string",
    "service": "string",
    "side": "string",
    "owner": "string",
    "waiver": "string",
    "account_id": "string",
    "region": "string",
    "tags": "json",
    "denied_call": "string",
    "code": "string",
    "grant_action": "string",
}
LIFE: Mapping[str, Type] = {
    "check_id": "string",
    "resource": "string",
    "life": "string",
    "since": "timestamp",
    "reopened": "int",
    "account_id": "string",
    "region": "string",
}


#: As the account of a failure: what could not be listed speaks of every account.
EVERY = "*"


@dataclass(frozen=True)
class ListingFailure:
    """A table that could not be listed (whole) in an account x Region."""

    table: str
    account_id: str
    region: str
    call: str
    code: str
    action: str


@dataclass(frozen=True)
class Context:
    """What the finishing of answers needs to know of the scan."""

    as_of: datetime
    partition: str
    failures: Sequence[ListingFailure] = ()
    #: Operations (`service:Operation`) by table and column, and the action that allows each.
    calls: Mapping[tuple[str, str], str] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)
    #: Tables with rows for which some call failed, with those calls.
    row_errors: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """SQL expressions over an answer (resource, account_id, region, tags), made by `duties`."""

    service: str
    side: Callable[[], str]
    owner: str
    waiver: str


#: SQL that AWS's answer was a refusal, for which an action can be granted.
_REFUSED = "(code ilike '%denied%' or code ilike '%authoriz%' or code in ('403', 'Forbidden'))"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def base_tables(parsed: Parsed, name: str, *, whole: bool = True) -> frozenset[str]:
    """The collected tables that a read table stands on.

    A table derived `by_table` stands on those that the query names, as tables it reads or as texts
    compared with `table_name`, and on what it cannot do without. `whole=False` gives every input,
    those it can do without too.
    """
    known = derivations().get(name)
    if known is None:
        return frozenset({name})
    if known.by_table:
        named = frozenset((set(parsed.reads) | parsed.literals) & inputs(name))
        named |= {other for one in named for other in known.made_from.get(one, ())}
        return named | required(name) if named else inputs(name)
    return required(name) if whole else inputs(name)


def hampered(parsed: Parsed, context: Context) -> dict[str, list[ListingFailure]]:
    """The listing failures that touch a check, by `population` and `joined`."""
    out: dict[str, list[ListingFailure]] = {"population": [], "joined": []}
    population = base_tables(parsed, parsed.population)
    joined: set[str] = set()
    for name in parsed.reads:
        if name != parsed.population and name not in parsed.check.tolerates:
            joined |= base_tables(parsed, name)
    # Rows of a collected population are there or not; rows made from several tables may be wrong.
    known = derivations().get(parsed.population)
    if known is not None and not known.by_table:
        joined |= population
    else:
        joined -= population
    for failure in context.failures:
        if failure.table in parsed.check.tolerates:
            continue
        if failure.table in population:
            out["population"].append(failure)
        if failure.table in joined:
            out["joined"].append(failure)
    return out


def _touches(failures: Iterable[ListingFailure]) -> str:
    """SQL that an answer lies where a joined table could not be listed."""
    parts = set()
    for f in failures:
        place = f"account_id = {_text(f.account_id)}" if f.account_id != EVERY else "true"
        if f.region != "global":
            # A global row may stand on any Region's rows; a regional one on its own Region's.
            place += f" and (region = {_text(f.region)} or region = 'global')"
        parts.add(f"({place})")
    return " or ".join(sorted(parts)) or "false"


def unlisted(parsed: Parsed, context: Context, service: str) -> list[dict[str, Any]]:
    """An unknown answer for each account x Region whose population could not be listed."""
    rows: dict[str, dict[str, Any]] = {}
    for f in hampered(parsed, context)["population"]:
        region = "" if f.region == "global" else f.region
        account = "" if f.account_id == EVERY else f.account_id
        resource = f"arn:{context.partition}:{service}:{region}:{account}:*"
        rows[resource] = {
            "resource": resource,
            "ok": None,
            "reason": f"{f.table} could not be listed: {f.call} answered {f.code}.",
            "account_id": account,
            "region": f.region,
            "tags": None,
            "denied_call": f.call,
            "code": f.code,
            "grant_action": f.action,
        }
    return list(rows.values())


def _borne(parsed: Parsed, context: Context) -> list[ListingFailure]:
    """The listing failures that leave no answer unlisted, but may leave one undecided.

    Those that the check copes with by itself, and those of any account that a derived table is made
    from: an organisation's trail is watched in the account that it delivers to.
    """
    tolerated = set(parsed.check.tolerates)
    found: set[str] = set()
    for name in parsed.reads:
        tables = base_tables(parsed, name, whole=False)
        found |= tables if name in derivations() else tables & tolerated
    return [f for f in context.failures if f.table in found]


def row_error_sql(
    parsed: Parsed, context: Context, registered: Callable[[str], None]
) -> str | None:
    """SQL giving the rows in which a call that the check reads failed; see `failures_of`."""
    parts = []
    for name, columns in parsed.reads.items():
        for table in base_tables(parsed, name, whole=False):
            used = columns if table == name else columns_of(name, table)
            failed = context.row_errors.get(table, frozenset())
            failed &= frozenset(context.calls.get((table, c), "") for c in used)
            if failed:
                registered(table)
                parts.append(failures_of(table, failed, joined=table != parsed.population))
    parts += [unlisted_of(f.account_id, f.region, f.call, f.code) for f in _borne(parsed, context)]
    return " union all ".join(parts) or None


def _action_sql(context: Context, parsed: Parsed, first: str, column: str) -> str:
    """SQL for the action to grant: of the calls that failed for rows, and of the listing `first`."""
    tables = {t for name in parsed.reads for t in base_tables(parsed, name, whole=False)}
    failed = {call for table in tables for call in context.row_errors.get(table, ())} | {first}
    failed |= {f.call for f in _borne(parsed, context)}
    pairs = " ".join(
        f"when {_text(call)} then {_text(context.actions[call])}"
        for call in sorted(failed)
        if call in context.actions
    )
    return f"case {column} {pairs} end" if pairs else "null::varchar"


def _left_out(parsed: Parsed, raw: str, touches: str) -> str:
    """SQL adding the accounts x Regions that a condition on an unlisted table left out.

    Only what a check joins can decide that it does not speak of an `account_region`, which has no
    columns of its own; where that was not listed, the answer is unknown and not absent.
    """
    if parsed.population != "account_region" or touches == "false":
        return ""
    return (
        " union all by name select arn as resource, null::boolean as ok, null::varchar as reason, "
        f"account_id, region, tags from account_region where ({touches}) "
        f"and arn not in (select resource from {raw})"
    )


def finishing_sql(
    parsed: Parsed,
    context: Context,
    judged: Judged,
    raw: str,
    errors: str | None,
    *,
    explained: bool = False,
) -> str:
    """The SELECT that turns answers (a subquery or table `raw`) into findings.

    `errors` gives the calls that failed for rows; `explained` answers carry theirs already.
    """
    check = parsed.check
    joined = hampered(parsed, context)["joined"]
    touches = _touches(joined)
    why = "; ".join(
        sorted({f"{f.table} could not be listed ({f.call} answered {f.code})" for f in joined})[:3]
    )
    first = joined[0] if joined else None
    unlisted_call = _text(first.call) if first else "null::varchar"
    unlisted_code = _text(first.code) if first else "null::varchar"
    as_of = f"'{context.as_of.isoformat()}'::timestamptz"
    grant = _action_sql(context, parsed, first.call if first else "", "denied_call")
    failed, error_join, e_call, e_code = nearest(errors)
    if explained:
        e_call, e_code, grant = "a.denied_call", "a.code", "explained_grant"
    carried = "a.grant_action" if explained else "null::varchar"
    # What a check says of a NULL may be a sentence about its absence: the refused call says it all.
    own = "own.call" if errors else "null"
    refused = f"when a.ok is null and {own} is not null then null"
    elsewhere = "not hampered and a.ok is null and own.call is null" if errors else "false"
    return f"""
with {failed} answers as (select * from {raw}{_left_out(parsed, raw, touches)}),
hit as (select *, ({touches}) as hampered from answers),
told as (
  select a.resource, a.account_id, coalesce(a.region, 'global') as region, a.tags,
    case when hampered then null else a.ok end as ok,
    case when hampered then {unlisted_call} when a.ok is null then {e_call} end as denied_call,
    case when hampered then {unlisted_code} when a.ok is null then {e_code} end as code,
    case when hampered then {_text(why)} {refused} else a.reason end as said,
    {elsewhere} as elsewhere, {carried} as explained_grant
  from hit a {error_join}
),
judged as (
  select r.*, {judged.side()} as side, {judged.owner} as owner, {judged.waiver} as waiver
  from told r
),
lived as (
  select j.*, p.life as was, p.since as was_since, coalesce(p.reopened, 0) as was_reopened,
    c.at as claimed_at
  from judged j
  left join previous_life p on p.check_id = {_text(check.id)} and p.resource = j.resource
    and p.account_id = j.account_id
  left join claimed c on c.check_id = {_text(check.id)} and c.resource = j.resource
)
select {_text(check.id)} as check_id, resource, ok,
  case when ok is null and denied_call is null and said <> '' then 'Unknown: ' || said
    when elsewhere and denied_call is not null then 'Unknown: '
      || coalesce(nullif(rtrim(said, '.'), ''), 'what decides this could not be read') || ' ('
      || denied_call || ' answered ' || coalesce(code, 'an error') || ').'
    when said is not null and said <> '' then said
    when ok is null and denied_call is not null then 'Not readable: ' || denied_call || ' answered '
      || coalesce(code, 'an error') || '.'
    when ok is null then 'AWS''s answer does not say.'
    when ok then 'As desired.' else 'Not as desired.' end as reason,
  case when ok then 'met' when ok is null then 'unknown' when waiver is not null then 'waived'
    else 'unmet' end as status,
  case
    when ok is null then coalesce(was, '')
    when ok and was in ('open', 'claimed', 'waived', 'verified') then 'verified'
    when ok then ''
    when waiver is not null then 'waived'
    when was in ('open', 'claimed', 'waived') and claimed_at >= was_since then 'claimed'
    else 'open' end as life,
  case
    when was is null or was = '' then case when ok then null when ok is null then null
      else {as_of} end
    when ok is null then was_since
    when ok and was = 'verified' then was_since
    when ok then {as_of}
    when was = 'verified' then {as_of}
    else was_since end as since,
  case when ok = false and was = 'verified' then was_reopened + 1 else was_reopened end as reopened,
  {_text(check.severity)} as severity, {_text(check.duty)} as duty,
  {_text(judged.service)} as service, side, owner, waiver, account_id, region, tags, denied_call,
  code, case when {_REFUSED} then {grant} end as grant_action
from lived
"""


def answers(
    parsed: Parsed,
    context: Context,
    engine: Engine,
    duck: Duck,
    params: Mapping[str, Any],
    registered: Callable[[str], None],
) -> str:
    """Runs the check's SQL; returns what to select its answers from, in DuckDB."""
    for name in parsed.reads:
        registered(name)
    sql = bound_sql(parsed, context.as_of, engine.dialect, params)
    if engine is duck:
        return f"({sql})"
    duck.arrow("_answers", engine.query(sql))
    return "_answers"
