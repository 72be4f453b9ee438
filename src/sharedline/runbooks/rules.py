"""The detection rules that a runbook can answer: `<area>/<file>`, as they lie in the product."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from sharedline.trail import sigma
from sharedline.trail.sigma import Rule


def root() -> Path:
    """The folder of the rules."""
    return Path(str(resources.files("sharedline.trail"))) / "rules"


@cache
def rules() -> Mapping[str, Rule]:
    """The reported rules by their id; the first of a file where it holds several."""
    found: dict[str, Rule] = {}
    for rule in sigma.load().shown():
        name = Path(rule.path).relative_to(root()).with_suffix("").as_posix()
        found.setdefault(name, rule)
    return found


def path_of(name: str) -> Path:
    """The file of a rule."""
    return Path(rules()[name].path)
