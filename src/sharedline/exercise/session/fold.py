"""What holds at a moment, folded from everything that was done; the clock releases by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sharedline.exercise.model import Inject, Scenario
from sharedline.exercise.read import Reading, shaped
from sharedline.exercise.session.model import (
    Announced,
    Answer,
    Choice,
    Clock,
    ClockStatus,
    Event,
    Message,
    Note,
    Observed,
    Participant,
    Rating,
    Release,
    RunState,
    Settings,
    Settled,
)

MINUTE = timedelta(minutes=1)


def fold(
    scenario: Scenario, settings: Settings, events: Iterable[Event], as_of: datetime, run: str = ""
) -> RunState:
    """What holds at `as_of`; events that came later are not in it."""
    folding = Folding(scenario, settings, run)
    for event in events:
        if event.at <= as_of:
            folding.apply(event)
    return folding.state(as_of)


def completed(data: Mapping[str, Any], scenario: Scenario, minute: float) -> dict[str, Any]:
    """A message's plain data, its minute and phase filled in where they were left out."""
    latest = scenario.minutes - 1
    given = {"minute": min(int(minute), latest), **data}
    at = given["minute"] if isinstance(given["minute"], int) else 0
    phases = [p.id for p in scenario.phases if p.start <= at] or [scenario.phases[0].id]
    return {"phase": phases[-1], **given}


def with_inject(scenario: Scenario, inject: Inject) -> Scenario:
    """The scenario with a message more, in its place by time."""
    injects = sorted([*scenario.injects, inject], key=lambda i: i.minute)
    return replace(scenario, injects=tuple(injects))


