"""The values of a condition key as finitely many points, one for each way its tests can come out.

Two values that every test of two policies takes alike are one point, so that a question about all
requests becomes one about bits of an integer. What cannot be divided so has a point of which
nothing is known; it takes part in showing that no request exists, never in an example of one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Generic, TypeVar

from sharedline.iam.compare.algebra import LimitError, limited, step
from sharedline.iam.compare.candidates import candidates, varied
from sharedline.iam.conditions import holds
from sharedline.iam.language import Condition
from sharedline.iam.request import Context

#: More sets of values than this are not looked through.
MOST_SETS = 4_000
#: Steps for the values of one key; one that takes more is not divided.
OF_ONE_KEY = 7_500
#: Keys that every request carries, by AWS's list of global condition keys,
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
#: (read 2026-11-21).
ALWAYS = frozenset(
    f"aws:{name}"
    for name in (
        *("currenttime", "epochtime", "securetransport", "requestedregion", "viaawsservice"),
        "useragent",
    )
)
Value = tuple[str, ...] | None
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class State:
    """The points that remain, and what was said of the atoms that are not known of some point."""

    mask: int
    signs: frozenset[tuple[Hashable, bool]] = frozenset()


class Points(Generic[P]):
    """A dimension of the space of requests: its points, and of which of them each atom is true.

    With `unknown` there is one point more, of which no atom is known.
    """

    def __init__(self, points: Sequence[P], unknown: str = "") -> None:
        self.points = points
        self.unknown = unknown
        self.full = (1 << (len(points) + bool(unknown))) - 1
        self._yes: dict[Hashable, int] = {}
        self._no: dict[Hashable, int] = {}

    def add(self, atom: Hashable, test: Callable[[P], bool | None]) -> None:
        """Find out of which points an atom is true."""
        step(1 + len(self.points) // 4)
        yes = no = 0
        for at, point in enumerate(self.points):
            answer = test(point)
            if answer:
                yes |= 1 << at
            elif answer is False:
                no |= 1 << at
        self._yes[atom], self._no[atom] = yes, no

    @property
    def certain(self) -> bool:
        """Whether every atom is known of every point."""
        return all(self._yes[atom] | self._no[atom] == self.full for atom in self._yes)

    def start(self) -> State:
        """All points."""
        return State(self.full)

    def meet(self, state: State, atom: Hashable, *, true: bool, sure: bool) -> State | None:
        """The points where the atom is so; with `sure`, only those where that is known."""
        yes, no = self._yes[atom], self._no[atom]
        if sure:
            mask = state.mask & (yes if true else no)
            if mask == state.mask:
                return state
            return State(mask) if mask else None
        mask = state.mask & ~(no if true else yes)
        if not mask or (atom, not true) in state.signs:
            return None
        if yes | no == self.full:
            return state if mask == state.mask else State(mask, state.signs)
        signs = state.signs | {(atom, true)}
        return state if (mask, signs) == (state.mask, state.signs) else State(mask, signs)

    def pick(self, state: State) -> P | None:
        """The first point that remains; None where only the unknown one does."""
        at = (state.mask & -state.mask).bit_length() - 1
        return self.points[at] if at < len(self.points) else None


def _sets(texts: Sequence[str], conditions: Sequence[Condition]) -> list[Value]:
    """Single values, and with set operators as many together as these can tell apart."""
    several = [one for one in conditions if one.quantifier]
    if several:  # of texts that every test takes alike, one will do
        alike: dict[Hashable, str] = {}
        for text in texts:
            single = Context({one.key: (text,) for one in several[:1]})
            alike.setdefault(tuple(holds(one, single) for one in conditions), text)
        texts = list(alike.values())
    if any(one.quantifier == "forallvalues" for one in several) and "" not in texts:
        texts = [*texts, ""]
    found: list[Value] = []
    for size in range(1, max(1, min(len(texts), len(several))) + 1):
        found += combinations(texts, size)
        if len(found) > MOST_SETS:
            raise LimitError("a key with several values has too many sets of them")
    return found


@lru_cache(maxsize=2_000)
def of_key(key: str, conditions: tuple[Condition, ...]) -> Points[Value]:
    """The points of a key for the conditions on it; a condition's atom is the condition."""
    fixed = tuple(one for one in conditions if not varied(one))
    try:
        with limited(OF_ONE_KEY):
            texts, unknown = candidates(fixed)
            points = _sets(texts, fixed)
    except LimitError as error:
        step()  # where the whole question is out of steps, this key is not at fault
        points, unknown = [], str(error)
    if len(fixed) < len(conditions):
        unknown = unknown or "a policy variable's value is not known"
    made = Points[Value](points if key in ALWAYS else [None, *points], unknown)
    for one in conditions:
        if one in fixed:
            made.add(one, lambda point, one=one: holds(one, _context(key, point)))  # type: ignore[misc]
        else:
            made.add(one, lambda _: None)
    return made


def _context(key: str, point: Value) -> Context:
    return Context({} if point is None else {key: point})
