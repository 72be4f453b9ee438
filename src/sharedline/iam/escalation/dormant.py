"""Grants that lead nowhere today: every permission of a rule is held, and what it needs is not there.

They are no paths. They become paths on the day somebody makes the function, the cluster or the role
that is missing, so they are told apart from what is not granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sharedline.iam.access.entries import PrincipalEntry
from sharedline.iam.escalation.graph import Graph
from sharedline.iam.escalation.holding import Node, raised
from sharedline.iam.escalation.rules import Permission, Rule, rules
from sharedline.iam.escalation.surroundings import table_of

#: Targets that either are there or are not what was granted: nothing of them can be missing.
_NAMED = frozenset({"role", "policy-of-role", "self", "group"})
_OWN = frozenset({"own-policy", "own-group"})


@dataclass(frozen=True, slots=True)
class Dormant:
    """A grant without its target."""

    principal: str
    rule: Rule
    reason: str


def dormant(graph: Graph, node: Node) -> Iterator[Dormant]:
    """The rules whose permissions a principal holds, and that lead it nowhere."""
    for rule in rules().values():
        if all(graph.holding.allows(node, action) for action in rule.actions):
            reason = _reason(graph, node, rule)
            if reason:
                yield Dormant(node.arn, rule, reason)


def _reason(graph: Graph, node: Node, rule: Rule) -> str:
    """Why the rule leads nowhere; empty where it leads somewhere, or is not granted."""
    if rule.target in _NAMED or (rule.by != "any" and node.entry.is_role != (rule.by == "role")):
        return ""
    absent = _absent(graph, node, rule)
    if absent:
        return absent
    if graph.edges.base(node, rule) is None:
        return ""
    missing = ""
    for target in _targets(graph, node, rule):
        for aim in graph.aims.of(rule, target):
            tried = graph.edges.attempt(node, rule, aim, target.arn)
            if tried.edge is not None:
                return ""
            missing = missing or tried.missing
    if missing or rule.target == "user":
        return missing
    return _without_aim(graph, node, rule)


def _targets(graph: Graph, node: Node, rule: Rule) -> Iterable[PrincipalEntry]:
    """The principals that the rule could end at."""
    known, account = graph.estate.principals, node.entry.account
    if rule.target in _OWN:
        return [node.entry]
    if rule.target == "user":
        found: Iterable[PrincipalEntry] = (one for one in known.values() if not one.is_role)
    elif rule.target == "passed-role":
        found = graph.aims.takers(rule.service)
    elif rule.resource is not None:
        takers = graph.aims.takers(rule.resource.trusts)
        held = (known.get(one.role or "") for one in graph.aims.resources(rule))
        found = {one.arn: one for one in (*takers, *held) if one is not None}.values()
    else:
        found = (one for one in known.values() if one.is_role)
    return [one for one in found if one.account == account and one.arn != node.arn]


def _absent(graph: Graph, node: Node, rule: Rule) -> str:
    """An existing resource that the rule changes beside its aim, and that is not there."""
    for one in rule.permissions:
        if one.kind == "existing":
            table = table_of(one.type)
            around = graph.edges.around
            if around.read(table, node.entry.account) and not around.of(table, node.entry.account):
                return f"account {node.entry.account} has no {one.type.replace(':', ' ')}"
    return ""


def _without_aim(graph: Graph, node: Node, rule: Rule) -> str:
    account = node.entry.account
    if rule.target == "own-policy":
        return "it may change policies, and has none of those itself"
    if rule.target == "own-group":
        return "it may change groups, and is in none of those"
    if rule.resource is not None:
        if not graph.edges.around.read(rule.resource.table, account):
            return ""
        on = [
            Permission(one.action, f"new {rule.resource.type}")
            for one in rule.permissions
            if one.on == "resource"
        ]
        if graph.edges.possible(node, on):
            return f"no {rule.resource.type.replace(':', ' ')} that it may use has a role"
        return ""
    return f"no role that it may pass trusts {' or '.join(rule.service)}"


def bounded(graph: Graph, node: Node) -> str:
    """What keeps a principal that can raise itself from being an administrator; empty for nothing.

    The reason is the one that stands when it has every permission it can give itself.
    """
    up = graph.nodes.get(raised(node.entry).key)
    if up is None:
        return ""
    answer, why = graph.admin(up)
    if answer != "no":
        return ""
    for edge in graph.into(up, lambda other: other.key == node.key):
        return f"{edge.rule.id}: {why}"
    return ""
