"""A run of an exercise as frozen values: who is there, what was released, answered and decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, get_args

from sharedline.exercise.model import Channel, Scenario

Seat = Literal["facilitator", "player", "observer", "scribe", "evaluator"]
Pace = Literal["clock", "hand"]
ClockStatus = Literal["waiting", "running", "paused", "ended"]
#: Who may read a note: its writer only, the team, everybody in the room.
Visible = Literal["private", "team", "everyone"]
#: How an expected action was seen.
Seen = Literal["done", "late", "missed"]
#: HSEEP: performed without challenges, with some, with major ones, unable to be performed.
Grade = Literal["P", "S", "M", "U"]

SEATS: tuple[Seat, ...] = get_args(Seat)
GRADES: tuple[Grade, ...] = get_args(Grade)
WEIGHTS: Mapping[str, int] = {
    "decision": 40, "side": 20, "owner": 20, "time": 10, "communication": 10,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """What is chosen when a run is opened; `store.settings_of` reads and checks them."""

    #: What each part of the score counts for; they need not sum to 100.
    weights: Mapping[str, int] = field(default_factory=lambda: dict(WEIGHTS))
    #: The teams that players sit in; at least one.
    teams: tuple[str, ...] = ("Team 1",)
    #: Who releases: the clock, or the facilitator by hand.
    pace: Pace = "hand"
    #: Minutes of the scenario per minute on the wall, from 0.1 to 60.
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that was done; `seq` counts from 1 without holes, `at` never goes back."""

    seq: int
    at: datetime
    kind: str
    #: The participant's id; empty for what opened the room.
    who: str
    data: Mapping[str, Any]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in the room; `team` is empty but for players."""

    id: str
    name: str
    seat: Seat
    team: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock as of the state's moment; `elapsed` are minutes of the scenario."""

    status: ClockStatus
    elapsed: float
    speed: float


@dataclass(frozen=True, slots=True)
class Release:
    """A message reached the players; `minute` counts running minutes since the start."""

    inject: str
    minute: float
    at: datetime
    how: Literal["clock", "facilitator", "added"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question; every one is kept, the last one of a participant counts."""

    participant: str
    inject: str
    question: str
    answer: str
    #: How sure, from 0 to 100.
    confidence: int
    minute: float
    at: datetime
    #: Which of the participant's answers to the question it is, from 1.
    number: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What one person would decide; the last one of a participant counts."""

    participant: str
    decision: str
    option: str
    confidence: int
    reason: str
    minute: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What a team decided; the last one counts. `by` is a participant's id."""

    team: str
    decision: str
    option: str
    by: str
    confidence: int
    reason: str
    minute: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """Whom a team told; `inject` is the message that it answers, or empty."""

    participant: str
    team: str
    to: str
    channel: Channel
    text: str
    inject: str
    minute: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """Something written down; `team` and `inject` may be empty."""

    participant: str
    team: str
    text: str
    visible: Visible
    inject: str
    minute: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Observed:
    """An expected action as it was seen; the last one of an action and team counts."""

    action: str
    state: Seen
    #: Whose; empty for the whole room.
    team: str
    #: When it was done, as given, or when it was written down.
    minute: float
    #: A participant's id.
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Rating:
    """How well an objective was met, by HSEEP; the last one of an objective counts."""

    objective: str
    rating: Grade
    why: str
    #: A participant's id.
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Announced:
    """What the facilitator said to everybody."""

    text: str
    by: str
    minute: float
    at: datetime


@dataclass(frozen=True)
class RunState:
    """All that holds at `as_of`; lists are in the order in which things were done."""

    run: str
    #: With the messages that were added.
    scenario: Scenario
    settings: Settings
    participants: Mapping[str, Participant]
    clock: Clock
    #: By inject, in the order of release.
    releases: Mapping[str, Release]
    skipped: frozenset[str]
    answers: tuple[Answer, ...]
    choices: tuple[Choice, ...]
    settled: tuple[Settled, ...]
    messages: tuple[Message, ...]
    notes: tuple[Note, ...]
    observed: tuple[Observed, ...]
    ratings: tuple[Rating, ...]
    #: The last event that is in it.
    seq: int
    started_at: datetime | None
    ended_at: datetime | None
    as_of: datetime
    announced: tuple[Announced, ...] = ()

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams that players can sit in."""
        return self.settings.teams

    def released(self, inject: str) -> bool:
        """Whether the players have a message."""
        return inject in self.releases

    def last_answer(self, participant: str, inject: str, question: str) -> Answer | None:
        """The answer that counts."""
        return self._answers.get((participant, inject, question))

    def last_choice(self, participant: str, decision: str) -> Choice | None:
        """A person's choice that counts."""
        return self._choices.get((participant, decision))

    def last_settled(self, team: str, decision: str) -> Settled | None:
        """The team's decision that counts."""
        return self._settled.get((team, decision))

    def last_observed(self, action: str, team: str = "") -> Observed | None:
        """How an expected action was seen: of the team, or else of the whole room."""
        return self._observed.get((action, team)) or self._observed.get((action, ""))

    def last_rating(self, objective: str) -> Rating | None:
        """The rating that counts."""
        return next((r for r in reversed(self.ratings) if r.objective == objective), None)

    def players(self, team: str | None = None) -> tuple[Participant, ...]:
        """The players (of a team), in the order in which they joined."""
        seated = (p for p in self.participants.values() if p.seat == "player")
        return tuple(p for p in seated if team is None or p.team == team)

    @cached_property
    def _answers(self) -> Mapping[tuple[str, str, str], Answer]:
        return {(a.participant, a.inject, a.question): a for a in self.answers}

    @cached_property
    def _choices(self) -> Mapping[tuple[str, str], Choice]:
        return {(c.participant, c.decision): c for c in self.choices}

    @cached_property
    def _settled(self) -> Mapping[tuple[str, str], Settled]:
        return {(s.team, s.decision): s for s in self.settled}

    @cached_property
    def _observed(self) -> Mapping[tuple[str, str], Observed]:
        return {(o.action, o.team): o for o in self.observed}
