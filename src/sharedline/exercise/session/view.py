"""What each may see of a run, as plain data: no truth, quality or consequence before its time."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sharedline.exercise.model import Decision, Inject, Option, Question
from sharedline.exercise.read import plain
from sharedline.exercise.session.board import board
from sharedline.exercise.session.model import Note, Participant, RunState
from sharedline.exercise.session.sense import options_of
from sharedline.text import iso

Row = dict[str, Any]


def view(state: RunState, who: Participant) -> Row:
    """What a participant may see, JSON-able; lists are by time.

    Keys: run, title, summary, minutes, seq, clock, teams, me, people, announced, injects,
    decisions, answers, choices, settled, messages, notes; of evaluator and scribe also expected,
    objectives, observed, ratings; of the facilitator also upcoming, skipped, settings and board.
    """
    scenario, clock = state.scenario, state.clock
    seen: Row = {
        "run": state.run,
        "title": scenario.title,
        "summary": scenario.summary if who.seat != "player" else "",
        "minutes": scenario.minutes,
        "seq": state.seq,
        "clock": {
            **asdict(clock),
            "pace": state.settings.pace,
            "as_of": iso(state.as_of),
            "started_at": iso(state.started_at),
            "ended_at": iso(state.ended_at),
        },
        "teams": list(state.teams),
        "me": _person(who),
        "people": [_person(p) for p in state.participants.values()],
        "announced": _rows(state.announced),
        "injects": [_released(state, i, who) for i in _in_order(state)],
        "decisions": [_decision(state, d, who) for d in _open(state)],
    }
    seen |= _acts(state, who)
    if who.seat in ("facilitator", "evaluator", "scribe"):
        seen |= {
            "expected": [plain(a) for a in scenario.expected],
            "objectives": [plain(o) for o in scenario.objectives],
            "observed": _rows(state.observed),
            "ratings": _rows(state.ratings),
        }
    if who.seat == "facilitator":
        seen |= {
            "upcoming": [
                {**plain(i), "skipped": i.id in state.skipped}
                for i in scenario.injects
                if not state.released(i.id)
            ],
            "skipped": sorted(state.skipped),
            "settings": asdict(state.settings) | {"teams": list(state.teams)},
            "board": board(state),
        }
    return seen


def _person(who: Participant) -> Row:
    return {"id": who.id, "name": who.name, "seat": who.seat, "team": who.team}


def _rows(those: Iterable[Any]) -> list[Row]:
    """Values of the model as plain data, times as texts."""
    rows = [asdict(one) for one in those]
    return [{k: iso(v) if isinstance(v, datetime) else v for k, v in row.items()} for row in rows]


def _in_order(state: RunState) -> list[Inject]:
    """The messages that were released, in the order of their release."""
    known = {i.id: i for i in state.scenario.injects}
    return [known[name] for name in state.releases]


def _open(state: RunState) -> list[Decision]:
    """The decisions of what was released."""
    order = {name: n for n, name in enumerate(state.releases)}
    found = [d for d in state.scenario.decisions if d.inject in order]
    return sorted(found, key=lambda d: order[d.inject])


def _released(state: RunState, inject: Inject, who: Participant) -> Row:
    released = state.releases[inject.id]
    when: Row = {"released_minute": released.minute, "released_at": iso(released.at)}
    when["how"] = released.how
    if who.seat == "facilitator":
        full: Row = plain(inject)
        return {**full, **when}
    # Named one by one: a field that the model gains later is told to nobody by itself.
    return {
        "id": inject.id,
        "from": inject.sender,
        "to": inject.to,
        "channel": inject.channel,
        "title": inject.title,
        "text": inject.text,
        "duty": inject.duty,
        "service": inject.service,
        "resource": inject.resource,
        "finding_types": list(inject.finding_types),
        "artefact": plain(inject.artefact) if inject.artefact else None,
        "questions": [_question(state.run, inject.id, q) for q in inject.questions],
        **when,
    }


def choices(run: str, inject: str, question: Question) -> list[str]:
    """What a question can be answered with; what its author listed, in an order of the run's own.

    Authors write the right answer first; sides, owners and runbooks stand in an order of theirs.
    """
    found = list(options_of(question))
    if question.kind == "choice":
        random.Random(f"{run}/{inject}/{question.id}").shuffle(found)  # noqa: S311 nothing secret
    return found


def _question(run: str, inject: str, question: Question) -> Row:
    return {
        "id": question.id,
        "kind": question.kind,
        "text": question.text,
        "choices": choices(run, inject, question),
    }


def shuffled(run: str, decision: Decision) -> list[Option]:
    """The options in an order that is the run's: all see the same, and the best is not the first."""
    options = sorted(decision.options, key=lambda o: o.id)
    random.Random(f"{run}/{decision.id}").shuffle(options)  # noqa: S311 nothing secret
    return options


def _decision(state: RunState, decision: Decision, who: Participant) -> Row:
    shown: Row = {
        "id": decision.id,
        "inject": decision.inject,
        "text": decision.text,
        "minutes": decision.minutes,
    }
    if who.seat == "facilitator":
        return shown | {"options": [plain(o) for o in shuffled(state.run, decision)]}
    teams = (who.team,) if who.seat == "player" else state.teams
    settled = {s.option for t in teams if (s := state.last_settled(t, decision.id))}
    options = []
    for option in shuffled(state.run, decision):
        row = {"id": option.id, "text": option.text}
        if option.id in settled:
            row["consequence"] = option.consequence
        options.append(row)
    return shown | {"options": options}


def _acts(state: RunState, who: Participant) -> Row:
    """What people did, as far as it is this one's to see."""
    mine, team = who.seat == "player", who.team
    return {
        "answers": _rows(a for a in state.answers if not mine or a.participant == who.id),
        "choices": _rows(c for c in state.choices if not mine or c.participant == who.id),
        "settled": _rows(s for s in state.settled if not mine or s.team == team),
        "messages": _rows(m for m in state.messages if not mine or m.team == team),
        "notes": _rows(n for n in state.notes if _may_read(n, who)),
    }


def _may_read(note: Note, who: Participant) -> bool:
    if note.participant == who.id or note.visible == "everyone":
        return True
    # Private is what it says: not for the facilitator either.
    return note.visible == "team" and (who.seat != "player" or note.team == who.team)


def names(state: RunState) -> Mapping[str, str]:
    """Names by participant's id, for pages that list what people did."""
    return {p.id: p.name for p in state.participants.values()}
