"""AWS Resource Explorer: every resource of a Region that has an index with a default view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.table import Call, Table, col
from sharedline.collect.tables.tagging import parts_of


def _resource(entry: dict[str, Any], ctx: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Only what is in this Region: an aggregator's view also shows all others."""
    at, home = entry.get("Region"), ctx["region"] == "us-east-1"
    if at == ctx["region"] or (at == "global" and home):
        service, kind = parts_of(str(entry.get("Arn", "")))
        yield {**entry, "service": service or entry.get("Service", ""), "kind": kind}


EXPLORED_RESOURCE = Table(
    name="explored_resource",
    service="resource-explorer-2",
    arn="{Arn}",
    resource=False,
    doc="A resource in the index of Resource Explorer: shows services that no other table reads.",
    list=Call(
        operation="ListResources",
        items="Resources[]",
        # With 1,000, the most that is allowed, AWS gives no token for the next page.
        params={"MaxResults": 500},
        action="resource-explorer-2:Search",
        # Unauthorized (not AccessDenied) is the answer where no default view exists.
        absent={"UnauthorizedException": [], "ResourceNotFoundException": []},
    ),
    transform=_resource,
    item_region="Region",
    columns={
        "service": col("service", "string", "The service, from the ARN."),
        "resource_type": col("ResourceType", "string", "The kind, as `service:kind`.", default=""),
    },
)
