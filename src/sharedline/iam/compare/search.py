"""A search for requests that match some statements and none of others, over a finite partition.

A statement is a conjunction of atoms: its resources, its principals, each of its conditions. To
match it, all of them hold; not to match it, one fails. The search keeps for each dimension what is
still possible and decides first where fewest ways are left.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sharedline.iam.compare.algebra import LimitError, covers, overlaps, possible, step
from sharedline.iam.compare.regions import Points, State
from sharedline.iam.compare.resource_forms import part_by_part
from sharedline.iam.globs import Glob

#: Steps of one search; a comparison that needs more is answered "unknown".
STEPS = 50_000
RESOURCE = "\0resource"
#: So many globs are tried one by one.
FEW = 8


@dataclass(frozen=True, slots=True)
class Literal:
    """An atom of a dimension, as a statement wants it: of the resource, globs of which one fits."""

    dimension: str
    atom: Hashable
    true: bool = True


Clause = tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """What is left of the resource: it matches all of `inside` and none of `outside`."""

    inside: tuple[Glob, ...] = ()
    outside: tuple[Glob, ...] = ()


States = dict[str, Texts | State]


class _Globs:
    """Many globs, found by the beginning of the texts that they match."""

    def __init__(self, globs: Sequence[Glob]) -> None:
        self.globs = tuple(dict.fromkeys(globs))
        self.set = frozenset(globs)
        self.everything = next((one for one in globs if one.everything), None)
        self._sorted = sorted((one.prefix, at) for at, one in enumerate(self.globs))
        self._prefixes = [prefix for prefix, _ in self._sorted]

    def near(self, inside: Sequence[Glob]) -> Sequence[Glob]:
        """Those whose literal beginnings do not keep them apart from the texts inside."""
        if len(self.globs) <= FEW or not inside or any(one.fold for one in inside):
            return self.globs
        prefix = max((one.prefix for one in inside), key=len)
        found = set()
        first = bisect_left(self._prefixes, prefix)
        while first < len(self._sorted) and self._prefixes[first].startswith(prefix):
            found.add(self._sorted[first][1])
            first += 1
        for size in range(len(prefix)):
            start = prefix[:size]
            first = bisect_left(self._prefixes, start)
            while first < len(self._sorted) and self._prefixes[first] == start:
                found.add(self._sorted[first][1])
                first += 1
        return [self.globs[at] for at in sorted(found)]


@lru_cache(maxsize=20_000)
def _indexed(globs: tuple[Glob, ...]) -> _Globs:
    return _Globs(globs)


def _within(texts: Texts, globs: tuple[Glob, ...]) -> list[Texts]:
    """The ways to match one of the globs."""
    index = _indexed(globs)
    if index.everything or not index.set.isdisjoint(texts.inside):
        return [texts]
    found = []
    for one in index.near(texts.inside):
        if any(covers(one, other) for other in texts.inside):
            return [texts]
        if not all(overlaps(one, other) for other in texts.inside):
            continue
        kept = tuple(other for other in texts.inside if not covers(other, one))
        new = Texts((*kept, one), texts.outside)
        if possible(new.inside, new.outside):
            found.append(new)
    return found


def _without(texts: Texts, globs: tuple[Glob, ...]) -> list[Texts]:
    """The way to match none of the globs."""
    index = _indexed(globs)
    if index.everything or not index.set.isdisjoint(texts.inside):
        return []
    new = []
    for one in index.near(texts.inside):
        if any(covers(one, other) for other in texts.inside):
            return []
        if one not in texts.outside and all(overlaps(one, other) for other in texts.inside):
            new.append(one)
    if not new:
        return [texts]
    outside = (*texts.outside, *new)
    if not possible(texts.inside, outside):
        return []
    return [Texts(texts.inside, outside)]


class Search:
    """One question.

    `sure` asks for requests of which every atom is known, `apart` for resources that match part by
    part.
    """

    def __init__(
        self, points: Mapping[str, Points[Any]], *, sure: bool, apart: bool = False
    ) -> None:
        self.points = points
        self.sure = sure
        self.apart = apart
        self.steps = 0

    def start(self) -> States:
        """Every request."""
        states: States = {name: one.start() for name, one in self.points.items()}
        states[RESOURCE] = Texts()
        return states

    def meet(self, states: States, literal: Literal, *, true: bool) -> list[Texts] | list[State]:
        """What is left of the literal's dimension where it is so; the same object if all is."""
        here = states[literal.dimension]
        wanted = literal.true is true
        if isinstance(here, Texts):
            globs: tuple[Glob, ...] = literal.atom  # type: ignore[assignment]
            if wanted and self.apart:
                globs = tuple(map(part_by_part, globs))
            return _within(here, globs) if wanted else _without(here, globs)
        found = self.points[literal.dimension].meet(here, literal.atom, true=wanted, sure=self.sure)
        return [] if found is None else [found]

    def matching(self, states: States, clause: Clause) -> Iterator[States]:
        """The ways to match a statement."""
        if not clause:
            yield states
            return
        first, *rest = clause
        for new in self.meet(states, first, true=True):
            self._step()
            same = new is states[first.dimension]
            yield from self.matching(
                states if same else {**states, first.dimension: new}, tuple(rest)
            )

    def avoiding(self, states: States, clauses: Sequence[Clause]) -> Iterator[States]:
        """The ways to match none of the statements."""
        self._step()
        left: list[Clause] = []
        best: list[tuple[str, Texts | State]] | None = None
        chosen: Clause = ()
        for clause in clauses:
            ways = self._ways(states, clause)
            if ways is None:
                continue
            if not ways:
                return
            left.append(clause)
            if best is None or len(ways) < len(best):
                best, chosen = ways, clause
        if best is None:
            yield states
            return
        rest = [one for one in left if one is not chosen]
        for dimension, new in best:
            yield from self.avoiding({**states, dimension: new}, rest)

    def _ways(self, states: States, clause: Clause) -> list[tuple[str, Texts | State]] | None:
        """The ways in which a statement may not match; None where it cannot match any more."""
        ways: list[tuple[str, Texts | State]] = []
        for literal in clause:
            for new in self.meet(states, literal, true=False):
                if new is states[literal.dimension]:
                    return None
                ways.append((literal.dimension, new))
        return ways

    def _step(self) -> None:
        self.steps += 1
        step()
        if self.steps > STEPS:
            raise LimitError("the statements overlap in too many ways to look through")
