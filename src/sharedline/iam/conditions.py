"""Whether a condition holds for a request: every operator of IAM, with three answers.

Sources, read 2026-11-21: "Condition operators",
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html;
"Single-valued vs. multivalued context keys", .../
reference_policies_condition-single-vs-multi-valued-context-keys.html; "Policy variables with no
value", .../reference_policies_variables.html#policy-vars-no-value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from sharedline.iam.globs import Glob, glob
from sharedline.iam.language import OPERATORS, Condition
from sharedline.iam.request import UNKNOWN, Context, Unknown
from sharedline.iam.values import COMPARISONS, is_boolean, test_of

#: Whether a condition holds for a context; None where that cannot be told.
Test = Callable[[Context], bool | None]

#: The operator of which each negated one is the opposite.
NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
}


def holds(condition: Condition, context: Context) -> bool | None:
    """Whether the condition holds; None where it hangs on what is not known."""
    return compiled(condition)(context)


def keys_of(condition: Condition) -> frozenset[str]:
    """The keys on which the condition hangs: its own, and those of its policy variables."""
    if not condition.variables:
        return frozenset((condition.key,))
    found = (glob(one, variables=True).variables for one in condition.values)
    return frozenset((condition.key, *(v.key for several in found for v in several)))


@lru_cache(maxsize=50_000)
def compiled(condition: Condition) -> Test:
    """The condition made ready once: a function of the context."""
    if condition.operator not in OPERATORS:
        return _undecided
    if condition.operator == "null":
        return _null(condition)
    return _Compiled(condition).holds


def _undecided(_: Context) -> None:
    """An operator that IAM has not: what it would say is not known."""


def _null(condition: Condition) -> Test:
    if condition.quantifier or condition.if_exists:
        return _undecided  # AWS describes neither form
    key, wanted = condition.key, {one.lower() for one in condition.values}
    absent, present = "true" in wanted, "false" in wanted

    def null(context: Context) -> bool | None:
        found = context.get(key)
        if found is UNKNOWN:
            return absent if absent is present else None
        return present if found else absent

    return null


@lru_cache(maxsize=20_000)
def _filled(pattern: Glob, values: tuple[str | None, ...]) -> Glob | None:
    by_variable = dict(zip(pattern.variables, values, strict=True))
    return pattern.fill(lambda variable: by_variable[variable])


def filled(pattern: Glob, context: Context) -> Glob | Unknown | None:
    """The pattern with its variables' values.

    None where one has no value and no default: then it equals nothing. UNKNOWN where a value is
    not known, or is one of several (AWS lets only single-valued keys be variables).
    """
    if not pattern.variables:
        return pattern
    values: list[str | None] = []
    unknown = False
    for variable in pattern.variables:
        found = context.get(variable.key)
        if found is UNKNOWN or (found is not None and len(found) > 1):
            unknown = True
        elif found:
            values.append(found[0])
        elif variable.default is None:
            return None
        else:
            values.append(variable.default)
    return UNKNOWN if unknown else _filled(pattern, tuple(values))


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """False where one is false; None where one is not known; else true."""
    known = True
    for one in answers:
        if one is False:
            return False
        known = known and one is not None
    return True if known else None


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """True where one is true; None where one is not known; else false."""
    known = True
    for one in answers:
        if one:
            return True
        known = known and one is not None
    return False if known else None


class _Compiled:
    """A condition with its values parsed.

    `fixed` tests a text against the values without variables; `globs` are those with. A value that
    is malformed for its operator equals nothing, so that a negated operator is true of it.
    """

    def __init__(self, condition: Condition) -> None:
        self.key = condition.key
        self.quantifier = condition.quantifier
        self.negated = condition.operator in NEGATED
        base = NEGATED.get(condition.operator, condition.operator)
        literal, self.globs = _values(condition, base)
        test = test_of(base, literal)
        self.fixed, self.never, self.always = test.matches, test.never, test.always
        self.boolean = base == "bool"
        self.absent = (
            condition.if_exists
            or self.quantifier == "forallvalues"
            or (self.negated and not self.quantifier)
        )

    def holds(self, context: Context) -> bool | None:
        found = context.get(self.key)
        if not found:
            return self.absent
        if found is UNKNOWN:
            return self._whatever(context)
        if len(found) == 1:
            # AWS: a value that is an empty text is a null data set to ForAllValues.
            if self.quantifier == "forallvalues" and not found[0]:
                return True
            return self._one(found[0], context)
        answers = (self._one(text, context) for text in found)
        if self.quantifier == "forallvalues":
            return all_of(answers)
        if self.quantifier == "foranyvalue":
            return any_of(answers)
        # Several values under an operator for one: AWS does not say which of them counts.
        distinct = set(answers)
        return distinct.pop() if len(distinct) == 1 else None

    def _one(self, text: str, context: Context) -> bool | None:
        matched: bool | None = self.fixed(text)
        if not matched and self.globs and not (self.boolean and not is_boolean(text)):
            matched = any_of(_matches(one, text, context) for one in self.globs)
        return matched if matched is None or not self.negated else not matched

    def _whatever(self, context: Context) -> bool | None:
        """The answer where nothing is known of the key: only if all its values give the same."""
        never = self.never and all(filled(one, context) is None for one in self.globs)
        can_hold = not (self.always if self.negated else never)
        can_fail = not (never if self.negated else self.always)
        outcomes = (
            {self.absent} | {True for _ in "." if can_hold} | {False for _ in "." if can_fail}
        )
        return outcomes.pop() if len(outcomes) == 1 else None


def _matches(pattern: Glob, text: str, context: Context) -> bool | None:
    ready = filled(pattern, context)
    if ready is UNKNOWN:
        return None
    return ready is not None and ready.matches(text)


def _values(condition: Condition, base: str) -> tuple[list[str | Glob], list[Glob]]:
    """The values that stand for themselves, and those with policy variables.

    Variables are read in string, ARN and Bool values only; elsewhere `${…}` is malformed.
    """
    if base in COMPARISONS:
        return list(condition.values), []
    kind = "arn" if base.startswith("arn") else "plain"
    globs = [
        glob(
            one,
            "arn" if kind == "arn" else "plain",
            fold=base in ("stringequalsignorecase", "bool"),
            variables=condition.variables,
            wildcards=base in ("stringlike", "arnequals", "arnlike"),
        )
        for one in condition.values
    ]
    return [one for one in globs if not one.variables], [one for one in globs if one.variables]
