"""The plan of action and milestones: one item per thing to be done and owner, with the day."""

from __future__ import annotations

from collections.abc import Iterator

from sharedline.comply.package.common import SSP, Context, metadata, origin, tool_assets
from sharedline.comply.package.naming import Json, day, has, markup, prop, props, uid
from sharedline.comply.package.oscal_observe import check_uuid, observations
from sharedline.comply.package.oscal_risk import risk, risk_uuid
from sharedline.comply.package.oscal_ssp import system_id
from sharedline.comply.package.worklist import Share, Work


def poam(ctx: Context) -> Json | None:
    """The plan; None where there is nothing to do, since OSCAL has no empty plan."""
    if not ctx.work:
        return None
    checks = {check_uuid(ctx, w.check) for w in ctx.work if w.check}
    return {
        "plan-of-action-and-milestones": {
            "uuid": uid("poam", *ctx.edition),
            "metadata": metadata(ctx, "Plan of action and milestones"),
            "import-ssp": {"href": SSP},
            "system-id": system_id(ctx),
            "local-definitions": {"assessment-assets": tool_assets(ctx)},
            # The task of the plan is not in reach of this document, so that it is left out.
            "observations": (
                {**o, "origins": [origin(ctx)]} for o in observations(ctx) if o["uuid"] in checks
            ),
            "risks": (risk(ctx, w) for w in ctx.work),
            "poam-items": _items(ctx),
        }
    }


def _items(ctx: Context) -> Iterator[Json]:
    number = 0
    for work in ctx.work:
        for share in work.shares:
            number += 1
            yield _item(ctx, work, share, number)


def poam_id(number: int) -> str:
    """The number by which people speak of an item."""
    return f"P-{number:04d}"


def _item(ctx: Context, work: Work, share: Share, number: int) -> Json:
    controls = dict.fromkeys(ctx.at[p].control for p in work.parts)
    return has(
        {
            "uuid": uid("poam-item", work.kind, work.key, share.owner, *ctx.edition),
            "title": markup(work.title),
            "description": markup(work.text),
            "props": [
                prop("POAM-ID", poam_id(number)),
                *props(
                    kind=work.kind,
                    severity=work.severity,
                    owner=share.owner,
                    due=day(share.due),
                    since=day(share.since),
                    count=share.count,
                    check_id=work.check,
                    controls=len(controls),
                ),
            ],
            "origins": [origin(ctx)],
            "related-observations": (
                [{"observation-uuid": check_uuid(ctx, work.check)}] if work.check else []
            ),
            "related-risks": [{"risk-uuid": risk_uuid(ctx, work)}],
            "remarks": markup(work.todo),
        }
    )
