"""One class of actions as a search problem: the statements of two sides over all other dimensions."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice, product
from typing import Any

from sharedline.iam.compare import callers, regions
from sharedline.iam.compare.action_points import ActionClass
from sharedline.iam.compare.candidates import value_globs, varied
from sharedline.iam.compare.search import RESOURCE, Clause, Literal, Search, States
from sharedline.iam.globs import Glob, Variable, glob
from sharedline.iam.language import Condition, Statement

CALLER = "\0caller"
#: How many sets of values of the policy variables are tried.
ASSIGNMENTS = 6
_NO_RESOURCE = (glob("*", wildcards=False),)

#: `new` or `old`, and the effect, to the statements.
Sides = dict[tuple[str, str], list[Statement]]


def _variables(statements: Iterable[Statement]) -> Iterator[Variable]:
    for it in statements:
        for one in it.resources or ():
            yield from one.variables
        for condition in it.conditions:
            if varied(condition):
                for one in value_globs(condition):
                    yield from one.variables


def assignments(statements: Iterable[Statement]) -> Iterator[Mapping[str, str]]:
    """Values for the policy variables to look for examples with; one empty set without any."""
    listed = list(statements)
    keys = sorted({one.key for one in _variables(listed)})
    if not keys:
        return iter([{}])
    choices = []
    for at, key in enumerate(keys):  # different ones, since two variables need not be alike
        usual = callers.STRANGER if key.endswith("account") else f"example{at or ''}"
        named = [
            value
            for it in listed
            for one in it.conditions
            if one.key == key and not varied(one)
            for value in one.values
            if not set(value) & set("*?$")
        ]
        choices.append(list(dict.fromkeys([usual, *named]))[:3])
    found = (dict(zip(keys, values, strict=True)) for values in product(*choices))
    return islice(found, ASSIGNMENTS)


def as_conditions(values: Mapping[str, str]) -> list[tuple[Condition, bool]]:
    """The conditions that variables have these values."""
    return [
        (Condition("stringequals", "", False, key, (value,)), True) for key, value in values.items()
    ]


def with_values(sides: Sides, values: Mapping[str, str]) -> Sides:
    """The statements with the variables' values in their place."""
    if not values:
        return sides
    return {
        side: [_with_values(it, values) for it in statements] for side, statements in sides.items()
    }


@lru_cache(maxsize=10_000)
def _filled(one: Glob, values: tuple[tuple[str, str], ...]) -> Glob:
    by_key = dict(values)
    found = one.fill(lambda variable: by_key[variable.key])
    assert found is not None
    return found


def _with_values(it: Statement, values: Mapping[str, str]) -> Statement:
    resources, given = it.resources, tuple(values.items())
    if resources is not None:
        resources = tuple(_filled(one, given) if one.variables else one for one in resources)
    conditions = tuple(
        replace(one, values=tuple(_text(v, values) for v in one.values)) if varied(one) else one
        for one in it.conditions
    )
    return replace(it, resources=resources, conditions=conditions)


def _text(written: str, values: Mapping[str, str]) -> str:
    """The value of a condition with its variables filled in and all else as written."""
    found = glob(written, variables=True, wildcards=False)
    return "".join(
        values[part.key] if isinstance(part, Variable) else str(part) for part in found.parts
    )


def _plain(condition: Condition) -> Condition:
    """Without the spelling, so that the same test is the same atom."""
    return replace(condition, written="") if condition.written else condition


def _merged(clauses: Iterable[Clause]) -> list[Clause]:
    """Each clause once; those that differ in their resources alone as one."""
    found: dict[Clause, dict[Glob, None] | None] = {}
    for clause in clauses:
        first, *rest = clause or (None,)
        if first is not None and first.dimension == RESOURCE and first.true:
            globs: tuple[Glob, ...] = first.atom  # type: ignore[assignment]
            gathered = found.setdefault(tuple(rest), {})
            if gathered is not None:
                gathered.update(dict.fromkeys(globs))
        else:
            found[clause] = None
    return [
        rest if globs is None else (Literal(RESOURCE, tuple(globs)), *rest)
        for rest, globs in found.items()
    ]


