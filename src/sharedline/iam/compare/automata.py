"""Globs as automata, walked together: the machinery of the algebra.

A glob is a small automaton whose states are its positions, held as the bits of an integer. A
question about several globs walks their product breadth first, over the characters that they name
and one that stands for all others: the alphabet is infinite, that one is enough.
"""

from __future__ import annotations

import string
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from itertools import count

from sharedline.iam.globs import Glob, Variable, Wild

#: States of a product that are looked at before the answer is "too much" (about 0.1 s).
BUDGET = 20_000
#: The first of the characters that stand for variables; no policy holds one of Unicode's last
#: private plane.
_SYMBOLS = 0x100000


class LimitError(Exception):
    """A question that is not answered: too large, or about variables whose values matter."""


class _Steps:
    """What is left of a question's steps."""

    __slots__ = ("left",)

    def __init__(self, left: float) -> None:
        self.left = left


_UNLIMITED = _Steps(float("inf"))
_STEPS: ContextVar[_Steps] = ContextVar("_STEPS", default=_UNLIMITED)


@contextmanager
def limited(steps: int) -> Iterator[None]:
    """Within it, questions that take more steps in all raise LimitError.

    Steps and not seconds (one is about 20 us, measured 2026-11-22): an answer must not depend on
    how busy the machine is, nor on what is read from disk while the first question is answered.
    """
    outer = _STEPS.get()
    inner = _Steps(min(outer.left, steps))
    given = inner.left
    token = _STEPS.set(inner)
    try:
        yield
    finally:
        _STEPS.reset(token)
        outer.left -= given - inner.left


def step(weight: int = 1) -> None:
    """Counts a step, or as many as it weighs; LimitError once they are used up."""
    steps = _STEPS.get()
    steps.left -= weight
    if steps.left < 0:
        raise LimitError("the statements overlap in too many ways to look through")


@lru_cache(maxsize=10_000)
def _symbol(variable: Variable) -> str:
    """The character that stands for one variable."""
    assert variable.key
    return chr(_SYMBOLS + next(_numbers))


_numbers = count()


class Machine:
    """A glob as an automaton: masks of the positions that take a character, or stay for it."""

    __slots__ = ("final", "fold", "letters", "one", "one_in", "star", "stars", "start", "tail")

    def __init__(self, tokens: Sequence[str | Wild], *, fold: bool) -> None:
        """`tokens` are single characters and wildcards."""
        self.fold = fold
        self.letters: dict[str, int] = {}
        wild = dict.fromkeys(Wild, 0)
        for at, token in enumerate(tokens):
            if isinstance(token, Wild):
                wild[token] |= 1 << at
            else:
                self.letters[token] = self.letters.get(token, 0) | 1 << at
        self.one, self.one_in = wild[Wild.ONE], wild[Wild.ONE_IN_PART]
        self.star = wild[Wild.ANY]
        self.stars = self.star | wild[Wild.ANY_IN_PART]
        self.final = 1 << len(tokens)
        #: Reached here, every text is taken: all that can follow matches.
        self.tail = self.star & (self.final >> 1)
        self.start = self.closed(1)

    def closed(self, mask: int) -> int:
        """With the positions behind stars, which may stand for nothing."""
        more = mask & self.stars
        while more:
            new = (more << 1) & ~mask
            mask |= new
            more = new & self.stars
        return mask

    def step(self, mask: int, char: str) -> int:
        """The positions after one character."""
        if self.fold:
            char = char.lower()
        taken = mask & self.letters.get(char, 0)
        if ord(char[0]) >= _SYMBOLS:  # a variable: of any length, and with colons for all we know
            return self.closed((taken << 1) | (mask & self.star))
        if char == ":":
            taken |= mask & self.one
            stay = mask & self.star
        else:
            taken |= mask & (self.one | self.one_in)
            stay = mask & self.stars
        return self.closed((taken << 1) | stay)

    def wanted(self, mask: int) -> set[str]:
        """The characters that lead somewhere else than any other one does."""
        found = {char for char, at in self.letters.items() if at & mask}
        if mask & (self.one_in | (self.stars & ~self.star)):
            found.add(":")
        return found


