"""What happened, once it is over: what was right and why, beside what was said."""

from __future__ import annotations

from typing import Any

from sharedline.exercise.model import Decision, Inject
from sharedline.exercise.score.answers import is_right
from sharedline.exercise.session.model import Participant, RunState

Row = dict[str, Any]


def happened(state: RunState, me: Participant) -> Row:
    """Messages in the order of release, with truths and consequences; only after the end.

    Raises:
        ValueError: the exercise has not ended.
    """
    if state.ended_at is None:
        raise ValueError("truths are told after the end only")
    known = {i.id: i for i in state.scenario.injects}
    told = [_inject(state, known[name], me) for name in state.releases]
    rights = [q["right"] for one in told for q in one["questions"] if q["right"] is not None]
    return {
        "injects": [one for one in told if one["questions"] or one["decisions"]],
        "answered": len(rights),
        "right": sum(rights),
        "minutes": state.clock.elapsed,
    }


def _inject(state: RunState, inject: Inject, me: Participant) -> Row:
    questions = []
    for question in inject.questions:
        answer = state.last_answer(me.id, inject.id, question.id)
        truth = question.truth
        questions.append(
            {
                "text": question.text,
                "said": answer,
                "truth": truth,
                "right": is_right(answer.answer, question) if answer and truth else None,
            }
        )
    decisions = [_decision(state, d, me) for d in state.scenario.decisions if d.inject == inject.id]
    return {
        "id": inject.id,
        "title": inject.title,
        "minute": state.releases[inject.id].minute,
        "questions": questions,
        "decisions": decisions,
    }


def _decision(state: RunState, decision: Decision, me: Participant) -> Row:
    teams = (me.team,) if me.seat == "player" else state.teams
    settled = {t: s.option for t in teams if (s := state.last_settled(t, decision.id))}
    return {
        "text": decision.text,
        "options": [
            {
                "text": o.text,
                "quality": o.quality,
                "consequence": o.consequence,
                "teams": [t for t, option in settled.items() if option == o.id],
            }
            for o in decision.options
        ],
    }
