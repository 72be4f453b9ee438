"""A runbook as frozen values: what it answers, whose it is, its steps, when it was tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase

#: The functions of CSF 2.0 as NIST SP 800-61r3 groups them for incidents: what is done beforehand
#: (Govern, Identify, Protect), the three of the response, and what is learned.
#: Ref: https://csrc.nist.gov/pubs/sp/800/61/r3/final, 2026-11-21.
PHASES = ("prepare", "detect", "respond", "recover", "improve")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `line` is where it stands in the file."""

    phase: str
    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """That somebody tried it: when, who, and how (read-through, tabletop, functional, incident)."""

    on: date
    by: str
    how: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Something in the text that can be looked up: an action, a command, a type, a link."""

    kind: str
    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Runbook:
    """A response procedure. `guardduty`, `detections` and `checks` are globs of what it answers."""

    id: str
    title: str
    duty: str
    path: str
    owner: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    guardduty: tuple[str, ...] = ()
    detections: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    tested: tuple[Trial, ...] = ()
    steps: tuple[Step, ...] = ()
    mentions: tuple[Mention, ...] = ()
    #: Whether it came with the product and nobody has made it theirs.
    starter: bool = False

    @property
    def last(self) -> Trial | None:
        """The newest test."""
        return max(self.tested, key=lambda one: one.on, default=None)

    def answers(self, kind: str, name: str) -> bool:
        """Whether it answers a finding type, a detection or a check."""
        return any(fnmatchcase(name, glob) for glob in self.globs[kind])

    @property
    def globs(self) -> Mapping[str, tuple[str, ...]]:
        """What it answers, by kind."""
        return {
            "guardduty": self.guardduty,
            "detection": self.detections,
            "check": self.checks,
        }


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that is no runbook, and why."""

    id: str
    path: str
    what: str
    advice: str
