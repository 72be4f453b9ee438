"""The resources that an event of CloudTrail names, where the event leaves no doubt.

Source: "resources" and "requestParameters" in
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
(read 2026-11-21); the templates are in `event_actions.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sharedline.iam.actions import Action, find, resource_arns
from sharedline.iam.fit.event_actions import data
from sharedline.iam.globs import Glob

_FIELD = re.compile(r"\{(\w+)\}")
#: A name that goes into an ARN as it is; anything else (an ARN, a URL, an alias) does not.
_PLAIN = re.compile(r"[\w.+=,@$!*'()/#% -]{1,1100}")
_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))
#: No ARN that IAM compares is longer.
LONGEST = 2048


def resources_of(event: Mapping[str, Any], action: str) -> tuple[str, ...]:
    """The ARNs of the resources on which the event used the action; () where none is certain."""
    found = find(action)
    if found is None or not found.resource_types:
        return ()
    if len(found.required) > 1:
        # Several kinds at once: an event seldom names all of them.
        return ()
    named = list(dict.fromkeys(one for one in _listed(event) if _fits(found, one)))
    if not named:
        named = list(dict.fromkeys(one for one in _asked(event) if _fits(found, one)))
    return tuple(_narrow(named) or _composed(event, found))


def _listed(event: Mapping[str, Any]) -> Iterator[str]:
    listed = event.get("resources")
    for one in listed[:100] if isinstance(listed, list) else ():
        arn = (one.get("ARN") or one.get("arn")) if isinstance(one, Mapping) else None
        if isinstance(arn, str) and _certain(arn):
            yield arn


def _asked(event: Mapping[str, Any]) -> Iterator[str]:
    """The ARNs that the request's own parameters hold; those of other kinds do not fit."""
    parameters = event.get("requestParameters")
    for value in parameters.values() if isinstance(parameters, Mapping) else ():
        if isinstance(value, str) and _certain(value):
            yield value


def _certain(arn: str) -> bool:
    return arn.startswith("arn:") and len(arn) <= LONGEST and not set(arn) & set("*?")


def _fits(action: Action, arn: str) -> bool:
    """Whether the ARN is of a kind on which the action acts: the narrowest that it matches."""
    kinds = resource_arns(action.service)
    matching = {name: len(one.text) for name, one in kinds.items() if one.matches(arn)}
    longest = max(matching.values(), default=0)
    return any(matching.get(name) == longest for name in action.resource_types if matching)


def _narrow(arns: list[str]) -> list[str]:
    """Without a bucket that stands beside its own object: the object is what was asked for."""
    return [one for one in arns if not any(o.startswith(f"{one}/") for o in arns)]


def _composed(event: Mapping[str, Any], action: Action) -> Iterator[str]:
    parameters = event.get("requestParameters")
    if not isinstance(parameters, Mapping):
        return
    for kind in action.resource_types:
        template = data()["resources"].get(f"{action.service}.{kind}")
        arn = _filled(template, event, parameters) if template else None
        glob = _kind(action.service, kind)
        if arn and glob is not None and glob.matches(arn):
            yield arn
            return


@cache
def _kind(service: str, kind: str) -> Glob | None:
    return resource_arns(service).get(kind)


def _filled(template: str, event: Mapping[str, Any], given: Mapping[str, Any]) -> str | None:
    region = event.get("awsRegion")
    account = event.get("recipientAccountId")
    if not isinstance(region, str) or not isinstance(account, str):
        return None
    known = {"_region": region, "_account": account, "_partition": _partition(region)}
    values = {}
    for name in _FIELD.findall(template):
        value = known.get(name, given.get(name))
        if not isinstance(value, str) or not _PLAIN.fullmatch(value) or set(value) & set("*?"):
            return None
        values[name] = value
    return _FIELD.sub(lambda match: values[match[1]], template)


def _partition(region: str) -> str:
    return next((name for start, name in _PARTITIONS if region.startswith(start)), "aws")
