"""The sensitive actions of `sensitive.toml`: which there are, and the duty that each belongs to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Group:
    """Actions that do the same kind of harm; `duty` is the one that it touches."""

    name: str
    duty: str
    actions: tuple[str, ...]


@cache
def groups() -> tuple[Group, ...]:
    """The groups as written."""
    text = (resources.files("sharedline.iam.access") / "sensitive.toml").read_text(encoding="utf-8")
    return tuple(
        Group(name, one["duty"], tuple(one["actions"])) for name, one in tomllib.loads(text).items()
    )


@cache
def group_of() -> Mapping[str, Group]:
    """The group of each action."""
    return {action: group for group in groups() for action in group.actions}
