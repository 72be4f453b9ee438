"""The graph of escalation: who comes to act as whom, searched backward from what is aimed at.

Searching backward asks only about the way into principals that are known to lead on, and never
again about one whose best way is known: an estate of 1,200 principals has 1.4 million pairs, of
which a few thousand are asked about. A way is as sure as its weakest hop; among equally sure ones
the shortest is taken.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from sharedline.iam.access.administrators import administrator
from sharedline.iam.access.entries import PrincipalEntry
from sharedline.iam.access.estate import Estate
from sharedline.iam.escalation.edges import Edge, Edges
from sharedline.iam.escalation.found import Found, Label
from sharedline.iam.escalation.holding import (
    EVERYTHING,
    RANK,
    Holding,
    Node,
    node_of,
    raised,
    worst,
)
from sharedline.iam.escalation.lookup import Index
from sharedline.iam.escalation.needs import Aim
from sharedline.iam.escalation.rules import Rule, rules
from sharedline.iam.escalation.surroundings import Surroundings

Wanted = Callable[[Node], bool]
_ASSUME, _ASSUMING = "sts:AssumeRole", "sts/assume-role"
_SELF = frozenset({"self", "own-policy", "own-group"})
_BY_TEMPLATE = "a template can do it"
#: So many holders are gone through without looking them up.
FEW = 16


def verdict(estate: Estate, entry: PrincipalEntry) -> tuple[str, str]:
    """Whether a principal is an administrator: yes, unknown or no, and why it is not `yes`."""
    found = administrator(estate, entry)
    if found.value:
        return "yes", ""
    return ("unknown" if found.value is None else "no"), found.why


def _aimed_at(rule: Rule, aim: Aim) -> tuple[str, str]:
    """The permission of a rule that names its aim, with the resource; the fewest hold that one."""
    places = {
        "target": aim.target.arn,
        "passed-role": aim.passed.arn if aim.passed else "",
        "policy": aim.policy,
        "group": aim.group,
        "resource": aim.resource,
    }
    for one in rule.permissions:
        if one.on in places and one.action != _ASSUME:
            return one.action, places[one.on]
    return "", ""


class Live:
    """The holders of each rule that a search still wants; who is not wanted will not be again."""

    def __init__(self, holders: Mapping[str, tuple[Node, ...]]) -> None:
        self._lists = {name: list(nodes) for name, nodes in holders.items()}
        self._seen: dict[str, object] = {}
        #: Changes whenever the answer to who is wanted may have changed.
        self.stamp: object = None

    def of(self, rule: str, wanted: Wanted) -> list[Node]:
        """Those of a rule that are wanted."""
        if self._seen.get(rule, self) != self.stamp:
            self._lists[rule] = [node for node in self._lists[rule] if wanted(node)]
            self._seen[rule] = self.stamp
        return self._lists[rule]


class Graph:
    """The ways of an estate."""

    def __init__(self, estate: Estate, around: Surroundings) -> None:
        self.estate = estate
        self.holding = Holding(estate)
        self.edges = Edges(self.holding, around)
        self.aims = self.edges.aims
        self.base = {arn: node_of(entry) for arn, entry in estate.principals.items()}
        self._verdicts: dict[tuple[object, ...], tuple[str, str]] = {}
        self.joins: dict[str, Edge] = {}
        self.nodes: dict[str, Node] = dict(self.base)
        self._join()
        self._raise()

    # -- nodes -----------------------------------------------------------------------------------

    def admin(self, node: Node) -> tuple[str, str]:
        """Whether a node is an administrator (yes, unknown or no), and why it is not `yes`."""
        entry = node.entry
        if node.more == "any policy":  # beside everything only what it is denied matters
            kept = tuple(one for one in entry.identity if one.denies or one is EVERYTHING)
            entry = replace(entry, identity=kept)
        # Policies may speak of the caller; only where none does are two callers alike.
        alone = entry.arn if self._speaks_of_caller or entry.unreadable else entry.is_role
        key = (entry.account, entry.identity, entry.boundary, alone, node.more == "any policy")
        if key not in self._verdicts:
            self._verdicts[key] = verdict(self.estate, entry)
        return self._verdicts[key]

    @cached_property
    def _speaks_of_caller(self) -> bool:
        return any(
            key.startswith("aws:principal") or key == "aws:username"
            for key in self.estate.keys - {"aws:principalorgid", "aws:principalaccount"}
        )

    def _join(self) -> None:
        """Adds each user as a member of each group that it may join."""
        for rule in rules().values():
            if rule.gives != "join":
                continue
            for node in self._holders(rule, self.base.values()):
                for group in self.estate.groups.values():
                    entry = node.entry
                    if group.account != entry.account or group.arn in entry.groups:
                        continue
                    if set(group.identity) <= set(entry.identity):
                        continue
                    key = f"{node.key}+{group.arn}"
                    aim = Aim(entry, group=group.arn)
                    edge = self.edges.attempt(node, rule, aim, key).edge
                    if edge is not None:
                        more = (*entry.identity, *group.identity)
                        member = replace(entry, identity=tuple(dict.fromkeys(more)))
                        self.nodes[key] = Node(key, member, group.name)
                        self.joins[key] = edge

    def _raise(self) -> None:
        """Adds each principal that somebody might raise, with every permission left to it."""
        own = [rule for rule in rules().values() if rule.gives == "raise" and rule.target in _SELF]
        others = [r for r in rules().values() if r.gives == "raise" and r.target not in _SELF]
        some: set[str] = set()
        for rule in own:
            some |= {node.arn for node in self._holders(rule, self.nodes.values())}
        for rule in others:
            holders = list(self._holders(rule, self.nodes.values()))
            accounts = {node.entry.account for node in holders}
            for arn, entry in self.estate.principals.items():
                if entry.account in accounts and entry.is_role != (rule.target == "user"):
                    some.add(arn)
        for arn in some:
            node = raised(self.estate.principals[arn])
            self.nodes[node.key] = node

    def _holders(self, rule: Rule, among: Iterable[Node]) -> Iterator[Node]:
        """Those that some Allow statement gives every action of a rule, on whatever resource."""
        needed = rule.actions - {_ASSUME}
        for node in among:
            if all(self.holding.allows(node, action) for action in needed):
                yield node

    @cached_property
    def holders(self) -> Mapping[str, tuple[Node, ...]]:
        """The holders of each rule, by its id."""
        return {rule.id: tuple(self._holders(rule, self.seekers)) for rule in rules().values()}

    @cached_property
    def seekers(self) -> tuple[Node, ...]:
        """The nodes that may want more: all but those that are administrators for certain."""
        known = self.administrators
        return tuple(node for key, node in self.nodes.items() if known.get(key) != "yes")

    @cached_property
    def by_arn(self) -> Mapping[str, tuple[Node, ...]]:
        """The seekers of each principal."""
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.seekers:
            found[node.arn].append(node)
        return {arn: tuple(nodes) for arn, nodes in found.items()}

    # -- edges -----------------------------------------------------------------------------------

    def into(
        self,
        end: Node,
        wanted: Wanted,
        live: Live | None = None,
    ) -> Iterator[Edge]:
        """The edges into a node from those wanted; `wanted` is asked anew after each edge.

        `live` saves asking again of whom a search will not want again.
        """
        if end.key in self.joins:
            joined = self.joins[end.key]
            if wanted(self.nodes[joined.start]):
                yield joined
            return
        gives = ("raise",) if end.more else ("become", "deploy")
        for rule in rules().values():
            if rule.gives not in gives:
                continue
            some: Sequence[Node] = self.holders[rule.id]
            if live is not None and rule.id != _ASSUMING and rule.target not in _SELF:
                some = live.of(rule.id, wanted)
                if not some:
                    continue
            for aim in self.aims.of(rule, self.estate.principals[end.arn]):
                for node in self._who(rule, aim, some, wanted):
                    if not wanted(node) or (node.arn == end.arn) != (rule.target in _SELF):
                        continue
                    edge = self.edges.attempt(node, rule, aim, end.key).edge
                    if edge is not None:
                        yield self._weighed(edge, end)

    def every(self, end: Node, start: str) -> Iterator[Edge]:
        """Every edge from one node into another, not only the best."""
        yield from self.into(end, lambda node: node.key == start)

    def _who(self, rule: Rule, aim: Aim, some: Sequence[Node], wanted: Wanted) -> Iterable[Node]:
        """Those for whom a rule could lead to an aim, of `some` that hold its permissions."""
        if rule.target in _SELF:
            return self._holders(rule, self.by_arn.get(aim.target.arn, ()))
        if rule.id != _ASSUMING:
            if len(some) <= FEW:
                return some
            action, resource = _aimed_at(rule, aim)
            if not resource:
                return some
            among = self._keys[rule.id]
            return [node for node in self.index.of(action, resource) if node.key in among]
        known = self.aims.trusted(aim.target)
        if known.everybody:
            return self.seekers
        found: dict[str, Node] = {}
        for name in known.names:
            for node in self.by_arn.get(name, ()):
                found[node.key] = node
        if known.accounts:
            for node in self.index.of(_ASSUME, aim.target.arn):
                # An account that is trusted leaves it to its own policies, so one has to speak of it.
                if (
                    node.entry.account in known.accounts
                    and wanted(node)
                    and self.holding.speaks(node, _ASSUME, aim.target.arn)
                ):
                    found[node.key] = node
        return found.values()

    @cached_property
    def _keys(self) -> Mapping[str, frozenset[str]]:
        return {name: frozenset(n.key for n in nodes) for name, nodes in self.holders.items()}

    @cached_property
    def index(self) -> Index:
        """The seekers by what their statements name."""
        return Index(self.holding, self.seekers)

    def _weighed(self, edge: Edge, end: Node) -> Edge:
        """A template made with somebody's rights is as good as being an administrator only."""
        if edge.rule.gives != "deploy" or self.admin(end)[0] == "yes":
            return edge
        answer = worst((edge.answer, "depends"))
        return replace(edge, answer=answer, conditions=(*edge.conditions, _BY_TEMPLATE))

    # -- search ----------------------------------------------------------------------------------

    def search(self, goals: Mapping[str, str]) -> Found:
        """The best way of every node to one of the goals, which are keys with their answers."""
        labels: dict[str, Label] = {key: (RANK[answer], 0) for key, answer in goals.items()}
        first: dict[str, Edge] = {}
        queue = sorted((label, key) for key, label in labels.items())
        done: set[str] = set()
        live = Live(self.holders)
        changes = 0
        while queue:
            label, key = heapq.heappop(queue)
            if key in done or labels[key] != label:
                continue
            done.add(key)
            least = (label[0], label[1] + 1)
            live.stamp = (least, changes)

            def wanted(node: Node, least: Label = least) -> bool:
                return node.key not in done and labels.get(node.key, _WORST) > least

            for edge in self.into(self.nodes[key], wanted, live):
                new = (max(label[0], RANK[edge.answer]), label[1] + 1)
                if new < labels.get(edge.start, _WORST):
                    labels[edge.start], first[edge.start] = new, edge
                    changes += 1
                    live.stamp = (least, changes)
                    heapq.heappush(queue, (new, edge.start))
        return Found(labels, first)

    @cached_property
    def administrators(self) -> Mapping[str, str]:
        """The nodes that are administrators, or may be: how sure that is."""
        asked = ((key, self.admin(node)[0]) for key, node in self.nodes.items())
        return {key: answer for key, answer in asked if answer != "no"}

    @cached_property
    def to_admin(self) -> Found:
        """The best way of every node to be an administrator."""
        return self.search(self.administrators)


_WORST: Label = (len(RANK), 0)
