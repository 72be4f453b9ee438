"""What a condition does to the circle of callers: narrows it, leaves it open, or cannot be told.

Only values that name somebody count as narrow: an account, an organisation, a network, a fixed
resource. References: S3's and EFS's "meaning of public",
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html,
https://docs.aws.amazon.com/efs/latest/ug/access-control-block-public-access.html, and the global
condition keys of the IAM user guide (read 2026-11-21).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sharedline.derive.condition_keys import OPEN_KEYS, OPEN_PREFIXES, Kind, kind_of
from sharedline.derive.document import Condition
from sharedline.derive.patterns import has_wildcard, literal_prefix

EMPTY: frozenset[str] = frozenset()
ACCOUNT = re.compile(r"\d{12}(?=$|\*)")
UNIQUE_ID = re.compile(r"(AROA|AIDA|AGPA|AIPA)[A-Z0-9]{12,}|\d{12}")
#: Services whose ARNs carry no account: the name in the resource part tells whose it is.
ACCOUNTLESS = frozenset({"s3", "apigateway", "route53"})
#: More public IPv4 addresses than this (sixteen /8) are no fixed place.
WIDE_IPV4 = 2**28

_EQUAL = {"string": ("equals", "equalsignorecase", "like"), "arn": ("equals", "like")}
POSITIVE = {f"{kind}{test}" for kind, tests in _EQUAL.items() for test in tests}
NEGATIVE = {f"{kind}not{test}" for kind, tests in _EQUAL.items() for test in tests}
POSITIVE |= {"ipaddress", "bool", "binaryequals"}
NEGATIVE |= {"notipaddress", "numericnotequals"}
NEUTRAL = frozenset(
    f"{kind}{test}"
    for kind in ("numeric", "date")
    for test in ("lessthan", "lessthanequals", "greaterthan", "greaterthanequals", "equals")
) | {"datenotequals"}


@dataclass(frozen=True, slots=True)
class Limit:
    """Whom a condition lets through: `narrow` is True, False, or None where it cannot be told.

    `accounts` and `others` (organisations, networks, resources) are those named; `principal` says
    that they are the caller's own, not the ones on whose behalf a service calls.
    """

    narrow: bool | None
    accounts: frozenset[str] = EMPTY
    others: frozenset[str] = EMPTY
    principal: bool = False


OPEN = Limit(narrow=False)
UNSURE = Limit(narrow=None)
NOBODY = Limit(narrow=True)


def union(limits: Iterable[Limit]) -> Limit:
    """Any of them lets through: narrow only when all are."""
    found = list(limits)
    if any(one.narrow is False for one in found):
        return OPEN
    if any(one.narrow is None for one in found):
        return UNSURE
    return Limit(
        narrow=True,
        accounts=EMPTY.union(*(one.accounts for one in found)),
        others=EMPTY.union(*(one.others for one in found)),
        principal=all(one.principal for one in found),
    )


def _account(value: str, own: str) -> Limit:
    if "${" in value:
        return Limit(True, frozenset({own})) if value == "${aws:ResourceAccount}" else UNSURE
    if has_wildcard(value):
        return OPEN
    return Limit(True, frozenset({value}) if ACCOUNT.fullmatch(value) else EMPTY)


def _arn(value: str, _own: str) -> Limit:
    fields = value.split(":", 5)
    account = ACCOUNT.match(fields[4]) if len(fields) > 4 else None
    if account:
        return Limit(True, frozenset({account[0]}))
    if "${" in value:
        return UNSURE
    if len(fields) > 5 and fields[2] in ACCOUNTLESS and (fields[4] in ("", "*")):
        name = fields[5].lstrip("/")
        fixed = not has_wildcard(name) or "/" in literal_prefix(name)
        return Limit(True, others=frozenset({value})) if fixed else OPEN
    if len(fields) > 4 and fields[4] in ("aws", "cloudfront"):
        return Limit(True, others=frozenset({value}))
    return OPEN if has_wildcard(value) else UNSURE


def _organization(value: str, _own: str) -> Limit:
    if value in ("${aws:ResourceOrgID}", "${aws:resourceorgid}"):
        return Limit(True, others=frozenset({"the organization of the resource"}))
    if "${" in value:
        return UNSURE
    first = value.partition("/")[0]
    return OPEN if has_wildcard(first) else Limit(True, others=frozenset({first}))


def _fixed(value: str, _own: str) -> Limit:
    if "${" in value:
        return UNSURE
    return OPEN if has_wildcard(value) else Limit(True, others=frozenset({value}))


def _user_id(value: str, _own: str) -> Limit:
    found = UNIQUE_ID.match(value)
    if found:
        accounts = frozenset({found[0]}) if found[0].isdigit() else EMPTY
        return Limit(True, accounts)
    return OPEN if has_wildcard(value) else UNSURE


def _true(value: str, _own: str) -> Limit:
    return NOBODY if value.lower() == "true" else OPEN


_READERS = {
    Kind.ACCOUNT: _account,
    Kind.PRINCIPAL_ACCOUNT: _account,
    Kind.ARN: _arn,
    Kind.PRINCIPAL_ARN: _arn,
    Kind.ORGANIZATION: _organization,
    Kind.PRINCIPAL_ORGANIZATION: _organization,
    Kind.FIXED: _fixed,
    Kind.USER_ID: _user_id,
    Kind.TRUE: _true,
}
_PRINCIPAL = {Kind.PRINCIPAL_ACCOUNT, Kind.PRINCIPAL_ARN, Kind.PRINCIPAL_ORGANIZATION, Kind.USER_ID}


def _addresses(values: Iterable[str]) -> Limit:
    """A set of address ranges: narrow unless one is very broad or together they are.

    Broader than /8 (IPv4) or /32 (IPv6) is public in S3's reading; private ranges never meet the
    internet.
    """
    total, places = 0, set()
    for value in values:
        try:
            network = ipaddress.ip_network(value, strict=False)
        except ValueError:
            return UNSURE
        if network.prefixlen < (8 if network.version == 4 else 32):
            return OPEN
        if network.is_private and network.prefixlen:
            continue
        total += network.num_addresses if network.version == 4 else 0
        places.add(str(network))
    return OPEN if total > WIDE_IPV4 else Limit(True, others=frozenset(places))


def named(condition: Condition, own: str) -> Limit:
    """The circle named by a condition's values, whatever its operator does with them."""
    kind = kind_of(condition.key)
    if kind is Kind.OPEN:
        return OPEN
    if kind is Kind.UNKNOWN:
        return UNSURE
    if kind is Kind.ADDRESS and "ipaddress" in condition.base:
        return _addresses(condition.values)
    reader = _READERS.get(kind, _fixed)
    literal = "like" not in condition.base and "arn" not in condition.base
    limits = []
    for value in condition.values:
        if literal and has_wildcard(value) and "${" not in value:
            continue  # StringEquals takes `*` as a letter that no account or name holds
        limits.append(reader(value, own))
    found = union(limits)
    return Limit(found.narrow, found.accounts, found.others, kind in _PRINCIPAL)


