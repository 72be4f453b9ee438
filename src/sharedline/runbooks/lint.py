"""What is wrong with runbooks: what they name that is not there, who keeps them, when tried."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import filter as matching_names
from pathlib import Path
from typing import Any

from sharedline.iam.actions import matching as matching_actions
from sharedline.iam.actions import of_service
from sharedline.runbooks.commands import is_command
from sharedline.runbooks.guardduty import kinds, retired
from sharedline.runbooks.library import Library
from sharedline.runbooks.model import Mention, Runbook

#: Without these a runbook leaves its reader alone when it counts.
NEEDED = ("detect", "respond", "recover")
_TOO_GENERAL = frozenset({"*", "*:*", "*:*/*"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a runbook: where, how grave, and what to do."""

    runbook: str
    kind: str
    severity: str
    what: str
    fix: str
    path: str
    line: int = 0

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True)
class Known:
    """What a runbook may name. `teams` is None where there is no owner register."""

    duties: Collection[str]
    checks: Collection[str]
    detections: Collection[str]
    today: date
    teams: Collection[str] | None = None
    days: int = 365


def lint(library: Library, known: Known) -> list[Fault]:
    """Everything that is wrong, by runbook and line."""
    found = [Fault(p.id, "unreadable", "high", p.what, p.advice, p.path) for p in library.problems]
    for one in library.runbooks.values():
        for each in (
            _named(one, known),
            _owned(one, known),
            _tests(one, known),
            _whole(one),
            _mentioned(one, library),
        ):
            found += each
    return sorted(found, key=lambda f: (f.runbook, f.line, f.kind, f.what))


def _fault(one: Runbook, kind: str, severity: str, what: str, fix: str, line: int = 0) -> Fault:
    return Fault(one.id, kind, severity, what, fix, one.path, line)


def _named(one: Runbook, known: Known) -> Iterator[Fault]:
    """Duty, finding types, detections and checks must exist."""
    if one.duty not in known.duties:
        yield _fault(one, "unknown duty", "high", f"There is no duty {one.duty!r}.",
                     "See `sharedline duties`.")  # fmt: skip
    there: Mapping[str, Collection[str]] = {
        "guardduty": kinds(),
        "detection": known.detections,
        "check": known.checks,
    }
    for kind, globs in one.globs.items():
        for glob in globs:
            if glob in _TOO_GENERAL:
                yield _fault(one, "too general", "medium", f"{glob!r} answers every {kind}.",
                             "Name what it answers.")  # fmt: skip
            elif matching_names(there[kind], glob):
                continue
            elif kind == "guardduty":
                yield from _lost_type(one, glob, 0)
            else:
                yield _fault(one, f"unknown {kind}", "high", f"There is no {kind} {glob!r}.",
                             "Correct it, or take it out.")  # fmt: skip


def _lost_type(one: Runbook, name: str, line: int) -> Iterator[Fault]:
    if matching_names(retired(), name):
        yield _fault(one, "retired finding type", "high", f"GuardDuty no longer makes {name}.",
                     "Name the type that took its place.", line)  # fmt: skip
    else:
        yield _fault(one, "unknown finding type", "high", f"GuardDuty has no type {name}.",
                     "Correct it, or take it out.", line)  # fmt: skip


def _owned(one: Runbook, known: Known) -> Iterator[Fault]:
    if not one.owner:
        fix = f"Make it yours: `sharedline runbooks adopt {one.id} --owner TEAM`." if one.starter else (
            "Name a team of owners.toml as its owner."
        )  # fmt: skip
        yield _fault(one, "no owner", "medium", "Nobody keeps it.", fix)
    elif known.teams is not None and one.owner not in known.teams:
        teams = ", ".join(sorted(known.teams)) or "none"
        yield _fault(one, "unknown owner", "high", f"There is no team {one.owner!r}.",
                     f"Declare it in owners.toml; teams: {teams}.")  # fmt: skip


def _tests(one: Runbook, known: Known) -> Iterator[Fault]:
    ahead = [t for t in one.tested if t.on > known.today]
    if ahead:
        yield _fault(one, "test in the future", "high", f"A test is dated {ahead[0].on}.",
                     "A test counts once it was done.")  # fmt: skip
    done = [t.on for t in one.tested if t.on <= known.today]
    if not done:
        yield _fault(one, "never tested", "medium", "Nobody ever tried it.",
                     f"Try it, e.g. `sharedline runbooks test {one.id}`, and record it.")  # fmt: skip
    elif (age := (known.today - max(done)).days) > known.days:
        yield _fault(one, "test too old", "medium", f"It was last tried {age} days ago.",
                     f"Try it again: a test is good for {known.days} days.")  # fmt: skip


def _whole(one: Runbook) -> Iterator[Fault]:
    there = {step.phase for step in one.steps}
    for phase in NEEDED:
        if phase not in there:
            yield _fault(one, "missing phase", "medium", f"No step says how to {phase}.",
                         f"Write a list below `## {phase.title()}`.")  # fmt: skip
    if not any(one.globs.values()):
        yield _fault(one, "answers nothing", "medium", "No finding leads to it.",
                     "Name guardduty, detections or checks.")  # fmt: skip


def _mentioned(one: Runbook, library: Library) -> Iterator[Fault]:
    """What the text names must exist too."""
    for each in one.mentions:
        if each.kind == "type":
            if each.text not in kinds():
                yield from _lost_type(one, each.text, each.line)
        elif each.kind == "action":
            if not (matching_actions(each.text) or _is_key(each.text)):
                yield _fault(one, "no such action", "high", f"IAM has no action {each.text}.",
                             "Correct its name.", each.line)  # fmt: skip
        elif each.kind == "command":
            if not is_command(each.text):
                yield _fault(one, "no such command", "high", f"There is no `aws {each.text}`.",
                             "Correct it: nobody looks it up at night.", each.line)  # fmt: skip
        elif not _alive(one, each, library):
            yield _fault(one, "dead link", "medium", f"There is no {each.text}.",
                         "Correct the link, or take it out.", each.line)  # fmt: skip


def _is_key(text: str) -> bool:
    """Whether it is a condition key, which are written like actions: `kms:ViaService`."""
    actions = of_service(text.partition(":")[0]).values()
    return any(text.lower() in action.condition_keys for action in actions)


def _alive(one: Runbook, link: Mention, library: Library) -> bool:
    """Whether a relative link leads to a file, or to a runbook wherever it lies."""
    target = link.text.partition("#")[0]
    if not target or "://" in target or target.startswith("mailto:"):
        return True
    if (Path(one.path).parent / target).exists():
        return True
    place = Path(*Path(one.id).parent.parts, *Path(target).parts)
    return place.suffix in (".md", ".json") and place.with_suffix("").as_posix() in library.runbooks
