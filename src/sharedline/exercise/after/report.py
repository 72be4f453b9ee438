"""The after-action report as plain values: one mapping that page, PDF, Markdown and JSON write."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sharedline import __version__
from sharedline.exercise.after.findings import Standing, findings
from sharedline.exercise.after.kinds import CAUSES, Finding
from sharedline.exercise.after.names import without_names
from sharedline.exercise.after.strengths import strengths
from sharedline.exercise.after.timeline import timeline
from sharedline.exercise.improve.model import Improvement
from sharedline.exercise.score.answers import given, is_right, judged
from sharedline.exercise.score.decisions import taken
from sharedline.exercise.score.model import PARTS, TITLES, Score, as_data, shown
from sharedline.exercise.session.model import RunState
from sharedline.text import iso

MARK = "EXERCISE - CONFIDENTIAL"
#: HSEEP's ratings (FEMA, Homeland Security Exercise and Evaluation Program, January 2020; from
#: memory).
GRADES = {
    "P": "performed without challenges",
    "S": "performed with some challenges",
    "M": "performed with major challenges",
    "U": "unable to be performed",
    "": "not rated",
}


def report(
    state: RunState,
    score: Score,
    improvements: Iterable[Improvement] = (),
    *,
    standing: Standing | None = None,
    made: datetime | None = None,
) -> dict[str, Any]:
    """What was expected, what happened, why, and what is to be done; plain values for JSON.

    `made` is when it is written; without it and without improvements the same run gives the same
    report, which is what the evidence log keeps. Names of people stand in `people` only.
    """
    clean = without_names(state)
    found = findings(state, score, standing)
    return {
        "schema": "sharedline-after-action-1",
        "mark": MARK,
        "version": __version__,
        "made": iso(made),
        "scenario": _scenario(state),
        "run": _run(state),
        "people": [
            {"name": p.name, "seat": p.seat, "team": p.team} for p in state.participants.values()
        ],
        "objectives": _objectives(state, clean),
        "expected": _expected(state, score, clean),
        "timeline": [{**r, "text": clean(r["text"])} for r in timeline(state)],
        "decisions": _decisions(state, score),
        "questions": _questions(state, score),
        "parts": _parts(score),
        "score": as_data(score),
        "strengths": [clean(s) for s in strengths(state, score)],
        "causes": _causes(found),
        "findings": [_finding(f) for f in found],
        "improvements": [one.as_data() for one in improvements],
        "notes": list(score.notes),
    }


def as_json(data: dict[str, Any]) -> bytes:
    """The report as bytes, the same for the same report."""
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _scenario(state: RunState) -> dict[str, Any]:
    s = state.scenario
    made = s.made
    return {
        "id": s.id,
        "title": s.title,
        "summary": s.summary,
        "minutes": s.minutes,
        "duties": list(s.duties),
        "source": made.source if made else "written",
        "scan": made.scan if made else "",
        "masked": bool(made and made.masked),
        "references": list(s.references),
    }


def _run(state: RunState) -> dict[str, Any]:
    seats = Counter(p.seat for p in state.participants.values())
    return {
        "id": state.run,
        "started": iso(state.started_at),
        "ended": iso(state.ended_at),
        "status": state.clock.status,
        "minutes": round(state.clock.elapsed, 1) if state.ended_at else None,
        "teams": {t: len(state.players(t)) for t in state.teams if state.players(t)},
        "seats": dict(sorted(seats.items())),
        "released": len(state.releases),
        "messages": len(state.scenario.injects),
    }


def _objectives(state: RunState, clean: Callable[[str], str]) -> list[dict[str, Any]]:
    out = []
    for o in state.scenario.objectives:
        rating = state.last_rating(o.id)
        grade = rating.rating if rating else ""
        out.append(
            {
                "id": o.id,
                "text": o.text,
                "measure": o.measure,
                "by": o.by,
                "duties": list(o.duties),
                "rating": grade,
                "grade": GRADES[grade],
                "why": clean(rating.why) if rating else "",
            }
        )
    return out


def _expected(state: RunState, score: Score, clean: Callable[[str], str]) -> list[dict[str, Any]]:
    out = []
    for a in state.scenario.expected:
        seen = {t.team: state.last_observed(a.id, t.team) for t in score.teams}
        out.append(
            {
                "by": a.by,
                "who": a.who,
                "text": a.text,
                "duty": a.duty,
                "released": state.released(a.inject),
                "seen": [
                    {"team": t, "state": o.state, "minute": round(o.minute, 1),
                     "note": clean(o.note)}
                    if o else {"team": t, "state": "", "minute": None, "note": ""}
                    for t, o in seen.items()
                ],
            }
        )  # fmt: skip
    return out


def _decisions(state: RunState, score: Score) -> list[dict[str, Any]]:
    out = []
    for d in state.scenario.decisions:
        if not state.released(d.inject):
            continue
        teams = []
        for t in score.teams:
            one = taken(state, t.team, d)
            row = next(r for r in t.parts["decision"].rows if r.item == d.id)
            option = next((o for o in d.options if o.id == one.option), None)
            teams.append(
                {
                    "team": t.team,
                    "chosen": option.text if option else "",
                    "quality": option.quality if option else "undecided",
                    "consequence": option.consequence if option else "",
                    "points": round(row.points or 0, 4),
                    "how": row.why,
                }
            )
        best = [o.text for o in d.options if o.quality == "best"]
        out.append({"text": d.text, "minutes": d.minutes, "best": best, "teams": teams})
    return out


def _questions(state: RunState, score: Score) -> list[dict[str, Any]]:
    out = []
    for inject, q, part in judged(state):
        assert q.truth is not None
        said = [a for t in score.teams for a in given(state, t.team, inject.id, q.id)]
        out.append(
            {
                "inject": inject.title,
                "part": part,
                "text": q.text,
                "right": list(q.truth.answers),
                "why": q.truth.why,
                "source": q.truth.source,
                "answers": len(said),
                "correct": sum(is_right(a.answer, q) for a in said),
                "agreed": {
                    t.team: None if a.share is None else round(a.share, 4)
                    for t in score.teams
                    for a in t.agreed
                    if (a.inject, a.question) == (inject.id, q.id)
                },
            }
        )
    return out


def _parts(score: Score) -> list[dict[str, Any]]:
    """A row for each part: its weight, what it counts for, each team's value with its items."""
    out = []
    for name in PARTS:
        of = {t.team: t.parts[name] for t in score.teams}
        values = {t: {"told": p.told, "items": p.items, "share": round(p.share, 4)}
                  for t, p in of.items()}  # fmt: skip
        if score.weights[name] or any(p.value is not None for p in of.values()):
            row = {"name": name, "title": TITLES[name], "weight": score.weights[name]}
            out.append({**row, "told": shown(score.part(name)), "teams": values})
    return out


def _causes(found: Sequence[Finding]) -> list[dict[str, Any]]:
    counted = Counter(f.cause for f in found)
    return [{"cause": c, "means": CAUSES[c], "findings": counted[c]} for c in CAUSES if counted[c]]


def _finding(f: Finding) -> dict[str, Any]:
    return {
        "kind": f.kind,
        "cause": f.cause,
        "severity": f.severity,
        "element": f.element,
        "title": f.title,
        "what": f.what,
        "why": f.why,
        "recommendation": f.recommendation,
        "owner": f.owner,
        "duty": f.duty,
        "teams": list(f.teams),
        "verified_by": f.verified_by,
        "rows": len(f.rows),
    }
