"""A thing to be done as OSCAL's risk: how grave, by when, by whom, how, and who accepted it."""

from __future__ import annotations

from datetime import datetime

from sharedline.comply.package.common import Context, origin, owned_by
from sharedline.comply.package.naming import NS, Json, has, line, markup, props, stamp, uid
from sharedline.comply.package.oscal_observe import check_uuid
from sharedline.comply.package.worklist import STATES, Share, Work


def risk_uuid(ctx: Context, work: Work) -> str:
    """The uuid of the risk that stands for it."""
    return uid("risk", work.kind, work.key, *ctx.edition)


def risk(ctx: Context, work: Work) -> Json:
    """The risk."""
    key = (work.kind, work.key, *ctx.edition)
    return has(
        {
            "uuid": risk_uuid(ctx, work),
            "title": markup(work.title),
            "description": markup(work.text),
            "statement": markup(work.text),
            "props": props(
                kind=work.kind,
                severity=work.severity,
                check_id=work.check,
                late=str(work.late(ctx.inputs.moment)).lower(),
            ),
            "status": STATES[work.kind],
            "origins": [origin(ctx)],
            "characterizations": [
                {
                    "origin": origin(ctx),
                    "facets": [{"name": "severity", "system": NS, "value": work.severity}],
                }
            ],
            "deadline": stamp(work.due),
            "remediations": [
                {
                    "uuid": uid("remediation", *key),
                    "lifecycle": "recommendation" if work.kind != "waived" else "planned",
                    "title": "What to do",
                    "description": markup(work.todo),
                    "tasks": [_task(ctx, work, s) for s in work.shares],
                }
            ],
            "risk-log": {"entries": _log(ctx, work)} if work.kind == "waived" else None,
            "related-observations": _seen(ctx, work),
        }
    )


def _seen(ctx: Context, work: Work) -> list[Json]:
    return [{"observation-uuid": check_uuid(ctx, work.check)}] if work.check else []


def _task(ctx: Context, work: Work, share: Share) -> Json:
    return has(
        {
            "uuid": uid("remediation-task", work.kind, work.key, share.owner, *ctx.edition),
            "type": "milestone",
            "title": markup(f"{share.owner}: {share.count} to do"),
            "props": props(owner=share.owner, count=share.count, since=stamp(share.since)),
            "timing": {"on-date": {"date": stamp(share.due)}},
            "responsible-roles": owned_by(ctx, [share.owner]),
        }
    )


def _log(ctx: Context, work: Work) -> list[Json]:
    """Who accepted it, and why: one entry per acceptance."""
    out = []
    for number, words in enumerate(work.accepted or ("Accepted.",)):
        people = [w.approver for w in ctx.inputs.waivers if w.reason in words]
        start: datetime = min(s.since for s in work.shares)
        out.append(
            has(
                {
                    "uuid": uid("risk-log", work.key, str(number), words, *ctx.edition),
                    "title": "Accepted",
                    "description": markup(words),
                    "start": stamp(start),
                    "logged-by": [
                        {"party-uuid": uid("person", p), "role-id": "approver"}
                        for p in dict.fromkeys(people)
                        if line(p)
                    ],
                    "status-change": "deviation-approved",
                }
            )
        )
    return out
