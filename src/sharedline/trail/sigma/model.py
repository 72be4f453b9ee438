"""What the engine takes and gives: rules, the problems of files that are none, detections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from sharedline.trail.sigma.tree import Node

#: Sigma's levels, worst first.
LEVELS = ("critical", "high", "medium", "low", "informational")


@dataclass(frozen=True)
class Window:
    """A correlation: which matches belong together, in which time, and how many are a sign.

    `kind` is Sigma's type; `rules` are numbers into the set's rules; `keys` are the grouping
    fields' places for each of them, `value` the counted field's.
    """

    kind: str
    rules: tuple[int, ...]
    seconds: int
    least: int
    exact: bool = False


@dataclass(frozen=True)
class Rule:
    """A rule: what it says of itself, and either a condition over an event or a window."""

    id: str
    name: str
    title: str
    path: str
    level: str = "medium"
    status: str = ""
    description: str = ""
    duty: str = ""
    outcome: str = ""
    noise: str = ""
    techniques: tuple[str, ...] = ()
    tactics: tuple[str, ...] = ()
    #: Whether its matches are reported, and not only counted by a correlation.
    shown: bool = True
    condition: Node | None = None
    #: Grouping fields and counted field of the correlations that use this rule, by their number.
    keys: Mapping[int, tuple[Any, ...]] = field(default_factory=dict)
    window: Window | None = None


@dataclass(frozen=True)
class Problem:
    """A rule that cannot be used, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Rules:
    """A set of rules; `foreign` counts those of other log sources, `problems` what is unusable."""

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...] = ()
    foreign: int = 0

    def shown(self) -> list[Rule]:
        """The rules whose matches are reported."""
        return [rule for rule in self.rules if rule.shown]


@dataclass(frozen=True, slots=True)
class Detection:
    """What a rule found: one event, or several that a correlation counted together."""

    rule: str
    name: str
    title: str
    level: str
    duty: str
    techniques: tuple[str, ...]
    tactics: tuple[str, ...]
    #: `success`, or `attempt` where every event ended in an error.
    outcome: str
    account: str
    region: str
    time: datetime
    principal: str
    #: Ids of the events, at most `MOST_EVENTS` of them; `count` counts all.
    events: tuple[str, ...]
    count: int
    summary: str

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        given = {name: getattr(self, name) for name in _NAMES}
        moment = self.time.astimezone(UTC).replace(tzinfo=None)
        given["time"] = moment.isoformat(timespec="seconds") + "Z"
        return given

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Detection:
        """From what `plain` gave."""
        lists = {k: tuple(given[k]) for k in ("techniques", "tactics", "events")}
        return cls(**{**given, **lists, "time": datetime.fromisoformat(given["time"])})


_NAMES = tuple(each.name for each in fields(Detection))
#: So many events of one detection are named.
MOST_EVENTS = 1_000
