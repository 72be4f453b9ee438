"""Reaching people: how soon the right owner was found, and whether who must know was told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharedline.duties.matrix import AWS_OWNS, SEVERAL
from sharedline.exercise.model import Inject
from sharedline.exercise.score.answers import EMPTY, is_right, same
from sharedline.exercise.score.model import Row, Targets
from sharedline.exercise.session.model import Message, RunState

#: Words for owners whom no message of a team reaches.
NOT_TOLD = EMPTY | {same(AWS_OWNS), same(SEVERAL)}
SEEN = {"done": 1.0, "late": 0.5, "missed": 0.0}


def about(state: RunState, message: Message) -> str:
    """The inject that a message answers: as it says, or the one released last before it."""
    if message.inject:
        return message.inject
    before = [r for r in state.releases.values() if r.minute <= message.minute]
    return max(before, key=lambda r: (r.minute, r.at)).inject if before else ""


def first_told(state: RunState, team: str, inject: str, names: frozenset[str]) -> float | None:
    """The minute at which a team first wrote to one of them about an inject."""
    return min(
        (
            m.minute
            for m in state.messages
            if m.team == team
            and about(state, m) == inject
            and {same(to) for to in (m.to, *re.split(r"[,;/]", m.to))} & names
        ),
        default=None,
    )


def owners(inject: Inject) -> frozenset[str]:
    """The teams that truly own what an inject is about, as they are compared."""
    truths = (q.truth for q in inject.questions if q.kind == "owner" and q.truth is not None)
    return frozenset(same(a) for t in truths for a in t.answers) - NOT_TOLD


def time_rows(state: RunState, team: str, targets: Targets) -> Iterator[Row]:
    """For each released inject that asks for an owner: the minutes to the first right one.

    Right is an answer of one of the team's players (*nobody* where that is true), or a message to
    the owner. It earns 1 within the target, target / minutes after it, 0 if it never came.
    """
    players = {p.id for p in state.players(team)}
    for inject in state.scenario.injects:
        if not state.released(inject.id):
            continue
        for question in inject.questions:
            if question.kind != "owner" or question.truth is None:
                continue
            answered = [
                a.minute
                for a in state.answers
                if a.participant in players
                and (a.inject, a.question) == (inject.id, question.id)
                and is_right(a.answer, question)
            ]
            told = first_told(state, team, inject.id, owners(inject))
            first = min([*answered, *([] if told is None else [told])], default=None)
            right = question.truth.answers
            if first is None:
                yield Row(
                    "time", team, inject.id, question.id, "", right, 0.0,
                    why="The right owner was never named or told.",
                )  # fmt: skip
                continue
            took = max(0.0, first - state.releases[inject.id].minute)
            points = 1.0 if took <= targets.owner else targets.owner / took
            why = f"{took:.0f} minutes after the message; the target is {targets.owner:g}."
            said = f"{took:.0f} min"
            yield Row(
                "time", team, inject.id, question.id, said, right, points, minute=first, why=why
            )


def must_know(state: RunState, team: str, inject: Inject) -> dict[str, frozenset[str]]:
    """Who must be told of an inject, by how they are shown; the team itself knows already."""
    out: dict[str, frozenset[str]] = {}
    if held := owners(inject):
        out["the owner: " + ", ".join(sorted(held))] = held
    for action in state.scenario.expected:
        if action.inject == inject.id:
            out.setdefault(action.who, frozenset({same(action.who)}))
    return {k: v for k, v in out.items() if same(team) not in v}


def told_rows(state: RunState, team: str, targets: Targets) -> Iterator[Row]:
    """For each released inject, whether each who must know was told within the target."""
    for inject in state.scenario.injects:
        if not state.released(inject.id):
            continue
        for label, names in must_know(state, team, inject).items():
            first = first_told(state, team, inject.id, names)
            if first is None:
                yield Row(
                    "communication", team, inject.id, f"told {label}", "not told", (label,), 0.0,
                    why="No message to them.",
                )  # fmt: skip
                continue
            took = max(0.0, first - state.releases[inject.id].minute)
            why = f"Told after {took:.0f} minutes; the target is {targets.told:g}."
            yield Row(
                "communication", team, inject.id, f"told {label}", f"{took:.0f} min", (label,),
                float(took <= targets.told), minute=first, why=why,
            )  # fmt: skip


def action_rows(state: RunState, team: str) -> Iterator[Row]:
    """The expected actions of released injects: done 1, late 0.5, missed 0.

    One that nobody looked at has no points: that it was not seen does not say that it was missed.
    """
    for action in state.scenario.expected:
        if not state.released(action.inject):
            continue
        seen = state.last_observed(action.id, team)
        yield Row(
            "communication", team, action.inject, f"action {action.id}",
            seen.state if seen else "", ("done",), SEEN[seen.state] if seen else None,
            minute=seen.minute if seen else None,
            why=f"{action.who}, by minute {action.by}." + ("" if seen else " Nobody looked at it."),
        )  # fmt: skip
