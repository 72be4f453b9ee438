"""Ways told to people and machines: to whom they lead, in one line, and with their statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sharedline.errors import Error
from sharedline.iam.access.entries import PrincipalEntry
from sharedline.iam.escalation.edges import Edge
from sharedline.iam.escalation.found import Found, Path
from sharedline.iam.escalation.graph import Graph
from sharedline.iam.escalation.holding import RANK, Node, Step, worst
from sharedline.iam.escalation.sensitivity import readings, service_of

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Way:
    """A path to a goal: `admin` or an ARN; `last` is the permission on a resource that is aimed at.

    `ended` is whether the end is an administrator, and why that is not certain. A way without hops
    is one of a principal of which that is not known.
    """

    start: str
    goal: str
    path: Path | None
    answer: str
    last: Step | None = None
    ended: tuple[str, str] = ("yes", "")

    @property
    def hops(self) -> tuple[Edge, ...]:
        """The hops; none where only the principal's own policies are unknown."""
        return self.path.hops if self.path else ()

    @property
    def conditions(self) -> tuple[str, ...]:
        """On what the way depends."""
        last = self.last.conditions if self.last else ()
        return tuple(dict.fromkeys((*(self.path.conditions if self.path else ()), *last)))

    @property
    def unknown(self) -> tuple[str, ...]:
        """What is not known of it."""
        own = (self.ended[1],) if self.ended[0] == "unknown" else ()
        last = (self.last.reason,) if self.last and self.last.answer == "unknown" else ()
        return tuple(dict.fromkeys((*own, *(self.path.unknown if self.path else ()), *last)))


def goals(graph: Graph, resource: str) -> dict[str, Step]:
    """The nodes that can take the contents of a resource, each with the permission that lets it."""
    reading = readings().get(service_of(resource))
    if reading is None:
        raise Error(
            f"It is not known how the contents of {resource} are taken.",
            f"Paths lead to admin, or to resources of {', '.join(sorted(readings()))}.",
        )
    found: dict[str, Step] = {}
    for key, node in graph.nodes.items():
        for action in reading.actions:
            step = graph.holding.may(node, action, resource + reading.behind)
            if step is None:
                continue
            if key not in found or RANK[step.answer] < RANK[found[key].answer]:
                found[key] = step
            if step.answer == "yes":
                break
    return found


def to_admin(graph: Graph, start: str = "") -> Iterator[Way]:
    """The best way of each principal (or of one) to be an administrator; none of those who are."""
    found = graph.to_admin
    for arn in _starts(graph, start):
        own, reason = graph.admin(graph.base[arn])
        if own == "yes":
            continue
        path = found.path(arn)
        if path is not None:
            yield Way(arn, ADMIN, path, path.answer, ended=graph.admin(graph.nodes[path.end]))
            continue
        gap = reason if own == "unknown" else _gap(graph, graph.base[arn].entry)
        if gap:
            yield Way(arn, ADMIN, None, "unknown", ended=("unknown", gap))


def _gap(graph: Graph, entry: PrincipalEntry) -> str:
    """Why that no way was found is no proof that there is none."""
    own = entry.unreadable.get("identity")
    if own:
        return f"{entry.name}: {own}"
    for table, what in (("iam_role", "roles"), ("iam_user", "users")):
        if (entry.account, table) in graph.estate.unlisted:
            return f"the {what} of account {entry.account} could not be listed"
    return ""


def to_resource(graph: Graph, resource: str, start: str = "") -> Iterator[Way]:
    """The best way of each principal (or of one) to a resource that it cannot reach itself."""
    steps = goals(graph, resource)
    found = graph.search({key: step.answer for key, step in steps.items()})
    for arn in _starts(graph, start):
        path = found.path(arn)
        if path is not None:
            last = steps[path.end]
            yield Way(arn, resource, path, worst((path.answer, last.answer)), last)


