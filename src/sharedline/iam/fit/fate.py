"""What becomes of each action that a principal has: it stays, and why, or it goes.

What was used stays. What was certainly not used goes. What nobody could have seen being used stays
too, for silence says nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sharedline.iam.fit.last_accessed import LastAccessed
from sharedline.iam.fit.usage import Seen, Usage
from sharedline.iam.fit.writing import changes, dependents, service_name, tags_something

#: Fewer days of events than these leave out what happens monthly.
ENOUGH_DAYS = 30
#: Why an action stays or goes.
Fate = Literal["used", "implied", "unseen", "unmapped", "unused"]


@dataclass(frozen=True)
class Evidence:
    """What is known of a principal's use, as of a moment; `days` is how old a use may be."""

    arn: str
    as_of: datetime
    days: int = 90
    usage: Usage | None = None
    accessed: LastAccessed | None = None

    @property
    def since(self) -> datetime:
        """A use before this does not count."""
        return self.as_of - timedelta(days=self.days)

    @property
    def trail(self) -> Usage | None:
        """The events, where they reach the principal's account."""
        return self.usage if self.usage is not None and self.usage.covers(self.arn) else None

    @property
    def far_enough(self) -> bool:
        """Whether the account's events reach so far back that their silence says something."""
        reach = self.usage.reach_of(self.arn).days if self.usage is not None else 0.0
        # Nobody's first event is at midnight: a day is allowed for.
        return reach >= min(self.days, ENOUGH_DAYS) - 1

    @property
    def source(self) -> str:
        """Where the evidence is from."""
        names = [n for n, one in (("trail", self.trail), ("last-accessed", self.accessed)) if one]
        return " and ".join(names)


@dataclass
class Judge:
    """Says of each action whether it stays, and why."""

    evidence: Evidence
    implied: frozenset[str] = frozenset()
    writers: frozenset[str] = frozenset()
    _seen: Seen = field(default_factory=Seen)

    def __post_init__(self) -> None:
        """Work out what the calls that were seen may have needed beside."""
        trail = self.evidence.trail
        if trail is None:
            return
        self._seen = trail.of(self.evidence.arn)
        found = set(self._seen.implied)
        for action in self._seen.actions:
            found |= dependents(action)
        self.implied = frozenset(found)
        self.writers = frozenset(service_name(a) for a in self._seen.actions if changes(a))

    @property
    def seen(self) -> Seen:
        """What the events say of the principal."""
        return self._seen

    def fate(self, action: str) -> Fate:
        """Whether and why an action that is granted stays."""
        evidence = self.evidence
        if action in self._seen.actions:
            return "used"
        accessed = evidence.accessed
        if accessed is not None and accessed.used(action, evidence.since):
            return "used"
        if action in self.implied:
            return "implied"
        service = service_name(action)
        if service in self._seen.unmapped:
            return "unmapped"
        if tags_something(action) and service in self.writers:
            return "implied"
        if accessed is not None and accessed.unused(action, evidence.since):
            return "unused"
        if evidence.trail is not None and evidence.far_enough and evidence.trail.sees(action):
            return "unused"
        return "unseen"
