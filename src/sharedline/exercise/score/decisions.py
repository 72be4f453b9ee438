"""Decisions: how good what a team settled on was, and whether it came in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sharedline.exercise.model import Decision
from sharedline.exercise.score.model import Row
from sharedline.exercise.session.model import RunState

#: What an option earns. Late, it earns that times (minutes allowed / minutes taken).
WORTH = {"best": 1.0, "good": 0.7, "poor": 0.3, "harmful": 0.0}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a team is held to: settled, or chosen by most; `option` is empty for neither."""

    option: str
    minute: float | None
    how: str
    confidence: int | None = None


def taken(state: RunState, team: str, decision: Decision) -> Taken:
    """The team's decision; where it settled none, what most of its players who chose would do."""
    settled = state.last_settled(team, decision.id)
    if settled:
        return Taken(settled.option, settled.minute, "Settled by the team.", settled.confidence)
    found = (state.last_choice(p.id, decision.id) for p in state.players(team))
    choices = [c for c in found if c is not None]
    if not choices:
        return Taken("", None, "Nothing was decided.")
    counted = Counter(c.option for c in choices).most_common()
    option, votes = counted[0]
    if len(counted) > 1 and counted[1][1] == votes:
        return Taken("", None, f"Nothing was settled, and {len(choices)} players were split.")
    how = f"The team settled nothing; {votes} of {len(choices)} players chose this."
    return Taken(option, max(c.minute for c in choices if c.option == option), how)


def rows(state: RunState, team: str) -> Iterator[Row]:
    """One row for each decision whose message reached the players."""
    for decision in state.scenario.decisions:
        if not state.released(decision.inject):
            continue
        best = tuple(o.id for o in decision.options if o.quality == "best")
        one = taken(state, team, decision)
        chosen = next((o for o in decision.options if o.id == one.option), None)
        if chosen is None:
            yield Row(
                "decision", team, decision.inject, decision.id, one.option, best, 0.0, why=one.how
            )
            continue
        assert one.minute is not None
        took = max(0.0, one.minute - state.releases[decision.inject].minute)
        late = took > decision.minutes
        points = WORTH[chosen.quality] * (decision.minutes / took if late else 1.0)
        why = f"{one.how} The option is {chosen.quality}."
        if late:
            why += f" Late: {took:.0f} minutes of {decision.minutes}."
        yield Row(
            "decision", team, decision.inject, decision.id, chosen.id, best, points,
            minute=one.minute, confidence=one.confidence, why=why,
        )  # fmt: skip
