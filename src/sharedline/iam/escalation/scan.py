"""The graph of a scan: from its tables, or from the lake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.catalogue import shipped
from sharedline.iam.access import estate
from sharedline.iam.escalation import surroundings
from sharedline.iam.escalation.graph import Graph


def of_tables(tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> Graph:
    """The graph of a scan's tables; each is read once."""
    # Both readers go through some tables; and rows about a resource are not one more resource.
    kept = {name: list(rows) for name, rows in tables.items()}
    known = shipped()
    resources = {
        name: rows
        for name, rows in kept.items()
        if name in estate.READS or (name in known and known[name].resource)
    }
    return Graph(estate.build(resources), surroundings.build(kept))


def load(results: estate.Scan) -> Graph:
    """The graph of a scan, from the lake."""
    stored: Mapping[str, Mapping[str, Any]] = results.manifest.data["tables"]
    wanted = surroundings.reads()
    rows = {name: list(estate.rows(results, name, wanted[name])) for name in wanted if name in stored}
    return Graph(estate.load(results), surroundings.build(rows))
