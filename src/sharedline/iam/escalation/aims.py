"""What each rule can be tried on: the roles, users, policies, groups and resources of an estate."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from sharedline.iam.access.entries import PrincipalEntry
from sharedline.iam.escalation.holding import RANK, Holding
from sharedline.iam.escalation.needs import YES, Aim, Fact
from sharedline.iam.escalation.rules import Bearer, Rule
from sharedline.iam.escalation.surroundings import Held, Surroundings
from sharedline.iam.evaluate import evaluate
from sharedline.iam.language import Policy
from sharedline.iam.parse import parse
from sharedline.iam.request import Answer, Caller, Context, Policies, Request

_ACCOUNT = re.compile(r"(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?")
_FACTS: Mapping[Answer, str] = {
    Answer.ALLOWED: "yes",
    Answer.DEPENDS: "depends",
    Answer.UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whom a trust policy may let in: principals by name, accounts, or everybody."""

    names: frozenset[str]
    accounts: frozenset[str]
    everybody: bool


def trusted(trust: Policy | None, account: str) -> Trusted:
    """Whom a trust policy names; one that was not readable may name its own account."""
    if trust is None:
        return Trusted(frozenset(), frozenset({account}), everybody=False)
    names, accounts, everybody = set(), set(), False
    for statement in trust.allows:
        everybody |= statement.not_principal
        for one in statement.principals or ():
            if one.kind == "*" or one.value == "*":
                everybody = True
            elif one.kind == "AWS" and (found := _ACCOUNT.fullmatch(one.value)):
                accounts.add(found[1])
            elif one.kind == "AWS":
                names.add(_role_of(one.value))
    return Trusted(frozenset(names), frozenset(accounts), everybody)


def _role_of(arn: str) -> str:
    """The role of a session's ARN (without its path), or the ARN itself."""
    head, mark, name = arn.partition(":assumed-role/")
    if not mark:
        return arn
    return f"{head.replace(':sts:', ':iam:')}:role/{name.partition('/')[0]}"


