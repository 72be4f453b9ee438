"""Suggests controls and duties for a clause by the words that they share; a person decides.

The ranking is BM25 over a full-text index in memory (SQLite's FTS5, English stems): offline, the
same every time, and it says which words decided.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path

from sharedline.comply.catalogue import load
from sharedline.comply.policies.clauses import Clause
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import Error

_WORD = re.compile(r"[^\W\d_]{3,}")
#: Words that say in a policy that something is asked, and not what.
_EMPTY = frozenset(
    re.findall(
        r"\w+",
        "the and for are that with this must shall should may will all any each every not their "
        "its from have has been our use used using such other than into where when who which only "
        "least system systems information organization organizational company policy procedure "
        "require required requires ensure ensures defined define includes including aws amazon",
    )
)
_MOST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that a clause may ask for."""

    clause: str
    target: str
    title: str
    #: Greater is nearer; comparable within one clause only.
    score: float
    #: The words of the clause that are found there, the rarest first.
    words: tuple[str, ...]


class Index:
    """Duties and the control parts of some frameworks, searchable by their words."""

    def __init__(self, frameworks: Sequence[str], own: Path | None = None) -> None:
        """Builds the index.

        Raises:
            Error: This Python's SQLite has no full-text search.
        """
        self._db = sqlite3.connect(":memory:")
        self._rows: dict[str, dict[int, float]] = {}
        try:
            self._db.execute(
                "create virtual table doc using fts5(target unindexed, title, said, "
                "tokenize = 'porter unicode61')"
            )
        except sqlite3.OperationalError as error:
            raise Error(
                f"This Python's SQLite has no full-text search ({error}).",
                "Use a Python whose sqlite3 has FTS5, as Debian's and python.org's have.",
            ) from error
        duties = load_duties().duties.values()
        rows = [(d.id, d.title, f"{d.what} {d.you} {d.aws}") for d in duties]
        for name in frameworks:
            rows += [
                (f"{name}:{part.id}", part.title, f"{part.text} {part.you}")
                for part in load(name, own).parts.values()
                if not part.withdrawn and not part.header
            ]
        self._db.executemany(
            "insert into doc (rowid, target, title, said) values (?, ?, ?, ?)",
            ((number, *row) for number, row in enumerate(rows)),
        )
        self._targets = [(target, title) for target, title, _ in rows]

    def suggest(self, clause: Clause, most: int = 5) -> list[Suggestion]:
        """The nearest targets, the best first; of lettered parts of one control the best only."""
        words = _words(clause.words)
        scores: dict[int, float] = defaultdict(float)
        for word in words:
            for row, score in self._having(word).items():
                scores[row] += score
        # Sums in another order differ in their last digits: those must not decide.
        near = nsmallest(
            most * 6, scores, key=lambda row: (-round(scores[row], 6), self._targets[row])
        )
        out: list[Suggestion] = []
        taken = set()
        for row in near:
            target, title = self._targets[row]
            control = re.split(r"(?<=\d)[a-z]|(?<=\))\([a-z]", target)[0]
            if control in taken:
                continue
            taken.add(control)
            shared = [w for w in words if row in self._having(w)]
            shared.sort(key=lambda w: (len(self._having(w)), w))
            out.append(
                Suggestion(clause.id, target, title, round(scores[row], 2), tuple(shared[:6]))
            )
            if len(out) == most:
                break
        return out

    def _having(self, word: str) -> dict[int, float]:
        """The documents with a word and its part of their scores, which are sums over words.

        Policies repeat their words: each is looked up once (1.8 ms a clause became 0.6, 2026-11-22).
        """
        if word not in self._rows:
            # In quotes, since AND, OR, NOT and NEAR are FTS's own words.
            found = self._db.execute(
                "select rowid, -bm25(doc, 0.0, 3.0, 1.0) from doc where doc match ?", (f'"{word}"',)
            )
            self._rows[word] = dict(found)
        return self._rows[word]


def _words(text: str) -> list[str]:
    """The words that matter, each once, in order. They are letters only: nothing that FTS reads."""
    found = (w.casefold() for w in _WORD.findall(text))
    return list(dict.fromkeys(w for w in found if w not in _EMPTY))[:_MOST_WORDS]
