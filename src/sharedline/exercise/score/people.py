"""How far a team agrees with itself, and whether its confidence is worth what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from math import comb, fsum

from sharedline.exercise.score.answers import asked, given, is_right, judged, same
from sharedline.exercise.score.model import Agreed, Band
from sharedline.exercise.session.model import RunState

BANDS = ((0, 19), (20, 39), (40, 59), (60, 79), (80, 100))


def agreed(state: RunState, team: str) -> Iterator[Agreed]:
    """For each question that can be compared: the share of pairs with the same answer."""
    for inject, question in asked(state):
        if question.kind == "free":
            continue  # words of one's own differ where meanings do not
        said = Counter(same(a.answer) for a in given(state, team, inject.id, question.id))
        count = said.total()
        pairs = sum(comb(n, 2) for n in said.values())
        share = pairs / comb(count, 2) if count > 1 else None
        yield Agreed(inject.id, question.id, question.kind, count, share)


def bands(state: RunState, teams: Iterable[str]) -> tuple[Band, ...]:
    """The answers of teams by confidence, and how many of each band were right."""
    found = [
        (a.confidence, is_right(a.answer, question))
        for team in teams
        for inject, question, _ in judged(state)
        for a in given(state, team, inject.id, question.id)
    ]
    out = []
    for low, high in BANDS:
        held = [(c, right) for c, right in found if low <= c <= high]
        average = fsum(c for c, _ in held) / len(held) if held else None
        out.append(Band(low, high, len(held), sum(r for _, r in held), average))
    return tuple(out)
