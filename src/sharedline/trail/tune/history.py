"""Replays a rule over the lake: what it matched, and what another threshold would have done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sharedline.errors import IncompleteError
from sharedline.inventory.engines import Engine
from sharedline.inventory.lake import Lake
from sharedline.trail import store
from sharedline.trail.sigma import Rules
from sharedline.trail.sigma.engine import matches
from sharedline.trail.tune.rulefile import RuleFile, as_yaml, duration, loaded
from sharedline.trail.tune.threshold import (
    TIMESPANS,
    Budget,
    History,
    Hit,
    Outcome,
    Replay,
    best,
    noisy,
)
from sharedline.trail.usage import role_of


@dataclass(frozen=True)
class Tuned:
    """What the history says of a rule under a budget; `options` are thresholds, the best first."""

    file: RuleFile
    replay: Replay
    before: Outcome
    options: tuple[Outcome, ...]
    noisy: tuple[tuple[str, int], ...]
    #: Without the noisy ones: the rule as it is, and with the best threshold.
    quiet: Outcome | None
    quiet_options: tuple[Outcome, ...]
    #: Labelled events that the rule does not match at all, or that the lake does not hold.
    unmatched: frozenset[str]

    @property
    def within(self) -> bool:
        """Whether the rule keeps the budget as it is."""
        return self.replay.within(self.before)

    @property
    def groupless(self) -> int:
        """How many matches no correlation would count, for want of what it groups by."""
        return sum(hit.group is None for hit in self.replay.hits)

    @property
    def quiet_within(self) -> bool:
        """Whether it keeps the budget once the noisy ones are treated separately."""
        return self.quiet is not None and self.replay.within(self.quiet)

    def missed(self, outcome: Outcome) -> list[str]:
        """The labelled events that the rule shows as it is, and would no longer show."""
        return sorted(self.before.caught - outcome.caught)

    def snippet(self) -> str:
        """The rule with the best threshold, as a file; empty where nothing need change."""
        if self.within or not self.options or not self.options[0].alerts:
            return ""
        one = self.options[0]
        return as_yaml(self.file.tuned(one.least, one.seconds))

    def filter_snippet(self) -> str:
        """The rule without the noisy ones, with a threshold where it needs one still."""
        if self.within or not self.noisy:
            return ""
        documents = self.file.documents
        if not self.quiet_within:
            if not self.quiet_options or not self.quiet_options[0].alerts:
                return ""
            one = self.quiet_options[0]
            documents = self.file.tuned(one.least, one.seconds)
        return as_yaml(self.file.without(documents, [who for who, _ in self.noisy]))


def tune(
    engine: Engine,
    lake: Lake,
    file: RuleFile,
    budget: Budget,
    labelled: frozenset[str] = frozenset(),
    since: datetime | None = None,
    until: datetime | None = None,
) -> Tuned:
    """Replays the rule over the lake's trail; IncompleteError where there is none."""
    store.register(engine, lake, since, until)
    history = _history(engine)
    rules = loaded(file.documents if file.correlates else file.tuned(1, TIMESPANS[0]))
    replay = Replay(_hits(engine, rules), history, budget, labelled)
    window = file.rule.window
    timespans = tuple(dict.fromkeys((window.seconds, *TIMESPANS) if window else TIMESPANS))
    kind = window.kind if window else "event_count"

    def now(one: Replay) -> Outcome:
        return one.counted(window) if window else one.plain()

    def options(one: Replay) -> tuple[Outcome, ...]:
        counted = file.counts or not file.correlates
        return tuple(best(one, kind, timespans)) if counted and one.hits else ()

    before = now(replay)
    loud = tuple(noisy(before.alerts)) if not replay.within(before) else ()
    rest = replay.leaving_out(who for who, _ in loud) if loud else None
    return Tuned(
        file=file,
        replay=replay,
        before=before,
        options=options(replay),
        noisy=loud,
        quiet=now(rest) if rest else None,
        quiet_options=options(rest) if rest else (),
        unmatched=labelled - {hit.id for hit in replay.hits},
    )


def _history(engine: Engine) -> History:
    sql = "select min(eventtime) as first_at, max(eventtime) as last_at from cloudtrail"
    [row] = engine.query(sql).to_pylist()
    if row["first_at"] is None:
        raise IncompleteError(
            "The lake holds no events of that time.", "Run `sharedline trail ingest` first."
        )
    return History(row["first_at"].astimezone(UTC), row["last_at"].astimezone(UTC))


def _hits(engine: Engine, rules: Rules) -> tuple[Hit, ...]:
    """Each match of the rules that the correlation counts, with what it is counted under."""
    number, correlation = next((n, r) for n, r in enumerate(rules.rules) if r.window is not None)
    window = correlation.window
    assert window is not None
    found = matches(engine, rules, "")
    columns = found.columns
    hits = []
    for position, base in enumerate(window.rules):
        places = rules.rules[base].keys
        start = sum(len(several) for n, several in places.items() if n < number)
        size = len(places[number])
        for row in found.rows.get(base, ()):
            keys = list((columns["keys"][row] or [])[start : start + size])
            value = keys.pop() if window.kind == "value_count" else None
            lacking = None in keys
            hit = Hit(
                id=columns["id"][row] or "",
                time=columns["moment"][row],
                principal=role_of(columns["principal"][row] or ""),
                rule=position,
                group=None if lacking else tuple(keys),
                value=value,
            )
            hits.append(hit)
    hits.sort(key=lambda h: (h.time, h.rule, h.id))
    return tuple(hits)


def as_data(made: Tuned) -> dict[str, Any]:
    """As JSON has it."""

    def outcome(one: Outcome | None) -> dict[str, Any] | None:
        if one is None:
            return None
        return {
            "threshold": one.least or None,
            "timespan": duration(one.seconds) if one.seconds else None,
            "alerts": len(one.alerts),
            "busiest": one.busiest,
            "periods": list(one.periods),
            "missed": made.missed(one),
        }

    replay, total = made.replay, len(made.before.alerts)
    return {
        "rule": made.file.rule.id,
        "name": made.file.rule.name,
        "budget": replay.budget.text,
        "from": f"{replay.history.first:%Y-%m-%dT%H:%M:%SZ}",
        "to": f"{replay.history.last:%Y-%m-%dT%H:%M:%SZ}",
        "matches": len(replay.hits),
        "matches_not_countable": made.groupless,
        "within_budget": made.within,
        "before": outcome(made.before),
        "after": outcome(made.options[0]) if made.options else None,
        "options": [outcome(one) for one in made.options],
        "labelled": len(replay.labelled),
        "labelled_not_matched": sorted(made.unmatched),
        "noisy": [
            {"principal": who, "alerts": n, "share": round(n / total, 3)} for who, n in made.noisy
        ],
        "without_noisy": outcome(made.quiet),
        "without_noisy_after": outcome(made.quiet_options[0]) if made.quiet_options else None,
        "snippet": made.snippet(),
        "filter_snippet": made.filter_snippet(),
    }
