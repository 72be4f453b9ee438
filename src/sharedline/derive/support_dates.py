"""Until when AWS patches a runtime or a Kubernetes version: AWS's published dates as tables."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import cache
from importlib import resources
from typing import Any

from sharedline.derive.base import Derivation, Row, Rows


@cache
def published(name: str) -> dict[str, Any]:
    """A dated list that ships with the package: `lambda_runtimes` or `eks_versions`."""
    file = resources.files("sharedline.derive") / "data" / f"{name}.toml"
    return tomllib.loads(file.read_text("utf-8"))


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def lambda_runtimes(_: Rows) -> Iterable[Row]:
    """One row per runtime identifier that AWS ever published."""
    for runtime in published("lambda_runtimes")["runtime"]:
        deprecated = runtime.get("deprecated")
        yield {
            "name": runtime["name"],
            "deprecation_scheduled": deprecated is not None,
            "deprecation_date": _midnight(deprecated),
            "block_update_date": _midnight(runtime.get("block_update")),
        }


def eks_versions(rows: Rows) -> Iterable[Row]:
    """One row per Kubernetes version: what EKS's API said in this scan, else the shipped dates."""
    data = published("eks_versions")
    found: dict[str, Row] = {}
    ended = data["ended"]
    shipped = [*data["version"], *({"name": name, **ended} for name in ended["versions"])]
    for version in shipped:
        found[version["name"]] = {
            "version": version["name"],
            "standard_until": _midnight(version["standard_until"]),
            "extended_until": _midnight(version["extended_until"]),
            "told_by": data["source"],
        }
    for row in rows.get("eks_cluster_version", ()):
        if row["cluster_version"] and row["end_of_standard_support_date"]:
            found[row["cluster_version"]] = {
                "version": row["cluster_version"],
                "standard_until": row["end_of_standard_support_date"],
                "extended_until": row["end_of_extended_support_date"],
                "told_by": "eks:DescribeClusterVersions",
            }
    yield from found.values()


LAMBDA_RUNTIME = Derivation(
    name="lambda_runtime",
    doc="A Lambda runtime and when AWS stops patching it, from AWS's published list.",
    reads={},
    columns={
        "name": ("string", "The runtime identifier, e.g. `python3.13`."),
        "deprecation_scheduled": ("bool", "Whether AWS has announced a date."),
        "deprecation_date": ("timestamp", "From when AWS no longer patches it; NULL for no date."),
        "block_update_date": (
            "timestamp",
            "From when functions on it can no longer be updated; NULL for no date.",
        ),
    },
    run=lambda_runtimes,
)

EKS_VERSION_SUPPORT = Derivation(
    name="eks_version_support",
    doc="A Kubernetes version and until when EKS supports it.",
    reads={
        "eks_cluster_version": (
            "cluster_version",
            "end_of_standard_support_date",
            "end_of_extended_support_date",
        )
    },
    optional=frozenset({"eks_cluster_version"}),
    columns={
        "version": ("string", "The Kubernetes minor version, e.g. `1.34`."),
        "standard_until": ("timestamp", "When standard support ends."),
        "extended_until": ("timestamp", "When extended support, which costs extra, ends."),
        "told_by": ("string", "EKS's API in this scan, or the page that the shipped date is from."),
    },
    run=eks_versions,
)
