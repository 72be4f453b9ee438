"""A score as frozen values: every number keeps the rows that made it, so that a page can open it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum
from typing import Any

#: The parts, in the order in which they are shown, and what each is called.
TITLES: Mapping[str, str] = {
    "decision": "Decision quality",
    "side": "Whose side",
    "owner": "Whose duty",
    "time": "Time to owner",
    "communication": "Communication",
    "runbook": "Which runbook",
    "other": "Other questions",
}
PARTS = tuple(TITLES)


@dataclass(frozen=True, slots=True)
class Targets:
    """By when, in minutes of the scenario after a message was released."""

    owner: float = 10.0
    told: float = 10.0


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was looked at. `points` are 0 to 1; None where it could not be judged."""

    part: str
    team: str
    inject: str
    #: The decision, question, action, or who was to be told.
    item: str
    said: str
    right: tuple[str, ...]
    points: float | None
    #: A participant's id; empty where it is the team's.
    who: str = ""
    minute: float | None = None
    confidence: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a team's score: the mean over its items, each the mean over its rows."""

    name: str
    #: As it was set; `share` is what it counts for here, over the parts that were measured.
    weight: float
    rows: tuple[Row, ...]
    value: float | None
    share: float = 0.0

    @property
    def title(self) -> str:
        """What it is called."""
        return TITLES[self.name]

    @property
    def items(self) -> int:
        """How many things it was measured on."""
        return len({(r.inject, r.item) for r in self.rows if r.points is not None})

    @property
    def told(self) -> str:
        """Its value for people: a number from 0 to 100, or that it was not measured."""
        return shown(self.value)


@dataclass(frozen=True, slots=True)
class Agreed:
    """How many pairs of a team's players gave the same answer; None for fewer than two."""

    inject: str
    question: str
    kind: str
    players: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Band:
    """Answers given with a confidence from `low` to `high`, and how many of them were right."""

    low: int
    high: int
    answers: int
    right: int
    #: The mean confidence of them, 0 to 100.
    confidence: float | None

    @property
    def share(self) -> float | None:
        """How many of them were right, 0 to 1."""
        return self.right / self.answers if self.answers else None


@dataclass(frozen=True, slots=True)
class TeamScore:
    """How one team did; `total` is 0 to 1, None where nothing was measured."""

    team: str
    players: int
    total: float | None
    parts: Mapping[str, Part]
    agreed: tuple[Agreed, ...]
    bands: tuple[Band, ...]

    @property
    def agreement(self) -> float | None:
        """The mean over the questions that two or more answered."""
        return mean([a.share for a in self.agreed])

    @property
    def told(self) -> str:
        """The total for people."""
        return shown(self.total)


@dataclass(frozen=True, slots=True)
class Score:
    """How a run went."""

    run: str
    scenario: str
    teams: tuple[TeamScore, ...]
    #: The mean of the teams that have a total, and how many those are.
    overall: float | None
    measured: int
    weights: Mapping[str, float]
    targets: Targets
    #: Over all players.
    bands: tuple[Band, ...]
    #: The evaluator's, by objective: P, S, M, U, or empty where it is not rated.
    ratings: Mapping[str, str] = field(default_factory=dict)
    #: What a reader must know of the numbers.
    notes: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The overall score for people."""
        return shown(self.overall)

    def team(self, name: str) -> TeamScore | None:
        """One team's."""
        return next((t for t in self.teams if t.team == name), None)

    def part(self, name: str) -> float | None:
        """The mean of a part over the teams that were measured on it."""
        return mean([t.parts[name].value for t in self.teams])


def mean(values: list[float | None]) -> float | None:
    """The mean of those that are there, the same in whatever order they come."""
    there = [v for v in values if v is not None]
    return fsum(there) / len(there) if there else None


def shown(value: float | None) -> str:
    """0 to 1 as a whole number to 100; a mark of 0.5 goes up."""
    return "not measured" if value is None else str(int(value * 100 + 0.5))


def as_data(score: Score) -> dict[str, Any]:
    """The score as plain values for JSON, every row with it; numbers from 0 to 1 with 4 digits."""
    from dataclasses import asdict

    def plain(value: Any) -> Any:
        if isinstance(value, float):
            return round(value, 4)
        if isinstance(value, Mapping):
            return {k: plain(v) for k, v in value.items()}
        return [plain(v) for v in value] if isinstance(value, list | tuple) else value

    out: dict[str, Any] = plain(asdict(score))
    for team, given in zip(out["teams"], score.teams, strict=True):
        team["agreement"] = plain(given.agreement)
    return out
