"""Who holds a permission, with its evidence: quick refusals first, then the engine's own answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from sharedline.iam.access import meeting
from sharedline.iam.access.entries import PrincipalEntry, ResourceEntry
from sharedline.iam.access.estate import Estate
from sharedline.iam.actions import matching, resource_arns
from sharedline.iam.escalation.rules import rules
from sharedline.iam.escalation.sensitivity import readings
from sharedline.iam.escalation.statements import REGION, plain, sample, speaks_of
from sharedline.iam.evaluate import evaluate
from sharedline.iam.language import Layer, Policy, Statement
from sharedline.iam.parse import parse
from sharedline.iam.request import Answer, Context, Deciding, Request

#: How good an answer is; the worst of several is the answer of all together.
RANK: Mapping[str, int] = {"yes": 0, "depends": 1, "unknown": 2, "no": 3}
_ANSWERS: Mapping[Answer, str] = {
    Answer.ALLOWED: "yes",
    Answer.DEPENDS: "depends",
    Answer.UNKNOWN: "unknown",
    Answer.EXPLICITLY_DENIED: "no",
    Answer.IMPLICITLY_DENIED: "no",
}
ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
#: What a raised principal is given: the policy that AWS keeps in every account.
EVERYTHING: Final = parse(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    ADMINISTRATOR,
)
#: At most so many Regions are tried for something that the holder would make.
REGIONS = 4


def worst(answers: Iterable[str]) -> str:
    """The answer of several permissions that are all needed."""
    return max(answers, key=RANK.__getitem__, default="yes")


@dataclass(frozen=True, slots=True)
class Step:
    """One permission of a way: the answer, the statements that gave it, what it depends on."""

    action: str
    resource: str
    answer: str
    statements: tuple[Deciding, ...] = ()
    conditions: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Node:
    """A principal, or the same principal with more: `more` is what was added, "" for nothing."""

    key: str
    entry: PrincipalEntry
    more: str = ""

    @property
    def arn(self) -> str:
        """The principal's ARN."""
        return self.entry.arn


def node_of(entry: PrincipalEntry) -> Node:
    """The principal as it is."""
    return Node(entry.arn, entry)


def raised(entry: PrincipalEntry) -> Node:
    """The principal with every permission that its boundary and the organisation leave."""
    unreadable: dict[Layer, str] = {
        layer: why for layer, why in entry.unreadable.items() if layer != "identity"
    }
    more = replace(entry, identity=(*entry.identity, EVERYTHING), unreadable=unreadable)
    return Node(f"{entry.arn}+*", more, "any policy")


@lru_cache(maxsize=20_000)
def _of_pattern(pattern: str) -> frozenset[str]:
    wanted = _wanted()
    if pattern == "*":
        return wanted
    return frozenset(one.full for one in matching(pattern)) & wanted


@lru_cache(maxsize=1)
def _wanted() -> frozenset[str]:
    reading = {action for one in readings().values() for action in one.actions}
    return frozenset(action for rule in rules().values() for action in rule.actions) | reading


@lru_cache(maxsize=100_000)
def _actions(statement: Statement) -> frozenset[str]:
    """The actions of rules that a statement speaks of."""
    found = frozenset().union(*(_of_pattern(one.text) for one in statement.actions))
    return _wanted() - found if statement.not_action else found


@lru_cache(maxsize=50_000)
def _by_action(policy: Policy) -> Mapping[str, tuple[Deciding, ...]]:
    found: dict[str, list[Deciding]] = defaultdict(list)
    for statement in policy.allows:
        for action in _actions(statement):
            found[action].append(Deciding("identity", policy, statement))
    return {action: tuple(them) for action, them in found.items()}


