"""Whether the parts of a scenario agree: what no schema can say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from sharedline.duties.catalogue import load
from sharedline.exercise.model import Inject, Question, Scenario

Fault = tuple[tuple[str | int, ...], str, str]

SIDES = ("aws", "customer", "shared", "unknown")
#: A word in braces: an actor of the cast. JSON in an artefact has quotes or blanks there.
ACTOR = re.compile(r"\{([a-z][a-z_]{1,39})\}")


def faults(scenario: Scenario) -> Iterator[Fault]:
    """What is wrong, with its place and what to do; nothing where all agrees."""
    yield from _twice("cast", (a.id for a in scenario.cast))
    for name in ("objectives", "phases", "injects", "decisions", "expected"):
        yield from _twice(name, (v.id for v in getattr(scenario, name)))
    yield from _times(scenario)
    yield from _references(scenario)
    yield from _duties(scenario)
    for n, inject in enumerate(scenario.injects):
        yield from _twice(("injects", n, "questions"), (q.id for q in inject.questions))
        for m, question in enumerate(inject.questions):
            yield from _question(("injects", n, "questions", m), question)
    if scenario.made is None:  # what the estate calls its own may hold braces
        yield from _actors(scenario)


def _twice(where: str | tuple[str | int, ...], ids: Iterable[str]) -> Iterator[Fault]:
    path = (where,) if isinstance(where, str) else where
    seen: set[str] = set()
    for n, one in enumerate(ids):
        if one in seen:
            yield (*path, n, "id"), f"the id {one} stands there twice", "Rename one of them."
        seen.add(one)


def _times(scenario: Scenario) -> Iterator[Fault]:
    last = 0
    for n, phase in enumerate(scenario.phases):
        if phase.start < last or phase.start >= scenario.minutes:
            yield (
                ("phases", n, "start"),
                f"minute {phase.start} is out of order or after the end",
                f"List phases by time, below {scenario.minutes}.",
            )
        last = phase.start
    starts = {p.id: p.start for p in scenario.phases}
    last = 0
    for n, inject in enumerate(scenario.injects):
        if inject.minute < last or inject.minute >= scenario.minutes:
            yield (
                ("injects", n, "minute"),
                f"minute {inject.minute} is out of order or after the end",
                f"List injects by time, below {scenario.minutes}.",
            )
        if inject.phase in starts and inject.phase != _phase_at(scenario, inject.minute):
            yield (
                ("injects", n, "phase"),
                f"minute {inject.minute} does not fall in the phase {inject.phase}",
                f"It falls in {_phase_at(scenario, inject.minute) or 'none'}.",
            )
        last = inject.minute
    for name in ("objectives", "expected"):
        for n, one in enumerate(getattr(scenario, name)):
            if one.by > scenario.minutes:
                yield (name, n, "by"), f"minute {one.by} is after the end", "Set an earlier one."


def _phase_at(scenario: Scenario, minute: int) -> str:
    return next((p.id for p in reversed(scenario.phases) if p.start <= minute), "")


def _references(scenario: Scenario) -> Iterator[Fault]:
    phases = [p.id for p in scenario.phases]
    minutes = {i.id: i.minute for i in scenario.injects}
    for n, inject in enumerate(scenario.injects):
        if inject.phase not in phases:
            yield _absent(("injects", n, "phase"), "phase", inject.phase, phases)
    for n, decision in enumerate(scenario.decisions):
        if decision.inject not in minutes:
            yield _absent(("decisions", n, "inject"), "inject", decision.inject, minutes)
        yield from _twice(("decisions", n, "options"), (o.id for o in decision.options))
        if not any(o.quality == "best" for o in decision.options):
            yield (
                ("decisions", n, "options"),
                "no option is the best",
                "Grade one of them best: whoever decides must be able to be right.",
            )
        if all(o.quality == "best" for o in decision.options):
            yield ("decisions", n, "options"), "every option is the best", "Grade them apart."
    for n, action in enumerate(scenario.expected):
        if action.inject not in minutes:
            yield _absent(("expected", n, "inject"), "inject", action.inject, minutes)
        elif action.by < minutes[action.inject]:
            yield (
                ("expected", n, "by"),
                f"minute {action.by} is before its inject",
                f"The inject comes at {minutes[action.inject]}.",
            )


def _absent(path: tuple[str | int, ...], kind: str, name: str, known: Iterable[str]) -> Fault:
    return path, f"there is no {kind} {name!r}", f"There are: {', '.join(known)}."


def _duties(scenario: Scenario) -> Iterator[Fault]:
    known = load().duties
    named: list[tuple[tuple[str | int, ...], str]] = []
    for n, inject in enumerate(scenario.injects):
        named.append((("injects", n, "duty"), inject.duty))
    for n, objective in enumerate(scenario.objectives):
        named += [(("objectives", n, "duties", m), d) for m, d in enumerate(objective.duties)]
    for n, action in enumerate(scenario.expected):
        named.append((("expected", n, "duty"), action.duty))
    for path, duty in named:
        if duty not in known:
            yield path, f"there is no duty {duty!r}", "See `sharedline duties`."


def _question(path: tuple[str | int, ...], question: Question) -> Iterator[Fault]:
    truth = question.truth.answers if question.truth else ()
    if question.kind == "choice" and len(question.choices) < 2:
        yield (*path, "choices"), "there is nothing to choose from", "Give two choices or more."
    if question.kind == "free" and question.choices:
        yield (*path, "choices"), "a free question has choices", "Make its kind choice."
    if question.kind in ("choice", "side", "owner", "runbook") and not truth:
        yield path, f"a {question.kind} question has no right answer", "Give it a truth."
    allowed = question.choices or (SIDES if question.kind == "side" else ())
    for answer in truth:
        if allowed and answer not in allowed:
            yield _absent((*path, "truth", "answers"), "choice", answer, allowed)


def _actors(scenario: Scenario) -> Iterator[Fault]:
    known = [a.id for a in scenario.cast]
    for path, text in texts(scenario):
        for name in ACTOR.findall(text):
            if name not in known:
                yield (
                    path,
                    f"{{{name}}} is nobody of the cast",
                    f"The cast: {', '.join(known) or 'none'}.",
                )


def texts(
    value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of a value of the model, with its place."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, tuple):
        for n, one in enumerate(value):
            yield from texts(one, (*path, n))
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            key = "from" if isinstance(value, Inject) and field.name == "sender" else field.name
            yield from texts(getattr(value, field.name), (*path, key))


def advice(scenario: Scenario) -> Iterator[str]:
    """What a scenario that can be run still lacks, in sentences."""
    if not scenario.objectives:
        yield "It has no objective: there is nothing to rate."
    if not scenario.decisions:
        yield "Nothing is to be decided: decision quality cannot be scored."
    if not scenario.expected:
        yield "No action is expected: an evaluator has nothing to look for."
    for objective in scenario.objectives:
        touched = {i.duty for i in scenario.injects} | {a.duty for a in scenario.expected}
        if not set(objective.duties) & touched and "response.practice" not in objective.duties:
            yield f"No message or action touches the duties of the objective {objective.id}."
