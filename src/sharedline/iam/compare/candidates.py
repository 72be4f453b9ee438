"""Values that stand for all values of a condition key, found from what conditions compare with it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise, product

from sharedline.iam.compare.algebra import (
    LimitError,
    covers,
    overlaps,
    possible,
    step,
    witness,
)
from sharedline.iam.conditions import NEGATED
from sharedline.iam.globs import Glob, glob
from sharedline.iam.language import OPERATORS, Condition
from sharedline.iam.values import moment, network, number

#: More combinations of overlapping patterns than this are not looked through.
MOST_PARTS = 512
#: Texts with more letters are not tried in every spelling of capitals and small letters.
MOST_LETTERS = 6
_ANYTHING = glob("*")


def texts_apart(
    globs: Iterable[Glob], avoid: Sequence[Glob], *, within: Glob = _ANYTHING, nice: str = ""
) -> list[str]:
    """For each combination of the globs that some text has, such a text, none of `avoid`.

    `nice` is used where it fits. LimitError where there are too many combinations.
    """
    parts: list[tuple[tuple[Glob, ...], tuple[Glob, ...]]] = [((within,), ())]
    for one in dict.fromkeys(globs):
        step()
        new = []
        for inside, outside in parts:
            if not all(overlaps(one, other) for other in inside) or any(
                covers(one, other) for other in inside
            ):
                new.append((inside, outside))
                continue
            pairs = ((*inside, one), outside), (inside, (*outside, one))
            new += [pair for pair in pairs if possible(*pair)]
        parts = new
        if len(parts) > MOST_PARTS:
            raise LimitError(f"more than {MOST_PARTS} combinations of patterns overlap")
    found = []
    for inside, outside in parts:
        fits = nice and all(g.matches(nice) for g in inside)
        if fits and not any(g.matches(nice) for g in (*outside, *avoid)):
            found.append(nice)
        elif (text := witness(inside, (*outside, *avoid))) is not None:
            found.append(text)
    return found


def base_of(condition: Condition) -> str:
    """The operator of which the condition's is the opposite, or its own."""
    return NEGATED.get(condition.operator, condition.operator)


def value_globs(condition: Condition) -> list[Glob]:
    """The values of a string, ARN or Bool condition, parsed as they are compared."""
    base = base_of(condition)
    return [
        glob(
            one,
            "arn" if base.startswith("arn") else "plain",
            fold=base in ("stringequalsignorecase", "bool"),
            variables=condition.variables,
            wildcards=base in ("stringlike", "arnequals", "arnlike"),
        )
        for one in condition.values
    ]


def varied(condition: Condition) -> bool:
    """Whether a value holds a policy variable."""
    textual = base_of(condition).startswith(("string", "arn", "bool"))
    return condition.variables and textual and any(g.variables for g in value_globs(condition))


def _family(condition: Condition) -> str:
    base = base_of(condition)
    for name in ("null", "bool", "numeric", "date", "ipaddress", "binary"):
        if base.startswith(name):
            return name
    return "text" if base in OPERATORS else "unknown"


def _texts(conditions: Sequence[Condition]) -> tuple[list[str], str]:
    globs = [g for one in conditions for g in value_globs(one)]
    literals = [g for g in globs if g.literal]
    patterns = [g for g in globs if not g.literal]
    found = [g.prefix for g in literals]
    unknown = ""
    for one in (g for g in literals if g.fold):
        letters = sum(c.lower() != c.upper() for c in one.prefix)
        if letters > MOST_LETTERS:
            unknown = "a long text is compared without regard to case"
            found += [one.prefix.upper(), one.prefix.title()]
        else:
            found += map("".join, product(*({c, c.upper()} for c in one.prefix)))
    found += texts_apart(patterns, literals, nice="value")
    return found, unknown


def _between(values: Iterable[Decimal]) -> list[Decimal]:
    listed = sorted(set(values))
    if not listed:
        return [Decimal(0)]
    middles = [(a + b) / 2 for a, b in pairwise(listed)]
    return [*listed, *middles, listed[0] - 1, listed[-1] + 1]


def _numbers(conditions: Sequence[Condition]) -> list[str]:
    parsed = (number(value) for one in conditions for value in one.values)
    return [f"{one:f}" for one in _between(one for one in parsed if one is not None)]


def _date(seconds: Decimal) -> str:
    if seconds == int(seconds) and 0 <= seconds < 2**36:
        return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{seconds + Decimal('0.0'):f}"


def _dates(conditions: Sequence[Condition]) -> list[str]:
    parsed = (moment(value) for one in conditions for value in one.values)
    return [_date(one) for one in _between(one for one in parsed if one is not None)]


def _addresses(conditions: Sequence[Condition]) -> list[str]:
    found = ["198.51.100.7", "2001:db8::7"]
    for one in conditions:
        for value in one.values:
            here = network(value)
            if here is None:
                continue
            first, last = int(here.network_address), int(here.broadcast_address)
            for at in (first, last, first - 1, last + 1):
                if 0 <= at < 2**here.max_prefixlen:
                    new = ipaddress.IPv4Address if here.version == 4 else ipaddress.IPv6Address
                    found.append(str(new(at)))
    return found


def candidates(conditions: Sequence[Condition]) -> tuple[list[str], str]:
    """Values that stand for all there are, and why they do not, where they do not."""
    families = {_family(one) for one in conditions} - {"null"}
    if not families:
        return ["value"], ""
    if len(families) > 1 or "unknown" in families:
        why = "operators of several types test one key"
        unknown = why if "unknown" not in families else "an operator is not one that IAM has"
    else:
        unknown = ""
    found: list[str] = []
    for family in sorted(families):
        mine = [one for one in conditions if _family(one) == family]
        if family == "text":
            more, why = _texts(mine)
            found, unknown = found + more, unknown or why
        elif family == "bool":
            found += ["true", "false"]
        elif family == "binary":
            found += ["AAAA", *(value for one in mine for value in one.values)]
        elif family in _MAKERS:
            found += _MAKERS[family](mine)
    return list(dict.fromkeys(found)), unknown


_MAKERS = {"numeric": _numbers, "date": _dates, "ipaddress": _addresses}