def _required(condition: Condition, present: Collection[str]) -> bool:
    """Whether an absent key fails a positive condition."""
    loose = condition.if_exists or condition.quantifier == "forallvalues"
    return not loose or condition.key in present


def allowed_by(condition: Condition, own: str, present: Collection[str] = ()) -> Limit:
    """Whom a condition of an Allow statement lets through.

    `present` are the keys that a `Null: false` beside it demands.
    """
    base = condition.base
    if base == "null" or base in NEUTRAL:
        return OPEN
    if condition.quantifier not in ("", "forallvalues", "foranyvalue"):
        return UNSURE
    if base in NEGATIVE:
        return OPEN  # everybody but a few is everybody
    if base not in POSITIVE:
        return UNSURE
    if not _required(condition, present):
        return OPEN  # a caller whose request lacks the key passes
    return named(condition, own)


def escaped_from(condition: Condition, own: str) -> Limit:
    """Whom a condition of a Deny statement spares: the Deny bites all others."""
    base = condition.base
    if condition.key in OPEN_KEYS or condition.key.startswith(OPEN_PREFIXES):
        return OPEN
    if condition.quantifier not in ("", "forallvalues", "foranyvalue"):
        return UNSURE
    if base in NEGATIVE:
        if condition.quantifier == "foranyvalue":
            return OPEN  # true only if some value is there: a request without the key is spared
        return named(condition, own)
    if base == "bool" and kind_of(condition.key) is Kind.TRUE:
        spares_only_true = condition.if_exists and condition.values == ("false",)
        return NOBODY if spares_only_true else OPEN
    return OPEN if base in POSITIVE | NEUTRAL | {"null"} else UNSURE


def demanded(conditions: Iterable[Condition]) -> frozenset[str]:
    """The keys that must be in the request: `Null: {key: false}`."""
    return frozenset(
        one.key for one in conditions if one.base == "null" and set(one.values) == {"false"}
    )