def alternatives(graph: Graph, found: Found, start: str, goal: str) -> Iterator[Way]:
    """Every first hop of one principal that leads on to the goal, the best first.

    Closing the best way does not close the others: this is what has to be looked at to mend it.
    """
    ways = []
    for key, label in found.labels.items():
        if key == start or (start in found.labels and label[0] > found.labels[start][0]):
            continue
        for edge in graph.every(graph.nodes[key], start):
            rest = found.path(key)
            hops = (edge, *(rest.hops if rest else ()))
            if any(hop.end == start for hop in hops):
                continue
            ended = next(word for word, rank in RANK.items() if rank == label[0])
            answer = worst((edge.answer, rest.answer if rest else ended))
            ways.append(Way(start, goal, Path(start, hops[-1].end, hops, answer), answer))
    yield from sorted(ways, key=lambda w: (RANK[w.answer], len(w.hops), w.hops[0].rule.id))


def with_last(ways: Iterator[Way], steps: Mapping[str, Step]) -> Iterator[Way]:
    """Ways to a resource with the permission that each ends in."""
    for way in ways:
        assert way.path is not None, "an alternative has hops"
        last = steps[way.path.end]
        yield replace(way, answer=worst((way.answer, last.answer)), last=last)


def _starts(graph: Graph, start: str) -> list[str]:
    return [start] if start else sorted(graph.base)


# -- words --------------------------------------------------------------------------------------


class Telling:
    """Names for the nodes of a graph; accounts are named where there is more than one."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        accounts = {entry.account for entry in graph.estate.principals.values()}
        self.several = len(accounts) > 1

    def principal(self, entry: PrincipalEntry) -> str:
        """`role boss`, with its account where there are several."""
        kind = "role" if entry.is_role else "user"
        return f"{kind} {entry.name}" + (f" of {entry.account}" if self.several else "")

    def node(self, key: str) -> str:
        """The principal, and what it was given."""
        node = self.graph.nodes[key]
        name = self.principal(node.entry)
        if not node.more:
            return name
        return f"{name} with {node.more if node.more == _ANY else f'group {node.more}'}"

    def line(self, way: Way) -> str:
        """The whole way in one line."""
        if not way.hops:
            return f"{self.node(way.start)}: {way.ended[1]}"
        parts = [self.node(way.start)]
        parts += [f"({hop.rule.id}) {self.node(hop.end)}" for hop in way.hops]
        if way.last is not None:
            parts.append(f"({way.last.action}) {way.goal}")
        return " → ".join(parts)

    def evidence(self, way: Way) -> list[dict[str, Any]]:
        """Each hop with its permissions and their statements, as JSON can hold it."""
        return [self._hop(hop) for hop in way.hops] + self._last(way)

    def _hop(self, hop: Edge) -> dict[str, Any]:
        return {
            "from": self.node(hop.start),
            "to": self.node(hop.end),
            "from_arn": self.graph.nodes[hop.start].arn,
            "to_arn": self.graph.nodes[hop.end].arn,
            "rule": hop.rule.id,
            "title": hop.rule.title,
            "answer": hop.answer,
            "via": hop.via,
            "conditions": list(hop.conditions),
            "unknown": list(hop.unknown),
            "mitigation": hop.rule.mitigation,
            "permissions": [step_of(one) for one in hop.steps],
        }

    def _last(self, way: Way) -> list[dict[str, Any]]:
        if way.last is None or way.path is None:
            return []
        end: Node = self.graph.nodes[way.path.end]
        return [
            {
                "from": self.node(way.path.end),
                "to": way.goal,
                "from_arn": end.arn,
                "to_arn": way.goal,
                "rule": "",
                "title": "Take its contents",
                "answer": way.last.answer,
                "via": "",
                "conditions": list(way.last.conditions),
                "unknown": [way.last.reason] if way.last.answer == "unknown" else [],
                "mitigation": "",
                "permissions": [step_of(way.last)],
            }
        ]


_ANY = "any policy"


def step_of(step: Step) -> dict[str, Any]:
    """A permission with its statements."""
    return {
        "action": step.action,
        "resource": step.resource,
        "answer": step.answer,
        "conditions": list(step.conditions),
        "statements": [
            {
                "layer": one.layer,
                "policy": one.policy.name,
                "statement": one.statement.name,
                "line": one.statement.place[0],
            }
            for one in step.statements
        ],
    }