class Holding:
    """Answers about the permissions of an estate's principals; remembers what it worked out."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._ours: dict[str, tuple[meeting.Values, set[str]]] = {}
        self._theirs: dict[str, tuple[meeting.Values, set[str]]] = {}
        self._held: dict[str, ResourceEntry | None] = {}
        self._allows: dict[str, dict[str, tuple[Deciding, ...]]] = {}
        self.asked = 0
        regions = sorted({r.region for r in estate.resources.values()} - {"global", "", REGION})
        self.regions = (REGION, *regions[: REGIONS - 1])

    def allows(self, node: Node, action: str) -> tuple[Deciding, ...]:
        """The Allow statements of its own that speak of an action, on whatever resource."""
        found = self._allows.get(node.key)
        if found is None:
            gathered: dict[str, list[Deciding]] = defaultdict(list)
            for policy in node.entry.identity:
                for name, statements in _by_action(policy).items():
                    gathered[name].extend(statements)
            found = {name: tuple(them) for name, them in gathered.items()}
            self._allows[node.key] = found
        return found.get(action, ())

    def held(self, resource: str) -> ResourceEntry | None:
        """The resource whose policy speaks for an ARN."""
        if resource not in self._held:
            self._held[resource] = None if resource == "*" else self.estate.holder(resource)
        return self._held[resource]

    def _context(self, node: Node, resource: str, extra: Mapping[str, str | None]) -> Context:
        org, keys = self.estate.organization, self.estate.keys
        if node.key not in self._ours:
            self._ours[node.key] = meeting.of_principal(org, node.entry, keys)
        if resource not in self._theirs:
            account = self.estate.account_of(resource) if resource != "*" else ""
            found = meeting.of_resource(org, account, self.held(resource), keys)
            self._theirs[resource] = found
        ours, without = self._ours[node.key]
        theirs, lacking = self._theirs[resource]
        more = {key: (value,) for key, value in extra.items() if value is not None}
        none = {key for key, value in extra.items() if value is None}
        return Context(
            {**ours, **theirs, **more}, complete=False, absent=frozenset(without | lacking | none)
        )

    def ask(
        self,
        node: Node,
        action: str,
        resource: str,
        extra: Mapping[str, str | None] | None = None,
        trust: Policy | None = None,
        *,
        new: bool = False,
    ) -> Step:
        """The engine's answer; `extra` are condition keys (None: absent), `trust` replaces one.

        `new`: the resource does not exist yet, and so has no policy.
        """
        self.asked += 1
        held = self.held(resource)
        policies = meeting.policies(self.estate.organization, node.entry, resource, held)
        if trust is not None or (new and held is None):
            rest: dict[Layer, str] = {
                k: v for k, v in policies.unreadable.items() if k != "resource"
            }
            policies = replace(policies, resource=trust, unreadable=rest)
        owner = held.account if held else ""
        context = self._context(node, resource, extra or {})
        request = Request(node.entry.caller, action, resource, context, owner)
        found = evaluate(request, policies)
        answer = _ANSWERS[found.answer]
        return Step(
            action=action,
            resource=resource,
            answer=answer,
            statements=found.deciding or self._behind(node, action, resource),
            conditions=tuple(dict.fromkeys(str(one) for one in found.depends)),
            reason=found.reason,
        )

    def may(
        self,
        node: Node,
        action: str,
        resource: str,
        extra: Mapping[str, str | None] | None = None,
        *,
        new: bool = False,
    ) -> Step | None:
        """As `ask`, but None where it is refused, most often without asking the engine."""
        if not self._possible(node, action, resource):
            return None
        step = self.ask(node, action, resource, extra, new=new)
        return None if step.answer == "no" else step

    def speaks(self, node: Node, action: str, resource: str) -> bool:
        """Whether an Allow statement of its own may mean a resource."""
        return any(True for _ in self._granting(node, action, resource))

    def _granting(self, node: Node, action: str, resource: str) -> Iterator[Deciding]:
        """The Allow statements that may mean a resource."""
        for one in self.allows(node, action):
            if speaks_of(one.statement, resource, node.entry):
                yield one

    def _behind(self, node: Node, action: str, resource: str) -> tuple[Deciding, ...]:
        """The statements on which an answer rests that is not certain."""
        found = list(self._granting(node, action, resource))
        held = self.held(resource)
        if held is not None and held.policy is not None and action.startswith("sts:"):
            found += [Deciding("trust", held.policy, one) for one in held.policy.allows]
        return tuple(found)

    def _possible(self, node: Node, action: str, resource: str) -> bool:
        if self.speaks(node, action, resource):
            return True
        if node.entry.unreadable.get("identity"):
            return False  # said once of the principal, not of every pair
        held = self.held(resource)
        if held is None or (held.table_name == "iam_role" and not action.startswith("sts:")):
            return False  # a trust policy speaks of assuming the role, and of nothing else
        return held.policy is not None or not held.readable

    def samples(self, node: Node, actions: Iterable[str], type_: str) -> Iterator[str]:
        """ARNs of a type that the holder could choose, those that its statements name first."""
        service, _, name = type_.partition(":")
        template = resource_arns(service)[name]
        seen = set()
        for action in actions:
            for statement in (one.statement for one in self.allows(node, action)):
                for one in statement.resources or ():
                    found = None if statement.not_resource else sample(one, template, node.entry)
                    if found and found not in seen:
                        seen.add(found)
                        yield found
        for region in self.regions:
            found = plain(template.text, node.entry, region)
            if found not in seen:
                yield found
