"""A run with two teams, told as events: who answered, decided and told what, minute by minute."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sharedline.exercise.model import Scenario
from sharedline.exercise.read import of_data
from sharedline.exercise.session.fold import fold
from sharedline.exercise.session.model import Event, RunState, Settings

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BUCKET = "arn:aws:s3:::ledger"


def _question(kind: str, *right: str, **more: Any) -> dict[str, Any]:
    truth = {"answers": list(right), "why": f"Why {right[0]}.", "source": "owners.toml"}
    return {"id": kind, "kind": kind, "text": f"Which {kind} is it?", "truth": truth, **more}


def _inject(name: str, minute: int, *questions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": name, "minute": minute, "phase": "p", "from": "GuardDuty", "to": "Security on call",
        "channel": "alert", "title": f"Message {name}", "text": f"Text of {name}.",
        "duty": "data.exposure", "service": "s3", "questions": list(questions), **more,
    }  # fmt: skip


_SCENARIO: dict[str, Any] = {
    "id": "drill", "title": "Two buckets", "summary": "Two buckets, one of them nobody's.",
    "minutes": 60, "roles": ["Security on call"],
    "objectives": [
        {"id": "close", "text": "The bucket is closed.", "measure": "Minutes.",
         "achievable": "One call.", "relevant": "It is open.", "by": 20,
         "duties": ["data.exposure"]},
        {"id": "tell", "text": "The owner is told.", "measure": "Messages.",
         "achievable": "One message.", "relevant": "It is theirs.", "by": 30,
         "duties": ["response.ownership"]},
    ],
    "phases": [{"id": "p", "title": "P", "start": 0, "function": "respond"}],
    "injects": [
        _inject("open", 0, _question("side", "customer"), _question("owner", "data"),
                _question("runbook", "open-bucket"),
                provenance=[{"source": "finding", "ref": "f", "scan": "s", "resource": BUCKET,
                             "check": "s3/bucket_versioning_on", "duty": "data.backup-recovery"}],
                resource=BUCKET),
        _inject("stray", 10, _question("owner", "nobody"), _question("runbook", "none")),
        _inject("never", 50, _question("side", "aws")),
    ],
    "decisions": [{"id": "first", "inject": "open", "text": "What is done first?", "minutes": 5,
                   "options": [
                       {"id": "close", "text": "Close it.", "quality": "best",
                        "consequence": "Closed."},
                       {"id": "ask", "text": "Ask around.", "quality": "good",
                        "consequence": "Closed later."},
                       {"id": "wait", "text": "Wait.", "quality": "poor",
                        "consequence": "It stays open."},
                       {"id": "delete", "text": "Delete it.", "quality": "harmful",
                        "consequence": "The evidence is gone."}]}],
    "expected": [{"id": "save", "inject": "open", "by": 10, "who": "Security on call",
                  "text": "Saves the policy.", "duty": "response.procedures"}],
}  # fmt: skip

SEATS = {
    "f": ("Fiona Falconbridge", "facilitator", ""),
    "e": ("Edgar Evander", "evaluator", ""),
    "a1": ("Annika Zuckerberg", "player", "Blue"),
    "a2": ("Bartholomew", "player", "Blue"),
    "a3": ("Cordelia", "player", "Blue"),
    "b1": ("Dagmar", "player", "Red"),
}


def scenario(**more: Any) -> Scenario:
    """The scenario, with some of its keys replaced."""
    return of_data({**copy.deepcopy(_SCENARIO), **more}, "test")


class Play:
    """A run in the making: each method is an event at a minute."""

    def __init__(
        self,
        given: Scenario | None = None,
        seats: Mapping[str, tuple[str, str, str]] = SEATS,
        **settings: Any,
    ) -> None:
        self.scenario = given or scenario()
        self.settings = Settings(**{"teams": ("Blue", "Red"), "pace": "hand", **settings})
        self.events: list[Event] = []
        for who, (name, seat, team) in seats.items():
            self.add(0, "joined", who, name=name, seat=seat, team=team)
        self.add(0, "started", "f")

    def add(self, minute: float, kind: str, who: str, /, **data: Any) -> None:
        at = START + timedelta(minutes=minute)
        self.events.append(Event(0, at, kind, who, data))

    def release(self, *injects: str) -> Play:
        for name in injects:
            minute = next(i.minute for i in self.scenario.injects if i.id == name)
            self.add(minute, "released", "f", inject=name)
        return self

    def answer(
        self, who: str, place: str, answer: str, confidence: int = 80, minute: float = 5
    ) -> Play:
        inject, question = place.split("/")
        self.add(
            minute, "answered", who, inject=inject, question=question, answer=answer,
            confidence=confidence,
        )  # fmt: skip
        return self

    def choose(self, who: str, option: str, minute: float = 3) -> Play:
        self.add(
            minute, "chosen", who, decision="first", option=option, confidence=50, reason=""
        )  # fmt: skip
        return self

    def settle(self, who: str, option: str, minute: float = 4, reason: str = "") -> Play:
        self.add(
            minute, "settled", who, decision="first", option=option, confidence=70, reason=reason,
            team="",
        )  # fmt: skip
        return self

    def tell(self, who: str, to: str, minute: float, inject: str = "", text: str = "Look.") -> Play:
        self.add(
            minute, "told", who, to=to, channel="chat", text=text, inject=inject, team=""
        )  # fmt: skip
        return self

    def see(self, state: str, team: str = "", minute: float = 8, note: str = "") -> Play:
        self.add(
            minute, "observed", "e", action="save", state=state, team=team, minute=minute,
            note=note,
        )  # fmt: skip
        return self

    def rate(self, objective: str, rating: str, why: str = "") -> Play:
        self.add(58, "rated", "e", objective=objective, rating=rating, why=why)
        return self

    def end(self) -> Play:
        self.add(59, "ended", "f")
        return self

    def ordered(self) -> list[Event]:
        found = sorted(self.events, key=lambda e: e.at)
        return [
            Event(n, e.at, e.kind, e.who, e.data, f"k{n}") for n, e in enumerate(found, 1)
        ]  # fmt: skip

    def state(self) -> RunState:
        later = START + timedelta(days=1)
        return fold(self.scenario, self.settings, self.ordered(), later, "r1")


def played() -> Play:
    """A whole run: Blue does well on the first message, Red badly, everybody guesses the second."""
    play = Play().release("open", "stray")
    for who in ("a1", "a2", "a3"):
        play.answer(who, "open/side", "customer", 90)
        play.answer(who, "open/owner", " DATA ", 80, 6)
        play.answer(who, "stray/owner", "data", 100, 14)
    play.answer("b1", "open/side", "aws", 100)
    play.answer("b1", "open/owner", "payments", 60, 7)
    play.answer("b1", "stray/owner", "Nobody", 70, 15)
    play.answer("b1", "open/runbook", "open-bucket")
    play.settle("a1", "close", reason="Annika Zuckerberg said so").settle("b1", "delete", 9)
    play.tell("a2", "Security on call", 6, text="Ask Bartholomew about it")
    play.see("done", "Blue").see("missed", "Red", note="Dagmar did not know how, nor Annika")
    play.rate("close", "M", "bartholomew was slow").rate("tell", "P", "Well told.")
    return play.end()