def _tokens(one: Glob, *, widen: bool) -> list[str | Wild]:
    tokens: list[str | Wild] = []
    for part in one.parts:
        if isinstance(part, Variable):
            tokens.append(Wild.ANY if widen else _symbol(part))
        elif isinstance(part, Wild):
            tokens.append(part)
        else:
            tokens.extend(part)
    return tokens


@lru_cache(maxsize=50_000)
def _machine(one: Glob, *, widen: bool = False) -> Machine:
    return Machine(_tokens(one, widen=widen), fold=one.fold)


@lru_cache(maxsize=50_000)
def _letters(one: Glob) -> frozenset[str]:
    return frozenset("".join(part for part in one.parts if isinstance(part, str)).lower())


def filler_of(globs: Iterable[Glob]) -> str:
    """A character that no glob names, in either case."""
    used = {":"}.union(*map(_letters, globs))
    for char in string.ascii_lowercase[::-1] + string.digits:
        if char not in used:
            return char
    return next(char for char in map(chr, range(0x3400, 0xFFFF)) if char not in used)


class Product:
    """Several automata walked together."""

    def __init__(self, inside: Sequence[Glob], outside: Sequence[Glob], *, widen: bool) -> None:
        """`widen`: a variable inside stands for every text; otherwise for one unknown text."""
        self.inside = [_machine(one, widen=widen) for one in inside]
        self.outside = [_machine(one) for one in outside]
        self.machines = self.inside + self.outside
        self.filler = filler_of((*inside, *outside))
        folds = {one.fold for one in self.machines}
        self.both_cases = len(folds) > 1

    def dead(self, states: Sequence[int]) -> bool:
        """Whether no text that goes on from here can be a witness."""
        inner = len(self.inside)
        return not all(states[:inner]) or any(
            mask & machine.tail for mask, machine in zip(states[inner:], self.outside, strict=True)
        )

    def accepts(self, states: Sequence[int]) -> bool:
        """Whether the text so far is a witness."""
        inner = len(self.inside)
        return all(
            bool(mask & machine.final) is (at < inner)
            for at, (mask, machine) in enumerate(zip(states, self.machines, strict=True))
        )

    def characters(self, states: Sequence[int]) -> list[str]:
        """Those worth trying here; the one that stands for all others first."""
        found: set[str] = set()
        for mask, machine in zip(states, self.machines, strict=True):
            if mask:
                found |= machine.wanted(mask)
        if self.both_cases:
            found |= {c.upper() for c in found if len(c.upper()) == 1}
        return [self.filler, *sorted(found)]

    def search(self, budget: int) -> str | None:
        """A shortest witness."""
        start = tuple(machine.start for machine in self.machines)
        if self.dead(start):
            return None
        if self.accepts(start):
            return ""
        seen: dict[tuple[int, ...], tuple[tuple[int, ...] | None, str]] = {start: (None, "")}
        queue = deque([start])
        while queue:
            here = queue.popleft()
            characters = self.characters(here)
            step(1 + len(characters) * len(self.machines) // 32)
            for char in characters:
                pairs = zip(here, self.machines, strict=True)
                new = tuple(machine.step(mask, char) if mask else 0 for mask, machine in pairs)
                if new in seen or self.dead(new):
                    continue
                seen[new] = (here, char)
                if self.accepts(new):
                    return _spelled(seen, new)
                if len(seen) > budget:
                    raise LimitError("the patterns overlap in too many ways to be told apart")
                queue.append(new)
        return None


def _spelled(
    seen: dict[tuple[int, ...], tuple[tuple[int, ...] | None, str]], last: tuple[int, ...]
) -> str:
    text: list[str] = []
    here: tuple[int, ...] | None = last
    while here is not None:
        here, char = seen[here]
        text.append(char)
    return "".join(reversed(text))
