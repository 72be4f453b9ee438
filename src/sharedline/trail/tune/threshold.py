"""The arithmetic of tuning: which count in which time keeps alerts within a budget, at what cost."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sharedline.errors import ConfigError
from sharedline.trail.sigma.correlations import Match, episodes
from sharedline.trail.sigma.model import Window

_DAYS = {"day": 1, "week": 7, "month": 30}
_BUDGET = re.compile(r"(\d{1,6})\s*(?:/|per)\s*(day|week|month)s?")
#: So many thresholds of one timespan are tried; between them lie others that none needs.
_TRIED = 300
#: Who makes this share of the alerts is noisy, and at most so many are named.
NOISY_SHARE, NOISY = 0.2, 5
#: The timespans that are tried beside the rule's own.
TIMESPANS = (3_600, 600, 86_400)


@dataclass(frozen=True)
class Budget:
    """So many alerts in so many days, in each of them."""

    alerts: int
    days: int
    text: str

    @classmethod
    def parse(cls, text: str) -> Budget:
        """From `5/week`."""
        found = _BUDGET.fullmatch(text.strip().lower())
        if found is None:
            raise ConfigError(f"{text!r} is no budget.", "Say 5/week, 1/day or 20/month.")
        return cls(int(found[1]), _DAYS[found[2]], f"{int(found[1])}/{found[2]}")


@dataclass(frozen=True)
class History:
    """The time that is replayed."""

    first: datetime
    last: datetime

    @property
    def days(self) -> float:
        """How long it is."""
        return (self.last - self.first) / timedelta(days=1)

    def spread(self, times: Iterable[datetime], days: int) -> tuple[int, ...]:
        """How many in each stretch of so many days, oldest first, counted back from the end."""
        size = timedelta(days=days)
        count = max(1, -(-(self.last - self.first) // size))
        found = Counter(min(count - 1, (self.last - at) // size) for at in times)
        return tuple(found[n] for n in reversed(range(count)))


@dataclass(frozen=True)
class Hit:
    """An event that the rule matched; `group` is what the correlation counts it under."""

    id: str
    time: datetime
    principal: str
    rule: int = 0
    #: None: it lacks what the correlation groups by, so that it is never counted.
    group: tuple[str, ...] | None = ()
    value: str | None = None


@dataclass(frozen=True)
class Alert:
    """What somebody would have been woken for."""

    time: datetime
    principal: str
    events: tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """What a rule makes of the history: alerts per period, and labelled events that it shows."""

    least: int
    seconds: int
    alerts: tuple[Alert, ...]
    periods: tuple[int, ...]
    caught: frozenset[str]

    @property
    def busiest(self) -> int:
        """The alerts of the worst period."""
        return max(self.periods, default=0)


@dataclass(frozen=True)
class Replay:
    """The matches of a rule in the history, ready to be counted again and again."""

    hits: tuple[Hit, ...]
    history: History
    budget: Budget
    labelled: frozenset[str]

    def leaving_out(self, principals: Iterable[str]) -> Replay:
        """The same without what some principals did."""
        gone = set(principals)
        return replace(self, hits=tuple(h for h in self.hits if h.principal not in gone))

    def plain(self) -> Outcome:
        """Each match is an alert."""
        return self._outcome(
            0, 0, [Alert(h.time, h.principal, (n,)) for n, h in enumerate(self.hits)]
        )

    def counted(self, window: Window) -> Outcome:
        """What a correlation with this window makes of them."""
        made = [
            self._alert([m.row for m in found])
            for group in self._groups().values()
            for found in episodes(window, group)
        ]
        return self._outcome(window.least, window.seconds, made)

    def _groups(self) -> dict[tuple[str, ...], list[Match]]:
        made: dict[tuple[str, ...], list[Match]] = defaultdict(list)
        for row, hit in enumerate(self.hits):
            if hit.group is None:
                continue
            made[hit.group].append(Match(hit.time, hit.rule, row, hit.value))
        for group in made.values():
            group.sort(key=lambda m: (m.time, m.rule, m.row))
        return made

    def _alert(self, rows: Sequence[int]) -> Alert:
        who = {self.hits[row].principal for row in rows}
        principal = who.pop() if len(who) == 1 else ""
        return Alert(self.hits[rows[-1]].time, principal, tuple(rows))

    def _outcome(self, least: int, seconds: int, alerts: list[Alert]) -> Outcome:
        alerts.sort(key=lambda a: (a.time, a.events))
        periods = self.history.spread((a.time for a in alerts), self.budget.days)
        shown = {self.hits[row].id for alert in alerts for row in alert.events}
        return Outcome(least, seconds, tuple(alerts), periods, self.labelled & shown)

    def within(self, outcome: Outcome) -> bool:
        """Whether no period has more than the budget."""
        return outcome.busiest <= self.budget.alerts

    def threshold(self, kind: str, seconds: int) -> Outcome:
        """The lowest threshold in this time that keeps each period within the budget."""
        window = Window(kind, (0,), seconds, 1)
        reached = sorted(self._reached(window))
        step = max(1, -(-len(reached) // _TRIED))
        for least in [*reached[::step], reached[-1] if reached else 1]:
            found = self.counted(replace(window, least=least))
            if self.within(found):
                return found
        return self.counted(replace(window, least=(reached[-1] if reached else 0) + 1))

    def _reached(self, window: Window) -> set[int]:
        """The counts that some window reaches: between two of them a threshold changes nothing."""
        span, reached = timedelta(seconds=window.seconds), set()
        for group in self._groups().values():
            start, inside = 0, Counter[str | None]()
            for end, match in enumerate(group):
                inside[match.value] += 1
                while match.time - group[start].time > span:
                    left = group[start].value
                    inside[left] -= 1
                    if not inside[left]:
                        del inside[left]
                    start += 1
                values = len(inside) - (None in inside)
                reached.add(end - start + 1 if window.kind == "event_count" else values)
        return reached - {0}


def best(replay: Replay, kind: str, timespans: Sequence[int]) -> list[Outcome]:
    """The threshold of each timespan, the best first.

    Best misses the fewest labelled events, then still speaks at all, then keeps the rule's own
    time, the first of those given.
    """
    found = [replay.threshold(kind, seconds) for seconds in timespans]
    return sorted(found, key=lambda o: (-len(o.caught), not o.alerts, timespans.index(o.seconds)))


def noisy(alerts: Sequence[Alert]) -> list[tuple[str, int]]:
    """Who makes a large share of the alerts, with how many, the noisiest first."""
    counts = Counter(a.principal for a in alerts if a.principal)
    found = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(who, n) for who, n in found[:NOISY] if n >= NOISY_SHARE * len(alerts) and n > 1]
