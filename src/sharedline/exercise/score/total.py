"""The whole score of a run: parts with their weights, teams, and the mean over teams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import fsum

from sharedline.exercise.score import answers, decisions, people, telling
from sharedline.exercise.score.model import PARTS, Part, Row, Score, Targets, TeamScore, mean
from sharedline.exercise.session.model import RunState


def score(state: RunState, targets: Targets | None = None) -> Score:
    """The score of a run as it stands; pure, and the same whoever the players are.

    A part that the run has nothing for is not measured: it is left out and the weights of the
    others are scaled up to a whole. Runbook and other questions are scored and shown, and count
    for nothing unless the settings give them a weight.
    """
    targets = targets or Targets()
    weights = {name: float(state.settings.weights.get(name, 0)) for name in PARTS}
    seated = {p.team for p in state.players()}
    teams = [t for t in state.teams if t in seated]
    teams += sorted(seated - set(teams))
    scores = tuple(_team(state, team, weights, targets) for team in teams)
    totals = [t.total for t in scores]
    return Score(
        run=state.run,
        scenario=state.scenario.id,
        teams=scores,
        overall=mean(totals),
        measured=sum(t is not None for t in totals),
        weights=weights,
        targets=targets,
        bands=people.bands(state, teams),
        ratings={o.id: _rating(state, o.id) for o in state.scenario.objectives},
        notes=tuple(_notes(state, teams, scores)),
    )


def _rating(state: RunState, objective: str) -> str:
    found = state.last_rating(objective)
    return found.rating if found else ""


def _team(state: RunState, team: str, weights: Mapping[str, float], targets: Targets) -> TeamScore:
    by: dict[str, list[Row]] = defaultdict(list)
    for row in (
        *decisions.rows(state, team),
        *answers.rows(state, team),
        *telling.time_rows(state, team, targets),
        *telling.told_rows(state, team, targets),
        *telling.action_rows(state, team),
    ):
        by[row.part].append(row)
    parts = {n: Part(n, weights[n], tuple(by[n]), _value(n, by[n])) for n in PARTS}
    whole = fsum(p.weight for p in parts.values() if p.value is not None)
    total = None
    if whole:
        parts = {
            n: replace(p, share=p.weight / whole if p.value is not None else 0.0)
            for n, p in parts.items()
        }
        total = fsum(p.value * p.share for p in parts.values() if p.value is not None)
        total = min(1.0, total)  # shares sum to one but for the last bit
    return TeamScore(
        team,
        len(state.players(team)),
        total,
        parts,
        tuple(people.agreed(state, team)),
        people.bands(state, [team]),
    )


def _value(name: str, rows: list[Row]) -> float | None:
    """The mean over items; of communication, the mean of being told and of what was done."""
    if name != "communication":
        return _over_items(rows)
    acted = [r for r in rows if r.item.startswith("action ")]
    told = [replace(r, item="") for r in rows if not r.item.startswith("action ")]
    return mean([_over_items(told), _over_items(acted)])


def _over_items(rows: list[Row]) -> float | None:
    """Each inject's item counts once, however many answered it."""
    by: dict[tuple[str, str], list[float | None]] = defaultdict(list)
    for row in rows:
        by[(row.inject, row.item)].append(row.points)
    return mean([mean(points) for points in by.values()])


def _notes(state: RunState, teams: list[str], scores: tuple[TeamScore, ...]) -> Iterator[str]:
    if not teams:
        yield "No player took part, so nothing was measured."
        return
    out = [i for i in state.scenario.injects if not state.released(i.id)]
    if out:
        yield f"{len(out)} of {len(state.scenario.injects)} messages were not released."
    for one in scores:
        bare = [p.title for p in one.parts.values() if p.weight and p.value is None]
        if bare:
            yield f"{one.team}: not measured, so left out: {', '.join(bare)}."
        actions = [r for r in one.parts["communication"].rows if r.item.startswith("action ")]
        unseen = sum(r.points is None for r in actions)
        if unseen:
            yield f"{one.team}: {unseen} of {len(actions)} expected actions were not looked at."
        if one.players < 2:
            yield f"{one.team}: one player, so there is no agreement to measure."
    unrated = [o for o in state.scenario.objectives if state.last_rating(o.id) is None]
    if unrated:
        yield f"{len(unrated)} of {len(state.scenario.objectives)} objectives were not rated."