class Folding:
    """A fold that goes on: `apply` takes the next event, `state` tells without changing it."""

    def __init__(self, scenario: Scenario, settings: Settings, run: str = "") -> None:
        self.scenario, self.settings, self.run = scenario, settings, run
        self.seq = 0
        self.last: datetime | None = None
        self._status: ClockStatus = "waiting"
        self._speed = settings.speed
        # Minutes of the scenario at a moment: what ran before it, and on from it while it runs.
        self._ran = 0.0
        self._since: datetime | None = None
        self._started: datetime | None = None
        self._ended: datetime | None = None
        self._participants: dict[str, Participant] = {}
        self._releases: dict[str, Release] = {}
        self._skipped: set[str] = set()
        self._added: dict[str, datetime] = {}
        self._answers: list[Answer] = []
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._choices: list[Choice] = []
        self._settled: list[Settled] = []
        self._messages: list[Message] = []
        self._notes: list[Note] = []
        self._observed: list[Observed] = []
        self._ratings: list[Rating] = []
        self._announced: list[Announced] = []

    def apply(self, event: Event) -> None:
        """Takes the event that follows the last one."""
        if event.seq <= self.seq:
            raise ValueError(f"event {event.seq} after {self.seq}")
        self._releases |= self._due(event.at)
        getattr(self, f"_on_{event.kind}")(event, self._elapsed(event.at))
        self.seq, self.last = event.seq, event.at

    def copy(self) -> Folding:
        """One that goes on by itself from here."""
        made = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict | list | set):
                setattr(made, name, value.copy())
        return made

    def state(self, as_of: datetime) -> RunState:
        """What holds at `as_of`, or at the last event where that is later."""
        at = max(as_of, self.last) if self.last else as_of
        return RunState(
            run=self.run,
            scenario=self.scenario,
            settings=self.settings,
            participants=dict(self._participants),
            clock=Clock(self._status, self._elapsed(at), self._speed),
            releases=self._releases | self._due(at),
            skipped=frozenset(self._skipped),
            answers=tuple(self._answers),
            choices=tuple(self._choices),
            settled=tuple(self._settled),
            messages=tuple(self._messages),
            notes=tuple(self._notes),
            observed=tuple(self._observed),
            ratings=tuple(self._ratings),
            seq=self.seq,
            started_at=self._started,
            ended_at=self._ended,
            as_of=at,
            announced=tuple(self._announced),
        )

    def _elapsed(self, at: datetime) -> float:
        if self._since is None:
            return self._ran
        return self._ran + max(0.0, (at - self._since) / MINUTE) * self._speed

    def _due(self, at: datetime) -> dict[str, Release]:
        """The messages that the clock has released since the last event, by time."""
        if self.settings.pace != "clock" or self._since is None:
            return {}
        now, found = self._elapsed(at), []
        for inject in self.scenario.injects:
            if inject.minute > now:
                break
            if inject.id in self._releases or inject.id in self._skipped:
                continue
            reached = self._since + MINUTE * (max(0.0, inject.minute - self._ran) / self._speed)
            reached = max(reached, self._added.get(inject.id, reached))
            minute = max(float(inject.minute), self._elapsed(reached))
            found.append(Release(inject.id, minute, min(reached, at), "clock"))
        return {r.inject: r for r in sorted(found, key=lambda r: r.at)}

    # What each kind of event does; `at` is the minute of the scenario.

    def _on_opened(self, event: Event, at: float) -> None:
        pass

    def _on_joined(self, event: Event, _at: float) -> None:
        d = event.data
        self._participants[event.who] = Participant(
            event.who, d["name"], d["seat"], d["team"], event.at
        )

    def _on_started(self, event: Event, _at: float) -> None:
        self._status, self._since, self._started = "running", event.at, event.at

    def _on_paused(self, _event: Event, at: float) -> None:
        self._status, self._ran, self._since = "paused", at, None

    def _on_resumed(self, event: Event, at: float) -> None:
        self._status, self._ran, self._since = "running", at, event.at

    def _on_ended(self, event: Event, at: float) -> None:
        self._status, self._ran, self._since, self._ended = "ended", at, None, event.at

    def _on_speed(self, event: Event, at: float) -> None:
        self._ran, self._speed = at, float(event.data["speed"])
        if self._since is not None:
            self._since = event.at

    def _on_released(self, event: Event, at: float) -> None:
        inject = event.data["inject"]
        self._skipped.discard(inject)
        self._releases.setdefault(inject, Release(inject, at, event.at, "facilitator"))

    def _on_skipped(self, event: Event, _at: float) -> None:
        if event.data["inject"] not in self._releases:
            self._skipped.add(event.data["inject"])

    def _on_added(self, event: Event, at: float) -> None:
        data = completed(event.data["inject"], self.scenario, at)
        inject: Inject = shaped(Inject, data, (), Reading("the new message", {}))
        self.scenario = with_inject(self.scenario, inject)
        self._added[inject.id] = event.at
        if event.data["release"]:
            self._releases[inject.id] = Release(inject.id, at, event.at, "added")

    def _on_announced(self, event: Event, at: float) -> None:
        self._announced.append(Announced(event.data["text"], event.who, at, event.at))

    def _on_answered(self, event: Event, at: float) -> None:
        d = event.data
        place = (event.who, d["inject"], d["question"])
        number = self._numbers[place] = self._numbers.get(place, 0) + 1
        self._answers.append(Answer(*place, d["answer"], d["confidence"], at, event.at, number))

    def _on_chosen(self, event: Event, at: float) -> None:
        d = event.data
        self._choices.append(
            Choice(
                event.who, d["decision"], d["option"], d["confidence"], d["reason"], at, event.at
            )
        )

    def _on_settled(self, event: Event, at: float) -> None:
        d = event.data
        team, decision, option = self._team(event), d["decision"], d["option"]
        self._settled.append(
            Settled(team, decision, option, event.who, d["confidence"], d["reason"], at, event.at)
        )

    def _on_told(self, event: Event, at: float) -> None:
        d = event.data
        self._messages.append(
            Message(
                event.who, self._team(event), d["to"], d["channel"], d["text"], d["inject"], at,
                event.at,
            )
        )  # fmt: skip

    def _on_noted(self, event: Event, at: float) -> None:
        d = event.data
        self._notes.append(
            Note(event.who, self._team(event), d["text"], d["visible"], d["inject"], at, event.at)
        )

    def _on_observed(self, event: Event, at: float) -> None:
        d = event.data
        minute = at if d["minute"] is None else float(d["minute"])
        self._observed.append(
            Observed(d["action"], d["state"], d["team"], minute, event.who, d["note"])
        )

    def _on_rated(self, event: Event, _at: float) -> None:
        d = event.data
        self._ratings.append(Rating(d["objective"], d["rating"], d["why"], event.who, event.at))

    def _team(self, event: Event) -> str:
        """A player's own team; of others the one that they named."""
        who = self._participants[event.who]
        return who.team or str(event.data.get("team", ""))
