"""The table `resource_access`: who can read each resource that carries a policy, in effect.

*Read* is one action for each kind (`READING`). `anyone_in_account` asks of somebody of the
resource's account who has no policy of its own: whether the resource's policy lets all in.
`delegates_to_iam` asks of one whose policies allow everything: a KMS key says no unless its policy
leaves the decision to IAM. `external_principals` are those of other accounts that the policy lets
in once its Deny statements, conditions and RCPs are counted: of scanned accounts those whose own
policies allow it too, of others as the policy names them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice

from sharedline.collect.table import Type
from sharedline.derive.base import Derivation, Row, Rows
from sharedline.iam.access import meeting
from sharedline.iam.access.bits import members
from sharedline.iam.access.entries import PrincipalEntry, ResourceEntry
from sharedline.iam.access.estate import OPTIONAL, READS, Estate, build
from sharedline.iam.access.who_can import Map
from sharedline.iam.evaluate import evaluate
from sharedline.iam.language import Layer, Policy
from sharedline.iam.parse import parse
from sharedline.iam.request import Answer, Caller, Context, Policies, Request, caller_of

#: For each table the action that reads what it holds, and what of the resource is asked for.
READING: Mapping[str, tuple[str, str]] = {
    "s3_bucket": ("s3:GetObject", "/*"),
    "s3_access_point": ("s3:GetObject", "/object/*"),
    "kms_key": ("kms:Decrypt", ""),
    "sns_topic": ("sns:Subscribe", ""),
    "sqs_queue": ("sqs:ReceiveMessage", ""),
    "lambda_function": ("lambda:InvokeFunction", ""),
    "secretsmanager_secret": ("secretsmanager:GetSecretValue", ""),
    "ecr_repository": ("ecr:BatchGetImage", ""),
    "efs_file_system": ("elasticfilesystem:ClientMount", ""),
    "opensearch_domain": ("es:ESHttpGet", "/*"),
    "apigateway_rest_api": ("execute-api:Invoke", "/*"),
    "backup_vault": ("backup:CopyFromBackupVault", ""),
    "dynamodb_table": ("dynamodb:GetItem", ""),
    "events_event_bus": ("events:PutEvents", ""),
}
#: Readers that are named; the count has all.
NAMED = 50
ALL: Policy = parse(
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
    "everything",
)


def _somebody(account: str, partition: str) -> PrincipalEntry:
    """A role of an account of which nothing else is known."""
    arn = f"arn:{partition}:iam::{account}:role/sharedline-any"
    return PrincipalEntry(
        *(arn, caller_of(arn), "iam_role", "sharedline-any", (), None, "", (), None, None, None, {})
    )


def _request(
    estate: Estate, entry: ResourceEntry, caller: Caller, identity: tuple[Policy, ...]
) -> Answer:
    """What is answered to a caller who has these identity policies and no other limit."""
    action, tail = READING[entry.table_name]
    resource = entry.arn + tail
    values: meeting.Values = {"aws:securetransport": ("true",)}
    absent: set[str] = set()
    if caller.account:
        somebody = _somebody(caller.account, entry.arn.split(":", 2)[1])
        values, absent = meeting.of_principal(estate.organization, somebody, ())
        values["aws:principalarn"] = (caller.arn,)
        if caller.kind == "root":  # the whole account: its users and roles, whatever their names
            caller = somebody.caller
            values.pop("aws:principalarn")
            values.pop("aws:principaltype")
    region = meeting.region_of(resource, entry)
    theirs, lacking = meeting.of_resource(
        estate.organization, entry.account, entry, estate.keys, region
    )
    context = Context({**values, **theirs}, complete=False, absent=frozenset(absent | lacking))
    found = meeting.policies(estate.organization, _somebody(entry.account, "aws"), resource, entry)
    unread: dict[Layer, str] = {
        layer: why for layer, why in found.unreadable.items() if layer in ("resource", "rcp")
    }
    policies = Policies(identity, found.resource, rcps=found.rcps, unreadable=unread)
    return evaluate(Request(caller, action, resource, context, entry.account), policies).answer


def _somebody_can(
    estate: Estate, entry: ResourceEntry, identity: tuple[Policy, ...]
) -> bool | None:
    """Whether somebody of the resource's account can, who has these policies and is not named."""
    if entry.policy is None and entry.readable and not identity:
        return False  # nothing says that anybody can
    caller = _somebody(entry.account, entry.arn.split(":", 2)[1]).caller
    found = _request(estate, entry, caller, identity)
    return None if found is Answer.UNKNOWN else found is Answer.ALLOWED


def _named_outside(estate: Estate, entry: ResourceEntry, scanned: frozenset[str]) -> Iterator[str]:
    """Those beside the scanned accounts that the policy names and lets in, perhaps on conditions."""
    for value in dict.fromkeys(_principals(entry.policy)):
        anonymous = value == "*"
        text = f"arn:aws:iam::{value}:root" if value.isdigit() and len(value) == 12 else value
        try:
            caller = caller_of(text)
        except ValueError:
            continue
        if not anonymous and (caller.kind == "service" or caller.account in scanned):
            continue
        found = _request(estate, entry, caller, () if anonymous else (ALL,))
        if found is Answer.ALLOWED:
            yield "*" if anonymous else text
        elif found is Answer.DEPENDS and not anonymous:
            yield text