class Aims:
    """The aims of each rule, by the principal that they end at."""

    def __init__(self, holding: Holding, around: Surroundings) -> None:
        self.holding, self.around = holding, around
        self.estate = holding.estate
        self._trusts: dict[tuple[str, str], Fact] = {}
        self._bearers: dict[tuple[str, str], dict[str | None, list[Held]]] = {}
        self._trusted: dict[str, Trusted] = {}
        self._takers: dict[tuple[str, ...], list[PrincipalEntry]] = {}

    def trusted(self, role: PrincipalEntry) -> Trusted:
        """Whom a role's trust policy names."""
        if role.arn not in self._trusted:
            self._trusted[role.arn] = trusted(role.trust, role.account)
        return self._trusted[role.arn]

    def trusts(self, role: PrincipalEntry, service: str) -> Fact:
        """Whether the role trusts a service."""
        key = (role.arn, service)
        if key not in self._trusts:
            self._trusts[key] = self._ask_trust(role, service)
        return self._trusts[key]

    def _ask_trust(self, role: PrincipalEntry, service: str) -> Fact:
        if role.trust is None:
            return Fact("unknown", f"the trust policy of {role.name} was not readable")
        named = any(
            one.value in (service, "*")
            for statement in role.trust.allows
            for one in statement.principals or ()
        )
        if not named and role.trust.whole:
            return Fact("no", f"{role.name} does not trust {service}")
        context = Context(
            {"aws:sourceaccount": (role.account,), "aws:principalisawsservice": ("true",)},
            complete=False,
        )
        request = Request(
            Caller(service, "service"), "sts:AssumeRole", role.arn, context, role.account
        )
        found = evaluate(request, Policies(resource=role.trust))
        answer = _FACTS.get(found.answer, "no")
        conditions = ", ".join(dict.fromkeys(str(one) for one in found.depends))
        why = f"{role.name} trusts {service}" + (f" if {conditions}" if conditions else "")
        return YES if answer == "yes" else Fact(answer, why)

    def trusts_one(self, role: PrincipalEntry, services: tuple[str, ...]) -> Fact:
        """The best of several services, any of which would do."""
        return min((self.trusts(role, s) for s in services), key=lambda fact: RANK[fact.answer])

    @cached_property
    def policies_of(self) -> Mapping[str, tuple[str, ...]]:
        """The customers' own managed policies of each principal, those of its groups too."""
        found: dict[str, list[str]] = defaultdict(list)
        for policy, holders in self.estate.attachments.items():
            if ":iam::aws:" in policy:
                continue
            for holder in holders:
                members = self.estate.groups[holder].members if holder in self.estate.groups else ()
                for one in (holder, *members):
                    found[one].append(policy)
        return {arn: tuple(dict.fromkeys(policies)) for arn, policies in found.items()}

    def _held(self, bearer: Bearer) -> dict[str | None, list[Held]]:
        key = (bearer.table, bearer.column)
        if key not in self._bearers:
            found: dict[str | None, list[Held]] = defaultdict(list)
            for one in self.around.held(*key):
                found[one.role].append(one)
            self._bearers[key] = found
        return self._bearers[key]

    def resources(self, rule: Rule) -> list[Held]:
        """Every resource of the rule's table that has a role, or may have one."""
        bearer = rule.resource
        assert bearer is not None, "only rules of resources are asked for them"
        found = self._held(bearer)
        return [one for role, them in found.items() if role != "" for one in them]

    def _of_resource(self, rule: Rule, target: PrincipalEntry) -> Iterator[Aim]:
        bearer = rule.resource
        assert bearer is not None, "only rules of resources have such aims"
        found = self._held(bearer)
        for one in found.get(target.arn, ()):
            yield Aim(target, resource=one.arn)
        if self.trusts_one(target, bearer.trusts).answer == "no":
            return
        for one in found.get(None, ()):
            if one.account == target.account:
                why = f"the role of {one.arn} was not read"
                yield Aim(target, resource=one.arn, unread=why)
        if not self.around.read(bearer.table, target.account):
            yield Aim(target, unread=f"{bearer.table} was not read")

    def _of_administration(self, rule: Rule, target: PrincipalEntry) -> Iterator[Aim]:
        """Roles that the service takes up, and that may in turn assume the target."""
        for role in self.takers(rule.service):
            known = self.trusted(target)
            if role.arn == target.arn or not (
                known.everybody or role.arn in known.names or role.account in known.accounts
            ):
                continue
            yield Aim(target, passed=role)

    def takers(self, services: tuple[str, ...]) -> list[PrincipalEntry]:
        """The roles that trust one of the services."""
        if services not in self._takers:
            self._takers[services] = [
                role
                for role in self.estate.principals.values()
                if role.is_role and self.trusts_one(role, services).answer != "no"
            ]
        return self._takers[services]

    def of(self, rule: Rule, target: PrincipalEntry) -> Iterator[Aim]:
        """The aims of a rule that end at a principal."""
        if rule.target in ("self", "user", "role"):
            if rule.target == "self" or target.is_role == (rule.target == "role"):
                yield Aim(target)
        elif rule.target in ("own-policy", "policy-of-role"):
            if rule.target == "own-policy" or target.is_role:
                for policy in self.policies_of.get(target.arn, ()):
                    yield Aim(target, policy=policy)
        elif rule.target == "own-group":
            for group in target.groups:
                yield Aim(target, group=group)
        elif not target.is_role or "/aws-service-role/" in target.arn:
            return  # AWS alone changes and takes up the roles that belong to its services
        elif rule.target == "passed-role":
            if self.trusts_one(target, rule.service).answer != "no":
                yield Aim(target, passed=target)
        elif rule.target == "assumed-by-passed-role":
            yield from self._of_administration(rule, target)
        elif rule.target == "resource":
            yield from self._of_resource(rule, target)


def naming(principal: str) -> Policy:
    """The trust policy that somebody would write to let a principal in."""
    text = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
        f'"Principal":{{"AWS":"{principal}"}}}}]}}'
    )
    return parse(text, "the rewritten trust policy")
