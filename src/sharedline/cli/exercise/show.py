"""`sharedline exercise show`: a scenario as its facilitator reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.exercise.model import Decision, Inject, Scenario


@click.command(name="show")
@click.argument("name", metavar="ID")
@folder_option
@format_option("text", "json", "yaml")
@click.option("--answers/--no-answers", default=True, help="With the right answers, or without.")
def command(name: str, folder: Path, fmt: str, answers: bool) -> int:  # noqa: FBT001
    """A scenario as its facilitator reads it.

    ID is an exercise of the project, or a scenario of the library.
    """
    from sharedline.cli import out
    from sharedline.exercise.find import find
    from sharedline.exercise.read import plain, written
    from sharedline.project import open_project

    scenario = find(open_project(folder), name)
    if fmt == "json":
        out.as_json(plain(scenario))
    elif fmt == "yaml":
        out.line(written(scenario).rstrip())
    else:
        _text(scenario, answers=answers)
    return 0


def _text(scenario: Scenario, *, answers: bool) -> None:
    from sharedline.cli import out

    out.line(f"EXERCISE  {scenario.title}  ({scenario.minutes} minutes)")
    out.wrapped(scenario.summary)
    if made := scenario.made:
        masked = ", names masked" if made.masked else ""
        out.line(f"Made from {made.source}, scan {made.scan}, seed {made.seed}{masked}.")
    out.line("\nObjectives")
    for objective in scenario.objectives:
        out.wrapped(f"by minute {objective.by}: {objective.text} {objective.measure}", 2)
    phases = {p.id: p.title for p in scenario.phases}
    shown = ""
    for inject in scenario.injects:
        if inject.phase != shown:
            shown = inject.phase
            out.line(f"\n{phases[shown]}")
        _inject(inject, answers=answers)
        for decision in scenario.decisions:
            if decision.inject == inject.id:
                _decision(decision, answers=answers)
        for action in scenario.expected:
            if action.inject == inject.id and answers:
                out.wrapped(f"expected by minute {action.by}, {action.who}: {action.text}", 6)


def _inject(inject: Inject, *, answers: bool) -> None:
    from sharedline.cli import out

    out.line(f"\n  {inject.minute:>3}'  {inject.title}")
    out.line(f"        {inject.channel}, {inject.sender} to {inject.to}; duty {inject.duty}")
    for paragraph in inject.text.strip().split("\n\n"):
        out.wrapped(" ".join(paragraph.split()), 8)
    if inject.artefact:
        out.line(f"        [{inject.artefact.name}]")
        for line in inject.artefact.text.rstrip().split("\n"):
            out.line(f"        | {line}")
    for question in inject.questions:
        truth = question.truth
        right = f"  -> {', '.join(truth.answers)}. {truth.why}" if truth and answers else ""
        out.wrapped(f"? {question.text}{right}", 8)
    for source in inject.provenance:
        told = " ".join(x for x in (source.source, source.check, source.ref[:48]) if x)
        out.line(f"        from {told}")


def _decision(decision: Decision, *, answers: bool) -> None:
    from sharedline.cli import out

    out.wrapped(f"DECIDE ({decision.minutes} min): {decision.text}", 6)
    for option in decision.options:
        graded = f" [{option.quality}] {option.consequence}" if answers else ""
        out.wrapped(f"- {option.text}{graded}", 10)
