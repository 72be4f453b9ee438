"""SQL that sums the trail up: who called what, on which resources, how often; on both engines.

Ten million events become some ten thousand rows in the engine itself, so that what Python knows
(which IAM action a call needs, which resource it names) is asked of those rows alone.
"""

from __future__ import annotations

import re
from functools import cache

from sharedline.iam.fit.event_actions import data
from sharedline.iam.fit.usage import MANY, NO_CALLS

#: Between the parts of a text: no ARN and no name has it.
PART = "\x1f"
_PART = "chr(31)"
_FIELD = re.compile(r"\{([a-zA-Z]\w*)\}")
_ARNS = '"[A-Za-z0-9_]+" *: *"(arn:[^"*?]{1,1000})"'
_REFUSED = "not authorized to perform:? ?[^a-z]?([a-z0-9-]{1,64}:[A-Za-z0-9*]{1,128})"
_ISSUER = "useridentity.sessioncontext.sessionissuer.arn"
#: Calls from the console: CloudTrail says so, or for older records the program does.
_CONSOLE = (
    "coalesce(sessioncredentialfromconsole, false) "
    "or coalesce(useragent, '') like '%console%.amazonaws.com%'"
)
ACCOUNT = "coalesce(recipientaccountid, useridentity.accountid, '')"
CALLS = "coalesce(eventtype, '') not in (" + ", ".join(f"'{n}'" for n in sorted(NO_CALLS)) + ")"
#: Whose permissions a call used: role sessions are their role's.
PRINCIPAL = (
    f"case when useridentity.type in ('AssumedRole', 'FederatedUser') and {_ISSUER} is not null "
    f"then {_ISSUER} when useridentity.type in ('AssumedRole', 'IAMUser', 'Role', 'Root') "
    "then useridentity.arn end"
)
KIND = (
    "case when useridentity.type in ('AssumedRole', 'Role') then 'role' "
    "when useridentity.type in ('IAMUser', 'FederatedUser') then 'user' "
    "when useridentity.type = 'Root' then 'root' "
    "when useridentity.type = 'AWSService' then 'service' "
    "when useridentity.type = 'AWSAccount' then 'account' else 'other' end"
)
#: What tells a refusal; which codes and messages do is `iam.fit.refusal`'s to say.
FAILED = (
    "coalesce(errorcode, '') as errorcode, "
    "coalesce(errormessage like '%not authorized to perform%', false) as said, "
    f"coalesce(regexp_extract(errormessage, '{_REFUSED}', 1), '') as refused"
)


@cache
def fields() -> dict[str, tuple[str, ...]]:
    """The parameters that name resources, by the service's IAM prefix."""
    found: dict[str, dict[str, None]] = {}
    for kind, template in data()["resources"].items():
        names = [n for n in _FIELD.findall(template) if not n.startswith("_")]
        found.setdefault(kind.partition(".")[0], {}).update(dict.fromkeys(names))
    return {prefix: tuple(names) for prefix, names in found.items()}


def _member(name: str, dialect: str) -> str:
    if dialect == "spark":
        return f"coalesce(get_json_object(requestparameters, '$.{name}'), '')"
    valid = "case when json_valid(requestparameters) then "
    return f"coalesce({valid}json_extract_string(requestparameters, '$.{name}') end, '')"


def _named(dialect: str) -> str:
    """The parameters that name a resource, one after the other, where the service has any."""
    cases = []
    for prefix, names in fields().items():
        values = ", ".join(_member(n, dialect) for n in names)
        cases.append(f"when '{prefix}' then concat_ws({_PART}, {values})")
    source = "split_part(lower(eventsource), '.', 1)"
    chosen = f"case {source} {' '.join(cases)} else '' end"
    return f"case when requestparameters is null then '' else {chosen} end"


def _arns(dialect: str) -> str:
    """The ARNs that an event lists; where it lists none, those of its parameters."""
    asked = f"regexp_extract_all(requestparameters, '{_ARNS}', 1)"
    if dialect == "spark":
        listed, asked = f"array_join(resources.arn, {_PART})", f"array_join({asked}, {_PART})"
    else:
        listed = f"array_to_string(list_transform(resources, lambda r: r.arn), {_PART})"
        asked = f"array_to_string({asked}, {_PART})"
    return (
        f"case when coalesce({listed}, '') <> '' then {listed} "
        f"when contains(requestparameters, '\"arn:') then {asked} else '' end"
    )


def calls(dialect: str) -> str:
    """One row for what is alike; of what a principal does, the commonest `MANY` resources."""
    # Versions of objects have actions of their own; only S3 names them.
    version = (
        "coalesce(regexp_extract(requestparameters, '\"versionId\" *: *\"([^\"])', 1), '') <> ''"
    )
    keys = "principal, eventsource, eventname, account, region, versioned, errorcode, said, refused"
    return f"""
with one as (
  select {PRINCIPAL} as principal, coalesce(eventsource, '') as eventsource,
    coalesce(eventname, '') as eventname, {ACCOUNT} as account,
    coalesce(awsregion, '') as region, {version} as versioned, {FAILED},
    {_arns(dialect)} as arns, {_named(dialect)} as named, {_CONSOLE} as console, eventtime
  from cloudtrail where {CALLS}
), alike as (
  select {keys}, arns, named, console, count(*) as n, min(eventtime) as first_at,
    max(eventtime) as last_at
  from one where principal is not null group by {keys}, arns, named, console
), ranked as (
  select *, row_number() over (partition by principal, eventsource, eventname
    order by n desc, arns, named, {keys}, console) as place
  from alike
), kept as (
  select {keys}, console, case when place <= {MANY} then arns else '' end as arns,
    case when place <= {MANY} then named else '' end as named, n, first_at, last_at
  from ranked
)
select {keys}, console, arns, named, sum(n) as n, min(first_at) as first_at, max(last_at) as last_at
from kept group by {keys}, console, arns, named"""


def services() -> str:
    """Calls by account, Region, host and kind of principal, with how they ended."""
    keys = "account, region, eventsource, kind, errorcode, said"
    return f"""
select {keys}, count(*) as n, max(eventtime) as last_at,
  sum(case when readonly = false then 1 else 0 end) as changes
from (select {ACCOUNT} as account, coalesce(awsregion, '') as region,
    coalesce(eventsource, '') as eventsource, {KIND} as kind, {FAILED}, readonly, eventtime
  from cloudtrail where {CALLS}) as one group by {keys}"""


def spans() -> str:
    """From when to when the lake holds events of each account."""
    return (
        f"select {ACCOUNT} as account, min(eventtime) as first_at, max(eventtime) as last_at "
        f"from cloudtrail group by {ACCOUNT}"
    )
