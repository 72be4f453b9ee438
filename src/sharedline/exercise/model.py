"""A tabletop exercise as frozen values: a scenario, its injects, decisions, questions and truths.

Each field says beside itself what it may hold; the reader and the JSON Schema are both made from
that, so that they cannot disagree.
"""

# ruff: noqa: RUF009 (`one` and `maybe` are dataclasses.field with what we say of each)
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ID = r"^[a-z0-9][a-z0-9-]{0,79}$"
#: A scenario's id names a folder, so it is short.
NAME = r"^[a-z0-9][a-z0-9-]{1,59}$"
DUTY = r"^[a-z]+\.[a-z][a-z-]*$"
LONG, SHORT = 12_000, 300

Channel = Literal[
    "email", "chat", "phone", "ticket", "console", "alert", "news", "in-person", "letter"
]
ArtefactKind = Literal["log", "finding", "command", "policy", "mail", "table", "page"]
#: The functions of NIST CSF 2.0, by which SP 800-61r3 orders incident response.
Function = Literal["govern", "identify", "protect", "detect", "respond", "recover"]
#: How good a decision is; the score of each is the session's to set.
Quality = Literal["best", "good", "poor", "harmful"]
QuestionKind = Literal["free", "choice", "side", "owner", "runbook"]
Source = Literal["finding", "cell", "escalation-path", "runbook", "incident", "library", "exercise"]


def one(says: str, *, key: str = "", most: int = SHORT, pattern: str = "", **more: Any) -> Any:
    """A text that must be given, or a number with its bounds (`low`, `high`)."""
    return field(metadata={"says": says, "key": key, "most": most, "pattern": pattern, **more})


def maybe(says: str, default: Any = "", *, key: str = "", most: int = SHORT, **more: Any) -> Any:
    """The same, with what holds where it is left out."""
    return field(
        default=default,
        metadata={"says": says, "key": key, "most": most, "pattern": "", **more},
    )


@dataclass(frozen=True, slots=True)
class Actor:
    """A resource that the story plays with: a name of ours, or one of the estate's own."""

    id: str = one("The word that stands in braces in the texts.", pattern=r"^[a-z][a-z_]{1,39}$")
    table: str = one("The kind of resource, as a table's name.", pattern=r"^[a-z][a-z0-9_]*$")
    example: str = one("The name that it has in the scenario as written.")
    checks: tuple[str, ...] = maybe("Checks whose failing resources are cast first.", ())
    resource: str = maybe("The ARN of the resource that plays it.", most=2_048)


@dataclass(frozen=True, slots=True)
class Objective:
    """What the exercise is for, SMART: specific, measurable, achievable, relevant, timed."""

    id: str = one("A name within the scenario.", pattern=ID)
    text: str = one("Specific: who does what.", most=LONG)
    measure: str = one("Measurable: what the evaluator counts or times.", most=LONG)
    achievable: str = one("Achievable: what the team has to do it with.", most=LONG)
    relevant: str = one("Relevant: why it matters to the duties named.", most=LONG)
    by: int = one("Timed: the minute by which it is done.", low=1, high=480)
    duties: tuple[str, ...] = one("The duties that it exercises.", pattern=DUTY, least=1)


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the story."""

    id: str = one("A name within the scenario.", pattern=ID)
    title: str = one("What it is called on the board.")
    start: int = one("The minute at which it begins.", low=0, high=480)
    function: Function = maybe("The function of NIST CSF 2.0 that it rehearses.", "respond")


@dataclass(frozen=True, slots=True)
class Artefact:
    """What a player is handed: a log excerpt, a finding, the output of a command."""

    name: str = one("What it is called.")
    kind: ArtefactKind = one("What it is.")
    text: str = one("It itself.", most=LONG)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an inject comes from, so that nobody need believe it."""

    source: Source = one("The kind of source.")
    ref: str = one("Its id: a finding's fingerprint, a cell, a runbook, a scenario.", most=2_048)
    scan: str = maybe("The scan that it was taken from.")
    check: str = maybe("The check that found it.")
    resource: str = maybe("The resource, or the name that masks it.", most=2_048)
    duty: str = maybe("The duty.")
    line: str = maybe("The page that draws the line, or that nobody reviewed it.", most=2_048)
    note: str = maybe("Anything else that says why it is here.", most=LONG)


@dataclass(frozen=True, slots=True)
class Truth:
    """The right answer on the day the scenario was made; one of several where several are right."""

    answers: tuple[str, ...] = one("The right answers.", least=1)
    why: str = one("What makes them right.", most=LONG)
    source: str = maybe("Where that is written: a page, a file, a rule.", most=2_048)


