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

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sharedline.iam import selftest
from sharedline.iam.compare import callers, notion_c7n, notion_policyuniverse
from sharedline.iam.compare.action_points import ActionClass, classes
from sharedline.iam.compare.algebra import LimitError, limited, step
from sharedline.iam.compare.naming import Kind, kind_of
from sharedline.iam.compare.problem import (
    CALLER,
    Problem,
    Sides,
    as_conditions,
    assignments,
    with_values,
)
from sharedline.iam.compare.screening import (
    OF_POINT,
    deciding,
    known_of,
    plainly_open,
    undefined,
    variables_of,
)
from sharedline.iam.compare.search import RESOURCE
from sharedline.iam.compare.search import Literal as Atom
from sharedline.iam.compare.strangers import closed, other, stranger, values_of
from sharedline.iam.compare.subset import MOST_STEPS, TRIES
from sharedline.iam.compare.witnesses import Prover, Shown
from sharedline.iam.globs import glob
from sharedline.iam.language import CURRENT, Condition, Policy, Principal, Statement
from sharedline.iam.parse import parse
from sharedline.iam.request import Request

Notion = Literal["aws", "policyuniverse", "c7n"]
NOTIONS: tuple[Notion, ...] = ("aws", "policyuniverse", "c7n")
_NOTHING = parse('{"Statement": []}', "no policy")
#: Before a reason why the answer is unknown.
UNTOLD = "it cannot be told: "


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


_NOBODY = Exposure(False, None, "no statement lets anyone in")
_NO_OTHER = Exposure(False, None, "no statement lets another account in")


class _Question:
    """One policy, looked at for strangers or, with `cross`, for callers of other accounts."""

    def __init__(self, policy: Policy, resource: str, account: str, *, cross: bool) -> None:
        self.account, self.cross = account, cross
        self.access_point = ":accesspoint/" in resource
        self.statements = deciding(policy, account, cross=cross, access_point=self.access_point)
        if not self.statements:
            return
        used = variables_of(policy)
        self.known = {key: one for key, one in known_of(account).items() if key in used}
        parts = (resource, f"{resource}/*", f"{resource}:*") if resource else ()
        self.resources = tuple(glob(one) for one in parts)
        self.prover = Prover((policy,), (_NOTHING,), identity=False, owner=account)

    def answer(self) -> Exposure:
        """The answer; unknown where it takes too long."""
        try:
            return self.search()
        except LimitError as error:
            return Exposure(None, None, f"{UNTOLD}{error}")

    def search(self) -> Exposure:
        """The answer; LimitError where it takes too long."""
        if not self.statements:
            return _NO_OTHER if self.cross else _NOBODY
        doubt = ""
        with limited(MOST_STEPS):
            for actions in classes(self.statements):
                step()
                sides = self._sides(actions)
                if ("new", "Allow") not in sides:
                    continue
                shown = self._shown(actions, sides)
                if shown is not None:
                    return _exposed(shown)
                doubt = doubt or self._doubt(actions, sides)
        if doubt:
            return Exposure(None, None, f"{UNTOLD}{doubt}")
        return _NO_OTHER if self.cross else _NOBODY

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
        given = values_of(listed, own, strict=strict) + as_conditions(values)
        if self.access_point:
            given = [one for one in given if not one[0].key.startswith(OF_POINT)]
        # Names the account of the resource, so that no stranger is of it.
        not_own = Condition("stringequals", "", False, "aws:principalaccount", (self.account,))
        problem = Problem(actions, sides, [*given, (not_own, False)], identity=False)
        if self.cross:
            problem.only_callers(("other", self.account), other(self.account))
        else:
            named = callers.accounts_named(listed)
            problem.only_callers(("stranger", named), stranger(named))
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


def _exposed(shown: Shown) -> Exposure:
    places = tuple(one.statement.index for one in shown.allowed.deciding)
    return Exposure(True, shown.request, shown.reason, places, shown)


def _aws(policy: Policy, resource: str, account: str, *, cross: bool) -> Exposure:
    selftest.check()
    found = _Question(policy, resource, account, cross=cross).answer()
    doubt = undefined(policy, account if cross else None) if found.answer is False else ""
    return Exposure(None, None, f"{UNTOLD}{doubt}") if doubt else found


@lru_cache(maxsize=20_000)
def _narrows(conditions: tuple[Condition, ...], account: str) -> bool | None:
    everything = (glob("*", fold=True),)
    who = (Principal("*", "*"),)
    it = Statement(
        *(0, "", "Allow", who, False, everything, False),
        *((glob("*", "resource"),), False, conditions),
    )
    found = _Question(Policy("conditions", CURRENT, (it,)), "", account, cross=False).search()
    return None if found.answer is None else not found.answer


def narrows(conditions: tuple[Condition, ...], account: str) -> bool | None:
    """Whether conditions keep strangers out of what is given to everybody; None: cannot be told."""
    try:
        if plainly_open(conditions) or any(closed(one, None) for one in conditions):
            return not plainly_open(conditions)
        return _narrows(conditions, account)
    except LimitError:
        return None


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
