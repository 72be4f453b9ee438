"""Whether a resource policy lets in anyone, or another account, by named notions of "public".

`aws`: a request of a stranger is allowed: of somebody without credentials, or of an account that
the policy does not name, whose values of the condition keys that name accounts, organisations,
networks and resources are none of those that the policy names. That is S3's and Access Analyzer's
reading made exact: Deny statements count, a value with a wildcard that leaves open who is meant
names nobody, and the request is put to `evaluate` as proof. A key of which nothing is known
(`naming`) may keep everybody out or nobody: then the answer is unknown.

`policyuniverse` and `c7n` are the notions of those projects; see their modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from sharedline.iam.compare import callers, notion_c7n, notion_policyuniverse
from sharedline.iam.compare.action_points import ActionClass, classes
from sharedline.iam.compare.algebra import LimitError, check_time, limited
from sharedline.iam.compare.candidates import base_of, varied
from sharedline.iam.compare.federation import is_shared
from sharedline.iam.compare.naming import Kind, account_of, fixed_networks, kind_of, names_somebody
from sharedline.iam.compare.problem import (
    CALLER,
    Problem,
    Sides,
    as_conditions,
    assignments,
    with_values,
)
from sharedline.iam.compare.search import RESOURCE
from sharedline.iam.compare.search import Literal as Atom
from sharedline.iam.compare.subset import SECONDS, TRIES
from sharedline.iam.compare.witnesses import Prover, Shown
from sharedline.iam.globs import Variable, glob
from sharedline.iam.language import Condition, Policy, Statement
from sharedline.iam.parse import parse
from sharedline.iam.request import Request
from sharedline.iam.special import is_web

Notion = Literal["aws", "policyuniverse", "c7n"]
NOTIONS: tuple[Notion, ...] = ("aws", "policyuniverse", "c7n")
_NOTHING = parse('{"Statement": []}', "no policy")
_ORGANIZATION = "o-ofresource"
#: Kinds of key whose values, though fixed, do not say whether an account other than the
#: resource's is meant.
_UNSURE = (Kind.PLACE, Kind.ADDRESS, Kind.USER_ID, Kind.FLAG)
Given = list[tuple[Condition, bool]]


@dataclass(frozen=True, slots=True)
class Exposure:
    """Whether somebody is let in; `witness` is a request of his that the policy allows.

    `statements` are the indices of those that let him in.
    """

    answer: bool | None
    witness: Request | None
    reason: str
    statements: tuple[int, ...] = ()
    shown: Shown | None = None


def _fixed(condition: Condition, own: str | None) -> Condition | None:
    """The values of a condition that name somebody, as a test of them; None where none does.

    With `own` those that name another account do not count, since it is one that is looked for.
    """
    kind, base = kind_of(condition.key), base_of(condition)
    if kind is Kind.ADDRESS and base == "ipaddress":
        values: tuple[str, ...] = fixed_networks(condition.values)
    else:
        literal = base.startswith("stringequals")
        values = tuple(
            one
            for one in condition.values
            if (literal and kind is not Kind.UNKNOWN and kind is not Kind.NOBODY)
            or names_somebody(condition.key, one)
        )
        if own is not None and kind in (Kind.ACCOUNT, Kind.ARN):
            values = tuple(v for v in values if account_of(condition.key, v) in ("", own))
        if own is not None and kind is Kind.ORGANIZATION:
            values = tuple(v for v in values if v.partition("/")[0] == _ORGANIZATION)
    if not values or base == "null":
        return None
    quantifier: Any = "foranyvalue" if condition.quantifier else ""
    return Condition(base, quantifier, False, condition.key, values)


def _strangers_values(statements: Sequence[Statement], own: str | None, *, strict: bool) -> Given:
    """What the values of a stranger's keys are not; of unknown keys, with `strict`, none is there.

    With `own`, of callers of other accounts.
    """
    found: Given = []
    for condition in dict.fromkeys(one for it in statements for one in it.conditions):
        kind = kind_of(condition.key)
        if condition.key in callers.KEYS and condition.key != "aws:principalservicename":
            continue  # decided by the caller, who is chosen below
        if kind is Kind.UNKNOWN:
            if strict:
                found.append((Condition("null", "", False, condition.key, ("true",)), True))
        elif own is None or strict or kind not in _UNSURE:
            test = None if varied(condition) else _fixed(condition, own)
            if test is not None:
                found.append((test, False))
    return found


@lru_cache(maxsize=1_000)
def _stranger(named: frozenset[str]) -> Callable[[callers.Point], bool]:
    def test(point: callers.Point) -> bool:
        caller = point.caller
        if caller.kind == "service":
            return False
        if is_web(caller):
            return is_shared(caller.arn) or caller.account == callers.STRANGER
        return caller.account not in named

    return test


@lru_cache(maxsize=1_000)
def _other(own: str) -> Callable[[callers.Point], bool]:
    def test(point: callers.Point) -> bool:
        caller = point.caller
        unnamed = is_web(caller) and not caller.account
        return caller.kind != "service" and caller.account != own and not unnamed

    return test


class _Question:
    """One policy, looked at for strangers or, with `cross`, for callers of other accounts."""

    def __init__(self, policy: Policy, resource: str, account: str, *, cross: bool) -> None:
        known = {"aws:resourceaccount": account, "aws:resourceorgid": _ORGANIZATION}
        self.account, self.cross = account, cross
        self.access_point = ":accesspoint/" in resource
        self.statements = [_known(it, known) for it in policy.statements]
        used = {v.key for it in policy.statements for c in it.conditions for v in _variables(c)}
        self.known = {key: value for key, value in known.items() if key in used}
        parts = (resource, f"{resource}/*", f"{resource}:*") if resource else ()
        self.resources = tuple(glob(one) for one in parts)
        self.prover = Prover((policy,), (_NOTHING,), identity=False, owner=account)

    def answer(self) -> Exposure:
        doubt = ""
        try:
            with limited(SECONDS):
                for actions in classes(self.statements):
                    check_time()
                    sides = self._sides(actions)
                    if ("new", "Allow") not in sides:
                        continue
                    shown = self._shown(actions, sides)
                    if shown is not None:
                        return _exposed(shown)
                    doubt = doubt or self._doubt(actions, sides)
        except LimitError as error:
            doubt = str(error)
        if doubt:
            return Exposure(None, None, f"it cannot be told: {doubt}")
        who = "another account" if self.cross else "anyone"
        return Exposure(False, None, f"no statement lets {who} in")

    def _sides(self, actions: ActionClass) -> Sides:
        found: Sides = {}
        for at in actions.places():
            it = self.statements[at]
            found.setdefault(("new", it.effect), []).append(it)
        return found

    def _problem(
        self, actions: ActionClass, written: Sides, values: Mapping[str, str], *, strict: bool
    ) -> Problem:
        sides = with_values(written, values)
        listed = [it for several in written.values() for it in several]
        own = self.account if self.cross else None
        given = _strangers_values(listed, own, strict=strict) + as_conditions(values)
        if self.access_point:  # S3: an access point's policy is no less public for naming it
            given = [one for one in given if not one[0].key.startswith("s3:dataaccesspoint")]
        # Names the account of the resource, so that no stranger is of it.
        not_own = Condition("stringequals", "", False, "aws:principalaccount", (self.account,))
        problem = Problem(actions, sides, [*given, (not_own, False)], identity=False)
        if self.cross:
            problem.only_callers(("other", self.account), _other(self.account))
        else:
            named = callers.accounts_named(listed)
            problem.only_callers(("stranger", named), _stranger(named))
        if self.resources and any(it.resources is not None for it in listed):
            problem.given.append(Atom(RESOURCE, self.resources))
        return problem

    def _shown(self, actions: ActionClass, sides: Sides) -> Shown | None:
        tries = 0
        for values in assignments(it for several in sides.values() for it in several):
            problem = self._problem(actions, sides, values, strict=True)
            for states in problem.solutions(sure=True):
                tries += 1
                if tries > TRIES:
                    break
                shown = self.prover.show(actions, states, problem.points, CALLER, given=self.known)
                if shown is not None:
                    return shown
        return None

    def _doubt(self, actions: ActionClass, sides: Sides) -> str:
        problem = self._problem(actions, sides, {}, strict=False)
        if not problem.solvable(sure=False):
            return ""
        listed = (one for several in sides.values() for it in several for one in it.conditions)
        keys = {one.key for one in listed if kind_of(one.key) is Kind.UNKNOWN}
        if keys:
            return f"what {', '.join(sorted(keys)[:3])} holds is not known"
        return problem.unknown or "whose the networks are that conditions name is not known"


def _known(it: Statement, values: Mapping[str, str]) -> Statement:
    """A statement with what is known of the resource filled in; `${…}` of other keys stay."""
    if not any(v.key in values for one in it.conditions for v in _variables(one)):
        return it
    conditions = tuple(
        replace(one, values=tuple(_put(value, values) for value in one.values))
        for one in it.conditions
    )
    return replace(it, conditions=conditions)


def _variables(condition: Condition) -> Iterator[Variable]:
    for value in condition.values if varied(condition) else ():
        yield from glob(value, variables=True).variables


def _put(text: str, values: Mapping[str, str]) -> str:
    found = glob(text, variables=True)
    if len(found.parts) == 1 and found.variables and found.variables[0].key in values:
        return values[found.variables[0].key]
    return text


def _exposed(shown: Shown) -> Exposure:
    places = tuple(one.statement.index for one in shown.allowed.deciding)
    return Exposure(True, shown.request, shown.reason, places, shown)


def _unread(policy: Policy) -> str:
    if not policy.whole:
        return next(str(one) for one in policy.problems if one.level == "fatal")
    wild = [
        one.value
        for it in policy.allows
        for one in it.principals or ()
        if one.kind == "AWS" and "*" in one.value and one.value != "*"
    ]
    return f"AWS takes no principal such as {wild[0]!r}" if wild else ""


def _aws(policy: Policy, resource: str, account: str, *, cross: bool) -> Exposure:
    found = _Question(policy, resource, account, cross=cross).answer()
    doubt = _unread(policy) if found.answer is False else ""
    return Exposure(None, None, f"it cannot be told: {doubt}") if doubt else found


def is_public(
    policy: Policy,
    resource: str = "",
    account: str = "",
    notion: Notion = "aws",
    config: Mapping[str, Any] | None = None,
) -> Exposure:
    """Whether the policy lets anyone in; for `c7n`, whether its filter returns a statement."""
    if notion == "aws":
        return _aws(policy, resource, account, cross=False)
    if notion == "c7n":
        found = notion_c7n.returned(policy, config or {})
    else:
        found = [it for it in policy.statements if notion_policyuniverse.is_open(it)]
    names = ", ".join(it.name for it in found[:3])
    reason = f"statement {names}" if found else "no statement"
    return Exposure(bool(found), None, reason, tuple(it.index for it in found))


def is_cross_account(
    policy: Policy,
    resource: str = "",
    account: str = "",
    notion: Notion = "aws",
    config: Mapping[str, Any] | None = None,
) -> Exposure:
    """Whether the policy lets in somebody of another account, strangers among them.

    AWS's own services do not count. For `c7n` the resource's account is an allowed one.
    """
    if notion != "c7n":
        return _aws(policy, resource, account, cross=True)
    lists = dict(config or {})
    lists["allowed_accounts"] = [*(lists.get("allowed_accounts") or ()), account]
    return is_public(policy, resource, account, "c7n", lists)
