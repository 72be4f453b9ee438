"""The table `resource_policy`: for each resource that can carry a policy, whom it lets in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sharedline.collect.table import Type
from sharedline.derive.base import Derivation, Row, Rows
from sharedline.derive.document import PolicyError, Statement, statements
from sharedline.derive.federation import open_federation
from sharedline.derive.patterns import covers, is_everything
from sharedline.derive.policy_reach import Denies, any_of, is_anyone, reach
from sharedline.derive.sources import RESOURCE_POLICIES, Source

#: A reason is for people: of a policy of a thousand statements the first names are enough.
SHOWN = 3


def _shown(names: Iterable[str]) -> str:
    found = list(names)
    rest = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + rest


def _label(statement: Statement) -> str:
    return f"statement {statement.index}" + (f" ({statement.sid[:64]})" if statement.sid else "")


def _given(statement: Statement) -> str:
    actions = statement.actions or tuple(f"all but {one}" for one in statement.not_actions)
    return _shown(actions)


def _public(
    allows: Iterable[Statement], denies: Denies, own: str, *, trust: bool
) -> tuple[bool | None, str]:
    """Whether some Allow lets everybody in once the Deny statements are counted, and which."""
    unsure = ""
    for statement in allows:
        open_ = reach(statement, own).anyone
        if trust:
            open_ = any_of([open_, open_federation(statement)])
        if open_ is not False:
            remains = denies.leave_open(statement)
            open_ = False if remains is False else (open_ if remains else None)
        if open_:
            return True, f"{_label(statement)} lets anyone use {_given(statement)}"
        if open_ is None and not unsure:
            unsure = f"{_label(statement)} has a condition or principal that cannot be judged"
    return (None, unsure) if unsure else (False, "")


def _external(allows: Iterable[Statement], own: str) -> tuple[set[str], bool]:
    """Accounts and organisations beside the holder's that are let in; whether some is unsure."""
    external: set[str] = set()
    unsure = False
    for statement in allows:
        found = reach(statement, own)
        external |= found.accounts - {own}
        for other in found.others:
            if other.startswith(("o-", "the organization")) or other[:1].isdigit():
                external.add(other)
            elif not _belongs_to_aws(other):
                unsure = True  # a VPC, a bucket or a canonical user: whose, the policy does not say
        unsure |= found.anyone is None
    return external, unsure


def _belongs_to_aws(name: str) -> bool:
    return name.endswith(".amazonaws.com") or ":iam::cloudfront:" in name


def _bites_plain_http(statement: Statement) -> bool:
    if statement.effect != "Deny" or ("AWS", "*") not in statement.principals:
        return False
    (condition, *more) = statement.conditions or (None,)
    return (
        condition is not None
        and not more
        and condition.base == "bool"
        and condition.key == "aws:securetransport"
        and condition.values == ("false",)
    )


def _denies_plain_http(found: Iterable[Statement], source: Source, arn: str) -> bool:
    """Whether Deny statements refuse every action on the whole resource over plain HTTP."""
    covered: set[str] = set()
    parts = {arn, f"{arn}/*"} if source.table in ("s3_bucket", "s3_access_point") else {arn}
    for statement in found:
        if not _bites_plain_http(statement):
            continue
        if not any(is_everything(a) or a == f"{source.prefix}:*" for a in statement.actions):
            continue
        resources = statement.resources or ("*",)
        if not statement.not_resources:
            covered |= {part for part in parts if any(covers(r, part) for r in resources)}
    return covered == parts


def _unknown(source: Source, row: Row, *, has_policy: bool | None, reason: str) -> Row:
    return {
        **_key(source, row),
        "has_policy": has_policy,
        "is_public": None,
        "public_reason": reason,
        "is_cross_account": None,
        "external_principals": None,
        "denies_insecure_transport": None,
    }


def _key(source: Source, row: Row) -> Row:
    return {
        "arn": row["arn"],
        "account_id": row["account_id"],
        "region": row["region"],
        "table_name": source.table,
    }


def _judged(source: Source, row: Row, found: list[Statement]) -> Row:
    own = row["account_id"]
    allows = [one for one in found if one.effect == "Allow"]
    public, reason = _public(allows, Denies(found, own), own, trust=source.kind == "trust")
    if public is not True and any(not one.effect for one in found):
        public, reason = None, "a statement is malformed"
    if source.table == "s3_access_point" and row.get("network_origin") == "VPC":
        # S3 never counts an access point that only a VPC reaches as public.
        public, reason = False, ""
    external, unsure = _external(allows, own)
    unsure |= any(not one.effect for one in found)
    if any(is_anyone(*p) for one in allows for p in one.principals) and public:
        external.add("*")
    return {
        **_key(source, row),
        "has_policy": bool(found),
        "is_public": public,
        "public_reason": reason,
        "is_cross_account": True if external or public else None if unsure else False,
        "external_principals": sorted(external),
        "denies_insecure_transport": _denies_plain_http(found, source, row["arn"]),
    }


def row_of(source: Source, row: Row) -> Row:
    """The verdict on one resource."""
    text = row[source.column]
    if text is None:
        return _unknown(source, row, has_policy=None, reason="the policy was not readable")
    if text in ("", "{}"):
        return _judged(source, row, [])
    try:
        return _judged(source, row, list(statements(text)))
    except PolicyError as error:
        return _unknown(source, row, has_policy=True, reason=str(error))


def _run(tables: Rows) -> Iterator[Row]:
    for source in RESOURCE_POLICIES:
        for row in tables.get(source.table, ()):
            yield row_of(source, row)


COLUMNS: Mapping[str, tuple[Type, str]] = {
    "arn": ("string", "The resource."),
    "account_id": ("string", "The account of the resource."),
    "region": ("string", "The Region of the resource, or `global`."),
    "table_name": ("string", "The table that the resource is a row of."),
    "has_policy": ("bool", "It has a resource policy; NULL where not readable."),
    "is_public": ("bool", "The policy lets anyone in, Deny statements and conditions counted."),
    "public_reason": ("string", "Which statement lets anyone in, or why it cannot be told."),
    "is_cross_account": ("bool", "The policy lets in somebody outside the resource's account."),
    "external_principals": ("strings", "Those outside: accounts, organisations, networks, or `*`."),
    "denies_insecure_transport": ("bool", "Every action over plain HTTP is refused."),
}

RESOURCE_POLICY = Derivation(
    name="resource_policy",
    doc="For each resource that can carry a policy: whom the policy lets in.",
    reads={one.table: ("arn", "account_id", "region", *one.reads) for one in RESOURCE_POLICIES},
    columns=COLUMNS,
    run=_run,
    optional=frozenset(one.table for one in RESOURCE_POLICIES),
    by_table=True,
)
