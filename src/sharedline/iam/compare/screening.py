"""Which statements may decide about strangers, found by looking at them alone, without a search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sharedline.iam.compare import callers
from sharedline.iam.compare.candidates import varied
from sharedline.iam.compare.naming import Kind, kind_of
from sharedline.iam.compare.strangers import (
    OWN_ORGANIZATION,
    UNSURE,
    account_named,
    closed,
    is_accountless,
    is_anybody,
    is_refused,
    may_let_in,
)
from sharedline.iam.globs import Variable, glob
from sharedline.iam.language import Condition, Policy, Principal, Statement

#: S3: an access point's policy is no less public for naming the access point.
OF_POINT = "s3:dataaccesspoint"
#: Positive and negative tests of texts that some value, or none at all, passes.
_PASSABLE = frozenset(("stringequals", "stringlike", "stringequalsignorecase", "stringnotequals"))


def known_of(account: str) -> dict[str, str]:
    """What is known of the resource whose policy it is."""
    return {"aws:resourceaccount": account, "aws:resourceorgid": OWN_ORGANIZATION}


def known_values(it: Statement, values: Mapping[str, str]) -> Statement:
    """A statement with what is known of the resource filled in; `${…}` of other keys stay."""
    if not any(map(_has_variables, it.conditions)):
        return it
    conditions = tuple(
        replace(one, values=tuple(_put(value, values) for value in one.values))
        for one in it.conditions
    )
    return replace(it, conditions=conditions)


def _has_variables(condition: Condition) -> bool:
    return condition.variables and any("${" in value for value in condition.values)


def _variables(condition: Condition) -> Iterator[Variable]:
    for value in condition.values if varied(condition) else ():
        yield from glob(value, variables=True).variables


def _put(text: str, values: Mapping[str, str]) -> str:
    found = glob(text, variables=True)
    if len(found.parts) == 1 and found.variables and found.variables[0].key in values:
        return values[found.variables[0].key]
    return text


def variables_of(policy: Policy) -> set[str]:
    """The keys whose values the conditions of a policy are compared with."""
    written = [one for it in policy.statements for one in it.conditions if _has_variables(one)]
    return {variable.key for one in written for variable in _variables(one)}


def deciding(
    policy: Policy, account: str, *, cross: bool, access_point: bool = False
) -> list[Statement]:
    """The statements that may decide; none where no Allow may let the callers in.

    With `cross` these are callers of other accounts than the resource's, else strangers.
    """
    own = account if cross else None
    found: list[Statement] = []
    known = known_of(account)
    granting = False
    for it in policy.statements:
        filled = known_values(it, known)
        if it.effect == "Allow":
            if not may_let_in(_off_point(filled) if access_point else filled, own):
                continue
            granting = True
            filled = _with_callers(filled, cross=cross)
        found.append(filled)
    return found if granting else []


def _off_point(it: Statement) -> Statement:
    kept = tuple(one for one in it.conditions if not one.key.startswith(OF_POINT))
    return replace(it, conditions=kept) if len(kept) < len(it.conditions) else it


def _with_callers(it: Statement, *, cross: bool) -> Statement:
    """Without principals that name nobody, or, being of one account, no stranger."""

    def counts(one: Principal) -> bool:
        return not is_refused(one) and (cross or one.kind != "CanonicalUser")

    listed = it.principals or ()
    if it.not_principal or all(map(counts, listed)):
        return it
    return replace(it, principals=tuple(filter(counts, listed)))


def undefined(policy: Policy, own: str | None) -> str:
    """Why a policy that lets nobody in may mean something that AWS does not define."""
    if not policy.whole:
        return next(str(one) for one in policy.problems if one.level == "fatal")
    for it in policy.allows:
        found = _undefined(it, own)
        if found and not any(closed(one, own) for one in it.conditions):
            return found
    return ""


def _undefined(it: Statement, own: str | None) -> str:
    if not it.principals and not it.not_principal:
        return f"statement {it.name} names no principal"
    for one in it.principals or ():
        if one.kind == "Service" and one.value == "*":
            return "AWS does not define Service: * as a principal"
        # Whatever it means, it means nobody but the account that it names.
        if is_refused(one) and account_named(one) in ("", *_other_than(own, one)):
            return f"AWS takes no principal such as {one.value[:80]!r}"
    return ""


def _other_than(own: str | None, principal: Principal) -> tuple[str, ...]:
    account = account_named(principal)
    return () if own in (None, account) else (account,)


def plainly_open(conditions: Sequence[Condition]) -> bool:
    """Whether anybody's request can satisfy the conditions, as their keys and operators show.

    Sufficient: each is of a key of its own that names nobody, and some value passes it.
    """
    keys = {one.key for one in conditions}
    return len(keys) == len(conditions) and all(
        one.operator in _PASSABLE
        and not one.quantifier
        and bool(one.values)
        and one.key not in callers.KEYS
        and one.key != "aws:securetransport"  # of which a Deny beside it may speak
        and kind_of(one.key) is Kind.NOBODY
        and not any("${" in value for value in one.values)
        for one in conditions
    )


def spares(deny: Statement) -> bool:
    """Whether a Deny certainly spares whoever calls over TLS, as anybody can."""
    return any(
        one.key == "aws:securetransport"
        and (one.operator, one.quantifier, one.values) == ("bool", "", ("false",))
        for one in deny.conditions
    )


def hangs_on_a_place(it: Statement) -> bool:
    """Whether an Allow for everybody has one condition, on what does not say whose it is."""
    if len(it.conditions) != 1 or not any(map(is_anybody, it.principals or ())):
        return False
    (one,) = it.conditions
    unsure = kind_of(one.key) in UNSURE or is_accountless(one)
    return unsure and one.key not in callers.KEYS and closed(one, None)
