"""The assessment plan and results: what was to be looked at, what was seen, what it means."""

from __future__ import annotations

from sharedline.comply.package.common import (
    PLAN,
    SSP,
    Context,
    metadata,
    reviewed,
    tool_assets,
)
from sharedline.comply.package.inputs import Report
from sharedline.comply.package.naming import Json, has, line, markup, prop, props, stamp, uid
from sharedline.comply.package.oscal_observe import (
    attestation_uuid,
    check_uuid,
    observations,
    report_observation,
    report_uuid,
    task_uuid,
)
from sharedline.comply.package.oscal_risk import risk, risk_uuid
from sharedline.comply.package.oscal_ssp import statement_uuid
from sharedline.comply.package.verdicts import Verdict
from sharedline.model import Status


def plan(ctx: Context) -> Json:
    """What is looked at, by which checks, when."""
    window = ctx.inputs.window
    subjects = [{"type": "inventory-item", "include-all": {}}]
    activities = [_activity(ctx, name) for name in ctx.cited]
    return {
        "assessment-plan": has(
            {
                "uuid": uid("assessment-plan", *ctx.edition),
                "metadata": metadata(ctx, "Assessment plan"),
                "import-ssp": {"href": SSP},
                "local-definitions": {"activities": activities} if activities else None,
                "reviewed-controls": reviewed(ctx),
                "assessment-subjects": subjects,
                "assessment-assets": tool_assets(ctx),
                "tasks": [
                    has(
                        {
                            "uuid": task_uuid(ctx),
                            "type": "action",
                            "title": "Scan the estate and judge it",
                            "timing": {
                                "within-date-range": {
                                    "start": stamp(window.first),
                                    "end": stamp(window.last),
                                }
                            },
                            "associated-activities": [
                                {"activity-uuid": a["uuid"], "subjects": subjects}
                                for a in activities
                            ],
                        }
                    )
                ],
            }
        )
    }


def _activity(ctx: Context, name: str) -> Json:
    check = ctx.inputs.checks.get(name)
    return {
        "uuid": uid("activity", name, *ctx.edition),
        "title": markup(check.title if check else name),
        "description": markup(check.why if check else name) or "A check.",
        "props": [prop("method", "TEST", ours=False), *props(check_id=name)],
    }


def results(ctx: Context) -> Json:
    """What the newest scan of the window saw, and the verdict on every part."""
    window = ctx.inputs.window
    return {
        "assessment-results": {
            "uuid": uid("assessment-results", *ctx.edition),
            "metadata": metadata(ctx, "Assessment results"),
            "import-ap": {"href": PLAN},
            "results": [
                has(
                    {
                        "uuid": uid("result", *ctx.edition),
                        "title": line(f"{ctx.name}, {window}"),
                        "description": markup(
                            f"The state that scan {ctx.inputs.scan.id} saw; "
                            f"{len(ctx.inputs.scans)} scans lie in the window."
                        ),
                        "start": stamp(window.first),
                        "end": stamp(window.last),
                        "props": props(
                            scan=ctx.inputs.scan.id,
                            incomplete=str(ctx.inputs.scan.incomplete).lower(),
                        ),
                        "reviewed-controls": reviewed(ctx),
                        "assessment-log": {"entries": _log(ctx)} if ctx.inputs.scans else None,
                        "observations": observations(ctx),
                        "risks": (risk(ctx, w) for w in ctx.work),
                        "findings": (_finding(ctx, v) for v in ctx.verdicts.values()),
                    }
                )
            ],
            "back-matter": {"resources": (_report(r) for r in ctx.inputs.reports)},
        }
    }


def _log(ctx: Context) -> list[Json]:
    return [
        {
            "uuid": uid("log", scan.id, *ctx.edition),
            "title": line(f"Scan {scan.id}"),
            "start": stamp(scan.started),
            "end": stamp(scan.ended),
            "props": props(as_of=stamp(scan.as_of), incomplete=str(scan.incomplete).lower()),
            "related-tasks": [{"task-uuid": task_uuid(ctx)}],
        }
        for scan in ctx.inputs.scans
    ]


def _report(report: Report) -> Json:
    return has(
        {
            "uuid": report_uuid(report),
            "title": markup(report.title or report.id),
            "description": "A report of AWS that is on file with the customer; not in this package.",
            "props": props(
                id=report.id,
                series=report.series,
                version=report.version,
                period_start=report.start,
                period_end=report.end,
                sha256=report.sha256,
            ),
        }
    )


def _finding(ctx: Context, verdict: Verdict) -> Json:
    part = verdict.part
    reason = "pass" if verdict.satisfied else "other"
    if verdict.status is Status.UNMET:
        reason = "fail"
    seen = [check_uuid(ctx, c) for c in (*verdict.checks, *verdict.related)]
    seen += [attestation_uuid(ctx, n) for n in verdict.attestations]
    seen += [report_observation(ctx, r) for r in verdict.reports]
    return has(
        {
            "uuid": uid("finding", part.id, *ctx.edition),
            "title": markup(f"{part.id} {part.title}"),
            "description": markup(verdict.reason) or "Every half of it is shown to be done.",
            "props": props(status=verdict.status, side=part.side, basis=verdict.basis),
            "target": {
                "type": "statement-id",
                "target-id": ctx.at[part.id].statement,
                "status": has(
                    {
                        "state": "satisfied" if verdict.satisfied else "not-satisfied",
                        "reason": reason,
                        "remarks": markup(verdict.reason),
                    }
                ),
            },
            "implementation-statement-uuid": statement_uuid(ctx, part.id),
            "related-observations": [{"observation-uuid": u} for u in seen],
            "related-risks": [
                {"risk-uuid": risk_uuid(ctx, w)} for w in ctx.work_of.get(part.id, ())
            ],
        }
    )
