"""Gaps as a to-do list: by owner, then severity, then check, with the fix beside the rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sharedline.duties import owners
from sharedline.model import NOBODY, SEVERITIES, Check, Duty
from sharedline.report.heat import group_by_duty
from sharedline.report.names import anchor, fair_cap
from sharedline.results import Results

#: Rows of gaps in the whole page, and of one check of one owner.
ROWS, ROWS_PER_GROUP = 8_000, 100


@dataclass
class Group:
    """One owner's gaps of one check."""

    id: str
    check: Check | None
    total: int = 0
    rows: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The check's title; its id where the check is gone."""
        return self.check.title if self.check else self.id

    @property
    def hidden(self) -> int:
        """How many gaps the page does not list."""
        return self.total - len(self.rows)


@dataclass
class Owner:
    """One owner: whom to call, and what is theirs to mend."""

    name: str
    person: str
    contact: str
    severities: list[tuple[str, list[Group]]]
    counts: Counter[str]
    unverified: Sequence[tuple[Duty, Sequence[Mapping[str, Any]]]]

    @property
    def anchor(self) -> str:
        """Where the owner's gaps begin."""
        return anchor("owner", self.name)


def by_owner(results: Results, found: Sequence[Mapping[str, Any]]) -> list[Owner]:
    """Every owner with gaps: nobody first, then those with most to mend."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    unverified: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for gap in found:
        owner = gap["owner"]
        if gap["check"]:
            groups[owner, gap["severity"], gap["check"]].append(gap)
            key = gap["severity"] if gap["status"] == "unmet" else gap["status"]
            counts[owner][key] += 1
        elif gap["status"] == "unverified":
            unverified[owner].append(gap)
            counts[owner]["unverified"] += 1
        else:
            counts[owner]["unowned"] += 1
    cap = fair_cap((len(rows) for rows in groups.values()), ROWS, ROWS_PER_GROUP)
    shown: dict[str, dict[str, list[Group]]] = defaultdict(lambda: defaultdict(list))
    for (owner, severity, check_id), rows in sorted(groups.items()):
        check = results.checks.get(check_id)
        shown[owner][severity].append(Group(check_id, check, len(rows), rows[:cap]))
    teams = owners.load(results.project.owners).teams
    out = []

    def most_first(owner: str) -> tuple[Any, ...]:
        return owner != NOBODY, *(-counts[owner][s] for s in SEVERITIES), owner

    for name in sorted(counts, key=most_first):
        team = teams.get(name)
        ranked = [(s, _largest_first(shown[name][s])) for s in SEVERITIES if shown[name][s]]
        out.append(
            Owner(name, team.person if team else "", team.contact if team else "", ranked,
                  counts[name], group_by_duty(unverified[name]))
        )
    return out


def _largest_first(groups: Iterable[Group]) -> list[Group]:
    return sorted(groups, key=lambda g: (-g.total, g.id))


def by_duty(
    found: Iterable[Mapping[str, Any]], status: str
) -> list[tuple[Duty, list[Mapping[str, Any]]]]:
    """The gaps of whole cells that are `unowned` or `unverified`, by duty."""
    return group_by_duty(g for g in found if g["status"] == status and not g["check"])
