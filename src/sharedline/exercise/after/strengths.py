"""What went well: said with the same rows as what did not."""

from __future__ import annotations

from collections.abc import Iterator

from sharedline.exercise.score.answers import EMPTY, given, is_right, judged, same
from sharedline.exercise.score.model import Score
from sharedline.exercise.session.model import RunState


def strengths(state: RunState, score: Score) -> list[str]:
    """Sentences, each of something that was done well by a team or by all."""
    return [*_rated(state), *_decided(state, score), *_known(state, score), *_done(score)]


def _rated(state: RunState) -> Iterator[str]:
    for objective in state.scenario.objectives:
        rating = state.last_rating(objective.id)
        if rating and rating.rating == "P":
            why = f" {rating.why}" if rating.why else ""
            yield f"Performed without challenges: {objective.text}{why}"


def _decided(state: RunState, score: Score) -> Iterator[str]:
    known = {d.id: d for d in state.scenario.decisions}
    for team in score.teams:
        for row in team.parts["decision"].rows:
            if row.points == 1.0:
                decision = known[row.item]
                best = next(o for o in decision.options if o.id == row.said)
                yield f"{team.team} took the best decision in time: {best.text}"


def _known(state: RunState, score: Score) -> Iterator[str]:
    for inject, question, _ in judged(state):
        assert question.truth is not None
        said = [a for t in score.teams for a in given(state, t.team, inject.id, question.id)]
        if len(said) > 1 and all(is_right(a.answer, question) for a in said):
            right = " or ".join(question.truth.answers)
            none = {same(a) for a in question.truth.answers} <= EMPTY
            note = " Nobody guessed." if none else ""
            yield f"All {len(said)} answers were right: {question.text} {right}.{note}"


def _done(score: Score) -> Iterator[str]:
    for team in score.teams:
        rows = [r for r in team.parts["time"].rows if r.points == 1.0]
        of = len(team.parts["time"].rows)
        if len(rows) * 2 > of:
            yield (
                f"{team.team} found the owner within {score.targets.owner:g} minutes "
                f"{len(rows)} of {of} times."
            )
        acted = [r for r in team.parts["communication"].rows if r.item.startswith("action ")]
        done = sum(r.said == "done" for r in acted)
        if done * 2 > len(acted):
            yield f"{team.team} did {done} of {len(acted)} expected actions in time."