def _principals(policy: Policy | None) -> Iterable[str]:
    for statement in policy.allows if policy is not None else ():
        for one in statement.principals or ():
            if one.kind in ("*", "AWS"):
                yield one.value


@dataclass
class _Group:
    """Principals that can do the same, in the order of their names."""

    names: list[str]
    accounts: frozenset[str]


@dataclass
class _Readers:
    """Of one resource: who surely can, and how many perhaps can or are unknown."""

    groups: list[_Group] = field(default_factory=list)
    perhaps: int = 0
    unknown: int = 0

    @property
    def count(self) -> int:
        """How many surely can."""
        return sum(len(one.names) for one in self.groups)

    def first(self) -> list[str]:
        """The first `NAMED` of them."""
        return list(islice(merge(*(one.names for one in self.groups)), NAMED))

    def abroad(self, home: str, account_of: Callable[[str], str]) -> Iterator[str]:
        """Those of other accounts than the resource's."""
        for one in self.groups:
            if one.accounts != {home}:
                yield from (name for name in one.names if account_of(name) != home)


def _readers(estate: Estate) -> Iterator[tuple[str, _Readers]]:
    """Each resource with its readers; principals that reach the same are gone through once."""
    by_table: dict[str, list[str]] = defaultdict(list)
    for arn, entry in estate.resources.items():
        if entry.table_name in READING and _speaks(entry):
            by_table[entry.table_name].append(arn)
    for table, arns in by_table.items():
        action, tail = READING[table]
        over = Map(estate, [arn + tail for arn in arns])
        same: dict[tuple[int, int, int], list[str]] = defaultdict(list)
        for principal, reach in over.reach(action).items():
            same[reach.yes, reach.depends, reach.unknown].append(principal)
        found: dict[int, _Readers] = defaultdict(_Readers)
        for (yes, depends, unknown), names in same.items():
            accounts = frozenset(estate.principals[name].account for name in names)
            group = _Group(sorted(names), accounts)
            for at in members(yes):
                found[at].groups.append(group)
            for at in members(depends):
                found[at].perhaps += len(names)
            for at in members(unknown):
                found[at].unknown += len(names)
        for arn in arns:
            yield arn, found[over.atlas.names.at[arn + tail]]


def _speaks(entry: ResourceEntry) -> bool:
    """Whether it is the name under which the policy speaks (an API has two)."""
    return entry.table_name != "apigateway_rest_api" or ":execute-api:" in entry.arn


def _rows(estate: Estate) -> Iterator[Row]:
    scanned = frozenset(one.account for one in estate.principals.values())
    for arn, readers in _readers(estate):
        entry = estate.resources[arn]
        home = entry.account
        closed, is_key = not entry.readable, entry.table_name == "kms_key"
        yield {
            "arn": arn,
            "account_id": home,
            "region": entry.region,
            "table_name": entry.table_name,
            "action": READING[entry.table_name][0],
            "readers": readers.first(),
            "reader_count": readers.count,
            "conditional_count": readers.perhaps,
            "unknown_count": readers.unknown,
            "decrypters": None if readers.unknown or closed or not is_key else readers.count,
            "anyone_in_account": _somebody_can(estate, entry, ()),
            "delegates_to_iam": _somebody_can(estate, entry, (ALL,)) if is_key else None,
            "external_principals": None
            if closed
            else sorted(
                {
                    *readers.abroad(home, lambda name: estate.principals[name].account),
                    *_named_outside(estate, entry, scanned),
                }
            ),
        }


def _run(tables: Rows) -> Iterator[Row]:
    yield from _rows(build(tables))


COLUMNS: Mapping[str, tuple[Type, str]] = {
    "arn": ("string", "The resource; of an API the name under which it is called."),
    "account_id": ("string", "Its account."),
    "region": ("string", "Its Region, or `global`."),
    "table_name": ("string", "The table that it is a row of."),
    "action": ("string", "The action that reads it."),
    "readers": ("strings", f"Users and roles of the scan that surely can; the first {NAMED}."),
    "reader_count": ("int", "How many surely can."),
    "conditional_count": ("int", "How many can under conditions."),
    "unknown_count": ("int", "Of how many it is not known."),
    "decrypters": (
        "int",
        "Of a KMS key: how many surely can; NULL where it is not known of all.",
    ),
    "anyone_in_account": (
        "bool",
        "All of its account can, without any policy of their own. NULL: not readable.",
    ),
    "delegates_to_iam": (
        "bool",
        "Of a KMS key: those of the account can whose own policies say so. NULL: not readable.",
    ),
    "external_principals": (
        "strings",
        "Those of other accounts who can in effect; `*` for everybody. NULL: not readable.",
    ),
}

RESOURCE_ACCESS = Derivation(
    name="resource_access",
    doc="For each resource that can carry a policy: who can read it in effect.",
    reads=READS,
    columns=COLUMNS,
    run=_run,
    optional=OPTIONAL,
)
