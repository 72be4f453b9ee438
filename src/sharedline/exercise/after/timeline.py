"""What happened, minute by minute: by team and seat, never by person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sharedline.exercise.session.model import RunState

ROOM = "the room"


def timeline(state: RunState) -> list[dict[str, Any]]:
    """The rows `{minute, kind, team, text}` in order: `minute` counts minutes of the scenario."""
    found = [*_released(state), *_settled(state), *_told(state), *_seen(state), *_said(state)]
    order = ("message", "said", "told", "decision", "action", "note")
    return sorted(found, key=lambda r: (r["minute"], order.index(r["kind"])))


def _row(minute: float, kind: str, team: str, text: str) -> dict[str, Any]:
    return {"minute": round(minute, 1), "kind": kind, "team": team or ROOM, "text": text}


def _released(state: RunState) -> Iterator[dict[str, Any]]:
    for inject in state.scenario.injects:
        release = state.releases.get(inject.id)
        if release:
            said = f"{inject.sender} to {inject.to} ({inject.channel}): {inject.title}"
            added = " (added by the facilitator)" if release.how == "added" else ""
            yield _row(release.minute, "message", "", said + added)


def _settled(state: RunState) -> Iterator[dict[str, Any]]:
    known = {d.id: d for d in state.scenario.decisions}
    for s in state.settled:
        decision = known.get(s.decision)
        if decision is None:
            continue
        text = next((o.text for o in decision.options if o.id == s.option), s.option)
        why = f" Because: {s.reason}" if s.reason else ""
        yield _row(s.minute, "decision", s.team, f"{decision.text} {text}{why}")


def _told(state: RunState) -> Iterator[dict[str, Any]]:
    for m in state.messages:
        yield _row(m.minute, "told", m.team, f"to {m.to} ({m.channel}): {m.text}")


def _seen(state: RunState) -> Iterator[dict[str, Any]]:
    known = {a.id: a for a in state.scenario.expected}
    for o in state.observed:
        action = known.get(o.action)
        if action is not None and state.last_observed(o.action, o.team) is o:
            note = f" {o.note}" if o.note else ""
            yield _row(o.minute, "action", o.team, f"{o.state}: {action.text}{note}")


def _said(state: RunState) -> Iterator[dict[str, Any]]:
    for a in state.announced:
        yield _row(a.minute, "said", "", a.text)
    for n in state.notes:
        if n.visible == "everyone":  # what was written for fewer stays with them
            yield _row(n.minute, "note", n.team, n.text)
