"""The values of conditions: texts, numbers, dates, addresses and bytes, and tests against them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/
reference_policies_elements_condition_operators.html (read 2026-11-21). Dates have the W3C forms of
ISO 8601, https://www.w3.org/TR/NOTE-datetime, or are seconds of the epoch.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sharedline.iam.globs import Glob

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class ValueTest:
    """A test of one text. `never`: no text passes it. `always`: every text does."""

    matches: Callable[[str], bool]
    never: bool = False
    always: bool = False


_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?"
    r"(?:[Zz]|([+-])(\d\d):?(\d\d))?)?)?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=10_000)
def number(text: str) -> Decimal | None:
    """An integer or decimal number; None for anything else."""
    return Decimal(text) if text.isascii() and _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=10_000)
def moment(text: str) -> Decimal | None:
    """Seconds of the epoch; four digits are a year. None for what is no date."""
    if not text.isascii():
        return None
    found = _DATE.fullmatch(text)
    if found is None:
        return number(text)
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = found.groups()
    try:
        whole = datetime(
            *(int(year), int(month or 1), int(day or 1)),
            *(int(hour or 0), int(minute or 0), int(second or 0)),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    seconds = Decimal((whole - _EPOCH) // timedelta(seconds=1)) + Decimal(fraction or 0)
    offset = (int(off_hour or 0) * 60 + int(off_minute or 0)) * 60
    return seconds - offset if sign == "+" else seconds + offset


@lru_cache(maxsize=10_000)
def address(text: str) -> Address | None:
    """An IPv4 or IPv6 address; None for anything else."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=10_000)
def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """A range in CIDR form; an address without a prefix is a range of one."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def is_boolean(text: str) -> bool:
    """Whether a text is a boolean, in any case."""
    return text.lower() in ("true", "false")


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _inside(here: Address, there: Any) -> bool:
    return here.version == there.version and here in there


Parse = Callable[[str], Any]
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "equals": operator.eq,
    "lessthan": operator.lt,
    "lessthanequals": operator.le,
    "greaterthan": operator.gt,
    "greaterthanequals": operator.ge,
}
#: Operators whose values are parsed: how the request's and the policy's value are, and the relation.
COMPARISONS: dict[str, tuple[Parse, Parse, Callable[[Any, Any], bool]]] = {
    **{f"numeric{name}": (number, number, relation) for name, relation in _ORDER.items()},
    **{f"date{name}": (moment, moment, relation) for name, relation in _ORDER.items()},
    "ipaddress": (address, network, _inside),
    "binaryequals": (_bytes, _bytes, operator.eq),
}


def test_of(base: str, values: Sequence[str | Glob]) -> ValueTest:
    """The test against values of an operator that is not negated: one of them must match.

    Values of string, ARN and Bool operators are globs without variables, others texts.
    """
    if base in COMPARISONS:
        return _compared(base, [one for one in values if isinstance(one, str)])
    globs = [one for one in values if isinstance(one, Glob)]
    if base == "bool":
        return _texts([one for one in globs if is_boolean(one.prefix)])
    return _texts(globs)


def _compared(base: str, values: Sequence[str]) -> ValueTest:
    of_request, of_policy, relation = COMPARISONS[base]
    wanted = [found for one in values if (found := of_policy(one)) is not None]

    def compare(text: str) -> bool:
        here = of_request(text)
        return here is not None and any(relation(here, there) for there in wanted)

    return ValueTest(compare, never=not wanted)


def _texts(globs: Sequence[Glob]) -> ValueTest:
    literal = frozenset(one.prefix for one in globs if one.literal)
    patterns = [one.matches for one in globs if not one.literal]
    fold = any(one.fold for one in globs)

    def matches(text: str) -> bool:
        return (text.lower() if fold else text) in literal or any(one(text) for one in patterns)

    return ValueTest(matches, never=not globs, always=any(one.everything for one in globs))
