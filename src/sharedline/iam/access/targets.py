"""On which resources of an estate an action can act, and what people mean by a name of one."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from sharedline.errors import Error
from sharedline.iam.access.estate import Estate
from sharedline.iam.actions import Action, find, of_service, resource_arns, services
from sharedline.iam.globs import Glob, glob

#: The objects of a bucket all together: a pattern written as a name, which only wider ones match.
OBJECTS = "/*"


def action_of(text: str) -> Action:
    """The action that a text names; `Error` where AWS has none."""
    found = find(text)
    if found is not None:
        return found
    if set(text) & set("*?"):
        raise Error(f"{text!r} is a pattern.", "Give one action, such as s3:GetObject.")
    service, colon, name = text.lower().partition(":")
    if not colon:
        raise Error(f"{text!r} is no action.", "Write service:Action, such as s3:GetObject.")
    known = of_service(service)
    if not known:
        near = difflib.get_close_matches(service, services(), 3)
        advice = f"Did you mean {' or '.join(near)}?" if near else "Give a service's IAM prefix."
        raise Error(f"AWS has no service with the prefix {service!r}.", advice)
    near = [known[one].full for one in difflib.get_close_matches(name, known, 3)]
    advice = f"Did you mean {' or '.join(near)}?" if near else "Look in the service's reference."
    raise Error(f"AWS has no action {text!r}.", advice)


@lru_cache(maxsize=50_000)
def kinds(action: Action) -> tuple[Glob, ...]:
    """The ARNs of the kinds of resource that an action takes.

    A kind that leaves the service open (backups are of many) stands for no known resource.
    """
    known = resource_arns(action.service)
    found = [known[name] for name in action.resource_types if name in known]
    return tuple(one for one in found if one.text.split(":")[2] != "*")


def takes(action: Action, arn: str) -> bool:
    """Whether the action can act on what the ARN names."""
    return any(_is(one, arn) for one in kinds(action))


def _is(kind: Glob, arn: str) -> bool:
    if kind.text == "arn:*:s3:::*" and "/" in arn:
        return False  # an object, which the pattern of buckets takes in too
    return kind.matches(arn)


class Targets:
    """The resources of an estate by kind, with those that stand for many."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.accounts = sorted({one.account for one in estate.principals.values()})
        self._by_service: dict[str, list[str]] = defaultdict(list)
        for arn in estate.resources:
            parts = arn.split(":", 5)
            if len(parts) == 6:
                self._by_service[parts[2]].append(arn)
        for bucket in [*self._by_service["s3"]]:
            if "/" not in bucket and estate.resources[bucket].table_name == "s3_bucket":
                self._by_service["s3"].append(bucket + OBJECTS)
        self._by_service["s3"] += self._parts_of_buckets()
        self._kinds: dict[Glob, tuple[str, ...]] = {}

    def _parts_of_buckets(self) -> Iterable[str]:
        """What policies say of parts of buckets of the scan, such as `…:::data/team/*`."""
        found: set[str] = set()
        for one in self.estate.principals.values():
            for policy in one.identity:
                for statement in policy.statements:
                    if statement.effect == "Allow":
                        found.update(_objects(statement.resources or ()))
        return sorted(text for text in found if text.partition("/")[0] in self.estate.resources)

    def _of_kind(self, kind: Glob) -> tuple[str, ...]:
        found = self._kinds.get(kind)
        if found is None:
            service = kind.text.split(":")[2]
            hits = (arn for arn in self._by_service.get(service, ()) if _is(kind, arn))
            found = self._kinds[kind] = tuple(hits)
        return found

    def _typical(self, kind: Glob) -> list[str]:
        _, head, service, region, account, name = kind.text.split(":", 5)
        partition = "aws" if head == "*" else head
        owners = self.accounts if account == "*" else [account]
        return [f"arn:{partition}:{service}:{region}:{one}:{name}" for one in owners]

    def of(self, action: Action) -> tuple[str, ...]:
        """The resources that an action can act on; `*` for one that takes none.

        Where the scan has none of them, names that stand for all of a kind in an account.
        """
        known = kinds(action)
        found = dict.fromkeys(arn for kind in known for arn in self._of_kind(kind))
        return tuple(found or (arn for kind in known for arn in self._typical(kind))) or ("*",)

    def named(self, action: Action, text: str) -> list[str]:
        """The resources that a person means: an ARN, the end of one, a pattern, or `*` for all.

        `Error` where the text names none, or none that the action acts on.
        """
        if not action.resource_types:
            return ["*"]
        candidates = self.of(action)
        if text == "*":
            return list(candidates)
        found = self._meant(candidates, text)
        if found:
            return found
        if takes(action, text):
            return [text]
        if text in self.estate.resources or self._meant(list(self.estate.resources), text):
            wanted = ", ".join(action.resource_types)
            raise Error(f"{action.full} does not act on {text!r}.", f"It takes: {wanted}.")
        raise Error(
            f"The scan holds no resource {text!r} that {action.full} acts on.",
            "Give an ARN, the end of one, a pattern of them, or `*`.",
        )

    def one(self, action: Action, text: str) -> str:
        """The one resource that a person means; `Error` where it is none or several.

        A pattern stands for itself: what lies under a whole prefix is asked so.
        """
        if text == "*" or (takes(action, text) and text.startswith("arn:")):
            return text
        found = self.named(action, text)
        if len(found) > 1:
            raise Error(f"{text!r} means {len(found)} resources.", "Give one, or ask who-can.")
        return found[0]

    def _meant(self, candidates: Sequence[str], text: str) -> list[str]:
        if text in candidates:
            return [text]
        if text + OBJECTS in candidates:
            return [text + OBJECTS]
        if set(text) & set("*?"):
            pattern = glob(text, "arn" if text.startswith("arn:") else "plain")
            return [one for one in candidates if pattern.matches(one)]
        ends = (f":{text}", f"/{text}", f":{text}{OBJECTS}", f"/{text}{OBJECTS}")
        hits = [one for one in candidates if one.endswith(ends)]
        if len(hits) > 1:
            raise Error(f"{text!r} could be {', '.join(sorted(hits)[:5])}.", "Give the whole ARN.")
        return hits


def _objects(patterns: Iterable[Glob]) -> Iterable[str]:
    for one in patterns:
        if one.text.startswith("arn:") and ":s3:::" in one.text and not one.variables:
            bucket, slash, key = one.text.partition("/")
            if slash and key not in ("", "*") and not set(bucket) & set("*?"):
                yield one.text


def by_account(estate: Estate, arns: Iterable[str]) -> Mapping[str, list[str]]:
    """Resources by the account that owns them."""
    found: dict[str, list[str]] = defaultdict(list)
    for arn in arns:
        found[estate.account_of(arn)].append(arn)
    return found
