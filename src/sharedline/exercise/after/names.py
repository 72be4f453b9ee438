"""Keeps the names of people out of what an exercise found: causes are never persons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sharedline.exercise.read import plain
from sharedline.exercise.session.model import SEATS, RunState

SOMEBODY = "[a participant]"
#: What people are called who say no name; also where one leads a table alone.
_NO_NAMES = frozenset({*SEATS, "the table", "table", "the room", "room", "team", "nobody"})


def without_names(state: RunState) -> Callable[[str], str]:
    """What replaces each participant's name in a text; teams, owners and roles keep theirs.

    Whole names are found whatever their case. The words of a name of several are found as they
    are written there, unless the story itself uses the word: a table called *The night shift*
    must not empty every sentence.
    """
    kept = _NO_NAMES | {_key(t) for t in _titles(state)}
    names = {p.name for p in state.participants.values() if _key(p.name) not in kept}
    several = {n for n in names if len(n.split()) > 1}
    parts = {w for n in several for w in n.split() if len(w) > 2 and w[0].isupper()}
    used = kept | {"the"} | _words(plain(state.scenario)) if parts else kept
    patterns = [re.compile(_any(names), re.IGNORECASE)] if names else []
    if words := {w for w in parts if _key(w) not in used}:
        patterns.append(re.compile(_any(words)))

    def clean(text: str) -> str:
        for pattern in patterns:
            text = pattern.sub(SOMEBODY, text)
        return text

    return clean


def _titles(state: RunState) -> Iterator[str]:
    """The names of teams and roles, which are nobody's even where somebody took one."""
    yield from state.teams
    yield from state.scenario.roles
    yield from (a.who for a in state.scenario.expected)
    for inject in state.scenario.injects:
        for question in inject.questions:
            yield from question.truth.answers if question.truth else ()
            yield from question.choices


def _words(value: Any) -> set[str]:
    """Every word of a scenario, as it is compared."""
    if isinstance(value, str):
        return {w.casefold() for w in re.findall(r"\w+", value)}
    if isinstance(value, dict):
        value = list(value.values())
    return set().union(*(_words(v) for v in value)) if isinstance(value, list) else set()


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()


def _any(words: Iterable[str]) -> str:
    """A pattern of any of them, the longest first, not inside of another word."""
    found = sorted(words, key=lambda w: (-len(w), w))
    each = (r"\s+".join(re.escape(part) for part in w.split()) for w in found)
    return rf"(?<!\w)(?:{'|'.join(each)})(?!\w)"
