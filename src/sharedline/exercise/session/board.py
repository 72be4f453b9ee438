"""The facilitator's live board: who answered what, how much a team agrees, what is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sharedline.exercise.model import Decision, ExpectedAction, Inject, Question
from sharedline.exercise.session.model import Answer, Choice, RunState

Row = dict[str, Any]


def board(state: RunState) -> Row:
    """Rows as plain data, for the facilitator only: right answers and qualities are in it.

    questions, decisions: per team and question or decision of what was released: `players` in the
    team, `answered`, `answers` (answer, how many, most first), `confidence` (mean or None) and
    `agreement` (share of the commonest answer, None without any). expected: each action with
    `state` open, due, late (nobody saw it by its minute), done or missed. upcoming: by minute,
    with `to_go` in minutes on the wall (None by hand).
    """
    known = {i.id: i for i in state.scenario.injects}
    released = [known[name] for name in state.releases]
    return {
        "questions": [
            _question(state, team, i, q)
            for i in released
            for q in i.questions
            for team in state.teams
        ],
        "decisions": [
            _decision(state, team, d)
            for d in state.scenario.decisions
            if state.released(d.inject)
            for team in state.teams
        ],
        "expected": [
            _expected(state, a, team) for a in state.scenario.expected for team in state.teams
        ],
        "upcoming": [
            _upcoming(state, i)
            for i in state.scenario.injects
            if not state.released(i.id) and i.id not in state.skipped
        ],
        "teams": {t: [p.name for p in state.players(t)] for t in state.teams},
    }


def agreement(given: Sequence[str]) -> float | None:
    """The share of the commonest answer, from above 0 to 1; None where nobody answered."""
    return max(Counter(given).values()) / len(given) if given else None


def _counted(given: Sequence[tuple[str, int]]) -> Row:
    answers = [answer for answer, _ in given]
    sure = [confidence for _, confidence in given]
    return {
        "answered": len(answers),
        "answers": [{"answer": a, "count": n} for a, n in Counter(answers).most_common()],
        "confidence": sum(sure) / len(sure) if sure else None,
        "agreement": agreement(answers),
    }


def _question(state: RunState, team: str, inject: Inject, question: Question) -> Row:
    players = state.players(team)
    last: list[Answer] = [
        a for p in players if (a := state.last_answer(p.id, inject.id, question.id))
    ]
    return {
        "team": team,
        "inject": inject.id,
        "question": question.id,
        "kind": question.kind,
        "text": question.text,
        "players": len(players),
        **_counted([(a.answer, a.confidence) for a in last]),
        "right": list(question.truth.answers) if question.truth else [],
    }


def _decision(state: RunState, team: str, decision: Decision) -> Row:
    players = state.players(team)
    last: list[Choice] = [c for p in players if (c := state.last_choice(p.id, decision.id))]
    settled = state.last_settled(team, decision.id)
    quality = {o.id: o.quality for o in decision.options}
    due = state.releases[decision.inject].minute + decision.minutes
    return {
        "team": team,
        "decision": decision.id,
        "text": decision.text,
        "players": len(players),
        **_counted([(c.option, c.confidence) for c in last]),
        "settled": settled.option if settled else None,
        "quality": quality[settled.option] if settled else None,
        "due": due,
        "late": (settled.minute if settled else state.clock.elapsed) > due,
    }


def _expected(state: RunState, action: ExpectedAction, team: str) -> Row:
    seen = state.last_observed(action.id, team)
    status = "due" if state.released(action.inject) else "open"
    if seen:
        status = str(seen.state)
    elif state.clock.elapsed > action.by:
        status = "late"
    return {
        "team": team,
        "action": action.id,
        "who": action.who,
        "text": action.text,
        "by": action.by,
        "state": status,
        "minute": seen.minute if seen else None,
    }


def _upcoming(state: RunState, inject: Inject) -> Row:
    runs = state.settings.pace == "clock" and state.clock.status != "ended"
    left = max(0.0, inject.minute - state.clock.elapsed) / state.clock.speed
    return {
        "inject": inject.id,
        "minute": inject.minute,
        "title": inject.title,
        "to_go": left if runs else None,
    }