class Problem:
    """The statements of a class of actions as clauses, and the points of each dimension.

    `given` are conditions that must hold, or must not, beside what the statements say.
    """

    def __init__(
        self,
        actions: ActionClass,
        sides: Sides,
        given: Sequence[tuple[Condition, bool]] = (),
        *,
        identity: bool,
    ) -> None:
        self.actions, self.sides, self.identity = actions, sides, identity
        self.fixed = [one for one, _ in given]
        self.points = self._points([it for several in sides.values() for it in several])
        self.given = [self._test(one, true=true) for one, true in given]

    @property
    def unknown(self) -> str:
        """Why something about the requests is not known; empty where all is."""
        found: list[str] = [one.unknown for one in self.points.values() if one.unknown]
        if found:
            return found[0]
        listed = (it for several in self.sides.values() for it in several)
        if next(_variables(listed), None) is not None:
            return "a policy variable's value is not known"
        certain = all(one.certain for one in self.points.values())
        return "" if certain else "a condition or a principal cannot be decided for some callers"

    def _points(self, statements: Sequence[Statement]) -> dict[str, Any]:
        by_key: dict[str, dict[Condition, None]] = {}
        own: dict[Condition, None] = {}
        conditions = (one for it in statements for one in it.conditions)
        for one in map(_plain, (*conditions, *self.fixed)):
            mine = own if one.key in callers.KEYS else by_key.setdefault(one.key, {})
            mine.setdefault(one)
        whos = () if self.identity else tuple(dict.fromkeys(map(callers.who, statements)))
        found: dict[str, Any] = {
            key: regions.of_key(key, tuple(several)) for key, several in by_key.items()
        }
        found[CALLER] = callers.of_policies(whos, tuple(own), identity=self.identity)
        return found

    def _test(self, condition: Condition, *, true: bool = True) -> Literal:
        where = CALLER if condition.key in callers.KEYS else condition.key
        return Literal(where, _plain(condition), true)

    def only_callers(self, name: Hashable, test: Callable[[callers.Point], bool]) -> None:
        """Ask for such callers alone."""
        self.points[CALLER].add(name, test)
        self.given.append(Literal(CALLER, name))

    def _clause(self, it: Statement) -> Clause:
        found = []
        if it.resources is not None:
            found.append(Literal(RESOURCE, it.resources, not it.not_resource))
        if not self.identity:
            found.append(Literal(CALLER, callers.who(it)))
        return (*found, *map(self._test, it.conditions))

    def _clauses(self, side: str, effect: str) -> list[Clause]:
        return _merged(map(self._clause, self.sides.get((side, effect), ())))

    def solutions(
        self, *, sure: bool, within: Glob | None = None, apart: bool = False
    ) -> Iterator[States]:
        """Requests that the new side allows and the old one does not.

        `within` asks of such resources alone, `apart` of those that match part by part.
        """
        search = Search(self.points, sure=sure, apart=apart)
        given = list(self.given)
        if self.actions.bare:
            given.append(Literal(RESOURCE, _NO_RESOURCE))
        elif within is not None:
            given.append(Literal(RESOURCE, (within,)))
        denied, granted = self._clauses("new", "Deny"), self._clauses("old", "Allow")
        allows = self._clauses("new", "Allow")
        for start in search.matching(search.start(), tuple(given)):
            for allow in (one for one in allows if one not in granted):
                for states in search.matching(start, allow):
                    yield from search.avoiding(states, [*granted, *denied])
            for deny in (one for one in self._clauses("old", "Deny") if one not in denied):
                for allow in allows:
                    for states in search.matching(start, (*deny, *allow)):
                        yield from search.avoiding(states, denied)

    def solvable(self, *, sure: bool, within: Glob | None = None, apart: bool = False) -> bool:
        """Whether there is such a request, or, without `sure`, may be one."""
        return next(self.solutions(sure=sure, within=within, apart=apart), None) is not None
