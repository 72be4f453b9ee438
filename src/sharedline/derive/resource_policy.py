"""The table `resource_policy`: for each resource that can carry a policy, whom it lets in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sharedline.collect.table import Type
from sharedline.derive.base import Derivation, Row, Rows
from sharedline.derive.documents import OF_ONE_POLICY, is_read, read
from sharedline.derive.sources import RESOURCE_POLICIES, Source
from sharedline.iam.compare.algebra import LimitError, covers, limited
from sharedline.iam.compare.grantees import ITS_ORGANIZATION, Grantees, grantees
from sharedline.iam.compare.public import UNTOLD, Exposure, is_cross_account, is_public
from sharedline.iam.compare.screening import hangs_on_a_place, plainly_open, spares
from sharedline.iam.compare.strangers import may_let_in
from sharedline.iam.globs import glob
from sharedline.iam.language import Policy, Principal, Statement

#: A reason is for people: of a policy of a thousand statements the first names are enough.
SHOWN = 3
_EVERYBODY = (Principal("*", "*"), Principal("AWS", "*"))


def _shown(names: Iterable[str]) -> str:
    found = list(names)
    rest = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(one[:80] for one in found[:SHOWN]) + rest


def _label(statement: Statement) -> str:
    return f"statement {statement.index}" + (f" ({statement.sid[:64]})" if statement.sid else "")


def _given(statement: Statement) -> str:
    actions = [one.text.lower() for one in statement.actions]
    return _shown([f"all but {one}" for one in actions] if statement.not_action else actions)


def _alone(policy: Policy, statement: Statement) -> Policy:
    return Policy(policy.name, policy.version, (statement,))


def _public(policy: Policy, arn: str, own: str) -> tuple[bool | None, str]:
    """Whether the policy lets anyone in, and which statement does or cannot be judged."""
    found = is_public(policy, arn, own)
    if found.answer is False:
        return False, ""
    if found.answer:
        by = next(it for it in policy.statements if it.index in found.statements)
        return True, f"{_label(by)} lets anyone use {_given(by)}"
    return None, f"{_doubtful(policy, arn, own)} cannot be judged: {_why(found)}"


def _why(found: Exposure) -> str:
    return found.reason.removeprefix(UNTOLD)


def _doubtful(policy: Policy, arn: str, own: str) -> str:
    """The first statement that by itself may let anyone in."""
    for it in policy.allows:
        if is_public(_alone(policy, it), arn, own).answer is not False:
            return _label(it)
    return "the policy"


def _plain(policy: Policy, own: str) -> bool | None:
    """What needs no search: True if a statement names another account and nothing takes it back.

    None where that cannot be told, for only networks or buckets are named. False: search.
    """
    if not all(map(spares, policy.denies)):
        return False
    live = [it for it in policy.allows if may_let_in(it, own)]
    if any(plainly_open(it.conditions) and grantees(it, own).accounts - {own} for it in live):
        return True
    return None if live and all(hangs_on_a_place(it) for it in live) else False


def _external(
    policy: Policy, arn: str, own: str, *, public: bool | None
) -> tuple[bool | None, list[str]]:
    """Whether somebody beside the holder's account is let in, and who is named."""
    named = [grantees(it, own) for it in policy.allows]
    external = {one for it in named for one in (*(it.accounts - {own}), *_outside(it))}
    if public and any(one.everybody for one in named):
        external.add("*")
    plain = True if public else _plain(policy, own)
    if plain:
        return True, sorted(external)
    answer = None if plain is None else is_cross_account(policy, arn, own).answer
    if answer is False:
        return False, []
    # Where a condition cannot be judged, the accounts that the policy names are still written down.
    return (True if external else answer), sorted(external)


def _outside(found: Grantees) -> Iterator[str]:
    """Organisations and networks; whose a VPC or a bucket is, the policy does not say."""
    for one in found.others:
        if one.startswith("o-") or one == ITS_ORGANIZATION or one[:1].isdigit():
            yield one


def _bites_plain_http(statement: Statement) -> bool:
    if statement.not_principal or not set(statement.principals or ()) & set(_EVERYBODY):
        return False
    (condition, *more) = statement.conditions or (None,)
    return (
        condition is not None
        and not more
        and (condition.operator, condition.quantifier) == ("bool", "")
        and condition.key == "aws:securetransport"
        and condition.values == ("false",)
    )


def _denies_plain_http(policy: Policy, source: Source, arn: str) -> bool | None:
    """Whether Deny statements refuse every action on the whole resource over plain HTTP."""
    try:
        return _covers_plain_http(policy, source, arn)
    except LimitError:
        return None


def _covers_plain_http(policy: Policy, source: Source, arn: str) -> bool:
    parts = {arn, f"{arn}/*"} if source.table in ("s3_bucket", "s3_access_point") else {arn}
    covered: set[str] = set()
    for it in policy.denies:
        if it.not_action or it.not_resource or not _bites_plain_http(it):
            continue
        of_service = glob(f"{source.prefix}:*", fold=True)
        if any(covers(one, of_service) for one in it.actions):
            wide = it.resources or (glob("*", "resource"),)
            covered |= parts & {one.text for one in wide}
            for part in parts - covered:
                if any(covers(one, glob(part, "resource")) for one in wide):
                    covered.add(part)
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


def _judged(source: Source, row: Row, policy: Policy) -> Row:
    own = row["account_id"]
    whole, policy = policy.whole, _readable(policy)
    # First, since it costs little: what takes long below must not leave it without time.
    plain_http = _denies_plain_http(policy, source, row["arn"])
    # S3 judges the policy of an access point by the access point's own ARN. Of the others any
    # resource counts: the ARNs in a policy are often not the one in its row (an API's, a queue's).
    arn = row["arn"] if source.table == "s3_access_point" else ""
    public, reason = _public(policy, arn, own)
    if public is not True and not whole:
        public, reason = None, "a statement is malformed"
    if source.table == "s3_access_point" and row.get("network_origin") == "VPC":
        # S3 never counts an access point that only a VPC reaches as public.
        public, reason = False, ""
    cross, external = _external(policy, arn, own, public=public)
    if not cross and not whole:
        cross = None
    return {
        **_key(source, row),
        "has_policy": bool(policy.statements) or not whole,
        "is_public": public,
        "public_reason": reason,
        "is_cross_account": cross,
        "external_principals": external,
        "denies_insecure_transport": plain_http,
    }


def _readable(policy: Policy) -> Policy:
    """What can be read of a policy, as one of its own: AWS takes none with a malformed statement.

    So a grant in it stands, and what it does not grant is not certain.
    """
    return policy if policy.whole else Policy(policy.name, policy.version, policy.statements)


def row_of(source: Source, row: Row) -> Row:
    """The verdict on one resource."""
    text = row[source.column]
    if text is None:
        return _unknown(source, row, has_policy=None, reason="the policy was not readable")
    policy = read('{"Statement": []}' if text in ("", "{}") else text)
    if not is_read(policy):
        return _unknown(source, row, has_policy=True, reason=_fault(policy))
    with limited(OF_ONE_POLICY):
        return _judged(source, row, policy)


def _fault(policy: Policy) -> str:
    return f"the policy cannot be read: {policy.problems[0]}"[:200]


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
