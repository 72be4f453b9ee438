"""What a search gives: the best way of every principal that has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sharedline.iam.escalation.edges import Edge
from sharedline.iam.escalation.holding import RANK, worst


@dataclass(frozen=True, slots=True)
class Path:
    """A way: the hops, how sure it is, and the key of the node that it ends at."""

    start: str
    end: str
    hops: tuple[Edge, ...]
    answer: str

    @property
    def conditions(self) -> tuple[str, ...]:
        """On what it depends."""
        return tuple(dict.fromkeys(c for hop in self.hops for c in hop.conditions))

    @property
    def unknown(self) -> tuple[str, ...]:
        """What is not known of it."""
        return tuple(dict.fromkeys(c for hop in self.hops for c in hop.unknown))


Label = tuple[int, int]  # how sure (rank), how many hops


@dataclass(frozen=True)
class Found:
    """What a search gave: the first hop and the label of every node that leads to a goal."""

    labels: Mapping[str, Label]
    first: Mapping[str, Edge]

    def path(self, key: str) -> Path | None:
        """The best way from a node; None where there is none, or none is needed."""
        hops: list[Edge] = []
        at = key
        while at in self.first and len(hops) <= len(self.first):
            hops.append(self.first[at])
            at = hops[-1].end
        if not hops or at not in self.labels:
            return None
        ended = next(word for word, rank in RANK.items() if rank == self.labels[at][0])
        return Path(key, at, tuple(hops), worst((ended, *(hop.answer for hop in hops))))
