"""Prints what the table is handed: messages, questions, decisions, what follows."""

from __future__ import annotations

import textwrap

from sharedline.cli import out
from sharedline.exercise.model import Inject
from sharedline.exercise.session.model import Release, RunState


def opened(state: RunState, code: str) -> None:
    """The head of a run."""
    scenario = state.scenario
    out.line(f"EXERCISE  {scenario.title}  ({scenario.minutes} minutes)")
    out.wrapped(scenario.summary)
    if scenario.roles:
        out.wrapped(f"At the table: {', '.join(scenario.roles)}.")
    for objective in scenario.objectives:
        out.wrapped(f"by minute {objective.by}: {objective.text}", 2)
    out.line(f"Run {state.run}, code {code}.")


def inject(found: Inject, release: Release) -> None:
    """A message as it reaches the table; notes are for whoever leads."""
    out.line(f"\nEXERCISE  {release.minute:.0f}'  {found.title}")
    out.wrapped(f"{found.channel}, {found.sender} to {found.to}", 4)
    for paragraph in found.text.strip().split("\n\n"):
        out.wrapped(" ".join(paragraph.split()), 4)
    if found.artefact:
        out.wrapped(f"[{found.artefact.name}]", 4)
        _lines(found.artefact.text)
    if found.notes:
        out.wrapped(f"(For you: {' '.join(found.notes.split())})", 4)


def _lines(text: str) -> None:
    """Lines as they are, broken only where the terminal would."""
    width = max(40, min(out.console().width, 160) - 6)
    for line in text.rstrip().split("\n"):
        for part in textwrap.wrap(
            line.expandtabs(4), width, drop_whitespace=False, break_on_hyphens=False
        ) or [""]:
            out.line(f"    | {part}")


def summed(state: RunState, table: str, team: str) -> None:
    """What was written down, in one sentence, and where it is."""
    asked = sum(len(i.questions) for i in state.scenario.injects if state.released(i.id))
    given = {(a.inject, a.question) for a in state.answers if a.participant == table}
    settled = {s.decision for s in state.settled if s.team == team}
    out.wrapped(
        f"{len(given)} of {asked} questions answered, {len(settled)} decisions taken, "
        f"{len(state.messages)} told, {len(state.notes)} notes, "
        f"{state.clock.elapsed:.0f} minutes played."
    )
