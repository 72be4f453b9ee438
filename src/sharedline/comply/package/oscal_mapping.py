"""The control mapping: the framework's parts to our duties and checks, and to other frameworks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sharedline.comply.catalogue import part_of
from sharedline.comply.model import Part
from sharedline.comply.package.addresses import Address, addresses
from sharedline.comply.package.common import CATALOG, DUTIES, Context, metadata
from sharedline.comply.package.naming import Json, has, uid
from sharedline.comply.package.oscal_catalog import check_id, duty_id


def mapping(ctx: Context) -> Json | None:
    """The collection; None where no part names anything."""
    found = [m for m in (_ours(ctx), *_others(ctx)) if m is not None]
    if not found:
        return None
    return {
        "mapping-collection": {
            "uuid": uid("mapping-collection", *ctx.edition),
            "metadata": metadata(ctx, "Control mapping"),
            "provenance": {
                "method": "hybrid",
                "matching-rationale": "functional",
                "status": "not-complete",
                "mapping-description": "People named the duties of each control part and the "
                "controls of each check; the rest was joined by machine. What is not mapped here "
                "may still be related.",
            },
            "mappings": found,
        }
    }


def catalog_name(framework: str) -> str:
    """The file of another framework's catalogue."""
    return f"catalog-{framework}.json"


def _mapping(ctx: Context, target: str, maps: list[Json], unmapped: list[str]) -> Json | None:
    if not maps:
        return None
    return has(
        {
            "uuid": uid("mapping", target, *ctx.edition),
            "source-resource": {"type": "catalog", "href": CATALOG},
            "target-resource": {"type": "catalog", "href": target},
            "maps": maps,
            "source-gap-summary": (
                {
                    "uuid": uid("gap-summary", target, *ctx.edition),
                    "unmapped-controls": [{"with-ids": unmapped}],
                }
                if unmapped
                else None
            ),
        }
    )


def _item(address: Address) -> Json:
    """A part as one side of a map: the whole control, or one statement of it."""
    if address.is_control:
        return {"type": "control", "id-ref": address.control}
    return {"type": "statement", "id-ref": address.statement}


def _map(ctx: Context, part: Part, relation: str, kind: str, targets: list[Json]) -> Json:
    return {
        "uuid": uid("map", kind, part.id, *ctx.edition),
        "relationship": relation,
        "sources": [_item(ctx.at[part.id])],
        "targets": targets,
    }


def _ours(ctx: Context) -> Json | None:
    """To the duties that a part asks for, and to the checks that prove it by name."""
    maps = []
    mapped: set[str] = set()
    for verdict in ctx.verdicts.values():
        part = verdict.part
        known = [d for d in part.duties if d in ctx.inputs.duties]
        checks = [c for c in verdict.checks if c in ctx.inputs.checks]
        if known:
            targets = [{"type": "control", "id-ref": duty_id(d)} for d in known]
            maps.append(_map(ctx, part, "intersects-with", "duty", targets))
        if checks:
            targets = [{"type": "control", "id-ref": check_id(c)} for c in checks]
            maps.append(_map(ctx, part, "superset-of", "check", targets))
        if known or checks:
            mapped.add(ctx.at[part.id].control)
    return _mapping(ctx, DUTIES, maps, [c for c in ctx.controls if c not in mapped])


def _others(ctx: Context) -> Iterator[Json | None]:
    """To the parts of other frameworks that a part restates."""
    for other, framework in sorted(ctx.inputs.others.items()):
        at = addresses(framework)
        maps: list[Json] = []
        mapped: set[str] = set()
        for verdict in ctx.verdicts.values():
            targets: dict[str, list[Json]] = defaultdict(list)
            for name in verdict.part.maps:
                of, _, spelled = name.partition(":")
                found = part_of(framework, spelled) if of == other else None
                if found is not None and at[found.id].control:
                    targets[other].append(_item(at[found.id]))
            if targets:
                maps.append(
                    _map(ctx, verdict.part, "intersects-with", f"to {other}", targets[other])
                )
                mapped.add(ctx.at[verdict.part.id].control)
        unmapped = [c for c in ctx.controls if c not in mapped]
        yield _mapping(ctx, catalog_name(other), maps, unmapped)