@dataclass(frozen=True, slots=True)
class Question:
    """What players are asked: freely, by choice, or whose side, which owner, which runbook."""

    id: str = one("A name within the scenario.", pattern=ID)
    kind: QuestionKind = one("How it is answered.")
    text: str = one("The question.", most=LONG)
    choices: tuple[str, ...] = maybe("What can be chosen.", ())
    truth: Truth | None = maybe("The right answer; none where the evaluator judges.", None)


@dataclass(frozen=True, slots=True)
class Inject:
    """A message that reaches the players at a minute."""

    id: str = one("A name within the scenario.", pattern=ID)
    minute: int = one("When it is released.", low=0, high=480)
    phase: str = one("The phase that it falls in.", pattern=ID)
    sender: str = one("Who sends it.", key="from")
    to: str = one("Who receives it.")
    channel: Channel = one("How it arrives.")
    title: str = one("Its subject.")
    text: str = one("What it says.", most=LONG)
    duty: str = one("The duty that it is about.", pattern=DUTY)
    service: str = one("The service that it is about.", pattern=r"^[a-z][a-z0-9-]*$")
    resource: str = maybe("The resource it is about: an ARN, a mask, or {actor}.", most=2_048)
    finding_types: tuple[str, ...] = maybe("Finding types and detections that it would raise.", ())
    artefact: Artefact | None = maybe("What comes with it.", None)
    provenance: tuple[Provenance, ...] = maybe("Where it comes from.", ())
    questions: tuple[Question, ...] = maybe("What is asked of it.", ())
    notes: str = maybe("For the facilitator only.", most=LONG)


@dataclass(frozen=True, slots=True)
class Option:
    """A way to decide, how good it is, and what comes of it."""

    id: str = one("A name within the decision.", pattern=ID)
    text: str = one("What would be done.", most=LONG)
    quality: Quality = one("How good it is.")
    consequence: str = one("What the facilitator says happens next.", most=LONG)


@dataclass(frozen=True, slots=True)
class Decision:
    """Something the team must settle after an inject."""

    id: str = one("A name within the scenario.", pattern=ID)
    inject: str = one("The inject that it follows.", pattern=ID)
    text: str = one("What is to be decided.", most=LONG)
    options: tuple[Option, ...] = one("The ways to decide.", least=2)
    minutes: int = maybe("How long the team has.", 5, low=1, high=120)


@dataclass(frozen=True, slots=True)
class ExpectedAction:
    """What a prepared team does without being asked."""

    id: str = one("A name within the scenario.", pattern=ID)
    inject: str = one("The inject that calls for it.", pattern=ID)
    by: int = one("The minute by which it is done.", low=0, high=480)
    who: str = one("The role or team that does it.")
    text: str = one("What is done.", most=LONG)
    duty: str = one("The duty that it serves.", pattern=DUTY)


@dataclass(frozen=True, slots=True)
class Made:
    """How a scenario was composed; the same scan, seed and choice give the same scenario."""

    source: str = one("`gaps`, or the library scenario's id.")
    scan: str = one("The scan whose results it uses.")
    as_of: str = one("The time of that scan.")
    seed: int = one("The seed of what was chosen.", low=0, high=2**53 - 1)
    team: str = maybe("The team whose gaps it is about; all without.")
    masked: bool = maybe("Whether names of resources and accounts are masked.", False)
    version: str = maybe("The version that composed it.")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole exercise, ready to be run."""

    id: str = one("Its name, also that of its folder or file.", pattern=NAME)
    title: str = one("What it is called.")
    summary: str = one("The story in a few sentences, for whoever picks it.", most=LONG)
    minutes: int = one("How long it runs.", low=5, high=480)
    objectives: tuple[Objective, ...] = one("What it is for.", least=0)
    phases: tuple[Phase, ...] = one("Its stretches, by time.", least=1)
    injects: tuple[Inject, ...] = one("Its messages, by time.", least=1)
    decisions: tuple[Decision, ...] = maybe("What must be settled.", ())
    expected: tuple[ExpectedAction, ...] = maybe("What a prepared team does.", ())
    cast: tuple[Actor, ...] = maybe("The resources that the story plays with.", ())
    roles: tuple[str, ...] = maybe("Who should sit at the table.", ())
    references: tuple[str, ...] = maybe("Public pages that it rests on.", (), most=2_048)
    made: Made | None = maybe("How it was composed; none where it was written.", None)

    @property
    def duties(self) -> tuple[str, ...]:
        """The duties that it touches, in the order of the story."""
        found = [i.duty for i in self.injects] + [d for o in self.objectives for d in o.duties]
        return tuple(dict.fromkeys(found))


#: The kinds that lie in lists of another, and where; for walks over a whole scenario.
CHILDREN: Mapping[str, type] = {
    "objectives": Objective,
    "phases": Phase,
    "injects": Inject,
    "decisions": Decision,
    "expected": ExpectedAction,
    "cast": Actor,
}
