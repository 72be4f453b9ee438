"""Answers to questions: whether they are right, and what they earn with their confidence.

What an answer earns is a quadratic (Brier) scoring rule, shifted by whether it is right so that it
lies between 0 and 1. With c the confidence from 0 to 1 and q = 1/4:

    right                                  1   - q * (1 - c)²       0.75 to 1
    wrong                                  0.1 + q * (1 - c²)       0.1  to 0.35
    a guess where the truth is nobody      0   + q * (1 - c²)       0    to 0.25

The rule stays proper: what is added depends on what turned out true and never on c, so whoever
says the confidence that they have expects the most. At the same confidence a right answer always
earns more than a wrong one, a confident wrong answer costs more than an unsure one, and naming a
team, a side or a runbook where there is none, which sends people to the wrong door, earns least.
Quadratic and not logarithmic, because one sure mistake must not outweigh a whole exercise.
Ref: Gneiting and Raftery, "Strictly proper scoring rules", JASA 102 (2007).
"""

from __future__ import annotations

from collections.abc import Iterator

from sharedline.exercise.model import Inject, Question
from sharedline.exercise.score.model import Row
from sharedline.exercise.session.model import Answer, RunState
from sharedline.exercise.truths import NONE
from sharedline.model import NOBODY

Q = 0.25
#: What says that there is none: right where it is true, and then whatever else is said is a guess.
EMPTY = frozenset({NOBODY, NONE, "unknown"})
PART_OF = {"side": "side", "owner": "owner", "runbook": "runbook", "choice": "other"}


def same(text: str) -> str:
    """A text as it is compared: case and blanks are forgiven, meaning is not."""
    return " ".join(text.split()).casefold()


def is_right(said: str, question: Question) -> bool:
    """Whether an answer is one of the right ones."""
    assert question.truth is not None
    return same(said) in {same(a) for a in question.truth.answers}


def is_guess(said: str, question: Question) -> bool:
    """Whether somebody or something is named where the truth is that there is none."""
    assert question.truth is not None
    truths = {same(a) for a in question.truth.answers}
    return truths <= EMPTY and same(said) not in EMPTY


def earned(answer: Answer, question: Question) -> float:
    """What an answer earns, 0 to 1; see the top of this module."""
    c = min(max(answer.confidence, 0), 100) / 100
    if is_right(answer.answer, question):
        return 1 - Q * (1 - c) ** 2
    return (0.0 if is_guess(answer.answer, question) else 0.1) + Q * (1 - c * c)


def asked(state: RunState) -> Iterator[tuple[Inject, Question]]:
    """The questions of the messages that reached the players, in the order of the story."""
    for inject in state.scenario.injects:
        if state.released(inject.id):
            for question in inject.questions:
                yield inject, question


def judged(state: RunState) -> Iterator[tuple[Inject, Question, str]]:
    """Those that have a right answer, with the part that each belongs to."""
    for inject, question in asked(state):
        if question.truth is not None and question.kind in PART_OF:
            yield inject, question, PART_OF[question.kind]


def given(state: RunState, team: str, inject: str, question: str) -> list[Answer]:
    """The answers that count: the last of each of the team's players."""
    found = (state.last_answer(p.id, inject, question) for p in state.players(team))
    return [a for a in found if a is not None]


def rows(state: RunState, team: str) -> Iterator[Row]:
    """One row for each answer of a team; one of 0 for a question that nobody of it answered."""
    for inject, question, part in judged(state):
        assert question.truth is not None
        truth = question.truth
        found = given(state, team, inject.id, question.id)
        for a in found:
            why = truth.why
            if is_guess(a.answer, question):
                why = f"A guess where there is none. {why}"
            yield Row(
                part, team, inject.id, question.id, a.answer, truth.answers, earned(a, question),
                a.participant, a.minute, a.confidence, why,
            )  # fmt: skip
        if not found:
            yield Row(
                part, team, inject.id, question.id, "", truth.answers, 0.0,
                why="Nobody of the team answered.",
            )  # fmt: skip
