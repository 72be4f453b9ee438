"""Principals by the resources that their statements name, so that few have to be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sharedline.iam.escalation.holding import Holding, Node
from sharedline.iam.escalation.statements import names_of


class Index:
    """Nodes by the resources that their Allow statements name, so that few have to be asked.

    By the last part of the ARN: the account before it is often left open.
    """

    def __init__(self, holding: Holding, nodes: Iterable[Node]) -> None:
        self._holding, self._nodes = holding, tuple(nodes)
        self._by_action: dict[str, tuple[dict[str, list[Node]], list[Node]]] = {}

    def of(self, action: str, resource: str) -> list[Node]:
        """Those with a statement on the resource by its name, or on more than one resource."""
        if action not in self._by_action:
            self._by_action[action] = self._made(action)
        named, others = self._by_action[action]
        return [*named.get(resource.split(":", 5)[-1], ()), *others]

    def _made(self, action: str) -> tuple[dict[str, list[Node]], list[Node]]:
        named: dict[str, list[Node]] = defaultdict(list)
        others = []
        for node in self._nodes:
            names: set[str] | None = set()
            for statement in (one.statement for one in self._holding.allows(node, action)):
                found = names_of(statement, node.entry)
                names = None if names is None or found is None else names | found
            if names is None:
                others.append(node)
                continue
            for name in names:
                named[name].append(node)
        return dict(named), others
