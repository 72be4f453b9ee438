"""What was seen: one observation per check over its population, per attestation, per report."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sharedline.comply.package.common import Context, origin, resource_uuid
from sharedline.comply.package.inputs import Miss, Report
from sharedline.comply.package.naming import Json, has, line, markup, props, stamp, uid

#: Where every single finding stands, beside `oscal/`.
FINDINGS = "../evidence/findings.csv"
ITEMS = "../evidence/items.ndjson"


def task_uuid(ctx: Context) -> str:
    """The uuid of the one task of the plan."""
    return uid("task", *ctx.edition)


def observations(ctx: Context) -> Iterator[Json]:
    """One per check over its population, one per attestation, one per report on file."""
    cited = set(ctx.cited)
    seen: set[str] = set()
    for name, misses in groupby(ctx.inputs.findings.exceptions(), key=lambda m: m.check):
        if name in cited:
            seen.add(name)
            yield _of_check(ctx, name, [_subject(m) for m in misses])
    for name in ctx.cited:
        if name not in seen:
            yield _of_check(ctx, name, [])
    used = sorted({n for v in ctx.verdicts.values() for n in v.attestations})
    for number in used:
        yield _of_attestation(ctx, number)
    for report in ctx.inputs.reports:
        yield _of_report(ctx, report)


def check_uuid(ctx: Context, check: str) -> str:
    """The uuid of what a check saw."""
    return uid("observation", check, *ctx.edition)


def _of_check(ctx: Context, name: str, subjects: list[Json]) -> Json:
    count, check = ctx.counts[name], ctx.inputs.checks.get(name)
    tally = dict(sorted(count.by_status.items()))
    said = ", ".join(f"{n} {s}" for s, n in tally.items())
    evidence = [
        {"href": FINDINGS, "description": markup(f"Every answer, where check_id is {name}.")}
    ]
    if ctx.inputs.evidence is not None:
        evidence.append(
            {"href": ITEMS, "description": markup(f"Items of evidence, where query.id is {name}.")}
        )
    return has(
        {
            "uuid": check_uuid(ctx, name),
            "title": markup(check.title if check else name),
            "description": markup(f"{count.population} answers: {said}."),
            "props": props(
                check_id=name,
                population=count.population,
                exceptions=count.exceptions,
                **{f"count_{s}": n for s, n in tally.items()},
            ),
            "methods": ["TEST"],
            "types": ["control-objective"],
            "origins": [
                {**origin(ctx), "related-tasks": [{"task-uuid": task_uuid(ctx)}]},
            ],
            "subjects": subjects,
            "relevant-evidence": evidence,
            "collected": stamp(ctx.inputs.moment),
        }
    )


def _subject(miss: Miss) -> Json:
    return has(
        {
            "subject-uuid": resource_uuid(miss.resource, miss.account),
            "type": "inventory-item",
            "title": markup(miss.resource),
            "props": props(status=miss.status, owner=miss.owner),
            "remarks": markup(miss.reason),
        }
    )


def attestation_uuid(ctx: Context, number: int) -> str:
    """The uuid of what a person stated."""
    a = ctx.inputs.attestations[number]
    return uid("attestation", a.duty, a.scope, a.by, stamp(a.at), a.statement)


def _of_attestation(ctx: Context, number: int) -> Json:
    a = ctx.inputs.attestations[number]
    person = uid("person", a.by)
    actor = {"type": "party", "actor-uuid": person, "role-id": "attester"}
    return has(
        {
            "uuid": attestation_uuid(ctx, number),
            "title": markup(f"Attestation of {a.duty}"),
            "description": markup(a.statement) or "Done.",
            "props": props(duty=a.duty, attester=a.by, evidence=a.evidence),
            "methods": ["INTERVIEW"],
            "types": ["control-objective"],
            "origins": [{"actors": [actor if line(a.by) else origin(ctx)["actors"][0]]}],
            "relevant-evidence": [{"description": markup(a.evidence) or "None was named."}],
            "collected": stamp(a.at),
            "expires": stamp(a.expires),
        }
    )


def report_uuid(report: Report) -> str:
    """The uuid of a report as a resource."""
    return uid("report", report.id, report.version, report.sha256)


def report_observation(ctx: Context, report: Report) -> str:
    """The uuid of the observation that a report is on file."""
    return uid("observation", "report", report_uuid(report), *ctx.edition)


def _of_report(ctx: Context, report: Report) -> Json:
    """What AWS's report says is not ours to repeat; that it is on file is."""
    return has(
        {
            "uuid": report_observation(ctx, report),
            "title": markup(f"On file: {report.title or report.id}"),
            "description": "The report is on file with the customer.",
            "props": props(
                report=report.id,
                version=report.version,
                period_start=report.start,
                period_end=report.end,
                terms_accepted_by=report.accepted_by,
                terms_accepted_at=stamp(report.accepted_at) if report.accepted_at else None,
            ),
            "methods": ["EXAMINE"],
            "types": ["control-objective"],
            "origins": [origin(ctx)],
            "relevant-evidence": [
                {
                    "href": f"#{report_uuid(report)}",
                    "description": "The report itself is confidential and not in this package.",
                }
            ],
            "collected": stamp(ctx.inputs.moment),
        }
    )
